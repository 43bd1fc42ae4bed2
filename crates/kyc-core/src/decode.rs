//! From bytes to a value: what was ignored is reported, what failed is located, what was repeated is forgiven.

use serde::de::{self, DeserializeOwned};
use serde_json::{Map, Value};
use serde_path_to_error::Segment;

use crate::error::mask;
use crate::ignored::{self, Path};

mod tree;

use tree::FirstWins;

/// A decoded value and the paths that its type does not know.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Decoded<T> {
    /// The value.
    pub value: T,
    /// Each ignored path once, as `data.items[].colour`; keys that look like personal numbers are masked.
    pub ignored: Vec<String>,
}

/// Why and where decoding failed. Holds no value of the payload.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected} at {path}")]
#[non_exhaustive]
pub struct DecodeFailure {
    /// The JSON path, as `data.items[0].colour`; `.` for the whole.
    pub path: String,
    /// What was expected there.
    pub expected: String,
}

/// Decodes JSON as every client and receiver of this workspace does.
///
/// A key that is sent twice is no failure: the first value that is not null counts. Nor are two spellings of one field:
/// one of them counts, the other is reported as ignored.
///
/// # Errors
/// Not JSON, or a value of another type where one is needed.
///
/// ```
/// #[derive(serde::Deserialize)]
/// struct Answer { id: Option<u32> }
/// let decoded = kyc_core::decode::<Answer>(br#"{"id": 1, "colour": "red"}"#)?;
/// assert_eq!(decoded.value.id, Some(1));
/// assert_eq!(decoded.ignored, ["colour"]);
/// # Ok::<(), kyc_core::DecodeFailure>(())
/// ```
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<Decoded<T>, DecodeFailure> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    // Checked as a whole, which is cheaper than string by string. What is no UTF-8 may stand where nothing is read.
    let read = match str::from_utf8(bytes) {
        Ok(text) => from_json(serde_json::Deserializer::from_str(text)),
        Err(_) => from_json(serde_json::Deserializer::from_slice(bytes)),
    };
    match read {
        Ok(decoded) => Ok(decoded),
        Err(failed) if failed.is_data() => without_repeats(bytes).unwrap_or_else(|| Err(locate::<T>(bytes))),
        Err(_) => Err(locate::<T>(bytes)),
    }
}

fn from_json<'de, T: DeserializeOwned, R: serde_json::de::Read<'de>>(
    mut json: serde_json::Deserializer<R>,
) -> Result<Decoded<T>, serde_json::Error> {
    let decoded = listen(&mut json)?;
    json.end()?;
    Ok(decoded)
}

fn listen<'de, T: DeserializeOwned, D: de::Deserializer<'de>>(json: D) -> Result<Decoded<T>, D::Error> {
    let mut ignored = Vec::new();
    let value = ignored::deserialize(json, &mut |path| {
        let path = show(path);
        if !ignored.contains(&path) {
            ignored.push(path);
        }
    })?;
    Ok(Decoded { value, ignored })
}

/// Decodes once more with repeated keys merged: the same key twice, or two spellings of one. Nothing if none was repeated.
fn without_repeats<T: DeserializeOwned>(bytes: &[u8]) -> Option<Result<Decoded<T>, DecodeFailure>> {
    let FirstWins { mut value, repeated } = serde_json::from_slice(bytes).ok()?;
    let mut dropped = Vec::new();
    while let Some(spellings) = drop_spellings::<T>(&mut value) {
        dropped.extend(spellings);
    }
    if !repeated && dropped.is_empty() {
        return None;
    }
    let decoded = listen(&value).map(|mut decoded: Decoded<T>| {
        decoded.ignored.extend(dropped);
        decoded
    });
    Some(decoded.map_err(|_| match serde_path_to_error::deserialize::<_, T>(&value) {
        Ok(_) => DecodeFailure { path: ".".into(), expected: "a decodable value".into() },
        Err(failed) => explain(&failed),
    }))
}

/// If an object holds a field under several of its spellings, keeps the first that is not null and returns the paths of
/// the others. Only after a failure, so it may take its time.
fn drop_spellings<T: DeserializeOwned>(tree: &mut Value) -> Option<Vec<String>> {
    let (field, path) = repeated_field::<T>(tree)?;
    let object = object_at(tree, &path)?.clone();
    let is_spelling = |key: &String| {
        // With nothing but this key and the field's own name: does serde still find the field twice?
        let mut trial = tree.clone();
        let pair = [(key.clone(), object[key].clone()), (field.clone(), object[key].clone())];
        if let Some(place) = object_at(&mut trial, &path) {
            *place = pair.into_iter().collect();
        }
        let same_place = |found: (String, Vec<Segment>)| found.0 == field && shown(&found.1) == shown(&path);
        *key == field || repeated_field::<T>(&trial).is_some_and(same_place)
    };
    let mut spellings: Vec<String> = object.keys().filter(|key| is_spelling(key)).cloned().collect();
    spellings.sort_by_key(|key| (object[key].is_null(), *key != field));
    if spellings.len() < 2 {
        return None;
    }
    let parent = path.iter().fold(String::new(), |text, segment| join_shown(&text, segment));
    let inner = object_at(tree, &path)?;
    let drop = |key: String| {
        inner.remove(&key);
        join_shown(&parent, &Segment::Map { key })
    };
    Some(spellings.into_iter().skip(1).map(drop).collect())
}

/// The field that serde finds twice, and the object in which it does.
fn repeated_field<T: DeserializeOwned>(tree: &Value) -> Option<(String, Vec<Segment>)> {
    let failed = serde_path_to_error::deserialize::<_, T>(tree).err()?;
    let text = failed.inner().to_string();
    let field = text.strip_prefix("duplicate field `")?.split('`').next()?.to_owned();
    let mut path: Vec<_> = failed.path().iter().cloned().collect();
    // The failure may be located at the second key: the object is around it.
    let mut copy = tree.clone();
    while object_at(&mut copy, &path).is_none() {
        path.pop()?;
    }
    Some((field, path))
}

fn object_at<'a>(tree: &'a mut Value, path: &[Segment]) -> Option<&'a mut Map<String, Value>> {
    path.iter()
        .try_fold(tree, |value, segment| match segment {
            Segment::Seq { index } => value.get_mut(index),
            Segment::Map { key } => value.get_mut(key),
            _ => None,
        })?
        .as_object_mut()
}

fn join_shown(parent: &str, segment: &Segment) -> String {
    match segment {
        Segment::Seq { .. } => format!("{parent}[]"),
        Segment::Map { key } | Segment::Enum { variant: key } if parent.is_empty() => mask(key).to_owned(),
        Segment::Map { key } | Segment::Enum { variant: key } => format!("{parent}.{}", mask(key)),
        Segment::Unknown => format!("{parent}?"),
    }
}

/// A second pass, only after a failure: knowing the path costs more than decoding.
fn locate<T: DeserializeOwned>(bytes: &[u8]) -> DecodeFailure {
    if bytes.trim_ascii().is_empty() {
        return DecodeFailure { path: ".".into(), expected: "JSON, found an empty body".into() };
    }
    let mut json = serde_json::Deserializer::from_slice(bytes);
    match serde_path_to_error::deserialize::<_, T>(&mut json) {
        Ok(_) => DecodeFailure { path: ".".into(), expected: "nothing after the JSON value".into() },
        Err(failed) => explain(&failed),
    }
}

fn explain(failed: &serde_path_to_error::Error<serde_json::Error>) -> DecodeFailure {
    let path: Vec<_> = failed.path().iter().cloned().collect();
    DecodeFailure { path: shown(&path), expected: expectation(failed.inner()) }
}

/// A path with the places in lists: `data.items[0].colour`.
fn shown(path: &[Segment]) -> String {
    let text = path.iter().fold(String::new(), |text, segment| match segment {
        Segment::Seq { index } => format!("{text}[{index}]"),
        other => join_shown(&text, other),
    });
    if text.is_empty() { ".".to_owned() } else { text }
}

/// The part of serde_json's message that names a type. The rest repeats the value that was found.
fn expectation(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    let text = text.strip_suffix(place.as_str()).unwrap_or(&text);
    if !error.is_data() {
        // Syntax and end of input: these messages are fixed texts.
        return format!("valid JSON: {text}{place}");
    }
    match text.rsplit_once(", expected ") {
        Some((_, expected)) => expected.to_owned(),
        None if text.starts_with("missing field `") => text.to_owned(),
        None => "another value".to_owned(),
    }
}

fn show(path: &Path<'_>) -> String {
    match path {
        Path::Root => String::new(),
        Path::Item(parent) => format!("{}[]", show(parent)),
        Path::Key(parent, key) => {
            let parent = show(parent);
            let dot = if parent.is_empty() { "" } else { "." };
            format!("{parent}{dot}{}", mask(key))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Lenient, RedactedText};

    #[derive(serde::Deserialize, Debug, PartialEq)]
    struct Toy {
        id: Option<RedactedText>,
        must: u8,
        list: Option<Vec<Inner>>,
    }

    #[derive(serde::Deserialize, Debug, PartialEq)]
    struct Inner {
        flag: Option<Lenient<bool>>,
    }

    fn failure(json: &str) -> (String, String) {
        let failure = decode::<Toy>(json.as_bytes()).expect_err("not decodable");
        (failure.path, failure.expected)
    }

    #[test]
    fn what_is_ignored_is_named_once() {
        let json = br#"{"must":1,"x":{"y":1},"list":[{"z":1},{"z":2,"flag":"true"}],"52998224725":1}"#;
        let decoded = decode::<Toy>(json).expect("decodable");
        assert_eq!(decoded.ignored, ["x", "list[].z", "…"]);
    }

    #[test]
    fn failures_are_located_and_hold_no_value() {
        assert_eq!(failure(r#"{"must":"52998224725, expected 529"}"#), ("must".into(), "u8".into()));
        assert_eq!(failure(r#"{"id":"1"}"#), (".".into(), "missing field `must`".into()));
        assert_eq!(failure(r#"{"must":1,"list":[{},{"flag":[52998224725]}]}"#).0, "list[1].flag");
        assert_eq!(failure("  ").1, "JSON, found an empty body");
        assert_eq!(failure("{}x52998224725").0, ".");
        assert!(failure("<html>52998224725</html>").1.starts_with("valid JSON: expected value"));
        assert!(!failure(r#"{"must":1}52998224725"#).1.contains("529"));
    }

    #[test]
    fn a_key_sent_twice_counts_once() {
        let decoded =
            decode::<Toy>(br#"{"id":null,"must":1,"id":"a","id":"b","more":1}"#).expect("decodable");
        assert_eq!(decoded.value.id, Some("a".into()));
        assert_eq!(decoded.ignored, ["more"]);
        assert_eq!(failure(r#"{"id":1,"id":2,"must":"x"}"#), ("must".into(), "u8".into()));
    }

    #[derive(serde::Deserialize, Debug)]
    struct Spelt {
        #[serde(alias = "Name", alias = "NAME")]
        name: Option<RedactedText>,
        inner: Option<Vec<Spelt>>,
    }

    #[test]
    fn two_spellings_of_one_field_count_once() {
        let decoded =
            decode::<Spelt>(br#"{"inner":[{"Name":null,"name":"a","x":1,"NAME":null}]}"#).expect("decodable");
        let inner = decoded.value.inner.expect("there").remove(0);
        assert_eq!(inner.name, Some("a".into()), "null counts last");
        assert_eq!(decoded.ignored, ["inner[].x", "inner[].NAME", "inner[].Name"]);
        let decoded = decode::<Spelt>(br#"{"NAME":"a","name":"b","Name":"c"}"#).expect("decodable");
        assert_eq!(decoded.value.name, Some("b".into()), "its own name comes first");
        let decoded = decode::<Spelt>(br#"{"name":"a","Name":"b"}"#).expect("decodable");
        assert!(decoded.value.name.is_some() && decoded.value.inner.is_none());
        assert_eq!(decoded.ignored.len(), 1);
    }

    #[test]
    fn a_byte_order_mark_is_passed_over() {
        assert!(decode::<Toy>(b"\xEF\xBB\xBF{\"must\":1}").is_ok());
    }

    #[test]
    fn what_is_not_utf8_hurts_only_where_it_is_read() {
        let decoded = decode::<Toy>(b"{\"must\":1,\"x\":\"\xE3\"}").expect("decodable");
        assert_eq!(decoded.ignored, ["x"]);
        let failure = decode::<Toy>(b"{\"must\":1,\"id\":\"Jo\xE3o\"}").expect_err("not decodable");
        assert_eq!(failure.path, "id");
        assert!(failure.expected.starts_with("valid JSON: invalid unicode code point"));
    }
}
