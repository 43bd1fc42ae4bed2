//! Passing stored events on to another program by HTTP.

use std::time::Duration;

use kyc_core::{Secret, Trust, ValidationError};
use kyc_webhook::StoredEvent;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::{Client, Url, redirect};

use crate::messages::{Lang, Messages, in_language};
use crate::output::scrub;
use crate::web;

/// How long the other program may take.
const TIMEOUT: Duration = Duration::from_secs(30);
const GONE: u16 = 410;
/// The type of what has none: an event out of a list has only its JSON.
const JSON: &str = "application/json";

/// Posts events to one URL.
#[derive(Clone)]
pub(crate) struct Forwarder {
    client: Client,
    url: Url,
}

/// What became of one attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Posted {
    /// The other program answered with this status.
    Answered(u16),
    /// It was not reached, or did not answer in time. In the words of the operating system.
    Lost(String),
    /// What was received is deleted.
    Purged,
}

impl Posted {
    pub(crate) fn is_done(&self) -> bool {
        matches!(self, Self::Answered(200..=299))
    }

    /// Returns whether no other attempt can succeed.
    pub(crate) fn is_final(&self) -> bool {
        matches!(self, Self::Answered(GONE) | Self::Purged)
    }

    pub(crate) fn http_status(&self) -> Option<u16> {
        match self {
            Self::Answered(status) => Some(*status),
            Self::Lost(_) | Self::Purged => None,
        }
    }

    /// Returns why it failed, to be stored: it does not depend on the language of this run.
    pub(crate) fn reason(&self) -> String {
        match self {
            Self::Answered(status) => format!("HTTP {status}"),
            _ => self.words(in_language(Lang::En)),
        }
    }

    pub(crate) fn words(&self, t: &Messages) -> String {
        match self {
            Self::Answered(status) => (t.listen.answered)(*status),
            Self::Lost(why) => why.clone(),
            Self::Purged => t.listen.purged.to_owned(),
        }
    }
}

impl Forwarder {
    /// Creates a forwarder. Unencrypted http goes to this machine only, unless it is allowed.
    pub(crate) fn new(url: &Secret<String>, allow_http: bool) -> Result<Self, ValidationError> {
        let url = web::parse(url.expose(), allow_http)?;
        let mut builder = Client::builder()
            .timeout(TIMEOUT)
            .redirect(redirect::Policy::none())
            .user_agent(concat!("kyc-cli/", env!("CARGO_PKG_VERSION")));
        if web::is_loopback(&url) {
            builder = builder.no_proxy();
        }
        let client = builder.build().map_err(|error| ValidationError::new(web::cause(&error)))?;
        Ok(Self { client, url })
    }

    /// Returns the URL without what may be a secret.
    pub(crate) fn shown(&self) -> String {
        web::shown(&self.url)
    }

    /// Posts what was received, once.
    pub(crate) async fn post(&self, event: &StoredEvent) -> Posted {
        let Some(content) = &event.content else { return Posted::Purged };
        let info = &event.info;
        let mut url = self.url.clone();
        let queries = [self.url.query(), content.query.as_deref()].into_iter().flatten();
        let query = queries.filter(|query| !query.is_empty()).collect::<Vec<_>>().join("&");
        url.set_query(Some(query.as_str()).filter(|query| !query.is_empty()));
        let mut request = self.client.post(url).body(content.body.expose().to_vec());
        let headers = [
            ("kyc-event-id", info.id.to_string()),
            ("kyc-source", info.source.clone()),
            ("kyc-event-type", info.event_type.clone()),
            ("kyc-trust", trust(info.trust).to_owned()),
            ("kyc-attempt", info.attempts.to_string()),
            (CONTENT_TYPE.as_str(), content.content_type.clone().unwrap_or_else(|| JSON.to_owned())),
        ];
        for (name, value) in headers {
            match HeaderValue::from_str(&value) {
                Ok(value) if !value.is_empty() => request = request.header(name, value),
                _ => {}
            }
        }
        match request.send().await {
            Ok(response) => Posted::Answered(response.status().as_u16()),
            Err(error) => Posted::Lost(scrub(&web::cause(&error))),
        }
    }
}

/// Returns the name of a degree of authentication.
pub(crate) fn trust(trust: Trust) -> &'static str {
    match trust {
        Trust::KnownPeer => "known-peer",
        Trust::SharedSecret => "shared-secret",
        Trust::Signed => "signed",
        // The least of them, for any that is new.
        _ => "hint",
    }
}
