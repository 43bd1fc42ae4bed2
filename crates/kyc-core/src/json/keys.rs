//! Records each key of an object while serde reads it.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, EnumAccess, Error, Visitor};

use super::forward::deserializer;

/// A wrapper that records a key while the inner value reads it.
pub(super) struct Recorded<'a, 'de, X> {
    pub(super) inner: X,
    pub(super) key: &'a mut Cow<'de, str>,
}

impl<'a, 'de, X> Recorded<'a, 'de, X> {
    fn wrap<V>(self, visitor: V) -> (X, Recorded<'a, 'de, V>) {
        (self.inner, Recorded { inner: visitor, key: self.key })
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Recorded<'_, 'de, S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, inner: D) -> Result<S::Value, D::Error> {
        self.inner.deserialize(Recorded { inner, key: self.key })
    }
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Recorded<'_, 'de, D> {
    deserializer!();
    deserializer!(shapes);

    /// Records ignored keys, too, since paths contain them.
    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.inner.deserialize_ignored_any(Recorded { inner: visitor, key: self.key })
    }
}

/// Implements the visitor methods for keys that are read as numbers or bools.
macro_rules! recorded_as_text {
    ($($method:ident: $type:ty),+) => {
        $(fn $method<E: Error>(self, value: $type) -> Result<V::Value, E> {
            *self.key = Cow::Owned(value.to_string());
            self.inner.$method(value)
        })+
    };
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Recorded<'_, 'de, V> {
    type Value = V::Value;

    recorded_as_text!(visit_bool: bool, visit_i64: i64, visit_i128: i128, visit_u64: u64, visit_u128: u128,
        visit_f64: f64);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.expecting(f)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<V::Value, E> {
        *self.key = Cow::Owned(text.to_owned());
        self.inner.visit_str(text)
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<V::Value, E> {
        *self.key = Cow::Borrowed(text);
        self.inner.visit_borrowed_str(text)
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        self.inner.visit_some(Recorded { inner, key: self.key })
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        self.inner.visit_newtype_struct(Recorded { inner, key: self.key })
    }

    fn visit_enum<A: EnumAccess<'de>>(self, inner: A) -> Result<V::Value, A::Error> {
        self.inner.visit_enum(Recorded { inner, key: self.key })
    }
}

impl<'de, A: EnumAccess<'de>> EnumAccess<'de> for Recorded<'_, 'de, A> {
    type Error = A::Error;
    type Variant = A::Variant;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, A::Variant), A::Error> {
        self.inner.variant_seed(Recorded { inner: seed, key: self.key })
    }
}
