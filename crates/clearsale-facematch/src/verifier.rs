//! The part of ClearSale in the verification of a person: one comparison.

use async_trait::async_trait;
use kyc_core::{
    Answer, Applicant, Charge, CheckKind, Error, Evidence, FacePair, Intent, Media, Next, Offer, Part, Pii,
    Retake, RetakeCause, RetakeItem, Sent, StepState, ValidationError, Verifier,
};

use crate::capabilities::match_request;
use crate::client::Client;
use crate::operations::match2d_2d;
use crate::operations::match2d_2d_query::{Outcome, Transaction};

/// Compares the selfie with the face on the document.
const COMPARE: &str = "compare";

const OFFERS: &[Offer] =
    &[Offer::new(CheckKind::FaceDocument, 1).needing(&[RetakeItem::Selfie, RetakeItem::Front])];

/// Checks a picture as a client does by default.
pub(crate) fn check_picture(
    check: CheckKind,
    item: RetakeItem,
    picture: &Media,
) -> Result<(), ValidationError> {
    check_with(false, check, item, picture)
}

fn check_with(
    any_image: bool,
    check: CheckKind,
    item: RetakeItem,
    picture: &Media,
) -> Result<(), ValidationError> {
    match (check, item) {
        (CheckKind::FaceDocument, RetakeItem::Selfie | RetakeItem::Front) => {
            match2d_2d::check_image(picture, any_image)
        }
        _ => Ok(()),
    }
}

#[async_trait]
impl Verifier for Client {
    fn offers(&self) -> &'static [Offer] {
        OFFERS
    }

    fn uses(&self, _step: &str) -> &'static [RetakeItem] {
        &[RetakeItem::Selfie, RetakeItem::Front]
    }

    fn check_picture(
        &self,
        check: CheckKind,
        item: RetakeItem,
        picture: &Media,
    ) -> Result<(), ValidationError> {
        check_with(self.options.any_image, check, item, picture)
    }

    fn next(&self, part: &Part<'_>) -> Next {
        if !part.wants(CheckKind::FaceDocument) {
            return Next::Done;
        }
        part.due(COMPARE, Charge::Paid).unwrap_or_else(|| match part.answer(COMPARE).map(shown) {
            Some(Evidence::Retake(retake)) => Next::Retake(retake),
            _ => Next::Done,
        })
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
        let transaction = self.transaction_of(id).await?.into_inner();
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
    if transaction.outcome() == Outcome::Failed {
        // ClearSale documents no text that tells which of the two pictures is meant. The selfie is the easier one.
        return Evidence::Retake(Retake::new(RetakeItem::Selfie, RetakeCause::Other));
    }
    transaction.face_match().map_or(Evidence::Unclear("the comparison has no result"), Evidence::from)
}
