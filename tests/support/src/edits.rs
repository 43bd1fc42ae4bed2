//! Payloads with changes that a vendor may make. Everything derives from a seed, so that a failure can be reproduced.

use fastrand::Rng;
use serde_json::{Value, json};

use crate::tree::{Place, Step, at, at_mut, places, shown, with};

/// A key that no vendor sends.
pub(crate) const INJECTED: &str = "kycInjectedKey";

/// A payload with one change.
#[derive(Clone, Debug)]
pub(crate) struct Edit {
    pub(crate) what: What,
    /// The path of the change, as `data.items[].colour`.
    pub(crate) path: String,
    pub(crate) json: String,
}

/// A change that a vendor may make to a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// A text that no list contains.
    UnknownText,
    /// The key is missing.
    Missing,
    /// A number becomes text, text becomes a number.
    OtherScalar,
    /// `null`.
    Null,
    /// The same text, written with escapes: `\/` and `\u….`.
    Escaped,
    /// The key occurs three times, first with `null`.
    Twice,
    /// A bool becomes text, every other value a bool.
    Flag,
}

const KINDS: [What; 7] =
    [What::UnknownText, What::Missing, What::OtherScalar, What::Null, What::Escaped, What::Twice, What::Flag];

/// Returns the payload once for each of its objects, with [`INJECTED`] added to it, and the path to be reported.
pub(crate) fn injections(json: &str) -> Vec<(String, String)> {
    let tree: Value = serde_json::from_str(json).unwrap_or_default();
    let objects = places(&tree).into_iter().filter(|place| at(&tree, place).is_object());
    let inject = |mut place: Place| {
        place.push(Step::Key(INJECTED.to_owned()));
        let changed = with(&tree, &place, Some(json!({ "inner": [1, "two"] })));
        (shown(&place), changed.to_string())
    };
    objects.map(inject).collect()
}

/// Returns `count` edits of leaves, derived from a seed.
pub(crate) fn edits(json: &str, seed: u64, count: usize) -> Vec<Edit> {
    let tree: Value = serde_json::from_str(json).unwrap_or_default();
    let is_leaf =
        |place: &Place| !place.is_empty() && !matches!(at(&tree, place), Value::Object(_) | Value::Array(_));
    let leaves: Vec<_> = places(&tree).into_iter().filter(is_leaf).collect();
    let mut random = Rng::with_seed(seed);
    if leaves.is_empty() {
        return Vec::new();
    }
    (0..count)
        .map(|_| {
            let (leaf, kind) = (random.usize(..leaves.len()), random.usize(..KINDS.len()));
            edit(&tree, &leaves[leaf], KINDS[kind], &mut random)
        })
        .collect()
}

fn edit(tree: &Value, place: &Place, what: What, random: &mut Rng) -> Edit {
    let leaf = at(tree, place);
    let changed = |value: Value| with(tree, place, Some(value)).to_string();
    let json = match what {
        What::UnknownText => changed(Value::from(format!("Unheard-of {}", random.u32(..1000)))),
        What::Null => changed(Value::Null),
        What::OtherScalar => changed(other_scalar(leaf, random)),
        What::Flag if leaf.is_boolean() => changed(Value::from(leaf.to_string())),
        What::Flag => changed(Value::Bool(random.bool())),
        What::Missing => with(tree, place, None).to_string(),
        What::Escaped => escaped(tree),
        What::Twice => thrice(tree, place),
    };
    Edit { what, path: shown(place), json }
}

fn other_scalar(leaf: &Value, random: &mut Rng) -> Value {
    match leaf {
        Value::Number(number) => Value::from(number.to_string()),
        Value::String(text) => match text.parse::<i64>() {
            Ok(number) => Value::from(number),
            Err(_) => Value::from(f64::from(random.u32(..100_000)) / 8.0),
        },
        _ => Value::from(random.u32(..2)),
    }
}

/// Returns JSON with every text written in escapes.
fn escaped(tree: &Value) -> String {
    let unit = |unit: u16| if unit == u16::from(b'/') { "\\/".to_owned() } else { format!("\\u{unit:04X}") };
    let text = |text: &str| format!("\"{}\"", text.encode_utf16().map(unit).collect::<String>());
    let list = |inner: Vec<String>| inner.join(",");
    match tree {
        Value::Object(object) => {
            let member = |(key, inner): (&String, &Value)| format!("{}:{}", text(key), escaped(inner));
            format!("{{{}}}", list(object.iter().map(member).collect()))
        }
        Value::Array(items) => format!("[{}]", list(items.iter().map(escaped).collect())),
        Value::String(inner) => text(inner),
        scalar => scalar.to_string(),
    }
}

/// Returns JSON with a key three times, which no tree can hold: first with `null`, then twice with its value.
fn thrice(tree: &Value, place: &Place) -> String {
    const MARK: &str = "kycMarkedKey";
    let Some((Step::Key(key), parent)) = place.split_last() else { return tree.to_string() };
    let mut marked = with(tree, place, None);
    at_mut(&mut marked, parent)[MARK] = at(tree, place).clone();
    let (key, value) = (json!(key), at(tree, place));
    marked
        .to_string()
        .replace(&format!("\"{MARK}\":{value}"), &format!("{key}:null,{key}:{value},{key}:{value}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const JSON: &str = r#"{"a":{"b":[{"c":"x/y"}]},"d":1}"#;

    #[test]
    fn every_object_is_injected_once() {
        let paths: Vec<_> = injections(JSON).into_iter().map(|(path, _)| path).collect();
        assert_eq!(paths, ["kycInjectedKey", "a.kycInjectedKey", "a.b[].kycInjectedKey"]);
    }

    #[test]
    fn edits_are_json_and_the_same_for_the_same_seed() {
        let made = edits(JSON, 1, 200);
        for edit in &made {
            assert!(serde_json::from_str::<Value>(&edit.json).is_ok(), "{edit:?}");
        }
        assert!(KINDS.iter().all(|kind| made.iter().any(|edit| edit.what == *kind)), "every kind occurs");
        let again: Vec<_> = edits(JSON, 1, 200).into_iter().map(|edit| edit.json).collect();
        assert!(made.iter().map(|edit| &edit.json).eq(&again));
        assert!(made.iter().any(|edit| edit.json.contains(r"\/") && edit.what == What::Escaped));
    }
}
