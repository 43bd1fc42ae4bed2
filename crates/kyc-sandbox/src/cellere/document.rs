//! OCR of documents.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kyc_core::{MediaFormat, MediaRules};
use kyc_fixtures::cellere_portal as documented;
use serde_json::Value;
use uuid::Uuid;

use super::errors::image_required;
use super::outcomes::AnswerEffect;
use super::request::{Request, body_of};
use crate::reply::Reply;

/// The vendor does not document the formats.
const ANY: MediaRules = MediaRules {
    formats: &[
        MediaFormat::Jpeg,
        MediaFormat::Png,
        MediaFormat::Gif,
        MediaFormat::Bmp,
        MediaFormat::Webp,
        MediaFormat::Heic,
        MediaFormat::Pdf,
    ],
    max_bytes: None,
    min_pixels: None,
};

/// The fields depend on the path and on the scenario only. The image returned on request is the one that was sent.
pub(super) fn reply(request: &Request, effect: Option<AnswerEffect>, query_id: Uuid) -> Result<Value, Reply> {
    let fields = request.fields()?;
    let image = fields.image("image", &ANY)?.ok_or_else(|| image_required("image is missing or empty"))?;
    let deskewed = fields.flag("deskewImage")?.then(|| STANDARD.encode(image.media.bytes()));
    let other = if request.route.path.ends_with("/rg") {
        &documented::DOCUMENT_CNH_200
    } else {
        &documented::DOCUMENT_RG_200
    };
    let mut body = match effect {
        Some(AnswerEffect::Body(fixture)) => body_of(fixture),
        Some(AnswerEffect::OtherDocument) => body_of(other),
        _ => request.documented_reply(),
    };
    body["queryId"] = query_id.to_string().into();
    let pages = body["result"].as_array_mut().into_iter().flatten();
    for page in pages.filter_map(Value::as_object_mut) {
        page.remove("deskewImage");
        if let Some(deskewed) = &deskewed {
            page.insert("deskewImage".to_owned(), deskewed.as_str().into());
        }
    }
    Ok(body)
}
