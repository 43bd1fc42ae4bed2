//! Which events go where.

use axum::http::{HeaderValue, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kyc_core::{Clock as _, Timestamp, ValidationError};
use serde_json::{Map, Value, json};
use url::Url;
use uuid::Uuid;

use super::answers::{invalid, missing, refusal};
use super::courier::Post;
use super::dates::sevenths;
use super::events::{PROCESSED, RECEIVED};
use super::request::Request;
use super::{BanklyControl, PREFIX};
use crate::answer::Answer;
use crate::webhooks::reachable;

const CONTEXT: &str = "Document";

/// Events of one name that go to one place.
#[derive(Clone)]
pub(super) struct Webhook {
    id: String,
    name: String,
    event_name: String,
    pub(super) uri: String,
    pub(super) public_key: String,
    pub(super) private_key: String,
    enabled: bool,
    created: Timestamp,
    updated: Option<Timestamp>,
    /// Whether it was made here rather than by the API.
    direct: bool,
}

impl Webhook {
    pub(super) fn wants(&self, event: &str) -> bool {
        self.enabled && self.event_name == event
    }

    fn status(&self) -> &'static str {
        if self.enabled { "Enabled" } else { "Disabled" }
    }

    fn json(&self) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "context": CONTEXT,
            "eventName": self.event_name,
            "uri": self.uri,
            "publicKey": self.public_key,
        })
    }

    fn listed(&self) -> Value {
        let mut json = self.json();
        json["createdAt"] = sevenths(self.created).into();
        json["updatedAt"] = self.updated.map(sevenths).into();
        json["status"] = self.status().into();
        json
    }

    fn path(&self) -> String {
        format!("{PREFIX}/webhooks/configurations/{}", self.id)
    }

    fn alone(&self) -> Value {
        let links = json!([{ "url": self.path(), "rel": "self", "method": "GET" }]);
        json!({ "data": self.json(), "links": links, "meta": null })
    }
}

impl BanklyControl {
    pub(super) fn register_directly(
        &self,
        url: &str,
        private_key: &str,
        public_key: &str,
    ) -> Result<(), ValidationError> {
        // As it was given: what is signed is the URL to the letter.
        reachable(url, self.courier.loopback_only)?;
        check_private_key(private_key).map_err(|_| ValidationError::new("\"private_key\" is not base64"))?;
        check_public_key(public_key)
            .map_err(|_| ValidationError::new("\"public_key\" holds what no header can"))?;
        let created = self.clock.now();
        let mut post = self.courier.lock();
        post.webhooks.retain(|webhook| !webhook.direct);
        post.webhooks.extend([RECEIVED, PROCESSED].map(|event| Webhook {
            id: Uuid::new_v4().to_string(),
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
        self.courier.lock().webhooks.iter().map(|webhook| webhook.uri.clone()).collect()
    }

    pub(super) fn create_webhook(&self, request: &Request) -> Result<Answer, Answer> {
        let body = request.json()?;
        if text(&body, "context", 50)? != CONTEXT {
            return Err(invalid("context", "The context here is Document."));
        }
        let uri = text(&body, "uri", 500)?;
        if !Url::parse(&uri).is_ok_and(|url| matches!(url.scheme(), "http" | "https")) {
            return Err(invalid("uri", "The uri must be a URL."));
        }
        let private_key = text(&body, "privateKey", 2000)?;
        check_private_key(&private_key)?;
        let public_key = text(&body, "publicKey", 64)?;
        check_public_key(&public_key)?;
        let webhook = Webhook {
            id: Uuid::new_v4().to_string(),
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
            return Err(invalid("eventName", "The eventName is none of the context Document."));
        }
        let mut post = self.courier.lock();
        if post.webhooks.iter().any(|known| known.name == webhook.name) {
            return Err(refusal(StatusCode::CONFLICT, "there is a webhook of that name"));
        }
        let answer = Answer::json(StatusCode::CREATED, &webhook.alone());
        let location = HeaderValue::try_from(webhook.path());
        post.webhooks.push(webhook);
        Ok(match location {
            Ok(location) => answer.with_header(axum::http::header::LOCATION, location),
            Err(_) => answer,
        })
    }

    pub(super) fn list_webhooks(&self, request: &Request) -> Result<Answer, Answer> {
        let status = request.query().one("status");
        if status.is_some_and(|status| !["Enabled", "Disabled"].contains(&status)) {
            return Err(invalid("status", "The status is Enabled or Disabled."));
        }
        let (page, size) = request.page()?;
        let post = self.courier.lock();
        let wanted =
            post.webhooks.iter().filter(|webhook| status.is_none_or(|status| status == webhook.status()));
        let listed: Vec<_> = wanted.skip((page - 1) * size).take(size).map(Webhook::listed).collect();
        Ok(Answer::json(StatusCode::OK, &json!({ "data": listed })))
    }

    pub(super) fn get_webhook(&self, request: &Request) -> Result<Answer, Answer> {
        let mut post = self.courier.lock();
        Ok(Answer::json(StatusCode::OK, &find(&mut post, request)?.alone()))
    }

    pub(super) fn switch_webhook(&self, request: &Request, enabled: bool) -> Result<Answer, Answer> {
        let mut post = self.courier.lock();
        let webhook = find(&mut post, request)?;
        webhook.enabled = enabled;
        webhook.updated = Some(self.clock.now());
        Ok(Answer::empty(StatusCode::NO_CONTENT))
    }

    pub(super) fn delete_webhook(&self, request: &Request) -> Result<Answer, Answer> {
        let mut post = self.courier.lock();
        find(&mut post, request)?;
        post.webhooks.retain(|webhook| webhook.id != request.id);
        Ok(Answer::empty(StatusCode::NO_CONTENT))
    }
}

fn find<'a>(post: &'a mut Post, request: &Request) -> Result<&'a mut Webhook, Answer> {
    let found = post.webhooks.iter_mut().find(|webhook| webhook.id == request.id);
    found.ok_or_else(|| refusal(StatusCode::NOT_FOUND, "there is no such webhook"))
}

fn text(body: &Map<String, Value>, name: &str, most: usize) -> Result<String, Answer> {
    let text = body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let text = text.ok_or_else(|| missing(name))?;
    if text.chars().count() > most {
        return Err(invalid(name, format!("The field {name} has at most {most} characters.")));
    }
    Ok(text.to_owned())
}

fn check_private_key(key: &str) -> Result<(), Answer> {
    match STANDARD.decode(key) {
        Ok(bytes) if !bytes.is_empty() => Ok(()),
        _ => Err(invalid("privateKey", "The privateKey must be base64.")),
    }
}

fn check_public_key(key: &str) -> Result<(), Answer> {
    HeaderValue::try_from(key)
        .map(drop)
        .map_err(|_| invalid("publicKey", "No header can hold that publicKey."))
}
