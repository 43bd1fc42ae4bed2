//! A program that works with any face matcher, and a fake for its tests.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use kyc_core::{
    Capability, Error, FaceMatch, FaceMatcher, FacePair, FaceScore, FalseAcceptRate, OperationId, Response,
    Submission, Vendor, Verdict,
};

/// Decides about a pair with any vendor.
pub async fn admits(vendor: &dyn FaceMatcher, mut pair: FacePair) -> Result<bool, Error> {
    pair.max_false_accept_rate = FalseAcceptRate::one_in(10_000);
    Ok(vendor.compare_faces(&pair, Duration::from_secs(5)).await?.verdict.is_match())
}

/// Matches two images of the same length, after the given number of queries.
#[derive(Debug, Default)]
pub struct ByLength {
    pub questions: u32,
    asked: AtomicU32,
}

impl ByLength {
    pub fn after(questions: u32) -> Self {
        Self { questions, asked: AtomicU32::new(0) }
    }

    pub fn asked(&self) -> u32 {
        self.asked.load(Ordering::SeqCst)
    }
}

const VENDOR: Vendor = Vendor::new("by-length");

impl Capability for ByLength {
    fn vendor(&self) -> Vendor {
        VENDOR
    }

    fn poll_interval(&self) -> Duration {
        Duration::from_millis(1)
    }
}

#[async_trait]
impl FaceMatcher for ByLength {
    async fn submit_faces(&self, pair: &FacePair) -> Result<Response<Submission<FaceMatch>>, Error> {
        let same = pair.first.len() == pair.second.len();
        let id = OperationId::by_id(VENDOR, "compare", if same { "same" } else { "different" });
        Ok(Response::new(Submission::Pending(id), kyc_core::ResponseMeta::default()))
    }

    async fn face_match_result(&self, id: &OperationId) -> Result<Response<Submission<FaceMatch>>, Error> {
        let state = if self.asked.fetch_add(1, Ordering::SeqCst) + 1 < self.questions {
            Submission::Pending(id.clone())
        } else {
            let is_match = id.value() == "same";
            let mut found = FaceMatch::new(if is_match { Verdict::Match } else { Verdict::NoMatch });
            found.score = Some(FaceScore::Similarity(if is_match { 1.0 } else { 0.0 }));
            // Without a rate, a match would not satisfy the requested one.
            found.false_accept_rate = FalseAcceptRate::one_in(10_000).filter(|_| is_match);
            Submission::Ready(found)
        };
        Ok(Response::new(state, kyc_core::ResponseMeta::default()))
    }
}
