//! Reading what vendors answer: leaves that are never fatal, and closed lists that stay open.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Cpf, Date, DateTime, Timestamp};

/// Text that a vendor may also print as a number or a bool. Redacted in `Debug`: free text may hold anything.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct RedactedText(String);

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
struct ScalarVisitor;

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

/// What a leaf of an answer is meant to be.
pub trait ParseLenient: Sized {
    /// How the value is written in JSON.
    const JSON_TYPE: JsonType = JsonType::Text;

    /// The value, if the text is one.
    fn parse_lenient(text: &str) -> Option<Self>;
}

/// How a leaf is written in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum JsonType {
    /// As a string.
    Text,
    /// As a number, when its text is one.
    Number,
    /// As `true` or `false`.
    Bool,
}

impl ParseLenient for Cpf {
    fn parse_lenient(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }
}

impl ParseLenient for Date {
    fn parse_lenient(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }
}

impl ParseLenient for Timestamp {
    fn parse_lenient(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }
}

impl ParseLenient for DateTime {
    fn parse_lenient(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }
}

impl ParseLenient for bool {
    const JSON_TYPE: JsonType = JsonType::Bool;

    fn parse_lenient(text: &str) -> Option<Self> {
        match text {
            "true" => Some(true),
            "false" => Some(false),
            _ if is_true(text) => Some(true),
            _ => {
                let text = text.trim();
                (text == "0" || text.eq_ignore_ascii_case("false")).then_some(false)
            }
        }
    }
}

impl ParseLenient for i64 {
    const JSON_TYPE: JsonType = JsonType::Number;

    fn parse_lenient(text: &str) -> Option<Self> {
        // 401.0 is written by some for 401.
        let text = text.trim();
        text.strip_suffix(".0").unwrap_or(text).parse().ok()
    }
}

/// Most codes are one digit: no copy of those.
fn digit(value: u64) -> Option<&'static str> {
    let place = usize::try_from(value).ok()?;
    "0123456789".get(place..place.checked_add(1)?)
}

fn bool_text(value: bool) -> Cow<'static, str> {
    Cow::Borrowed(if value { "true" } else { "false" })
}

fn is_true(text: &str) -> bool {
    let text = text.trim();
    text == "1" || text.eq_ignore_ascii_case("true")
}

/// A leaf of an answer: the value when its text is one, and the text in any case.
///
/// A paid answer is not lost because an OCR read `20/O1/1990`. Dates and numbers keep their text, so that what is
/// stored is what came.
///
/// ```
/// use kyc_core::{Cpf, Lenient};
/// let read: Lenient<Cpf> = serde_json::from_str("\"12345678912\"")?;
/// assert!(read.get().is_none(), "its check digits are wrong");
/// assert_eq!(read.text(), "12345678912");
/// assert_eq!(format!("{read:?}"), "[unread, redacted]");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Lenient<T> {
    text: Cow<'static, str>,
    value: Option<T>,
}

impl<T: ParseLenient> Lenient<T> {
    /// Reads a text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self::read(text.into().into())
    }

    fn read(text: Cow<'static, str>) -> Self {
        let value = T::parse_lenient(&text);
        match (T::JSON_TYPE, &value) {
            // "True", "1" and true are one value, written in one way.
            (JsonType::Bool, Some(_)) if !matches!(&*text, "true" | "false") => {
                Self { text: bool_text(is_true(&text)), value }
            }
            _ => Self { text, value },
        }
    }

    /// The value, if the text is one.
    #[must_use]
    pub fn get(&self) -> Option<&T> {
        self.value.as_ref()
    }

    /// The text as it came. It may hold personal data: keep it out of logs.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl<T: fmt::Debug> fmt::Debug for Lenient<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Some(value) => value.fmt(f),
            None => f.write_str("[unread, redacted]"),
        }
    }
}

impl<T: ParseLenient> Serialize for Lenient<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (T::JSON_TYPE, &self.value) {
            (JsonType::Bool, Some(_)) => serializer.serialize_bool(is_true(&self.text)),
            (JsonType::Number, Some(_)) => number_or_text(&self.text, serializer),
            _ => serializer.serialize_str(&self.text),
        }
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

impl<'de, T: ParseLenient> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor).map(Self::read)
    }
}

#[cfg(feature = "schema")]
mod schema {
    use std::borrow::Cow;

    use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

    use super::{JsonType, Lenient, ParseLenient, RedactedText};

    impl JsonSchema for RedactedText {
        fn inline_schema() -> bool {
            true
        }
        fn schema_name() -> Cow<'static, str> {
            "Text".into()
        }
        fn json_schema(_: &mut SchemaGenerator) -> Schema {
            json_schema!({ "type": "string" })
        }
    }

    impl<T: ParseLenient> JsonSchema for Lenient<T> {
        fn inline_schema() -> bool {
            true
        }
        fn schema_name() -> Cow<'static, str> {
            "Lenient".into()
        }
        fn json_schema(_: &mut SchemaGenerator) -> Schema {
            match T::JSON_TYPE {
                JsonType::Text => json_schema!({ "type": "string" }),
                JsonType::Number => json_schema!({ "type": ["number", "string"] }),
                JsonType::Bool => json_schema!({ "type": ["boolean", "string"] }),
            }
        }
    }
}

/// One text or a list of texts, as one list: vendors print both for the same field. What is neither (an object where a
/// text should be) is passed over and reported as unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RedactedTexts(Vec<RedactedText>);

impl RedactedTexts {
    /// The texts, in order.
    pub fn iter(&self) -> impl Iterator<Item = &RedactedText> {
        self.0.iter()
    }
}

impl FromIterator<RedactedText> for RedactedTexts {
    fn from_iter<I: IntoIterator<Item = RedactedText>>(texts: I) -> Self {
        Self(texts.into_iter().collect())
    }
}

impl<'de> Deserialize<'de> for RedactedTexts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextsVisitor)
    }
}

struct TextsVisitor;

/// A scalar becomes a list of one.
macro_rules! one_text {
    ($($visit:ident: $type:ty),+) => {
        $(fn $visit<E: de::Error>(self, value: $type) -> Result<RedactedTexts, E> {
            ScalarVisitor.$visit(value).map(|text| RedactedTexts(vec![RedactedText(text.into_owned())]))
        })+
    };
}

impl<'de> Visitor<'de> for TextsVisitor {
    type Value = RedactedTexts;

    one_text!(visit_str: &str, visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text or a list of texts")
    }

    fn visit_unit<E: de::Error>(self) -> Result<RedactedTexts, E> {
        Ok(RedactedTexts::default())
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<RedactedTexts, A::Error> {
        let mut texts = Vec::new();
        while let Some(inner) = list.next_element::<RedactedTexts>()? {
            texts.extend(inner.0);
        }
        Ok(RedactedTexts(texts))
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<RedactedTexts, A::Error> {
        // Each key is ignored by itself, so that its path is reported.
        while map.next_entry::<de::IgnoredAny, de::IgnoredAny>()?.is_some() {}
        Ok(RedactedTexts::default())
    }
}

/// One value or a list of them, as one list: vendors print both in the same place. Written as a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OneOrMany<T>(Vec<T>);

impl<T> OneOrMany<T> {
    /// The values, in order.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.iter()
    }

    /// Takes the values out.
    #[must_use]
    pub fn into_vec(self) -> Vec<T> {
        self.0
    }
}

impl<T> Default for OneOrMany<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> From<Vec<T>> for OneOrMany<T> {
    fn from(values: Vec<T>) -> Self {
        Self(values)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrManyVisitor<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for OneOrManyVisitor<T> {
            type Value = OneOrMany<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object or a list of objects")
            }

            fn visit_unit<E: de::Error>(self) -> Result<OneOrMany<T>, E> {
                Ok(OneOrMany::default())
            }

            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<OneOrMany<T>, A::Error> {
                T::deserialize(de::value::MapAccessDeserializer::new(map)).map(|one| OneOrMany(vec![one]))
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, list: A) -> Result<OneOrMany<T>, A::Error> {
                Vec::deserialize(de::value::SeqAccessDeserializer::new(list)).map(OneOrMany)
            }
        }

        deserializer.deserialize_any(OneOrManyVisitor(PhantomData))
    }
}

/// A value of a closed list that this release does not know. Opaque, so that a later release may name it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct UnknownValue(String);

impl UnknownValue {
    #[doc(hidden)]
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The value as the vendor printed it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for UnknownValue {
    /// Hidden: what stands where a code should may be anything.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Declares a vendor's closed list as an enum that stays open: known variants, and `Unknown` for all else.
///
/// The text form compares without regard to ASCII case, may know further spellings (`= "Erro" | "Error"`) and writes
/// the first one. The number form reads numbers and numeric text, `200` like `200.0`, and writes numbers.
///
/// ```
/// kyc_core::open_enum! {
///     /// How far a transaction is.
///     pub enum Status: text {
///         /// Being worked on.
///         Processing = "Processing",
///         /// Done.
///         Success = "Success",
///     }
/// }
/// assert_eq!(Status::from("success"), Status::Success);
/// let later = Status::from("Paused");
/// assert_eq!(later.as_str(), "Paused");
/// assert_eq!(format!("{later:?}"), "Unknown([redacted])");
/// ```
#[macro_export]
macro_rules! open_enum {
    (
        $(#[$meta:meta])*
        pub enum $name:ident: text {
            $($(#[$variant_meta:meta])* $variant:ident = $text:literal $(| $other:literal)*,)+
        }
    ) => {
        $crate::open_enum!(@declare [$(#[$meta])*] $name { $($(#[$variant_meta])* $variant,)+ });

        impl $name {
            /// The value as the vendor spells it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)+
                    Self::Unknown(value) => value.as_str(),
                }
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                let known = text.trim();
                $(if known.eq_ignore_ascii_case($text) $(|| known.eq_ignore_ascii_case($other))* {
                    return Self::$variant;
                })+
                Self::Unknown($crate::UnknownValue::new(text.to_owned()))
            }
        }

        impl $crate::__private::serde::Serialize for $name {
            fn serialize<S: $crate::__private::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        $crate::__open_enum_schema!($name, "string", [$($text),+]);
    };
    (
        $(#[$meta:meta])*
        pub enum $name:ident: number { $($(#[$variant_meta:meta])* $variant:ident = $number:literal,)+ }
    ) => {
        $crate::open_enum!(@declare [$(#[$meta])*] $name { $($(#[$variant_meta])* $variant,)+ });

        impl $name {
            /// The value as the vendor writes it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => stringify!($number),)+
                    Self::Unknown(value) => value.as_str(),
                }
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                // As text: no code is lost to the rounding of a float.
                let number = $crate::__private::plain_number(text);
                $(if number == $crate::__private::plain_number(stringify!($number)) {
                    return Self::$variant;
                })+
                Self::Unknown($crate::UnknownValue::new(text.to_owned()))
            }
        }

        impl $crate::__private::serde::Serialize for $name {
            fn serialize<S: $crate::__private::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $crate::__private::number_or_text(self.as_str(), serializer)
            }
        }

        $crate::__open_enum_schema!($name, ["number", "string"], [$($number),+]);
    };
    (@declare [$($meta:tt)*] $name:ident { $($(#[$variant_meta:meta])* $variant:ident,)+ }) => {
        $($meta)*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_meta])* $variant,)+
            /// A value that this release does not know.
            Unknown($crate::UnknownValue),
        }

        impl<'de> $crate::__private::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::__private::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::__private::read_scalar(deserializer, |text| Self::from(text))
            }
        }
    };
}

/// Expands by this crate's feature, not by that of the crate that uses the macro.
#[cfg(feature = "schema")]
#[doc(hidden)]
#[macro_export]
macro_rules! __open_enum_schema {
    ($name:ident, $kind:tt, $known:tt) => {
        impl $crate::__private::schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut $crate::__private::schemars::SchemaGenerator) -> $crate::__private::schemars::Schema {
                // Open: a value outside the list is valid, so the known ones are examples. An unknown number is written
                // as one, and need not be whole.
                $crate::__private::schemars::json_schema!({ "type": $kind, "examples": $known })
            }
        }
    };
}

#[cfg(not(feature = "schema"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __open_enum_schema {
    ($name:ident, $kind:tt, $known:tt) => {};
}

#[cfg(test)]
#[allow(unreachable_pub, reason = "the macro declares public enums")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    open_enum! {
        /// A list of codes.
        pub enum Level: number {
            /// No.
            Zero = 0,
            /// Yes.
            Six = 6,
            /// Perhaps.
            Fraction = 300.1,
        }
    }

    open_enum! {
        /// A list of words.
        pub enum Word: text {
            /// Went wrong.
            Error = "Erro" | "Error",
        }
    }

    fn round<T: serde::de::DeserializeOwned + Serialize + PartialEq + fmt::Debug>(json: &str) -> T {
        let first: T = serde_json::from_str(json).expect("a scalar");
        let second: T =
            serde_json::from_str(&serde_json::to_string(&first).expect("encodes")).expect("decodes");
        assert_eq!(first, second);
        first
    }

    #[test]
    fn leaves_in_every_form() {
        assert_eq!(round::<Lenient<bool>>("\"True\"").get(), Some(&true));
        assert_eq!(round::<Lenient<bool>>("1").get(), Some(&true));
        assert_eq!(round::<Lenient<i64>>("\"007\"").get(), Some(&7));
        assert_eq!(round::<Lenient<i64>>("\"x\"").get(), None);
        assert_eq!(round::<Lenient<Date>>("\"20/O1/1990\"").get(), None);
        assert_eq!(round::<RedactedText>("1.50").as_str(), "1.5");
        assert_eq!(round::<Level>("6"), Level::Six);
        assert_eq!(round::<Level>("\"6\""), Level::Six);
        assert_eq!(round::<Level>("6.0"), Level::Six);
        assert_eq!(round::<Level>("300.10"), Level::Fraction);
        assert_eq!(round::<Level>("\"000\""), Level::Zero);
        assert_eq!(round::<Level>("0.0"), Level::Zero);
        assert_eq!(round::<Level>("3001").as_str(), "3001");
        assert_eq!(round::<Level>("60").as_str(), "60");
        assert_eq!(round::<Word>("\"ERROR\""), Word::Error);
        assert_eq!(Word::Error.as_str(), "Erro");
        assert_eq!(round::<Level>("7").as_str(), "7");
        assert_eq!(round::<Level>("\"high\"").as_str(), "high");
        assert_eq!(round::<RedactedTexts>("\"one\"").iter().count(), 1);
        assert_eq!(round::<RedactedTexts>("[\"one\",null,2]").iter().count(), 2);
    }

    proptest! {
        #[test]
        fn any_scalar_is_kept(number in any::<f64>().prop_filter("JSON has no such number", |n| n.is_finite()), text in "\\PC{0,30}") {
            round::<Lenient<i64>>(&serde_json::to_string(&number).expect("a number"));
            round::<Lenient<Cpf>>(&serde_json::to_string(&text).expect("a string"));
            round::<Level>(&serde_json::to_string(&text).expect("a string"));
            round::<Lenient<bool>>(&serde_json::to_string(&text).expect("a string"));
        }
    }
}
