//! Types that several operations share.

pub(crate) mod codes;

use std::fmt;
use std::marker::PhantomData;

use kyc_core::{FiniteF64, JsonType, Lenient, ParseLenient, RedactedText};
use serde::de::{self, IntoDeserializer as _, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The portal's confidence in a value, from 0 to 1. `0.97`, `97` and `97%` are all read as 0.97; a plain `1` is 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Confidence(FiniteF64);

impl Confidence {
    /// Returns the confidence, from 0 to 1.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0.get()
    }
}

impl fmt::Display for Confidence {
    /// Writes the fraction, such as `0.97`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.get(), f)
    }
}

impl ParseLenient for Confidence {
    const JSON_TYPE: JsonType = JsonType::Number;

    fn parse_lenient(text: &str) -> Option<Self> {
        let number = FiniteF64::parse_lenient(text)?.get();
        let is_percent = text.trim_end().ends_with('%') || number >= 2.0;
        let fraction = if is_percent { number / 100.0 } else { number };
        // A plain 1.2 is not a fraction and hardly a percentage.
        FiniteF64::new(fraction).filter(|_| (0.0..=1.0).contains(&fraction)).map(Self)
    }

    fn to_text(&self) -> String {
        self.0.to_text()
    }
}

/// Returns the value that speaks against the applicant if several disagree: a favourable one only if all are.
pub(crate) fn least_favourable<T: PartialEq>(values: Vec<T>, favourable: &T) -> Option<T> {
    let mut values = values.into_iter();
    let first = values.next()?;
    if first == *favourable {
        Some(values.find(|value| value != favourable).unwrap_or(first))
    } else {
        Some(first)
    }
}

/// The outcome of a call in a response: a code and a message, or only one of them. (Our page: "Response texts".)
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Status {
    /// The code, which repeats the HTTP status.
    pub code: Option<Lenient<i64>>,
    /// The message, usually one of [`ResponseText`](crate::ResponseText).
    pub message: Option<RedactedText>,
    /// Whether the value is a plain code or text instead of an object, as in a meter's conciliation. It is serialized in
    /// the form in which it was received.
    is_bare: bool,
}

#[derive(Serialize, Deserialize)]
struct StatusObject {
    #[serde(alias = "statusCode", skip_serializing_if = "Option::is_none")]
    code: Option<Lenient<i64>>,
    #[serde(alias = "reason", skip_serializing_if = "Option::is_none")]
    message: Option<RedactedText>,
    /// The same, nested: according to the vendor's page the block of a meter's response has a field of its own name, and
    /// the block of a document's response a `status`.
    #[serde(skip_serializing)]
    response: Option<Box<Status>>,
    #[serde(skip_serializing)]
    status: Option<Box<Status>>,
}

impl Status {
    fn of_scalar(text: RedactedText) -> Self {
        let code = Lenient::<i64>::new(text.as_str());
        match code.get() {
            Some(_) => Self { code: Some(code), message: None, is_bare: true },
            None => Self { code: None, message: Some(text), is_bare: true },
        }
    }

    /// Reads the first element of a list.
    fn of_block(block: Block<StatusObject>) -> Self {
        match block {
            Block::Word(text) => Self::of_scalar(text),
            Block::Record(object) => Self::of_object(*object),
            Block::List(items) => items.into_iter().next().map(Self::of_block).unwrap_or_default(),
        }
    }

    fn of_object(object: StatusObject) -> Self {
        let here = Self { code: object.code, message: object.message, is_bare: false };
        [object.response, object.status].into_iter().flatten().fold(here, |here, inner| Self {
            code: here.code.or(inner.code),
            message: here.message.or(inner.message),
            is_bare: false,
        })
    }
}

impl Serialize for Status {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (&self.code, &self.message) {
            (Some(code), None) if self.is_bare => code.serialize(serializer),
            (None, Some(message)) if self.is_bare => message.serialize(serializer),
            _ => {
                let (code, message) = (self.code.clone(), self.message.clone());
                StatusObject { code, message, response: None, status: None }.serialize(serializer)
            }
        }
    }
}

impl<'de> Deserialize<'de> for Status {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Block::deserialize(deserializer).map(Self::of_block)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Status {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Status".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let code = schemars::json_schema!({ "type": ["number", "string"] });
        schemars::json_schema!({ "anyOf": [
            code,
            { "type": "object", "properties": { "code": code, "message": { "type": "string" } } },
        ] })
    }
}

/// The value of `response` or `result`: a word, or the fields of the response one level deeper, once or in a list. The
/// vendor's page and public clients differ. (Our page: "Other forms of the answer", "Answers of facematch".)
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Block<T, W = RedactedText> {
    /// A word.
    Word(W),
    /// The fields.
    Record(Box<T>),
    /// A list of either.
    List(Vec<Self>),
}

impl<T, W> Block<T, W> {
    /// Returns the word, if the value is one.
    #[must_use]
    pub fn word(&self) -> Option<&W> {
        match self {
            Self::Word(word) => Some(word),
            Self::Record(_) | Self::List(_) => None,
        }
    }

    /// Returns every word, in order. Objects are skipped.
    #[must_use]
    pub fn words(&self) -> Vec<&W> {
        match self {
            Self::Word(word) => vec![word],
            Self::Record(_) => Vec::new(),
            Self::List(items) => items.iter().flat_map(Self::words).collect(),
        }
    }

    /// Returns every object, in order. Words are skipped.
    #[must_use]
    pub fn records(&self) -> Vec<&T> {
        match self {
            Self::Word(_) => Vec::new(),
            Self::Record(record) => vec![record],
            Self::List(items) => items.iter().flat_map(Self::records).collect(),
        }
    }
}

impl<T: Serialize, W: Serialize> Serialize for Block<T, W> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Word(word) => word.serialize(serializer),
            Self::Record(record) => record.serialize(serializer),
            Self::List(items) => items.serialize(serializer),
        }
    }
}

impl<'de, T: Deserialize<'de>, W: Deserialize<'de>> Deserialize<'de> for Block<T, W> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(BlockVisitor(PhantomData))
    }
}

struct BlockVisitor<T, W>(PhantomData<(T, W)>);

/// A scalar is read as a word.
macro_rules! words {
    ($($visit:ident: $type:ty),+) => {
        $(fn $visit<E: de::Error>(self, value: $type) -> Result<Block<T, W>, E> {
            W::deserialize(value.into_deserializer()).map(Block::Word)
        })+
    };
}

impl<'de, T: Deserialize<'de>, W: Deserialize<'de>> Visitor<'de> for BlockVisitor<T, W> {
    type Value = Block<T, W>;

    words!(visit_str: &str, visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a word, an object or a list of objects")
    }

    fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Block<T, W>, A::Error> {
        T::deserialize(de::value::MapAccessDeserializer::new(map)).map(|record| Block::Record(record.into()))
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<Block<T, W>, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element::<Option<Block<T, W>>>()? {
            items.extend(item);
        }
        Ok(Block::List(items))
    }
}

#[cfg(feature = "schema")]
impl<T: schemars::JsonSchema, W: schemars::JsonSchema> schemars::JsonSchema for Block<T, W> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("Block_of_{}", T::schema_name()).into()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let (word, record) = (generator.subschema_for::<W>(), generator.subschema_for::<T>());
        // A list within a list is left open: the schema has no name by which it could hold itself.
        let items = schemars::json_schema!({ "anyOf": [word, record, { "type": "array" }] });
        schemars::json_schema!({ "anyOf": [word, record, { "type": "array", "items": items }] })
    }
}

/// A response whose fields may be at the top level, or one level deeper under `result` or `response`.
pub(crate) trait Nested: Sized {
    /// Iterates over the nested responses, in order of precedence.
    fn deeper(&self) -> impl Iterator<Item = &Self>;

    /// Returns the first match, the top level before nested ones.
    fn find<'a, R>(&'a self, pick: &dyn Fn(&'a Self) -> Option<R>) -> Option<R> {
        pick(self).or_else(|| self.deeper().find_map(|inner| inner.find(pick)))
    }

    /// Returns what each level has, the top level first. What decides is read this way, since levels may contradict each
    /// other.
    fn collect<'a, R>(&'a self, pick: &dyn Fn(&'a Self) -> Vec<R>) -> Vec<R> {
        let mut found = pick(self);
        self.deeper().for_each(|inner| found.extend(inner.collect(pick)));
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn confidence_is_read_in_every_spelling() {
        let read = |text: &str| Confidence::parse_lenient(text).map(Confidence::get);
        for text in ["0.97", "97", "97%", " 97 % ", "97.0"] {
            assert_eq!(read(text), Some(0.97), "{text}");
        }
        assert_eq!(read("1"), Some(1.0));
        assert_eq!(read("1%"), Some(0.01));
        let printed = Confidence::parse_lenient("97%").map(|confidence| confidence.to_string());
        assert_eq!(printed.as_deref(), Some("0.97"));
        for text in ["", "high", "-1", "1.2", "101", "120%"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn a_status_is_read_in_every_form() {
        let read = |json: &str| serde_json::from_str::<Status>(json).expect("never fatal");
        let both = read(r#"{"code": 403, "message": "no"}"#);
        assert_eq!(both.code.as_ref().and_then(Lenient::get), Some(&403));
        assert_eq!(both, read(r#"{"statusCode": "403", "reason": "no"}"#));
        assert_eq!(both, read(r#"[{"code": 403, "message": "no", "other": 1}]"#));
        assert_eq!(both, read(r#"{"response": {"code": 403, "message": "no"}}"#));
        assert_eq!(both, read(r#"{"code": 403, "response": "no"}"#));
        assert_eq!(read("403").code, both.code);
        assert_eq!(read("\"no\"").message, both.message);
        assert_eq!(read("[]"), Status::default());
        // Each is serialized in the form in which it was received.
        for json in [
            r#"{"code":403,"message":"no"}"#,
            r#"{"code":403}"#,
            r#"{"message":"no"}"#,
            "403",
            "\"no\"",
            "{}",
        ] {
            assert_eq!(serde_json::to_string(&read(json)).expect("plain"), json);
        }
    }
}
