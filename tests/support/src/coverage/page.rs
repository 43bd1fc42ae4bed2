//! Reads the rows of a vendor's page. The heading of a table's first column determines what its rows are; the keys of a
//! fixture are fields.
//!
//! | first column | the table lists | place |
//! | --- | --- | --- |
//! | `operation` | operations: name, method and path, a link to the section, tests | anywhere, once |
//! | `request field` | fields of an operation's request | in the operation's section |
//! | `field of the 200` | fields of its response with that status | in the operation's section |
//! | `field` | fields of a request by the vendor, or of a body that operations share | in the section of an operation without a path; under any other heading |
//! | `value`, `level`, `code` | a closed list | under the heading that names the list |
//! | `header`, `status` | headers of an operation's request, statuses of its response | in the operation's section |
//! | any other | facts: rules, lifetimes, limits, texts; a column `test` names what proves them | anywhere |
//! | `subject` | nothing that is proved here | anywhere |
//!
//! Names are in backticks; `items[].colour` is a field of each item of a list. The fields of a body that is a list are those of
//! its items. Failures share the body under [`ERROR_BODIES`], if the page has that heading.

use std::collections::BTreeSet;
use std::fmt;

use kyc_fixtures::{Fixture, FixtureKind, MediaType};
use serde_json::{Value, json};

use super::tables::{Cell, Table, Text, tables};
use crate::tree::{Step, at, places, shown};

/// The heading of the body that failures share.
const ERROR_BODIES: &str = "Error bodies";

/// Sections that state nothing about the vendor that a test could hold.
const WITHOUT_ROWS: [&str; 3] = ["Neighbours", "Not known", "Quirks"];

/// A body on a vendor's page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    /// The request of an operation.
    Request(Text),
    /// The response of an operation with that status.
    Answer(Text, u16),
    /// An event that the vendor sends.
    Event(Text),
    /// A body that several operations share, by its heading.
    Shared(Text),
}

impl Body {
    /// Returns the body that a fixture is an example of.
    pub fn of(fixture: &Fixture) -> Self {
        match (fixture.kind, fixture.status) {
            (FixtureKind::Request, _) => Self::Request(fixture.operation),
            (_, Some(status)) => Self::Answer(fixture.operation, status),
            _ => Self::Event(fixture.operation),
        }
    }
}

/// One item of a page.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row {
    pub(super) item: Item,
    pub(super) name: Text,
    /// The tests that the page names, or why there is none.
    pub(super) test: Option<Cell>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Item {
    /// One without a path is a request by the vendor.
    Operation {
        method: Text,
        path: Option<Text>,
        section: Text,
    },
    Field {
        body: Body,
        sample: Value,
        in_table: bool,
        fixtures: usize,
    },
    Value {
        list: Text,
    },
    /// A header or a status of an operation, with its values or fixtures; or any other fact.
    Fact {
        kind: Text,
        operation: Option<Text>,
        codes: Vec<Text>,
    },
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name;
        match &self.item {
            Item::Operation { .. } => write!(f, "operation {name}"),
            Item::Field { body: Body::Request(of), .. } => write!(f, "request of {of}: {name}"),
            Item::Field { body: Body::Answer(of, status), .. } => write!(f, "{status} of {of}: {name}"),
            Item::Field { body: Body::Event(of) | Body::Shared(of), .. } => write!(f, "{of}: {name}"),
            Item::Value { list } => write!(f, "{list}: {name}"),
            Item::Fact { kind, operation: Some(operation), .. } => write!(f, "{kind} of {operation}: {name}"),
            Item::Fact { kind, .. } => write!(f, "{kind}: {name}"),
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) title: Text,
    pub(super) rows: Vec<Row>,
    /// The fields whose sample is from a fixture.
    shown: BTreeSet<usize>,
}

/// Parses a page with its fixtures.
pub(super) fn parse(text: &str, fixtures: &[&Fixture]) -> Page {
    let (headings, tables, mut with_rows) = tables(text);
    let mut page = Page { title: headings[0], ..Page::default() };
    tables.iter().filter(|table| table.head[0] == "operation").for_each(|table| page.operations(table));
    tables.iter().filter(|table| table.head[0] != "operation").for_each(|table| page.table(table));
    fixtures.iter().for_each(|fixture| page.fixture(fixture));
    for table in &tables {
        let named = table.rows.iter().flat_map(|row| table.codes(row, "fixture"));
        for name in named {
            let is_known = fixtures.iter().any(|fixture| fixture.name == *name);
            assert!(is_known, "{}: there is no fixture `{name}` on this page", table.at());
        }
        with_rows.extend(table.headings.iter().map(|(_, heading)| *heading));
        with_rows
            .extend(table.rows.iter().filter_map(|row| table.cell(row, "section")).map(|cell| cell.text));
    }
    with_rows.extend(WITHOUT_ROWS);
    let empty: Vec<_> = headings.into_iter().filter(|heading| !with_rows.contains(heading)).collect();
    assert!(empty.is_empty(), "sections without a row: {}", empty.join(", "));
    page
}

impl Page {
    fn operations(&mut self, table: &Table) {
        for row in &table.rows {
            let (name, address) = (table.code(row, 0), table.code(row, 1));
            let (method, path) =
                address.split_once(' ').map_or((address, None), |(method, path)| (method, Some(path)));
            let section = table.text(row, "section");
            let test = table.cell(row, "test").cloned();
            self.rows.push(Row { item: Item::Operation { method, path, section }, name, test });
        }
    }

    fn table(&mut self, table: &Table) {
        let (first, operation) = (table.head[0], self.operation_of(table));
        let body = match (first, operation) {
            ("request field", Some((name, _))) => Some(Body::Request(name)),
            ("field", Some((name, false))) => Some(Body::Event(name)),
            ("field", Some(_)) => panic!("{}: use `request field` or `field of the 200`", table.at()),
            ("field", None) => Some(Body::Shared(table.heading())),
            _ => first.strip_prefix("field of the ").map(|status| {
                let name = operation.unwrap_or_else(|| panic!("{}: in no operation's section", table.at())).0;
                Body::Answer(name, status.parse().unwrap())
            }),
        };
        for row in &table.rows {
            let kind = table.text(row, "type");
            if let Some(body) = body {
                assert!(!row[0].codes.is_empty(), "{}: a field's name must be in backticks", table.at());
                for name in &row[0].codes {
                    let place = self.field(body, name);
                    if let Item::Field { in_table, sample: shown, .. } = &mut self.rows[place].item {
                        (*in_table, *shown) = (true, sample(kind));
                    }
                }
                continue;
            }
            let test = table.cell(row, "test").filter(|cell| !cell.text.is_empty()).cloned();
            let codes = table.codes(row, if first == "status" { "fixture" } else { "value" }).to_vec();
            let item = match (first, operation) {
                ("subject", _) => continue,
                ("code" | "level" | "value", _) => Item::Value { list: table.heading() },
                ("header", Some((of, true))) | ("status", Some((of, _))) => {
                    Item::Fact { kind: first, operation: Some(of), codes }
                }
                _ if table.head.contains(&"test") => Item::Fact { kind: first, operation: None, codes },
                _ => panic!("{}: a table of `{first}` needs a column `test`", table.at()),
            };
            let name = row[0].text;
            self.rows.push(Row { item, name, test });
        }
    }

    /// Adds the keys of a fixture.
    fn fixture(&mut self, fixture: &Fixture) {
        let shared = Body::Shared(ERROR_BODIES);
        let has_shared =
            self.rows.iter().any(|row| matches!(row.item, Item::Field { body, .. } if body == shared));
        let body = match Body::of(fixture) {
            Body::Answer(_, 300..) if has_shared => shared,
            body => body,
        };
        let payload = match fixture.media {
            MediaType::Json => serde_json::from_str(fixture.body).unwrap(),
            _ => fixture
                .body
                .lines()
                .filter_map(|line| line.split_once('='))
                .map(|(key, value)| (key, json!(value)))
                .collect(),
        };
        for (name, example) in keys(&payload) {
            let place = self.field(body, name.leak());
            if let Item::Field { sample, fixtures, .. } = &mut self.rows[place].item {
                // A null is no sample, and the first one stays.
                if !example.is_null() && self.shown.insert(place) {
                    *sample = example;
                }
                *fixtures += 1;
            }
        }
    }

    /// Returns the operation whose section contains the table, and whether it has a path.
    fn operation_of(&self, table: &Table) -> Option<(Text, bool)> {
        let operations = self.rows.iter().filter_map(|row| match row.item {
            Item::Operation { path, section, .. } => Some((row.name, section, path.is_some())),
            _ => None,
        });
        let sections: Vec<_> = operations.clone().map(|(name, section, _)| (name, section)).collect();
        let name = table.operation(&sections)?;
        operations.clone().find(|(of, ..)| *of == name).map(|(name, _, has_path)| (name, has_path))
    }

    /// Returns the place of a field, which is added if there is none.
    fn field(&mut self, body: Body, name: Text) -> usize {
        let is_it =
            |row: &Row| row.name == name && matches!(row.item, Item::Field { body: of, .. } if of == body);
        self.rows.iter().position(is_it).unwrap_or_else(|| {
            let item = Item::Field { body, sample: sample(""), in_table: false, fixtures: 0 };
            self.rows.push(Row { item, name, test: None });
            self.rows.len() - 1
        })
    }
}

/// Returns a value of the type in a table, for a field without a fixture.
fn sample(kind: &str) -> Value {
    let is = |words: [&str; 2]| words.iter().any(|word| kind.contains(word));
    match () {
        () if is(["array", "list"]) => json!([]),
        () if kind.contains("object") => json!({}),
        () if kind.contains("bool") => json!(true),
        () if is(["integer", "number"]) => json!(1),
        () => json!("text"),
    }
}

/// Returns the path and a value of every key, outer ones first. A body that is a list has the fields of its items.
pub(super) fn keys(payload: &Value) -> Vec<(String, Value)> {
    let mut found: Vec<(String, Value)> = Vec::new();
    for place in places(payload).iter().filter(|place| matches!(place.last(), Some(Step::Key(_)))) {
        let (path, value) = (shown(place).trim_start_matches("[].").to_owned(), at(payload, place));
        match found.iter_mut().find(|(other, _)| *other == path) {
            None => found.push((path, value.clone())),
            Some((_, shown)) if shown.is_null() => *shown = value.clone(),
            Some(_) => {}
        }
    }
    found
}
