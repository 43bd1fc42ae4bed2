//! The part of ClearSale in the verification of a person: one comparison.

use async_trait::async_trait;
use kyc_core::{
    Answer, Applicant, Charge, CheckKind, Error, Evidence, FacePair, Intent, Next, Offer, Part, Pii, Retake,
    RetakeCause, RetakeItem, Sent, StepState, ValidationError, Verifier,
};

use crate::client::Client;
use crate::model::{MatchLevel, TransactionId};
use crate::operations::match2d_2d;
use crate::operations::match2d_2d_query::{Outcome, Transaction};

/// The selfie against the face on the document.
const COMPARE: &str = "compare";

const OFFERS: &[Offer] = &[Offer::new(CheckKind::FaceDocument, 1)];

#[async_trait]
impl Verifier for Client {
    fn offers(&self) -> &'static [Offer] {
        OFFERS
    }

    fn uses(&self, _step: &str) -> &'static [RetakeItem] {
        &[RetakeItem::Selfie, RetakeItem::Front]
    }

    fn next(&self, part: &Part<'_>) -> Next {
        if !part.wants(CheckKind::FaceDocument) {
            return Next::Done;
        }
        match part.newest(COMPARE).map(|record| &record.state) {
            None | Some(StepState::Failed(_)) => Next::Step { step: COMPARE, charge: Charge::Paid },
            Some(StepState::Pending(_)) => Next::Query { step: COMPARE },
            _ => Next::Done,
        }
    }

    fn evidence(&self, part: &Part<'_>) -> Vec<(CheckKind, Evidence)> {
        let answer = part.answer(COMPARE).filter(|_| part.wants(CheckKind::FaceDocument));
        answer.map(|answer| (CheckKind::FaceDocument, shown(answer))).into_iter().collect()
    }

    /// Sends the intent's reference, which the webhook repeats: the only way to find a comparison whose response is
    /// lost.
    async fn send(&self, _step: &str, part: &Part<'_>, intent: &Intent) -> Result<Sent, Error> {
        let request = match_request(&pair(part.applicant, intent)?)?;
        Ok(Sent::Pending(self.match2d_2d(&request).await?.value().operation_id()))
    }

    async fn query(&self, _step: &str, part: &Part<'_>) -> Result<Option<Answer>, Error> {
        let Some(StepState::Pending(id)) = part.newest(COMPARE).map(|record| &record.state) else {
            return Ok(None);
        };
        let transaction = self.transaction(&TransactionId::new(id.value())).await?.into_inner();
        Ok((transaction.outcome() != Outcome::Pending).then(|| Answer::of(&transaction)))
    }
}

fn pair(applicant: &Applicant, intent: &Intent) -> Result<FacePair, Error> {
    let missing = |field| {
        match2d_2d::OPERATION.invalid_input(field, &ValidationError::new("is required to compare faces"))
    };
    let selfie = applicant.selfie.clone().ok_or_else(|| missing("selfie"))?;
    let document = applicant.document.as_ref().ok_or_else(|| missing("document"))?;
    let mut pair = FacePair::new(selfie, document.front.clone());
    pair.cpf = Some(applicant.cpf.clone());
    pair.reference = Pii::new(intent.reference.clone());
    Ok(pair)
}

fn shown(answer: &Answer) -> Evidence {
    let Some(transaction) = answer.read::<Transaction>() else {
        return Evidence::Unclear("the stored answer cannot be read");
    };
    let level = transaction.confiability.as_ref();
    let (verdict, false_accept_rate) = match transaction.outcome() {
        Outcome::Match(level) => (Verdict::Match, level.false_accept_rate()),
        Outcome::NoMatch(_) => (Verdict::NoMatch, None),
        Outcome::Unclear(reason) => return Evidence::Unclear(reason),
        // Its words are for people only, so they do not tell which of the two pictures is meant.
        Outcome::Failed => return Evidence::Retake(Retake::new(RetakeItem::Selfie, RetakeCause::Other)),
        _ => return Evidence::Unclear("the comparison has no result"),
    };
    let score = level.and_then(MatchLevel::number).map(FaceScore::Level);
    Evidence::Face { verdict, score, false_accept_rate }
}
