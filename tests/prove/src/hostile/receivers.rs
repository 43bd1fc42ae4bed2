//! The four receivers. The bodies come from strangers: only those that authenticate nobody read them at all.

use std::net::IpAddr;

use anyhow::Result;
use kyc_core::{WebhookRequest, WebhookSource};

/// A receiver, and what becomes of a body.
pub(crate) struct Receiver {
    pub(crate) name: &'static str,
    pub(crate) receive: Box<dyn Fn(Vec<u8>) -> String + Send + Sync>,
}

pub(crate) fn all() -> Result<Vec<Receiver>> {
    let completion = certiface::CompletionWebhook::new();
    let status = certiface::StatusWebhook::new(["192.0.2.1"])?;
    let clearsale = clearsale_facematch::Webhook::new("secret")?;
    let bankly = bankly_kyc::Webhook::new("a2V5")?;
    Ok(vec![
        receiver("certiface, completion", completion, |request| request),
        receiver("certiface, status", status, |request| request.from_peer(IpAddr::from([192, 0, 2, 1]))),
        receiver("clearsale-facematch, its secret known", clearsale, |request| request),
        receiver("bankly-kyc, unsigned", bankly, |request| request.at_url("https://example.com/")),
    ])
}

fn receiver(
    name: &'static str,
    source: impl WebhookSource + 'static,
    complete: fn(WebhookRequest) -> WebhookRequest,
) -> Receiver {
    let receive = move |body: Vec<u8>| {
        let request = complete(WebhookRequest::new([("authorization", "Bearer secret")], body));
        match source.receive(&request) {
            Ok(events) => format!("{} events", events.len()),
            Err(error) => format!("refused with {}", error.http_status()),
        }
    };
    Receiver { name, receive: Box::new(receive) }
}
