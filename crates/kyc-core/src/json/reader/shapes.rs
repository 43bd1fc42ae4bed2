//! Adapters that keep the compiler from generating code for shapes that a type never takes.
//!
//! A visitor is generic over what it reads from. Without these, every struct of a vendor would also be compiled as a list, and
//! every list once for each type of scalar that may stand in its place: a third of a program with all vendors.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserializer, Error, IntoDeserializer, MapAccess, Visitor};
use serde::forward_to_deserialize_any;

/// A visitor of objects. It refuses every other shape by itself.
pub(super) struct ObjectOnly<V>(pub(super) V);

impl<'de, V: Visitor<'de>> Visitor<'de> for ObjectOnly<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(object)
    }
}

/// A scalar in place of a list of one.
pub(super) enum Scalar<'de> {
    Bool(bool),
    Signed(i64),
    Unsigned(u64),
    Float(f64),
    Borrowed(&'de str),
    Owned(String),
}

macro_rules! from {
    ($($variant:ident: $type:ty),+) => {
        $(impl<'de> From<$type> for Scalar<'de> {
            fn from(value: $type) -> Self {
                Self::$variant(value)
            }
        })+
    };
}

from!(Bool: bool, Signed: i64, Unsigned: u64, Float: f64, Borrowed: &'de str, Owned: String);

impl<'de, E: Error> IntoDeserializer<'de, E> for Scalar<'de> {
    type Deserializer = ScalarDeserializer<'de, E>;

    fn into_deserializer(self) -> Self::Deserializer {
        ScalarDeserializer(self, PhantomData)
    }
}

pub(super) struct ScalarDeserializer<'de, E>(Scalar<'de>, PhantomData<E>);

impl<'de, E: Error> Deserializer<'de> for ScalarDeserializer<'de, E> {
    type Error = E;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        match self.0 {
            Scalar::Bool(value) => visitor.visit_bool(value),
            Scalar::Signed(value) => visitor.visit_i64(value),
            Scalar::Unsigned(value) => visitor.visit_u64(value),
            Scalar::Float(value) => visitor.visit_f64(value),
            Scalar::Borrowed(text) => visitor.visit_borrowed_str(text),
            Scalar::Owned(text) => visitor.visit_string(text),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, E> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct enum identifier ignored_any
    }
}
