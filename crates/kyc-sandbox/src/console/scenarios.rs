//! The scenarios: which outcome an operation has for a person.

use std::time::Duration;

use kyc_core::ValidationError;
use maud::{Markup, html};

use super::parts::{self, Input, Row, Tone};
use super::section::{Body, Live, Section};
use super::{Console, Done, Fields, View};
use crate::outcomes::{self, Outcome, chosen};
use crate::scenario::Scenario;
use crate::vendor::SandboxVendor;

const HERE: Section = Section::Scenarios;
/// The outcomes that every operation has, apart from the loss of a response.
const STATUSES: [u16; 9] = [400, 401, 403, 404, 422, 429, 500, 502, 503];

pub(super) fn body(view: &View) -> Body {
    let vendor = view.console.vendor_or_first(view.fields.text("vendor"));
    let forms = html! {
        @if let Some(vendor) = vendor {
            (parts::vendor_tabs(view, HERE, vendor.facts().key))
            (set(view, vendor))
        }
    };
    let rest = html! { @if let Some(vendor) = vendor { (trigger(view, vendor)) (glossary(view, vendor)) } };
    Body { forms, live: live(view), rest }
}

pub(super) fn perform(console: &Console, fields: &Fields) -> Result<Done, ValidationError> {
    let vendors: Vec<_> = console.vendors().map(|vendor| (vendor.facts().key, vendor)).collect();
    let action = fields.text("action");
    if action == "clear" {
        console.vendors().for_each(|vendor| vendor.scenarios().clear());
        return Ok(Done::new(HERE, "cleared"));
    }
    let vendor = chosen("vendor", &vendors, fields.text("vendor"))?;
    let scenario = scenario(fields)?;
    let done = |to, said| Ok(Done { to, vendor: Some(vendor.facts().key), said });
    match action {
        "set" => {
            vendor.scenarios().set(scenario)?;
            done(HERE, "set")
        }
        "remove" => {
            vendor.scenarios().remove(&scenario);
            done(HERE, "removed")
        }
        "trigger" => {
            let delay = (!fields.has("delayed")).then_some(Duration::ZERO);
            outcomes::trigger(&console.context.vendors, scenario, delay)?;
            Ok(Done::new(Section::Transactions, "triggered"))
        }
        _ => Err(super::unknown_action()),
    }
}

fn scenario(fields: &Fields) -> Result<Scenario, ValidationError> {
    let text = |name| fields.given(name).map(str::to_owned);
    let mut scenario = Scenario::new(fields.text("vendor"), fields.text("outcome"));
    scenario.operation = text("operation");
    scenario.cpf = text("cpf");
    scenario.reason = text("reason");
    scenario.delay = fields.seconds("delay_seconds")?;
    Ok(scenario)
}

fn set(view: &View, vendor: &dyn SandboxVendor) -> Markup {
    let words = &view.words.scenarios;
    let text = |name, label, hint| Input { name, label, hint, kind: "text", required: false };
    let delay = Input {
        name: "delay_seconds",
        label: words.delay,
        hint: words.delay_hint,
        kind: "number",
        required: false,
    };
    let form = html! {
        input type="hidden" name="vendor" value=(vendor.facts().key);
        (text("cpf", words.cpf, words.cpf_hint).shown(view, ""))
        (parts::select("outcome", words.outcome, &outcome_options(view, vendor)))
        (parts::select("operation", words.operation, &operation_options(view, vendor)))
        (text("reason", words.reason, words.reason_hint).shown(view, ""))
        (delay.shown(view, ""))
        button { (words.set) }
    };
    html! {
        section.card aria-labelledby="set-scenario" {
            h2 #set-scenario { ((words.set_title)(vendor.facts().title)) }
            (parts::form(HERE, "set", &form))
        }
    }
}

/// The outcomes grouped by their operations.
fn groups(outcomes: &[Outcome]) -> Vec<(&'static [&'static str], Vec<&Outcome>)> {
    let mut groups: Vec<(&'static [&'static str], Vec<&Outcome>)> = Vec::new();
    for outcome in outcomes {
        match groups.iter_mut().find(|(operations, _)| *operations == outcome.operations) {
            Some((_, of_group)) => of_group.push(outcome),
            None => groups.push((outcome.operations, vec![outcome])),
        }
    }
    groups
}

fn outcome_options(view: &View, vendor: &dyn SandboxVendor) -> Markup {
    let words = &view.words.scenarios;
    let typed = view.fields.text("outcome");
    let of_vendor = (vendor.facts().outcomes)();
    html! {
        @for (operations, outcomes) in groups(&of_vendor) {
            optgroup label=(operations.join(", ")) {
                @for outcome in outcomes {
                    option value=(outcome.name) selected[outcome.name == typed] { (outcome.name) }
                }
            }
        }
        optgroup label=(words.any_operation) {
            @for status in STATUSES {
                @let name = format!("http-{status}");
                option value=(name) selected[name == typed] { (name) }
            }
            option value="response-lost" selected[typed == "response-lost"] { "response-lost" }
        }
    }
}

fn operation_options(view: &View, vendor: &dyn SandboxVendor) -> Markup {
    let typed = view.fields.text("operation");
    html! {
        option value="" { (view.words.scenarios.as_outcome) }
        @for name in vendor.counters().operations() { option value=(name) selected[name == typed] { (name) } }
    }
}

fn trigger(view: &View, vendor: &dyn SandboxVendor) -> Markup {
    let words = &view.words.scenarios;
    let of_vendor = (vendor.facts().outcomes)();
    let able: Vec<_> = of_vendor.iter().filter(|outcome| outcome.can_be_triggered).collect();
    let form = html! {
        input type="hidden" name="vendor" value=(vendor.facts().key);
        div.field {
            label for="trigger-outcome" { (words.outcome) }
            select #trigger-outcome name="outcome" {
                @for outcome in &able { option value=(outcome.name) { (outcome.name) } }
            }
        }
        div.field {
            label for="trigger-cpf" { (words.cpf) }
            input #trigger-cpf name="cpf" type="text" autocomplete="off" aria-describedby="trigger-cpf-hint";
            p.hint #trigger-cpf-hint { (words.trigger_cpf_hint) }
        }
        (parts::checkbox(view, "delayed", words.delayed))
        button { (words.trigger) }
    };
    html! {
        @if !able.is_empty() {
            section.card aria-labelledby="trigger-title" {
                h2 #trigger-title { ((words.trigger_title)(vendor.facts().title)) }
                p { (words.trigger_lead) }
                (parts::form(HERE, "trigger", &form))
            }
        }
    }
}

/// What each outcome does.
fn glossary(view: &View, vendor: &dyn SandboxVendor) -> Markup {
    let words = &view.words.scenarios;
    let of_vendor = (vendor.facts().outcomes)();
    html! {
        section.card aria-labelledby="glossary" {
            h2 #glossary { ((words.glossary)(vendor.facts().title)) }
            @for (operations, outcomes) in groups(&of_vendor) {
                h3 { (operations.join(", ")) }
                dl {
                    @for outcome in outcomes {
                        div {
                            dt {
                                code { (outcome.name) }
                                @if outcome.has_reason { " " (parts::chip(Tone::Plain, words.with_reason)) }
                            }
                            dd lang="en" { (outcome.what) }
                        }
                    }
                }
            }
            h3 { (words.any_operation) }
            dl {
                div { dt { code { "http-STATUS" } } dd { (words.http_status) } }
                div { dt { code { "response-lost" } } dd { (words.response_lost) } }
            }
        }
    }
}

fn live(view: &View) -> Live {
    let words = &view.words.scenarios;
    let all: Vec<_> = view.console.vendors().flat_map(|vendor| vendor.scenarios().list()).collect();
    let shown = all.iter().rev().take(super::MAX_ROWS).enumerate();
    let rows: Vec<_> = shown.map(|(at, scenario)| row(view, at, scenario)).collect();
    let clear = html! { button { (words.clear_all) } };
    let content = html! {
        h2 { (words.listed) }
        @if rows.is_empty() { (parts::nothing(view.words, words.none)) } @else {
            (parts::table(words.listed, &words.heads, &rows))
            (parts::form(HERE, "clear", &clear))
        }
        @if rows.len() >= super::MAX_ROWS { p.more { ((view.words.parts.newest)(super::MAX_ROWS)) } }
    };
    Live { summary: (words.summary)(all.len()), content }
}

fn row(view: &View, at: usize, scenario: &Scenario) -> Row {
    let words = &view.words.scenarios;
    let seconds = scenario.delay.map(|delay| delay.as_secs_f64().to_string());
    let shown = |text: &Option<String>| text.clone().unwrap_or_else(|| "–".to_owned());
    let cells = vec![
        html! { (scenario.vendor) },
        html! { (scenario.cpf.as_deref().unwrap_or(words.everyone)) },
        html! {
            strong { (scenario.outcome) }
            @if let Some(operation) = &scenario.operation { div.path { (operation) } }
        },
        html! { (shown(&scenario.reason)) },
        html! { @if let Some(seconds) = &seconds { (seconds) " s" } @else { "–" } },
        html! {
            form method="post" action=(HERE.action()) {
                input type="hidden" name="action" value="remove";
                (hidden("vendor", Some(&scenario.vendor)))
                (hidden("outcome", Some(&scenario.outcome)))
                (hidden("operation", scenario.operation.as_deref()))
                (hidden("cpf", scenario.cpf.as_deref()))
                (hidden("reason", scenario.reason.as_deref()))
                (hidden("delay_seconds", seconds.as_deref()))
                button aria-label={ (words.remove) " " (scenario.outcome) } { (words.remove) }
            }
        },
    ];
    Row { id: format!("scenario-{at}"), tone: Tone::Plain, cells }
}

fn hidden(name: &str, value: Option<&str>) -> Markup {
    html! { @if let Some(value) = value { input type="hidden" name=(name) value=(value); } }
}
