//! Pictures and documents on their way to a vendor: what they are, by content, and whether they will do.

use std::fmt;
use std::io::Read as _;
use std::path::Path;
use std::sync::LazyLock;

use bytes::Bytes;
use serde::{Serialize, Serializer};

use crate::validation::{ValidationError, file_subject, unreadable};

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
type Base64Engine = base64::engine::Simd;
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
type Base64Engine = base64::engine::GeneralPurpose;

/// Standard alphabet with padding: what every vendor reads.
pub(crate) static BASE64: LazyLock<Base64Engine> = LazyLock::new(|| {
    let config = base64::engine::general_purpose::PAD;
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    return base64::engine::Simd::standard(config);
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    base64::engine::GeneralPurpose::new(&base64::alphabet::STANDARD, config)
});

/// Writes bytes as base64 to the front of a buffer: standard alphabet with padding, four bytes for each three begun.
/// Returns how many were written; `None` if they do not fit.
#[must_use]
pub fn encode_base64(raw: &[u8], buffer: &mut [u8]) -> Option<usize> {
    base64::Engine::encode_slice(&*BASE64, raw, buffer).ok()
}

/// A picture or document in memory, its format told by content, never by file name.
///
/// Cloning shares the bytes. `Debug` shows format and size, never content. Base64 is made while sending; only
/// [`Serialize`] makes it in one piece.
#[derive(Clone, PartialEq, Eq)]
pub struct Media {
    bytes: Bytes,
    format: MediaFormat,
    dimensions: Option<(u32, u32)>,
}

/// What a file is, told by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MediaFormat {
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// GIF.
    Gif,
    /// Windows bitmap.
    Bmp,
    /// WebP.
    Webp,
    /// HEIC or HEIF, the picture format of recent phones.
    Heic,
    /// PDF.
    Pdf,
    /// None of the formats above.
    Unknown,
}

impl fmt::Display for MediaFormat {
    /// Writes the [`name`](Self::name).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl MediaFormat {
    /// The name a person uses.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "JPEG",
            Self::Png => "PNG",
            Self::Gif => "GIF",
            Self::Bmp => "BMP",
            Self::Webp => "WebP",
            Self::Heic => "HEIC",
            Self::Pdf => "PDF",
            Self::Unknown => "unknown",
        }
    }

    /// The MIME type.
    #[must_use]
    pub fn mime(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Gif => "image/gif",
            Self::Bmp => "image/bmp",
            Self::Webp => "image/webp",
            Self::Heic => "image/heic",
            Self::Pdf => "application/pdf",
            Self::Unknown => "application/octet-stream",
        }
    }

    fn of(bytes: &[u8]) -> Self {
        use imagesize::ImageType;
        // Readers of PDF allow some rubbish before the header.
        if bytes
            .get(..bytes.len().min(1024))
            .is_some_and(|head| head.windows(5).any(|window| window == b"%PDF-"))
        {
            return Self::Pdf;
        }
        match imagesize::image_type(bytes) {
            Ok(ImageType::Jpeg) => Self::Jpeg,
            Ok(ImageType::Png) => Self::Png,
            Ok(ImageType::Gif) => Self::Gif,
            Ok(ImageType::Bmp) => Self::Bmp,
            Ok(ImageType::Webp) => Self::Webp,
            Ok(ImageType::Heif(_)) => Self::Heic,
            _ => Self::Unknown,
        }
    }
}

/// What a vendor accepts, checked before anything is sent.
#[derive(Clone, Debug)]
pub struct MediaRules {
    /// The accepted formats.
    pub formats: &'static [MediaFormat],
    /// The largest size in bytes, if the vendor names one.
    pub max_bytes: Option<usize>,
    /// The smallest width and height in pixels, if the vendor names them.
    pub min_pixels: Option<(u32, u32)>,
}

impl Media {
    /// The largest file that is ever taken into memory: 50 MiB. Vendors' own limits are far below.
    pub const MAX_BYTES: usize = 50 * 1024 * 1024;

    /// Takes bytes as they are and looks at what they are.
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
        let format = MediaFormat::of(&bytes);
        let dimensions = match format {
            MediaFormat::Pdf | MediaFormat::Unknown => None,
            _ => imagesize::blob_size(&bytes)
                .ok()
                .and_then(|size| Some((u32::try_from(size.width).ok()?, u32::try_from(size.height).ok()?))),
        };
        Ok(Self { bytes, format, dimensions })
    }

    /// Reads a file. It blocks: in an asynchronous program call it from `spawn_blocking`.
    ///
    /// # Errors
    /// Not a readable regular file, empty, or larger than [`MAX_BYTES`](Self::MAX_BYTES): then nothing is read.
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

    /// The content. A face is biometric data: keep it out of logs.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The format, by content.
    #[must_use]
    pub fn format(&self) -> MediaFormat {
        self.format
    }

    /// Width and height in pixels as stored (a rotation in EXIF is not applied), where the format has them.
    #[must_use]
    pub fn dimensions(&self) -> Option<(u32, u32)> {
        self.dimensions
    }

    /// How many bytes there are; never zero.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a Media is never empty")]
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether a JPEG or PNG runs to its end mark. Other formats are taken as complete.
    ///
    /// What follows the end mark is ignored: phones append whole videos there.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        match self.format {
            MediaFormat::Jpeg => jpeg_ends(&self.bytes),
            MediaFormat::Png => png_ends(&self.bytes),
            _ => true,
        }
    }

    /// Holds the file against what a vendor accepts: format, end mark, size, pixels, in this order.
    ///
    /// # Errors
    /// The first rule that is broken, in words that end a sentence beginning with the field's name.
    pub fn check(&self, rules: &MediaRules) -> Result<(), ValidationError> {
        if !rules.formats.contains(&self.format) {
            let wanted: Vec<_> = rules.formats.iter().map(|format| format.name()).collect();
            let found = match self.format {
                MediaFormat::Unknown => "no known picture format".to_owned(),
                known => format!("{} by its content", known.name()),
            };
            return Err(ValidationError::new(format!("must be {}, but is {found}", wanted.join(" or "))));
        }
        if !self.is_complete() {
            return Err(ValidationError::new(format!(
                "is a truncated {}: its end is missing",
                self.format.name()
            )));
        }
        if let Some(most) = rules.max_bytes.filter(|&most| self.len() > most) {
            return Err(ValidationError::new(format!(
                "must not be larger than {most} bytes, but has {}",
                self.len()
            )));
        }
        self.check_pixels(rules.min_pixels)
    }

    fn check_pixels(&self, least: Option<(u32, u32)>) -> Result<(), ValidationError> {
        let (Some((min_width, min_height)), false) = (least, self.format == MediaFormat::Pdf) else {
            return Ok(());
        };
        let Some((width, height)) = self.dimensions else {
            return Err(ValidationError::new(format!(
                "is a {} whose size cannot be read",
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
    /// Base64 in one piece: an exposure, and a copy. Requests do not take this way: see [`Body`](crate::Body).
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

/// Walks the segments of a JPEG to its EOI. A search for the mark alone would find the end of an embedded thumbnail.
fn jpeg_ends(bytes: &[u8]) -> bool {
    let mut at = 2;
    while let Some(marker) = next_marker(bytes, &mut at) {
        match marker {
            0xD9 => return true,
            // Stuffing, restart marks and TEM stand alone; all else carries its length.
            0x00 | 0x01 | 0xD0..=0xD8 => {}
            // From the first scan on no thumbnail is in the way, and as a rule the end is the end of the file: then
            // megabytes need not be looked through.
            0xDA if bytes[at..].ends_with(&[0xFF, 0xD9]) => return true,
            _ => {
                let Some(&[high, low]) = bytes.get(at..at + 2) else { return false };
                at += usize::from(u16::from_be_bytes([high, low]));
            }
        }
    }
    false
}

/// The byte after the next run of `0xFF`, with `at` moved behind it. Entropy-coded data is passed over on the way.
fn next_marker(bytes: &[u8], at: &mut usize) -> Option<u8> {
    let start = memchr::memchr(0xFF, bytes.get(*at..)?)? + *at;
    let marker = bytes[start..].iter().position(|&byte| byte != 0xFF)? + start;
    *at = marker + 1;
    Some(bytes[marker])
}

/// Walks the chunks of a PNG to its IEND.
fn png_ends(bytes: &[u8]) -> bool {
    let mut rest = bytes.get(8..);
    while let Some(chunk) = rest.filter(|rest| rest.len() >= 12) {
        let length = u32::from_be_bytes([chunk[0], chunk[1], chunk[2], chunk[3]]) as usize;
        if &chunk[4..8] == b"IEND" {
            return true;
        }
        rest = length.checked_add(12).and_then(|whole| chunk.get(whole..));
    }
    false
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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
    fn good_pictures_pass() {
        assert_eq!(refusal(jpeg()), "");
        assert_eq!(refusal(png(150)), "");
        let mut with_video = jpeg();
        with_video.extend([0; 500]);
        assert_eq!(refusal(with_video), "");
    }

    #[test]
    fn each_rule_has_its_sentence() {
        assert_eq!(refusal(""), "must not be empty");
        assert_eq!(refusal("hello"), "must be JPEG or PNG, but is no known picture format");
        assert_eq!(
            refusal(&b"GIF89a\x01\0\x01\0\0\0\0"[..]),
            "must be JPEG or PNG, but is GIF by its content"
        );
        assert_eq!(refusal(&b"%PDF-1.7\n"[..]), "must be JPEG or PNG, but is PDF by its content");
        assert_eq!(refusal(png(149)), "must be at least 150 pixels wide, but is 149");
        assert_eq!(refusal(jpeg()[..jpeg().len() - 2].to_vec()), "is a truncated JPEG: its end is missing");
        assert_eq!(refusal(png(150)[..40].to_vec()), "is a truncated PNG: its end is missing");
        let mut long = jpeg();
        long.resize(1001, 0);
        assert_eq!(refusal(long), "must not be larger than 1000 bytes, but has 1001");
    }

    #[test]
    fn every_cut_is_seen() {
        for end in 3..jpeg().len() - 1 {
            assert!(!jpeg_ends(&jpeg()[..end]), "{end}");
        }
        for end in 8..png(150).len() - 11 {
            assert!(!png_ends(&png(150)[..end]), "{end}");
        }
    }

    #[test]
    fn files_that_are_none() {
        let folder = std::env::temp_dir();
        let rule = |path: &Path| Media::read(path).map_err(|invalid| invalid.rule().to_owned());
        assert_eq!(rule(&folder), Err("is a directory, not a file".into()));
        assert_eq!(rule(&folder.join("kyc-core-no-such-file")), Err("does not exist".into()));
    }

    #[test]
    fn debug_tells_the_kind_only() {
        assert_eq!(
            format!("{:?}", Media::new(png(150)).expect("a picture")),
            "Media(PNG, 150x150, 45 bytes)"
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_looked_at_without_panic(bytes in proptest::collection::vec(any::<u8>(), 1..400), kind in 0usize..3) {
            let head: &[u8] = [&b"\xFF\xD8\xFF"[..], b"\x89PNG\r\n\x1a\n", b""][kind];
            let media = Media::new([head, &bytes].concat()).expect("neither empty nor large");
            let _ = media.check(&RULES);
        }
    }
}
