//! Comparing two faces, with any vendor.

use std::fmt;
use std::num::NonZeroU32;
use std::time::Duration;

use async_trait::async_trait;

use crate::capability::Capability;
use crate::error::Error;
use crate::media::Media;
use crate::operation::{OperationId, Submission};
use crate::poll::{answers_at_once, settle};
use crate::response::Response;
use crate::secret::Pii;
use crate::tax_id::Cpf;
use crate::verdict::Verdict;

/// How often two different people are taken for one: once in so many comparisons.
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
    /// One false accept in that many comparisons of different people; `None` for zero.
    #[must_use]
    pub const fn one_in(comparisons: u32) -> Option<Self> {
        match NonZeroU32::new(comparisons) {
            Some(comparisons) => Some(Self(comparisons)),
            None => None,
        }
    }

    /// In how many comparisons of different people one is falsely accepted.
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
    /// With groups of three digits set apart: a row of zeros is not read at a glance.
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

/// Two pictures to compare, and what else a vendor may take.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct FacePair {
    /// One picture.
    pub first: Media,
    /// The other.
    pub second: Media,
    /// Whose face it should be.
    pub cpf: Option<Cpf>,
    /// Your own reference of the comparison; a random one at first, so that there is one by which it is found again.
    /// Hidden from `Debug`: it may name a customer.
    pub reference: Pii<String>,
    /// The most false accepts that still count as a match; the vendor's default without one.
    pub max_false_accept_rate: Option<FalseAcceptRate>,
}

impl FacePair {
    /// Two pictures and a random reference.
    #[must_use]
    pub fn new(first: Media, second: Media) -> Self {
        let reference = Pii::new(uuid::Uuid::new_v4().to_string());
        Self { first, second, cpf: None, reference, max_false_accept_rate: None }
    }
}

/// How alike two faces are, on the vendor's scale.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum FaceScore {
    /// A step of a scale that the vendor ties to false accept rates; 0 is no match.
    Level(u8),
    /// A similarity from 0 to 1.
    Similarity(f64),
}

/// The verdict on two faces. No match is a verdict, not an error.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct FaceMatch {
    /// What the vendor decided, at the rate that was asked for. Inconclusive where its response does not decide, or contradicts
    /// itself: [`reason`](Self::reason) then says how.
    pub verdict: Verdict,
    /// Why the verdict is inconclusive, in our words.
    pub reason: Option<&'static str>,
    /// How alike they are.
    pub score: Option<FaceScore>,
    /// The rate that the score stands for, where the vendor says.
    pub false_accept_rate: Option<FalseAcceptRate>,
    /// What the vendor knows the comparison by.
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
}

/// Compares two faces. Object-safe and open: a test brings its own.
#[async_trait]
pub trait FaceMatcher: Capability {
    /// Submits two images.
    ///
    /// # Errors
    /// `InvalidInput` before anything is sent; else as [`Error::delivery`] says. A paid call that may have landed
    /// is not repeated: see [`Error::operation_id`].
    async fn submit_faces(&self, pair: &FacePair) -> Result<Response<Submission<FaceMatch>>, Error>;

    /// Queries the verdict on submitted images. A vendor that responds immediately need not implement it.
    ///
    /// # Errors
    /// `Unsupported` for an id of another vendor or one that this vendor cannot be asked about; `Rejected` when the
    /// vendor could not compare the pictures.
    async fn face_match_result(&self, id: &OperationId) -> Result<Response<Submission<FaceMatch>>, Error> {
        Err(answers_at_once(self.vendor(), id))
    }

    /// Submits two images and waits for the verdict, at most `timeout` after the submission.
    ///
    /// # Errors
    /// Those of both; `Timeout` with the operation's id when the verdict is not there in time.
    async fn compare_faces(&self, pair: &FacePair, timeout: Duration) -> Result<FaceMatch, Error> {
        let submitted = self.submit_faces(pair).await?.into_inner();
        settle(self.vendor(), submitted, self.clock(), timeout, self.poll_interval(), |id| async move {
            self.face_match_result(&id).await
        })
        .await
    }
}
