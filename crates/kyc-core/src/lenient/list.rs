//! Lists that vendors also print as a single value.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, IntoDeserializer as _, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::text::RedactedText;

/// A list of texts, or a single text in its place: vendors print both for the same field. Other values (an object in place of a
/// text) are skipped and reported as unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RedactedTexts(Vec<RedactedText>);

impl RedactedTexts {
    /// Returns the texts in order.
    pub fn iter(&self) -> impl Iterator<Item = &RedactedText> {
        self.0.iter()
    }
}

impl FromIterator<RedactedText> for RedactedTexts {
    fn from_iter<I: IntoIterator<Item = RedactedText>>(texts: I) -> Self {
        Self(texts.into_iter().collect())
    }
}

impl<'de> Deserialize<'de> for RedactedTexts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextsVisitor)
    }
}

struct TextsVisitor;

/// Reads a scalar as a list of one.
macro_rules! one_text {
    ($($visit:ident: $type:ty),+) => {
        $(fn $visit<E: de::Error>(self, value: $type) -> Result<RedactedTexts, E> {
            RedactedText::deserialize(value.into_deserializer()).map(|text| RedactedTexts(vec![text]))
        })+
    };
}

impl<'de> Visitor<'de> for TextsVisitor {
    type Value = RedactedTexts;

    one_text!(visit_str: &str, visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text or a list of texts")
    }

    fn visit_unit<E: de::Error>(self) -> Result<RedactedTexts, E> {
        Ok(RedactedTexts::default())
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<RedactedTexts, A::Error> {
        let mut texts = Vec::new();
        while let Some(inner) = list.next_element::<RedactedTexts>()? {
            texts.extend(inner.0);
        }
        Ok(RedactedTexts(texts))
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<RedactedTexts, A::Error> {
        // Each key is ignored separately, so that its path is reported.
        while map.next_entry::<de::IgnoredAny, de::IgnoredAny>()?.is_some() {}
        Ok(RedactedTexts::default())
    }
}

/// A list of values, or a single value in its place: vendors print both for the same field. It is written as a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OneOrMany<T>(Vec<T>);

impl<T> OneOrMany<T> {
    /// Returns the values in order.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.iter()
    }

    /// Returns the values.
    #[must_use]
    pub fn into_vec(self) -> Vec<T> {
        self.0
    }
}

impl<T> Default for OneOrMany<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> From<Vec<T>> for OneOrMany<T> {
    fn from(values: Vec<T>) -> Self {
        Self(values)
    }
}

/// Reads a scalar as a list of one if the element type accepts it, and otherwise (blank text in place of objects) as an empty
/// list.
macro_rules! one_value {
    ($($visit:ident: $type:ty),+) => {
        $(fn $visit<E: de::Error>(self, value: $type) -> Result<OneOrMany<T>, E> {
            let one: Result<T, E> = T::deserialize(value.into_deserializer());
            Ok(OneOrMany(one.into_iter().collect()))
        })+
    };
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrManyVisitor<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for OneOrManyVisitor<T> {
            type Value = OneOrMany<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object or a list of objects")
            }

            one_value!(visit_str: &str, visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64);

            fn visit_unit<E: de::Error>(self) -> Result<OneOrMany<T>, E> {
                Ok(OneOrMany::default())
            }

            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<OneOrMany<T>, A::Error> {
                T::deserialize(de::value::MapAccessDeserializer::new(map)).map(|one| OneOrMany(vec![one]))
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, list: A) -> Result<OneOrMany<T>, A::Error> {
                Vec::deserialize(de::value::SeqAccessDeserializer::new(list)).map(OneOrMany)
            }
        }

        deserializer.deserialize_any(OneOrManyVisitor(PhantomData))
    }
}

impl<T> IntoIterator for OneOrMany<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a OneOrMany<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<T> FromIterator<T> for OneOrMany<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        Self(values.into_iter().collect())
    }
}

impl IntoIterator for RedactedTexts {
    type Item = RedactedText;
    type IntoIter = std::vec::IntoIter<RedactedText>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a RedactedTexts {
    type Item = &'a RedactedText;
    type IntoIter = std::slice::Iter<'a, RedactedText>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}
