//! What the vendors decide later, and journeys.

use kyc_core::{Clock as _, Timestamp};
use maud::{Markup, html};

use super::parts::{self, Row, Tone, chip};
use super::section::{Body, Live};
use super::{MAX_ROWS, View};
use crate::transaction::Transaction;

pub(super) fn body(view: &View) -> Body {
    Body { forms: html! {}, live: live(view), rest: html! {} }
}

fn live(view: &View) -> Live {
    let words = &view.words.transactions;
    let now = view.console.context.clock.now();
    let mut all: Vec<_> = view
        .console
        .vendors()
        .flat_map(|vendor| {
            let key = vendor.facts().key;
            vendor.transactions(MAX_ROWS).into_iter().map(move |transaction| (key, transaction))
        })
        .collect();
    all.sort_by_key(|(_, transaction)| std::cmp::Reverse(transaction.created));
    all.truncate(MAX_ROWS);
    let waiting = all.iter().filter(|(_, transaction)| tone(transaction, now) == Tone::Waiting).count();
    let rows: Vec<_> = all.iter().map(|(key, transaction)| row(view, key, transaction, now)).collect();
    let content = html! {
        @if rows.is_empty() { (parts::nothing(view.words, words.none)) } @else {
            (parts::table(words.section.title, &words.heads, &rows))
        }
        @if rows.len() >= MAX_ROWS { p.more { ((view.words.parts.newest)(MAX_ROWS)) } }
    };
    Live { summary: (words.summary)(rows.len(), waiting), content }
}

fn tone(transaction: &Transaction, now: Timestamp) -> Tone {
    match transaction.decided {
        // Whether it ended well is for the vendor's words to say.
        Some(decided) if decided <= now => Tone::Plain,
        _ => Tone::Waiting,
    }
}

fn row(view: &View, key: &str, transaction: &Transaction, now: Timestamp) -> Row {
    let tone = tone(transaction, now);
    let cells = vec![
        html! { (key) },
        html! { (transaction.operation) },
        html! { code { (transaction.reference) } },
        html! { @if let Some(cpf) = &transaction.cpf { (parts::masked(cpf)) } @else { "–" } },
        chip(tone, &transaction.state),
        parts::day_and_time(transaction.created),
        decided(view, transaction.decided, now),
    ];
    Row { id: format!("transaction-{key}-{}", transaction.reference), tone, cells }
}

fn decided(view: &View, decided: Option<Timestamp>, now: Timestamp) -> Markup {
    let words = &view.words.transactions;
    html! {
        @match decided {
            None => (words.by_request),
            Some(at) if at <= now => (parts::day_and_time(at)),
            Some(at) => { (words.due) " " (parts::day_and_time(at)) }
        }
    }
}
