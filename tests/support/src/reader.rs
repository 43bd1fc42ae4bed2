//! Reads bodies as a type of a crate and writes them again.

use std::borrow::Cow;
use std::fmt::Debug;

use kyc_core::{DecodeFailure, OneOrMany, decode};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// What stands in every leaf when a payload is checked for what its type prints.
pub(crate) const SENTINELS: [&str; 2] = ["s3ntinel", "52998224725"];

/// Reads a body as one type.
#[derive(Clone, Debug)]
pub struct Reader {
    pub(crate) name: Cow<'static, str>,
    /// Returns the JSON Schema of the type, titled with its name.
    pub(crate) schema: fn() -> Value,
    /// Top-level fields that the type requires, each with a value.
    pub(crate) needs: Vec<(&'static str, Value)>,
    read: fn(&[u8]) -> Result<Read, DecodeFailure>,
    other: Option<Box<Reader>>,
}

/// The result of reading a body.
#[derive(Debug, Default)]
pub(crate) struct Read {
    /// The type's name.
    pub(crate) name: Cow<'static, str>,
    /// Paths that the type does not know.
    pub(crate) ignored: Vec<String>,
    /// The serialized value as JSON; `None` for a type that does not serialize.
    written: Option<Vec<u8>>,
}

impl Read {
    pub(crate) fn written(&self) -> Option<Value> {
        self.written.as_ref().map(|json| serde_json::from_slice(json).unwrap())
    }
}

impl Reader {
    /// Creates the reader of a type that is read and written.
    pub fn round<T: DeserializeOwned + Serialize + PartialEq + Debug + JsonSchema>() -> Self {
        Self::new::<T>(written::<T>, round::<T>)
    }

    /// Creates the reader of one body or a list of bodies of a type. Both are written as a list.
    pub fn each<T: DeserializeOwned + Serialize + PartialEq + Debug + JsonSchema>() -> Self {
        Self::new::<T>(written::<T>, round::<OneOrMany<T>>)
    }

    /// Creates the reader of a type that is only read, since it contains a secret.
    pub fn once<T: DeserializeOwned + Debug + JsonSchema>() -> Self {
        let schema = || schema_of::<T>(SchemaSettings::draft2020_12().for_deserialize());
        Self::new::<T>(schema, once::<T>)
    }

    fn new<T: JsonSchema>(schema: fn() -> Value, read: fn(&[u8]) -> Result<Read, DecodeFailure>) -> Self {
        Self { name: T::schema_name(), schema, needs: Vec::new(), read, other: None }
    }

    /// Adds a field that the type requires.
    pub fn needing(mut self, field: &'static str, value: &'static str) -> Self {
        self.needs.push((field, value.into()));
        self
    }

    /// Adds a second type, for a body of the page that the crate reads as two types.
    pub fn or(mut self, other: Self) -> Self {
        self.other = Some(Box::new(other));
        self
    }

    /// Returns the type that knows all fields of the body; the first if neither does.
    pub(crate) fn of(&self, body: &[u8]) -> &Self {
        let knows = |reader: &Self| reader.read(body).is_ok_and(|read| read.ignored.is_empty());
        self.other.as_deref().filter(|other| !knows(self) && knows(other)).unwrap_or(self)
    }

    /// Returns the schema of this type and that of the second one.
    pub(crate) fn schemas(&self) -> Vec<Value> {
        std::iter::once(self).chain(self.other.as_deref()).map(|reader| (reader.schema)()).collect()
    }

    /// Reads a body, writes it, and reads the result again. Panics if the second value differs from the first or has unknown
    /// fields, or if the value prints a sentinel.
    pub(crate) fn read(&self, body: &[u8]) -> Result<Read, DecodeFailure> {
        Ok(Read { name: self.name.clone(), ..(self.read)(body)? })
    }
}

/// Returns the schema of a type's serialized form.
pub fn written<T: JsonSchema>() -> Value {
    schema_of::<T>(SchemaSettings::draft2020_12().for_serialize())
}

fn schema_of<T: JsonSchema>(settings: SchemaSettings) -> Value {
    settings.into_generator().into_root_schema_for::<T>().to_value()
}

fn round<T: DeserializeOwned + Serialize + PartialEq + Debug>(body: &[u8]) -> Result<Read, DecodeFailure> {
    let first = decode::<T>(body)?;
    hides_its_leaves(&first);
    // As text, not as a tree: that would sort the keys, whose order is part of some values.
    let written = serde_json::to_vec(&first.value).unwrap();
    let second = decode::<T>(&written).unwrap();
    assert!(first.value == second.value, "{}", String::from_utf8_lossy(body));
    assert!(second.ignored.is_empty(), "{}", String::from_utf8_lossy(body));
    Ok(Read { ignored: first.ignored, written: Some(written), ..Read::default() })
}

fn once<T: DeserializeOwned + Debug>(body: &[u8]) -> Result<Read, DecodeFailure> {
    let decoded = decode::<T>(body)?;
    hides_its_leaves(&decoded);
    Ok(Read { ignored: decoded.ignored, ..Read::default() })
}

fn hides_its_leaves(value: &impl Debug) {
    let printed = format!("{value:?}");
    for sentinel in SENTINELS {
        assert!(!printed.contains(sentinel), "{sentinel} was printed: {printed}");
    }
}

/// How a value of a list is written; `None` if it has no variant of its own.
pub type Listed = fn(&str) -> Option<String>;

/// Reads a value of a list as text and, where possible, as a number.
pub fn listed<T: DeserializeOwned + Serialize + PartialEq>(
    value: &str,
    is_named: impl Fn(&T) -> bool,
) -> Option<String> {
    let number = serde_json::from_str(value).ok().filter(Value::is_number);
    let forms = [Some(Value::from(value)), number].into_iter().flatten();
    let read: Vec<T> = forms.map(serde_json::from_value).collect::<Result<_, _>>().ok()?;
    if !is_named(&read[0]) || read.iter().any(|other| *other != read[0]) {
        return None;
    }
    match serde_json::to_value(&read[0]).ok()? {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Reads a value as a vendor's open enum, whose named variants are all but `Unknown`.
#[macro_export]
macro_rules! listed {
    ($type:ident) => {
        |value| $crate::reader::listed(value, |value| !matches!(value, $type::Unknown(_)))
    };
}
