//! The sandbox's clock, and the way to a reset.

use std::time::Duration;

use kyc_core::{Clock as _, ValidationError};
use maud::html;

use super::parts::{self, Input};
use super::section::{Body, Live, Section};
use super::{Console, Done, Fields, View};

const HERE: Section = Section::Clock;
/// The steps that have a button, in seconds, in the order of the catalogue's `steps`.
const STEPS: [u64; 4] = [60, 600, 3600, 86_400];
/// The units of the form, in seconds, in the order of the catalogue's `units`.
const UNITS: [u64; 4] = [1, 60, 3600, 86_400];

pub(super) fn body(view: &View) -> Body {
    let words = &view.words.clock;
    let clock = &view.console.context.clock;
    let steps = html! {
        div.buttons {
            @for (seconds, label) in STEPS.into_iter().zip(words.steps) {
                button name="seconds" value=(seconds) { (label) }
            }
        }
    };
    let amount = Input {
        name: "amount",
        label: words.amount,
        hint: words.amount_hint,
        kind: "number",
        required: true,
    };
    let units = html! {
        @for (seconds, label) in UNITS.into_iter().zip(words.units) {
            option value=(seconds) selected[view.fields.text("unit") == seconds.to_string()] { (label) }
        }
    };
    let custom = html! {
        (amount.shown(view, ""))
        (parts::select("unit", words.unit, &units))
        button { (words.advance) }
    };
    let content = html! {
        p #clock-now.big { (parts::day_and_time(clock.now())) " UTC" }
        p { (if clock.is_frozen() { words.frozen } else { words.running }) }
    };
    let rest = html! {
        section.card aria-labelledby="advance" {
            h2 #advance { (words.advance) }
            (parts::form(HERE, "step", &steps))
            (parts::form(HERE, "advance", &custom))
        }
        section.card aria-labelledby="begin-anew" {
            h2 #begin-anew { (view.words.reset.section.title) }
            p { (view.words.reset.section.lead) }
            p { a.button #to-reset href=(Section::Reset.path()) { (view.words.reset.ask) } }
        }
    };
    Body { forms: html! {}, live: Live { summary: String::new(), content }, rest }
}

pub(super) fn perform(console: &Console, fields: &Fields) -> Result<Done, ValidationError> {
    let by = match fields.text("action") {
        "step" => fields.seconds("seconds")?,
        "advance" => {
            let unit: u32 = fields.number("unit")?.unwrap_or(1);
            fields.seconds("amount")?.map(|amount| amount.saturating_mul(unit))
        }
        _ => return Err(super::unknown_action()),
    };
    let by = by.filter(|by| *by > Duration::ZERO);
    console
        .context
        .clock
        .advance(by.ok_or_else(|| ValidationError::new("\"amount\" must be more than zero"))?);
    Ok(Done::new(HERE, "advanced"))
}
