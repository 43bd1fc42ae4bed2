//! Reading a body and writing it again.

use std::fmt::Debug;

use kyc_core::decode;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Reads a body as one type.
#[derive(Debug)]
pub(crate) struct Reader {
    /// The type's name.
    pub(crate) type_name: &'static str,
    /// Top-level fields without which the type refuses a body, each with a value.
    pub(crate) needs: Vec<(&'static str, Value)>,
    read: fn(&[u8]) -> Result<Read, String>,
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
        Self { type_name, needs: Vec::new(), read: read_and_write::<T> }
    }

    /// A type that is only read: it holds a secret.
    pub(crate) fn only_read<T: DeserializeOwned>(type_name: &'static str) -> Self {
        let read = |body: &[u8]| {
            let decoded = decode::<T>(body).map_err(|failure| failure.to_string())?;
            Ok(Read { ignored: decoded.ignored, written: None })
        };
        Self { type_name, needs: Vec::new(), read }
    }

    /// Says that the type refuses a body without that field.
    pub(crate) fn needing(mut self, field: &'static str, value: impl Into<Value>) -> Self {
        self.needs.push((field, value.into()));
        self
    }

    /// Reads, writes, and reads what was written.
    pub(crate) fn read(&self, body: &[u8]) -> Result<Read, String> {
        (self.read)(body)
    }
}

fn read_and_write<T: DeserializeOwned + Serialize + PartialEq + Debug>(body: &[u8]) -> Result<Read, String> {
    let first = decode::<T>(body).map_err(|failure| failure.to_string())?;
    // Text, not a tree: that would sort the keys, and their order is part of some values.
    let written = serde_json::to_vec(&first.value).map_err(|_| "cannot be written".to_owned())?;
    let second =
        decode::<T>(&written).map_err(|failure| format!("what is written is not read: {failure}"))?;
    if second.value != first.value {
        return Err("what is written reads as another value".to_owned());
    }
    let written = serde_json::from_slice(&written).map_err(|_| "what is written is no JSON".to_owned())?;
    Ok(Read { ignored: first.ignored, written: Some(written) })
}
