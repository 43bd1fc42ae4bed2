//! What files must be, told by their content.

use bytes::Bytes;
use kyc_core::{Media, MediaFormat, MediaRules, ValidationError};

use super::answers::invalid;
use crate::answer::Answer;

/// One megabyte in the stricter reading.
const PICTURE: MediaRules = MediaRules {
    formats: &[MediaFormat::Jpeg, MediaFormat::Png],
    max_bytes: Some(1_000_000),
    min_pixels: Some((480, 480)),
};

const PDF: MediaRules =
    MediaRules { formats: &[MediaFormat::Pdf], max_bytes: Some(8_500_000), min_pixels: None };

/// VGA is 640 by 480, or upright.
const LONG_SIDE: u32 = 640;

pub(super) fn check_picture(content: &Bytes) -> Result<(), Answer> {
    let media = checked("image", content, &PICTURE)?;
    match media.dimensions() {
        Some((width, height)) if width.max(height) < LONG_SIDE => {
            Err(invalid("image", "The image must have 640 by 480 pixels at least."))
        }
        _ => Ok(()),
    }
}

pub(super) fn check_pdf(content: &Bytes) -> Result<(), Answer> {
    checked("file", content, &PDF).map(drop)
}

fn checked(name: &str, content: &Bytes, rules: &MediaRules) -> Result<Media, Answer> {
    let wrong = |rule: ValidationError| invalid(name, format!("The field {name} {rule}."));
    let media = Media::new(content.clone()).map_err(wrong)?;
    media.check(rules).map_err(wrong)?;
    Ok(media)
}
