//! What was paid, and what may have been.

use std::collections::BTreeMap;

use kyc_core::StepState;
use maud::{Markup, html};

use super::Page;
use super::parts::{Row, Tone, list, nothing, section as framed, table};
use super::words::Words;
use crate::case::Environment;
use crate::state::{State, Step};

/// The calls of one vendor.
#[derive(Default)]
struct Calls {
    paid: usize,
    uncertain: usize,
    repeated: usize,
}

pub(super) fn section(page: &Page<'_>) -> Markup {
    let (report, words) = (page.report, page.words);
    let title = words.of("Consultas pagas e incertas", "Paid and uncertain calls");
    let state = State::of(&report.timeline);
    let paid = state.steps.iter().filter(|step| may_cost(step));
    let mut vendors: BTreeMap<&str, Calls> = BTreeMap::new();
    for step in paid.clone() {
        let calls = vendors.entry(&step.vendor).or_default();
        calls.paid += 1;
        calls.uncertain += usize::from(step.is_uncertain);
        calls.repeated += usize::from(step.is_repeat);
    }
    let heads = [
        words.of("Fornecedor", "Vendor"),
        words.of("Pagas", "Paid"),
        words.of("Das quais incertas", "Of these uncertain"),
        words.of("Das quais repetidas", "Of these repeated"),
    ];
    let rows: Vec<_> = vendors.iter().map(|(vendor, calls)| row(vendor, calls)).collect();
    let uncertain: Vec<_> = paid.filter(|step| step.is_uncertain).map(|step| told(words, step)).collect();
    let body = html! {
        p.lead {
            (words.of("Consultas pagas: ", "Paid calls: ")) strong { (report.paid_calls) } " "
            (words.of("de no máximo ", "of at most ")) (report.policy.limits.paid_calls)
            (words.of("; incertas: ", "; uncertain: ")) strong { (report.uncertain_calls) } "."
            @if report.environment == Some(Environment::Simulated) {
                (words.of(
                    " O caso é simulado: com fornecedores reais elas seriam pagas.",
                    " The case is simulated: with real vendors they would be paid.",
                ))
            }
        }
        @if rows.is_empty() {
            (nothing(words.of("Nenhuma consulta paga.", "No call was paid.")))
        } @else {
            (table(title, &heads, &rows))
        }
        @if !uncertain.is_empty() {
            p {
                (words.of(
                    "Incerta quer dizer: pode ter sido paga, e nada diz o que houve com ela. Ela não é enviada de novo sem pedido.",
                    "Uncertain means: it may have been paid, and nothing tells what became of it. It is not sent again unasked.",
                ))
            }
            (list(&uncertain))
        }
    };
    framed("calls", title, &body)
}

fn may_cost(step: &Step) -> bool {
    step.is_paid && !matches!(step.record.state, StepState::Failed(_))
}

fn row(vendor: &str, calls: &Calls) -> Row {
    let tone = if calls.uncertain > 0 { Tone::Waiting } else { Tone::Plain };
    let cells = vec![
        html! { (vendor) },
        html! { (calls.paid) },
        html! { (calls.uncertain) },
        html! { (calls.repeated) },
    ];
    Row { tone, cells }
}

fn told(words: Words, step: &Step) -> Markup {
    html! {
        "#" (step.seq) ", " (step.vendor) " " code { (step.record.step) } ", "
        (words.time(step.record.intent.at))
        @if step.record.is_superseded {
            (words.of(": repetida ou substituída depois", ": repeated or replaced later"))
        }
    }
}
