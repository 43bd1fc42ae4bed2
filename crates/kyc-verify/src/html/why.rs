//! Why the case stands where it stands.

use maud::{Markup, html};

use super::Page;
use super::parts::{list, name, section as framed};
use crate::case::Record;
use crate::engine::CaseState;
use crate::model::{CheckResult, CheckState};
use crate::report::Handout;

pub(super) fn section(page: &Page<'_>) -> Markup {
    let body = html! {
        (standing(page))
        (handouts(page))
        (by_policy(page))
    };
    framed("why", page.words.of("Por quê", "Why"), &body)
}

/// What matters more than the policy's decision, or stands in place of one.
fn standing(page: &Page<'_>) -> Markup {
    let words = page.words;
    let person = page.report.reviewed.map(|outcome| outcome.in_language(words.0));
    let said = match page.report.state {
        CaseState::Alert => return alert(page),
        CaseState::Forgotten => words.of(
            "O que havia de pessoal neste caso foi apagado. O relatório mostra o que os registros ainda dizem.",
            "What was personal in this case is deleted. The report shows what the records still tell.",
        ),
        CaseState::Running => words.of(
            "O caso está em andamento ou foi interrompido: ainda não há decisão.",
            "The case is at work or was interrupted: nothing is decided yet.",
        ),
        CaseState::WaitsForPerson => words.of(
            "O caso espera a pessoa: ainda não há decisão.",
            "The case waits for the person: nothing is decided yet.",
        ),
        CaseState::WaitsForVendor => words.of(
            "O caso espera a resposta de um fornecedor: ainda não há decisão.",
            "The case waits for a vendor's answer: nothing is decided yet.",
        ),
        CaseState::Review | CaseState::Decided(_) => "",
    };
    html! {
        @if !said.is_empty() { p.lead { (said) } }
        @if let Some(outcome) = person {
            p.lead { (words.of("Uma pessoa decidiu: ", "A person decided: ")) strong { (outcome) } "." }
        }
    }
}

/// What the person has to do, and why.
fn handouts(page: &Page<'_>) -> Markup {
    let words = page.words;
    let told = page.report.handouts.iter().map(|handout| match handout {
        // What opens the capture belongs to the person's device alone.
        Handout::Capture { vendor, kit } => html! {
            (words.of("captura com ", "capture with ")) (vendor)
            @if let Some(expires) = kit.expires { (words.of(", até ", ", until ")) (words.time(expires)) }
        },
        Handout::Retake(retake) => html! {
            (words.of("enviar de novo: ", "hand in anew: ")) (words.item(retake.item.as_str()))
            " (" (words.cause(retake.cause)) ")"
        },
    });
    let told: Vec<_> = told.collect();
    html! { @if !told.is_empty() { (list(&told)) } }
}

fn alert(page: &Page<'_>) -> Markup {
    let words = page.words;
    let checks = page.report.timeline.iter().rev().find_map(|entry| match &entry.record {
        Record::Alert { checks, .. } => Some(checks.as_slice()),
        _ => None,
    });
    let names: Vec<_> = checks.unwrap_or_default().iter().map(|check| words.check(check)).collect();
    html! {
        p.notice.bad {
            strong { (words.of("Alerta: ", "Alert: ")) }
            (words.of(
                "depois da aprovação chegou uma notícia ruim sobre ",
                "after the approval bad news came about ",
            ))
            (names.join(", ")) ". "
            (words.of("Uma pessoa precisa decidir de novo.", "A person has to decide again."))
        }
    }
}

fn by_policy(page: &Page<'_>) -> Markup {
    let (report, words) = (page.report, page.words);
    let Some(decision) = &report.decision else { return html! {} };
    let decisive = report.checks.iter().filter(|result| decision.decisive.contains(&result.check));
    let sentences: Vec<_> = decisive.map(|result| of_check(page, result)).collect();
    let has_changed = report.state == CaseState::Alert;
    html! {
        p.lead {
            (words.of("Regra da política: ", "Rule of the policy: "))
            (decision.sentence().in_language(words.0))
            " (" code { (decision.rule.as_str()) } ")"
        }
        @if !page.is_forgotten() && !sentences.is_empty() {
            @if has_changed {
                p { (words.of("O que se sabe agora:", "What is known now:")) }
            }
            (list(&sentences))
        }
    }
}

fn of_check(page: &Page<'_>, result: &CheckResult) -> Markup {
    let words = page.words;
    // What a vendor did not say explains nothing, unless nobody said anything.
    let is_silent = |state| matches!(state, CheckState::NotAsked | CheckState::NotOffered);
    let all_silent = result.vendors.iter().all(|vendor| is_silent(vendor.state));
    let said: Vec<_> = result
        .vendors
        .iter()
        .filter(|vendor| all_silent || !is_silent(vendor.state))
        .map(|vendor| {
            let value = vendor.value();
            let value = value.in_language(words.0);
            let reason = vendor.reason.in_language(words.0);
            if value == "-" {
                format!("{}: {reason}", vendor.vendor)
            } else {
                format!("{}: {reason} ({value})", vendor.vendor)
            }
        })
        .collect();
    html! {
        (name(result.check, words)) ": " (result.state.in_language(words.0)) "."
        @for sentence in said { " " (sentence) "." }
    }
}
