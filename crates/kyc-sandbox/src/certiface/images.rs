//! Validates images in requests by their first bytes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kyc_core::{Media, MediaFormat};
use serde_json::Value;

const NOT_BASE64: &str = "not valid base64 in the standard alphabet, with padding";

/// A JPEG.
pub(super) fn jpeg(encoded: &str) -> Result<Media, &'static str> {
    let media = decoded(encoded)?;
    if media.format() == MediaFormat::Jpeg { Ok(media) } else { Err("not a JPEG") }
}

/// A JPEG, PNG or PDF.
pub(super) fn document(value: Option<&Value>) -> Result<Media, &'static str> {
    let encoded = value.and_then(Value::as_str).ok_or("must be text")?;
    if encoded.starts_with("data:") {
        return Err("must be base64 without a data: prefix");
    }
    let media = decoded(encoded)?;
    match media.format() {
        MediaFormat::Jpeg | MediaFormat::Png | MediaFormat::Pdf => Ok(media),
        _ => Err("not a JPEG, PNG or PDF"),
    }
}

fn decoded(encoded: &str) -> Result<Media, &'static str> {
    let bytes = STANDARD.decode(encoded).map_err(|_| NOT_BASE64)?;
    Media::new(bytes).map_err(|_| "empty")
}
