//! Proves the rows of a vendor's page by running the vendor's crate, never by declaration.

use std::collections::BTreeSet;
use std::fmt;

use anyhow::Result;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::reader::Reader;
use crate::vendor::{Body, Listed, Performed, Sent, Vendor};
use crate::vendors;

/// The rows of one vendor's page.
#[derive(Debug, Deserialize)]
pub(crate) struct Question {
    pub(crate) vendor: String,
    pub(crate) rows: Vec<Row>,
}

/// One item of the page.
#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum Row {
    /// An operation; one without a path is a request by the vendor.
    Operation { of: String, method: String, path: Option<String> },
    /// A field of a request.
    Request { of: String, name: String },
    /// A field of a response.
    Answer { of: String, status: u16, name: String, sample: Value },
    /// A field of an event that the vendor sends.
    Event { of: String, name: String, sample: Value },
    /// A field of a body that operations share.
    Shared { of: String, name: String, sample: Value },
    /// A value of a list.
    Code { of: String, name: String },
}

impl Row {
    /// Returns the body, the name and a sample of a field that is read.
    fn read(&self) -> Option<(Body<'_>, &str, &Value)> {
        match self {
            Self::Answer { of, status, name, sample } => Some((Body::Answer(of, *status), name, sample)),
            Self::Event { of, name, sample } => Some((Body::Event(of), name, sample)),
            Self::Shared { of, name, sample } => Some((Body::Shared(of), name, sample)),
            Self::Operation { .. } | Self::Request { .. } | Self::Code { .. } => None,
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Operation { of, .. } => write!(f, "operation {of}"),
            Self::Request { of, name } => write!(f, "request of {of}: {name}"),
            Self::Answer { of, status, name, .. } => write!(f, "{status} of {of}: {name}"),
            Self::Event { of, name, .. } | Self::Shared { of, name, .. } | Self::Code { of, name } => {
                write!(f, "{of}: {name}")
            }
        }
    }
}

/// The result for a row.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Verdict {
    /// The row as messages name it.
    row: String,
    /// Why the row is open; `None` if it is green.
    open: Option<String>,
    /// Whether this is the expected state: green, or open and listed as a gap.
    expected: bool,
    /// A remark on the proof, or why an open row is known to be open.
    note: Option<String>,
}

/// A note on the proof, if any; or why the row is open.
type Proof = Result<Option<String>, String>;

pub(crate) async fn prove(question: &Question) -> Result<Vec<Verdict>> {
    let all = vendors::all();
    let Some(vendor) = all.iter().find(|vendor| vendor.name() == question.vendor) else {
        let open = || Some("this vendor has no file in tests/drift/src/vendors".to_owned());
        let verdict = |row: &Row| Verdict { row: row.to_string(), open: open(), expected: false, note: None };
        return Ok(question.rows.iter().map(verdict).collect());
    };
    verdicts(vendor.as_ref(), &question.rows).await
}

async fn verdicts(vendor: &dyn Vendor, rows: &[Row]) -> Result<Vec<Verdict>> {
    let performed = vendor.perform().await.map_err(|error| format!("the operations failed: {error:#}"));
    let mut verdicts = Vec::new();
    for row in rows {
        let proof = match row {
            Row::Operation { of, method, path } => match &performed {
                Ok(performed) => operation(performed, of, method, path.as_deref()),
                Err(why) => Err(why.clone()),
            },
            Row::Request { of, name } => match vendor.send(of, name).await {
                Ok(Some(sent)) => request(&sent, name),
                Ok(None) => Err("no request sets this field".to_owned()),
                Err(error) => Err(format!("the request failed: {error:#}")),
            },
            Row::Answer { .. } | Row::Event { .. } | Row::Shared { .. } => body(vendor, row, rows),
            Row::Code { of, name } => code(vendor.listed(of, name), of, name, rows),
        };
        verdicts.push(verdict(row.to_string(), proof, vendor.gaps()));
    }
    for (gap, _) in vendor.gaps() {
        anyhow::ensure!(
            rows.iter().any(|row| row.to_string() == *gap),
            "{} lists a gap `{gap}`, which is not a row of its page",
            vendor.name()
        );
    }
    Ok(verdicts)
}

fn verdict(row: String, proof: Proof, gaps: &[(&str, &str)]) -> Verdict {
    let gap = gaps.iter().find(|(gap, _)| *gap == row).map(|(_, why)| (*why).to_owned());
    match (proof, gap) {
        (Ok(note), None) => Verdict { row, open: None, expected: true, note },
        (Ok(_), Some(_)) => {
            Verdict { row, open: None, expected: false, note: Some("listed as a gap, but proven".into()) }
        }
        (Err(why), gap) => Verdict { row, open: Some(why), expected: gap.is_some(), note: gap },
    }
}

fn operation(performed: &Performed, name: &str, method: &str, path: Option<&str>) -> Proof {
    let why = match path {
        Some(path) => {
            let is_it = |(seen, at): &(String, String)| seen == method && fits(path, at);
            if !performed.sent.iter().any(is_it) {
                "the client sent no such request"
            } else if !performed.served.contains(name) {
                "the sandbox did not serve it"
            } else {
                return Ok(None);
            }
        }
        None => match performed.received.get(name) {
            Some(seen) if seen == method => return Ok(None),
            Some(_) => "the sandbox sends it with another method",
            None => "the sandbox sent no event that the crate's receiver accepted",
        },
    };
    let failures = performed.failures.iter().map(|failure| format!("; {failure}"));
    Err(failures.fold(why.to_owned(), |text, failure| text + &failure))
}

/// Returns whether a path matches a template, whose segments in braces match any segment.
fn fits(template: &str, path: &str) -> bool {
    let is_variable = |segment: &str| segment.starts_with('{') && segment.ends_with('}');
    let mut segments = path.split('/');
    template.split('/').all(|wanted| {
        segments.next().is_some_and(|seen| seen == wanted || is_variable(wanted) && !seen.is_empty())
    }) && segments.next().is_none()
}

/// Proves that a request with the field differs from one without it in that field, which has the given value, and in
/// those that have to change with it.
fn request(sent: &Sent, field: &str) -> Proof {
    let (Some(without), Some(with)) = (sent.without.as_object(), sent.with.as_object()) else {
        return Err("the request is not an object".to_owned());
    };
    if with.get(field) != Some(&sent.expected) {
        return Err(if with.contains_key(field) {
            "sent with another value"
        } else {
            "not sent under this name"
        }
        .to_owned());
    }
    let rest = |body: &Map<String, Value>| {
        body.iter()
            .filter(|(key, _)| *key != field && !sent.together.contains(&key.as_str()))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect::<Vec<_>>()
    };
    if rest(without) != rest(with) {
        return Err("other fields change with it".to_owned());
    }
    if sent.without == sent.with {
        return Ok(Some("always the same".to_owned()));
    }
    let together: Vec<_> = sent.together.iter().map(|other| format!("`{other}`")).collect();
    Ok((!together.is_empty()).then(|| format!("together with {}", together.join(" and "))))
}

/// Proves that a value is a variant of its own and is written unchanged, as the same number, or in another spelling of
/// the list.
fn code(listed: Listed, list: &str, value: &str, rows: &[Row]) -> Proof {
    let is_listed = |text: &str| {
        rows.iter().any(|row| matches!(row, Row::Code { of, name } if of == list && name == text))
    };
    let number = |text: &str| text.parse::<f64>().ok();
    match listed {
        Listed::NoType => Err("this list has no type".to_owned()),
        Listed::Unnamed => Err("has no named variant".to_owned()),
        Listed::Named(written) if written == value => Ok(None),
        Listed::Named(written) => {
            let same_number = number(&written).is_some_and(|it| Some(it) == number(value));
            let how = format!("written as `{written}`");
            if same_number || is_listed(&written) { Ok(Some(how)) } else { Err(how) }
        }
    }
}

fn body(vendor: &dyn Vendor, row: &Row, rows: &[Row]) -> Proof {
    let Some((body, name, sample)) = row.read() else { return Err("this is not a field".to_owned()) };
    let Some(reader) = vendor.reader(&body) else { return Err("no type reads this body".to_owned()) };
    let of_body = rows.iter().filter_map(Row::read).filter(|(other, ..)| *other == body);
    let names = of_body.flat_map(|(_, name, _)| segments(name)).map(|(key, _)| key).collect();
    field(&reader, name, sample, &names)
}

/// Proves that a body with only that field is read with nothing ignored and written with the same keys, or with another
/// documented spelling of them whose body is the same value.
fn field(reader: &Reader, path: &str, sample: &Value, documented: &BTreeSet<&str>) -> Proof {
    let whole = body_of(reader, path, sample)?;
    let sent = whole.body.to_string();
    let reader = reader.of(sent.as_bytes());
    let read = reader.read(sent.as_bytes())?;
    if !read.ignored.is_empty() {
        return Err(format!("`{}` does not know it", reader.type_name));
    }
    let mut notes = Vec::new();
    match &read.written {
        None => notes.push("only read: it contains a secret".to_owned()),
        Some(written) if keys(written) == keys(&whole.body) => {}
        Some(written) => {
            let other = other_name(reader, path, sample, &whole, written)
                .filter(|other| segments(other).all(|(key, _)| documented.contains(key)))
                .ok_or_else(|| format!("`{}` does not write it under this name", reader.type_name))?;
            notes.push(format!("written as `{other}`"));
        }
    }
    if !whole.beside.is_empty() {
        let beside: Vec<_> = whole.beside.iter().map(|needed| format!("`{needed}`")).collect();
        notes.push(format!("beside {}", beside.join(" and ")));
    }
    Ok((!notes.is_empty()).then(|| notes.join("; ")))
}

/// Returns the name under which a field is written, if a body with that name is the same value.
fn other_name(reader: &Reader, path: &str, sample: &Value, sent: &Whole, written: &Value) -> Option<String> {
    let name = renamed(path, written, &sent.beside)?;
    let is_it = |name: &String| {
        let Ok(other) = body_of(reader, name, sample).map(|whole| whole.body) else { return false };
        let is_same = reader.is_same(sent.body.to_string().as_bytes(), other.to_string().as_bytes());
        is_same && keys(&other) == keys(written)
    };
    // A single value may be written as a list.
    let list = format!("{name}[]");
    [name, list].into_iter().find(is_it)
}

/// Returns the path in a body with a single field that corresponds to a path of another body.
fn renamed(path: &str, body: &Value, beside: &[&str]) -> Option<String> {
    let (mut at, mut name) = (body, String::new());
    for (_, is_list) in segments(path) {
        if let Some(list) = at.as_array() {
            // A list where the other body has a single value.
            name += if name.is_empty() { "" } else { "[]" };
            at = list.first()?;
        }
        let mut keys =
            at.as_object()?.iter().filter(|(key, _)| !name.is_empty() || !beside.contains(&key.as_str()));
        let (Some((key, inner)), None) = (keys.next(), keys.next()) else { return None };
        let dot = if name.is_empty() { "" } else { "." };
        let list = if is_list { "[]" } else { "" };
        name += &format!("{dot}{key}{list}");
        at = if is_list { inner.as_array()?.first()? } else { inner };
    }
    Some(name)
}

/// A body with one field and the required ones.
struct Whole {
    body: Value,
    beside: Vec<&'static str>,
}

fn body_of(reader: &Reader, path: &str, sample: &Value) -> Result<Whole, String> {
    let Value::Object(mut object) = nested(path, sample) else {
        return Err("its name on the page is not a path".to_owned());
    };
    let mut beside = Vec::new();
    for (needed, value) in &reader.needs {
        if !object.contains_key(*needed) {
            object.insert((*needed).to_owned(), value.clone());
            beside.push(*needed);
        }
    }
    Ok(Whole { body: Value::Object(object), beside })
}

/// Returns the keys of `data.items[].colour`, and whether each has a list.
fn segments(path: &str) -> impl DoubleEndedIterator<Item = (&str, bool)> {
    path.split('.').map(|segment| match segment.strip_suffix("[]") {
        Some(key) => (key, true),
        None => (segment, false),
    })
}

/// Returns the smallest body with the sample at `data.items[].colour`.
fn nested(path: &str, sample: &Value) -> Value {
    segments(path).rfold(sample.clone(), |inner, (key, is_list)| {
        let inner = if is_list { Value::Array(vec![inner]) } else { inner };
        Value::Object(Map::from_iter([(key.to_owned(), inner)]))
    })
}

/// Returns the path of every key. A body that is a list has the keys of its items.
fn keys(value: &Value) -> BTreeSet<String> {
    fn walk(value: &Value, at: &str, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(object) => {
                for (key, inner) in object {
                    let path = if at.is_empty() { key.clone() } else { format!("{at}.{key}") };
                    walk(inner, &path, found);
                    found.insert(path);
                }
            }
            Value::Array(list) => {
                let at = if at.is_empty() { String::new() } else { format!("{at}[]") };
                list.iter().for_each(|inner| walk(inner, &at, found));
            }
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    walk(value, "", &mut found);
    found
}

#[cfg(test)]
mod tests {
    use kyc_core::RedactedText;
    use serde_json::json;

    use super::*;
    use crate::reader::listed;

    #[derive(Debug, PartialEq, Deserialize, Serialize)]
    struct Toy {
        id: RedactedText,
        #[serde(alias = "Colour", skip_serializing_if = "Option::is_none")]
        colour: Option<RedactedText>,
        #[serde(rename = "mass", alias = "Weight", skip_serializing_if = "Option::is_none")]
        weight: Option<RedactedText>,
        #[serde(alias = "Inner", skip_serializing_if = "Option::is_none")]
        inner: Option<Vec<Inner>>,
    }

    #[derive(Debug, PartialEq, Deserialize, Serialize)]
    struct Inner {
        #[serde(alias = "Size", skip_serializing_if = "Option::is_none")]
        size: Option<RedactedText>,
        #[serde(skip_serializing)]
        hidden: Option<RedactedText>,
    }

    #[derive(Debug, PartialEq, Deserialize, Serialize)]
    struct Other {
        #[serde(skip_serializing_if = "Option::is_none")]
        shape: Option<RedactedText>,
    }

    /// The page documents all fields of the toy but its weight.
    fn toy(path: &str) -> Proof {
        let documented = ["id", "colour", "inner", "size", "hidden"].into();
        field(&Reader::both::<Toy>("Toy").needing("id", "1"), path, &json!("x"), &documented)
    }

    #[test]
    fn a_field_is_green_when_it_is_read_and_written_under_its_name() {
        assert_eq!(toy("id"), Ok(None));
        assert_eq!(toy("colour"), Ok(Some("beside `id`".into())));
        assert_eq!(toy("inner[].size"), Ok(Some("beside `id`".into())));
    }

    #[test]
    fn a_field_is_green_under_another_name_that_the_page_has() {
        assert_eq!(toy("Colour"), Ok(Some("written as `colour`; beside `id`".into())));
        assert_eq!(toy("inner[].Size"), Ok(Some("written as `inner[].size`; beside `id`".into())));
        assert_eq!(toy("Inner[].Size"), Ok(Some("written as `inner[].size`; beside `id`".into())));
        let toy = Reader::both::<Toy>("Toy").needing("id", "1");
        let alone = field(&toy, "Colour", &json!("x"), &["Colour"].into());
        assert_eq!(alone, Err("`Toy` does not write it under this name".into()));
    }

    #[test]
    fn a_field_is_open_when_it_is_unknown_renamed_lost_or_refused() {
        assert_eq!(toy("weight"), Err("`Toy` does not know it".into()));
        assert_eq!(toy("inner[].weight"), Err("`Toy` does not know it".into()));
        assert_eq!(toy("Weight"), Err("`Toy` does not write it under this name".into()));
        assert!(toy("inner[].hidden").is_err());
        let needy = field(&Reader::both::<Toy>("Toy"), "colour", &json!("x"), &BTreeSet::new());
        assert_eq!(needy, Err("expected missing field `id` at .".into()));
        assert!(field(&Reader::both::<Toy>("Toy"), "id", &json!({ "a": 1 }), &BTreeSet::new()).is_err());
    }

    #[test]
    fn a_body_may_be_read_by_two_types() {
        let reader = Reader::both::<Inner>("Inner").or(Reader::both::<Other>("Other"));
        let proof = |path| field(&reader, path, &json!("x"), &BTreeSet::new());
        assert_eq!(proof("size"), Ok(None));
        assert_eq!(proof("shape"), Ok(None));
        assert_eq!(proof("weight"), Err("`Inner` does not know it".into()));
    }

    #[test]
    fn a_body_may_be_a_list_or_one_of_its_items() {
        let reader = Reader::each::<Inner>("Inner");
        assert_eq!(field(&reader, "size", &json!("x"), &BTreeSet::new()), Ok(None));
        assert_eq!(
            field(&reader, "Size", &json!("x"), &["size"].into()),
            Ok(Some("written as `size`".into()))
        );
        assert_eq!(
            field(&reader, "weight", &json!("x"), &BTreeSet::new()),
            Err("`Inner` does not know it".into())
        );
        let written = reader.read(br#"[{"size":"x"},{"Size":"y"}]"#).unwrap().written.unwrap();
        assert_eq!(written, json!([{ "size": "x" }, { "size": "y" }]));
    }

    #[test]
    fn one_value_may_be_written_as_a_list() {
        #[derive(Debug, PartialEq, Deserialize, Serialize)]
        struct Many {
            #[serde(skip_serializing_if = "Option::is_none")]
            data: Option<kyc_core::OneOrMany<Inner>>,
        }
        let proof = |path| field(&Reader::both::<Many>("Many"), path, &json!("x"), &["data", "size"].into());
        assert_eq!(proof("data[].size"), Ok(None));
        assert_eq!(proof("data.size"), Ok(Some("written as `data[].size`".into())));
        let whole =
            field(&Reader::both::<Many>("Many"), "data", &json!({ "size": "x" }), &["data", "size"].into());
        assert_eq!(whole, Ok(Some("written as `data[]`".into())));
        assert!(proof("data.weight").is_err());
        assert!(proof("data.hidden").is_err());
    }

    #[test]
    fn a_value_is_green_when_it_is_named_and_written_as_a_listed_one() {
        kyc_core::open_enum! {
            /// Words.
            pub enum Word: text {
                /// Went wrong.
                Error = "Erro" | "Error",
            }
        }
        kyc_core::open_enum! {
            /// Numbers.
            pub enum Code: number {
                /// None.
                Nothing = 0,
                /// Fine.
                Fine = 200.0,
            }
        }
        let rows: Vec<_> =
            ["Erro", "Error"].map(|name| Row::Code { of: "Words".into(), name: name.into() }).into();
        let word =
            |value| code(listed(value, |word| !matches!(word, Word::Unknown(_))), "Words", value, &rows);
        let number =
            |value| code(listed(value, |code| !matches!(code, Code::Unknown(_))), "Codes", value, &rows);
        assert_eq!(word("Erro"), Ok(None));
        assert_eq!(word("Error"), Ok(Some("written as `Erro`".into())));
        assert_eq!(word("ERROR"), Ok(Some("written as `Erro`".into())));
        assert_eq!(word("Other"), Err("has no named variant".into()));
        let unlisted = listed("Error", |word| !matches!(word, Word::Unknown(_)));
        assert_eq!(code(unlisted, "Words", "Error", &[]), Err("written as `Erro`".into()));
        assert_eq!(number("200.0"), Ok(None));
        assert_eq!(number("200"), Ok(Some("written as `200.0`".into())));
        assert_eq!(number("000"), Ok(Some("written as `0`".into())));
        assert!(number("201").is_err());
        assert!(code(Listed::NoType, "None", "x", &rows).is_err());
    }

    #[test]
    fn a_request_may_change_only_in_the_field() {
        let sent =
            |with: Value| Sent { without: json!({ "a": 1 }), with, expected: json!("x"), together: &[] };
        assert_eq!(request(&sent(json!({ "a": 1, "b": "x" })), "b"), Ok(None));
        assert_eq!(request(&sent(json!({ "a": "x" })), "a"), Ok(None));
        for with in [
            json!({ "a": 1 }),
            json!({ "a": 1, "b": 2 }),
            json!({ "a": 2, "b": "x" }),
            json!({ "a": 1, "b": "x", "c": 1 }),
            json!("b"),
        ] {
            assert!(request(&sent(with), "b").is_err());
        }
        let always = Sent { with: json!({ "a": 1 }), expected: json!(1), ..sent(Value::Null) };
        assert_eq!(request(&always, "a"), Ok(Some("always the same".into())));
        let together = Sent { together: &["a"], ..sent(json!({ "a": 2, "b": "x" })) };
        assert_eq!(request(&together, "b"), Ok(Some("together with `a`".into())));
        assert!(request(&Sent { together: &["c"], ..together }, "b").is_err());
    }

    #[test]
    fn an_operation_is_green_when_it_was_sent_and_served() {
        let performed = Performed {
            sent: [("GET".to_owned(), "/v1/things/7".to_owned())].into(),
            served: ["thing".to_owned()].into(),
            received: [("event".to_owned(), "POST".to_owned())].into(),
            failures: vec!["it broke".to_owned()],
        };
        assert_eq!(operation(&performed, "thing", "GET", Some("/v1/things/{id}")), Ok(None));
        assert_eq!(operation(&performed, "event", "POST", None), Ok(None));
        for (name, method, path) in [
            ("thing", "POST", Some("/v1/things/{id}")),
            ("thing", "GET", Some("/v1/things")),
            ("thing", "GET", Some("/v1/things/{id}/parts")),
            ("other", "GET", Some("/v1/things/{id}")),
            ("event", "PUT", None),
            ("thing", "POST", None),
        ] {
            let why = operation(&performed, name, method, path).unwrap_err();
            assert!(why.ends_with("; it broke"), "{name} {method} {path:?} {why}");
        }
    }

    #[test]
    fn a_gap_must_be_open_and_every_other_row_green() {
        let gaps = [("a", "the vendor took it back")];
        let of = |row: &str, proof| verdict(row.to_owned(), proof, &gaps).expected;
        assert!(of("a", Err("x".into())));
        assert!(!of("a", Ok(None)));
        assert!(of("b", Ok(None)));
        assert!(!of("b", Err("x".into())));
    }

    #[tokio::test]
    async fn a_vendor_without_a_file_is_open() {
        let rows = vec![Row::Code { of: "List".into(), name: "x".into() }];
        let verdicts = prove(&Question { vendor: "nobody".into(), rows }).await.unwrap();
        assert!(verdicts.iter().all(|verdict| verdict.open.is_some() && !verdict.expected));
    }
}
