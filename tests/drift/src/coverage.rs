//! Whether a row of a vendor's page holds: by running the vendor's crate, never by declaration.

use std::collections::BTreeSet;
use std::fmt;

use anyhow::Result;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::reader::Reader;
use crate::vendor::{Body, Performed, Sent, Vendor};
use crate::vendors;

/// The rows of one vendor's page.
#[derive(Debug, Deserialize)]
pub(crate) struct Question {
    pub(crate) vendor: String,
    pub(crate) rows: Vec<Row>,
}

/// One thing that the page names.
#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum Row {
    /// An operation; one without a path is called by the vendor.
    Operation { of: String, method: String, path: Option<String> },
    /// A field of a request.
    Request { of: String, name: String },
    /// A field of an answer.
    Answer { of: String, status: u16, name: String, sample: Value },
    /// A field of what the vendor sends on its own.
    Event { of: String, name: String, sample: Value },
    /// A field of a body that operations share.
    Shared { of: String, name: String, sample: Value },
    /// A value of a list.
    Code { of: String, name: String },
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

/// What came of a row.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Verdict {
    /// The row as it is named in messages.
    row: String,
    /// Why it is open; nothing for a green one.
    open: Option<String>,
    /// Whether that is as it should be: green, or open and listed as a gap.
    expected: bool,
    /// What helped, or why an open row is known to be open.
    note: Option<String>,
}

/// Green, perhaps with a note; or why not.
type Proof = Result<Option<String>, String>;

pub(crate) async fn prove(question: &Question) -> Result<Vec<Verdict>> {
    let all = vendors::all();
    let Some(vendor) = all.iter().find(|vendor| vendor.name() == question.vendor) else {
        let open = || Some("no file in tests/drift/src/vendors runs this vendor's crate".to_owned());
        let verdict = |row: &Row| Verdict { row: row.to_string(), open: open(), expected: false, note: None };
        return Ok(question.rows.iter().map(verdict).collect());
    };
    verdicts(vendor.as_ref(), &question.rows).await
}

async fn verdicts(vendor: &dyn Vendor, rows: &[Row]) -> Result<Vec<Verdict>> {
    let performed = vendor.perform().await.map_err(|error| format!("the journey failed: {error:#}"));
    let mut verdicts = Vec::new();
    for row in rows {
        let proof = match row {
            Row::Operation { of, method, path } => match &performed {
                Ok(performed) => operation(performed, of, method, path.as_deref()),
                Err(why) => Err(why.clone()),
            },
            Row::Request { of, name } => match vendor.send(of, name).await {
                Ok(Some(sent)) => request(&sent, name),
                Ok(None) => Err("no request sets it".to_owned()),
                Err(error) => Err(format!("the request failed: {error:#}")),
            },
            Row::Answer { of, status, name, sample } => {
                body(vendor, &Body::Answer(of, *status), name, sample)
            }
            Row::Event { of, name, sample } => body(vendor, &Body::Event(of), name, sample),
            Row::Shared { of, name, sample } => body(vendor, &Body::Shared(of), name, sample),
            Row::Code { of, name } => match vendor.knows(of, name) {
                Some(true) => Ok(None),
                Some(false) => Err("decodes to no named variant".to_owned()),
                None => Err("no type stands for this list".to_owned()),
            },
        };
        verdicts.push(verdict(row.to_string(), proof, vendor.gaps()));
    }
    for (gap, _) in vendor.gaps() {
        anyhow::ensure!(
            rows.iter().any(|row| row.to_string() == *gap),
            "{} lists a gap `{gap}`, which is no row of its page",
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
            Verdict { row, open: None, expected: false, note: Some("listed as a gap, yet proven".into()) }
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
            Some(_) => "the sandbox sends it by another method",
            None => "the sandbox sent nothing that the crate's receiver took",
        },
    };
    let failures = performed.failures.iter().map(|failure| format!("; {failure}"));
    Err(failures.fold(why.to_owned(), |text, failure| text + &failure))
}

/// Whether a path is one of a template: a segment in braces stands for any one.
fn fits(template: &str, path: &str) -> bool {
    let is_variable = |segment: &str| segment.starts_with('{') && segment.ends_with('}');
    let mut segments = path.split('/');
    template.split('/').all(|wanted| {
        segments.next().is_some_and(|seen| seen == wanted || is_variable(wanted) && !seen.is_empty())
    }) && segments.next().is_none()
}

/// A request with the field holds all that one without it holds, the field as it was given, and nothing else.
fn request(sent: &Sent, field: &str) -> Proof {
    let (Some(without), Some(with)) = (sent.without.as_object(), sent.with.as_object()) else {
        return Err("the request is no object".to_owned());
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
            .filter(|(key, _)| *key != field)
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect::<Vec<_>>()
    };
    if rest(without) != rest(with) {
        return Err("other fields change with it".to_owned());
    }
    Ok(None)
}

fn body(vendor: &dyn Vendor, body: &Body<'_>, name: &str, sample: &Value) -> Proof {
    match vendor.reader(body) {
        Some(reader) => field(&reader, name, sample),
        None => Err("no type reads this body".to_owned()),
    }
}

/// A body that holds only that field is read with nothing ignored, and written with the same keys.
fn field(reader: &Reader, path: &str, sample: &Value) -> Proof {
    let mut object = match nested(path, sample) {
        Value::Object(object) => object,
        _ => return Err("the page's name for it is no path".to_owned()),
    };
    let mut beside = Vec::new();
    for (needed, value) in &reader.needs {
        if !object.contains_key(*needed) {
            object.insert((*needed).to_owned(), value.clone());
            beside.push(format!("`{needed}`"));
        }
    }
    let sent = Value::Object(object);
    let read = reader.read(sent.to_string().as_bytes())?;
    if !read.ignored.is_empty() {
        return Err(format!("`{}` does not know it", reader.type_name));
    }
    if let Some(written) = &read.written
        && keys(written) != keys(&sent)
    {
        return Err(format!("`{}` does not write it under this name", reader.type_name));
    }
    let notes = [
        read.written.is_none().then(|| "only read: it holds a secret".to_owned()),
        (!beside.is_empty()).then(|| format!("beside {}", beside.join(" and "))),
    ];
    let notes: Vec<_> = notes.into_iter().flatten().collect();
    Ok((!notes.is_empty()).then(|| notes.join("; ")))
}

/// The smallest body that holds the sample at `data.items[].colour`.
fn nested(path: &str, sample: &Value) -> Value {
    path.rsplit('.').fold(sample.clone(), |inner, segment| {
        let (key, inner) = match segment.strip_suffix("[]") {
            Some(key) => (key, Value::Array(vec![inner])),
            None => (segment, inner),
        };
        Value::Object(Map::from_iter([(key.to_owned(), inner)]))
    })
}

/// The path of every key.
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
            Value::Array(list) => list.iter().for_each(|inner| walk(inner, &format!("{at}[]"), found)),
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    walk(value, "", &mut found);
    found
}

#[cfg(test)]
mod tests {
    use kyc_core::Text;
    use serde_json::json;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize, Serialize)]
    struct Toy {
        id: Text,
        #[serde(alias = "Colour", skip_serializing_if = "Option::is_none")]
        colour: Option<Text>,
        #[serde(skip_serializing_if = "Option::is_none")]
        inner: Option<Vec<Inner>>,
    }

    #[derive(Debug, PartialEq, Deserialize, Serialize)]
    struct Inner {
        #[serde(skip_serializing_if = "Option::is_none")]
        size: Option<Text>,
        #[serde(skip_serializing)]
        hidden: Option<Text>,
    }

    fn toy(path: &str) -> Proof {
        field(&Reader::both::<Toy>("Toy").needing("id", "1"), path, &json!("x"))
    }

    #[test]
    fn a_field_is_green_when_it_is_read_and_written_under_its_name() {
        assert_eq!(toy("id"), Ok(None));
        assert_eq!(toy("colour"), Ok(Some("beside `id`".into())));
        assert_eq!(toy("inner[].size"), Ok(Some("beside `id`".into())));
    }

    #[test]
    fn a_field_is_open_when_it_is_unknown_renamed_lost_or_refused() {
        assert_eq!(toy("weight"), Err("`Toy` does not know it".into()));
        assert_eq!(toy("inner[].weight"), Err("`Toy` does not know it".into()));
        assert_eq!(toy("Colour"), Err("`Toy` does not write it under this name".into()));
        assert!(toy("inner[].hidden").is_err());
        let needy = field(&Reader::both::<Toy>("Toy"), "colour", &json!("x"));
        assert_eq!(needy, Err("expected missing field `id` at .".into()));
        assert!(field(&Reader::both::<Toy>("Toy"), "id", &json!({})).is_err());
    }

    #[test]
    fn a_request_may_change_only_in_the_field() {
        let sent = |with: Value| Sent { without: json!({ "a": 1 }), with, expected: json!("x") };
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
    fn a_gap_must_be_open_and_nothing_else_may() {
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
