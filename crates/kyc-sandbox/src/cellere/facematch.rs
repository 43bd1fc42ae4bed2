//! Face comparison.

use kyc_core::{Media, MediaFormat, MediaRules};
use kyc_fixtures::cellere_portal as documented;
use serde_json::Value;

use super::errors::{bad_request, image_required};
use super::outcomes::AnswerEffect;
use super::request::{Fields, Request, body_of};
use crate::faces::Comparison;
use crate::reply::Reply;
use crate::samples;

const FORMATS: MediaRules = MediaRules {
    formats: &[MediaFormat::Jpeg, MediaFormat::Png, MediaFormat::Bmp, MediaFormat::Pdf],
    max_bytes: None,
    min_pixels: None,
};

/// A scenario decides, or else the samples, or else what was seen; otherwise any two pictures match.
pub(super) fn reply(
    request: &Request,
    effect: Option<AnswerEffect>,
    seen: Option<Comparison>,
) -> Result<Value, Reply> {
    let [first, second] = faces(request)?;
    if let Some(AnswerEffect::Body(fixture)) = effect {
        return Ok(body_of(fixture));
    }
    if let Some((place, defect)) = seen.and_then(Comparison::defect) {
        // The page has no code of its own for it.
        return Err(bad_request(&Comparison::Unusable(place, defect).to_string()).simulated(seen));
    }
    let same = seen.and_then(Comparison::is_match);
    let same = same.or_else(|| samples::pair(first.bytes(), second.bytes()).map(|pair| pair.same));
    let mut body = match same {
        Some(false) => body_of(&documented::FACEMATCH_NO_MATCH_200),
        _ => request.documented_reply(),
    };
    if let Some((seen, likeness)) = seen.and_then(|seen| Some((seen, seen.likeness()?))) {
        body["confiability"] = likeness.into();
        body["distance"] = seen.distance().into();
    }
    Ok(body)
}

/// The two pictures.
pub(super) fn faces(request: &Request) -> Result<[Media; 2], Reply> {
    let fields = request.fields()?;
    Ok([face(&fields, ["image1", "face_a"])?, face(&fields, ["image2", "face_b"])?])
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
