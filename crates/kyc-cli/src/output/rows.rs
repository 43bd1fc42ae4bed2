//! Rows of names and values, and tables below them.

use std::io;

use anstyle::Style;

use super::stream;
use super::wrap::{columns, wrap};
use crate::messages::{Lang, text};
use crate::outcome::Outcome;

/// Returns the width of the column of names, with the space after it.
fn name_width() -> usize {
    match text().lang {
        Lang::En => 13,
        Lang::Pt => 15,
    }
}

/// The widest cell that other cells are aligned with.
const MAX_CELL_WIDTH: usize = 44;

/// The indentation of continued lines of a table.
const TABLE_INDENT: usize = 4;

/// Rows of names and values, aligned.
#[derive(Debug, Default)]
pub(crate) struct Rows(Vec<Line>);

#[derive(Debug)]
struct Line {
    text: String,
    /// The style of the word that it starts with.
    style: Option<(String, Style)>,
    /// The indentation of its continued lines.
    indent: usize,
}

impl Rows {
    pub(crate) fn row(mut self, name: &str, value: impl AsRef<str>) -> Self {
        self.0.push(Line::of(name, value.as_ref()));
        self
    }

    /// Adds a line with a name of any length.
    pub(crate) fn line(mut self, name: &str, value: &str) -> Self {
        let text = if value.is_empty() { name.to_owned() } else { format!("{name}: {value}") };
        self.0.push(Line { text, style: None, indent: TABLE_INDENT });
        self
    }

    /// Adds the line of a check: its status, its name and what was found.
    pub(crate) fn check(mut self, outcome: Outcome, status: &str, name: &str, value: &str) -> Self {
        let text = format!("  {status:<8}  {name:<13}  {value}");
        let style = Some((format!("  {status}"), stream::style(outcome)));
        self.0.push(Line { text, style, indent: 27 });
        self
    }

    /// Adds the line with the verdict.
    pub(crate) fn headline(mut self, outcome: Outcome, name: &str, value: impl AsRef<str>) -> Self {
        let style = Some((name.to_owned(), stream::style(outcome)));
        self.0.push(Line { style, ..Line::of(name, value.as_ref()) });
        self
    }

    pub(crate) fn optional(self, name: &str, value: Option<impl AsRef<str>>) -> Self {
        match value {
            Some(value) => self.row(name, value),
            None => self,
        }
    }

    /// Adds indented lines of several columns. Each column is as wide as its longest cell, up to a maximum.
    pub(crate) fn table<const N: usize>(mut self, lines: &[[String; N]]) -> Self {
        let width = |column: usize| {
            let cells = lines.iter().filter_map(|line| line.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or_default().min(MAX_CELL_WIDTH)
        };
        let widths: [usize; N] = std::array::from_fn(width);
        for line in lines {
            let cells = line.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
            let text = format!("  {}", cells.collect::<Vec<_>>().join("  ").trim_end());
            self.0.push(Line { text, style: None, indent: TABLE_INDENT });
        }
        self
    }

    /// Adds a line as it is.
    pub(crate) fn text(mut self, text: String) -> Self {
        self.0.push(Line { text, style: None, indent: TABLE_INDENT });
        self
    }

    /// Adds a line that says more of the table's line before it.
    pub(crate) fn detail(mut self, words: &str) -> Self {
        let text = format!("{:TABLE_INDENT$}{words}", "");
        self.0.push(Line { text, style: None, indent: TABLE_INDENT });
        self
    }

    /// Inserts a first line that says that no vendor was called, and how the result came about.
    pub(crate) fn simulated(mut self, how: Option<&str>) -> Self {
        if let Some(how) = how {
            let name = text().rows.simulated;
            let style = Some((name.to_owned(), stream::style(Outcome::Unclear)));
            self.0.insert(0, Line { style, ..Line::of(name, how) });
        }
        self
    }

    pub(crate) fn print(self) -> io::Result<()> {
        let columns = columns();
        let lines = self.0.iter().map(|line| {
            let wrapped = wrap(&line.text, line.indent, columns) + "\n";
            match &line.style {
                Some((word, style)) => stream::styled(&wrapped, word, *style),
                None => wrapped,
            }
        });
        stream::result(&lines.collect::<String>())
    }
}

impl Line {
    fn of(name: &str, value: &str) -> Self {
        let indent = name_width();
        let width = indent - 1;
        Self { text: format!("{name:<width$} {value}"), style: None, indent }
    }
}
