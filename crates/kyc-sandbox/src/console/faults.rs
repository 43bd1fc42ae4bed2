//! The faults that wait for requests.

use kyc_core::ValidationError;
use maud::{Markup, html};
use serde_json::{Map, Value};

use super::parts::{self, Input, Row, Tone};
use super::section::{Body, Live, Section};
use super::{Console, Done, Fields, MAX_ROWS, View};
use crate::faults::FaultRequest;
use crate::vendor::SandboxVendor;

const HERE: Section = Section::Faults;
/// In place of a kind: each webhook is sent twice from now on.
const TWICE: &str = "duplicate_webhooks";

pub(super) fn body(view: &View) -> Body {
    let forms = html! {
        @if let Some(vendor) = view.console.vendor_or_first(view.fields.text("vendor")) {
            (parts::vendor_tabs(view, HERE, vendor.facts().key))
            (add(view, vendor))
        }
    };
    Body { forms, live: live(view), rest: html! {} }
}

pub(super) fn perform(console: &Console, fields: &Fields) -> Result<Done, ValidationError> {
    match fields.text("action") {
        "clear" => {
            console.vendors().for_each(|vendor| vendor.clear_faults());
            Ok(Done::new(HERE, "faults_cleared"))
        }
        "add" => {
            let request = request(fields)?;
            let vendor = console.context.queue_fault(&request)?;
            Ok(Done { to: HERE, vendor: Some(vendor.facts().key), said: "fault" })
        }
        _ => Err(super::unknown_action()),
    }
}

fn request(fields: &Fields) -> Result<FaultRequest, ValidationError> {
    let mut request = Map::new();
    for name in ["vendor", "kind", "operation"] {
        if let Some(text) = fields.given(name) {
            request.insert(name.to_owned(), text.into());
        }
    }
    for name in ["status", "retry_after_seconds", "times"] {
        if let Some(number) = fields.number::<u32>(name)? {
            request.insert(name.to_owned(), number.into());
        }
    }
    if let Some(delay) = fields.seconds("seconds")? {
        request.insert("seconds".to_owned(), delay.as_secs_f64().into());
    }
    request.insert("after_effect".to_owned(), fields.has("after_effect").into());
    if fields.text("kind") == TWICE {
        request.remove("kind");
        request.insert(TWICE.to_owned(), true.into());
    }
    serde_json::from_value(Value::Object(request))
        .map_err(|_| ValidationError::new("a figure of the fault is too large"))
}

fn add(view: &View, vendor: &dyn SandboxVendor) -> Markup {
    let words = &view.words.faults;
    let typed = view.fields.text("operation");
    let operations = html! {
        option value="any" { (words.any) }
        @for name in vendor.counters().operations() { option value=(name) selected[name == typed] { (name) } }
    };
    let kinds = html! {
        @for (name, what) in &words.kinds {
            @if *name != TWICE || vendor.sender().is_some() {
                option value=(name) selected[view.fields.text("kind") == *name] { (what) }
            }
        }
    };
    let number =
        |name, label, hint| Input { name, label, hint, kind: "number", required: false }.shown(view, "");
    let form = html! {
        input type="hidden" name="vendor" value=(vendor.facts().key);
        (parts::select("operation", words.operation, &operations))
        (parts::select("kind", words.kind, &kinds))
        (number("status", words.status, words.status_hint))
        (number("retry_after_seconds", words.retry_after, words.retry_after_hint))
        (number("seconds", words.seconds, words.seconds_hint))
        (number("times", words.times, words.times_hint))
        (parts::checkbox(view, "after_effect", words.after_effect))
        button { (words.add) }
    };
    html! {
        section.card aria-labelledby="add-fault" {
            h2 #add-fault { ((words.add_title)(vendor.facts().title)) }
            (parts::form(HERE, "add", &form))
        }
    }
}

fn live(view: &View) -> Live {
    let words = &view.words.faults;
    let queued = |vendor: &dyn SandboxVendor| {
        let key = vendor.facts().key;
        vendor
            .counters()
            .faults
            .listed()
            .into_iter()
            .map(move |fault| fault.described(key))
            .collect::<Vec<_>>()
    };
    let all: Vec<Value> = view.console.vendors().flat_map(queued).collect();
    let twice: Vec<_> = view.console.vendors().filter(|vendor| vendor.state()[TWICE] == true).collect();
    let rows: Vec<_> =
        all.iter().take(MAX_ROWS).enumerate().map(|(at, fault)| row(view, at, fault)).collect();
    let clear = html! { button { (words.clear) } };
    let content = html! {
        h2 { (words.queue) }
        @if rows.is_empty() { (parts::nothing(view.words, words.none)) } @else {
            (parts::table(words.queue, &words.heads, &rows))
        }
        (parts::more(view.words.parts, rows.len(), "/_sandbox/faults"))
        @for vendor in &twice { p #twice { ((words.twice)(vendor.facts().title)) } }
        @if !rows.is_empty() || !twice.is_empty() { (parts::form(HERE, "clear", &clear)) }
    };
    Live { summary: (words.summary)(all.len()), content }
}

fn row(view: &View, at: usize, fault: &Value) -> Row {
    let words = &view.words.faults;
    let text = |name: &str| fault[name].as_str().unwrap_or_default();
    let kind = words.kinds.iter().find(|(name, _)| *name == text("kind")).map_or("", |(_, what)| what);
    let figures = ["status", "retry_after_seconds", "seconds"]
        .into_iter()
        .filter_map(|name| Some(format!("{name} {}", fault.get(name)?)));
    let cells = vec![
        html! { (text("vendor")) },
        html! { (if text("operation") == "any" { words.any } else { text("operation") }) },
        html! { strong { (kind) } div.path { (figures.collect::<Vec<_>>().join(", ")) } },
        html! { (fault["times"].to_string()) },
        html! { (if fault["after_effect"] == true { words.yes } else { words.no }) },
    ];
    Row { id: format!("fault-{at}"), tone: Tone::Waiting, cells }
}
