//! Reading a body and writing it again.

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
    /// Top-level fields without which the type refuses a body, each with a value.
    pub(crate) needs: Vec<(&'static str, Value)>,
    read: fn(&[u8]) -> Result<Read, String>,
    /// Whether two bodies are the same value, as far as the type can tell.
    same: fn(&[u8], &[u8]) -> bool,
    /// Who reads what this one does not know.
    other: Option<Box<Reader>>,
}

/// What reading brought.
#[derive(Debug)]
pub(crate) struct Read {
    /// Paths that the type does not know.
    pub(crate) ignored: Vec<String>,
    /// The value as it is written; `None` for a type that never is.
    pub(crate) written: Option<Value>,
}

impl Reader {
    /// A type that is read and written.
    pub(crate) fn both<T: DeserializeOwned + Serialize + PartialEq + Debug>(type_name: &'static str) -> Self {
        let needs = Vec::new();
        Self { type_name, needs, read: read_and_write::<T>, same: same_value::<T>, other: None }
    }

    /// The same for what comes alone or as a list: a list is written, of bodies of that type.
    pub(crate) fn each<T: DeserializeOwned + Serialize + PartialEq + Debug>(type_name: &'static str) -> Self {
        Self::both::<OneOrMany<T>>(type_name)
    }

    /// A type that is only read: it holds a secret.
    pub(crate) fn only_read<T: DeserializeOwned>(type_name: &'static str) -> Self {
        let read = |body: &[u8]| {
            let decoded = decode::<T>(body).map_err(|failure| failure.to_string())?;
            Ok(Read { ignored: decoded.ignored, written: None })
        };
        Self { type_name, needs: Vec::new(), read, same: |_, _| false, other: None }
    }

    /// Says that the type refuses a body without that field.
    pub(crate) fn needing(mut self, field: &'static str, value: impl Into<Value>) -> Self {
        self.needs.push((field, value.into()));
        self
    }

    /// Adds another type, for what the page takes for one body and the crate reads as two.
    pub(crate) fn or(mut self, other: Self) -> Self {
        self.other = Some(Box::new(other));
        self
    }

    /// The one of the two types that knows all of the body; the first if neither does.
    pub(crate) fn of(&self, body: &[u8]) -> &Self {
        let knows = |reader: &Self| (reader.read)(body).is_ok_and(|read| read.ignored.is_empty());
        match &self.other {
            Some(other) if !knows(self) && knows(other) => other,
            _ => self,
        }
    }

    /// Reads, writes, and reads what was written.
    pub(crate) fn read(&self, body: &[u8]) -> Result<Read, String> {
        (self.read)(body)
    }

    /// Whether both bodies are read, with nothing ignored, as the same value.
    pub(crate) fn is_same(&self, one: &[u8], other: &[u8]) -> bool {
        (self.same)(one, other)
    }
}

/// Reads a value of a list as text and, if it is one, as a number.
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

/// The same with a vendor's open enum: every value but an unknown one is named.
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
    // RedactedText, not a tree: that would sort the keys, and their order is part of some values.
    let written = serde_json::to_vec(&first.value).map_err(|_| "cannot be written".to_owned())?;
    let second =
        decode::<T>(&written).map_err(|failure| format!("what is written is not read: {failure}"))?;
    if second.value != first.value {
        return Err("what is written reads as another value".to_owned());
    }
    let written = serde_json::from_slice(&written).map_err(|_| "what is written is no JSON".to_owned())?;
    Ok(Read { ignored: first.ignored, written: Some(written) })
}
