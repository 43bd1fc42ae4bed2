//! Reads values into a type by serde. Scalars are texts, whatever wrote them.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use serde::de::value::{BorrowedStrDeserializer, StringDeserializer};
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor,
};

use super::fault::Fault;
use super::{ConfigValue, Node};
use crate::secret::Secret;

/// A value to be read.
struct Reader {
    value: ConfigValue,
}

impl Reader {
    /// Returns the text of a scalar, trimmed.
    fn scalar(self, expected: &str) -> Result<Secret<String>, Fault> {
        match self.value.node {
            Node::Text(text) => Ok(Secret::new(text.expose().trim().to_owned())),
            Node::List(_) => Err(Fault::new(format!("must be {expected}, not a list"))),
            Node::Table(_) => Err(Fault::new(format!("must be {expected}, not a table"))),
            // The name of the variable is longer than that of the key.
            Node::Variables(_) => Err(Fault::new(format!("must be {expected}, and has no keys of its own"))),
        }
    }

    fn parse<T: std::str::FromStr>(self, expected: &str) -> Result<T, Fault> {
        let text = self.scalar(expected)?;
        text.expose().parse().map_err(|_| Fault::new(format!("must be {expected}")))
    }
}

macro_rules! numbers {
    ($($method:ident => $visit:ident: $type:ty, $expected:literal;)+) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            visitor.$visit(self.parse::<$type>($expected)?)
        }
    )+};
}

impl<'de> Deserializer<'de> for Reader {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.value.node {
            Node::List(_) => self.deserialize_seq(visitor),
            Node::Table(_) | Node::Variables(_) => self.deserialize_map(visitor),
            Node::Text(_) => visitor.visit_str(self.scalar("a text")?.expose()),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_str(self.scalar("a text")?.expose())
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.scalar("true or false")?.expose().to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => visitor.visit_bool(true),
            "false" | "no" | "off" | "0" => visitor.visit_bool(false),
            _ => Err(Fault::new("must be true or false")),
        }
    }

    numbers! {
        deserialize_i8 => visit_i8: i8, "a small whole number";
        deserialize_i16 => visit_i16: i16, "a whole number";
        deserialize_i32 => visit_i32: i32, "a whole number";
        deserialize_i64 => visit_i64: i64, "a whole number";
        deserialize_u8 => visit_u8: u8, "a whole number from 0 to 255";
        deserialize_u16 => visit_u16: u16, "a whole number from 0 to 65535";
        deserialize_u32 => visit_u32: u32, "a whole number from 0";
        deserialize_u64 => visit_u64: u64, "a whole number from 0";
        deserialize_f32 => visit_f32: f32, "a number";
        deserialize_f64 => visit_f64: f64, "a number";
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match &self.value.node {
            Node::Text(text) if text.expose().trim().is_empty() => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    /// A list, or a text with commas between the items.
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let items = match self.value.node {
            Node::List(items) => items,
            node => {
                let text = Self { value: ConfigValue { node, line: self.value.line } }.scalar("a list")?;
                let items = text.expose().split(',').map(str::trim).filter(|item| !item.is_empty());
                items.map(ConfigValue::text).collect()
            }
        };
        visitor.visit_seq(Items { items: items.into_iter(), place: 0 })
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let entries: Vec<_> = match self.value.node {
            Node::Table(table) => table.into_iter().collect(),
            Node::Variables(variables) => {
                let lower = |(name, text): (String, _)| (name.to_ascii_lowercase(), ConfigValue::text(text));
                variables.into_iter().map(lower).collect()
            }
            Node::Text(_) | Node::List(_) => return Err(Fault::new("must be a table")),
        };
        visitor.visit_map(Entries { entries: entries.into_iter(), value: None, are_known: false })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        unknown_names(&self.value.node, fields)?;
        let entry = |name: &&'static str| Some(((*name).to_owned(), child(&self.value.node, fields, name)?));
        let entries: Vec<_> = fields.iter().filter_map(entry).collect();
        let read = visitor.visit_map(Entries { entries: entries.into_iter(), value: None, are_known: true });
        read.map_err(|fault| fault.at(self.value.line))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let text = self.scalar(&names.join(" or "))?;
        visitor.visit_enum(text.expose().as_str().into_deserializer())
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        char bytes byte_buf unit unit_struct tuple_struct identifier i128 u128
    }
}

/// Reads a value into a type.
pub(crate) fn read<T: DeserializeOwned>(value: ConfigValue) -> Result<T, Fault> {
    read_with(PhantomData, value)
}

/// A type's own words may repeat the value, even after all parts of it were read.
fn read_with<'de, S: DeserializeSeed<'de>>(seed: S, value: ConfigValue) -> Result<S::Value, Fault> {
    let (line, kept) = (value.line, value.node.clone());
    seed.deserialize(Reader { value }).map_err(|fault| {
        let mut texts = Vec::new();
        collect_texts(&kept, &mut texts);
        fault.without(texts).at(line)
    })
}

/// Returns the value of a key; of variables all whose names belong to it.
pub(crate) fn child(node: &Node, fields: &[&str], name: &str) -> Option<ConfigValue> {
    match node {
        Node::Table(table) => table.get(name).cloned(),
        Node::Variables(variables) => {
            let of_name = |(variable, text): (&String, &Secret<String>)| {
                let (field, rest) = field_of(variable, fields)?;
                (field == name).then(|| (rest.to_owned(), text.clone()))
            };
            let mut found: BTreeMap<_, _> = variables.iter().filter_map(of_name).collect();
            if found.len() == 1 && found.contains_key("") {
                return found.remove("").map(ConfigValue::text);
            }
            (!found.is_empty()).then_some(ConfigValue { node: Node::Variables(found), line: None })
        }
        Node::Text(_) | Node::List(_) => None,
    }
}

/// Returns the longest field that a variable's name is or begins with, and the rest of the name.
fn field_of<'v, 'f>(variable: &'v str, fields: &[&'f str]) -> Option<(&'f str, &'v str)> {
    let rest_of = |field: &&'f str| {
        let rest = variable.strip_prefix(field.to_ascii_uppercase().as_str())?;
        let rest = if rest.is_empty() { Some(rest) } else { rest.strip_prefix('_') };
        Some((*field, rest?))
    };
    fields.iter().filter_map(rest_of).max_by_key(|(field, _)| field.len())
}

/// Refuses names that are not fields.
pub(crate) fn unknown_names(node: &Node, fields: &'static [&'static str]) -> Result<(), Fault> {
    match node {
        Node::Table(table) => {
            let unknown = table.iter().find(|(name, _)| !fields.contains(&name.as_str()));
            unknown.map_or(Ok(()), |(name, value)| Err(Fault::unknown(name, fields).at(value.line)))
        }
        Node::Variables(variables) => {
            let unknown = variables.keys().find(|name| field_of(name, fields).is_none());
            unknown.map_or(Ok(()), |name| Err(Fault::unknown(name, fields)))
        }
        Node::Text(_) | Node::List(_) => Err(Fault::new("must be a table")),
    }
}

fn collect_texts<'a>(node: &'a Node, texts: &mut Vec<&'a str>) {
    match node {
        Node::Text(text) => texts.push(text.expose()),
        Node::List(items) => items.iter().for_each(|item| collect_texts(&item.node, texts)),
        Node::Table(table) => table.values().for_each(|value| collect_texts(&value.node, texts)),
        Node::Variables(variables) => texts.extend(variables.values().map(|text| text.expose().as_str())),
    }
}

struct Items {
    items: std::vec::IntoIter<ConfigValue>,
    place: usize,
}

impl<'de> SeqAccess<'de> for Items {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Fault> {
        let Some(item) = self.items.next() else { return Ok(None) };
        self.place += 1;
        let line = item.line;
        let read = seed.deserialize(Reader { value: item });
        read.map(Some).map_err(|fault| fault.under(&format!("{}", self.place)).at(line))
    }
}

struct Entries {
    entries: std::vec::IntoIter<(String, ConfigValue)>,
    value: Option<(String, ConfigValue)>,
    /// Whether the keys are fields of a struct. Others are the user's, and may be a secret in the wrong place.
    are_known: bool,
}

impl<'de> MapAccess<'de> for Entries {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        let Some((key, value)) = self.entries.next() else { return Ok(None) };
        let name: StringDeserializer<Fault> = key.clone().into_deserializer();
        let read = seed.deserialize(name).map_err(|fault| fault.without([key.as_str()]));
        self.value = Some((key, value));
        read.map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Fault> {
        let Some((key, value)) = self.value.take() else {
            return Err(Fault::new("has a key without a value"));
        };
        let (line, name) = (value.line, if self.are_known { key.as_str() } else { "*" });
        read_with(seed, value).map_err(|fault| fault.under(name).at(line))
    }
}

/// Returns the names of the fields of a type, in its order.
pub(crate) fn known_names<T: DeserializeOwned>() -> &'static [&'static str] {
    let mut names: &'static [&'static str] = &[];
    // The type is never built: its request for the fields is all that is needed.
    let _ = T::deserialize(Probe(&mut names));
    names
}

/// Notes the fields that a struct asks for.
struct Probe<'a>(&'a mut &'static [&'static str]);

impl<'de> Deserializer<'de> for Probe<'_> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        BorrowedStrDeserializer::new("").deserialize_any(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Fault> {
        *self.0 = fields;
        Err(Fault::new("only the names are wanted"))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}
