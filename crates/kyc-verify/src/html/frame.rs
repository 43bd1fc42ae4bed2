//! The head, the band, and the order of the sections.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::parts::{chip, code, facts};
use super::{Page, calls, checks, data, evidence, people, rest, style, timeline, why};
use crate::case::{Environment, Record};

pub(super) fn page(page: &Page<'_>) -> Markup {
    let words = page.words;
    let title = words.of("Relatório de verificação", "Verification report");
    html! {
        (DOCTYPE)
        html lang=(words.tag()) {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(style::policy());
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                meta name="robots" content="noindex";
                title { (title) " " (page.report.case) }
                // Without this a browser asks the site for an icon.
                link rel="icon" href="data:,";
                style { (PreEscaped(style::CSS)) }
            }
            body {
                main {
                    (band(page, title))
                    (why::section(page))
                    (checks::section(page))
                    (checks::unclear(page))
                    (data::section(page))
                    (timeline::section(page))
                    (calls::section(page))
                    (people::section(page))
                    (people::message(page))
                    (rest::not_checked(page))
                    (evidence::section(page))
                    (rest::program(page))
                    (evidence::pictures(page))
                }
            }
        }
    }
}

fn band(page: &Page<'_>, title: &str) -> Markup {
    let (report, words) = (page.report, page.words);
    let (tone, state) = words.state(report.state);
    let is_real = report.environment == Some(Environment::Real);
    let reference = report.reference.expose();
    let reference = match reference {
        Some(reference) => html! { (words.free(reference)) },
        None => html! { (words.deleted()) },
    };
    let policy = html! { (report.policy.version) br; (code(&report.policy.sha256_hex())) };
    let mut rows = vec![
        (words.of("Caso", "Case"), code(&report.case.to_string())),
        (words.of("Referência", "Reference"), reference),
        (words.of("Política (SHA-256)", "Policy (SHA-256)"), policy),
    ];
    if is_real {
        rows.insert(
            0,
            (words.of("Ambiente", "Environment"), html! { (words.of("fornecedores reais", "real vendors")) }),
        );
    }
    if let Some(first) = report.timeline.first() {
        rows.push((words.of("Início", "Begun"), words.time(first.at)));
    }
    if let Some(asked) = report.review_requested {
        let since = html! { (words.of("pela pessoa, ainda sem resposta: ", "by the person, not answered yet: ")) (words.time(asked)) };
        rows.push((words.of("Pedido de revisão", "Review asked for"), since));
    }
    if let Some(decision) = &report.decision {
        let by_policy = html! { (decision.outcome.in_language(words.0)) ", " (words.time(decision.at)) };
        rows.push((words.of("Decisão da política", "Decision of the policy"), by_policy));
    }
    if let Some(outcome) = report.reviewed {
        let newest = report.timeline.iter().rfind(|entry| matches!(entry.record, Record::Reviewed { .. }));
        let decided = html! {
            (outcome.in_language(words.0)) @if let Some(entry) = newest { ", " (words.time(entry.at)) }
        };
        rows.push((words.of("Decisão de uma pessoa", "Decision of a person"), decided));
    }
    if let Some(at) = page.options.generated {
        rows.push((words.of("Relatório feito em", "Report made"), words.time(at)));
    }
    html! {
        header.band data-tone=(tone.name()) {
            @if !is_real { (simulated(page)) }
            div.title {
                h1 { (title) }
                (chip(tone, state))
            }
            (facts(&rows))
            @if !page.is_forgotten() {
                p.hint {
                    (words.of(
                        "Contém dados pessoais: guarde e apague como o próprio caso.",
                        "Holds personal data: keep it and delete it like the case itself.",
                    ))
                }
            }
        }
    }
}

/// An environment that is not known to be real is not passed off as real.
fn simulated(page: &Page<'_>) -> Markup {
    let words = page.words;
    html! {
        p.simulated {
            strong { (words.of("SIMULADO", "SIMULATED")) } " "
            @if page.report.environment.is_some() {
                (words.of(
                    "Ambiente de testes: nenhum fornecedor foi consultado, nada foi pago, e nada aqui prova algo sobre uma pessoa.",
                    "Sandbox: no vendor was asked, nothing was paid, and nothing here proves anything about a person.",
                ))
            } @else {
                (words.of("O caso não diz o seu ambiente.", "The case does not tell its environment."))
            }
        }
    }
}
