//! Places in JSON documents.

use serde_json::Value;

/// A step from a value to one inside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Key(String),
    Index(usize),
}

pub(crate) type Place = Vec<Step>;

/// Returns every place, outer ones first, beginning with the root.
pub(crate) fn places(document: &Value) -> Vec<Place> {
    fn walk(value: &Value, here: &Place, found: &mut Vec<Place>) {
        found.push(here.clone());
        let mut inside = |step: Step, inner: &Value| walk(inner, &[here.as_slice(), &[step]].concat(), found);
        match value {
            Value::Object(members) => {
                members.iter().for_each(|(key, inner)| inside(Step::Key(key.clone()), inner));
            }
            Value::Array(items) => {
                items.iter().enumerate().for_each(|(index, inner)| inside(Step::Index(index), inner));
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk(document, &Vec::new(), &mut found);
    found
}

pub(crate) fn at<'a>(document: &'a Value, place: &[Step]) -> &'a Value {
    place.iter().fold(document, |value, step| match step {
        Step::Key(key) => &value[key.as_str()],
        Step::Index(index) => &value[*index],
    })
}

pub(crate) fn at_mut<'a>(document: &'a mut Value, place: &[Step]) -> &'a mut Value {
    place.iter().fold(document, |value, step| match step {
        Step::Key(key) => &mut value[key.as_str()],
        Step::Index(index) => &mut value[*index],
    })
}

/// Returns the document with another value at a place below the root, or without one.
pub(crate) fn with(document: &Value, place: &[Step], value: Option<Value>) -> Value {
    let mut changed = document.clone();
    let (last, parent) = place.split_last().unwrap();
    match (at_mut(&mut changed, parent), last, value) {
        (parent, Step::Key(key), Some(value)) => parent[key.as_str()] = value,
        (parent, Step::Index(index), Some(value)) => parent[*index] = value,
        (Value::Object(members), Step::Key(key), None) => drop(members.remove(key)),
        (Value::Array(items), Step::Index(index), None) => drop(items.remove(*index)),
        _ => {}
    }
    changed
}

/// Returns a place as `data.items[].colour`.
pub(crate) fn shown(place: &[Step]) -> String {
    place.iter().fold(String::new(), |text, step| match step {
        Step::Key(key) if text.is_empty() => key.clone(),
        Step::Key(key) => format!("{text}.{key}"),
        Step::Index(_) => format!("{text}[]"),
    })
}
