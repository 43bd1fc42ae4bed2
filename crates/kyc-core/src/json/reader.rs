//! A deserializer between serde and the parser that reports ignored values and tolerates values of an unexpected shape.
//!
//! - It reports the path of each value that the type ignores. `serde_ignored` does the same, but copies every key.
//! - Below the root, a value of an unexpected shape does not fail the document: a scalar in place of an object is read as an
//!   empty object, a list in place of an object as its first object, a single value in place of a list as a list of one. The
//!   path is reported, except for the list of one.
//! - Elements of lists and entries of maps are counted, so that a small body cannot become a large value.
//! - After a failure it provides the path, and the key that repeated a field.
//!
//! Keys are borrowed from the parser, and a path is converted to text only when it is reported.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::SeqDeserializer;
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, EnumAccess, Error, IgnoredAny, MapAccess, SeqAccess,
    Unexpected, VariantAccess, Visitor,
};

use super::forward::deserializer;
use super::path::{Path, Paths};

mod access;
mod shapes;

use access::{Entries, Items, Nothing, ObjectSeed, One};
use shapes::{ObjectOnly, Scalar};

/// The maximum number of list elements and map entries per document, far above any documented payload.
const MAX_ITEMS: usize = 20_000;

/// Observations about a document while it is read.
pub(super) struct Log {
    /// The paths of values that were ignored, had an unexpected shape or were left out.
    pub(super) ignored: Paths,
    /// The path at which reading failed.
    pub(super) failed_at: Option<String>,
    /// The key that repeated a field.
    pub(super) repeat: Option<Repeat>,
    /// The number of elements and entries that may still be read.
    left: usize,
    /// Whether a number beyond 64 bits is an error, so that the repair can keep its digits.
    refuses_long_numbers: bool,
}

/// A key that repeats a field of its object, under the same or another spelling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Repeat {
    /// The object's path without list positions.
    pub(super) object: String,
    pub(super) key: String,
    /// The field's own name.
    pub(super) field: String,
}

impl Log {
    pub(super) fn new(refuses_long_numbers: bool) -> Self {
        Self {
            ignored: Paths::default(),
            failed_at: None,
            repeat: None,
            left: MAX_ITEMS,
            refuses_long_numbers,
        }
    }

    fn report(&mut self, path: &Path<'_>) {
        if !self.ignored.is_full() {
            self.ignored.add(path.pattern());
        }
    }

    /// Records the path of a failure. The innermost value calls it first, and only the first call counts.
    fn fail(&mut self, path: &Path<'_>) {
        if self.failed_at.is_none() {
            self.failed_at = Some(path.exact());
        }
    }

    fn take_item(&mut self) -> bool {
        let is_left = self.left > 0;
        self.left = self.left.saturating_sub(1);
        is_left
    }
}

/// Deserializes a value and records observations in the log.
pub(super) fn read<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    inner: D,
    log: &mut Log,
) -> Result<T, D::Error> {
    let at = At { path: &Path::Root, log };
    T::deserialize(Tracked { inner, at, wants: Shape::Any })
}

struct At<'a> {
    path: &'a Path<'a>,
    log: &'a mut Log,
}

impl At<'_> {
    fn step<'b>(&'b mut self, path: &'b Path<'b>) -> At<'b> {
        At { path, log: self.log }
    }

    fn report(&mut self) {
        self.log.report(self.path);
    }
}

/// The shape that a type expects.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Any,
    /// A struct.
    Object,
    /// A map with keys of any name.
    Map,
    List,
}

/// A deserializer, visitor or seed, with the path of its value and the shape that its type expects.
struct Tracked<'a, X> {
    inner: X,
    at: At<'a>,
    wants: Shape,
}

impl<'a, X> Tracked<'a, X> {
    fn wrap<V>(self, visitor: V) -> (X, Tracked<'a, V>) {
        self.wrap_as(visitor, Shape::Any)
    }

    fn wrap_as<V>(self, visitor: V, wants: Shape) -> (X, Tracked<'a, V>) {
        (self.inner, Tracked { inner: visitor, at: self.at, wants })
    }
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Tracked<'_, D> {
    deserializer!();

    // Below the root, `deserialize_any` is used: the parser itself would reject a value of another shape.

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        let is_root = self.at.path.is_root();
        let (inner, visitor) = self.wrap_as(visitor, Shape::List);
        if is_root { inner.deserialize_seq(visitor) } else { inner.deserialize_any(visitor) }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        let is_root = self.at.path.is_root();
        let (inner, visitor) = self.wrap_as(ObjectOnly(visitor), Shape::Map);
        if is_root { inner.deserialize_map(visitor) } else { inner.deserialize_any(visitor) }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        let is_root = self.at.path.is_root();
        let (inner, visitor) = self.wrap_as(ObjectOnly(visitor), Shape::Object);
        if is_root { inner.deserialize_struct(name, fields, visitor) } else { inner.deserialize_any(visitor) }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, D::Error> {
        self.at.report();
        self.inner.deserialize_ignored_any(visitor)
    }
}

impl<'de, V: Visitor<'de>> Tracked<'_, V> {
    /// Visits a scalar, or a substitute if the type expects another shape.
    fn scalar<T, E>(
        mut self,
        value: T,
        is_blank: bool,
        visit: impl FnOnce(V, T) -> Result<V::Value, E>,
    ) -> Result<V::Value, E>
    where
        T: Into<Scalar<'de>>,
        E: Error,
    {
        match self.wants {
            Shape::Any => visit(self.inner, value),
            _ if self.at.path.is_root() => visit(self.inner, value),
            Shape::Object | Shape::Map => {
                self.at.report();
                self.inner.visit_map(Nothing(PhantomData))
            }
            Shape::List if is_blank => {
                self.at.report();
                self.inner.visit_seq(Nothing(PhantomData))
            }
            Shape::List => {
                let one = SeqDeserializer::<_, E>::new(std::iter::once(value.into()));
                self.inner.visit_seq(Items { inner: one, at: self.at, index: 0 })
            }
        }
    }

    fn null<E: Error>(self, visit: impl FnOnce(V) -> Result<V::Value, E>) -> Result<V::Value, E> {
        match self.wants {
            Shape::Any => visit(self.inner),
            _ if self.at.path.is_root() => visit(self.inner),
            Shape::Object | Shape::Map => self.inner.visit_map(Nothing(PhantomData)),
            Shape::List => self.inner.visit_seq(Nothing(PhantomData)),
        }
    }

    /// Reads the first element of a list in place of an object, and ignores the others.
    fn first_of<A: SeqAccess<'de>>(self, mut list: A) -> Result<V::Value, A::Error> {
        let At { path, log } = self.at;
        log.report(path);
        let item = Path::Item(path, 0);
        let mut visitor = Some(self.inner);
        let seed = ObjectSeed { visitor: &mut visitor, at: At { path: &item, log: &mut *log } };
        let first = list.next_element_seed(seed)?.flatten();
        while list.next_element::<IgnoredAny>()?.is_some() {}
        match (first, visitor) {
            (Some(value), _) => Ok(value),
            (None, Some(visitor)) => visitor.visit_map(Nothing(PhantomData)),
            (None, None) => Err(A::Error::custom("a list in place of an object")),
        }
    }
}

/// Implements the visitor methods of scalars.
macro_rules! scalars {
    ($($method:ident($value:ident: $type:ty))*) => {
        $(fn $method<E: Error>(self, $value: $type) -> Result<V::Value, E> {
            self.scalar($value, false, |inner, value| inner.$method(value))
        })*
    };
}

/// From this value on, serde_json may represent an integer as an `f64`, which loses digits.
pub(super) const BEYOND_64_BITS: f64 = 9_223_372_036_854_775_808.0;

impl<'de, V: Visitor<'de>> Visitor<'de> for Tracked<'_, V> {
    type Value = V::Value;

    // JSON has neither bytes nor, without a feature of the parser, longer integers.
    scalars!(visit_bool(value: bool) visit_i64(value: i64) visit_u64(value: u64));

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.expecting(f)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<V::Value, E> {
        if self.at.log.refuses_long_numbers && value.abs() >= BEYOND_64_BITS {
            return Err(E::custom("a number beyond 64 bits"));
        }
        self.scalar(value, false, |inner, value| inner.visit_f64(value))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<V::Value, E> {
        if self.wants == Shape::Any {
            return self.inner.visit_str(text);
        }
        self.scalar(text.to_owned(), text.trim().is_empty(), |inner, text| inner.visit_string(text))
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<V::Value, E> {
        self.scalar(text, text.trim().is_empty(), |inner, text| inner.visit_borrowed_str(text))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<V::Value, E> {
        let is_blank = text.trim().is_empty();
        self.scalar(text, is_blank, |inner, text| inner.visit_string(text))
    }

    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        self.null(|inner| inner.visit_none())
    }

    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        self.null(|inner| inner.visit_unit())
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        self.inner.visit_some(Tracked { inner, at: self.at, wants: Shape::Any })
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        self.inner.visit_newtype_struct(Tracked { inner, at: self.at, wants: Shape::Any })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<V::Value, A::Error> {
        match self.wants {
            Shape::Any | Shape::List => self.inner.visit_seq(Items { inner: list, at: self.at, index: 0 }),
            // serde would read the elements of a list as the fields of a struct, by position.
            Shape::Object | Shape::Map if self.at.path.is_root() => {
                Err(A::Error::invalid_type(Unexpected::Seq, &self.inner))
            }
            Shape::Object | Shape::Map => self.first_of(list),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<V::Value, A::Error> {
        if self.wants == Shape::List && !self.at.path.is_root() {
            return self.inner.visit_seq(One { object: Some(object), at: self.at });
        }
        let At { path, log } = self.at;
        let (mut key, mut is_unread) = (Cow::Borrowed(""), false);
        let entries = Entries {
            inner: object,
            at: At { path, log: &mut *log },
            key: &mut key,
            is_unread: &mut is_unread,
            is_counted: self.wants == Shape::Map,
        };
        let read = self.inner.visit_map(entries);
        if let Err(error) = &read
            && is_unread
            && let Some(field) = repeated_field(error)
        {
            log.repeat = Some(Repeat { object: path.unmasked(), key: key.into_owned(), field });
        }
        read
    }

    fn visit_enum<A: EnumAccess<'de>>(self, inner: A) -> Result<V::Value, A::Error> {
        self.inner.visit_enum(Tracked { inner, at: self.at, wants: Shape::Any })
    }
}

/// Returns the field that serde reported as repeated. Only the error message contains it.
fn repeated_field(error: &impl fmt::Display) -> Option<String> {
    error.to_string().strip_prefix("duplicate field `")?.split('`').next().map(str::to_owned)
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Tracked<'_, S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, inner: D) -> Result<S::Value, D::Error> {
        self.inner.deserialize(Tracked { inner, at: self.at, wants: Shape::Any })
    }
}

impl<'a, 'de, A: EnumAccess<'de>> EnumAccess<'de> for Tracked<'a, A> {
    type Error = A::Error;
    type Variant = Tracked<'a, A::Variant>;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self::Variant), A::Error> {
        let (name, inner) = self.inner.variant_seed(seed)?;
        Ok((name, Tracked { inner, at: self.at, wants: Shape::Any }))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for Tracked<'_, A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.inner.unit_variant()
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, inner: S) -> Result<S::Value, A::Error> {
        self.inner.newtype_variant_seed(Tracked { inner, at: self.at, wants: Shape::Any })
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, inner: V) -> Result<V::Value, A::Error> {
        self.inner.tuple_variant(len, Tracked { inner, at: self.at, wants: Shape::Any })
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        inner: V,
    ) -> Result<V::Value, A::Error> {
        self.inner.struct_variant(fields, Tracked { inner, at: self.at, wants: Shape::Object })
    }
}

#[cfg(test)]
mod tests;
