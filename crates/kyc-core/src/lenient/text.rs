//! Text, from whichever JSON scalar it stands in.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Text that a vendor may also print as a number or a bool. Redacted in `Debug`: free text may hold anything.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct RedactedText(pub(super) String);

impl RedactedText {
    /// The text. It may hold personal data: keep it out of logs.
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
        deserializer.deserialize_any(ScalarVisitor).map(|text| Self(text.into_owned()))
    }
}

/// Any JSON scalar as its text. A number keeps the shortest text that reads back the same.
pub(super) struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Cow<'static, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text, a number or a bool")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(text.to_owned().into())
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Self::Value, E> {
        Ok(text.into())
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Self::Value, E> {
        Ok(bool_text(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Self::Value, E> {
        Ok(value.to_string().into())
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Self::Value, E> {
        Ok(digit(value).map_or_else(|| value.to_string().into(), Cow::Borrowed))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Self::Value, E> {
        let text = serde_json::Number::from_f64(value)
            .map_or_else(|| value.to_string(), |number| number.to_string());
        Ok(text.into())
    }

    /// Another crate in the build may switch on serde_json's `arbitrary_precision`: numbers then come as maps.
    fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        serde_json::Number::deserialize(de::value::MapAccessDeserializer::new(map))
            .map(|number| number.to_string().into())
            .map_err(|_| de::Error::invalid_type(de::Unexpected::Map, &self))
    }
}

/// Reads a scalar's text where it stands: a known code needs no copy of it.
#[doc(hidden)]
pub fn read_scalar<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    read: impl FnOnce(&str) -> T,
) -> Result<T, D::Error> {
    struct Reading<F>(F);

    impl<'de, T, F: FnOnce(&str) -> T> Visitor<'de> for Reading<F> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            ScalarVisitor.expecting(f)
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
            Ok((self.0)(text))
        }

        fn visit_bool<E: de::Error>(self, value: bool) -> Result<T, E> {
            ScalarVisitor.visit_bool(value).map(|text| (self.0)(&text))
        }

        fn visit_i64<E: de::Error>(self, value: i64) -> Result<T, E> {
            ScalarVisitor.visit_i64(value).map(|text| (self.0)(&text))
        }

        fn visit_u64<E: de::Error>(self, value: u64) -> Result<T, E> {
            ScalarVisitor.visit_u64(value).map(|text| (self.0)(&text))
        }

        fn visit_f64<E: de::Error>(self, value: f64) -> Result<T, E> {
            ScalarVisitor.visit_f64(value).map(|text| (self.0)(&text))
        }

        fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
            ScalarVisitor.visit_map(map).map(|text| (self.0)(&text))
        }
    }

    deserializer.deserialize_any(Reading(read))
}

/// The one form of a number's text, for comparing: `200`, `200.0` and `0200` are one. Other text as it is.
#[doc(hidden)]
#[must_use]
pub fn plain_number(text: &str) -> &str {
    let text = text.trim();
    let number = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text };
    match number.trim_start_matches('0') {
        rest if rest.starts_with(|first: char| first.is_ascii_digit()) => rest,
        // One zero stays: that of 0.5, or of nothing at all.
        rest => {
            number.get(number.len() - rest.len() - usize::from(number.len() > rest.len())..).unwrap_or(number)
        }
    }
}

/// As a number if that gives the same text again, else as text: `007` must not become `7`.
#[doc(hidden)]
pub fn number_or_text<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    match text.parse::<serde_json::Number>() {
        Ok(number) if number.to_string() == text => number.serialize(serializer),
        _ => serializer.serialize_str(text),
    }
}

/// Most codes are one digit: no copy of those.
fn digit(value: u64) -> Option<&'static str> {
    let place = usize::try_from(value).ok()?;
    "0123456789".get(place..place.checked_add(1)?)
}

pub(super) fn bool_text(value: bool) -> Cow<'static, str> {
    Cow::Borrowed(if value { "true" } else { "false" })
}
