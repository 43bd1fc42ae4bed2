//! What people decided and asked for, and what the person is told.

use maud::{Markup, html};

use super::Page;
use super::parts::{Row, Tone, nothing, section as framed, table};
use super::timeline::outcome_of;
use super::words::Words;
use crate::case::{Record, Sealed, Statement};
use crate::words::Language;

pub(super) fn section(page: &Page<'_>) -> Markup {
    let words = page.words;
    let title =
        words.of("Decisões de pessoas e pedidos de revisão", "Decisions of people and requests for review");
    let heads = [
        words.of("O quê", "What"),
        words.of("Quando", "When"),
        words.of("Quem, segundo declara", "Who, as they claim"),
        words.of("Por quê", "Why"),
    ];
    let mut rows = Vec::new();
    for entry in &page.report.timeline {
        let (tone, what, statement) = match &entry.record {
            Record::Reviewed { outcome, private } => {
                let (tone, outcome) = outcome_of(words, outcome);
                (tone, format!("{}: {outcome}", words.of("decisão", "decision")), private)
            }
            Record::ReviewRequested { private } => {
                (Tone::Waiting, words.of("pedido de revisão", "request for review").to_owned(), private)
            }
            Record::Held { is_held: true, private } => {
                (Tone::Plain, words.of("proibição de apagar", "hold").to_owned(), private)
            }
            Record::Held { is_held: false, private } => {
                (Tone::Plain, words.of("fim da proibição de apagar", "end of the hold").to_owned(), private)
            }
            _ => continue,
        };
        let (who, why) = stated(words, statement);
        let cells = vec![html! { (what) }, words.time(entry.at), html! { (who) }, html! { (why) }];
        rows.push(Row { tone, cells });
    }
    let body = if rows.is_empty() {
        nothing(words.of(
            "Ninguém decidiu, e nenhum pedido de revisão foi registrado.",
            "Nobody decided, and no request for review is recorded.",
        ))
    } else {
        table(title, &heads, &rows)
    };
    framed("people", title, &body)
}

fn stated(words: Words, statement: &Sealed<Statement>) -> (String, String) {
    match statement.expose() {
        Some(Statement { who, why }) => (words.free(who), words.free(why)),
        None => (words.deleted().to_owned(), words.deleted().to_owned()),
    }
}

/// The message, alone on its page, so that it can be handed over.
pub(super) fn message(page: &Page<'_>) -> Markup {
    let words = page.words;
    let title = words.of("Mensagem para a pessoa", "Message to the person");
    let body = match page.report.message() {
        Some(message) => html! {
            blockquote lang="pt-BR" { p { (message.in_language(Language::Portuguese)) } }
            blockquote lang="en" { p { (message.in_language(Language::English)) } }
        },
        None => nothing(words.of(
            "Neste momento não há nada a dizer à pessoa.",
            "There is nothing to tell the person at this time.",
        )),
    };
    framed("message", title, &body)
}
