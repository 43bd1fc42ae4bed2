//! The part of Toy Faces in the verification of a person: one comparison.

use async_trait::async_trait;
use kyc_core::{
    Answer, Applicant, Charge, CheckKind, Error, Evidence, Intent, Media, Next, Offer, Part, RetakeItem,
    Sent, ValidationError, Verifier,
};

use crate::client::Client;
use crate::operations::compare::{self, CompareRequest, Comparison};

/// Compares the selfie with the face on the document.
const COMPARE: &str = "compare";

const OFFERS: &[Offer] = &[Offer::new(CheckKind::FaceDocument, 1)];

/// Checks a picture against the documented limits, as its step does before it sends it.
pub(crate) fn check_picture(
    check: CheckKind,
    item: RetakeItem,
    picture: &Media,
) -> Result<(), ValidationError> {
    match (check, item) {
        (CheckKind::FaceDocument, RetakeItem::Selfie | RetakeItem::Front) => picture.check(&compare::IMAGES),
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
        check_picture(check, item, picture)
    }

    fn next(&self, part: &Part<'_>) -> Next {
        let is_wanted = part.wants(CheckKind::FaceDocument);
        part.due(COMPARE, Charge::Paid).filter(|_| is_wanted).unwrap_or(Next::Done)
    }

    fn evidence(&self, part: &Part<'_>) -> Vec<(CheckKind, Evidence)> {
        let answer = part.answer(COMPARE).filter(|_| part.wants(CheckKind::FaceDocument));
        answer.map(|answer| (CheckKind::FaceDocument, shown(answer))).into_iter().collect()
    }

    async fn send(&self, _step: &str, part: &Part<'_>, intent: &Intent) -> Result<Sent, Error> {
        let request = request(part.applicant)?.with_reference(intent.reference.as_str());
        Ok(Sent::Answered(Answer::of(self.compare(&request).await?.value())))
    }

    /// A comparison is answered at once.
    async fn query(&self, _step: &str, _part: &Part<'_>) -> Result<Option<Answer>, Error> {
        Ok(None)
    }
}

fn request(applicant: &Applicant) -> Result<CompareRequest, Error> {
    let missing = |field| compare::OPERATION.invalid_input(field, &ValidationError::new("is required"));
    let selfie = applicant.selfie.clone().ok_or_else(|| missing("selfie"))?;
    let document = applicant.document.as_ref().ok_or_else(|| missing("document"))?;
    Ok(CompareRequest::new(selfie, document.front.clone()))
}

fn shown(answer: &Answer) -> Evidence {
    let comparison = answer.read::<Comparison>();
    comparison.map_or(Evidence::Unclear("the stored answer cannot be read"), |comparison| {
        comparison.face_match().into()
    })
}
