//! The requests to the vendors' APIs.

use std::time::Duration;

use maud::{Markup, html};

use super::parts::{self, Row, Tone, chip};
use super::section::{Body, Live, Section};
use super::{MAX_ROWS, View, connect};
use crate::requests::{RequestFilter, RequestRecord};

pub(super) fn body(view: &View) -> Body {
    Body { forms: filter(view), live: live(view), rest: html! {} }
}

fn is_refused(record: &RequestRecord) -> bool {
    record.status.is_none_or(|status| status >= 400)
}

fn filter(view: &View) -> Markup {
    let words = &view.words.requests;
    let chosen = view.fields.text("vendor");
    let options = html! {
        option value="" { (words.every_vendor) }
        @for vendor in view.console.vendors() {
            option value=(vendor.facts().key) selected[vendor.facts().key == chosen] { (vendor.facts().title) }
        }
    };
    html! {
        form.inline #filter method="get" action=(Section::Requests.path()) {
            (parts::select("vendor", view.words.parts.vendor, &options))
            (parts::checkbox(view, "refused", words.only_refused))
            button { (words.filter) }
        }
    }
}

fn live(view: &View) -> Live {
    let words = &view.words.requests;
    let log = &view.console.context.requests;
    let filter =
        RequestFilter { vendor: view.fields.given("vendor").map(str::to_owned), ..RequestFilter::default() };
    let mut records = log.newest(&filter, usize::MAX);
    let refused = records.iter().filter(|record| is_refused(record)).count();
    let summary = (words.summary)(records.len(), refused);
    if view.fields.has("refused") {
        records.retain(is_refused);
    }
    let rows: Vec<_> = records.iter().rev().take(MAX_ROWS).map(|record| row(view, record)).collect();
    let content = html! {
        (counts(view))
        @if rows.is_empty() { (first_steps(view, log.total() > 0)) } @else {
            (parts::table(words.section.title, &words.heads, &rows))
        }
        (parts::more(view.words.parts, rows.len(), "/_sandbox/requests?limit=1000"))
        @if log.dropped() > 0 { p.more { ((words.dropped)(log.dropped())) } }
    };
    Live { summary, content }
}

/// How often each vendor was called, and how often for money.
fn counts(view: &View) -> Markup {
    let words = &view.words.requests;
    html! {
        ul #counts.counts aria-label=(words.counts) {
            @for vendor in view.console.vendors() {
                @let counters = vendor.counters();
                @let requests = counters.operations().map(|name| counters.of(name).requests).sum::<u64>();
                li data-vendor=(vendor.facts().key) {
                    strong { (vendor.facts().title) } " "
                    span { ((words.requests)(requests)) } span.dot { " · " } span { ((words.paid_calls)(counters.paid())) }
                }
            }
        }
    }
}

fn row(view: &View, record: &RequestRecord) -> Row {
    let words = &view.words.requests;
    let (tone, status) = status(view, record.status);
    let cells = vec![
        parts::time(record.at),
        html! { (record.vendor) },
        html! {
            strong { (record.operation.unwrap_or("–")) }
            div.path { (record.method) " " (record.path.as_str()) }
        },
        html! {
            (chip(tone, &status))
            @if record.faulty { " " (chip(Tone::Waiting, words.fault)) }
            @if record.paid { " " (chip(Tone::Plain, words.paid)) }
        },
        html! { (milliseconds(record.took)) },
        html! {
            @if let Some(reason) = &record.reason { (why(view, reason)) }
            @if let Some(seen) = &record.simulated { div lang="en" { (seen) } }
        },
    ];
    Row { id: format!("request-{}", record.number), tone, cells }
}

fn status(view: &View, status: Option<u16>) -> (Tone, String) {
    let words = &view.words.requests;
    let (tone, word) = match status {
        None => return (Tone::Failed, words.closed.to_owned()),
        Some(..400) => (Tone::Good, words.ok),
        Some(400..500) => (Tone::Refused, words.refused),
        Some(_) => (Tone::Failed, words.failed),
    };
    (tone, format!("{} {word}", status.unwrap_or_default()))
}

fn milliseconds(took: Duration) -> String {
    format!("{:.1} ms", took.as_secs_f64() * 1000.0)
}

/// The reason, and the place in the vendor's page as a link.
fn why(view: &View, reason: &str) -> Markup {
    let (text, page) = reason.split_once("; see ").unwrap_or((reason, ""));
    html! {
        span lang="en" { (text) }
        @if page.starts_with(env!("CARGO_PKG_REPOSITORY")) {
            " " a href=(page) { (view.words.requests.see) }
        }
    }
}

/// Instead of an empty table.
fn first_steps(view: &View, is_filtered: bool) -> Markup {
    let words = &view.words.requests;
    html! {
        @if is_filtered { (parts::nothing(view.words, words.none_here)) } @else {
            div.empty #first-steps {
                h2 { (words.none_yet) }
                p { (words.try_one) }
                @if let Some((name, shell)) = connect::first_call(view) {
                    (parts::copyable(view.words.parts, "first-call", name, &shell))
                }
                p { a href=(Section::Connect.path()) { (words.to_connect) } }
            }
        }
    }
}
