//! A table that has a column for each of several vendors, and a block for each line where the terminal is too narrow.

use super::rows::Rows;
use super::wrap::columns;

/// What stands between two columns.
const GAP: usize = 2;

/// The table.
#[derive(Debug, Default)]
pub(crate) struct Grid {
    /// The names of the columns: of the lines, of each cell, of the result.
    pub(crate) head: Vec<String>,
    pub(crate) lines: Vec<GridLine>,
}

/// A line of the table.
#[derive(Debug, Default)]
pub(crate) struct GridLine {
    pub(crate) name: String,
    /// One for each column; `None` where there is nothing to say.
    pub(crate) cells: Vec<Option<String>>,
    pub(crate) result: String,
    /// What stands behind the result, if there is room.
    pub(crate) remark: Option<String>,
    /// What stands below it.
    pub(crate) details: Vec<String>,
}

impl Grid {
    /// Adds the table to rows, as wide as the terminal allows.
    pub(crate) fn add_to(&self, rows: Rows) -> Rows {
        let table: Vec<_> =
            std::iter::once(self.head.clone()).chain(self.lines.iter().map(GridLine::texts)).collect();
        let width = |at: usize| table.iter().filter_map(|line| line.get(at)).map(|text| length(text)).max();
        let widths: Vec<_> = (0..self.head.len()).map(|at| width(at).unwrap_or_default()).collect();
        let whole = widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1);
        if columns().is_some_and(|columns| whole > columns) {
            return self.lines.iter().fold(rows, |rows, line| line.block(&self.head, rows));
        }
        let rows = rows.text(padded(&table[0], &widths));
        self.lines.iter().zip(&table[1..]).fold(rows, |rows, (line, texts)| {
            let text = padded(texts, &widths);
            let remark = line.remark.as_deref();
            let fits =
                |remark: &&str| columns().is_none_or(|columns| whole + GAP + length(remark) <= columns);
            let rows = match remark.filter(fits) {
                Some(remark) => rows.text(format!("{text:<whole$}  {remark}")),
                None => remark.into_iter().fold(rows.text(text), Rows::detail),
            };
            line.details.iter().fold(rows, |rows, detail| rows.detail(detail))
        })
    }
}

impl GridLine {
    fn texts(&self) -> Vec<String> {
        let cells = self.cells.iter().map(|cell| cell.clone().unwrap_or_else(|| "-".to_owned()));
        std::iter::once(self.name.clone()).chain(cells).chain([self.result.clone()]).collect()
    }

    fn block(&self, head: &[String], rows: Rows) -> Rows {
        let rows = rows.row(&self.name, &self.result);
        let said =
            head.iter().skip(1).zip(&self.cells).filter_map(|(name, cell)| Some((name, cell.as_ref()?)));
        let rows = said.fold(rows, |rows, (name, cell)| rows.row(&format!("  {name}"), cell));
        let below = self.remark.iter().chain(&self.details);
        below.fold(rows, |rows, detail| rows.detail(detail))
    }
}

fn padded(texts: &[String], widths: &[usize]) -> String {
    let cells = texts.iter().zip(widths).map(|(text, width)| format!("{text:<width$}"));
    cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
}

fn length(text: &str) -> usize {
    text.chars().count()
}
