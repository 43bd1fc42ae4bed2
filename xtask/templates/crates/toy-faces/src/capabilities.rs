//! The capability traits of kyc-core.

use std::sync::Arc;

use async_trait::async_trait;
use kyc_core::{
    Capability, Clock, Error, FaceMatch, FaceMatcher, FacePair, FaceScore, Finding, Lenient, OperationId,
    Response, Submission, Vendor, Verdict,
};

use crate::VENDOR;
use crate::client::Client;
use crate::integration::FACE_MATCH;
use crate::operations::compare::{self, CompareRequest, Comparison};

impl Capability for Client {
    fn vendor(&self) -> Vendor {
        VENDOR
    }

    fn clock(&self) -> Arc<dyn Clock> {
        self.pipeline.clock()
    }
}

#[async_trait]
impl FaceMatcher for Client {
    /// Returns the verdict immediately.
    async fn submit_faces(&self, pair: &FacePair) -> Result<Response<Submission<FaceMatch>>, Error> {
        FACE_MATCH.check(VENDOR, pair).map_err(|error| error.in_operation(compare::OPERATION.name()))?;
        let request = CompareRequest::new(pair.first.clone(), pair.second.clone())
            .with_reference(pair.reference.expose().as_str());
        Ok(self.compare(&request).await?.map(|comparison| Submission::Ready(comparison.face_match())))
    }

    async fn face_match_result(&self, id: &OperationId) -> Result<Response<Submission<FaceMatch>>, Error> {
        id.check_vendor(VENDOR)?;
        Err(Error::unsupported(VENDOR, "a comparison cannot be queried: wait for the webhook"))
    }
}

impl Comparison {
    pub(crate) fn face_match(&self) -> FaceMatch {
        let mut found = match self.finding() {
            Finding::Yes => FaceMatch::new(Verdict::Match),
            Finding::No => FaceMatch::new(Verdict::NoMatch),
            _ => FaceMatch::inconclusive("isMatch is missing or cannot be read"),
        };
        let similarity = self.similarity.as_ref().and_then(Lenient::get);
        found.score = similarity.map(|similarity| FaceScore::Similarity(similarity.get()));
        found
    }
}
