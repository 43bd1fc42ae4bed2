//! Reads bodies and writes them again.

use std::fmt::Debug;

use kyc_core::{OneOrMany, decode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::vendor::Listed;

/// Reads a body as one type.
#[derive(Debug)]
pub(crate) struct Reader {
    /// The type's name.
    pub(crate) type_name: &'static str,
    /// Top-level fields that the type requires, each with a value.
    pub(crate) needs: Vec<(&'static str, Value)>,
    read: fn(&[u8]) -> Result<Read, String>,
    /// Whether the type reads two bodies as the same value.
    same: fn(&[u8], &[u8]) -> bool,
    /// The reader of bodies that this one does not know.
    other: Option<Box<Reader>>,
}

/// The result of reading a body.
#[derive(Debug)]
pub(crate) struct Read {
    /// Paths that the type does not know.
    pub(crate) ignored: Vec<String>,
    /// The serialized value; `None` for a type that does not serialize.
    pub(crate) written: Option<Value>,
}

impl Reader {
    /// Creates the reader of a type that is read and written.
    pub(crate) fn both<T: DeserializeOwned + Serialize + PartialEq + Debug>(type_name: &'static str) -> Self {
        let needs = Vec::new();
        Self { type_name, needs, read: read_and_write::<T>, same: same_value::<T>, other: None }
    }

    /// Creates the reader of one body or a list of bodies of a type. Both are written as a list.
    pub(crate) fn each<T: DeserializeOwned + Serialize + PartialEq + Debug>(type_name: &'static str) -> Self {
        Self::both::<OneOrMany<T>>(type_name)
    }

    /// Creates the reader of a type that is only read, since it contains a secret.
    pub(crate) fn only_read<T: DeserializeOwned>(type_name: &'static str) -> Self {
        let read = |body: &[u8]| {
            let decoded = decode::<T>(body).map_err(|failure| failure.to_string())?;
            Ok(Read { ignored: decoded.ignored, written: None })
        };
        Self { type_name, needs: Vec::new(), read, same: |_, _| false, other: None }
    }

    /// Adds a field that the type requires.
    pub(crate) fn needing(mut self, field: &'static str, value: impl Into<Value>) -> Self {
        self.needs.push((field, value.into()));
        self
    }

    /// Adds a second type, for a body of the page that the crate reads as two types.
    pub(crate) fn or(mut self, other: Self) -> Self {
        self.other = Some(Box::new(other));
        self
    }

    /// Returns the type that knows all fields of the body; the first if neither does.
    pub(crate) fn of(&self, body: &[u8]) -> &Self {
        let knows = |reader: &Self| (reader.read)(body).is_ok_and(|read| read.ignored.is_empty());
        match &self.other {
            Some(other) if !knows(self) && knows(other) => other,
            _ => self,
        }
    }

    /// Reads a body, writes it, and reads the result again.
    pub(crate) fn read(&self, body: &[u8]) -> Result<Read, String> {
        (self.read)(body)
    }

    /// Returns whether both bodies are read as the same value with no field ignored.
    pub(crate) fn is_same(&self, one: &[u8], other: &[u8]) -> bool {
        (self.same)(one, other)
    }
}

/// Reads a value of a list as text and, where possible, as a number.
pub(crate) fn listed<T: DeserializeOwned + Serialize + PartialEq>(
    value: &str,
    is_named: impl Fn(&T) -> bool,
) -> Listed {
    let number = serde_json::from_str(value).ok().filter(Value::is_number);
    let forms = [Some(Value::from(value)), number].into_iter().flatten();
    let read: Result<Vec<T>, _> = forms.map(serde_json::from_value).collect();
    let Ok([first, others @ ..]) = read.as_deref() else { return Listed::Unnamed };
    if !is_named(first) || others.iter().any(|other| other != first) {
        return Listed::Unnamed;
    }
    match serde_json::to_value(first) {
        Ok(Value::String(text)) => Listed::Named(text),
        Ok(Value::Number(number)) => Listed::Named(number.to_string()),
        _ => Listed::Unnamed,
    }
}

/// Reads a value as a vendor's open enum, whose named variants are all but `Unknown`.
macro_rules! listed_as {
    ($type:ident, $value:expr) => {
        $crate::reader::listed($value, |value| !matches!(value, $type::Unknown(_)))
    };
}
pub(crate) use listed_as;

fn same_value<T: DeserializeOwned + PartialEq>(one: &[u8], other: &[u8]) -> bool {
    match (decode::<T>(one), decode::<T>(other)) {
        (Ok(one), Ok(other)) => {
            one.ignored.is_empty() && other.ignored.is_empty() && one.value == other.value
        }
        _ => false,
    }
}

fn read_and_write<T: DeserializeOwned + Serialize + PartialEq + Debug>(body: &[u8]) -> Result<Read, String> {
    let first = decode::<T>(body).map_err(|failure| failure.to_string())?;
    // As text, not as a tree: that would sort the keys, whose order is part of some values.
    let written = serde_json::to_vec(&first.value).map_err(|_| "cannot be written".to_owned())?;
    let second =
        decode::<T>(&written).map_err(|failure| format!("the written body cannot be read: {failure}"))?;
    if second.value != first.value {
        return Err("the written body is read as another value".to_owned());
    }
    let written = serde_json::from_slice(&written).map_err(|_| "the written body is not JSON".to_owned())?;
    Ok(Read { ignored: first.ignored, written: Some(written) })
}
