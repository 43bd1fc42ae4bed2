//! Writing to standard output and standard error.

use std::io::{self, Write as _};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use serde::Serialize;

use super::progress::without_spinner;
use super::wrap::{self, wrap};
use crate::outcome::Outcome;

/// How much further the continued lines of a line on standard error are indented.
const INDENT: usize = 2;

/// Sets whether the output has colours; by default on a terminal only, and as `NO_COLOR` and `CLICOLOR` say.
pub(crate) fn set_color(choice: clap::ColorChoice) {
    let choice = match choice {
        clap::ColorChoice::Auto => ColorChoice::Auto,
        clap::ColorChoice::Always => ColorChoice::Always,
        clap::ColorChoice::Never => ColorChoice::Never,
    };
    choice.write_global();
}

/// Returns the style of the word that states the outcome.
pub(super) fn style(outcome: Outcome) -> Style {
    let color = match outcome {
        Outcome::Yes => AnsiColor::Green,
        Outcome::No => AnsiColor::Red,
        _ => AnsiColor::Yellow,
    };
    color.on_default().bold()
}

pub(super) const ERROR: Style = AnsiColor::Red.on_default().bold();

/// Adds a style to the first word of a line, which must be `word`.
pub(super) fn styled(line: &str, word: &str, style: Style) -> String {
    match line.strip_prefix(word) {
        Some(rest) => format!("{style}{word}{style:#}{rest}"),
        None => line.to_owned(),
    }
}

/// Writes a message to standard error.
pub(crate) fn note(message: &str) {
    note_styled(message, "", Style::new());
}

/// Writes a message to standard error whose first line starts with a word of this style.
pub(super) fn note_styled(message: &str, word: &str, style: Style) {
    let columns = wrap::columns_of_stderr();
    let indent = |line: &str| line.len() - line.trim_start().len() + INDENT;
    let lines = message.lines().map(|line| wrap(line, indent(line), columns) + "\n");
    let text = styled(&lines.collect::<String>(), word, style);
    // A closed standard error must not stop the program.
    let _ = without_spinner(|| AutoStream::auto(io::stderr().lock()).write_all(text.as_bytes()));
}

/// Writes the result to standard output in one piece.
pub(crate) fn result(text: &str) -> io::Result<()> {
    without_spinner(|| {
        let stdout = io::stdout().lock();
        if AutoStream::choice(&stdout) == ColorChoice::Never {
            return write(stdout, &anstream::adapter::strip_str(text).to_string());
        }
        write(AutoStream::auto(stdout), text)
    })
}

/// Writes a line about an event: what stands before it, and what happened, whose first word has the colour of the outcome.
pub(crate) fn event(before: &str, outcome: Outcome, what: &str) -> io::Result<()> {
    let line = wrap(&format!("{before}{what}"), before.chars().count(), wrap::columns());
    let (word, style) = (what.split(' ').next().unwrap_or_default(), style(outcome));
    // The line may be broken before the word.
    let start = before.trim_end().len();
    let place = line.get(start..).and_then(|rest| rest.find(word)).map(|place| start + place);
    let (head, tail) = line.split_at(place.unwrap_or_default());
    result(&format!("{head}{}\n", styled(tail, word, style)))
}

fn write(mut stdout: impl io::Write, text: &str) -> io::Result<()> {
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

/// Writes the result as one JSON object on one line, with the outcome.
pub(crate) fn json(outcome: Outcome, value: &impl Serialize) -> io::Result<()> {
    json_line(&Object { outcome, value })
}

/// Writes one of several JSON objects, on one line.
pub(crate) fn json_line(value: &impl Serialize) -> io::Result<()> {
    let text = format!("{}\n", serde_json::to_string(value)?);
    without_spinner(|| write(io::stdout().lock(), &text))
}

/// Writes a JSON object to standard error, on one line. A closed standard error must not stop the program.
pub(crate) fn json_note(value: &impl Serialize) {
    if let Ok(text) = serde_json::to_string(value) {
        let _ = without_spinner(|| io::stderr().lock().write_all(format!("{text}\n").as_bytes()));
    }
}

#[derive(Serialize)]
struct Object<'a, T> {
    outcome: Outcome,
    #[serde(flatten)]
    value: &'a T,
}
