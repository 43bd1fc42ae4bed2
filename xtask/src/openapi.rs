//! `cargo xtask openapi`: an OpenAPI 3.1 description of what the sandbox serves, for each vendor.
//!
//! It is made from the tables and the fixtures of the vendor's page alone; `tests/support/src/coverage/page.rs` explains the
//! tables. What only this command reads:
//!
//! | on the page | in the description |
//! | --- | --- |
//! | operations: further methods and paths after the first | paths of their own, with the same tag: the name of the operation |
//! | operations: `authorization` | `bearer`, `hmac`, `mutualTLS`, or an OAuth scope; a link to the headers that belong to it |
//! | environments: an operation in backticks | a path with a base URL of its own |
//! | header: `direction`, and `value` | whether it is of the response; examples |
//! | request field: `file` at the start of its type | only in the multipart form |
//! | request field: `part` | its name there |
//! | a column `path segment` in the section of an operation | the values of the variable in its path |
//! | a fixture with `encrypted` | the body is a text, and the payload what it decrypts to |
//!
//! A fault can answer any operation with any status of the page, so that each operation has all failures of its vendor.

mod calls;
mod schema;
#[path = "../../tests/support/src/coverage/tables.rs"]
mod tables;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};

use crate::fixtures::page::{Kind, Page};
use crate::fixtures::{self, Fixture, Media};
use crate::outputs::{Args, Outputs};
use schema::Node;
use tables::{Cell, Table, Text, tables};

/// In the package of the sandbox, which serves them, and beside the other documentation.
const FOLDERS: [&str; 2] = ["crates/kyc-sandbox/openapi", "docs/openapi"];
const PAGES: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs/vendors");

const JSON: Text = "application/json";
const FORM: Text = "application/x-www-form-urlencoded";
const MULTIPART: Text = "multipart/form-data";

/// Failures of the sandbox itself: a wrong method, a body that does not arrive, one that is too large.
const OWN_FAILURES: [u16; 3] = [405, 408, 413];

pub(crate) fn run(root: &Path, args: &Args) -> Result<()> {
    let mut outputs = Outputs::default();
    FOLDERS.iter().for_each(|folder| outputs.own(*folder));
    for page in fixtures::read_pages(root)? {
        let text = fs::read_to_string(root.join(&page.path)).context("cannot read a page")?;
        let document = Api::of(&page, &text).with_context(|| page.path.clone())?.document();
        for folder in FOLDERS {
            outputs.file(format!("{folder}/{}.json", page.vendor), format!("{document:#}\n"));
        }
    }
    outputs.finish(root, args, "cargo xtask openapi")
}

#[derive(Debug)]
struct Operation {
    name: Text,
    /// Methods and paths; none if the vendor sends the request.
    calls: Vec<(Text, Text)>,
    section: Cell,
    authorization: Cell,
}

struct Api<'a> {
    page: &'a Page,
    tables: Vec<Table>,
    operations: Vec<Operation>,
    fixtures: Vec<Fixture<'a>>,
}

impl<'a> Api<'a> {
    fn of(page: &'a Page, text: &str) -> Result<Self> {
        let (_, tables, _) = tables(text);
        let fixtures = page.blocks.iter().map(fixtures::fixture).collect::<Result<_>>()?;
        let listed = tables.iter().find(|table| table.head.first() == Some(&"operation"));
        let listed = listed.context("the page lists no operations")?;
        let operation = |row: &Vec<Cell>| {
            let cell = |name| listed.cell(row, name).cloned().unwrap_or_default();
            let calls = row.get(1).into_iter().flat_map(|cell| &cell.codes);
            Operation {
                name: listed.code(row, 0),
                calls: calls.filter_map(|call| call.split_once(' ')).collect(),
                section: cell("section"),
                authorization: cell("authorization"),
            }
        };
        let operations = listed.rows.iter().map(operation).collect();
        Ok(Self { page, tables, operations, fixtures })
    }

    fn key(&self) -> &str {
        self.page.vendor.split('-').next().unwrap_or_default()
    }

    fn document(&self) -> Value {
        let (mut paths, mut webhooks) = (Map::new(), Map::new());
        let mut calls: BTreeMap<(Text, Text), Vec<(usize, &Operation)>> = BTreeMap::new();
        for operation in &self.operations {
            for (place, call) in operation.calls.iter().enumerate() {
                calls.entry(*call).or_default().push((place, operation));
            }
            if operation.calls.is_empty() {
                webhooks.insert(operation.name.to_owned(), json!({ "post": self.event(operation) }));
            }
        }
        for ((method, path), operations) in calls {
            let item = paths.entry(path).or_insert_with(|| self.item(&operations));
            item[method.to_lowercase()] = self.call(method, path, &operations);
        }
        let Page { vendor, title, .. } = self.page;
        let mut document = json!({
            "openapi": "3.1.0",
            "info": {
                "title": format!("{title} in kyc-sandbox"),
                "version": "1",
                "description": format!(
                    "What the sandbox serves of {title}: made from our own reading of the vendor's public \
                     documentation, unofficial. Further fields and statuses are possible at the vendor."
                ),
            },
            "externalDocs": { "url": format!("{PAGES}/{vendor}.md") },
            "servers": [{ "url": format!("/{}", self.key()) }],
            "paths": paths,
            "components": self.components(),
        });
        set(&mut document, "webhooks", webhooks);
        document
    }

    /// Returns the path item without its methods: the base URL, if the environments name an operation beside theirs.
    fn item(&self, operations: &[(usize, &Operation)]) -> Value {
        let rows = self.headed("environment").flat_map(|table| &table.rows);
        let names: Vec<_> = rows.flat_map(|row| &row[0].codes).collect();
        match operations.iter().find(|(_, operation)| names.contains(&&operation.name)) {
            Some((_, operation)) => {
                json!({ "servers": [{ "url": format!("/{}-{}", self.key(), operation.name) }] })
            }
            None => json!({}),
        }
    }

    /// Returns the tables in the sections of these operations whose first column has that head.
    fn tables_of(&self, names: &[Text], head: &str) -> Vec<&Table> {
        let sections: Vec<_> =
            self.operations.iter().map(|operation| (operation.name, operation.section.text)).collect();
        let is_of = |table: &&Table| table.operation(&sections).is_some_and(|name| names.contains(&name));
        self.headed(head).filter(is_of).collect()
    }

    fn headed(&self, head: &str) -> impl Iterator<Item = &Table> {
        self.tables.iter().filter(move |table| table.head.first().is_some_and(|first| *first == head))
    }

    fn payloads(&self, names: &[Text], kind: Kind) -> Vec<&Fixture<'a>> {
        let is_of = |fixture: &&Fixture<'_>| {
            fixture.block.kind == kind && names.contains(&fixture.block.operation.as_str())
        };
        self.fixtures.iter().filter(is_of).collect()
    }

    /// Returns every status of a failure on the page, and those of the sandbox.
    fn failures(&self) -> BTreeSet<u16> {
        let cells =
            self.tables.iter().flat_map(|table| table.rows.iter().map(|row| table.text(row, "status")));
        let printed = self.fixtures.iter().filter_map(|fixture| fixture.block.status);
        let all = cells.flat_map(statuses).chain(printed).chain(OWN_FAILURES);
        all.filter(|status| *status >= 400).collect()
    }

    fn components(&self) -> Value {
        let of_failures =
            |fixture: &&Fixture<'_>| fixture.block.status >= Some(300) && fixture.media == Media::Json;
        let shown: Vec<_> = self.fixtures.iter().filter(of_failures).collect();
        let errors = self.headed("field").filter(|table| table.heading() == "Error bodies");
        let response = |status: u16| {
            let of_it = shown.iter().copied().filter(|fixture| fixture.block.status == Some(status));
            let mut content = json!({ "schema": { "$ref": "#/components/schemas/Error" } });
            set(&mut content, "examples", examples(of_it));
            let response = json!({
                "description": "A failure. The vendor's body may not tell why; the header does.",
                "headers": { "X-Sandbox-Reason": { "$ref": "#/components/headers/X-Sandbox-Reason" } },
                "content": { JSON: content },
            });
            (status.to_string(), response)
        };
        let schemes: Map<_, _> = self
            .operations
            .iter()
            .flat_map(|operation| &operation.authorization.codes)
            .map(|code| (scheme(code).to_owned(), self.security_scheme(scheme(code))))
            .collect();
        let mut components = json!({
            "schemas": { "Error": body(errors, &shown) },
            "responses": self.failures().into_iter().map(response).collect::<Map<_, _>>(),
            "headers": {
                "X-Sandbox-Reason": {
                    "description": "Why the sandbox refuses the request. The vendor does not send it.",
                    "schema": { "type": "string" },
                },
            },
        });
        set(&mut components, "securitySchemes", schemes);
        components
    }

    fn security_scheme(&self, name: &str) -> Value {
        match name {
            "bearer" => json!({ "type": "http", "scheme": "bearer" }),
            "mutualTLS" => json!({
                "type": "mutualTLS",
                "description": "At the listener for mutual TLS only; the other one needs no certificate.",
            }),
            "hmac" => json!({ "type": "apiKey", "in": "header", "name": "Authorization" }),
            _ => {
                let token = self.operations.iter().find(|operation| operation.name == "token");
                let path = token.and_then(|token| token.calls.first()).map_or("", |(_, path)| path);
                let all = self.operations.iter().flat_map(|operation| &operation.authorization.codes);
                let scopes: BTreeMap<_, _> =
                    all.filter(|code| scheme(code) == name).map(|scope| (scope, "")).collect();
                let flow = json!({ "tokenUrl": format!("/{}{path}", self.key()), "scopes": scopes });
                json!({ "type": "oauth2", "flows": { "clientCredentials": flow } })
            }
        }
    }
}

/// Returns the security scheme of a code in the column `authorization`.
fn scheme(code: &str) -> &str {
    if ["bearer", "hmac", "mutualTLS"].contains(&code) { code } else { "oauth2" }
}

/// Returns the alternatives, of which the one without a client certificate comes first.
fn security(codes: &[Text]) -> Vec<Value> {
    let requirement = |codes: &mut dyn Iterator<Item = &Text>| -> Map<String, Value> {
        let scopes = |code: &Text| if scheme(code) == "oauth2" { json!([code]) } else { json!([]) };
        codes.map(|code| (scheme(code).to_owned(), scopes(code))).collect()
    };
    let all = requirement(&mut codes.iter());
    let plain = requirement(&mut codes.iter().filter(|code| **code != "mutualTLS"));
    match codes {
        [] => Vec::new(),
        _ if all == plain => vec![all.into()],
        _ => vec![plain.into(), all.into()],
    }
}

/// Returns the schema of a body. The fields of a body that is a list are those of its items.
fn body<'t>(tables: impl Iterator<Item = &'t Table>, shown: &[&Fixture<'_>]) -> Value {
    let mut node = Node::default();
    for table in tables {
        for row in &table.rows {
            for name in &row[0].codes {
                let field = node.at(name);
                field.name_types(table.text(row, "type"));
                field.note = table.text(row, "note").to_owned();
            }
        }
    }
    let payloads: Vec<_> = shown.iter().map(|fixture| value(fixture)).collect();
    for payload in &payloads {
        match payload {
            Value::Array(items) => items.iter().for_each(|item| node.see(item)),
            one => node.see(one),
        }
    }
    if node.is_empty() {
        return json!({});
    }
    let list = json!({ "type": "array", "items": node.schema() });
    match payloads.iter().filter(|payload| payload.is_array()).count() {
        0 => node.schema(),
        lists if lists == payloads.len() => list,
        _ => json!({ "anyOf": [node.schema(), list] }),
    }
}

/// Sets a member, unless there is nothing to say.
fn set(object: &mut Value, name: &str, value: impl Into<Value>) {
    let value = value.into();
    let is_empty = match &value {
        Value::Array(list) => list.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::String(text) => text.is_empty(),
        other => other.is_null(),
    };
    if !is_empty {
        object[name] = value;
    }
}

/// Returns the target of links to the table's heading.
fn anchor(table: &Table) -> String {
    format!("#{}", table.heading().to_lowercase().replace(' ', "-"))
}

fn media(fixture: &Fixture<'_>) -> Text {
    if fixture.media == Media::Form { FORM } else { JSON }
}

fn value(fixture: &Fixture<'_>) -> Value {
    match fixture.media {
        Media::Json => serde_json::from_str(&fixture.body).unwrap_or_default(),
        _ => fixture.body.lines().filter_map(|line| line.split_once('=')).collect(),
    }
}

fn examples<'f>(fixtures: impl Iterator<Item = &'f Fixture<'f>>) -> Map<String, Value> {
    fixtures.map(|fixture| (fixture.block.name.clone(), json!({ "value": value(fixture) }))).collect()
}

/// Returns the statuses in a text such as `400, 403`.
fn statuses(text: &str) -> impl Iterator<Item = u16> {
    let numbers = text.split(|letter: char| !letter.is_ascii_alphanumeric());
    numbers.filter_map(|number| number.parse().ok()).filter(|status| (100..600).contains(status))
}
