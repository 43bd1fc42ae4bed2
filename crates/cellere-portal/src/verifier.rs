//! The part of Cellere's portal in the verification of a person: up to three calls that depend on nothing.

use async_trait::async_trait;
use kyc_core::{
    Answer, Applicant, Charge, CheckKind, Date, DocumentKind, DocumentReading, Error, Evidence,
    IdentityDocument, Intent, Media, Next, Notes, Offer, Operation, Part, PersonCheck, Pii, RetakeItem, Sent,
    ValidationError, Verifier,
};

use crate::client::Client;
use crate::model::codes::DocumentType;
use crate::operations::cpf::{self, CpfResponse};
use crate::operations::document::{self, DocumentRequest, DocumentResponse};
use crate::operations::facematch::{self, FaceMatchRequest, FaceMatchResponse};

const CPF: &str = "cpf";
/// Reads the side with the face.
const DOCUMENT: &str = "document";
/// Reads the other side.
const BACK: &str = "back";
const FACE: &str = "face";

const OFFERS: &[Offer] = &[
    Offer::new(CheckKind::Registration, 1),
    Offer::new(CheckKind::Document, 1).needing(&[RetakeItem::Front]),
    Offer::new(CheckKind::FaceDocument, 1).without_rate().needing(&[RetakeItem::Selfie, RetakeItem::Front]),
];

/// Checks a picture against the documented limits, as its step does before it sends it.
pub(crate) fn check_picture(
    check: CheckKind,
    item: RetakeItem,
    picture: &Media,
) -> Result<(), ValidationError> {
    match (check, item) {
        (CheckKind::Document, RetakeItem::Front | RetakeItem::Back) => picture.check(&document::IMAGE),
        (CheckKind::FaceDocument, RetakeItem::Selfie | RetakeItem::Front) => picture.check(&facematch::IMAGE),
        _ => Ok(()),
    }
}

#[async_trait]
impl Verifier for Client {
    fn offers(&self) -> &'static [Offer] {
        OFFERS
    }

    fn uses(&self, step: &str) -> &'static [RetakeItem] {
        match step {
            DOCUMENT => &[RetakeItem::Front],
            BACK => &[RetakeItem::Back],
            FACE => &[RetakeItem::Selfie, RetakeItem::Front],
            _ => &[],
        }
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
        let wanted = steps(part.applicant).into_iter().filter(|(_, check)| part.wants(*check));
        wanted.filter_map(|(step, _)| part.due(step, Charge::Paid)).next().unwrap_or(Next::Done)
    }

    fn evidence(&self, part: &Part<'_>) -> Vec<(CheckKind, Evidence)> {
        let wanted = steps(part.applicant).into_iter().filter(|(_, check)| part.wants(*check));
        wanted.filter_map(|(step, check)| Some((check, self.shown(check, part.answer(step)?)))).collect()
    }

    /// Notes the balance: a person who has to clear up whether a lost call was paid for can compare it. It is no look-up,
    /// since others may use the same account. The vendor's page does not have the call, so nothing depends on it.
    async fn prepare(&self, _step: &str, _part: &Part<'_>) -> Result<Notes, Error> {
        Ok(self.balance().await.map_or_else(|_| Notes::default(), |balance| Notes::of(balance.value())))
    }

    async fn send(&self, step: &str, part: &Part<'_>, _intent: &Intent) -> Result<Sent, Error> {
        let applicant = part.applicant;
        Ok(Sent::Answered(match step {
            CPF => Answer::of(self.cpf(&applicant.cpf).await?.value()),
            DOCUMENT | BACK => {
                let IdentityDocument { kind, front, back, .. } = handed_in(applicant, &document::OPERATION)?;
                let side = if step == BACK { back.as_ref() } else { Some(front) };
                let missing =
                    || document::OPERATION.invalid_input("back", &ValidationError::new("is required"));
                let image = side.ok_or_else(missing)?.clone();
                Answer::of(
                    self.document(&DocumentRequest::new(DocumentType::from(kind), image)).await?.value(),
                )
            }
            FACE => Answer::of(self.facematch(&faces(applicant)?).await?.value()),
            _ => return Err(cpf::OPERATION.invalid_input("step", &ValidationError::new("is unknown"))),
        }))
    }

    /// Every step is answered at once.
    async fn query(&self, _step: &str, _part: &Part<'_>) -> Result<Option<Answer>, Error> {
        Ok(None)
    }
}

impl Client {
    fn shown(&self, check: CheckKind, answer: &Answer) -> Evidence {
        let shown = match check {
            CheckKind::Registration => answer.read().map(|response: CpfResponse| registration(&response)),
            CheckKind::Document => answer.read().map(|response: DocumentResponse| read(&response.reading())),
            _ => answer.read().map(|response: FaceMatchResponse| {
                Evidence::from(response.face_match(self.options.least_confiability))
            }),
        };
        shown.unwrap_or(Evidence::Unclear("the stored answer cannot be read"))
    }
}

/// Returns the steps, in their order. Each makes one check.
fn steps(applicant: &Applicant) -> [(&'static str, CheckKind); 3] {
    [(CPF, CheckKind::Registration), (side(applicant), CheckKind::Document), (FACE, CheckKind::FaceDocument)]
}

/// Returns the step that reads the side with the data, since the portal takes one image. An RG has them on the back; its
/// successor, the CIN, and every other kind have them beside the face.
fn side(applicant: &Applicant) -> &'static str {
    match &applicant.document {
        Some(IdentityDocument { kind: DocumentKind::Rg, back: Some(_), .. }) => BACK,
        _ => DOCUMENT,
    }
}

fn handed_in<'a>(applicant: &'a Applicant, operation: &Operation) -> Result<&'a IdentityDocument, Error> {
    let missing = || operation.invalid_input("document", &ValidationError::new("is required"));
    applicant.document.as_ref().ok_or_else(missing)
}

fn faces(applicant: &Applicant) -> Result<FaceMatchRequest, Error> {
    let missing = || facematch::OPERATION.invalid_input("selfie", &ValidationError::new("is required"));
    let selfie = applicant.selfie.clone().ok_or_else(missing)?;
    let document = handed_in(applicant, &facematch::OPERATION)?;
    Ok(FaceMatchRequest::new(selfie, document.front.clone()))
}

fn registration(response: &CpfResponse) -> Evidence {
    let PersonCheck { status, deceased, name, .. } = PersonCheck::from(response);
    Evidence::Registration { status, deceased, name }
}

fn read(reading: &DocumentReading) -> Evidence {
    let text = |names| common(reading, names);
    let birth_date = text(&["datanascimento", "datadenascimento", "nascimento"]);
    Evidence::Document {
        kind: reading.kind.clone().filter(|kind| !matches!(kind, DocumentKind::Unknown(_))),
        cpf: text(&["cpf"]).map(|text| Pii::new(text.to_owned())),
        name: text(&["nome", "nomecompleto"]).map(|text| Pii::new(text.to_owned())),
        birth_date: birth_date.and_then(|text| Date::parse(text.trim()).ok()).map(Pii::new),
        genuine: None,
    }
}

/// Returns the text that all fields of these names have. No source lists the names: any other spelling is unread. An
/// image may show several documents, and then their fields may differ.
fn common<'a>(reading: &'a DocumentReading, names: &[&str]) -> Option<&'a str> {
    let plain = |name: &str| name.replace(['_', '-', ' '], "").to_lowercase();
    let named = reading.fields.iter().filter(|field| names.contains(&plain(&field.name).as_str()));
    let mut texts = named.map(|field| field.value.expose().as_str());
    let first = texts.next()?;
    texts.all(|text| text == first).then_some(first)
}
