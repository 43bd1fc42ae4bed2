//! A JSON tree in which repeated keys are merged.

use std::fmt;

use serde::de::{self, Visitor};
use serde_json::{Map, Value};

/// A JSON tree in which the first value that is not null wins.
pub(super) struct FirstWins {
    pub(super) value: Value,
    pub(super) repeated: bool,
}

impl<'de> de::Deserialize<'de> for FirstWins {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TreeVisitor)
    }
}

struct TreeVisitor;

impl TreeVisitor {
    fn leaf<E>(value: Value) -> Result<FirstWins, E> {
        Ok(FirstWins { value, repeated: false })
    }
}

impl<'de> Visitor<'de> for TreeVisitor {
    type Value = FirstWins;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<FirstWins, E> {
        Self::leaf(value.into())
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<FirstWins, E> {
        Self::leaf(value.into())
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<FirstWins, E> {
        Self::leaf(value.into())
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<FirstWins, E> {
        Self::leaf(value.into())
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<FirstWins, E> {
        Self::leaf(text.into())
    }

    fn visit_unit<E: de::Error>(self) -> Result<FirstWins, E> {
        Self::leaf(Value::Null)
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<FirstWins, A::Error> {
        let (mut values, mut repeated) = (Vec::new(), false);
        while let Some(item) = list.next_element::<FirstWins>()? {
            repeated |= item.repeated;
            values.push(item.value);
        }
        Ok(FirstWins { value: Value::Array(values), repeated })
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<FirstWins, A::Error> {
        let (mut entries, mut repeated) = (Map::new(), false);
        while let Some((key, item)) = map.next_entry::<String, FirstWins>()? {
            repeated |= item.repeated;
            match entries.get(&key) {
                None => drop(entries.insert(key, item.value)),
                Some(first) => {
                    repeated = true;
                    if first.is_null() {
                        entries.insert(key, item.value);
                    }
                }
            }
        }
        Ok(FirstWins { value: Value::Object(entries), repeated })
    }
}
