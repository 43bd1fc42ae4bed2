//! Notes each key of an object while serde reads it.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, EnumAccess, Error, Visitor};

use super::forward::deserializer;

/// What reads a key, and where the key is noted.
pub(super) struct Noted<'a, 'de, X> {
    pub(super) inner: X,
    pub(super) key: &'a mut Cow<'de, str>,
}

impl<'a, 'de, X> Noted<'a, 'de, X> {
    fn wrap<V>(self, visitor: V) -> (X, Noted<'a, 'de, V>) {
        (self.inner, Noted { inner: visitor, key: self.key })
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Noted<'_, 'de, S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, inner: D) -> Result<S::Value, D::Error> {
        self.inner.deserialize(Noted { inner, key: self.key })
    }
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Noted<'_, 'de, D> {
    deserializer!();
    deserializer!(shapes);

    /// A key that nobody looks at is still the name of its value.
    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.inner.deserialize_ignored_any(Noted { inner: visitor, key: self.key })
    }
}

/// A key that is read as a number or a bool.
macro_rules! noted_as_text {
    ($($method:ident: $type:ty),+) => {
        $(fn $method<E: Error>(self, value: $type) -> Result<V::Value, E> {
            *self.key = Cow::Owned(value.to_string());
            self.inner.$method(value)
        })+
    };
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Noted<'_, 'de, V> {
    type Value = V::Value;

    noted_as_text!(visit_bool: bool, visit_i64: i64, visit_i128: i128, visit_u64: u64, visit_u128: u128,
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
        self.inner.visit_some(Noted { inner, key: self.key })
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        self.inner.visit_newtype_struct(Noted { inner, key: self.key })
    }

    fn visit_enum<A: EnumAccess<'de>>(self, inner: A) -> Result<V::Value, A::Error> {
        self.inner.visit_enum(Noted { inner, key: self.key })
    }
}

impl<'de, A: EnumAccess<'de>> EnumAccess<'de> for Noted<'_, 'de, A> {
    type Error = A::Error;
    type Variant = A::Variant;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, A::Variant), A::Error> {
        self.inner.variant_seed(Noted { inner: seed, key: self.key })
    }
}
