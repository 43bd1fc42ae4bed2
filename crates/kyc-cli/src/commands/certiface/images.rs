//! Images in Certiface's responses.

use certiface::JourneyResult;
use kyc_core::{Base64Bytes, Media, MediaFormat};

/// Returns each readable photo with a name for its file.
pub(super) fn photos(result: &JourneyResult) -> Vec<(String, Media)> {
    let Some(photos) = &result.fotos else { return Vec::new() };
    let face = photos.facecaptcha.as_ref().and_then(|face| face.frontal.as_ref());
    let documents = photos.documento.iter().flatten().zip(1..);
    let documents =
        documents.filter_map(|(photo, number)| Some((format!("document-{number}"), photo.imagem.as_ref()?)));
    let named = |(name, encoded): (String, &Base64Bytes)| {
        let photo = media(encoded)?;
        Some((format!("{name}.{}", extension(&photo)), photo))
    };
    face.map(|face| ("face".to_owned(), face)).into_iter().chain(documents).filter_map(named).collect()
}

/// Returns a file in a response; `None` if it is empty or not valid base64.
pub(super) fn media(encoded: &Base64Bytes) -> Option<Media> {
    Media::new(encoded.bytes()?.clone()).ok()
}

pub(super) fn extension(file: &Media) -> &'static str {
    match file.format() {
        MediaFormat::Jpeg => "jpg",
        MediaFormat::Png => "png",
        MediaFormat::Gif => "gif",
        MediaFormat::Bmp => "bmp",
        MediaFormat::Webp => "webp",
        MediaFormat::Heic => "heic",
        MediaFormat::Pdf => "pdf",
        _ => "bin",
    }
}
