//! A layer between serde and the parser that sees what a type leaves out and softens what does not fit it.
//!
//! - It reports the path of each value that the type ignores. `serde_ignored` does the same, but copies every key.
//! - Below the root, a value of the wrong shape costs only itself: a scalar or a list in place of an object is read as an empty
//!   object (or as the list's first one), a single value in place of a list as a list of one. The path is reported.
//! - Elements of lists and entries of maps are counted, so that a small body cannot become a large value.
//! - After a failure it knows where reading stopped, and which key repeated a field.
//!
//! Keys are kept as the parser lends them, and a path becomes text only when something is reported.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{MapAccessDeserializer, SeqDeserializer};
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, EnumAccess, Error, IgnoredAny, IntoDeserializer, MapAccess,
    SeqAccess, Unexpected, VariantAccess, Visitor,
};

use super::forward::deserializer;
use super::keys::Noted;
use super::path::{Path, Paths};

/// How many elements and entries one document may have. No documented payload comes near.
const MAX_ITEMS: usize = 20_000;

/// What is learnt while a value is read.
pub(super) struct Log {
    /// The paths that were ignored, misshapen or left out.
    pub(super) ignored: Paths,
    /// Where reading failed.
    pub(super) failed_at: Option<String>,
    /// The key that repeated a field.
    pub(super) repeat: Option<Repeat>,
    /// How many elements and entries may still be read.
    left: usize,
    /// Whether a number beyond 64 bits is an error, so that a second look keeps its digits.
    refuses_long_numbers: bool,
}

/// A key that serde takes for a field which the object had already, under this or another spelling.
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

    /// Called on the way out of a failure: the first call is the innermost.
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

/// Deserializes a value and writes down what happens.
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

/// The shape that a type asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Any,
    /// A struct.
    Object,
    /// A map with keys of any name.
    Map,
    List,
}

/// What reads a value, where the value stands, and which shape its type asks for.
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

    // Below the root the parser is asked for whatever stands there: asked for a shape, it would refuse any other by itself.

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        let is_root = self.at.path.is_root();
        let (inner, visitor) = self.wrap_as(visitor, Shape::List);
        if is_root { inner.deserialize_seq(visitor) } else { inner.deserialize_any(visitor) }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        let is_root = self.at.path.is_root();
        let (inner, visitor) = self.wrap_as(visitor, Shape::Map);
        if is_root { inner.deserialize_map(visitor) } else { inner.deserialize_any(visitor) }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        let is_root = self.at.path.is_root();
        let (inner, visitor) = self.wrap_as(visitor, Shape::Object);
        if is_root { inner.deserialize_struct(name, fields, visitor) } else { inner.deserialize_any(visitor) }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, D::Error> {
        self.at.report();
        self.inner.deserialize_ignored_any(visitor)
    }
}

impl<'de, V: Visitor<'de>> Tracked<'_, V> {
    /// Hands a scalar on, or what stands for it where the type asks for another shape.
    fn scalar<T, E>(
        mut self,
        value: T,
        is_blank: bool,
        visit: impl FnOnce(V, T) -> Result<V::Value, E>,
    ) -> Result<V::Value, E>
    where
        T: IntoDeserializer<'de, E>,
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
                let one = SeqDeserializer::<_, E>::new(std::iter::once(value));
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

    /// Reads the first object of a list in place of an object, and leaves out the others.
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

/// The methods of a visitor that hand a scalar on.
macro_rules! scalars {
    ($($method:ident($value:ident: $type:ty))*) => {
        $(fn $method<E: Error>(self, $value: $type) -> Result<V::Value, E> {
            self.scalar($value, false, |inner, value| inner.$method(value))
        })*
    };
}

/// From here on a number with a fraction or beyond 64 bits is all that serde_json can make of the digits.
pub(super) const BEYOND_64_BITS: f64 = 9_223_372_036_854_775_808.0;

impl<'de, V: Visitor<'de>> Visitor<'de> for Tracked<'_, V> {
    type Value = V::Value;

    scalars!(visit_bool(value: bool) visit_i64(value: i64) visit_i128(value: i128) visit_u64(value: u64)
        visit_u128(value: u128) visit_bytes(value: &[u8]) visit_byte_buf(value: Vec<u8>));

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

    fn visit_borrowed_bytes<E: Error>(self, bytes: &'de [u8]) -> Result<V::Value, E> {
        self.scalar(bytes, false, |inner, bytes| inner.visit_borrowed_bytes(bytes))
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
            // serde would take a list's elements for the fields by their position.
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

/// Returns the field that serde found twice: its message is all that names it.
fn repeated_field(error: &impl fmt::Display) -> Option<String> {
    error.to_string().strip_prefix("duplicate field `")?.split('`').next().map(str::to_owned)
}

/// An empty list or object.
struct Nothing<E>(PhantomData<E>);

impl<'de, E: Error> SeqAccess<'de> for Nothing<E> {
    type Error = E;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, _: S) -> Result<Option<S::Value>, E> {
        Ok(None)
    }
}

impl<'de, E: Error> MapAccess<'de> for Nothing<E> {
    type Error = E;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, _: S) -> Result<Option<S::Value>, E> {
        Ok(None)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, _: S) -> Result<S::Value, E> {
        Err(E::custom("a value without a key"))
    }
}

/// Reads one object with a visitor that can be had back if there is none.
struct ObjectSeed<'s, 'a, V> {
    visitor: &'s mut Option<V>,
    at: At<'a>,
}

impl<'de, V: Visitor<'de>> DeserializeSeed<'de> for ObjectSeed<'_, '_, V> {
    type Value = Option<V::Value>;

    fn deserialize<D: Deserializer<'de>>(self, inner: D) -> Result<Self::Value, D::Error> {
        let Some(visitor) = self.visitor.take() else { return Ok(None) };
        inner.deserialize_any(Tracked { inner: visitor, at: self.at, wants: Shape::Object }).map(Some)
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Tracked<'_, S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, inner: D) -> Result<S::Value, D::Error> {
        self.inner.deserialize(Tracked { inner, at: self.at, wants: Shape::Any })
    }
}

/// A list that is being read.
struct Items<'a, A> {
    inner: A,
    at: At<'a>,
    index: usize,
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Items<'_, A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, inner: S) -> Result<Option<S::Value>, A::Error> {
        let path = Path::Item(self.at.path, self.index);
        if !self.at.log.take_item() {
            if self.inner.next_element::<IgnoredAny>()?.is_some() {
                self.at.log.report(&path);
                while self.inner.next_element::<IgnoredAny>()?.is_some() {}
            }
            return Ok(None);
        }
        self.index += 1;
        let read =
            self.inner.next_element_seed(Tracked { inner, at: self.at.step(&path), wants: Shape::Any });
        if read.is_err() {
            self.at.log.fail(&path);
        }
        read
    }

    /// Nothing is said: a type must not reserve what a stranger announces.
    fn size_hint(&self) -> Option<usize> {
        None
    }
}

/// A list of one, in whose place the object itself stood.
struct One<'a, A> {
    object: Option<A>,
    at: At<'a>,
}

impl<'de, A: MapAccess<'de>> SeqAccess<'de> for One<'_, A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        let Some(object) = self.object.take() else { return Ok(None) };
        let inner = MapAccessDeserializer::new(object);
        seed.deserialize(Tracked { inner, at: self.at.step(self.at.path), wants: Shape::Any }).map(Some)
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

/// An object that is being read, and its current key.
struct Entries<'a, 'k, 'de, A> {
    inner: A,
    at: At<'a>,
    key: &'k mut Cow<'de, str>,
    /// Whether the value of the current key was not asked for yet.
    is_unread: &'k mut bool,
    /// Whether entries count as items: a struct has only so many fields.
    is_counted: bool,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Entries<'_, '_, 'de, A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, inner: S) -> Result<Option<S::Value>, A::Error> {
        if self.is_counted && !self.at.log.take_item() {
            if self.inner.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
                self.at.report();
                while self.inner.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            }
            return Ok(None);
        }
        let read = self.inner.next_key_seed(Noted { inner, key: &mut *self.key });
        *self.is_unread = matches!(read, Ok(Some(_)));
        read
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, inner: S) -> Result<S::Value, A::Error> {
        *self.is_unread = false;
        let path = Path::Key(self.at.path, &*self.key);
        let read = self.inner.next_value_seed(Tracked { inner, at: self.at.step(&path), wants: Shape::Any });
        if read.is_err() {
            self.at.log.fail(&path);
        }
        read
    }

    fn size_hint(&self) -> Option<usize> {
        None
    }
}

#[cfg(test)]
mod tests;
