//! Writing to standard output and standard error.

use std::io::{self, Write as _};

use serde::Serialize;

use super::wrap::{self, wrap};
use crate::outcome::Outcome;

/// The indentation of continued lines on standard error.
const INDENT: usize = 2;

/// Writes a message to standard error.
pub(crate) fn note(message: &str) {
    let columns = wrap::columns_of_stderr();
    // A closed standard error must not stop the program.
    let _ = message.lines().try_for_each(|line| writeln!(io::stderr(), "{}", wrap(line, INDENT, columns)));
}

/// Writes the result to standard output in one piece.
pub(crate) fn result(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

/// Writes the result as one JSON object on one line, with the outcome.
pub(crate) fn json(outcome: Outcome, value: &impl Serialize) -> io::Result<()> {
    result(&format!("{}\n", serde_json::to_string(&Object { outcome, value })?))
}

#[derive(Serialize)]
struct Object<'a, T> {
    outcome: Outcome,
    #[serde(flatten)]
    value: &'a T,
}
