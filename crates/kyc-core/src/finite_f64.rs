//! Finite numbers with equality and order: scores, similarities, percentages.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use crate::lenient::{JsonType, ParseLenient};

/// A finite number, such as a score. Unlike `f64` it implements `Eq`, `Ord` and `Hash`.
///
/// ```
/// use kyc_core::{FiniteF64, Lenient};
/// let score: Lenient<FiniteF64> = serde_json::from_str("\"0.56069\"")?;
/// assert_eq!(score.get().map(|score| score.get()), Some(0.56069));
/// assert_eq!(score.text(), "0.56069");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct FiniteF64(f64);

impl FiniteF64 {
    /// Creates a number; `None` if the value is infinite or NaN.
    #[must_use]
    pub fn new(value: f64) -> Option<Self> {
        // Adding zero turns -0 into 0.
        value.is_finite().then_some(Self(value + 0.0))
    }

    /// Returns the number.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }
}

impl PartialEq for FiniteF64 {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for FiniteF64 {}

impl PartialOrd for FiniteF64 {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for FiniteF64 {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl Hash for FiniteF64 {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.to_bits().hash(state);
    }
}

impl fmt::Debug for FiniteF64 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Display for FiniteF64 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl ParseLenient for FiniteF64 {
    const JSON_TYPE: JsonType = JsonType::Number;

    /// Parses `0.56`, `56` and `56%`, which is 56.
    fn parse_lenient(text: &str) -> Option<Self> {
        let text = text.trim();
        let number = text.strip_suffix('%').map_or(text, str::trim_end);
        // Excludes `inf` and `NaN`, which `f64` parses.
        let is_number =
            number.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '-' | '.'));
        number.parse().ok().filter(|_| is_number).and_then(Self::new)
    }

    fn to_text(&self) -> String {
        self.0.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_percentages_are_parsed() {
        let read = |text| FiniteF64::parse_lenient(text).map(FiniteF64::get);
        assert_eq!(read("0.9667247"), Some(0.966_724_7));
        assert_eq!(read(" 97 % "), Some(97.0));
        assert_eq!(read("-0"), Some(0.0));
        assert_eq!(FiniteF64::new(-0.0), FiniteF64::new(0.0));
        for text in ["", "high", "NaN", "inf", "-inf", "1e999", "0,5"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
