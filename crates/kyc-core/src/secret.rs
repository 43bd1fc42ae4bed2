//! Wrappers for values that must not be printed: secrets, raw bodies and personal data.

use std::fmt;

use http::HeaderValue;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroize;

use crate::lenient::required_text;

const REDACTED: &str = "[redacted]";

/// A credential. It is never printed or serialised, and is wiped from memory when dropped.
///
/// ```
/// use kyc_core::Secret;
/// let password = Secret::new(String::from("hunter2"));
/// assert_eq!(format!("{password:?}"), "[redacted]");
/// assert_eq!(password.expose(), "hunter2");
/// ```
#[derive(Clone)]
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    /// Wraps a value.
    #[must_use]
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// Returns the value. The caller must keep it out of logs and errors.
    #[must_use]
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl Secret<String> {
    /// Returns a header value made of a prefix, such as `"Bearer "` or nothing, and the secret. It is marked as sensitive, so that
    /// no HTTP stack prints it. Returns `None` if the text is not a valid header value.
    ///
    /// ```
    /// use kyc_core::Secret;
    /// let key = Secret::from("hunter2");
    /// let value = key.header_value("").expect("plain text");
    /// assert!(value.is_sensitive());
    /// ```
    #[must_use]
    pub fn header_value(&self, prefix: &str) -> Option<HeaderValue> {
        let text = Secret::new(format!("{prefix}{}", self.0));
        let mut value = HeaderValue::try_from(text.expose().as_str()).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

impl<T: Zeroize> From<T> for Secret<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl From<&str> for Secret<String> {
    fn from(value: &str) -> Self {
        Self(value.to_owned())
    }
}

impl<'de> Deserialize<'de> for Secret<String> {
    /// Deserializes a secret from configuration or a response. Any scalar that is not blank is accepted, so that no error
    /// message contains the value.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        required_text(deserializer).map(Self)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Secret<String> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Secret".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "writeOnly": true})
    }
}

/// The raw bytes of a response or a webhook, kept for audits and for analysing failures.
///
/// They are never printed or serialised. They are not wiped when dropped, since the HTTP stack shares the memory.
#[derive(Clone, Default)]
pub struct RawBody(bytes::Bytes);

impl RawBody {
    /// Wraps the bytes of a body.
    #[must_use]
    pub fn new(bytes: bytes::Bytes) -> Self {
        Self(bytes)
    }

    /// Copies the beginning, so that an error that is kept does not hold a large buffer.
    pub(crate) fn capped(bytes: &[u8]) -> Self {
        const MAX_KEPT: usize = 64 * 1024;
        Self(bytes::Bytes::copy_from_slice(&bytes[..bytes.len().min(MAX_KEPT)]))
    }

    /// Returns the bytes as the vendor sent them. They may hold personal data and tokens.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// Returns the number of bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns `true` if the body is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for RawBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{} bytes redacted]", self.0.len())
    }
}

/// Personal data. `Debug` hides the value; [`Serialize`] writes it, and so exposes it.
///
/// ```
/// use kyc_core::Pii;
/// let name = Pii::new(String::from("Maria"));
/// assert_eq!(format!("{name:?}"), "[redacted]");
/// assert_eq!(name.expose(), "Maria");
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Pii<T>(T);

impl<T> Pii<T> {
    /// Wraps a value.
    #[must_use]
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// Returns the value. The caller must keep it out of logs and errors.
    #[must_use]
    pub fn expose(&self) -> &T {
        &self.0
    }

    /// Returns the value. The caller must keep it out of logs and errors.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> fmt::Debug for Pii<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

impl<T> From<T> for Pii<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T: Serialize> Serialize for Pii<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Pii<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self)
    }
}

#[cfg(feature = "schema")]
impl<T: schemars::JsonSchema> schemars::JsonSchema for Pii<T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        T::schema_name()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        T::json_schema(generator)
    }
}

/// Compares two secrets in constant time.
///
/// Secrets of different lengths are told apart immediately: lengths are not treated as secret.
#[must_use]
pub fn constant_time_eq(left: &[u8], right: &[u8]) -> bool {
    subtle::ConstantTimeEq::ct_eq(left, right).into()
}
