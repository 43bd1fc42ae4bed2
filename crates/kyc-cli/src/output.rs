//! What the program prints: results and errors, for people and as JSON.

mod failure;
mod help;
mod next_steps;
mod progress;
mod rows;
mod stream;
mod text;
mod wrap;

pub(crate) use failure::{fail, unsaved};
pub(crate) use help::help;
pub(crate) use progress::Progress;
pub(crate) use rows::Rows;
pub(crate) use stream::{json, note, result};
pub(crate) use text::{percent, printable, scrub, visible};
pub(crate) use wrap::columns;
