//! The webhooks: where they go, and what became of each.

use std::collections::BTreeSet;

use kyc_core::ValidationError;
use maud::{Markup, html};
use url::Url;
use uuid::Uuid;

use super::parts::{self, Input, Row, Tone, chip};
use super::section::{Body, Live, Section};
use super::{Console, Done, Fields, MAX_ROWS, Registered, View};
use crate::client_config::ClientConfig;
use crate::receivers;
use crate::requests::RequestPath;
use crate::webhooks::{Attempt, DeliveryState, Record};

const HERE: Section = Section::Webhooks;

pub(super) fn body(view: &View) -> Body {
    Body { forms: register(view), live: live(view), rest: html! {} }
}

pub(super) fn perform(console: &Console, fields: &Fields) -> Result<Done, ValidationError> {
    match fields.text("action") {
        "register" => {
            let root = fields.text("root");
            let context = &console.context;
            let tables = receivers::send_webhooks_to(&context.vendors, root, context.loopback_only)?;
            *console.registered() = Some(Registered { root: root.to_owned(), tables });
            Ok(Done::new(HERE, "registered"))
        }
        "resend" => {
            let gone = || ValidationError::new("\"id\" is not that of a delivery: it was dropped");
            let id = Uuid::parse_str(fields.text("id")).map_err(|_| gone())?;
            let vendor = console.vendors().find(|vendor| vendor.facts().key == fields.text("vendor"));
            let sender = vendor.and_then(|vendor| vendor.sender()).ok_or_else(gone)?;
            if sender.resend_one(id) { Ok(Done::new(HERE, "resent")) } else { Err(gone()) }
        }
        _ => Err(super::unknown_action()),
    }
}

fn register(view: &View) -> Markup {
    let words = &view.words.webhooks;
    let registered = view.console.registered();
    let usual = registered.as_ref().map_or("http://127.0.0.1:8760", |registered| &registered.root);
    let root = Input { name: "root", label: words.root, hint: words.root_hint, kind: "url", required: true };
    let form = html! { (root.shown(view, usual)) button { (words.register) } };
    html! {
        section.card aria-labelledby="receivers" {
            h2 #receivers { (words.receivers) }
            (destinations(view))
            (parts::form(HERE, "register", &form))
            @if let Some(registered) = registered.as_ref() { (settings(view, &registered.tables)) }
        }
    }
}

/// Where each vendor sends now.
fn destinations(view: &View) -> Markup {
    let words = &view.words.webhooks;
    html! {
        ul.plain #destinations {
            @for vendor in view.console.vendors().filter(|vendor| vendor.sender().is_some()) {
                @let urls: BTreeSet<_> = vendor.webhook_urls().into_iter().collect();
                li {
                    strong { (vendor.facts().title) } ": "
                    @if urls.is_empty() { (words.nowhere) }
                    @for (at, url) in urls.iter().enumerate() { @if at > 0 { ", " } code { (url) } }
                }
            }
        }
    }
}

/// What the receiver needs, which names the secrets that were made for it.
fn settings(view: &View, tables: &[ClientConfig]) -> Markup {
    let words = view.words;
    let toml: Vec<_> = tables.iter().map(ClientConfig::to_toml).collect();
    let variables = tables.iter().flat_map(ClientConfig::env_vars);
    let env: String = variables.map(|(name, value)| format!("{name}={value}\n")).collect();
    html! {
        div #receiver-settings {
            h3 { (words.webhooks.settings) }
            (parts::copyable(words.parts, "receiver-toml", "kyc.toml", &toml.join("\n")))
            (parts::copyable(words.parts, "receiver-env", words.connect.variables, &env))
        }
    }
}

fn live(view: &View) -> Live {
    let words = &view.words.webhooks;
    let mut all: Vec<_> = view
        .console
        .vendors()
        .filter_map(|vendor| Some((vendor.facts().key, vendor.sender()?.newest(MAX_ROWS))))
        .flat_map(|(key, records)| records.into_iter().map(move |record| (key, record)))
        .collect();
    all.sort_by_key(|(_, record)| std::cmp::Reverse(record.created));
    all.truncate(MAX_ROWS);
    let pending = all.iter().filter(|(_, record)| record.state == DeliveryState::Pending).count();
    let rows: Vec<_> = all.iter().map(|(key, record)| row(view, key, record)).collect();
    let content = html! {
        h2 { (words.deliveries) }
        @if rows.is_empty() { (parts::nothing(view.words, words.none)) } @else {
            (parts::table(words.deliveries, &words.heads, &rows))
        }
        (parts::more(view.words.parts, rows.len(), "/_sandbox/webhooks"))
    };
    Live { summary: (words.summary)(rows.len(), pending), content }
}

fn row(view: &View, key: &str, record: &Record) -> Row {
    let words = &view.words.webhooks;
    let (tone, state) = match record.state {
        DeliveryState::Pending => (Tone::Waiting, words.pending),
        DeliveryState::Delivered => (Tone::Good, words.delivered),
        DeliveryState::GivenUp => (Tone::Failed, words.given_up),
    };
    let cells = vec![
        parts::time(record.created),
        html! { (key) },
        html! {
            strong { (record.event.name) } " " code { (record.event.reference) }
            @if record.duplicate { " " (chip(Tone::Plain, words.duplicate)) }
            div.path { (destination(&record.endpoint.uri)) }
        },
        chip(tone, state),
        attempts(view, record),
        resend(view, key, record),
    ];
    Row { id: format!("delivery-{}", record.id), tone, cells }
}

/// The address without what may be a secret.
fn destination(uri: &str) -> String {
    match Url::parse(uri) {
        Ok(url) => format!("{}{}", url.origin().ascii_serialization(), RequestPath::redacted(url.path())),
        Err(_) => "…".to_owned(),
    }
}

fn attempts(view: &View, record: &Record) -> Markup {
    let words = &view.words.webhooks;
    let outcome = |attempt: &Attempt| {
        attempt.http_status.map_or_else(|| words.no_answer.to_owned(), |status| format!("HTTP {status}"))
    };
    html! {
        ol.attempts {
            @for attempt in &record.attempts { li { (parts::time(attempt.at)) " " (outcome(attempt)) } }
        }
        @if let Some(at) = record.retry_at { p.next { (words.next) " " (parts::time(at)) } }
    }
}

fn resend(view: &View, key: &str, record: &Record) -> Markup {
    let words = &view.words.webhooks;
    let id = record.id.to_string();
    html! {
        form method="post" action=(HERE.action()) {
            input type="hidden" name="action" value="resend";
            input type="hidden" name="vendor" value=(key);
            input type="hidden" name="id" value=(id);
            button id={ "resend-" (id) } aria-label={ (words.resend) " " (record.event.name) " " (record.event.reference) } {
                (words.resend)
            }
        }
    }
}
