//! Proves the rows of a vendor's page, and describes the result for docs/coverage.md. A row is open only if it says so on the
//! page.

mod page;
mod render;
mod tables;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use kyc_fixtures::Fixture;
use serde_json::{Map, Value};
use walkdir::WalkDir;

pub use page::Body;
use page::{Item, Page, Row, keys};
use tables::Cell;

use crate::reader::{Listed, Read, Reader};

/// A vendor's crate, as its tests prove its page.
#[derive(Clone, Copy, Debug)]
pub struct Coverage {
    /// The name of the crate and of the page.
    pub vendor: &'static str,
    /// Returns the reader of a body; `None` if no type reads it.
    pub reader: fn(Body) -> Option<Reader>,
    /// The lists of the page, by heading.
    pub lists: &'static [(&'static str, Listed)],
    /// Returns the names of the sandbox's operations.
    pub operations: fn() -> Vec<&'static str>,
    /// The tests whose snapshots hold requests, and the paths of the base URLs that they were sent to.
    pub requests: &'static [(&'static str, &'static [&'static str])],
}

/// Begins the cell of a test that there cannot be; the reason follows.
const OPEN: &str = "open: ";

/// Why a row is open, or a remark on its proof.
type Proof = Result<String, String>;

/// A request of a snapshot.
#[derive(Debug)]
struct Sent {
    method: String,
    path: String,
    fields: Vec<(String, Value)>,
    whole: Value,
}

impl Coverage {
    /// Proves every row of the page, and writes its part of docs/coverage.md to the folder `PROOFS`, if that is set.
    pub fn prove(&self) {
        let (page, sent) = (self.page(), self.all_sent());
        let proofs: Vec<_> = page.rows.iter().map(|row| self.proof(row, &page, &sent)).collect();
        let faults: Vec<_> =
            page.rows.iter().zip(&proofs).filter_map(|(row, proof)| fault(row, proof)).collect();
        assert!(faults.is_empty(), "{} rows:\n{}", faults.len(), faults.join("\n"));
        crate::output(&format!("{}.md", self.vendor), &render::section(self.vendor, &page, &proofs));
    }

    /// Returns the schemas of the types that read the bodies of the page.
    pub(crate) fn schemas(&self) -> Vec<Value> {
        let bodies = self.page().rows.into_iter().filter_map(|row| match row.item {
            Item::Field { body, .. } => (self.reader)(body),
            _ => None,
        });
        bodies.flat_map(|reader| reader.schemas()).collect()
    }

    /// Reads a body of a fixture's kind; `None` if it is refused, or no type reads it.
    pub(crate) fn again(&self, fixture: &Fixture, body: &str) -> Option<Read> {
        (self.reader)(Body::of(fixture))?.of(body.as_bytes()).read(body.as_bytes()).ok()
    }

    /// Returns the bodies of an operation's requests.
    pub(crate) fn bodies(&self, operation: &str) -> Vec<Value> {
        let (page, sent) = (self.page(), self.all_sent());
        requests_of(&page, operation, &sent).iter().map(|sent| sent.whole["body"].clone()).collect()
    }

    /// Returns the crate's sources, concatenated.
    pub(crate) fn sources(&self) -> String {
        let entries =
            WalkDir::new(root().join("crates").join(self.vendor).join("src")).into_iter().map(Result::unwrap);
        let files = entries.filter(|entry| entry.file_type().is_file());
        files.map(|file| fs::read_to_string(file.path()).unwrap()).collect()
    }

    fn page(&self) -> Page {
        let text = fs::read_to_string(root().join(format!("docs/vendors/{}.md", self.vendor))).unwrap();
        page::parse(&text, &self.fixtures())
    }

    fn fixtures(&self) -> Vec<&'static Fixture> {
        kyc_fixtures::vendor(self.vendor).collect()
    }

    fn all_sent(&self) -> Vec<Sent> {
        self.requests.iter().flat_map(|(test, bases)| self.sent(test, bases)).collect()
    }

    fn proof(&self, row: &Row, page: &Page, sent: &[Sent]) -> Proof {
        let named = row.test.as_ref().map(|cell| self.named(cell)).transpose()?;
        let of = |operation| requests_of(page, operation, sent);
        match &row.item {
            Item::Operation { path: Some(_), .. } if of(row.name).is_empty() => {
                Err("no snapshot has such a request".to_owned())
            }
            Item::Operation { path: Some(_), .. } if !(self.operations)().contains(&row.name) => {
                Err("the sandbox has no such operation".to_owned())
            }
            Item::Operation { .. } | Item::Fact { operation: None, .. } => {
                named.ok_or_else(|| "no test is named".to_owned())
            }
            Item::Fact { .. } if named.is_some() => Ok(named.unwrap_or_default()),
            Item::Fact { kind: "header", operation: Some(operation), codes } => {
                header(&of(operation), row.name, codes)
            }
            Item::Fact { operation: Some(operation), codes, .. } => self.status(operation, row.name, codes),
            Item::Field { body: Body::Request(operation), .. } => sent_field(&of(operation), row.name),
            Item::Field { body, sample, .. } => {
                let reader = (self.reader)(*body).ok_or("no type reads this body")?;
                field(&reader, row.name, sample, &documented(page, *body))
            }
            Item::Value { list } => self.value(list, row.name, page),
        }
    }

    /// Checks that each test of a cell exists, and returns its text.
    fn named(&self, cell: &Cell) -> Proof {
        if let Some(why) = cell.text.strip_prefix(OPEN) {
            return Err(why.to_owned());
        }
        let lost: Vec<_> = cell
            .codes
            .iter()
            .filter(|test| !self.has_test(test))
            .map(|test| format!("there is no test `{test}`"))
            .collect();
        match cell.codes.as_slice() {
            [] => Err("no test is named".to_owned()),
            tests if lost.is_empty() => Ok(format!("`{}`", tests.join("`, `"))),
            _ => Err(lost.join(", ")),
        }
    }

    /// Returns whether `answers::name` is a test of this crate, or `sandbox::faults::name` of the sandbox.
    fn has_test(&self, test: &str) -> bool {
        let (folder, path) = match test.split_once("::") {
            Some(("sandbox", path)) => ("kyc-sandbox/tests".to_owned(), path),
            _ => (format!("{}/tests", self.vendor), test),
        };
        let Some((module, function)) = path.rsplit_once("::") else { return false };
        let file = root().join("crates").join(folder).join(format!("{}.rs", module.replace("::", "/")));
        let text = fs::read_to_string(file).unwrap_or_default();
        let before = text.split_once(&format!("fn {function}(")).map_or("", |(before, _)| before);
        before
            .rsplit("\n}\n")
            .next()
            .is_some_and(|attributes| attributes.contains("test]\n") || attributes.contains("test("))
    }

    /// Returns the requests in a test's snapshot. An entry may have a name.
    fn sent(&self, test: &str, bases: &[&str]) -> Vec<Sent> {
        assert!(self.has_test(test), "there is no test {test}");
        let file = format!("crates/{}/tests/snapshots/main__{}.snap", self.vendor, test.replace("::", "__"));
        let text = fs::read_to_string(root().join(&file)).unwrap_or_else(|_| panic!("there is no {file}"));
        let list: Vec<Value> = serde_json::from_str(text.splitn(3, "---\n").nth(2).unwrap()).unwrap();
        let whole = |entry: Value| if entry.is_array() { entry[1].clone() } else { entry };
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let sent = |whole: Value| {
            let path = text(&whole["path"]);
            let base = bases.iter().find(|base| path.starts_with(**base)).unwrap_or(&"");
            Sent {
                method: text(&whole["method"]),
                path: path[base.len()..].to_owned(),
                fields: fields(&whole),
                whole,
            }
        };
        list.into_iter().map(whole).map(sent).collect()
    }

    /// Proves that a value is a variant of its own and is written unchanged, as the same number, or in another spelling of the
    /// list.
    fn value(&self, list: &str, value: &str, page: &Page) -> Proof {
        let listed = self.lists.iter().find(|(of, _)| *of == list).ok_or("this list has no type")?.1;
        let written = listed(value).ok_or("has no named variant")?;
        let number = |text: &str| text.parse::<f64>().ok();
        let is_it =
            |row: &Row| matches!(row.item, Item::Value { list: of } if of == list) && row.name == written;
        let is_listed = page.rows.iter().any(is_it);
        match format!("written as `{written}`") {
            _ if written == value => Ok(String::new()),
            how if is_listed || number(&written).is_some_and(|it| Some(it) == number(value)) => Ok(how),
            how => Err(how),
        }
    }

    /// Proves that the fixtures are responses with that status, which the crate reads whole.
    fn status(&self, operation: &'static str, status: &str, fixtures: &[&str]) -> Proof {
        if fixtures.is_empty() {
            return Err("no fixture and no test".to_owned());
        }
        for name in fixtures {
            let fixture = kyc_fixtures::find(self.vendor, name).ok_or("names an unknown fixture")?;
            let known = fixture.status.unwrap_or_default();
            // Failures share fixtures.
            if !status.contains(&known.to_string()) || known < 300 && fixture.operation != operation {
                return Err(format!("`{name}` is a {known} of `{}`", fixture.operation));
            }
            if !fixture.body.is_empty() {
                let read = self.again(fixture, fixture.body).ok_or("no type reads a fixture")?;
                read.ignored.is_empty().then_some(()).ok_or("a fixture has an unknown field")?;
            }
        }
        Ok(String::new())
    }
}

/// Returns why a row is open, if the page does not say so.
fn fault(row: &Row, proof: &Proof) -> Option<String> {
    let says_so = row.test.as_ref().is_some_and(|cell| cell.text.starts_with(OPEN));
    proof.as_ref().err().filter(|_| !says_so).map(|why| format!("{row}: {why}"))
}

/// The repository. Set by cargo at the start, not at the build: two checkouts may share a target folder.
fn root() -> PathBuf {
    PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("../..")
}

/// Returns the requests of an operation, by method and path.
fn requests_of<'a>(page: &Page, operation: &str, sent: &'a [Sent]) -> Vec<&'a Sent> {
    let row =
        page.rows.iter().find(|row| row.name == operation && matches!(row.item, Item::Operation { .. }));
    let Some(Row { item: Item::Operation { method, path: Some(path), .. }, .. }) = row else {
        return Vec::new();
    };
    sent.iter().filter(|sent| sent.method == *method && fits(path, &sent.path)).collect()
}

/// Returns whether a path matches a template, whose segments in braces match any segment.
fn fits(template: &str, path: &str) -> bool {
    let is_variable = |segment: &str| segment.starts_with('{') && segment.ends_with('}');
    let fits = |(wanted, seen): (&str, &str)| seen == wanted || is_variable(wanted) && !seen.is_empty();
    template.matches('/').count() == path.matches('/').count()
        && template.split('/').zip(path.split('/')).all(fits)
}

/// Returns the fields of a query, a form, a multipart body or JSON.
fn fields(request: &Value) -> Vec<(String, Value)> {
    let query = request["query"].as_str().unwrap_or_default().split('&');
    let query = query.filter_map(|pair| pair.split_once('='));
    let mut fields: Vec<_> = query.map(|(name, value)| (name.to_owned(), Value::from(value))).collect();
    let body = &request["body"];
    for field in body.as_array().into_iter().flatten() {
        let part = |head: &str| head.split("; name=\"").nth(1)?.split('"').next().map(str::to_owned);
        let name = field[0].as_str().map(str::to_owned).or_else(|| part(field[0][0].as_str()?));
        fields.extend(name.map(|name| (name, field[1].clone())));
    }
    fields.extend(body.as_object().is_some().then(|| keys(body)).into_iter().flatten());
    fields
}

/// Proves that an operation sends a field. A request in which another field has the same value would not tell them apart.
fn sent_field(sent: &[&Sent], name: &str) -> Proof {
    let value = |sent: &Sent| sent.fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    let is_told = |sent: &&&Sent| {
        let value = value(sent);
        value.is_some() && sent.fields.iter().all(|(key, other)| key == name || Some(other) != value.as_ref())
    };
    if sent.iter().find(is_told).is_none() {
        return Err("no snapshot has a request with this field and a value of its own".to_owned());
    }
    let is_optional = sent.iter().any(|sent| value(sent).is_none());
    Ok(if is_optional { "optional".to_owned() } else { String::new() })
}

/// Proves that every request of an operation has the header with a documented value, or as much of it as is not a placeholder.
fn header(sent: &[&Sent], name: &str, values: &[&str]) -> Proof {
    let is_sent = |sent: &&Sent| {
        let Some(header) = sent.whole[name.to_lowercase()].as_str() else { return false };
        values.iter().any(|value| match value.split_once('{') {
            Some((fixed, _)) => header.starts_with(fixed),
            None => header == *value,
        })
    };
    let is_always_sent = !sent.is_empty() && sent.iter().all(is_sent);
    is_always_sent.then(String::new).ok_or_else(|| "a request has another value or none".to_owned())
}

/// Returns the keys of a body's documented fields.
fn documented(page: &Page, body: Body) -> BTreeSet<&'static str> {
    let of = |row: &&Row| matches!(row.item, Item::Field { body: other, .. } if other == body);
    page.rows.iter().filter(of).flat_map(|row| segments(row.name)).map(|(key, _)| key).collect()
}

/// Proves that a body with only that field is read with nothing ignored, and is written with the same keys or with other
/// documented ones, which are read as the same value.
fn field(reader: &Reader, path: &str, sample: &Value, documented: &BTreeSet<&str>) -> Proof {
    let Value::Object(mut body) = nested(path, sample) else { return Err("not a path".to_owned()) };
    let mut beside = Vec::new();
    for (needed, value) in &reader.needs {
        if !body.contains_key(*needed) {
            body.insert((*needed).to_owned(), value.clone());
            beside.push(*needed);
        }
    }
    let body = Value::Object(body);
    let text = body.to_string();
    let reader = reader.of(text.as_bytes());
    let read = reader.read(text.as_bytes()).map_err(|failure| failure.to_string())?;
    if !read.ignored.is_empty() {
        return Err(format!("`{}` does not know it", reader.name));
    }
    let mut notes = Vec::new();
    match &read.written() {
        None => notes.push("only read: it contains a secret".to_owned()),
        Some(written) if names(written) == names(&body) => {}
        Some(written) => {
            let other = renamed(written, sample, &beside)
                .filter(|other| segments(other).all(|(key, _)| documented.contains(key)))
                .ok_or_else(|| format!("`{}` does not write it under this name", reader.name))?;
            notes.push(format!("written as `{other}`"));
        }
    }
    if !beside.is_empty() {
        notes.push(format!("beside `{}`", beside.join("` and `")));
    }
    Ok(notes.join("; "))
}

fn names(body: &Value) -> BTreeSet<String> {
    keys(body).into_iter().map(|(name, _)| name).collect()
}

/// Returns the path of the sample in a body that holds it alone, or as the only item of a list.
fn renamed(written: &Value, sample: &Value, beside: &[&str]) -> Option<String> {
    let mut written = written.clone();
    beside.iter().for_each(|needed| drop(written.as_object_mut().map(|object| object.remove(*needed))));
    let shape = |name: &str| {
        let alone = names(&nested(name, sample));
        (alone == names(&written)).then(|| name.to_owned())
    };
    keys(&written).iter().find_map(|(name, _)| shape(name).or_else(|| shape(&format!("{name}[]"))))
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

#[cfg(test)]
mod tests;
