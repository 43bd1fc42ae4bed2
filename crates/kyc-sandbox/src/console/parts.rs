//! Pieces that several pages have.

use kyc_core::Timestamp;
use maud::{Markup, html};

use super::words::{PartWords, Words};
use super::{MAX_ROWS, Section, View};

/// A row of a table.
pub(super) struct Row {
    /// Stable, so that a test and the script find the row again.
    pub(super) id: String,
    /// What colours the row's mark.
    pub(super) tone: Tone,
    pub(super) cells: Vec<Markup>,
}

/// How something went. It always stands beside a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    Good,
    Waiting,
    Refused,
    Failed,
    Plain,
}

impl Tone {
    fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Waiting => "waiting",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Plain => "plain",
        }
    }
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
                    tr role="row" id=(row.id) data-tone=(row.tone.name()) {
                        @for (head, cell) in heads.iter().zip(&row.cells) {
                            td role="cell" data-label=(head) { div { (cell) } }
                        }
                    }
                }
            }
        }
    }
}

/// The note below a table that shows only the newest rows.
pub(super) fn more(words: &PartWords, shown: usize, json: &str) -> Markup {
    html! {
        @if shown >= MAX_ROWS {
            p.more { ((words.newest)(MAX_ROWS)) " " a href=(json) { (words.all_as_json) } }
        }
    }
}

pub(super) fn chip(tone: Tone, text: &str) -> Markup {
    html! { span class={ "chip " (tone.name()) } { (text) } }
}

/// The time of day in UTC, and the whole instant for a machine.
pub(super) fn time(at: Timestamp) -> Markup {
    let text = at.to_rfc3339();
    let shown = text.get(11..19).unwrap_or(&text);
    html! { time datetime=(text) { (shown) } }
}

/// The day and the time of day, in UTC.
pub(super) fn day_and_time(at: Timestamp) -> Markup {
    let text = at.to_rfc3339();
    let shown = text.get(..19).unwrap_or(&text).replace('T', " ");
    html! { time datetime=(text) { (shown) } }
}

/// A text to copy. The button appears once the script runs.
pub(super) fn copyable(words: &PartWords, id: &str, label: &str, text: &str) -> Markup {
    html! {
        div.copyable {
            div.head {
                span id={ (id) "-label" } { (label) }
                button.copy type="button" hidden data-copy=(id) aria-describedby={ (id) "-label" } {
                    (words.copy)
                }
            }
            pre tabindex="0" aria-labelledby={ (id) "-label" } { code id=(id) { (text) } }
        }
    }
}

/// A short text in a line, such as a CPF, with its button.
pub(super) fn copyable_word(words: &PartWords, id: &str, text: &str) -> Markup {
    html! {
        span.word {
            code id=(id) { (text) }
            button.copy type="button" hidden data-copy=(id) aria-label={ (words.copy) " " (text) } { (words.copy) }
        }
    }
}

/// A form of a section. `action` tells the section's forms apart.
pub(super) fn form(section: Section, action: &str, content: &Markup) -> Markup {
    html! {
        form method="post" action=(section.action()) id={ (section.name()) "-" (action) } {
            input type="hidden" name="action" value=(action);
            (content)
        }
    }
}

/// A text field with its label and what to know about it.
pub(super) struct Input<'a> {
    pub(super) name: &'a str,
    pub(super) label: &'a str,
    pub(super) hint: &'a str,
    /// `text`, `url` or `number`.
    pub(super) kind: &'a str,
    pub(super) required: bool,
}

impl Input<'_> {
    pub(super) fn shown(&self, view: &View, usual: &str) -> Markup {
        let Self { name, label, hint, kind, required } = *self;
        let value = view.fields.given(name).unwrap_or(usual);
        let hint_id = (!hint.is_empty()).then(|| format!("{name}-hint"));
        let is_number = kind == "number";
        html! {
            div.field {
                label for=(name) { (label) }
                input id=(name) name=(name) type=(kind) value=(value) required[required]
                    step=[is_number.then_some("any")] min=[is_number.then_some("0")]
                    aria-describedby=[hint_id.as_deref()] autocomplete="off" spellcheck="false";
                @if let Some(id) = &hint_id { p.hint id=(id) { (hint) } }
            }
        }
    }
}

/// A selection with its label.
pub(super) fn select(name: &str, label: &str, options: &Markup) -> Markup {
    html! { div.field { label for=(name) { (label) } select id=(name) name=(name) { (options) } } }
}

pub(super) fn checkbox(view: &View, name: &str, label: &str) -> Markup {
    html! {
        div.check {
            input id=(name) name=(name) type="checkbox" value="yes" checked[view.fields.has(name)];
            label for=(name) { (label) }
        }
    }
}

/// Links to the same page about each vendor.
pub(super) fn vendor_tabs(view: &View, section: Section, current: &str) -> Markup {
    html! {
        nav.tabs aria-label=(view.words.parts.vendor) {
            ul {
                @for vendor in view.console.vendors() {
                    @let facts = vendor.facts();
                    li {
                        a href={ (section.path()) "?vendor=" (facts.key) }
                            aria-current=[(facts.key == current).then_some("true")] { (facts.title) }
                    }
                }
            }
        }
    }
}

/// A CPF or CNPJ of which only the end is shown.
pub(super) fn masked(number: &str) -> String {
    const SHOWN: usize = 3;
    let length = number.chars().count();
    let hidden = if length < 3 * SHOWN { length } else { length - SHOWN };
    number.chars().enumerate().map(|(at, digit)| if at < hidden { '•' } else { digit }).collect()
}

/// What a section shows instead of an empty table.
pub(super) fn nothing(words: &Words, text: &str) -> Markup {
    html! { p.nothing lang=(words.lang.tag()) { (text) } }
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn only_the_end_of_a_number_is_shown() {
        assert_eq!(masked("90000000094"), "••••••••094");
        assert_eq!(masked("12345"), "•••••");
        assert_eq!(masked("ábcdéfghí"), "••••••ghí");
        assert_eq!(masked(""), "");
    }
}
