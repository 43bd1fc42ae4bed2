//! Results with three states, and the rules by which a vendor's responses are judged.
//!
//! A value that cannot be parsed, is unknown, missing or contradictory never counts in the applicant's favour. `Option<bool>`
//! does not guarantee this, because `None` is easily mistaken for "no objection".

use std::fmt;

use serde::de::DeserializeOwned;

use crate::json::decode;
use crate::lenient::Lenient;

/// A vendor's decision about two faces.
///
/// ```
/// use kyc_core::Verdict;
/// let admit = |verdict: Verdict| match verdict {
///     Verdict::Match => true,
///     // Neither `NoMatch`, `Inconclusive` nor a variant of a later release admits anyone.
///     _ => false,
/// };
/// assert!(!admit(Verdict::Inconclusive));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use]
#[non_exhaustive]
pub enum Verdict {
    /// The faces belong to the same person, at the requested false accept rate.
    Match,
    /// The faces do not belong to the same person, or the similarity is below the threshold.
    NoMatch,
    /// The decision is missing from the response, cannot be parsed or is contradictory.
    Inconclusive,
}

impl Verdict {
    /// Returns `true` for [`Match`](Self::Match) only.
    #[must_use]
    pub fn is_match(self) -> bool {
        self == Self::Match
    }

    /// Returns the name of the verdict for logs, metrics and JSON, such as `no_match`.
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

/// The result of a yes-or-no check.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[must_use]
#[non_exhaustive]
pub enum Finding {
    /// The response says yes.
    Yes,
    /// The response says no.
    No,
    /// The value is missing, cannot be parsed or is contradictory.
    #[default]
    Unclear,
}

impl Finding {
    /// Converts a leaf. A missing leaf and one that could not be parsed are both unclear.
    pub fn of(leaf: Option<&Lenient<bool>>) -> Self {
        match leaf.and_then(Lenient::get) {
            Some(true) => Self::Yes,
            Some(false) => Self::No,
            None => Self::Unclear,
        }
    }

    /// Combines the findings of several places of one response. Returns their common value if all are equal; otherwise, and
    /// for no findings at all, the result is unclear.
    pub fn agreed(places: impl IntoIterator<Item = Self>) -> Self {
        let mut places = places.into_iter();
        let Some(first) = places.next() else { return Self::Unclear };
        if places.all(|place| place == first) { first } else { Self::Unclear }
    }

    /// Returns `true` for [`Yes`](Self::Yes) only.
    #[must_use]
    pub fn is_yes(self) -> bool {
        self == Self::Yes
    }

    /// Returns `true` for [`No`](Self::No) only.
    #[must_use]
    pub fn is_no(self) -> bool {
        self == Self::No
    }

    /// Returns the name of the finding for logs and JSON, such as `unclear`.
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
    fn from(value: Option<bool>) -> Self {
        match value {
            Some(true) => Self::Yes,
            Some(false) => Self::No,
            None => Self::Unclear,
        }
    }
}

/// Describes how one capability of a vendor judges a response: the decisive leaves and the judging function.
///
/// Each vendor crate lists its rules in `VERDICT_RULES`. Tests change each leaf of each documented payload and check the
/// judging function against the list.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct VerdictRule {
    /// The capability, such as `face match`.
    pub capability: &'static str,
    /// The operations whose responses are judged, as the vendor names them.
    pub operations: &'static [&'static str],
    /// The decisive leaves.
    pub leaves: &'static [DecisiveLeaf],
    /// Judges a response body.
    pub judge: fn(&[u8]) -> Judgement,
    /// Payloads of the documented shape in addition to the documented ones, such as a favourable payload where the
    /// documentation prints placeholders.
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

    /// Sets the payloads to test in addition to the documented ones.
    #[must_use]
    pub const fn with_samples(mut self, samples: &'static [&'static str]) -> Self {
        self.samples = samples;
        self
    }
}

/// A decisive leaf: its key, in any object of the response, and the values that are in the applicant's favour.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct DecisiveLeaf {
    /// The key in all spellings that the vendor uses.
    pub keys: &'static [&'static str],
    /// The favourable values as text; case is ignored.
    pub favourable: &'static [&'static str],
}

impl DecisiveLeaf {
    /// Creates a leaf.
    #[must_use]
    pub const fn new(keys: &'static [&'static str], favourable: &'static [&'static str]) -> Self {
        Self { keys, favourable }
    }
}

/// The effect of a response on a decision about the applicant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Judgement {
    /// In the applicant's favour: a match, alive, valid, regular.
    Favourable,
    /// Against the applicant.
    Unfavourable,
    /// Not decided yet, or unclear.
    Open,
}

impl Judgement {
    /// Decodes a response and judges it. A response that cannot be decoded is open.
    pub fn of_response<T: DeserializeOwned>(body: &[u8], judge: impl FnOnce(T) -> Self) -> Self {
        decode(body).map_or(Self::Open, |decoded| judge(decoded.value))
    }
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
    /// Converts a finding for which yes is the favourable value.
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
    fn missing_unparsed_and_contradictory_values_are_unclear() {
        assert_eq!(Finding::of(None), Finding::Unclear);
        assert_eq!(Finding::of(Some(&Lenient::new("talvez"))), Finding::Unclear);
        assert_eq!(Finding::of(Some(&Lenient::new("Não"))), Finding::No);
        assert_eq!(Finding::agreed([]), Finding::Unclear);
        assert_eq!(Finding::agreed([Finding::No, Finding::No]), Finding::No);
        assert_eq!(Finding::agreed([Finding::No, Finding::Unclear]), Finding::Unclear);
        assert_eq!(Finding::agreed([Finding::No, Finding::Yes]), Finding::Unclear);
    }
}
