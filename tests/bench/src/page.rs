//! The page: a table of figures with their bounds, the methods, and the machine.

use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use comfy_table::{Table, presets::ASCII_MARKDOWN};

use crate::meter::Pairs;
use crate::rows::{Bound, Comparison, Quantity, Row};

/// A median, and the quartiles around it.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Spread {
    low: f64,
    median: f64,
    high: f64,
}

impl Spread {
    fn of(values: impl Iterator<Item = f64>) -> Result<Self> {
        let mut sorted: Vec<_> = values.collect();
        ensure!(!sorted.is_empty(), "no measurements");
        ensure!(sorted.iter().all(|value| value.is_finite()), "a measurement is not a finite number");
        sorted.sort_by(f64::total_cmp);
        let quantile = |part: f64| {
            let rank = part * (sorted.len() - 1) as f64;
            let (below, above) = (sorted[rank.floor() as usize], sorted[rank.ceil() as usize]);
            below + (above - below) * rank.fract()
        };
        Ok(Self { low: quantile(0.25), median: quantile(0.5), high: quantile(0.75) })
    }
}

impl Quantity {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Heap => "heap",
            Self::Time => "time",
            Self::P50 => "p50",
            Self::P99 => "p99",
        }
    }

    /// Three significant digits.
    fn show(self, value: f64) -> String {
        let scales: &[(f64, &str)] = match self {
            Self::Heap => &[(1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1.0, "B")],
            _ => &[(1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")],
        };
        let last = scales[scales.len() - 1];
        let (scale, name) = scales.iter().copied().find(|(scale, _)| value >= *scale).unwrap_or(last);
        let scaled = value / scale;
        let digits = match scaled {
            _ if name == "B" => 0,
            100.0.. => 0,
            10.0.. => 1,
            _ => 2,
        };
        format!("{scaled:.digits$} {name}")
    }
}

impl Row {
    /// Returns the figures, the bound, and whether it holds.
    fn cells(&self, pairs: &Pairs) -> Result<([String; 4], bool)> {
        let ours = Spread::of(pairs.iter().map(|[ours, _]| *ours))?;
        let theirs = Spread::of(pairs.iter().map(|[_, theirs]| *theirs))?;
        // Load on the machine slows down both sides of a pair.
        let ratio = Spread::of(pairs.iter().map(|[ours, theirs]| ours / theirs))?;
        let (bound, holds) = match self.bound {
            Bound::Ratio(most) => (format!("ratio ≤ {most:.2}"), ratio.median <= most),
            Bound::More(most) => {
                let more = Spread::of(pairs.iter().map(|[ours, theirs]| ours - theirs))?;
                (format!("ours ≤ reference + {}", self.quantity.show(most)), more.median <= most)
            }
            Bound::Each(most) => {
                (format!("ours ≤ {}", self.quantity.show(most)), pairs.iter().all(|[ours, _]| *ours <= most))
            }
            Bound::Shown => ("none".to_owned(), true),
        };
        let show = |spread: Spread| self.quantity.show(spread.median);
        let quartiles = format!("{:.2} ({:.2}–{:.2})", ratio.median, ratio.low, ratio.high);
        Ok(([show(ours), show(theirs), quartiles, bound], holds))
    }
}

/// The table and the methods of the comparisons.
pub(crate) struct Page {
    table: Table,
    methods: String,
    /// The names of the rows whose bound does not hold.
    pub(crate) missed: Vec<String>,
}

impl Default for Page {
    fn default() -> Self {
        let mut table = Table::new();
        table.load_style(ASCII_MARKDOWN);
        table.set_header(["measurement", "ours", "reference", "ratio (quartiles)", "bound", "holds"]);
        Self { table, methods: String::new(), missed: Vec::new() }
    }
}

impl Page {
    /// Adds the measurements of a comparison: those of each of its rows.
    pub(crate) fn add(&mut self, comparison: &Comparison, measured: &[Pairs]) -> Result<()> {
        for (row, pairs) in comparison.rows.iter().zip(measured) {
            let name = format!("{}-{}", comparison.name, row.quantity.name());
            let (cells, holds) = row.cells(pairs).with_context(|| format!("in {name}"))?;
            let what = format!("{} `{name}`", row.what);
            let holds_cell = match (row.bound, holds) {
                (Bound::Shown, _) => "-",
                (_, true) => "yes",
                (_, false) => "**no**",
            };
            self.table.add_row([what].into_iter().chain(cells).chain([holds_cell.to_owned()]));
            if !holds {
                self.missed.push(name);
            }
        }
        Ok(write!(self.methods, "\n### {}\n\n{}\n", comparison.name, comparison.method)?)
    }

    pub(crate) fn render(&self) -> Result<String> {
        Ok(format!("{HEAD}\n{}\n\nMeasured on {}.\n\n{METHOD}{}", self.table, machine()?, self.methods))
    }
}

const HEAD: &str = include_str!("head.md");
const METHOD: &str = include_str!("method.md");

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
        let shown = [1.5, 0.0123, 45.678e-6, 82e-9, 999.0].map(|value| Quantity::Cpu.show(value));
        assert_eq!(shown, ["1.50 s", "12.3 ms", "45.7 µs", "82.0 ns", "999 s"]);
        let shown = [0.0, 512.0, 131_072.0, 1e6, 21.3e6, 1.37e9].map(|value| Quantity::Heap.show(value));
        assert_eq!(shown, ["0 B", "512 B", "131 kB", "1.00 MB", "21.3 MB", "1.37 GB"]);
    }

    #[test]
    fn medians_and_quartiles_are_interpolated() {
        let spread = |values: &[f64]| Spread::of(values.iter().copied()).unwrap();
        assert_eq!(spread(&[4.0, 1.0, 2.0, 3.0]), Spread { low: 1.75, median: 2.5, high: 3.25 });
        assert_eq!(spread(&[1.0, 2.0, 3.0, 4.0, 1e9]), Spread { low: 2.0, median: 3.0, high: 4.0 });
        assert_eq!(spread(&[7.0]), Spread { low: 7.0, median: 7.0, high: 7.0 });
        assert!(Spread::of([].into_iter()).is_err());
        assert!(Spread::of([f64::NAN].into_iter()).is_err());
    }

    #[test]
    fn bounds_apply_to_the_median_ratio_or_to_each_figure_of_ours() {
        let cells = |quantity, bound, pairs: &[[f64; 2]]| {
            Row { what: "", quantity, bound }.cells(&pairs.to_vec()).unwrap()
        };
        // The machine was ten times slower during the second pair.
        let pairs = [[1.0, 2.0], [10.0, 20.0], [9.0, 2.0]];
        let (found, holds) = cells(Quantity::Cpu, Bound::Ratio(0.5), &pairs);
        assert_eq!(found, ["9.00 s", "2.00 s", "0.50 (0.50–2.50)", "ratio ≤ 0.50"]);
        assert!(holds && !cells(Quantity::Cpu, Bound::Ratio(0.49), &pairs).1);
        let (found, holds) = cells(Quantity::P50, Bound::More(0.002), &[[0.003, 0.001], [0.1, 0.001]]);
        assert_eq!((found[3].as_str(), holds), ("ours ≤ reference + 2.00 ms", false));
        assert!(cells(Quantity::P50, Bound::More(0.002), &[[0.003, 0.001]; 3]).1);
        let (found, holds) = cells(Quantity::Heap, Bound::Each(1e6), &[[1e5, 1e6], [1e6, 1e6]]);
        assert_eq!(found[3], "ours ≤ 1.00 MB");
        assert!(holds && !cells(Quantity::Heap, Bound::Each(1e6), &[[1e5, 1e6], [2e6, 1e6]]).1);
    }
}
