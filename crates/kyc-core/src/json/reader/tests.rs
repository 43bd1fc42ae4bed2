use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::de::IgnoredAny;
use serde_json::{Map, Value, json};

use super::super::path::push_key;
use super::*;
use crate::RedactedTexts;
use crate::mask::mask;

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

fn read_tracked<'de, D: Deserializer<'de, Error = serde_json::Error>>(json: D) -> Read {
    let mut log = Log::new(false);
    let read = read(json, &mut log);
    read.map(|tree| (tree, log.ignored.into_vec())).map_err(|error| error.to_string())
}

fn read_with_serde_ignored<'de, D: Deserializer<'de, Error = serde_json::Error>>(json: D) -> Read {
    use serde_ignored::Path;
    fn show(path: &Path<'_>) -> String {
        match path {
            Path::Root => String::new(),
            Path::Seq { parent, .. } => format!("{}[]", show(parent)),
            Path::Map { parent, key } => {
                let mut path = show(parent);
                push_key(&mut path, mask(key));
                path
            }
            Path::Some { parent } | Path::NewtypeStruct { parent } | Path::NewtypeVariant { parent } => {
                show(parent)
            }
        }
    }
    let mut paths = Paths::default();
    let read = serde_ignored::deserialize(json, |path| paths.add(show(&path)));
    read.map(|tree| (tree, paths.into_vec())).map_err(|error| error.to_string())
}

fn paths(json: &str) -> Vec<String> {
    read_tracked(&mut serde_json::Deserializer::from_str(json)).expect("fits").1
}

#[test]
fn each_ignored_value_has_its_path() {
    assert_eq!(paths(r#"{"tree":{"tree":{"x":{"y":1}}},"z":null}"#), ["tree.tree.x", "z"]);
    assert_eq!(
        paths(r#"{"list":[null,{"x":1},{"y":1}],"pair":[{"x":1},2]}"#),
        ["list[].x", "list[].y", "pair[].x"]
    );
    assert_eq!(paths(r#"{"newtype":{"x":1},"value":{"x":1}}"#), ["newtype.x"]);
    assert_eq!(paths(r#"{"any":1,"texts":["a",{"x":1}]}"#), ["any", "texts[].x"]);
}

#[test]
fn variants_add_no_step_to_a_path() {
    assert_eq!(paths(r#"{"variant":"Unit"}"#), [""; 0]);
    assert_eq!(paths(r#"{"variant":{"New":{"x":1}}}"#), ["variant.x"]);
    assert_eq!(paths(r#"{"variant":{"Tuple":[{"x":1},2]}}"#), ["variant[].x"]);
    assert_eq!(paths(r#"{"variant":{"Struct":{"tree":{"x":1},"y":1}}}"#), ["variant.tree.x", "variant.y"]);
}

#[test]
fn every_kind_of_key_is_recorded() {
    assert_eq!(
        paths(r#"{"\u0078\n":1,"named":{"a\"b":{"x":1},"c":{"y":1}}}"#),
        ["…", "named.….x", "named.c.y"]
    );
    assert_eq!(
        paths(r#"{"numbered":{"-7":{"x":1}},"flagged":{"true":{"x":1}},"by_kind":{"Two":{"x":1}}}"#),
        ["numbered.-7.x", "flagged.true.x", "by_kind.Two.x"]
    );
}

/// Generates documents that mostly fit a `Tree`, with unknown keys and occasional values of an unexpected shape.
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
    fn reports_the_same_paths_as_serde_ignored(tree in trees()) {
        let text = tree.to_string();
        let json = || serde_json::Deserializer::from_str(&text);
        // Documents that serde_ignored rejects are skipped: this reader accepts more of them.
        if let Ok(wanted) = read_with_serde_ignored(&mut json()) {
            prop_assert_eq!(read_tracked(&mut json()), Ok(wanted));
        }
        if let Ok(wanted) = read_with_serde_ignored(&tree) {
            prop_assert_eq!(read_tracked(&tree), Ok(wanted));
        }
    }
}
