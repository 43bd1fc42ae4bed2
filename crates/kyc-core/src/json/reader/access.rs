//! The lists and objects that visitors read from.

use std::borrow::Cow;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::super::keys::Recorded;
use super::super::path::Path;
use super::{At, Shape, Tracked};

/// An empty list or object.
pub(super) struct Nothing<E>(pub(super) PhantomData<E>);

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

/// Reads one object. If there is none, the visitor remains available.
pub(super) struct ObjectSeed<'s, 'a, V> {
    pub(super) visitor: &'s mut Option<V>,
    pub(super) at: At<'a>,
}

impl<'de, V: Visitor<'de>> DeserializeSeed<'de> for ObjectSeed<'_, '_, V> {
    type Value = Option<V::Value>;

    fn deserialize<D: Deserializer<'de>>(self, inner: D) -> Result<Self::Value, D::Error> {
        let Some(visitor) = self.visitor.take() else { return Ok(None) };
        inner.deserialize_any(Tracked { inner: visitor, at: self.at, wants: Shape::Object }).map(Some)
    }
}

/// The elements of a list.
pub(super) struct Items<'a, A> {
    pub(super) inner: A,
    pub(super) at: At<'a>,
    pub(super) index: usize,
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

    /// Returns `None`, so that no type reserves memory for an announced length.
    fn size_hint(&self) -> Option<usize> {
        None
    }
}

/// A list of one, made from an object in place of a list.
pub(super) struct One<'a, A> {
    pub(super) object: Option<A>,
    pub(super) at: At<'a>,
}

impl<'de, A: MapAccess<'de>> SeqAccess<'de> for One<'_, A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        let Some(object) = self.object.take() else { return Ok(None) };
        let inner = MapAccessDeserializer::new(object);
        seed.deserialize(Tracked { inner, at: self.at.step(self.at.path), wants: Shape::Any }).map(Some)
    }
}

/// The entries of an object, with the current key.
pub(super) struct Entries<'a, 'k, 'de, A> {
    pub(super) inner: A,
    pub(super) at: At<'a>,
    pub(super) key: &'k mut Cow<'de, str>,
    /// Whether the value of the current key has not been read yet.
    pub(super) is_unread: &'k mut bool,
    /// Whether entries count as items. The fields of a struct do not, since their number is limited.
    pub(super) is_counted: bool,
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
        let read = self.inner.next_key_seed(Recorded { inner, key: &mut *self.key });
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
