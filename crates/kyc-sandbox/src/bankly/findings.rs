//! An image and its findings in the vendor's two forms: one in responses, another in events.

use kyc_core::Timestamp;
use serde_json::{Map, Value, json};

use super::analysis::{
    DETECTED_DOCUMENT, Finding, HAS_FACE_MATCH, Image, Kind, NO_FACE, Shown, Stage, UNMATCHED,
};
use super::dates::{millis, sevenths};
use crate::faces::Comparison;
use crate::samples;

/// As in the status response. Without `detailed` it has only the progress of the analysis.
pub(super) fn in_status(image: &Image, cpf: &str, now: Timestamp, detailed: bool) -> Value {
    let stage = image.stage(now);
    let side = if image.kind == Kind::Back { "BACK" } else { "FRONT" };
    let mut fields = Map::new();
    fields.insert("token".to_owned(), image.token.as_str().into());
    fields.insert("documentType".to_owned(), image.document_type.into());
    fields.insert("documentSide".to_owned(), side.into());
    fields.insert("status".to_owned(), image.status(stage).into());
    if !detailed || image.finding.failed {
        return fields.into();
    }
    let finding = &image.finding;
    match (stage, image.kind) {
        // The first of two analyses has ended. A back has only one.
        (Stage::PartiallyAnalyzed, Kind::Selfie) => {
            fields.insert("liveness".to_owned(), json!({ "status": finding.liveness }));
        }
        (Stage::PartiallyAnalyzed, Kind::Front) => {
            fields.insert("faceMatch".to_owned(), face_match(image));
        }
        (Stage::Ended, Kind::Selfie) => {
            fields.insert("liveness".to_owned(), json!({ "status": finding.liveness }));
            fields.insert("faceDetails".to_owned(), face(finding));
        }
        (Stage::Ended, Kind::Front) => {
            fields.insert("faceMatch".to_owned(), face_match(image));
            fields.insert("documentDetails".to_owned(), document(image, cpf));
        }
        (Stage::Ended, Kind::Back) => {
            fields.insert("documentDetails".to_owned(), document(image, cpf));
        }
        _ => {}
    }
    if stage == Stage::Ended {
        fields.insert("analyzedAt".to_owned(), millis(image.ends).into());
    }
    fields.into()
}

/// As in `DOCUMENT_WAS_RECEIVED`.
pub(super) fn on_arrival(image: &Image) -> Value {
    in_event(image, Stage::Analyzing).into()
}

/// As in `DOCUMENT_WAS_PROCESSED`.
pub(super) fn on_end(image: &Image, cpf: &str) -> Value {
    let mut fields = in_event(image, Stage::Ended);
    fields.insert("analyzedAt".to_owned(), sevenths(image.ends).into());
    let finding = &image.finding;
    if finding.failed {
        return fields.into();
    }
    if image.kind == Kind::Selfie {
        fields.insert("faceDetails".to_owned(), face_in_event(finding));
        let mut liveness = json!({ "status": finding.liveness });
        if let Some(message) = image.message() {
            liveness["analysisDetails"] = json!([{ "message": message }]);
        }
        fields.insert("liveness".to_owned(), liveness);
        return fields.into();
    }
    if image.kind == Kind::Front {
        fields.insert("faceMatch".to_owned(), face_match(image));
    }
    fields.insert("documentDetails".to_owned(), document_in_event(image, cpf));
    fields.into()
}

/// Without a side for a selfie.
fn in_event(image: &Image, stage: Stage) -> Map<String, Value> {
    let mut fields = Map::new();
    fields.insert("token".to_owned(), image.token.as_str().into());
    fields.insert("documentType".to_owned(), image.document_type.into());
    match image.kind {
        Kind::Selfie => {}
        Kind::Front => drop(fields.insert("documentSide".to_owned(), "FRONT".into())),
        Kind::Back => drop(fields.insert("documentSide".to_owned(), "BACK".into())),
    }
    fields.insert("status".to_owned(), image.status(stage).into());
    fields
}

fn face(finding: &Finding) -> Value {
    if finding.face == NO_FACE {
        return json!({ "status": NO_FACE });
    }
    json!({
        "status": finding.face,
        "confidence": 99.99689,
        "ageRange": { "low": 25, "high": 35 },
        "gender": { "value": "Female", "confidence": 99.21723 },
        "sunglasses": { "value": false, "confidence": 99.40401 },
        "eyesOpen": { "value": true, "confidence": 92.05033 },
        "emotions": [
            { "value": "CALM", "confidence": 95.32976 },
            { "value": "HAPPY", "confidence": 4.67024 },
        ],
    })
}

fn face_in_event(finding: &Finding) -> Value {
    if finding.face == NO_FACE {
        return json!({ "status": NO_FACE });
    }
    json!({
        "status": finding.face,
        "confidence": 99.999275,
        "ageRange": { "low": 25, "high": 35 },
        "sunglasses": { "value": false, "confidence": 99.99592 },
        "eyesOpen": { "value": true, "confidence": 92.05033 },
    })
}

fn face_match(image: &Image) -> Value {
    let computed = image.seen.and_then(Comparison::likeness);
    let similarity = match (image.finding.face_match, computed) {
        // Nothing was compared.
        _ if image.seen.and_then(Comparison::defect).is_some() => Value::Null,
        (HAS_FACE_MATCH | UNMATCHED, Some(likeness)) => json!(likeness * 100.0),
        (HAS_FACE_MATCH, None) => json!(99.98459),
        (UNMATCHED, None) => json!(12.5),
        _ => Value::Null,
    };
    json!({ "status": image.finding.face_match, "similarity": similarity, "confidence": 99.99835 })
}

/// As in the vendor's examples.
const ANOTHER_CPF: &str = "47742663023";
const FACTS: &str = "Nísia Floresta";
const MOTHER: &str = "Dionísia Gonçalves Pinto";

/// Dates as `yyyy-mm-dd`.
fn document(image: &Image, cpf: &str) -> Value {
    if image.finding.document != DETECTED_DOCUMENT {
        return json!({ "status": image.finding.document });
    }
    let mut details = json!({
        "status": DETECTED_DOCUMENT,
        "identifiedDocumentType": identified(image),
        "idNumber": "48151623",
        "cpfNumber": cpf_on(image, cpf),
        "birthDate": "1990-10-12",
        "fatherName": "",
        "motherName": MOTHER,
        "registerName": name_of(cpf),
        "validDate": "2030-01-30",
        "federativeUnit": "SP",
        "issuedBy": "SSP",
        "issuePlace": "SP",
        "issueDate": "2020-01-30",
    });
    if image.document_type == "CNH" {
        details["driveLicenseCategory"] = "B".into();
        details["driveLicenseNumber"] = "12345678900".into();
        details["driveLicenseFirstQualifyingDate"] = "2010-02-03".into();
    }
    details
}

fn identified(image: &Image) -> &'static str {
    match image.document_type {
        identified if image.finding.shown != Shown::AnotherType => identified,
        "CNH" => "RG",
        _ => "CNH",
    }
}

/// The name of the sample applicant is the one that the other vendors read, too.
fn name_of(cpf: &str) -> &'static str {
    if cpf == samples::PERSON.cpf { samples::PERSON.name } else { FACTS }
}

fn cpf_on<'a>(image: &Image, cpf: &'a str) -> &'a str {
    if image.finding.shown == Shown::AnotherPerson { ANOTHER_CPF } else { cpf }
}

/// Dates as `dd/mm/yyyy`. The fields depend on the document and its side.
fn document_in_event(image: &Image, cpf: &str) -> Value {
    if image.finding.document != DETECTED_DOCUMENT {
        return json!({ "status": image.finding.document });
    }
    let mut details = read_from(image, cpf);
    if image.finding.shown == Shown::TheOtherSide {
        details["side"] = if image.kind == Kind::Back { "A" } else { "B" }.into();
    }
    details
}

fn read_from(image: &Image, cpf: &str) -> Value {
    match (image.document_type, image.kind) {
        ("CNH", Kind::Front) => json!({
            "status": DETECTED_DOCUMENT,
            "idNumber": "48151623",
            "cpfNumber": cpf_on(image, cpf),
            "registerName": name_of(cpf),
            "driveLicenseCategory": "B",
            "driveLicenseNumber": "12345678900",
            "federativeUnit": "PA",
            "issuedBy": "SSP",
            "issueDate": "30/01/2020",
            "birthDate": "12/10/1990",
            "fatherName": "",
            "motherName": MOTHER,
            "validDate": "30/01/2030",
            "category": "B",
            "side": "A",
        }),
        ("CNH", _) => json!({
            "status": DETECTED_DOCUMENT,
            "issuePlace": "Santarém, PA",
            "issueDate": "30/01/2020",
            "side": "B",
        }),
        (_, Kind::Back) => json!({
            "status": DETECTED_DOCUMENT,
            "idNumber": "48151623",
            "registerName": name_of(cpf),
            "issueDate": "30/01/2020",
            "birthDate": "12/10/1990",
            "motherName": MOTHER,
            "side": "B",
        }),
        _ => json!({
            "status": DETECTED_DOCUMENT,
            "federativeUnit": "PARÁ",
            "side": "A",
            "placeOfBirth": "Santarém",
        }),
    }
}
