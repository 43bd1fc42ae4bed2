//! Pictures are looked at before anything is sent: what vendors refuse by their limits, and what the person may do better.

use std::sync::Arc;
use std::time::Duration;

use kyc_core::{Applicant, CheckKind, Media, Retake, RetakeItem, ValidationError};

use super::{Options, Read, Result, Verification};
use crate::case::{Asked, Record};
use crate::plan::Case;
use crate::policy::CheckPolicy;
use crate::state::State;
use crate::steps::Steps;

/// How long pictures are looked at. Then the case goes on without advice.
const LOOKED_AT: Duration = Duration::from_secs(20);

/// Looks at what a person handed in, on this machine.
///
/// It is advice: the person is asked once, then the case goes on whatever the pictures look like.
pub trait Preflight: Send + Sync {
    /// Returns what the person may do better. It may compute for long: it is called where it blocks no other work.
    fn advise(&self, applicant: &Applicant) -> Vec<Retake>;
}

impl<P: Preflight + ?Sized> Preflight for Arc<P> {
    fn advise(&self, applicant: &Applicant) -> Vec<Retake> {
        (**self).advise(applicant)
    }
}

/// A picture that no vendor takes that could make a required check, by their documented limits.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RefusedPicture {
    /// The check.
    pub check: CheckKind,
    /// The picture.
    pub item: RetakeItem,
    /// The rule that is broken at the first of the vendors.
    pub rule: ValidationError,
}

impl Verification {
    /// Returns a picture that no vendor takes, though a check that the policy requires needs one that does.
    /// [`begin`](Self::begin) refuses such an applicant, so that nothing is paid for a case that cannot be approved.
    #[must_use]
    pub fn refused(&self, applicant: &Applicant) -> Option<RefusedPicture> {
        let state = State::default();
        let case = self.unbegun(&state, applicant);
        let mut required = self.policy.checks().iter().filter(|check| check.is_required);
        required.find_map(|check| refused_by_all(&case, check))
    }

    /// Asks the person once for pictures that may be better, before anything is sent. Returns whether that was written.
    pub(super) async fn look_first(&self, steps: &Steps, read: &Read, options: Options) -> Result<bool> {
        let is_asking = read.state.asked.as_ref().is_some_and(|asked| !asked.is_empty());
        if options.ignores_advice {
            if is_asking {
                steps.decide(read.state.last, &Record::Advised { retakes: Vec::new() }).await?;
            }
            return Ok(is_asking);
        }
        let Some(preflight) = self.preflight.clone().filter(|_| read.state.is_untouched()) else {
            return Ok(false);
        };
        let retakes = self.advice(preflight, read).await;
        if retakes.is_empty() {
            return Ok(false);
        }
        steps.decide(read.state.last, &Record::Advised { retakes }).await?;
        Ok(true)
    }

    /// Returns the pictures to ask for. Skips what the person did not hand in, and what has no attempt left.
    async fn advice(&self, preflight: Arc<dyn Preflight>, read: &Read) -> Vec<Asked> {
        let applicant = read.applicant.clone();
        let looking = tokio::task::spawn_blocking(move || preflight.advise(&applicant));
        let found = tokio::select! {
            found = looking => found.unwrap_or_default(),
            () = self.clock.sleep(LOOKED_AT) => Vec::new(),
        };
        let case = self.of(read, false);
        let is_there = |item| match item {
            RetakeItem::Capture => !read.applicant.capture.is_empty(),
            item => read.applicant.has(item),
        };
        let mut asked: Vec<Asked> = Vec::new();
        for retake in found {
            let new = Asked::from(retake);
            if is_there(retake.item) && !case.is_last_attempt(retake.item) && !asked.contains(&new) {
                asked.push(new);
            }
        }
        asked
    }
}

fn refused_by_all(case: &Case<'_>, check: &CheckPolicy) -> Option<RefusedPicture> {
    let candidates = case.candidates(check);
    let refusals: Vec<_> =
        candidates.iter().filter_map(|vendor| refused_by(case, *vendor, check.check)).collect();
    (refusals.len() == candidates.len()).then(|| refusals.into_iter().next()).flatten()
}

fn refused_by(case: &Case<'_>, vendor: usize, check: CheckKind) -> Option<RefusedPicture> {
    let verifier = &case.vendors[vendor].verifier;
    let refused = |(item, picture): (RetakeItem, &Media)| {
        let rule = verifier.check_picture(check, item, picture).err()?;
        Some(RefusedPicture { check, item, rule })
    };
    pictures(case.applicant).into_iter().find_map(refused)
}

fn pictures(applicant: &Applicant) -> Vec<(RetakeItem, &Media)> {
    let document = applicant.document.as_ref();
    let single = [
        (RetakeItem::Selfie, applicant.selfie.as_ref()),
        (RetakeItem::Front, document.map(|document| &document.front)),
        (RetakeItem::Back, document.and_then(|document| document.back.as_ref())),
    ];
    let single = single.into_iter().filter_map(|(item, media)| Some((item, media?)));
    single.chain(applicant.capture.iter().map(|frame| (RetakeItem::Capture, frame))).collect()
}
