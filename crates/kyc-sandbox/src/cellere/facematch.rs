//! Face comparison.

use kyc_core::{Media, MediaFormat, MediaRules};
use kyc_fixtures::cellere_portal as documented;
use serde_json::Value;

use super::errors::image_required;
use super::outcomes::AnswerEffect;
use super::request::{Fields, Request, body_of};
use crate::reply::Reply;
use crate::samples;

const FORMATS: MediaRules = MediaRules {
    formats: &[MediaFormat::Jpeg, MediaFormat::Png, MediaFormat::Bmp, MediaFormat::Pdf],
    max_bytes: None,
    min_pixels: None,
};

/// Without a scenario, two samples of different persons do not match, and any other two pictures do.
pub(super) fn reply(request: &Request, effect: Option<AnswerEffect>) -> Result<Value, Reply> {
    let fields = request.fields()?;
    let first = face(&fields, ["image1", "face_a"])?;
    let second = face(&fields, ["image2", "face_b"])?;
    Ok(match effect {
        Some(AnswerEffect::Body(fixture)) => body_of(fixture),
        _ if samples::differ(first.bytes(), second.bytes()) => body_of(&documented::FACEMATCH_NO_MATCH_200),
        _ => request.documented_reply(),
    })
}

/// The forms of the path ensure that only one of the two names is present.
fn face(fields: &Fields, names: [&str; 2]) -> Result<Media, Reply> {
    for name in names {
        if let Some(image) = fields.image(name, &FORMATS)? {
            return Ok(image.media);
        }
    }
    Err(image_required("one of the two images is missing or empty"))
}
