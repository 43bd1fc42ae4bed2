//! The confirmation of a reset.

use maud::html;

use super::parts;
use super::section::{Body, Live, Section};
use super::{Console, Done, View};

const HERE: Section = Section::Reset;

pub(super) fn body(view: &View) -> Body {
    let words = &view.words.reset;
    let form = html! {
        button.danger { (words.confirm) } " "
        a.button href=(Section::Requests.path()) { (words.cancel) }
    };
    Body { forms: parts::form(HERE, "reset", &form), live: Live::default(), rest: html! {} }
}

pub(super) fn perform(console: &Console) -> Done {
    console.context.reset();
    *console.registered() = None;
    Done::new(Section::Requests, "reset")
}
