//! Pieces that several sections have.

use kyc_core::CheckKind;
use maud::{Markup, html};

use super::words::Words;
use crate::model::{CheckState, Outcome};
use crate::words::check_name;

/// How good something is. It always stands beside a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    Good,
    Waiting,
    Failed,
    Plain,
}

impl Tone {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Waiting => "waiting",
            Self::Failed => "failed",
            Self::Plain => "plain",
        }
    }

    pub(super) fn of(state: CheckState) -> Self {
        match state {
            CheckState::Passed => Self::Good,
            CheckState::Failed => Self::Failed,
            CheckState::NotOffered | CheckState::NotAsked => Self::Plain,
            CheckState::Unclear | CheckState::Retake | CheckState::Pending | CheckState::Uncertain => {
                Self::Waiting
            }
        }
    }

    pub(super) fn of_outcome(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Approved => Self::Good,
            Outcome::Refused => Self::Failed,
            Outcome::Review => Self::Waiting,
        }
    }
}

pub(super) fn chip(tone: Tone, text: &str) -> Markup {
    html! { span class={ "chip " (tone.name()) } { (text) } }
}

/// What a check is called, at the beginning of a sentence.
pub(super) fn name(check: CheckKind, words: Words) -> Markup {
    html! { strong.name { (check_name(check, words.0)) } }
}

pub(super) fn code(text: &str) -> Markup {
    html! { code { (text) } }
}

pub(super) fn section(id: &str, title: &str, body: &Markup) -> Markup {
    html! {
        section id=(id) aria-labelledby={ (id) "-title" } {
            h2 id={ (id) "-title" } { (title) }
            (body)
        }
    }
}

/// A list of names and values.
pub(super) fn facts(rows: &[(&str, Markup)]) -> Markup {
    html! {
        dl { @for (name, value) in rows { div { dt { (name) } dd { (value) } } } }
    }
}

pub(super) fn list(items: &[Markup]) -> Markup {
    html! { ul { @for item in items { li { (item) } } } }
}

pub(super) fn nothing(text: &str) -> Markup {
    html! { p.nothing { (text) } }
}

/// A row of a table. The first cell is its head.
pub(super) struct Row {
    pub(super) tone: Tone,
    pub(super) cells: Vec<Markup>,
}

/// A table that becomes a list of cards on a narrow screen. The roles say what it is after CSS made blocks of it.
pub(super) fn table(caption: &str, heads: &[&str], rows: &[Row]) -> Markup {
    html! {
        table role="table" {
            caption.hidden { (caption) }
            thead role="rowgroup" {
                tr role="row" { @for head in heads { th role="columnheader" scope="col" { (head) } } }
            }
            tbody role="rowgroup" {
                @for row in rows {
                    tr role="row" data-tone=(row.tone.name()) {
                        @for (at, (head, cell)) in heads.iter().zip(&row.cells).enumerate() {
                            @if at == 0 {
                                th role="rowheader" scope="row" { (cell) }
                            } @else {
                                td role="cell" data-label=(head) { div { (cell) } }
                            }
                        }
                    }
                }
            }
        }
    }
}
