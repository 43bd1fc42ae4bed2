//! Numbers that are compared and ordered: scores, similarities, percentages.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use crate::lenient::{FromText, Shape};

/// A finite number, such as a score. Unlike a bare `f64` it has an order and equality.
///
/// ```
/// use kyc_core::{Decimal, Lenient};
/// let score: Lenient<Decimal> = serde_json::from_str("\"0.56069\"")?;
/// assert_eq!(score.get().map(|score| score.get()), Some(0.56069));
/// assert_eq!(score.text(), "0.56069");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct Decimal(f64);

impl Decimal {
    /// A number, unless it is infinite or none.
    #[must_use]
    pub fn new(value: f64) -> Option<Self> {
        // Adding zero makes -0 and 0 one number.
        value.is_finite().then_some(Self(value + 0.0))
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Decimal {}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl Hash for Decimal {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.to_bits().hash(state);
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl FromText for Decimal {
    const SHAPE: Shape = Shape::Number;

    /// `0.56`, `56`, and `56%`, which is 56.
    fn from_text(text: &str) -> Option<Self> {
        let text = text.trim();
        let number = text.strip_suffix('%').map_or(text, str::trim_end);
        // No `inf`, no `NaN`: a number begins like one.
        let is_number =
            number.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '-' | '.'));
        number.parse().ok().filter(|_| is_number).and_then(Self::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_texts_and_percentages() {
        let read = |text| Decimal::from_text(text).map(Decimal::get);
        assert_eq!(read("0.9667247"), Some(0.966_724_7));
        assert_eq!(read(" 97 % "), Some(97.0));
        assert_eq!(read("-0"), Some(0.0));
        assert_eq!(Decimal::new(-0.0), Decimal::new(0.0));
        for text in ["", "high", "NaN", "inf", "-inf", "1e999", "0,5"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
