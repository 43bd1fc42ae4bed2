//! The API that manages webhooks.

use axum::http::{HeaderValue, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kyc_core::{Clock as _, ValidationError};
use serde_json::{Map, Value, json};
use url::Url;

use super::BanklyControl;
use super::errors::{invalid, missing, refusal};
use super::request::Request;
use super::webhook::{CONTEXT, PROCESSED, RECEIVED, Webhook};
use crate::reply::Reply;

/// The sandbox's own limit.
const MAX_WEBHOOKS: usize = 1000;

impl BanklyControl {
    pub(super) fn register_directly(
        &self,
        url: &str,
        private_key: &str,
        public_key: &str,
    ) -> Result<(), ValidationError> {
        // The URL is stored as given, because the exact text is signed.
        self.sender.check_url(url)?;
        check_private_key(private_key)
            .map_err(|_| ValidationError::new("\"private_key\" is not valid base64"))?;
        check_public_key(public_key)
            .map_err(|_| ValidationError::new("\"public_key\" is not a valid header value"))?;
        let created = self.clock.now();
        let mut state = self.lock();
        state.webhooks.retain(|webhook| !webhook.direct);
        state.webhooks.extend([RECEIVED, PROCESSED].map(|event| Webhook {
            id: self.ids.uuid().to_string(),
            name: format!("sandbox {event}"),
            event_name: event.to_owned(),
            uri: url.to_owned(),
            public_key: public_key.to_owned(),
            private_key: private_key.to_owned(),
            enabled: true,
            created,
            updated: None,
            direct: true,
        }));
        Ok(())
    }

    pub(super) fn webhook_urls(&self) -> Vec<String> {
        self.lock().webhooks.iter().map(|webhook| webhook.uri.clone()).collect()
    }

    pub(super) fn create_webhook(&self, request: &Request) -> Result<Reply, Reply> {
        let body = request.json()?;
        if text(&body, "context", 50)? != CONTEXT {
            return Err(invalid("context", "The context here is Document."));
        }
        let Target { uri, public_key, private_key } = target(&body)?;
        let webhook = Webhook {
            id: self.ids.uuid().to_string(),
            name: text(&body, "name", 50)?,
            event_name: text(&body, "eventName", 150)?,
            uri,
            public_key,
            private_key,
            enabled: true,
            created: self.clock.now(),
            updated: None,
            direct: false,
        };
        if ![RECEIVED, PROCESSED].contains(&webhook.event_name.as_str()) {
            return Err(invalid("eventName", "The eventName is not an event of the context Document."));
        }
        let mut state = self.lock();
        if state.webhooks.iter().any(|known| known.name == webhook.name) {
            return Err(refusal(StatusCode::CONFLICT, "a webhook with that name exists already"));
        }
        if state.webhooks.len() >= MAX_WEBHOOKS {
            return Err(refusal(StatusCode::UNPROCESSABLE_ENTITY, "there are a thousand webhooks already"));
        }
        let reply = Reply::json(StatusCode::CREATED, &webhook.alone());
        let location = HeaderValue::try_from(webhook.path());
        state.webhooks.push(webhook);
        Ok(match location {
            Ok(location) => reply.with_header(axum::http::header::LOCATION, location),
            Err(_) => reply,
        })
    }

    pub(super) fn list_webhooks(&self, request: &Request) -> Result<Reply, Reply> {
        let status = request.query().one("status");
        if status.is_some_and(|status| !["Enabled", "Disabled"].contains(&status)) {
            return Err(invalid("status", "The status is Enabled or Disabled."));
        }
        let (page, size) = request.page()?;
        let state = self.lock();
        let wanted =
            state.webhooks.iter().filter(|webhook| status.is_none_or(|status| status == webhook.status()));
        let listed: Vec<_> = wanted.skip((page - 1) * size).take(size).map(Webhook::listed).collect();
        Ok(Reply::json(StatusCode::OK, &json!({ "data": listed })))
    }

    pub(super) fn get_webhook(&self, request: &Request) -> Result<Reply, Reply> {
        let mut state = self.lock();
        Ok(Reply::json(StatusCode::OK, &find(&mut state.webhooks, request)?.alone()))
    }

    pub(super) fn update_webhook(&self, request: &Request) -> Result<Reply, Reply> {
        let Target { uri, public_key, private_key } = target(&request.json()?)?;
        let mut state = self.lock();
        let webhook = find(&mut state.webhooks, request)?;
        (webhook.uri, webhook.public_key, webhook.private_key) = (uri, public_key, private_key);
        webhook.updated = Some(self.clock.now());
        Ok(Reply::empty(StatusCode::NO_CONTENT))
    }

    pub(super) fn switch_webhook(&self, request: &Request, enabled: bool) -> Result<Reply, Reply> {
        let mut state = self.lock();
        let webhook = find(&mut state.webhooks, request)?;
        webhook.enabled = enabled;
        webhook.updated = Some(self.clock.now());
        Ok(Reply::empty(StatusCode::NO_CONTENT))
    }

    pub(super) fn delete_webhook(&self, request: &Request) -> Result<Reply, Reply> {
        let mut state = self.lock();
        find(&mut state.webhooks, request)?;
        state.webhooks.retain(|webhook| webhook.id != request.id);
        Ok(Reply::empty(StatusCode::NO_CONTENT))
    }
}

fn find<'a>(webhooks: &'a mut [Webhook], request: &Request) -> Result<&'a mut Webhook, Reply> {
    let found = webhooks.iter_mut().find(|webhook| webhook.id == request.id);
    found.ok_or_else(|| refusal(StatusCode::NOT_FOUND, "there is no such webhook"))
}

/// Where the events of a webhook go, and the keys that sign them.
struct Target {
    uri: String,
    public_key: String,
    private_key: String,
}

fn target(body: &Map<String, Value>) -> Result<Target, Reply> {
    let uri = text(body, "uri", 500)?;
    if !Url::parse(&uri).is_ok_and(|url| matches!(url.scheme(), "http" | "https")) {
        return Err(invalid("uri", "The uri must be a URL."));
    }
    let private_key = text(body, "privateKey", 2000)?;
    check_private_key(&private_key)?;
    let public_key = text(body, "publicKey", 64)?;
    check_public_key(&public_key)?;
    Ok(Target { uri, public_key, private_key })
}

fn text(body: &Map<String, Value>, name: &str, most: usize) -> Result<String, Reply> {
    let text = body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let text = text.ok_or_else(|| missing(name))?;
    if text.chars().count() > most {
        return Err(invalid(name, format!("The field {name} has at most {most} characters.")));
    }
    Ok(text.to_owned())
}

fn check_private_key(key: &str) -> Result<(), Reply> {
    match STANDARD.decode(key) {
        Ok(bytes) if !bytes.is_empty() => Ok(()),
        _ => Err(invalid("privateKey", "The privateKey must be base64.")),
    }
}

fn check_public_key(key: &str) -> Result<(), Reply> {
    HeaderValue::try_from(key)
        .map(drop)
        .map_err(|_| invalid("publicKey", "The publicKey is not a valid header value."))
}
