//! Tells the customer's own system what became of a case, by webhooks that are signed as Standard Webhooks says.
//!
//! What is to be told goes into an outbox, which is an inbox whose events are sent on: it is durable, tries again with growing
//! pauses, and knows by the event's id what it holds already. So what is told follows from the case's records alone, and may be put
//! there as often as one likes.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use kyc_br::kyc_core::{Clock as _, RawBody, SystemClock, Trust, Vendor, WebhookEvent};
use kyc_br::kyc_verify::{CaseReport, CaseState, Handout, Record};
use kyc_br::kyc_webhook::{
    Content, DispatchOptions, Handled, Handler, Inbox as _, NewEvent, SqliteInbox, StoredEvent,
};
use kyc_br::prelude::Secret;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Response, StatusCode, Url};
use serde_json::json;
use standardwebhooks::Webhook;

use super::Failure;

const SOURCE: &str = "service";

/// How long the customer's system may take to answer.
const TIMEOUT: Duration = Duration::from_secs(15);

/// The longest pause that the customer's system may ask for.
const LONGEST_PAUSE: Duration = Duration::from_secs(24 * 60 * 60);

pub(crate) struct Customer {
    outbox: SqliteInbox,
    receiver: Option<(Url, Webhook)>,
    http: reqwest::Client,
}

/// Tries for about three days, then gives up: the outbox keeps what was given up, and can replay it.
pub(crate) fn options() -> DispatchOptions {
    let mut options = DispatchOptions::default();
    options.max_attempts = 80;
    options.first_pause = Duration::from_millis(500);
    options
}

impl Customer {
    pub(crate) fn new(
        outbox: SqliteInbox,
        receiver: Option<&(String, Secret<String>)>,
    ) -> Result<Self, Failure> {
        let receiver = match receiver {
            Some((url, secret)) => {
                let signer =
                    Webhook::new(secret.expose()).map_err(|_| "SERVICE_CUSTOMER_SECRET is no whsec_")?;
                Some((Url::parse(url)?, signer))
            }
            None => None,
        };
        let http = reqwest::Client::builder().timeout(TIMEOUT).redirect(reqwest::redirect::Policy::none());
        Ok(Self { outbox, receiver, http: http.build()? })
    }

    /// Puts what is to be told of a case into the outbox, unless it is there already.
    pub(crate) async fn tell(&self, report: &CaseReport) -> Result<(), Failure> {
        let (Some(id), Some(last)) = (id(report), report.timeline.last()) else { return Ok(()) };
        if self.receiver.is_none() {
            return Ok(());
        }
        // No more than which case to fetch: order and freshness are no matter then, and nothing of the person leaves.
        let state = report.state.as_str();
        let body = json!({
            "type": format!("verification.{state}"),
            "timestamp": last.at.to_rfc3339(),
            "data": { "case": report.case.to_string(), "state": state },
        });
        let body = Bytes::from(body.to_string());
        let vendor = Vendor::new(SOURCE);
        let mut event = WebhookEvent::new(vendor, "verification", Trust::Signed, body.clone());
        event.event_id = Some(id);
        event.subject = Some(report.case.to_string());
        let content = Content { body: RawBody::new(body), content_type: None, query: None };
        let new = NewEvent { source: SOURCE, event, content, received_at: SystemClock.now() };
        self.outbox.put(vec![new]).await?;
        Ok(())
    }
}

/// Returns what tells one message about a case from another: the state, since when it may be so, and what the person has to do.
/// `None` if there is nothing to tell.
fn id(report: &CaseReport) -> Option<String> {
    let (CaseState::WaitsForPerson | CaseState::Review | CaseState::Decided(_) | CaseState::Alert) =
        report.state
    else {
        return None;
    };
    let changes = report.timeline.iter().rfind(|entry| {
        matches!(
            entry.record,
            Record::Started { .. }
                | Record::Superseded { .. }
                | Record::CaptureOpened { .. }
                | Record::Decided { .. }
                | Record::Reviewed { .. }
                | Record::Alert { .. }
        )
    })?;
    let wanted = report.handouts.iter().map(|handout| match handout {
        Handout::Retake(retake) => retake.item.as_str(),
        _ => "capture",
    });
    let wanted: Vec<_> = wanted.collect();
    Some(format!("{}/{}/{}/{}", report.case, changes.seq, report.state.as_str(), wanted.join("+")))
}

#[async_trait]
impl Handler for Customer {
    async fn handle(&self, event: StoredEvent) -> Handled {
        let Some((url, signer)) = &self.receiver else {
            return Handled::retry("no SERVICE_CUSTOMER_URL is set");
        };
        let (id, now, body) = (event.info.id.to_string(), SystemClock.now().unix_seconds(), event.payload());
        let Ok(signature) = signer.sign(&id, now, body.expose()) else {
            return Handled::dead("the message cannot be signed");
        };
        let request = self
            .http
            .post(url.clone())
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", now.to_string())
            .header("webhook-signature", signature)
            .body(body.expose().to_vec());
        match request.send().await {
            Ok(answer) if answer.status().is_success() => Handled::Done,
            Ok(answer) if answer.status() == StatusCode::GONE => {
                Handled::dead("the customer's system wants no more")
            }
            Ok(answer) => Handled::Retry {
                after: pause(&answer),
                why: format!("the customer's system answered {}", answer.status().as_u16()).into(),
            },
            // The error would name the URL, which may hold a secret.
            Err(_) => Handled::retry("the customer's system did not answer"),
        }
    }
}

fn pause(answer: &Response) -> Option<Duration> {
    let seconds = answer.headers().get(RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds).min(LONGEST_PAUSE))
}
