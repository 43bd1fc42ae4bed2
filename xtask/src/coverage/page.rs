//! Reads the items of a vendor's page: operations, fields, values of lists. The heading of a table's first column
//! determines its items; the keys of a fixture are fields.
//!
//! | first column | the table lists | place |
//! | --- | --- | --- |
//! | `operation` | operations: name, method and path, a link to the section | anywhere, once |
//! | `request field` | fields of an operation's request | in the operation's section |
//! | `field of the 200` | fields of its response with that status | in the operation's section |
//! | `field` | fields of a request by the vendor, or of a body that operations share | in the section of an operation without a path; under any other heading |
//! | `value`, `level`, `code` | a closed list | under the heading that names the list |
//! | `environment`, `header`, `status`, `subject` | nothing that is proved here | anywhere |
//!
//! In any table, names in backticks in a column `fixture` are fixtures of the page; a cell may also contain other text.
//!
//! Field names are in backticks; `items[].colour` is a field of each item of a list. The fields of a body that is a list
//! are those of its items. Failures share the body under [`ERROR_BODIES`], if the page has that heading.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail};
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use serde_json::{Map, Value};

use crate::fixtures::page::{Block, Kind};

/// The heading of the body that failures share.
const ERROR_BODIES: &str = "Error bodies";

/// Tables without items to prove.
const SKIPPED: [&str; 4] = ["environment", "header", "status", "subject"];

/// The column that names fixtures.
const FIXTURES: &str = "fixture";

/// Tables that are closed lists.
const LISTS: [&str; 3] = ["code", "level", "value"];

/// All items of a page.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Documented {
    pub(crate) operations: Vec<Operation>,
    pub(crate) bodies: Vec<(Body, Vec<Field>)>,
    pub(crate) lists: Vec<(String, Vec<String>)>,
}

#[derive(Debug, PartialEq)]
pub(crate) struct Operation {
    pub(crate) name: String,
    pub(crate) method: String,
    /// `None` for a request by the vendor to an address of the customer.
    pub(crate) path: Option<String>,
    section: String,
}

/// A body on the page.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Body {
    Request(String),
    Answer(String, u16),
    Event(String),
    Shared(String),
}

#[derive(Debug, PartialEq)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) in_table: bool,
    /// The number of fixtures with this field.
    pub(crate) fixtures: usize,
    /// The value in a fixture, or else a value of the type in the table, or else a text.
    pub(crate) sample: Value,
    /// Whether the sample is from a fixture.
    is_shown: bool,
}

pub(crate) fn parse(path: &str, text: &str) -> Result<Documented> {
    let tables = tables(text);
    let mut documented = Documented::default();
    for table in tables.iter().filter(|table| table.first() == "operation") {
        documented.operations.extend(operations(table).with_context(|| table.at(path))?);
    }
    for table in &tables {
        documented.take(table).with_context(|| table.at(path))?;
    }
    Ok(documented)
}

/// Fails, with each name, if a column of fixtures names one that is not on the page.
pub(crate) fn check_fixtures(path: &str, text: &str, blocks: &[Block]) -> Result<()> {
    let known: BTreeSet<&str> = blocks.iter().map(|block| block.name.as_str()).collect();
    let mut faults = Vec::new();
    for table in &tables(text) {
        let Some(column) = table.head.iter().position(|head| head == FIXTURES) else { continue };
        for (row, cells) in table.rows.iter().enumerate() {
            let named = cells.get(column).map(|cell| cell.codes.as_slice()).unwrap_or_default();
            for name in named.iter().filter(|name| !known.contains(name.as_str())) {
                // Below the table's head and its delimiter row.
                let line = table.line + 2 + row;
                faults.push(format!(
                    "{path}:{line}: there is no fixture `{name}` on this page: correct the name, or remove its backticks"
                ));
            }
        }
    }
    if !faults.is_empty() {
        bail!("{}", faults.join("\n"));
    }
    Ok(())
}

impl Documented {
    /// Adds the keys of a fixture.
    pub(crate) fn add_fixture(&mut self, block: &Block, payload: &Value) {
        let operation = block.operation.clone();
        let shared = Body::Shared(ERROR_BODIES.to_owned());
        let body = match (block.kind, block.status) {
            (Kind::Request, _) => Body::Request(operation),
            (Kind::Webhook, _) | (Kind::Response, None) => Body::Event(operation),
            (Kind::Response, Some(300..)) if self.bodies.iter().any(|(body, _)| *body == shared) => shared,
            (Kind::Response, Some(status)) => Body::Answer(operation, status),
        };
        for (name, sample) in keys(payload) {
            let field = self.field(&body, &name);
            // A null is not a sample.
            if !field.is_shown && !sample.is_null() {
                field.sample = sample;
                field.is_shown = true;
            }
            field.fixtures += 1;
        }
    }

    fn take(&mut self, table: &Table) -> Result<()> {
        let first = table.first();
        if first == "operation" || SKIPPED.contains(&first) {
            return Ok(());
        }
        if LISTS.contains(&first) {
            let values = table.rows.iter().filter_map(|row| row.first()).map(|cell| cell.text.clone());
            self.lists.push((table.heading().to_owned(), values.collect()));
            return Ok(());
        }
        let body = self.body_of(table)?;
        let types = table.head.iter().position(|head| head == "type");
        for row in &table.rows {
            let names = row.first().map(|cell| cell.codes.as_slice()).unwrap_or_default();
            if names.is_empty() {
                bail!("a field's name must be in backticks");
            }
            let kind = types.and_then(|column| row.get(column)).map_or("", |cell| cell.text.as_str());
            for name in names {
                let field = self.field(&body, name);
                field.in_table = true;
                field.sample = sample(kind);
            }
        }
        Ok(())
    }

    fn body_of(&self, table: &Table) -> Result<Body> {
        let operation = self.operation_of(table);
        let name = |operation: &Operation| operation.name.clone();
        match (table.first(), operation) {
            ("request field", Some(operation)) => Ok(Body::Request(name(operation))),
            ("field", Some(operation)) if operation.path.is_none() => Ok(Body::Event(name(operation))),
            ("field", Some(_)) => bail!("use `request field` or `field of the 200`"),
            ("field", None) => Ok(Body::Shared(table.heading().to_owned())),
            (first, operation) => {
                let Some(status) = first.strip_prefix("field of the ").and_then(|status| status.parse().ok())
                else {
                    bail!("unknown kind of table: `{first}`");
                };
                let operation = operation.context("the table is in no operation's section")?;
                Ok(Body::Answer(name(operation), status))
            }
        }
    }

    /// Returns the operation whose section contains the table.
    fn operation_of(&self, table: &Table) -> Option<&Operation> {
        table.headings.iter().rev().find_map(|(_, heading)| {
            self.operations.iter().find(|operation| {
                operation.section == *heading || *heading == format!("Answers of {}", operation.name)
            })
        })
    }

    /// Returns the field of that name, and adds it if there is none.
    fn field(&mut self, body: &Body, name: &str) -> &mut Field {
        let place = self.bodies.iter().position(|(other, _)| other == body).unwrap_or_else(|| {
            self.bodies.push((body.clone(), Vec::new()));
            self.bodies.len() - 1
        });
        let fields = &mut self.bodies[place].1;
        let place = fields.iter().position(|field| field.name == name).unwrap_or_else(|| {
            let (name, sample) = (name.to_owned(), sample(""));
            fields.push(Field { name, in_table: false, fixtures: 0, sample, is_shown: false });
            fields.len() - 1
        });
        &mut fields[place]
    }
}

fn operations(table: &Table) -> Result<Vec<Operation>> {
    let operation = |row: &Vec<Cell>| {
        let [name, address, section] = row.as_slice() else { bail!("an operation needs three columns") };
        let (Some(name), Some(address)) = (name.codes.first(), address.codes.first()) else {
            bail!("name, method and path must be in backticks");
        };
        let (method, path) = match address.split_once(' ') {
            Some((method, path)) => (method, Some(path.to_owned())),
            None => (address.as_str(), None),
        };
        let (name, method, section) = (name.clone(), method.to_owned(), section.text.clone());
        Ok(Operation { name, method, path, section })
    };
    table.rows.iter().map(operation).collect()
}

/// Returns a value of the type in a table, for a field without a fixture.
fn sample(kind: &str) -> Value {
    let says = |words: &[&str]| words.iter().any(|word| kind.contains(word));
    if says(&["array", "list"]) {
        Value::Array(Vec::new())
    } else if says(&["object"]) {
        Value::Object(Map::new())
    } else if says(&["bool"]) {
        Value::Bool(true)
    } else if says(&["integer", "number"]) {
        Value::from(1)
    } else {
        Value::from("text")
    }
}

/// Returns the path and the value of every key, outer ones first.
fn keys(payload: &Value) -> Vec<(String, Value)> {
    fn walk(value: &Value, at: &str, found: &mut Vec<(String, Value)>) {
        match value {
            Value::Object(object) => {
                for (key, inner) in object {
                    let path = if at.is_empty() { key.clone() } else { format!("{at}.{key}") };
                    match found.iter_mut().find(|(other, _)| *other == path) {
                        None => found.push((path.clone(), inner.clone())),
                        Some((_, shown)) if shown.is_null() => *shown = inner.clone(),
                        Some(_) => {}
                    }
                    walk(inner, &path, found);
                }
            }
            Value::Array(list) => {
                // A body that is a list has the fields of its items.
                let at = if at.is_empty() { String::new() } else { format!("{at}[]") };
                list.iter().for_each(|inner| walk(inner, &at, found));
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk(payload, "", &mut found);
    found
}

#[derive(Debug, Default)]
struct Table {
    line: usize,
    /// Outermost first.
    headings: Vec<(HeadingLevel, String)>,
    head: Vec<String>,
    rows: Vec<Vec<Cell>>,
}

#[derive(Debug, Default)]
struct Cell {
    text: String,
    codes: Vec<String>,
}

impl Table {
    fn first(&self) -> &str {
        self.head.first().map_or("", String::as_str)
    }

    fn heading(&self) -> &str {
        self.headings.last().map_or("", |(_, heading)| heading)
    }

    fn at(&self, path: &str) -> String {
        format!("{path}:{}", self.line)
    }
}

fn tables(text: &str) -> Vec<Table> {
    let mut tables: Vec<Table> = Vec::new();
    let mut headings: Vec<(HeadingLevel, String)> = Vec::new();
    // Text belongs to a heading, to a cell, or is ignored.
    let (mut in_heading, mut cell) = (false, None::<Cell>);
    let mut row = Vec::new();
    for (event, range) in Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter() {
        match event {
            Event::Start(Tag::Heading { level, .. }) => {
                headings.retain(|(other, _)| *other < level);
                headings.push((level, String::new()));
                in_heading = true;
            }
            Event::End(TagEnd::Heading(_)) => in_heading = false,
            Event::Start(Tag::Table(_)) => {
                let line = text[..range.start].bytes().filter(|byte| *byte == b'\n').count() + 1;
                tables.push(Table { line, headings: headings.clone(), ..Table::default() });
            }
            Event::Start(Tag::TableCell) => cell = Some(Cell::default()),
            Event::End(TagEnd::TableCell) => row.extend(cell.take()),
            Event::End(TagEnd::TableHead) => {
                if let Some(table) = tables.last_mut() {
                    table.head = row.drain(..).map(|cell| cell.text).collect();
                }
            }
            Event::End(TagEnd::TableRow) => {
                if let Some(table) = tables.last_mut() {
                    table.rows.push(std::mem::take(&mut row));
                }
            }
            Event::Text(piece) | Event::Code(piece) if in_heading => {
                if let Some((_, heading)) = headings.last_mut() {
                    heading.push_str(&piece);
                }
            }
            Event::Code(piece) => {
                if let Some(cell) = &mut cell {
                    cell.text.push_str(&piece);
                    cell.codes.push(piece.to_string());
                }
            }
            Event::Text(piece) => {
                if let Some(cell) = &mut cell {
                    cell.text.push_str(&piece);
                }
            }
            _ => {}
        }
    }
    tables
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::fixtures::page;

    const PAGE: &str = r#"# Acme

| operation | method and path | section |
| --- | --- | --- |
| `login` | `POST /login` | [Logging in](#logging-in) |
| `event` | `POST` to the customer | [Events](#events) |

## Logging in

| request field | type |
| --- | --- |
| `user` | string |
| `first`, `second` | integer |

### Answers of login

| status | meaning |
| --- | --- |
| 200 | fine |

| subject | how sure |
| --- | --- |
| `path` | likely |

| field of the 200 | type |
| --- | --- |
| `token` | string |
| `new` | boolean |

```json fixture=login-200 kind=response operation=login status=200 section="Logging in"
{ "token": "t", "new": null, "old": null, "more": [{ "a": null }, { "a": 2, "b": "x" }] }
```

```json fixture=login-400 kind=response operation=login status=400 section="Logging in"
{ "title": "no" }
```

## Events

| field | type |
| --- | --- |
| `id` | string |

## Error bodies

| field | type |
| --- | --- |
| `title` | string |

## States

| value | meaning |
| --- | --- |
| `Open` | open |
| 7 | seven |
"#;

    fn documented() -> Documented {
        let mut documented = parse("acme.md", PAGE).unwrap();
        for block in page::parse("acme", "acme.md", PAGE).unwrap().blocks {
            documented.add_fixture(&block, &serde_json::from_str(&block.printed).unwrap());
        }
        documented
    }

    fn names(documented: &Documented, body: &Body) -> Vec<(String, bool, usize, Value)> {
        let fields = &documented.bodies.iter().find(|(other, _)| other == body).unwrap().1;
        fields
            .iter()
            .map(|field| (field.name.clone(), field.in_table, field.fixtures, field.sample.clone()))
            .collect()
    }

    #[test]
    fn tables_list_operations_fields_and_values() {
        let documented = documented();
        let operations: Vec<_> = documented
            .operations
            .iter()
            .map(|operation| (operation.name.as_str(), operation.method.as_str(), operation.path.as_deref()))
            .collect();
        assert_eq!(operations, [("login", "POST", Some("/login")), ("event", "POST", None)]);
        assert_eq!(
            names(&documented, &Body::Request("login".into())),
            [
                ("user".into(), true, 0, json!("text")),
                ("first".into(), true, 0, json!(1)),
                ("second".into(), true, 0, json!(1))
            ]
        );
        assert_eq!(names(&documented, &Body::Event("event".into())).len(), 1);
        assert_eq!(documented.lists, [("States".to_owned(), vec!["Open".to_owned(), "7".to_owned()])]);
    }

    #[test]
    fn fixtures_add_fields_and_samples() {
        let documented = documented();
        assert_eq!(
            names(&documented, &Body::Answer("login".into(), 200)),
            [
                ("token".into(), true, 1, json!("t")),
                ("new".into(), true, 1, json!(true)),
                ("more".into(), false, 1, json!([{ "a": null }, { "a": 2, "b": "x" }])),
                ("more[].a".into(), false, 1, json!(2)),
                ("more[].b".into(), false, 1, json!("x")),
                ("old".into(), false, 1, json!("text")),
            ]
        );
        assert_eq!(
            names(&documented, &Body::Shared("Error bodies".into())),
            [("title".into(), true, 1, json!("no"))],
            "failures share a body"
        );
    }

    #[test]
    fn a_list_has_the_fields_of_its_items() {
        let found = keys(&json!([{ "a": null }, { "a": 1, "b": [{ "c": 2 }] }]));
        assert_eq!(
            found,
            [
                ("a".to_owned(), json!(1)),
                ("b".to_owned(), json!([{ "c": 2 }])),
                ("b[].c".to_owned(), json!(2)),
            ]
        );
    }

    #[test]
    fn a_column_of_fixtures_names_those_of_the_page() {
        let faults = |cell: &str| {
            let rows = format!("| 200 | fine | {cell} |\n| 500 | not fine | |");
            let page = PAGE.replace("| 200 | fine |", &rows);
            let page = page.replace("| status | meaning |", "| status | meaning | fixture |");
            let page = page.replace("| --- | --- |\n| 200", "| --- | --- | --- |\n| 200");
            let blocks = page::parse("acme", "acme.md", &page).unwrap().blocks;
            check_fixtures("acme.md", &page, &blocks).map_err(|fault| fault.to_string())
        };
        for cell in ["", "none", "`login-200`", "`login-200`, in clear; refused: `login-400`"] {
            assert_eq!(faults(cell), Ok(()), "{cell}");
        }
        let place = 1 + PAGE.lines().position(|line| line.starts_with("| 200 ")).unwrap();
        let fault = |name: &str| {
            format!(
                "acme.md:{place}: there is no fixture `{name}` on this page: correct the name, or remove its backticks"
            )
        };
        assert_eq!(faults("`login-201`"), Err(fault("login-201")));
        assert_eq!(faults("`a`, `login-200`, `b`"), Err(format!("{}\n{}", fault("a"), fault("b"))));
    }

    #[test]
    fn an_unknown_table_is_refused_with_its_place() {
        let refusal = |page: &str| format!("{:#}", parse("acme.md", page).unwrap_err());
        assert_eq!(
            refusal("# Acme\n\n| colour | x |\n| --- | --- |\n| red | 1 |\n"),
            "acme.md:3: unknown kind of table: `colour`"
        );
        let in_section = PAGE.replace("| request field | type |", "| field | type |");
        assert!(refusal(&in_section).contains("acme.md:10: use `request field`"));
        let without_code = PAGE.replace("| `user` | string |", "| user | string |");
        assert!(refusal(&without_code).contains("backticks"));
        let nowhere = "# Acme\n\n| field of the 200 | type |\n| --- | --- |\n| `a` | string |\n";
        assert!(refusal(nowhere).contains("no operation's section"));
    }
}
