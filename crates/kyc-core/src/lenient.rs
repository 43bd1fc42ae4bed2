//! Types for the leaves of responses: decoding one never fails, and closed lists stay open.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Cpf, Date, DateTime, Timestamp};

mod list;
mod open_enum;
mod text;

pub use list::{OneOrMany, RedactedTexts};
pub use open_enum::UnknownValue;
pub use text::{RedactedText, number_or_text, plain_number, read_scalar, required_text};
use text::{bool_text, scalar};

/// A type that the text of a leaf can be parsed into.
pub trait ParseLenient: Sized {
    /// The JSON type that the value is written as.
    const JSON_TYPE: JsonType = JsonType::Text;

    /// Parses the text; `None` if it does not hold such a value.
    fn parse_lenient(text: &str) -> Option<Self>;

    /// Returns the text that [`Lenient`] writes for a value made by a program.
    fn to_text(&self) -> String;
}

/// The JSON type of a leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum JsonType {
    /// A string.
    Text,
    /// A number, if the text is one.
    Number,
    /// `true` or `false`.
    Bool,
}

impl ParseLenient for Cpf {
    /// Parses any of the forms that vendors print, including `529982247/25`.
    fn parse_lenient(text: &str) -> Option<Self> {
        let text = text.trim();
        let is_form = |character: char| character.is_ascii_digit() || matches!(character, '.' | '-' | '/');
        if !text.chars().all(is_form) {
            return None;
        }
        Self::parse(&text.replace(['.', '-', '/'], "")).ok()
    }

    fn to_text(&self) -> String {
        self.digits().to_owned()
    }
}

impl ParseLenient for Date {
    /// Parses a date, or the date of a date-time.
    fn parse_lenient(text: &str) -> Option<Self> {
        let text = text.trim();
        Self::parse(text).ok().or_else(|| DateTime::parse(text).ok().map(DateTime::date))
    }

    fn to_text(&self) -> String {
        self.to_iso8601()
    }
}

impl ParseLenient for Timestamp {
    fn parse_lenient(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }

    fn to_text(&self) -> String {
        self.to_rfc3339()
    }
}

impl ParseLenient for DateTime {
    fn parse_lenient(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }

    fn to_text(&self) -> String {
        self.timestamp().map_or_else(|| self.to_string(), Timestamp::to_rfc3339)
    }
}

impl ParseLenient for bool {
    const JSON_TYPE: JsonType = JsonType::Bool;

    /// Parses `true`, `1`, `1.0`, `sim`, `s`, `yes`, `y`, `verdadeiro` and their opposites in any case, and nothing else.
    fn parse_lenient(text: &str) -> Option<Self> {
        match text {
            "true" => Some(true),
            "false" => Some(false),
            _ => spelt_bool(text.trim()),
        }
    }

    fn to_text(&self) -> String {
        bool_text(*self).to_owned()
    }
}

fn spelt_bool(text: &str) -> Option<bool> {
    let is = |words: &[&str]| words.iter().any(|word| text.to_lowercase() == *word);
    match plain_number(text) {
        "1" => Some(true),
        "0" => Some(false),
        _ if is(&["true", "sim", "s", "yes", "y", "verdadeiro"]) => Some(true),
        _ if is(&["false", "não", "nao", "n", "no", "falso"]) => Some(false),
        _ => None,
    }
}

impl ParseLenient for i64 {
    const JSON_TYPE: JsonType = JsonType::Number;

    fn parse_lenient(text: &str) -> Option<Self> {
        // Some vendors write 401.0 for 401.
        let text = text.trim();
        text.strip_suffix(".0").unwrap_or(text).parse().ok()
    }

    fn to_text(&self) -> String {
        self.to_string()
    }
}

/// A leaf of a response: its text, and the value if the text can be parsed.
///
/// Decoding does not fail because OCR read `20/O1/1990`, so that a paid response is not lost. Dates and numbers keep their text:
/// serializing writes the text that was received.
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

impl<T: ParseLenient> From<T> for Lenient<T> {
    /// Creates a leaf with the canonical text of the value, for fixtures and fakes.
    fn from(value: T) -> Self {
        Self { text: value.to_text().into(), value: Some(value) }
    }
}

impl<T: ParseLenient> Lenient<T> {
    /// Creates a leaf from its text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self::read(text.into().into())
    }

    fn read(text: Cow<'static, str>) -> Self {
        let value = T::parse_lenient(&text);
        match (T::JSON_TYPE, &value) {
            // "True", "1" and true are one value, written in one way.
            (JsonType::Bool, Some(_)) if text != "true" && text != "false" => {
                let is_true = spelt_bool(text.trim()).unwrap_or_default();
                Self { text: bool_text(is_true).into(), value }
            }
            _ => Self { text, value },
        }
    }

    /// Returns the value, if the text could be parsed.
    #[must_use]
    pub fn get(&self) -> Option<&T> {
        self.value.as_ref()
    }

    /// Returns the text as it was received. It may hold personal data: keep it out of logs.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl<T: ParseLenient + fmt::Debug> fmt::Debug for Lenient<T> {
    /// Prints the value. A number of six or more digits is hidden, because it may be a CPF in a field for another number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Some(_) if T::JSON_TYPE == JsonType::Number && is_long(&self.text) => f.write_str("[redacted]"),
            Some(value) => value.fmt(f),
            None => f.write_str("[unread, redacted]"),
        }
    }
}

/// Whether the whole part of a number has six or more digits.
fn is_long(number: &str) -> bool {
    let whole = number.split(['.', ',']).next().unwrap_or_default();
    let has_exponent = number.contains(['e', 'E']);
    has_exponent || whole.bytes().filter(u8::is_ascii_digit).count() >= 6
}

impl<T: ParseLenient> Serialize for Lenient<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (T::JSON_TYPE, &self.value) {
            (JsonType::Bool, Some(_)) => serializer.serialize_bool(self.text == "true"),
            (JsonType::Number, Some(_)) => number_or_text(&self.text, serializer),
            _ => serializer.serialize_str(&self.text),
        }
    }
}

impl<'de, T: ParseLenient> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        scalar(deserializer, |text| Self::read(text.into_static()))
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

#[cfg(test)]
#[allow(unreachable_pub, reason = "the macro declares public enums")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    crate::open_enum! {
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

    crate::open_enum! {
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
    fn long_numbers_are_not_printed() {
        let printed = |text: &str| format!("{:?}", Lenient::<i64>::new(text));
        assert_eq!(printed("422"), "422");
        assert_eq!(printed("52998224725"), "[redacted]");
        let printed = |text: &str| format!("{:?}", Lenient::<crate::FiniteF64>::new(text));
        assert_eq!(printed("0.99583123"), "0.99583123");
        assert_eq!(printed("52998224725.0"), "[redacted]");
        assert_eq!(printed("5.2998224725e10"), "[redacted]");
        assert_eq!(format!("{:?}", Lenient::<bool>::new("1")), "true");
    }

    #[test]
    fn a_leaf_made_from_a_value_reads_back() {
        assert_eq!(Lenient::from(true), Lenient::new("true"));
        assert_eq!(Lenient::from(7_i64), Lenient::new("7"));
        let day = Date::from_ymd(1990, 1, 20).expect("a day");
        assert_eq!(Lenient::from(day), Lenient::new("1990-01-20"));
        let instant = DateTime::parse("2021-07-30T18:45:37-03:00").expect("a date-time");
        assert_eq!(Lenient::from(instant).text(), "2021-07-30T21:45:37Z");
    }

    #[test]
    fn leaves_in_every_form() {
        assert_eq!(round::<Lenient<bool>>("\"True\"").get(), Some(&true));
        assert_eq!(round::<Lenient<bool>>("1").get(), Some(&true));
        for (json, wanted) in [
            ("1.0", Some(&true)),
            ("0.0", Some(&false)),
            ("\" SIM \"", Some(&true)),
            ("\"Não\"", Some(&false)),
            ("\"NÃO\"", Some(&false)),
            ("\"nao\"", Some(&false)),
            ("\"S\"", Some(&true)),
            ("\"n\"", Some(&false)),
            ("2", None),
            ("\"\"", None),
            ("\"talvez\"", None),
            ("{}", None),
            ("[true]", None),
        ] {
            assert_eq!(round::<Lenient<bool>>(json).get(), wanted, "{json}");
        }
        for text in ["529982247/25", "529.982.247-25", " 52998224725 "] {
            assert!(Lenient::<Cpf>::new(text).get().is_some(), "{text}");
        }
        assert!(Lenient::<Cpf>::new("529_982_247_25").get().is_none());
        for text in [" 1990-01-20", "1990-01-20T00:00:00", "20/01/1990 ", "1990-01-20 00:00:00"] {
            assert_eq!(Lenient::<Date>::new(text).get(), Date::from_ymd(1990, 1, 20).as_ref(), "{text}");
        }
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
