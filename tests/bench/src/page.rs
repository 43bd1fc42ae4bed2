//! The page: a table of figures with their bounds, the methods, and the machine.

use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::rows::Comparison;
use crate::samples::Spread;

/// One line of the table.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// The name in messages of `--assert`.
    name: String,
    what: String,
    ours: String,
    theirs: String,
    ratio: Option<Spread>,
    bound: Option<Bound>,
}

#[derive(Clone, Debug)]
struct Bound {
    text: String,
    holds: bool,
}

/// The unit of a figure.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Unit {
    Seconds,
    Bytes,
}

impl Unit {
    /// Three significant digits.
    fn show(self, value: f64) -> String {
        let (scales, base): (&[(f64, &str)], _) = match self {
            Self::Seconds => (&[(1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")], 1e-9),
            Self::Bytes => (&[(1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1.0, "B")], 1.0),
        };
        let (scale, name) = scales
            .iter()
            .find(|(scale, _)| value >= *scale)
            .copied()
            .unwrap_or_else(|| scales.last().copied().unwrap_or((base, "")));
        let scaled = value / scale;
        let digits = if scaled >= 100.0 || (scale - 1.0).abs() < 1e-12 && matches!(self, Self::Bytes) {
            0
        } else if scaled >= 10.0 {
            1
        } else {
            2
        };
        format!("{scaled:.digits$} {name}")
    }
}

impl Row {
    /// Two interleaved series with a bound for their ratio.
    pub(crate) fn ratio(
        name: &str,
        what: &str,
        unit: Unit,
        ours: &[f64],
        theirs: &[f64],
        max_ratio: f64,
    ) -> Result<Self> {
        let ratio = Spread::of_ratios(ours, theirs)?;
        Ok(Self {
            bound: Some(Bound {
                text: format!("ratio ≤ {max_ratio:.2}"), holds: ratio.median <= max_ratio
            }),
            ..Self::compared(name, what, unit, ours, theirs)?
        })
    }

    /// Two series without a bound.
    pub(crate) fn compared(name: &str, what: &str, unit: Unit, ours: &[f64], theirs: &[f64]) -> Result<Self> {
        Ok(Self {
            theirs: unit.show(Spread::of(theirs)?.median),
            ratio: Some(Spread::of_ratios(ours, theirs)?),
            ..Self::alone(name, what, unit, ours)?
        })
    }

    /// One series, without a bound.
    pub(crate) fn alone(name: &str, what: &str, unit: Unit, ours: &[f64]) -> Result<Self> {
        ensure!(!name.contains(' '), "{name:?} is not a valid row name");
        Ok(Self {
            name: name.into(),
            what: what.into(),
            ours: unit.show(Spread::of(ours)?.median),
            theirs: "–".into(),
            ratio: None,
            bound: None,
        })
    }

    /// Adds a bound for our own figure. It applies to each measurement, not to the median.
    pub(crate) fn each_at_most(mut self, unit: Unit, ours: &[f64], most: f64) -> Self {
        let text = format!("ours ≤ {}", unit.show(most));
        self.bound = Some(Bound { text, holds: ours.iter().all(|value| *value <= most) });
        self
    }

    fn cells(&self) -> [String; 6] {
        let ratio = |ratio: &Spread| format!("{:.2} ({:.2}–{:.2})", ratio.median, ratio.low, ratio.high);
        let (bound, holds) = match &self.bound {
            Some(bound) => (bound.text.clone(), if bound.holds { "yes" } else { "**no**" }),
            None => ("none".into(), "–"),
        };
        [
            format!("{} `{}`", self.what, self.name),
            self.ours.clone(),
            self.theirs.clone(),
            self.ratio.as_ref().map_or("–".into(), ratio),
            bound,
            holds.into(),
        ]
    }
}

/// Rows and the methods of their comparisons.
#[derive(Debug, Default)]
pub(crate) struct Page {
    rows: Vec<Row>,
    methods: Vec<(&'static str, &'static str)>,
}

impl Page {
    pub(crate) fn add(&mut self, comparison: &Comparison, rows: Vec<Row>) {
        self.rows.extend(rows);
        self.methods.push((comparison.name, comparison.method));
    }

    /// Returns the names of the rows whose bound does not hold.
    pub(crate) fn missed(&self) -> Vec<&str> {
        let is_missed = |row: &&Row| row.bound.as_ref().is_some_and(|bound| !bound.holds);
        self.rows.iter().filter(is_missed).map(|row| row.name.as_str()).collect()
    }

    pub(crate) fn render(&self) -> Result<String> {
        let mut text = String::from(
            "# Benchmarks\n\n\
             <!-- Written by `cargo xtask bench`. The figures are those of one machine; the ratios are comparable. -->\n\n\
             Compares our clients with a client that an experienced engineer writes by hand over the same `reqwest`, with\n\
             the same work and the same server. `cargo xtask bench` runs the measurements and writes this page; with\n\
             `--assert` it fails if a bound does not hold.\n\n",
        );
        text.push_str(&table(
            ["measurement", "ours", "reference", "ratio (quartiles)", "bound", "holds"],
            &self.rows.iter().map(Row::cells).collect::<Vec<_>>(),
        ));
        writeln!(text, "\nMeasured on {}.\n\n{METHOD}", machine()?)?;
        for (name, method) in &self.methods {
            writeln!(text, "\n### {name}\n\n{method}")?;
        }
        Ok(text)
    }
}

const METHOD: &str = "\
## Method

All builds use the workspace's release profile. The server is a process of its own on loopback: it accepts any login,
reads an upload to its end and discards it, answers a query with a fixed transaction, and keeps connections open. Neither
side uses a proxy. Unless stated otherwise, neither uses TLS, a client runs on one thread with one warm connection, client
and server run on a core each, and the sides take turns (A B A B) within one process. *Wall* is the monotonic clock;
*user + system* is the time that the kernel charged to the client's process during that turn, without the server's work. A
figure is the median of its series; a ratio is the median of the quotients of the pairs, with their quartiles. 1 MB is
1 000 000 bytes.

The client by hand has one `reqwest::Client` with timeouts, encodes base64 with the `base64` crate's standard engine,
serialises a `serde` struct with `serde_json::to_vec`, checks the status, and decodes with `serde_json::from_slice`. It
does nothing else: no validation of requests, no retry, no token cache, no report of unknown fields.";

/// Formats a Markdown table with columns as wide as their widest cell.
fn table<const N: usize>(head: [&str; N], rows: &[[String; N]]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].as_str()).chain([head[column]]);
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<_> = (0..N).map(width).collect();
    let line = |cells: &[&str]| {
        let padded: Vec<_> =
            cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        format!("| {} |\n", padded.join(" | "))
    };
    let rule: Vec<_> = widths.iter().map(|width| "-".repeat(*width)).collect();
    let mut text = line(&head);
    text.push_str(&line(&rule.iter().map(String::as_str).collect::<Vec<_>>()));
    for row in rows {
        text.push_str(&line(&row.iter().map(String::as_str).collect::<Vec<_>>()));
    }
    text
}

/// Returns model, cores, kernel and compiler, but nothing that identifies this machine.
fn machine() -> Result<String> {
    let cpu = fs::read_to_string("/proc/cpuinfo").context("cannot read the CPU's model")?;
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")?.split(": ").nth(1));
    let kernel =
        fs::read_to_string("/proc/sys/kernel/osrelease").context("cannot read the kernel's version")?;
    let cores = std::thread::available_parallelism()?;
    let rustc = Command::new("rustc").arg("--version").output().context("cannot read rustc's version")?;
    let rustc = String::from_utf8(rustc.stdout)?;
    Ok(format!(
        "{}, {cores} cores, Linux {}, {}",
        model.unwrap_or("unknown CPU"),
        kernel.trim(),
        rustc.trim()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_three_digits_and_a_unit() {
        let shown = [1.5, 0.0123, 45.678e-6, 82e-9, 999.0].map(|value| Unit::Seconds.show(value));
        assert_eq!(shown, ["1.50 s", "12.3 ms", "45.7 µs", "82.0 ns", "999 s"]);
        let shown = [0.0, 512.0, 131_072.0, 1e6, 21.3e6, 1.37e9].map(|value| Unit::Bytes.show(value));
        assert_eq!(shown, ["0 B", "512 B", "131 kB", "1.00 MB", "21.3 MB", "1.37 GB"]);
    }

    #[test]
    fn a_bound_applies_to_the_median_ratio() {
        let row = |max_ratio| {
            Row::ratio("x-wall", "X", Unit::Seconds, &[1.0, 1.0, 9.0], &[2.0, 2.0, 2.0], max_ratio).unwrap()
        };
        assert_eq!(row(0.5).cells()[3..], ["0.50 (0.50–2.50)", "ratio ≤ 0.50", "yes"]);
        assert_eq!(row(0.49).cells()[5], "**no**");
        let page = Page { rows: vec![row(0.5), row(0.49)], methods: Vec::new() };
        assert_eq!(page.missed(), ["x-wall"]);
    }

    #[test]
    fn a_bound_on_ours_applies_to_each_measurement() {
        let row = |series: &[f64]| {
            let row = Row::alone("heap", "Heap", Unit::Bytes, series).unwrap();
            row.each_at_most(Unit::Bytes, series, 1e6).cells()[4..].to_vec()
        };
        assert_eq!(row(&[1e5, 1e6]), ["ours ≤ 1.00 MB", "yes"]);
        assert_eq!(row(&[1e5, 1e5, 2e6]), ["ours ≤ 1.00 MB", "**no**"]);
    }

    #[test]
    fn without_a_bound_nothing_is_missed() {
        let row = Row::compared("m", "M", Unit::Bytes, &[2.0], &[1.0]).unwrap();
        assert_eq!(row.cells()[3..], ["2.00 (2.00–2.00)", "none", "–"]);
        assert_eq!(Page { rows: vec![row], methods: Vec::new() }.missed(), [""; 0]);
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [["µs".to_owned(), "1".to_owned()], ["a".to_owned(), "22222".to_owned()]];
        let wanted = "| unit | n     |\n| ---- | ----- |\n| µs   | 1     |\n| a    | 22222 |\n";
        assert_eq!(table(["unit", "n"], &rows), wanted);
    }
}
