//! The one entry point for JSON that vendors and strangers send.
//!
//! It reads any charset, keeps what is odd, reports what is new, and takes time and memory linear in the body.

mod charset;
mod forward;
mod keys;
mod path;
mod raw;
mod reader;
mod repair;

use std::borrow::Cow;

use serde::de::DeserializeOwned;

pub use raw::RawJson;
use reader::{Log, Repeat};

/// How often a document is looked at again: each time one more second spelling of a field is known.
const MAX_LOOKS: usize = 16;

/// A decoded value, and what was odd about its document.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Decoded<T> {
    /// The value.
    pub value: T,
    /// Each path once that the type does not know or whose value has another shape, as `data.items[].colour`; keys that
    /// look like personal data are masked. At most 64.
    pub ignored: Vec<String>,
    /// What had to be repaired before the document could be read.
    pub repairs: Vec<Repair>,
}

/// What a document needed in order to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Repair {
    /// Bytes that are not valid in the declared charset, or in UTF-8 without one, were read as windows-1252 or replaced.
    Charset,
    /// Control characters or lone surrogates stood in strings, or numbers had more than 64 bits.
    Scalars,
    /// A field was there more than once. The first value that is not null was kept, or null for two booleans that differ.
    RepeatedField,
}

/// Why and where decoding failed. Holds no value of the document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected} at {path}")]
#[non_exhaustive]
pub struct DecodeFailure {
    /// The JSON path, as `data.items[0].colour`; `.` for the whole.
    pub path: String,
    /// What was expected there.
    pub expected: String,
}

/// The text of a JSON document, in whatever charset it came.
///
/// ```
/// #[derive(serde::Deserialize)]
/// struct Person { name: Option<kyc_core::RedactedText> }
/// let json = kyc_core::JsonText::new(b"{\"name\":\"JO\xC3O\"}", Some(b"application/json;charset=ISO-8859-1"));
/// let decoded = json.decode::<Person>()?;
/// assert_eq!(decoded.value.name, Some("JOÃO".into()));
/// # Ok::<(), kyc_core::DecodeFailure>(())
/// ```
pub struct JsonText<'a> {
    text: Cow<'a, str>,
    was_guessed: bool,
}

impl<'a> JsonText<'a> {
    /// Reads the bytes by their byte order mark, by the charset of the `Content-Type`, or as UTF-8.
    #[must_use]
    pub fn new(body: &'a [u8], content_type: Option<&[u8]>) -> Self {
        let (text, was_guessed) = charset::decode(body, content_type);
        Self { text, was_guessed }
    }

    /// Returns the text. It may hold personal data: keep it out of logs.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Decodes the document.
    ///
    /// A misfit below the root costs only itself: it is read as absent, or as unread text, and its path is reported. A field
    /// that is there twice, also by two of its spellings, counts once: the first value that is not null, or null if two booleans
    /// contradict each other.
    ///
    /// # Errors
    /// The text is not JSON, or its root has another shape than the type.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<Decoded<T>, DecodeFailure> {
        let decoded = match read(&self.text, Digits::MayBeLost) {
            Ok(decoded) => Ok(decoded),
            Err(failed) => self.decode_repaired(failed),
        };
        decoded.map(|mut decoded: Decoded<T>| {
            if self.was_guessed {
                decoded.repairs.push(Repair::Charset);
            }
            decoded
        })
    }

    /// Looks again after a failure. Each look is linear, and there is one more only for a spelling that was not known.
    fn decode_repaired<T: DeserializeOwned>(&self, first: Box<Failed>) -> Result<Decoded<T>, DecodeFailure> {
        let original = first.failure.clone();
        let mut last = first;
        let mut repeats: Vec<Repeat> = Vec::new();
        for _ in 0..MAX_LOOKS {
            // A key that is the field itself, or known already: an earlier key of the object is the other spelling.
            let front = match last.repeat.take() {
                Some(repeat) if repeat.key == repeat.field || repeats.contains(&repeat) => Some(repeat),
                Some(repeat) => {
                    repeats.push(repeat);
                    None
                }
                None => None,
            };
            // If what is known changes nothing, the other spelling is unknown, too.
            let repaired = repair::repair(&self.text, &repeats, front.as_ref())
                .or_else(|| repair::repair(&self.text, &repeats, repeats.last()));
            let Some(repaired) = repaired else { break };
            match read::<T>(&repaired.text, Digits::AreQuoted) {
                Ok(mut decoded) => {
                    decoded.ignored.extend(repaired.dropped);
                    decoded.repairs = repaired.repairs;
                    return Ok(decoded);
                }
                Err(failed) if failed.repeat.is_some() && failed.repeat != front => last = failed,
                // Positions in the repaired text mean nothing to who holds the original.
                Err(failed) => return Err(if failed.is_syntax { original } else { failed.failure }),
            }
        }
        Err(original)
    }

    /// Returns the elements as documents of their own if the root is a list.
    #[must_use]
    pub fn elements(&self) -> Option<Vec<String>> {
        if !self.text.trim_start().starts_with('[') {
            return None;
        }
        let list = self.decode::<Vec<RawJson>>().ok()?;
        Some(list.value.into_iter().map(RawJson::into_string).collect())
    }
}

impl std::fmt::Debug for JsonText<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "JsonText({} bytes)", self.text.len())
    }
}

/// Decodes JSON that has no `Content-Type`: see [`JsonText::decode`].
///
/// # Errors
/// Those of [`JsonText::decode`].
///
/// ```
/// #[derive(serde::Deserialize)]
/// struct Item { id: Option<u32> }
/// let decoded = kyc_core::decode::<Item>(br#"{"id": 1, "colour": "red"}"#)?;
/// assert_eq!(decoded.value.id, Some(1));
/// assert_eq!(decoded.ignored, ["colour"]);
/// # Ok::<(), kyc_core::DecodeFailure>(())
/// ```
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<Decoded<T>, DecodeFailure> {
    JsonText::new(bytes, None).decode()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Digits {
    /// A number beyond 64 bits is a failure, after which its digits are quoted.
    MayBeLost,
    AreQuoted,
}

struct Failed {
    failure: DecodeFailure,
    repeat: Option<Repeat>,
    is_syntax: bool,
}

fn read<T: DeserializeOwned>(text: &str, digits: Digits) -> Result<Decoded<T>, Box<Failed>> {
    let mut log = Log::new(digits == Digits::MayBeLost);
    let mut json = serde_json::Deserializer::from_str(text);
    let read = reader::read(&mut json, &mut log);
    match read.and_then(|value| json.end().map(|()| value)) {
        Ok(value) => Ok(Decoded { value, ignored: log.ignored.into_vec(), repairs: Vec::new() }),
        Err(error) => Err(Box::new(Failed {
            failure: DecodeFailure {
                path: log.failed_at.unwrap_or_else(|| ".".to_owned()),
                expected: expectation(text, &error),
            },
            repeat: log.repeat,
            is_syntax: !error.is_data(),
        })),
    }
}

/// Returns the part of serde_json's message that names a type. The rest repeats the value that was found.
fn expectation(json: &str, error: &serde_json::Error) -> String {
    if json.trim().is_empty() {
        return "JSON, found an empty body".to_owned();
    }
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    let text = text.strip_suffix(place.as_str()).unwrap_or(&text);
    if !error.is_data() {
        // Syntax and end of input: these messages are fixed texts.
        return format!("valid JSON: {text}{place}");
    }
    match text.rsplit_once(", expected ") {
        Some((_, expected)) => expected.to_owned(),
        None if text.starts_with("missing field `") => text.to_owned(),
        None => "another value".to_owned(),
    }
}

#[cfg(test)]
mod tests;
