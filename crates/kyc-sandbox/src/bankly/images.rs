//! Validates the content of uploaded files.

use bytes::Bytes;
use kyc_core::{Media, MediaFormat, MediaRules, ValidationError};

use super::errors::invalid;
use crate::reply::Reply;

/// The vendor's limit is one megabyte; this is the stricter reading of it.
const IMAGE: MediaRules = MediaRules {
    formats: &[MediaFormat::Jpeg, MediaFormat::Png],
    max_bytes: Some(1_000_000),
    min_pixels: Some((480, 480)),
};

const PDF: MediaRules =
    MediaRules { formats: &[MediaFormat::Pdf], max_bytes: Some(8_500_000), min_pixels: None };

/// VGA: 640 by 480, landscape or portrait.
const LONG_SIDE: u32 = 640;

pub(super) fn check_image(content: &Bytes) -> Result<(), Reply> {
    let media = checked("image", content, &IMAGE)?;
    match media.dimensions() {
        Some((width, height)) if width.max(height) < LONG_SIDE => {
            Err(invalid("image", "The image must have 640 by 480 pixels at least."))
        }
        _ => Ok(()),
    }
}

pub(super) fn check_pdf(content: &Bytes) -> Result<(), Reply> {
    checked("file", content, &PDF).map(drop)
}

fn checked(name: &str, content: &Bytes, rules: &MediaRules) -> Result<Media, Reply> {
    let refused = |rule: ValidationError| invalid(name, format!("The field {name} {rule}."));
    let media = Media::new(content.clone()).map_err(refused)?;
    media.check(rules).map_err(refused)?;
    Ok(media)
}
