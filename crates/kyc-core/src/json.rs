//! Decoding JSON of vendors and of unauthenticated senders. No other code parses such JSON.
//!
//! It accepts any charset, tolerates and reports unexpected values and unknown fields, and takes time and memory linear in the
//! size of the body.

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

/// The maximum number of attempts to decode a repaired document. Each one knows one more alternative spelling of a field.
const MAX_REPAIRS: usize = 16;

/// A decoded value, with the ignored paths and the repairs of its document.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Decoded<T> {
    /// The value.
    pub value: T,
    /// The paths that the type does not know or whose value has an unexpected shape, such as `data.items[].colour`; each path
    /// once, at most 64. Keys that look like personal data are masked.
    pub ignored: Vec<String>,
    /// The repairs that were necessary to decode the document.
    pub repairs: Vec<Repair>,
}

/// A repair that was necessary to decode a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Repair {
    /// Bytes that are not valid in the declared charset, or in UTF-8 without one, were read as windows-1252 or replaced.
    Charset,
    /// Strings contained control characters or lone surrogates, or numbers had more than 64 bits.
    Scalars,
    /// A field was repeated. The first value that is not null was kept, or null if two values contradict each other.
    RepeatedField,
}

/// Describes why and where decoding failed, without any value of the document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected} at {path}")]
#[non_exhaustive]
pub struct DecodeFailure {
    /// The JSON path, such as `data.items[0].colour`; `.` for the root.
    pub path: String,
    /// The value that was expected there.
    pub expected: String,
}

/// The text of a JSON document, decoded from any charset.
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
    /// Converts bytes to text according to their byte order mark, the charset of the `Content-Type`, or else as UTF-8.
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
    /// A value of an unexpected shape below the root does not fail the document: it is decoded as absent, or as text without a
    /// value, and its path is reported. If a field is repeated, also under two of its spellings, the first value that is not
    /// null is used, or null if two values contradict each other: two different scalars
    /// under one key, regardless of case, or two different booleans.
    ///
    /// # Errors
    /// The text is not JSON, or its root has a shape that the type does not accept.
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

    /// Decodes the document again after a failure, with repairs. Each attempt takes linear time, and a further one is made only
    /// after a failure that reveals an unknown spelling.
    fn decode_repaired<T: DeserializeOwned>(&self, first: Box<Failed>) -> Result<Decoded<T>, DecodeFailure> {
        let original = first.failure.clone();
        let mut last = first;
        let mut repeats: Vec<Repeat> = Vec::new();
        for _ in 0..MAX_REPAIRS {
            // If the key is the field's own name or known already, the unknown spelling is an earlier key of the object.
            let front = match last.repeat.take() {
                Some(repeat) if repeat.key == repeat.field || repeats.contains(&repeat) => Some(repeat),
                Some(repeat) => {
                    repeats.push(repeat);
                    None
                }
                None => None,
            };
            // If the known spellings require no repair, the spelling that causes the failure is still unknown.
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
                // Line and column of a syntax error refer to the repaired text; the caller has the original one.
                Err(failed) => return Err(if failed.is_syntax { original } else { failed.failure }),
            }
        }
        Err(original)
    }

    /// Returns the elements of the root as separate documents, if the root is a list.
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
    /// A number beyond 64 bits is an error, so that the repair can quote its digits.
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

/// Returns the part of serde_json's message that names the expected type. The rest may contain the value that was found.
fn expectation(json: &str, error: &serde_json::Error) -> String {
    if json.trim().is_empty() {
        return "JSON, found an empty body".to_owned();
    }
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    let text = text.strip_suffix(place.as_str()).unwrap_or(&text);
    if !error.is_data() {
        // Messages about syntax and the end of input are fixed texts without values.
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
