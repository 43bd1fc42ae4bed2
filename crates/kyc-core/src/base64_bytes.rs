//! Files in responses: base64 in all forms that vendors send.

use std::borrow::Cow;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_PAD_INDIFFERENT, URL_SAFE_PAD_INDIFFERENT};
use bytes::Bytes;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::lenient::read_scalar;
use crate::media::BASE64;
use crate::media::MediaFormat;

/// A file that a response contains as base64, such as a photograph or a document. `Debug` shows only its size.
///
/// Deserializing accepts the standard and the URL-safe alphabet, with or without a `data:` prefix, quotes, line breaks and
/// padding. Serializing uses the standard alphabet with padding. Text that is not base64 is kept as text.
///
/// ```
/// use kyc_core::Base64Bytes;
/// let photo: Base64Bytes = serde_json::from_str(r#""data:image/jpeg;base64,_9j_""#)?;
/// assert_eq!(photo.bytes().map(|bytes| &bytes[..]), Some(&b"\xFF\xD8\xFF"[..]));
/// assert_eq!(serde_json::to_string(&photo)?, r#""/9j/""#);
/// assert_eq!(format!("{photo:?}"), "Base64Bytes(3 bytes)");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Base64Bytes(Content);

#[derive(Clone, PartialEq, Eq, Hash)]
enum Content {
    Read(Bytes),
    Unread(String),
}

impl Base64Bytes {
    /// Wraps the bytes of a file.
    #[must_use]
    pub fn new(bytes: impl Into<Bytes>) -> Self {
        Self(Content::Read(bytes.into()))
    }

    /// Returns the file; `None` if the text is not base64.
    #[must_use]
    pub fn bytes(&self) -> Option<&Bytes> {
        match &self.0 {
            Content::Read(bytes) => Some(bytes),
            Content::Unread(_) => None,
        }
    }

    /// Returns the text, if it is not base64. It may hold personal data: keep it out of logs.
    #[must_use]
    pub fn unread(&self) -> Option<&str> {
        match &self.0 {
            Content::Read(_) => None,
            Content::Unread(text) => Some(text),
        }
    }
}

impl Default for Base64Bytes {
    fn default() -> Self {
        Self::new(Bytes::new())
    }
}

impl From<&str> for Base64Bytes {
    fn from(text: &str) -> Self {
        Self(match decode(text) {
            Some(bytes) => Content::Read(bytes.into()),
            None => Content::Unread(text.to_owned()),
        })
    }
}

/// A decoded length that no placeholder for a file, such as `NULL` or `Sem foto`, reaches.
const MIN_UNKNOWN_BYTES: usize = 64;

/// Decodes a file. Short bytes of no known format are text that happens to be valid base64.
fn decode(text: &str) -> Option<Vec<u8>> {
    let bytes = decode_base64(text)?;
    let is_file = bytes.is_empty()
        || bytes.len() >= MIN_UNKNOWN_BYTES
        || MediaFormat::sniff(&bytes) != MediaFormat::Unknown;
    is_file.then_some(bytes)
}

/// Decodes base64 in any of the forms that vendors send: with or without padding, URL-safe, with line breaks, as a data URL.
/// The usual form is tried first, in one pass, since a result may contain megabytes of it.
///
/// Use it for text that is not a file, such as a part of a JWT. For files in responses use [`Base64Bytes`].
#[must_use]
pub fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let bare = without_prefix(text);
    if let Ok(bytes) = BASE64.decode(bare) {
        return Some(bytes);
    }
    let bare = without_dress(bare);
    // A vendor's documentation contains an example with too much padding.
    let bare = bare.trim_end_matches('=');
    let url_safe = bare.bytes().any(|byte| matches!(byte, b'-' | b'_'));
    let engine = if url_safe { &URL_SAFE_PAD_INDIFFERENT } else { &STANDARD_PAD_INDIFFERENT };
    engine.decode(bare.as_bytes()).ok()
}

fn without_prefix(text: &str) -> &str {
    let text = text.trim().trim_matches('"');
    match text.get(..5).filter(|scheme| scheme.eq_ignore_ascii_case("data:")) {
        Some(_) => text.split_once(',').map_or(text, |(_, data)| data),
        None => text,
    }
}

fn without_dress(text: &str) -> Cow<'_, str> {
    let is_dress = |symbol: char| symbol.is_ascii_whitespace() || matches!(symbol, '"' | '\\');
    if text.contains(is_dress) { text.replace(is_dress, "").into() } else { text.into() }
}

impl fmt::Debug for Base64Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Content::Read(bytes) => write!(f, "Base64Bytes({} bytes)", bytes.len()),
            Content::Unread(_) => f.write_str("Base64Bytes([unread, redacted])"),
        }
    }
}

impl Serialize for Base64Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Content::Read(bytes) => {
                serializer.collect_str(&base64::display::Base64Display::new(bytes, &*BASE64))
            }
            Content::Unread(text) => serializer.serialize_str(text),
        }
    }
}

impl<'de> Deserialize<'de> for Base64Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Accepts any scalar, so that an unexpected value does not fail the response.
        read_scalar(deserializer, |text| text.into())
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Base64Bytes {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Base64Bytes".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string" })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn all_forms_decode_to_the_same_file() {
        let wanted = Base64Bytes::new(&b"\xFF\xD8\xFF\xE0A"[..]);
        for text in [
            "/9j/4EE=",
            "/9j/4EE",
            "_9j_4EE=",
            "_9j_4EE",
            "data:image/jpeg;base64,/9j/4EE=",
            "DATA:image/png;base64,_9j_4EE",
            "\"/9j/4EE=\"",
            "\\/9j\\/4EE=",
            " /9j/\r\n4EE=\n",
            "/9j/4EE==",
        ] {
            assert_eq!(Base64Bytes::from(text), wanted, "{text}");
        }
    }

    #[test]
    fn text_that_is_not_base64_is_kept_and_hidden() {
        let read: Base64Bytes = serde_json::from_str("\"João 529\"").expect("never fatal");
        assert_eq!(read.unread(), Some("João 529"));
        assert_eq!(serde_json::to_string(&read).expect("a text"), "\"João 529\"");
        assert_eq!(format!("{read:?}"), "Base64Bytes([unread, redacted])");
        for odd in ["true", "-1.5", "[\"/9j/\"]", "{}"] {
            let read: Base64Bytes = serde_json::from_str(odd).expect("never fatal");
            assert!(read.unread().is_some() || read.bytes().is_some_and(|bytes| bytes.is_empty()), "{odd}");
        }
    }

    #[test]
    fn placeholders_are_not_files() {
        for remark in
            ["NULL", "Sem foto", "null", "SEMIMAGEM123", "Imagem nao disponivel para este documento", "foto"]
        {
            assert_eq!(Base64Bytes::from(remark).bytes(), None, "{remark}");
        }
    }

    proptest! {
        #[test]
        fn any_text_comes_back_the_same(text in "\\PC{0,40}") {
            let read = Base64Bytes::from(text.as_str());
            let written = serde_json::to_string(&read).expect("a text");
            prop_assert_eq!(serde_json::from_str::<Base64Bytes>(&written).expect("a text"), read);
        }

        #[test]
        fn any_file_is_read_back(bytes in proptest::collection::vec(any::<u8>(), 64..200)) {
            let written = serde_json::to_string(&Base64Bytes::new(bytes.clone())).expect("a text");
            let read: Base64Bytes = serde_json::from_str(&written).expect("a text");
            prop_assert_eq!(read.bytes().map(|bytes| bytes.to_vec()), Some(bytes));
        }
    }
}
