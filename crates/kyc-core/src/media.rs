//! Images and documents for a vendor: their format by content, and the checks before they are sent.

use std::fmt;
use std::io::Read as _;
use std::path::Path;
use std::sync::LazyLock;

use bytes::Bytes;
use serde::{Serialize, Serializer};

use crate::validation::{ValidationError, file_subject, unreadable};

mod format;

pub use format::MediaFormat;

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
type Base64Engine = base64::engine::Simd;
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
type Base64Engine = base64::engine::GeneralPurpose;

/// Standard alphabet with padding, which every vendor accepts.
pub(crate) static BASE64: LazyLock<Base64Engine> = LazyLock::new(|| {
    let config = base64::engine::general_purpose::PAD;
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    return base64::engine::Simd::standard(config);
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    base64::engine::GeneralPurpose::new(&base64::alphabet::STANDARD, config)
});

/// Encodes bytes as base64 into the front of a buffer, with the standard alphabet and padding. Returns the number of bytes
/// written, or `None` if they do not fit.
#[must_use]
pub fn encode_base64(raw: &[u8], buffer: &mut [u8]) -> Option<usize> {
    base64::Engine::encode_slice(&*BASE64, raw, buffer).ok()
}

/// An image or document in memory. Its format is detected by content, never by file name.
///
/// Cloning shares the bytes. `Debug` shows format and size, never content. Requests encode base64 while they are sent; only
/// [`Serialize`] encodes it in one piece.
#[derive(Clone, PartialEq, Eq)]
pub struct Media {
    bytes: Bytes,
    format: MediaFormat,
    dimensions: Option<(u32, u32)>,
}

/// The files that a vendor accepts, checked before anything is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MediaRules {
    /// The accepted formats.
    pub formats: &'static [MediaFormat],
    /// The largest size in bytes, if the vendor names one.
    pub max_bytes: Option<usize>,
    /// The smallest width and height in pixels, if the vendor names them.
    pub min_pixels: Option<(u32, u32)>,
}

impl Media {
    /// The largest file that is read into memory: 50 MiB. Vendors' own limits are far lower.
    pub const MAX_BYTES: usize = 50 * 1024 * 1024;

    /// Wraps bytes and detects their format.
    ///
    /// # Errors
    /// Empty, or larger than [`MAX_BYTES`](Self::MAX_BYTES).
    pub fn new(bytes: impl Into<Bytes>) -> Result<Self, ValidationError> {
        let bytes = bytes.into();
        if bytes.is_empty() {
            return Err(ValidationError::new("must not be empty"));
        }
        if bytes.len() > Self::MAX_BYTES {
            return Err(too_large());
        }
        let format = MediaFormat::sniff(&bytes);
        let dimensions = format::dimensions(format, &bytes);
        Ok(Self { bytes, format, dimensions })
    }

    /// Reads a file. This blocks: call it from `spawn_blocking` in an asynchronous program.
    ///
    /// # Errors
    /// The path is not a readable regular file, or the file is empty or larger than [`MAX_BYTES`](Self::MAX_BYTES); a file that is
    /// too large is not read. The error names the file.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, ValidationError> {
        let path = path.as_ref();
        Self::read_file(path).map_err(|invalid| invalid.about(file_subject(path)))
    }

    fn read_file(path: &Path) -> Result<Self, ValidationError> {
        // The metadata come first: opening a pipe would wait for its other end.
        let metadata = std::fs::metadata(path).map_err(|error| unreadable(&error))?;
        if metadata.is_dir() {
            return Err(ValidationError::new("is a directory, not a file"));
        }
        if !metadata.is_file() {
            return Err(ValidationError::new("is not a regular file"));
        }
        let limit = Self::MAX_BYTES as u64;
        if metadata.len() > limit {
            return Err(too_large());
        }
        let file = std::fs::File::open(path).map_err(|error| unreadable(&error))?;
        let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0));
        // The file may grow meanwhile: one byte over the limit is enough to refuse it.
        file.take(limit + 1).read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
        Self::new(bytes)
    }

    /// Returns the content. A face is biometric data: keep it out of logs.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// Returns the format, detected by content.
    #[must_use]
    pub fn format(&self) -> MediaFormat {
        self.format
    }

    /// Returns width and height in pixels as stored (a rotation in EXIF is not applied), where the format has them.
    #[must_use]
    pub fn dimensions(&self) -> Option<(u32, u32)> {
        self.dimensions
    }

    /// Returns the size in bytes, which is never zero.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a Media is never empty")]
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether a JPEG or PNG contains its end marker. Other formats are assumed to be complete.
    ///
    /// Data after the end marker are ignored: phones append videos there.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        format::is_complete(self.format, &self.bytes)
    }

    /// Validates the file against a vendor's rules: format, end marker, size, dimensions, in this order.
    ///
    /// # Errors
    /// The first rule that is broken.
    pub fn check(&self, rules: &MediaRules) -> Result<(), ValidationError> {
        if !rules.formats.contains(&self.format) {
            let wanted: Vec<_> = rules.formats.iter().map(|format| format.name()).collect();
            let found = match self.format {
                MediaFormat::Unknown => "not a known image format".to_owned(),
                known => format!("{} by its content", known.name()),
            };
            return Err(ValidationError::new(format!("must be {}, but is {found}", wanted.join(" or "))));
        }
        if !self.is_complete() {
            return Err(ValidationError::new(format!(
                "is a truncated {}: its end marker is missing",
                self.format.name()
            )));
        }
        if let Some(most) = rules.max_bytes.filter(|&most| self.len() > most) {
            return Err(ValidationError::new(format!(
                "must not be larger than {most} bytes, but has {}",
                self.len()
            )));
        }
        if matches!(self.format, MediaFormat::Pdf | MediaFormat::Unknown) {
            return Ok(());
        }
        self.check_pixels(rules.min_pixels.unwrap_or_default())
    }

    /// An image without readable dimensions is damaged, or is another kind of file that begins like an image.
    fn check_pixels(&self, (min_width, min_height): (u32, u32)) -> Result<(), ValidationError> {
        let Some((width, height)) = self.dimensions else {
            return Err(ValidationError::new(format!(
                "is a {} whose dimensions cannot be read",
                self.format.name()
            )));
        };
        if width < min_width {
            return Err(ValidationError::new(format!(
                "must be at least {min_width} pixels wide, but is {width}"
            )));
        }
        if height < min_height {
            return Err(ValidationError::new(format!(
                "must be at least {min_height} pixels high, but is {height}"
            )));
        }
        Ok(())
    }
}

impl fmt::Debug for Media {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Media({}, ", self.format.name())?;
        if let Some((width, height)) = self.dimensions {
            write!(f, "{width}x{height}, ")?;
        }
        write!(f, "{} bytes)", self.bytes.len())
    }
}

impl Serialize for Media {
    /// Writes base64 in one piece, which exposes and copies the content. Requests stream it instead: see [`Body`](crate::Body).
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&base64::display::Base64Display::new(&self.bytes, &*BASE64))
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Media {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Media".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "contentEncoding": "base64" })
    }
}

fn too_large() -> ValidationError {
    ValidationError::new(format!("must not be larger than {} MiB", Media::MAX_BYTES / 1024 / 1024))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::format::{dimensions, is_complete};
    use super::*;

    /// SOI, an APP1 whose content looks like a whole JPEG, SOF0 of 200 × 150, SOS, data, EOI.
    fn jpeg() -> Vec<u8> {
        let mut bytes = vec![0xFF, 0xD8, 0xFF, 0xE1, 0, 8, 0xFF, 0xD8, 1, 2, 0xFF, 0xD9];
        bytes.extend([0xFF, 0xC0, 0, 11, 8, 0, 150, 0, 200, 1, 1, 0x11, 0]);
        bytes.extend([
            0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0, 0x12, 0xFF, 0x00, 0x34, 0xFF, 0xD0, 0x56, 0xFF, 0xD9,
        ]);
        bytes
    }

    fn png(width: u32) -> Vec<u8> {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        bytes.extend(width.to_be_bytes());
        bytes.extend(150u32.to_be_bytes());
        bytes.extend([8, 2, 0, 0, 0, 0, 0, 0, 0]);
        bytes.extend(b"\0\0\0\0IEND\xaeB`\x82");
        bytes
    }

    const RULES: MediaRules = MediaRules {
        formats: &[MediaFormat::Jpeg, MediaFormat::Png],
        max_bytes: Some(1000),
        min_pixels: Some((150, 1)),
    };

    fn refusal(bytes: impl Into<Bytes>) -> String {
        match Media::new(bytes).and_then(|media| media.check(&RULES)) {
            Ok(()) => String::new(),
            Err(invalid) => invalid.to_string(),
        }
    }

    #[test]
    fn complete_images_are_accepted() {
        assert_eq!(refusal(jpeg()), "");
        assert_eq!(refusal(png(150)), "");
        let mut with_video = jpeg();
        with_video.extend([0; 500]);
        assert_eq!(refusal(with_video), "");
    }

    #[test]
    fn each_broken_rule_has_its_message() {
        assert_eq!(refusal(""), "must not be empty");
        assert_eq!(refusal("hello"), "must be JPEG or PNG, but is not a known image format");
        assert_eq!(
            refusal(&b"GIF89a\x01\0\x01\0\0\0\0"[..]),
            "must be JPEG or PNG, but is GIF by its content"
        );
        assert_eq!(refusal(&b"%PDF-1.7\n"[..]), "must be JPEG or PNG, but is PDF by its content");
        assert_eq!(refusal(png(149)), "must be at least 150 pixels wide, but is 149");
        assert_eq!(
            refusal(jpeg()[..jpeg().len() - 2].to_vec()),
            "is a truncated JPEG: its end marker is missing"
        );
        assert_eq!(refusal(png(150)[..40].to_vec()), "is a truncated PNG: its end marker is missing");
        let mut long = jpeg();
        long.resize(1001, 0);
        assert_eq!(refusal(long), "must not be larger than 1000 bytes, but has 1001");
    }

    #[test]
    fn truncated_files_are_detected() {
        for end in 3..jpeg().len() - 1 {
            assert!(!is_complete(MediaFormat::Jpeg, &jpeg()[..end]), "{end}");
        }
        for end in 8..png(150).len() - 11 {
            assert!(!is_complete(MediaFormat::Png, &png(150)[..end]), "{end}");
        }
    }

    #[test]
    fn the_signature_decides_the_format() {
        let format = |bytes: &[u8]| MediaFormat::sniff(bytes);
        let mut with_comment = b"\xFF\xD8\xFF\xFE\0\x14made from %PDF-1.4".to_vec();
        with_comment.extend(&jpeg()[2..]);
        assert_eq!(format(&with_comment), MediaFormat::Jpeg);
        assert_eq!(format(b"\n\n%PDF-1.4"), MediaFormat::Pdf);
        for brand in ["isom", "qt  ", "avif", "mp42", "3gp4", "crx "] {
            let file = format!("\0\0\0\x18ftyp{brand}\0\0\0\0mif1avif");
            assert_eq!(format(file.as_bytes()), MediaFormat::Unknown, "{brand}");
        }
        assert_eq!(format(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"), MediaFormat::Heic);
        assert_eq!(format(b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic"), MediaFormat::Heic);
        assert_eq!(format(b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif"), MediaFormat::Unknown);
        assert_eq!(format(b"BMW and other cars, in a text"), MediaFormat::Unknown);
    }

    #[test]
    fn an_image_whose_size_cannot_be_read_is_refused() {
        let mut no_header = png(150);
        no_header[12..16].copy_from_slice(b"tEXt");
        assert_eq!(refusal(no_header), "is a PNG whose dimensions cannot be read");
        let heic = Media::new(&b"\0\0\0\x18ftypheic\0\0\0\0mif1heic................"[..]).expect("a file");
        let rules = MediaRules { formats: &[MediaFormat::Heic], max_bytes: None, min_pixels: None };
        let invalid = heic.check(&rules).expect_err("no image");
        assert_eq!(invalid.rule(), "is a HEIC whose dimensions cannot be read");
    }

    #[test]
    fn jpegs_of_cameras_are_accepted() {
        let mut filled = jpeg();
        let frame = filled.windows(2).position(|pair| pair == [0xFF, 0xC0]).expect("a frame");
        filled.splice(frame..frame, [0xFF, 0xFF, 0xFF]);
        assert_eq!(dimensions(MediaFormat::Jpeg, &filled), Some((200, 150)));
        assert_eq!(refusal(filled), "");
        let mut with_trailer = jpeg();
        with_trailer.truncate(with_trailer.len() - 2);
        with_trailer.extend(b"\0\0\x01\x0aMCC_Data724SEFHk\0\0\0SEFT");
        assert_eq!(refusal(with_trailer), "");
        let mut with_video = jpeg();
        with_video.truncate(with_video.len() - 2);
        with_video.extend(b"\0\0\0\x18ftypmp42\0\0\0\0isommp42");
        assert_eq!(refusal(with_video), "");
    }

    #[test]
    fn unusable_files_are_refused() {
        let folder = std::env::temp_dir();
        let rule = |path: &Path| Media::read(path).map_err(|invalid| invalid.rule().to_owned());
        assert_eq!(rule(&folder), Err("is a directory, not a file".into()));
        assert_eq!(rule(&folder.join("kyc-core-no-such-file")), Err("does not exist".into()));
    }

    #[test]
    fn debug_shows_format_and_size_only() {
        assert_eq!(format!("{:?}", Media::new(png(150)).expect("an image")), "Media(PNG, 150x150, 45 bytes)");
    }

    proptest! {
        #[test]
        fn checking_any_bytes_does_not_panic(bytes in proptest::collection::vec(any::<u8>(), 1..400), kind in 0usize..3) {
            let head: &[u8] = [&b"\xFF\xD8\xFF"[..], b"\x89PNG\r\n\x1a\n", b""][kind];
            let media = Media::new([head, &bytes].concat()).expect("neither empty nor large");
            let _ = media.check(&RULES);
        }
    }
}
