//! Text, read from any JSON scalar.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Text that a vendor may also print as a number or a bool. Redacted in `Debug`, since free text may hold anything.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct RedactedText(pub(super) String);

impl RedactedText {
    /// Returns the text. It may hold personal data: keep it out of logs.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for RedactedText {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<String> for RedactedText {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<RedactedText> for String {
    fn from(text: RedactedText) -> Self {
        text.0
    }
}

impl fmt::Debug for RedactedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl Serialize for RedactedText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for RedactedText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        scalar(deserializer, |text| Self(text.into_static().into_owned()))
    }
}

/// The text of a scalar, copied only if necessary.
pub(super) enum ScalarText<'a> {
    Static(&'static str),
    Lent(&'a str),
    Owned(String),
}

impl ScalarText<'_> {
    fn as_str(&self) -> &str {
        match self {
            Self::Static(text) => text,
            Self::Lent(text) => text,
            Self::Owned(text) => text,
        }
    }

    pub(super) fn into_static(self) -> Cow<'static, str> {
        match self {
            Self::Static(text) => Cow::Borrowed(text),
            Self::Lent(text) => Cow::Owned(text.to_owned()),
            Self::Owned(text) => Cow::Owned(text),
        }
    }
}

/// Reads any JSON scalar as text; a number becomes the shortest text that reads back the same. Objects and lists are
/// read as empty text, so that they do not fail the response; their members are reported as ignored.
pub(super) fn scalar<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    read: impl FnOnce(ScalarText<'_>) -> T,
) -> Result<T, D::Error> {
    deserializer.deserialize_any(Scalar(read))
}

/// Deserializes required text, such as a token, a key or an id. It accepts any scalar whose text is not blank.
///
/// # Errors
/// The value is blank or is not a scalar: an unreadable id must not be taken for an empty one.
pub fn required_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = RedactedText::deserialize(deserializer)?;
    if text.as_str().trim().is_empty() {
        let found = de::Unexpected::Other("no text");
        return Err(de::Error::invalid_value(found, &"text that is not blank"));
    }
    Ok(text.into())
}

/// Passes the text of a scalar to a function without copying it, for known codes.
#[doc(hidden)]
pub fn read_scalar<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    read: impl FnOnce(&str) -> T,
) -> Result<T, D::Error> {
    scalar(deserializer, |text| read(text.as_str()))
}

struct Scalar<F>(F);

/// The key of the object that serde_json uses for a number if another crate in the build enables `arbitrary_precision`.
const NUMBER: &str = "$serde_json::private::Number";

impl<'de, T, F: FnOnce(ScalarText<'_>) -> T> Visitor<'de> for Scalar<F> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text, a number or a bool")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        Ok((self.0)(ScalarText::Lent(text)))
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<T, E> {
        Ok((self.0)(ScalarText::Owned(text)))
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<T, E> {
        Ok((self.0)(ScalarText::Static(bool_text(value))))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<T, E> {
        Ok((self.0)(ScalarText::Owned(value.to_string())))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<T, E> {
        Ok((self.0)(digit(value).map_or_else(|| ScalarText::Owned(value.to_string()), ScalarText::Static)))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<T, E> {
        let text = serde_json::Number::from_f64(value)
            .map_or_else(|| value.to_string(), |number| number.to_string());
        Ok((self.0)(ScalarText::Owned(text)))
    }

    fn visit_unit<E: de::Error>(self) -> Result<T, E> {
        Ok((self.0)(ScalarText::Static("")))
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<T, A::Error> {
        while list.next_element::<de::IgnoredAny>()?.is_some() {}
        Ok((self.0)(ScalarText::Static("")))
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
        let key = map.next_key::<Cow<'_, str>>()?;
        if key.as_deref() == Some(NUMBER) {
            return Ok((self.0)(ScalarText::Owned(map.next_value()?)));
        }
        if key.is_some() {
            map.next_value::<de::IgnoredAny>()?;
        }
        while map.next_entry::<de::IgnoredAny, de::IgnoredAny>()?.is_some() {}
        Ok((self.0)(ScalarText::Static("")))
    }
}

/// Normalises the text of a number for comparison: `200`, `200.0` and `0200` are equal. Other text is returned unchanged.
#[doc(hidden)]
#[must_use]
pub fn plain_number(text: &str) -> &str {
    let text = text.trim();
    let number = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text };
    match number.trim_start_matches('0') {
        rest if rest.starts_with(|first: char| first.is_ascii_digit()) => rest,
        // Keeps one zero, as in 0.5 or 0.
        rest => {
            number.get(number.len() - rest.len() - usize::from(number.len() > rest.len())..).unwrap_or(number)
        }
    }
}

/// Writes the text as a number if that yields the same text again, and otherwise as text: `007` must not become `7`.
#[doc(hidden)]
pub fn number_or_text<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    match text.parse::<serde_json::Number>() {
        Ok(number) if number.to_string() == text => number.serialize(serializer),
        _ => serializer.serialize_str(text),
    }
}

/// Most codes are one digit, which needs no allocation.
fn digit(value: u64) -> Option<&'static str> {
    let place = usize::try_from(value).ok()?;
    "0123456789".get(place..place.checked_add(1)?)
}

pub(super) fn bool_text(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}
