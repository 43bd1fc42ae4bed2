//! Payloads with changes that a vendor may make. Everything derives from a seed, so that a failure can be reproduced.

use std::fmt::Write as _;

use serde_json::Value;

/// A key that no vendor sends.
pub const INJECTED: &str = "kycInjectedKey";

/// A payload with one change.
#[derive(Clone, Debug)]
pub struct Edit {
    /// The kind of change.
    pub what: What,
    /// The path of the change, as `data.items[].colour`.
    pub path: String,
    /// The payload after the change.
    pub json: String,
}

/// A change that a vendor may make to a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
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
#[must_use]
pub fn injections(json: &str) -> Vec<(String, String)> {
    let tree: Value = serde_json::from_str(json).unwrap_or_default();
    let mut objects = Vec::new();
    walk(&tree, &mut Vec::new(), &mut |path, value| {
        if value.is_object() {
            objects.push(path.to_vec());
        }
    });
    let inject = |path: Vec<Step>| {
        let mut changed = tree.clone();
        if let Some(Value::Object(object)) = at(&mut changed, &path) {
            object.insert(INJECTED.to_owned(), serde_json::json!({ "inner": [1, "two"] }));
        }
        let parent = shown(&path);
        let dot = if parent.is_empty() { "" } else { "." };
        (format!("{parent}{dot}{INJECTED}"), changed.to_string())
    };
    objects.into_iter().map(inject).collect()
}

/// Returns `count` edits of leaves, derived from a seed.
#[must_use]
pub fn edits(json: &str, seed: u64, count: usize) -> Vec<Edit> {
    let tree: Value = serde_json::from_str(json).unwrap_or_default();
    let mut leaves = Vec::new();
    walk(&tree, &mut Vec::new(), &mut |path, value| {
        if !value.is_object() && !value.is_array() && !path.is_empty() {
            leaves.push(path.to_vec());
        }
    });
    let mut random = Random(seed);
    if leaves.is_empty() {
        return Vec::new();
    }
    (0..count)
        .map(|_| {
            edit(&tree, &leaves[random.below(leaves.len())], KINDS[random.below(KINDS.len())], &mut random)
        })
        .collect()
}

fn edit(tree: &Value, path: &[Step], what: What, random: &mut Random) -> Edit {
    let mut changed = tree.clone();
    let mut printer = Printer::default();
    if let Some(leaf) = at(&mut changed, path) {
        match what {
            What::UnknownText => *leaf = Value::from(format!("Unheard-of {}", random.below(1000))),
            What::Null => *leaf = Value::Null,
            What::OtherScalar => *leaf = other_scalar(leaf, random),
            What::Flag => {
                *leaf = if leaf.is_boolean() {
                    Value::from(leaf.to_string())
                } else {
                    Value::Bool(random.below(2) == 1)
                }
            }
            What::Missing => remove(&mut changed, path),
            What::Escaped => printer.escape = true,
            What::Twice => printer.twice = Some(path.to_vec()),
        }
    }
    Edit { what, path: shown(path), json: printer.print(&changed) }
}

fn other_scalar(leaf: &Value, random: &mut Random) -> Value {
    match leaf {
        Value::Number(number) => Value::from(number.to_string()),
        Value::String(text) => match text.parse::<i64>() {
            Ok(number) => Value::from(number),
            Err(_) => Value::from(random.below(100_000) as f64 / 8.0),
        },
        _ => Value::from(random.below(2)),
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Key(String),
    Place(usize),
}

fn walk(value: &Value, path: &mut Vec<Step>, visit: &mut impl FnMut(&[Step], &Value)) {
    visit(path, value);
    match value {
        Value::Object(object) => {
            for (key, inner) in object {
                path.push(Step::Key(key.clone()));
                walk(inner, path, visit);
                path.pop();
            }
        }
        Value::Array(list) => {
            for (place, inner) in list.iter().enumerate() {
                path.push(Step::Place(place));
                walk(inner, path, visit);
                path.pop();
            }
        }
        _ => {}
    }
}

fn at<'a>(value: &'a mut Value, path: &[Step]) -> Option<&'a mut Value> {
    path.iter().try_fold(value, |value, step| match step {
        Step::Key(key) => value.get_mut(key),
        Step::Place(place) => value.get_mut(place),
    })
}

fn remove(tree: &mut Value, path: &[Step]) {
    let Some((last, parent)) = path.split_last() else { return };
    match (at(tree, parent), last) {
        (Some(Value::Object(object)), Step::Key(key)) => drop(object.remove(key)),
        (Some(Value::Array(list)), Step::Place(place)) => drop(list.remove(*place)),
        _ => {}
    }
}

fn shown(path: &[Step]) -> String {
    path.iter().fold(String::new(), |mut text, step| {
        match step {
            Step::Key(key) if text.is_empty() => text.push_str(key),
            Step::Key(key) => {
                let _ = write!(text, ".{key}");
            }
            Step::Place(_) => text.push_str("[]"),
        }
        text
    })
}

/// Prints JSON with escapes and keys that ordinary serializers do not write.
#[derive(Default)]
struct Printer {
    escape: bool,
    twice: Option<Vec<Step>>,
}

impl Printer {
    fn print(&self, tree: &Value) -> String {
        let mut text = String::new();
        self.value(tree, &mut Vec::new(), &mut text);
        text
    }

    fn value(&self, value: &Value, path: &mut Vec<Step>, out: &mut String) {
        match value {
            Value::Object(object) => {
                out.push('{');
                for (place, (key, inner)) in object.iter().enumerate() {
                    if place > 0 {
                        out.push(',');
                    }
                    path.push(Step::Key(key.clone()));
                    if self.twice.as_ref() == Some(path) {
                        self.string(key, out);
                        out.push_str(":null,");
                    }
                    self.string(key, out);
                    out.push(':');
                    self.value(inner, path, out);
                    if self.twice.as_ref() == Some(path) {
                        out.push(',');
                        self.string(key, out);
                        out.push(':');
                        self.value(inner, path, out);
                    }
                    path.pop();
                }
                out.push('}');
            }
            Value::Array(list) => {
                out.push('[');
                for (place, inner) in list.iter().enumerate() {
                    if place > 0 {
                        out.push(',');
                    }
                    path.push(Step::Place(place));
                    self.value(inner, path, out);
                    path.pop();
                }
                out.push(']');
            }
            Value::String(text) => self.string(text, out),
            scalar => {
                let _ = write!(out, "{scalar}");
            }
        }
    }

    fn string(&self, text: &str, out: &mut String) {
        if !self.escape {
            let _ = write!(out, "{}", Value::from(text));
            return;
        }
        out.push('"');
        for unit in text.encode_utf16() {
            match u8::try_from(unit) {
                Ok(b'/') => out.push_str("\\/"),
                _ => {
                    let _ = write!(out, "\\u{unit:04X}");
                }
            }
        }
        out.push('"');
    }
}

/// A counter with a mixing function (SplitMix): random enough to choose places.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed ^= mixed >> 30;
        mixed = mixed.wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed ^= mixed >> 27;
        usize::try_from(mixed >> 33).unwrap_or(0) % bound
    }
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
