//! Answers with three states, and the rules that a vendor's responses are judged by.
//!
//! What is unread, unknown, missing or contradictory never speaks in the applicant's favour. `Option<bool>` cannot hold that:
//! where `None` is taken for "no objection", it does.

use std::fmt;

use crate::lenient::Lenient;

/// What a vendor decided about two faces.
///
/// ```
/// use kyc_core::Verdict;
/// let admit = |verdict: Verdict| match verdict {
///     Verdict::Match => true,
///     // No match and no clear result alike; a list that grows is no reason to admit anybody.
///     _ => false,
/// };
/// assert!(!admit(Verdict::Inconclusive));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use]
#[non_exhaustive]
pub enum Verdict {
    /// The faces are of one person, at the rate that was asked for.
    Match,
    /// The faces are not of one person, or not surely enough.
    NoMatch,
    /// The response is missing, unreadable or contradictory where it should decide: nobody knows.
    Inconclusive,
}

impl Verdict {
    /// Whether the faces are of one person. `false` if nobody knows.
    #[must_use]
    pub fn is_match(self) -> bool {
        self == Self::Match
    }

    /// Returns the verdict as a word for logs, metrics and JSON: `no_match`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Match => "match",
            Self::NoMatch => "no_match",
            Self::Inconclusive => "inconclusive",
        }
    }
}

impl fmt::Display for Verdict {
    /// Writes the [`name`](Self::name).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The answer to a question of yes or no.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[must_use]
#[non_exhaustive]
pub enum Finding {
    /// Yes, and it can be read.
    Yes,
    /// No, and it can be read.
    No,
    /// Absent, unreadable or contradictory.
    #[default]
    Unclear,
}

impl Finding {
    /// Reads a leaf: absent and unread are both unclear.
    pub fn of(leaf: Option<&Lenient<bool>>) -> Self {
        match leaf.and_then(Lenient::get) {
            Some(true) => Self::Yes,
            Some(false) => Self::No,
            None => Self::Unclear,
        }
    }

    /// Joins what several places of one response say: they must agree, and one that cannot be read makes the whole unclear.
    /// Without any place it is unclear.
    pub fn agreed(places: impl IntoIterator<Item = Self>) -> Self {
        let mut places = places.into_iter();
        let Some(first) = places.next() else { return Self::Unclear };
        if places.all(|place| place == first) { first } else { Self::Unclear }
    }

    /// Whether the answer is yes. `false` if nobody knows.
    #[must_use]
    pub fn is_yes(self) -> bool {
        self == Self::Yes
    }

    /// Whether the answer is no. `false` if nobody knows.
    #[must_use]
    pub fn is_no(self) -> bool {
        self == Self::No
    }

    /// Returns the finding as a word for logs and JSON: `unclear`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unclear => "unclear",
        }
    }
}

impl fmt::Display for Finding {
    /// Writes the [`name`](Self::name).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl From<Option<bool>> for Finding {
    fn from(answer: Option<bool>) -> Self {
        match answer {
            Some(true) => Self::Yes,
            Some(false) => Self::No,
            None => Self::Unclear,
        }
    }
}

/// How one capability of a vendor judges a response: which leaves decide, and what the judgement is.
///
/// Each vendor's crate lists its rules in `VERDICT_RULES`, beside the code that they describe. Tests change each leaf of each
/// documented payload and hold the code to the list.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct VerdictRule {
    /// The capability, such as `face match`.
    pub capability: &'static str,
    /// The operations whose responses are judged, by the vendor's own words.
    pub operations: &'static [&'static str],
    /// The leaves that decide.
    pub leaves: &'static [DecisiveLeaf],
    /// Judges a response body.
    pub judge: fn(&[u8]) -> Judgement,
    /// Payloads in the documented shape besides the documented ones, such as a favourable one where the page prints
    /// placeholders.
    pub samples: &'static [&'static str],
}

impl VerdictRule {
    /// Creates a rule.
    #[must_use]
    pub const fn new(
        capability: &'static str,
        operations: &'static [&'static str],
        leaves: &'static [DecisiveLeaf],
        judge: fn(&[u8]) -> Judgement,
    ) -> Self {
        Self { capability, operations, leaves, judge, samples: &[] }
    }

    /// Adds payloads to try besides the documented ones.
    #[must_use]
    pub const fn with_samples(mut self, samples: &'static [&'static str]) -> Self {
        self.samples = samples;
        self
    }
}

/// A leaf that decides, by its key in any object of the response, and the values that speak in the applicant's favour.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct DecisiveLeaf {
    /// The key, as the vendor prints it; any of its spellings counts.
    pub keys: &'static [&'static str],
    /// The favourable values, as text and without regard to case.
    pub favourable: &'static [&'static str],
}

impl DecisiveLeaf {
    /// Creates a leaf.
    #[must_use]
    pub const fn new(keys: &'static [&'static str], favourable: &'static [&'static str]) -> Self {
        Self { keys, favourable }
    }
}

/// What a response comes to, as far as a program may act on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Judgement {
    /// In the applicant's favour: a match, alive, valid, regular.
    Favourable,
    /// Against the applicant.
    Unfavourable,
    /// Not decided yet, or nobody knows.
    Open,
}

impl From<Verdict> for Judgement {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Match => Self::Favourable,
            Verdict::NoMatch => Self::Unfavourable,
            Verdict::Inconclusive => Self::Open,
        }
    }
}

impl From<Finding> for Judgement {
    /// For questions whose yes is favourable.
    fn from(finding: Finding) -> Self {
        match finding {
            Finding::Yes => Self::Favourable,
            Finding::No => Self::Unfavourable,
            Finding::Unclear => Self::Open,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_is_unclear() {
        assert_eq!(Finding::of(None), Finding::Unclear);
        assert_eq!(Finding::of(Some(&Lenient::new("talvez"))), Finding::Unclear);
        assert_eq!(Finding::of(Some(&Lenient::new("Não"))), Finding::No);
        assert_eq!(Finding::agreed([]), Finding::Unclear);
        assert_eq!(Finding::agreed([Finding::No, Finding::No]), Finding::No);
        assert_eq!(Finding::agreed([Finding::No, Finding::Unclear]), Finding::Unclear);
        assert_eq!(Finding::agreed([Finding::No, Finding::Yes]), Finding::Unclear);
    }
}
