//! Measured series and their statistics.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

/// Series of measurements by name. The n-th values of two interleaved series form a pair.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Samples(BTreeMap<String, Vec<f64>>);

impl Samples {
    pub(crate) fn push(&mut self, series: impl Into<String>, value: f64) {
        self.0.entry(series.into()).or_default().push(value);
    }

    pub(crate) fn series(&self, name: &str) -> Result<&[f64]> {
        let series = self.0.get(name).with_context(|| format!("no measurements of {name}"))?;
        Ok(series)
    }

    /// Appends the series of another process.
    pub(crate) fn merge(&mut self, other: Self) {
        for (name, values) in other.0 {
            self.0.entry(name).or_default().extend(values);
        }
    }
}

/// A median, and the quartiles around it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spread {
    pub(crate) low: f64,
    pub(crate) median: f64,
    pub(crate) high: f64,
}

impl Spread {
    pub(crate) fn of(values: &[f64]) -> Result<Self> {
        ensure!(!values.is_empty(), "no measurements");
        ensure!(values.iter().all(|value| value.is_finite()), "a measurement is not a finite number");
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        Ok(Self {
            low: quantile(&sorted, 0.25),
            median: quantile(&sorted, 0.5),
            high: quantile(&sorted, 0.75),
        })
    }

    /// The spread of the quotients of the pairs, which are independent of load that slows down both sides.
    pub(crate) fn of_ratios(ours: &[f64], theirs: &[f64]) -> Result<Self> {
        ensure!(
            ours.len() == theirs.len(),
            "{} measurements and {} of the reference",
            ours.len(),
            theirs.len()
        );
        let ratios: Vec<_> = ours.iter().zip(theirs).map(|(ours, theirs)| ours / theirs).collect();
        Self::of(&ratios)
    }
}

/// Interpolates linearly between two ranks.
fn quantile(sorted: &[f64], part: f64) -> f64 {
    let rank = part * (sorted.len() - 1) as f64;
    let (below, above) = (sorted[rank.floor() as usize], sorted[rank.ceil() as usize]);
    below + (above - below) * rank.fract()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn median(values: &[f64]) -> f64 {
        Spread::of(values).unwrap().median
    }

    #[test]
    fn medians_of_odd_even_and_single_series() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
        assert_eq!(median(&[7.0]), 7.0);
    }

    #[test]
    fn an_outlier_does_not_change_the_median() {
        let spread = Spread::of(&[1.0, 2.0, 3.0, 4.0, 1e9]).unwrap();
        assert_eq!(spread, Spread { low: 2.0, median: 3.0, high: 4.0 });
    }

    #[test]
    fn ratios_are_taken_pair_by_pair() {
        // The machine was ten times slower during the second pair.
        let spread = Spread::of_ratios(&[1.0, 10.0, 1.0], &[2.0, 20.0, 2.0]).unwrap();
        assert_eq!(spread, Spread { low: 0.5, median: 0.5, high: 0.5 });
    }

    #[test]
    fn missing_measurements_are_errors() {
        assert!(Spread::of(&[]).is_err());
        assert!(Spread::of_ratios(&[1.0], &[]).is_err());
        assert!(Spread::of_ratios(&[0.0], &[0.0]).is_err());
        assert!(Samples::default().series("ours").is_err());
    }

    #[test]
    fn samples_survive_serialization() {
        let mut samples = Samples::default();
        samples.push("ours.wall", 0.5);
        let text = serde_json::to_string(&samples).unwrap();
        let mut both: Samples = serde_json::from_str(&text).unwrap();
        both.merge(samples);
        assert_eq!(both.series("ours.wall").unwrap(), [0.5, 0.5]);
    }
}
