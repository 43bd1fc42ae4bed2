//! Detects what a file is by its content: format, dimensions, and whether it is complete.

use std::fmt;

/// A file format, detected by content.
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
    /// HEIC or HEIF, the image format of recent phones.
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
    /// Returns the usual name, such as `JPEG`.
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

    /// Returns the MIME type.
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

    /// Detects a format by content. The signature at the beginning decides, whatever else the file contains.
    pub(crate) fn sniff(bytes: &[u8]) -> Self {
        match bytes {
            [0xFF, 0xD8, 0xFF, ..] => Self::Jpeg,
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => Self::Png,
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Self::Gif,
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Self::Webp,
            [b'B', b'M', ..] if is_bmp(bytes) => Self::Bmp,
            [_, _, _, _, b'f', b't', b'y', b'p', ..] => iso_media(bytes),
            // Readers of PDF allow some bytes before the header.
            _ if memchr::memmem::find(&bytes[..bytes.len().min(1024)], b"%PDF-").is_some() => Self::Pdf,
            _ => Self::Unknown,
        }
    }
}

/// Words also begin with `BM`, so the size of the following header must be one of the known sizes.
fn is_bmp(bytes: &[u8]) -> bool {
    let header = bytes.get(14..18).and_then(|size| size.try_into().ok()).map(u32::from_le_bytes);
    matches!(header, Some(12 | 16 | 40 | 52 | 56 | 64 | 108 | 124))
}

/// The brands of an ISO media file tell an image from a video.
fn iso_media(bytes: &[u8]) -> MediaFormat {
    const HEIC: [&[u8]; 6] = [b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"];
    let length = bytes.get(..4).and_then(|length| length.try_into().ok()).map_or(0, u32::from_be_bytes);
    let end = usize::try_from(length).unwrap_or(usize::MAX).min(bytes.len()).min(256);
    let Some(major) = bytes.get(8..12).filter(|_| end >= 12) else { return MediaFormat::Unknown };
    let is_generic = matches!(major, b"mif1" | b"msf1");
    let mut compatible = bytes.get(16..end).unwrap_or_default().chunks_exact(4);
    if HEIC.contains(&major) || is_generic && compatible.any(|brand| HEIC.contains(&brand)) {
        MediaFormat::Heic
    } else {
        MediaFormat::Unknown
    }
}

/// Returns width and height in pixels, where the format has them and they can be read.
pub(super) fn dimensions(format: MediaFormat, bytes: &[u8]) -> Option<(u32, u32)> {
    let size = match format {
        MediaFormat::Pdf | MediaFormat::Unknown => None,
        // The first chunk must be the header; imagesize reads the offset without checking it.
        MediaFormat::Png if bytes.get(12..16) != Some(b"IHDR") => None,
        MediaFormat::Jpeg => jpeg_size(bytes),
        _ => {
            let size = imagesize::blob_size(bytes).ok()?;
            Some((u32::try_from(size.width).ok()?, u32::try_from(size.height).ok()?))
        }
    };
    size.filter(|(width, height)| *width > 0 && *height > 0)
}

/// Walks the segments of a JPEG to its frame header. imagesize stops at fill bytes before a marker, which some cameras write.
fn jpeg_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let mut at = 2;
    while let Some(marker) = next_marker(bytes, &mut at) {
        match marker {
            0x00 | 0x01 | 0xD0..=0xD8 => {}
            0xD9 | 0xDA => return None,
            0xC0..=0xCF if !matches!(marker, 0xC4 | 0xC8 | 0xCC) => {
                let &[_, _, _, high, low, wide, narrow] = bytes.get(at..at + 7)? else { return None };
                let number = |high, low| u32::from(u16::from_be_bytes([high, low]));
                return Some((number(wide, narrow), number(high, low)));
            }
            _ => {
                let &[high, low] = bytes.get(at..at + 2)? else { return None };
                at += usize::from(u16::from_be_bytes([high, low]));
            }
        }
    }
    None
}

/// Whether a JPEG or PNG contains its end marker. Other formats are assumed to be complete.
pub(super) fn is_complete(format: MediaFormat, bytes: &[u8]) -> bool {
    match format {
        MediaFormat::Jpeg => jpeg_ends(bytes),
        MediaFormat::Png => png_ends(bytes),
        _ => true,
    }
}

/// Walks the segments of a JPEG to its first scan and searches for the end marker from there: an embedded thumbnail before the
/// scan has an end marker of its own.
fn jpeg_ends(bytes: &[u8]) -> bool {
    let mut at = 2;
    while let Some(marker) = next_marker(bytes, &mut at) {
        match marker {
            // Stuffing, restart markers and TEM have no length; all other segments do.
            0x00 | 0x01 | 0xD0..=0xD8 => {}
            0xD9 => return true,
            0xDA => return scan_ends(&bytes[at..]),
            _ => {
                let Some(&[high, low]) = bytes.get(at..at + 2) else { return false };
                at += usize::from(u16::from_be_bytes([high, low]));
            }
        }
    }
    false
}

/// Trailers that phones append to a photograph, some of them in place of the end marker: a video, or a vendor's directory.
const TRAILERS: [&[u8]; 3] = [b"ftyp", b"SEFH", b"LIVE_"];

fn scan_ends(scan: &[u8]) -> bool {
    // Usually the marker ends the file; then the scan need not be searched.
    scan.ends_with(&[0xFF, 0xD9])
        || memchr::memmem::find(scan, &[0xFF, 0xD9]).is_some()
        || TRAILERS.iter().any(|trailer| memchr::memmem::find(scan, trailer).is_some())
}

/// Returns the byte after the next run of `0xFF` and moves `at` behind it. Entropy-coded data before it are skipped.
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
