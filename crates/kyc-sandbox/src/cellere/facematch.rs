//! Comparing two faces.

use kyc_core::{Media, MediaFormat, MediaRules};
use kyc_fixtures::cellere_portal as documented;
use serde_json::Value;

use super::answers::image_required;
use super::request::{Fields, Request, body_of};
use crate::answer::Answer;
use crate::samples;

const FORMATS: MediaRules = MediaRules {
    formats: &[MediaFormat::Jpeg, MediaFormat::Png, MediaFormat::Bmp, MediaFormat::Pdf],
    max_bytes: None,
    min_pixels: None,
};

/// Who is on a sample.
#[derive(Clone, Copy, PartialEq)]
enum Person {
    A,
    B,
}

const KNOWN: &[(&[u8], Person)] =
    &[(samples::A_2014, Person::A), (samples::A_2025, Person::A), (samples::B_2022, Person::B)];

/// Two samples of different persons do not match; any other two pictures do.
pub(super) fn answer(request: &Request) -> Result<Value, Answer> {
    let fields = request.fields()?;
    let first = face(&fields, ["image1", "face_a"])?;
    let second = face(&fields, ["image2", "face_b"])?;
    Ok(match (person(&first), person(&second)) {
        (Some(first), Some(second)) if first != second => body_of(&documented::FACEMATCH_NO_MATCH_200),
        _ => request.usual_answer(),
    })
}

/// The path's forms see to it that only one of the names can be there.
fn face(fields: &Fields, names: [&str; 2]) -> Result<Media, Answer> {
    for name in names {
        if let Some(picture) = fields.picture(name, &FORMATS)? {
            return Ok(picture.media);
        }
    }
    Err(image_required())
}

fn person(media: &Media) -> Option<Person> {
    KNOWN.iter().find(|(sample, _)| media.bytes() == sample).map(|(_, person)| *person)
}
