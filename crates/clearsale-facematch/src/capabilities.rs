//! The capability traits of kyc-core.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use kyc_core::{
    Capability, Clock, Error, FaceMatch, FaceMatcher, FacePair, FaceScore, FieldViolation, OperationId,
    Response, Submission, ValidationError, Vendor, Verdict,
};

use crate::VENDOR;
use crate::client::Client;
use crate::model::{MatchLevel, TransactionId};
use crate::operations::match2d_2d::MatchRequest;
use crate::operations::match2d_2d_query::{self, Outcome, Transaction};

impl Capability for Client {
    fn vendor(&self) -> Vendor {
        VENDOR
    }

    fn clock(&self) -> Arc<dyn Clock> {
        self.pipeline.clock()
    }

    fn poll_interval(&self) -> Duration {
        self.options.poll_interval
    }
}

#[async_trait]
impl FaceMatcher for Client {
    async fn submit_faces(&self, pair: &FacePair) -> Result<Response<Submission<FaceMatch>>, Error> {
        let request = match_request(pair)?;
        let submitted = self.match2d_2d(&request).await.map_err(in_pair)?;
        Ok(submitted.map(|response| Submission::Pending(response.operation_id())))
    }

    async fn face_match_result(&self, id: &OperationId) -> Result<Response<Submission<FaceMatch>>, Error> {
        let reply = self.transaction_of(id).await?;
        let verdict = reply.value().verdict(id)?;
        Ok(reply.map(|_| verdict))
    }
}

impl Client {
    pub(crate) async fn transaction_of(&self, id: &OperationId) -> Result<Response<Transaction>, Error> {
        id.check_vendor(VENDOR)?;
        if id.is_reference() {
            return Err(Error::unsupported(
                VENDOR,
                "a comparison cannot be queried by its reference: wait for the webhook",
            )
            .in_operation(match2d_2d_query::OPERATION.name()));
        }
        self.transaction(&TransactionId::new(id.value())).await
    }
}

/// Names the values in violations as the pair does.
fn in_pair(error: Error) -> Error {
    let named = |violation: &FieldViolation| {
        let field = match violation.field.as_str() {
            "image0" => "first",
            "image1" => "second",
            "identifier_id" => "reference",
            other => other,
        };
        FieldViolation::new(field, violation.message.clone())
    };
    let violations = error.violations().iter().map(named).collect();
    error.with_violations(violations)
}

pub(crate) fn match_request(pair: &FacePair) -> Result<MatchRequest, Error> {
    let mut request = MatchRequest::new(pair.first.clone(), pair.second.clone())
        .with_identifier_id(pair.reference.expose().as_str());
    if let Some(cpf) = &pair.cpf {
        request = request.with_cpf(cpf.clone());
    }
    if let Some(rate) = pair.max_false_accept_rate {
        let level = MatchLevel::for_false_accept_rate(rate).ok_or_else(|| {
            Error::invalid_input(
                VENDOR,
                "max_false_accept_rate",
                &ValidationError::new("must not be stricter than 1 false accept in 100 000"),
            )
        })?;
        request = request.with_min_match_level(level);
    }
    Ok(request)
}

impl Transaction {
    fn verdict(&self, id: &OperationId) -> Result<Submission<FaceMatch>, Error> {
        if let Some(error) = self.failure(id) {
            return Err(error);
        }
        let Some(mut verdict) = self.face_match() else { return Ok(Submission::Pending(id.clone())) };
        verdict.id = Some(id.clone());
        Ok(Submission::Ready(verdict))
    }

    /// Returns the result; `None` if the images are not compared yet, or could not be compared.
    pub(crate) fn face_match(&self) -> Option<FaceMatch> {
        let mut found = match self.outcome() {
            Outcome::Match(_) => FaceMatch::new(Verdict::Match),
            Outcome::NoMatch(_) => FaceMatch::new(Verdict::NoMatch),
            Outcome::Unclear(reason) => FaceMatch::inconclusive(reason),
            Outcome::Pending | Outcome::Failed => return None,
        };
        let level = self.confiability.as_ref();
        found.score = level.and_then(MatchLevel::number).map(FaceScore::Level);
        found.false_accept_rate = level.and_then(MatchLevel::false_accept_rate);
        Some(found)
    }
}
