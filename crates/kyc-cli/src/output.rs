//! What the program prints: results and errors, for people and as JSON.

mod failure;
mod grid;
mod help;
mod next_steps;
mod progress;
mod rows;
mod stream;
mod text;
mod wrap;

pub(crate) use failure::{fail, message_for_people, unsaved, wrong};
pub(crate) use grid::{Grid, GridLine};
pub(crate) use help::{help, help_columns, help_line};
pub(crate) use next_steps::is_public;
pub(crate) use progress::Progress;
pub(crate) use rows::Rows;
pub(crate) use stream::{event, json, json_line, json_note, note, result, set_color};
pub(crate) use text::{field_words, grouped, percent, printable, scrub, visible};
