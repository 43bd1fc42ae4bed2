//! Reads an applicant from JSON. No error repeats a value.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kyc_br::kyc_core::{Applicant, Date, IdentityDocument, Pii, ValidationError};
use kyc_br::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};

/// Pictures are in base64.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    cpf: String,
    name: Option<String>,
    birth_date: Option<String>,
    selfie: Option<String>,
    document: Option<Document>,
    #[serde(default)]
    capture: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    kind: String,
    front: String,
    back: Option<String>,
}

pub(crate) fn read(body: &[u8]) -> Result<Applicant, ValidationError> {
    // The error of the parser would repeat what it did not expect.
    let no_applicant = |_| ValidationError::new("must be the JSON of an applicant").about("the body");
    let said: Said = serde_json::from_slice(body).map_err(no_applicant)?;
    let mut applicant = Applicant::new(Cpf::parse(&said.cpf).map_err(|rule| rule.about("cpf"))?);
    applicant.name = said.name.map(Pii::new);
    let birth_date = said.birth_date.as_deref().map(Date::parse).transpose();
    applicant.birth_date = birth_date.map_err(|rule| rule.about("birth_date"))?.map(Pii::new);
    applicant.selfie = said.selfie.as_deref().map(|text| picture(text, "selfie")).transpose()?;
    if let Some(Document { kind, front, back }) = said.document {
        let kind = DocumentKind::from(kind.as_str());
        let mut document = IdentityDocument::new(kind, picture(&front, "document.front")?);
        document.back = back.as_deref().map(|text| picture(text, "document.back")).transpose()?;
        applicant.document = Some(document);
    }
    applicant.capture = said.capture.iter().map(|text| picture(text, "capture")).collect::<Result<_, _>>()?;
    Ok(applicant)
}

/// Writes what [`read`] reads.
pub(crate) fn to_json(applicant: &Applicant) -> Value {
    let picture = |media: &Media| STANDARD.encode(media.bytes());
    json!({
        "cpf": applicant.cpf.digits(),
        "name": applicant.name.as_ref().map(Pii::expose),
        "birth_date": applicant.birth_date.as_ref().map(|date| date.expose().to_iso8601()),
        "selfie": applicant.selfie.as_ref().map(picture),
        "document": applicant.document.as_ref().map(|document| json!({
            "kind": document.kind.as_str(),
            "front": picture(&document.front),
            "back": document.back.as_ref().map(picture),
        })),
        "capture": applicant.capture.iter().map(picture).collect::<Vec<_>>(),
    })
}

fn picture(text: &str, field: &'static str) -> Result<Media, ValidationError> {
    let bytes = STANDARD.decode(text).map_err(|_| ValidationError::new("must be base64").about(field))?;
    Media::new(bytes).map_err(|rule| rule.about(field))
}
