//! Reports the path of every value that a type ignores: a listener between serde and the format, which changes nothing.
//!
//! A key is kept as the format lends it, and a path becomes text only when something is ignored.

use std::borrow::Cow;
use std::fmt;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess,
    Visitor,
};

/// Where a value stands, from there up to the root. An option, a newtype and a variant are no step of their own.
pub(crate) enum Path<'a> {
    Root,
    Item(&'a Path<'a>),
    Key(&'a Path<'a>, &'a str),
}

/// Deserializes and reports the path of each ignored value.
pub(crate) fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    inner: D,
    report: &mut dyn FnMut(&Path<'_>),
) -> Result<T, D::Error> {
    T::deserialize(Placed { inner, place: Place { path: &Path::Root, report } })
}

struct Place<'a> {
    path: &'a Path<'a>,
    report: &'a mut dyn FnMut(&Path<'_>),
}

impl Place<'_> {
    fn step<'b>(&'b mut self, path: &'b Path<'b>) -> Place<'b> {
        Place { path, report: self.report }
    }
}

/// What reads values, and where they stand.
struct Placed<'a, X> {
    inner: X,
    place: Place<'a>,
}

/// What reads a key, and where the key is noted.
struct Noted<'a, 'de, X> {
    inner: X,
    key: &'a mut Cow<'de, str>,
}

/// The methods of a deserializer: each goes to the inner one, with the visitor wrapped.
macro_rules! deserializer {
    ($wrapper:ident { $with:ident }) => {
        deserializer!($wrapper { $with }
            deserialize_any() deserialize_bool() deserialize_i8() deserialize_i16() deserialize_i32()
            deserialize_i64() deserialize_i128() deserialize_u8() deserialize_u16() deserialize_u32()
            deserialize_u64() deserialize_u128() deserialize_f32() deserialize_f64() deserialize_char()
            deserialize_str() deserialize_string() deserialize_bytes() deserialize_byte_buf()
            deserialize_option() deserialize_unit() deserialize_seq() deserialize_map()
            deserialize_identifier() deserialize_unit_struct(name: &'static str,)
            deserialize_newtype_struct(name: &'static str,) deserialize_tuple(len: usize,)
            deserialize_tuple_struct(name: &'static str, len: usize,)
            deserialize_struct(name: &'static str, fields: &'static [&'static str],)
            deserialize_enum(name: &'static str, variants: &'static [&'static str],));
    };
    ($wrapper:ident { $with:ident } $($method:ident($($name:ident: $type:ty,)*))+) => {
        type Error = D::Error;

        $(fn $method<V: Visitor<'de>>(self, $($name: $type,)* visitor: V) -> Result<V::Value, D::Error> {
            self.inner.$method($($name,)* $wrapper { inner: visitor, $with: self.$with })
        })+

        fn is_human_readable(&self) -> bool {
            self.inner.is_human_readable()
        }
    };
}

/// The methods of a visitor that hand a value on as it is. The shorter numbers come to them by serde's defaults.
macro_rules! visitor {
    ($($method:ident($($value:ident: $type:ty)?))*) => {
        type Value = V::Value;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.inner.expecting(f)
        }

        $(fn $method<E: Error>(self, $($value: $type)?) -> Result<V::Value, E> {
            self.inner.$method($($value)?)
        })*
    };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Placed<'_, D> {
    deserializer!(Placed { place });

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        (self.place.report)(self.place.path);
        self.inner.deserialize_ignored_any(visitor)
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Placed<'_, V> {
    visitor!(visit_bool(value: bool) visit_i64(value: i64) visit_i128(value: i128) visit_u64(value: u64)
        visit_u128(value: u128) visit_f64(value: f64) visit_str(value: &str) visit_borrowed_str(value: &'de str)
        visit_string(value: String) visit_bytes(value: &[u8]) visit_borrowed_bytes(value: &'de [u8])
        visit_byte_buf(value: Vec<u8>) visit_none() visit_unit());

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        self.inner.visit_some(Placed { inner, place: self.place })
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        self.inner.visit_newtype_struct(Placed { inner, place: self.place })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, inner: A) -> Result<V::Value, A::Error> {
        self.inner.visit_seq(Placed { inner, place: self.place })
    }

    fn visit_map<A: MapAccess<'de>>(self, inner: A) -> Result<V::Value, A::Error> {
        self.inner.visit_map(Object { inner, place: self.place, key: Cow::Borrowed("") })
    }

    fn visit_enum<A: EnumAccess<'de>>(self, inner: A) -> Result<V::Value, A::Error> {
        self.inner.visit_enum(Placed { inner, place: self.place })
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Placed<'_, S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, inner: D) -> Result<S::Value, D::Error> {
        self.inner.deserialize(Placed { inner, place: self.place })
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Placed<'_, A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, inner: S) -> Result<Option<S::Value>, A::Error> {
        let path = Path::Item(self.place.path);
        self.inner.next_element_seed(Placed { inner, place: self.place.step(&path) })
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint()
    }
}

impl<'a, 'de, A: EnumAccess<'de>> EnumAccess<'de> for Placed<'a, A> {
    type Error = A::Error;
    type Variant = Placed<'a, A::Variant>;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self::Variant), A::Error> {
        let (name, inner) = self.inner.variant_seed(seed)?;
        Ok((name, Placed { inner, place: self.place }))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for Placed<'_, A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.inner.unit_variant()
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, inner: S) -> Result<S::Value, A::Error> {
        self.inner.newtype_variant_seed(Placed { inner, place: self.place })
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, inner: V) -> Result<V::Value, A::Error> {
        self.inner.tuple_variant(len, Placed { inner, place: self.place })
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        inner: V,
    ) -> Result<V::Value, A::Error> {
        self.inner.struct_variant(fields, Placed { inner, place: self.place })
    }
}

/// An object that is being read, and its key of the moment.
struct Object<'a, 'de, A> {
    inner: A,
    place: Place<'a>,
    key: Cow<'de, str>,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Object<'_, 'de, A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, inner: S) -> Result<Option<S::Value>, A::Error> {
        self.inner.next_key_seed(Noted { inner, key: &mut self.key })
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, inner: S) -> Result<S::Value, A::Error> {
        let path = Path::Key(self.place.path, &self.key);
        self.inner.next_value_seed(Placed { inner, place: self.place.step(&path) })
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint()
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Noted<'_, 'de, S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, inner: D) -> Result<S::Value, D::Error> {
        self.inner.deserialize(Noted { inner, key: self.key })
    }
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Noted<'_, 'de, D> {
    deserializer!(Noted { key });

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
    visitor!();

    noted_as_text!(visit_bool: bool, visit_i64: i64, visit_i128: i128, visit_u64: u64, visit_u128: u128,
        visit_f64: f64);

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

    fn variant_seed<S: DeserializeSeed<'de>>(self, inner: S) -> Result<(S::Value, A::Variant), A::Error> {
        self.inner.variant_seed(Noted { inner, key: self.key })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde::de::IgnoredAny;
    use serde_json::{Map, Value, json};

    use super::*;
    use crate::RedactedTexts;

    #[derive(serde::Deserialize, Debug, PartialEq)]
    struct Tree {
        tree: Option<Box<Tree>>,
        list: Option<Vec<Option<Tree>>>,
        pair: Option<(Box<Tree>, u8)>,
        newtype: Option<Newtype>,
        named: Option<BTreeMap<String, Tree>>,
        numbered: Option<BTreeMap<Numbered, Tree>>,
        flagged: Option<BTreeMap<bool, Tree>>,
        by_kind: Option<BTreeMap<Kind, Tree>>,
        variant: Option<Variant>,
        texts: Option<RedactedTexts>,
        any: Option<IgnoredAny>,
        value: Option<Value>,
    }

    #[derive(serde::Deserialize, Debug, PartialEq)]
    struct Newtype(Box<Tree>);

    #[derive(serde::Deserialize, Debug, PartialEq, Eq, PartialOrd, Ord)]
    struct Numbered(i16);

    #[derive(serde::Deserialize, Debug, PartialEq, Eq, PartialOrd, Ord)]
    enum Kind {
        One,
        Two,
    }

    #[derive(serde::Deserialize, Debug, PartialEq)]
    enum Variant {
        Unit,
        New(Box<Tree>),
        Tuple(Box<Tree>, u8),
        Struct { tree: Box<Tree> },
    }

    type Read = Result<(Tree, Vec<String>), String>;

    fn ours<'de, D: Deserializer<'de, Error = serde_json::Error>>(json: D) -> Read {
        fn show(path: &Path<'_>) -> String {
            match path {
                Path::Root => String::new(),
                Path::Item(parent) => format!("{}[]", show(parent)),
                Path::Key(parent, key) => format!("{}.{key}", show(parent)),
            }
        }
        let mut paths = Vec::new();
        let read = deserialize(json, &mut |path| paths.push(show(path)));
        read.map(|tree| (tree, paths)).map_err(|error| error.to_string())
    }

    fn theirs<'de, D: Deserializer<'de, Error = serde_json::Error>>(json: D) -> Read {
        use serde_ignored::Path;
        fn show(path: &Path<'_>) -> String {
            match path {
                Path::Root => String::new(),
                Path::Seq { parent, .. } => format!("{}[]", show(parent)),
                Path::Map { parent, key } => format!("{}.{key}", show(parent)),
                Path::Some { parent } | Path::NewtypeStruct { parent } | Path::NewtypeVariant { parent } => {
                    show(parent)
                }
            }
        }
        let mut paths = Vec::new();
        let read = serde_ignored::deserialize(json, |path| paths.push(show(&path)));
        read.map(|tree| (tree, paths)).map_err(|error| error.to_string())
    }

    fn paths(json: &str) -> Vec<String> {
        ours(&mut serde_json::Deserializer::from_str(json)).expect("fits").1
    }

    #[test]
    fn each_ignored_value_has_its_path() {
        assert_eq!(paths(r#"{"tree":{"tree":{"x":{"y":1}}},"z":null}"#), [".tree.tree.x", ".z"]);
        assert_eq!(
            paths(r#"{"list":[null,{"x":1},{"y":1}],"pair":[{"x":1},2]}"#),
            [".list[].x", ".list[].y", ".pair[].x"]
        );
        assert_eq!(paths(r#"{"newtype":{"x":1},"value":{"x":1}}"#), [".newtype.x"]);
        assert_eq!(paths(r#"{"any":1,"texts":["a",{"x":1}]}"#), [".any", ".texts[].x"]);
    }

    #[test]
    fn variants_are_no_step() {
        assert_eq!(paths(r#"{"variant":"Unit"}"#), [""; 0]);
        assert_eq!(paths(r#"{"variant":{"New":{"x":1}}}"#), [".variant.x"]);
        assert_eq!(paths(r#"{"variant":{"Tuple":[{"x":1},2]}}"#), [".variant[].x"]);
        assert_eq!(
            paths(r#"{"variant":{"Struct":{"tree":{"x":1},"y":1}}}"#),
            [".variant.tree.x", ".variant.y"]
        );
    }

    #[test]
    fn every_kind_of_key_is_noted() {
        assert_eq!(
            paths(r#"{"\u0078\n":1,"named":{"a\"b":{"x":1},"c":{"y":1}}}"#),
            [".x\n", ".named.a\"b.x", ".named.c.y"]
        );
        assert_eq!(
            paths(r#"{"numbered":{"-7":{"x":1}},"flagged":{"true":{"x":1}},"by_kind":{"Two":{"x":1}}}"#),
            [".numbered.-7.x", ".flagged.true.x", ".by_kind.Two.x"]
        );
    }

    /// Mostly what fits a `Tree`, with keys that it does not know, and now and then a misfit.
    fn trees() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![Just(json!({})), Just(json!({ "x": 1 })), Just(json!({ "any": "text" }))];
        leaf.prop_recursive(5, 40, 4, |tree| {
            let entry = (0..18, tree.clone(), tree).prop_map(|(place, tree, other)| match place {
                0 => ("tree", tree),
                1 => ("list", json!([tree, null, other])),
                2 => ("pair", json!([tree, 1])),
                3 => ("newtype", tree),
                4 => ("named", json!({ "a": tree, "é\"": other })),
                5 => ("numbered", json!({ "1": tree, "-300": other })),
                6 => ("flagged", json!({ "true": tree, "false": other })),
                7 => ("by_kind", json!({ "One": tree, "Two": other })),
                8 => ("variant", json!("Unit")),
                9 => ("variant", json!({ "New": tree })),
                10 => ("variant", json!({ "Tuple": [tree, 1] })),
                11 => ("variant", json!({ "Struct": { "tree": tree, "x": other } })),
                12 => ("texts", json!(["a", 1, { "x": tree }])),
                13 => ("any", tree),
                14 => ("value", tree),
                15 => ("a\tb", tree),
                16 => ("unknown", json!([tree, 1.5])),
                _ => (["pair", "numbered", "variant", "by_kind"][tree.to_string().len() % 4], tree),
            });
            let entries = proptest::collection::vec(entry, 0..4);
            entries.prop_map(|all| {
                Value::Object(all.into_iter().map(|(k, v)| (k.to_owned(), v)).collect::<Map<_, _>>())
            })
        })
    }

    proptest! {
        #[test]
        fn the_same_as_serde_ignored(tree in trees()) {
            let text = tree.to_string();
            let json = || serde_json::Deserializer::from_str(&text);
            prop_assert_eq!(ours(&mut json()), theirs(&mut json()));
            prop_assert_eq!(ours(&tree), theirs(&tree));
        }
    }
}
