//! The capability of comparing two faces.

use std::fmt;
use std::num::NonZeroU32;
use std::time::Duration;

use async_trait::async_trait;

use crate::capability::Capability;
use crate::error::Error;
use crate::media::Media;
use crate::operation::{OperationId, Submission};
use crate::poll::{query_unsupported, wait_for_result};
use crate::response::Response;
use crate::secret::Pii;
use crate::tax_id::Cpf;
use crate::verdict::Verdict;

/// How often two different people are taken for the same person: once in a number of comparisons. A rarer false accept is
/// the smaller rate.
///
/// ```
/// use kyc_core::FalseAcceptRate;
/// let rate = FalseAcceptRate::one_in(100_000).expect("not zero");
/// assert_eq!(rate.to_string(), "1 false accept in 100 000");
/// assert!(rate < FalseAcceptRate::one_in(100).expect("not zero"), "rarer is less");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct FalseAcceptRate(NonZeroU32);

impl FalseAcceptRate {
    /// Creates a rate of one false accept in that many comparisons of different people; `None` for zero.
    #[must_use]
    pub const fn one_in(comparisons: u32) -> Option<Self> {
        match NonZeroU32::new(comparisons) {
            Some(comparisons) => Some(Self(comparisons)),
            None => None,
        }
    }

    /// Returns the number of comparisons of different people among which one is falsely accepted.
    #[must_use]
    pub const fn comparisons(self) -> u32 {
        self.0.get()
    }
}

impl Ord for FalseAcceptRate {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        other.0.cmp(&self.0)
    }
}

impl PartialOrd for FalseAcceptRate {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for FalseAcceptRate {
    /// Writes the number in groups of three digits, for readability.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        f.write_str("1 false accept in ")?;
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                f.write_str(" ")?;
            }
            write!(f, "{digit}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for FalseAcceptRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FalseAcceptRate(1/{})", self.0)
    }
}

/// Two images to compare, and the options that a vendor may accept.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct FacePair {
    /// The first image.
    pub first: Media,
    /// The second image.
    pub second: Media,
    /// The CPF of the person whose face is expected.
    pub cpf: Option<Cpf>,
    /// Your reference for the comparison, by which it can be found later; random unless you set it. `Debug` hides it, since it
    /// may name a customer.
    pub reference: Pii<String>,
    /// The highest false accept rate that still counts as a match; `None` for the vendor's default.
    pub max_false_accept_rate: Option<FalseAcceptRate>,
}

impl FacePair {
    /// Creates a pair with a random reference.
    #[must_use]
    pub fn new(first: Media, second: Media) -> Self {
        let reference = Pii::new(uuid::Uuid::new_v4().to_string());
        Self { first, second, cpf: None, reference, max_false_accept_rate: None }
    }
}

/// The similarity of two faces, on the vendor's scale.
#[derive(Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum FaceScore {
    /// A level of a scale that the vendor maps to false accept rates; 0 means no match.
    Level(u8),
    /// A similarity from 0 to 1.
    Similarity(f64),
}

impl fmt::Debug for FaceScore {
    /// A number outside 0 to 1 is hidden: a vendor may have sent a CPF in place of the similarity.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Level(level) => f.debug_tuple("Level").field(level).finish(),
            Self::Similarity(similarity) if (0.0..=1.0).contains(similarity) => {
                f.debug_tuple("Similarity").field(similarity).finish()
            }
            Self::Similarity(_) => f.write_str("Similarity([out of range])"),
        }
    }
}

/// The result of comparing two faces. No match is a result, not an error.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct FaceMatch {
    /// The vendor's decision at the requested rate. Inconclusive if the response does not contain a decision or contradicts
    /// itself: [`reason`](Self::reason) then says why.
    pub verdict: Verdict,
    /// Why the verdict is inconclusive. The text is this library's and contains no value of the response.
    pub reason: Option<&'static str>,
    /// The similarity.
    pub score: Option<FaceScore>,
    /// The false accept rate that corresponds to the score, if the vendor states it.
    pub false_accept_rate: Option<FalseAcceptRate>,
    /// The vendor's id of the comparison, or your reference.
    pub id: Option<OperationId>,
}

impl FaceMatch {
    /// Creates a result without a score.
    #[must_use]
    pub fn new(verdict: Verdict) -> Self {
        Self { verdict, reason: None, score: None, false_accept_rate: None, id: None }
    }

    /// Creates an inconclusive result.
    #[must_use]
    pub fn inconclusive(reason: &'static str) -> Self {
        Self { reason: Some(reason), ..Self::new(Verdict::Inconclusive) }
    }

    /// Compares a match with the rate that was requested: a match whose rate is missing or less strict contradicts the request
    /// and becomes inconclusive. [`FaceMatcher::compare_faces`] does so; a program that polls by itself should, too.
    ///
    /// ```
    /// use kyc_core::{FaceMatch, FalseAcceptRate, Verdict};
    /// let mut found = FaceMatch::new(Verdict::Match);
    /// found.false_accept_rate = FalseAcceptRate::one_in(500);
    /// assert_eq!(found.clone().require_rate(FalseAcceptRate::one_in(100)).verdict, Verdict::Match);
    /// assert_eq!(found.require_rate(FalseAcceptRate::one_in(10_000)).verdict, Verdict::Inconclusive);
    /// ```
    #[must_use]
    pub fn require_rate(mut self, max_false_accept_rate: Option<FalseAcceptRate>) -> Self {
        let Some(max) = max_false_accept_rate else { return self };
        if self.verdict.is_match() && self.false_accept_rate.is_none_or(|rate| rate > max) {
            self.verdict = Verdict::Inconclusive;
            self.reason = Some("the result is a match, but not at the requested false accept rate");
        }
        self
    }
}

/// Compares two faces. The trait is dyn-compatible and not sealed: tests can implement fakes.
#[async_trait]
pub trait FaceMatcher: Capability {
    /// Submits two images for comparison.
    ///
    /// # Errors
    /// `InvalidInput` before anything is sent; otherwise [`Error::delivery`] tells whether the request was processed. A paid
    /// call that may have been processed is not sent again: see [`Error::operation_id`].
    async fn submit_faces(&self, pair: &FacePair) -> Result<Response<Submission<FaceMatch>>, Error>;

    /// Queries the result of submitted images. The default implementation is for vendors that respond immediately; it returns
    /// an error.
    ///
    /// # Errors
    /// `Unsupported` for an id of another vendor, or one that this vendor cannot be queried by; `Rejected` if the vendor could
    /// not compare the images.
    async fn face_match_result(&self, id: &OperationId) -> Result<Response<Submission<FaceMatch>>, Error> {
        Err(query_unsupported(self.vendor(), id))
    }

    /// Submits two images and waits for the result, at most `timeout` after the submission.
    ///
    /// # Errors
    /// Those of [`submit_faces`](Self::submit_faces) and [`face_match_result`](Self::face_match_result); `Timeout` with the
    /// operation id if there is no result in time.
    ///
    /// A match that is less strict than `max_false_accept_rate` is inconclusive: see [`FaceMatch::require_rate`].
    async fn compare_faces(&self, pair: &FacePair, timeout: Duration) -> Result<FaceMatch, Error> {
        let submitted = self.submit_faces(pair).await?.into_inner();
        wait_for_result(
            self.vendor(),
            submitted,
            self.clock(),
            timeout,
            self.poll_interval(),
            |id| async move { self.face_match_result(&id).await },
        )
        .await
        .map(|found| found.require_rate(pair.max_false_accept_rate))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_outside_the_scale_is_not_printed() {
        assert_eq!(format!("{:?}", FaceScore::Similarity(0.97)), "Similarity(0.97)");
        for odd in [52_998_224_725.0, -1.0, f64::NAN] {
            assert_eq!(format!("{:?}", FaceScore::Similarity(odd)), "Similarity([out of range])");
        }
    }
}
