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
        if !webhooks.is_empty() {
            document["webhooks"] = webhooks.into();
        }
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

    fn call(&self, method: &str, path: &str, operations: &[(usize, &Operation)]) -> Value {
        let names: Vec<_> = operations.iter().map(|(_, operation)| operation.name).collect();
        let Some((place, first)) = operations.first() else { return json!({}) };
        let id = if *place == 0 { first.name.to_owned() } else { format!("{}-{}", first.name, place + 1) };
        let mut call = self.described(first);
        call["operationId"] = id.into();
        call["tags"] = json!(names);
        let variables = path.split(['{', '}']).skip(1).step_by(2).map(|name| {
            let tables = self.tables_of(&names, "value").into_iter();
            let rows =
                tables.flat_map(|table| table.rows.iter().map(move |row| table.cell(row, "path segment")));
            let values: Vec<_> = rows.flatten().flat_map(|cell| &cell.codes).collect();
            let schema = match values.as_slice() {
                [] => json!({ "type": "string" }),
                values => json!({ "type": "string", "enum": values }),
            };
            json!({ "name": name, "in": "path", "required": true, "schema": schema })
        });
        let mut parameters: Vec<_> = variables.chain(self.headers(first, "request")).collect();
        if method == "GET" {
            let fields = self.request(&names, FORM).schema();
            let required = fields["required"].as_array().cloned().unwrap_or_default();
            let query = fields["properties"].as_object().into_iter().flatten().map(|(name, schema)| {
                let required = required.iter().any(|field| field == name);
                json!({ "name": name, "in": "query", "required": required, "schema": schema })
            });
            parameters.extend(query);
        } else if let Some(body) = self.request_body(operations) {
            call["requestBody"] = body;
        }
        if !parameters.is_empty() {
            call["parameters"] = parameters.into();
        }
        if let Some(security) = security(&first.authorization.codes) {
            call["security"] = security;
        }
        call["responses"] = self.responses(first, &names);
        call
    }

    fn described(&self, operation: &Operation) -> Value {
        let anchor = operation.section.links.first().unwrap_or(&"");
        let url = format!("{PAGES}/{}.md{anchor}", self.page.vendor);
        json!({ "summary": operation.section.text, "externalDocs": { "url": url } })
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

    /// Returns the tables of headers that are an operation's: in its section, or under the heading of its authorization.
    fn header_tables(&self, operation: &Operation) -> Vec<&Table> {
        let is_linked = |table: &&Table| operation.authorization.links.contains(&anchor(table).as_str());
        let shared = self.headed("header").filter(is_linked);
        self.tables_of(&[operation.name], "header").into_iter().chain(shared).collect()
    }

    /// Returns the headers of that direction as parameters, the operation's own first.
    fn headers(&self, operation: &Operation, direction: &str) -> Vec<Value> {
        let mut headers = Vec::<Value>::new();
        for table in self.header_tables(operation) {
            for row in &table.rows {
                let text = |column| table.cell(row, column).map_or("", |cell| cell.text);
                let (name, note) = (table.code(row, 0), text("note"));
                let of = if text("direction").is_empty() { "request" } else { text("direction") };
                let is_reserved =
                    ["accept", "authorization", "content-type"].contains(&&*name.to_lowercase());
                if of != direction || is_reserved || headers.iter().any(|known| known["name"] == *name) {
                    continue;
                }
                let values = table.cell(row, "value").map(|cell| cell.codes.as_slice()).unwrap_or_default();
                let mut schema = json!({ "type": "string" });
                if !values.is_empty() {
                    schema["examples"] = json!(values);
                }
                headers.push(json!({
                    "name": name,
                    "in": "header",
                    "required": note.starts_with("required"),
                    "description": if note.is_empty() { text("value") } else { note },
                    "schema": schema,
                }));
            }
        }
        headers
    }

    /// Returns the content types of a request.
    fn media(&self, operation: &Operation) -> Vec<Text> {
        let tables = self.tables_of(&[operation.name], "header").into_iter();
        let rows = tables.flat_map(|table| &table.rows).filter(|row| row[0].text == "Content-Type");
        let known = [JSON, FORM, MULTIPART];
        let named: Vec<_> = rows
            .flat_map(|row| &row[1].codes)
            .filter_map(|code| known.into_iter().find(|media| media == code))
            .collect();
        if !named.is_empty() {
            return named;
        }
        let sent: BTreeSet<_> =
            self.payloads(&[operation.name], Kind::Request).into_iter().map(media).collect();
        sent.into_iter().collect()
    }

    fn payloads(&self, names: &[Text], kind: Kind) -> Vec<&Fixture<'a>> {
        let is_of = |fixture: &&Fixture<'_>| {
            fixture.block.kind == kind && names.contains(&fixture.block.operation.as_str())
        };
        self.fixtures.iter().filter(is_of).collect()
    }

    fn request_body(&self, operations: &[(usize, &Operation)]) -> Option<Value> {
        let mut content = Map::new();
        for (_, operation) in operations {
            for media in self.media(operation) {
                let body = self.request(&[operation.name], media).schema();
                let entry = content.entry(media).or_insert(json!({ "schema": { "anyOf": [] } }));
                entry["schema"]["anyOf"].as_array_mut()?.push(body);
                let sent = self.payloads(&[operation.name], Kind::Request).into_iter();
                let examples = examples(sent.filter(|sent| self::media(sent) == media));
                if !examples.is_empty() {
                    entry["examples"] = examples.into();
                }
            }
        }
        for entry in content.values_mut() {
            if let [only] = entry["schema"]["anyOf"].as_array()?.as_slice() {
                entry["schema"] = only.clone();
            }
        }
        (!content.is_empty()).then(|| json!({ "required": true, "content": content }))
    }

    /// Returns the fields of a request that is sent in this form.
    fn request(&self, names: &[Text], form: &str) -> Node {
        let mut node = Node::default();
        for table in self.tables_of(names, "request field") {
            for row in &table.rows {
                let text = |column| table.cell(row, column).map_or("", |cell| cell.text);
                let kind = text("type");
                if kind.starts_with("file") && form == JSON {
                    continue;
                }
                let part = table.cell(row, "part").filter(|_| form == MULTIPART);
                for name in &part.unwrap_or(&row[0]).codes {
                    let field = node.at(name);
                    field.name_types(kind);
                    if form == MULTIPART && field.types.contains("file") {
                        field.types = ["file"].into();
                    } else {
                        field.types.remove("file");
                    }
                    if kind.contains("repeated") {
                        let inner = std::mem::take(&mut field.types);
                        field.element().types = inner;
                    }
                    field.note = text("note").to_owned();
                    field.required = text("required").starts_with("yes");
                    field.limits = limits(text("limit"));
                    let links = table.cell(row, "note").map(|cell| cell.links.as_slice()).unwrap_or_default();
                    field.examples = links.iter().flat_map(|link| self.values(link)).collect();
                }
            }
        }
        let sent = self.payloads(names, Kind::Request).into_iter().filter(|sent| media(sent) == form);
        sent.for_each(|sent| node.see(&value(sent)));
        node
    }

    /// Returns the values of the list under a heading.
    fn values(&self, link: &str) -> Vec<Value> {
        let rows = self.headed("value").filter(|table| anchor(table) == link).flat_map(|table| &table.rows);
        rows.flat_map(|row| &row[0].codes).map(|code| json!(code)).collect()
    }

    fn responses(&self, operation: &Operation, names: &[Text]) -> Value {
        let mut meanings: BTreeMap<u16, String> = BTreeMap::new();
        for table in self.tables_of(names, "status") {
            for row in &table.rows {
                let meaning = table.cell(row, "meaning").map_or("", |cell| cell.text);
                meanings.extend(statuses(row[0].text).map(|status| (status, meaning.to_owned())));
            }
        }
        let answered = self.payloads(names, Kind::Response).into_iter();
        for status in answered.filter_map(|fixture| fixture.block.status).chain(self.failures()) {
            meanings.entry(status).or_default();
        }
        let response = |(status, meaning): (u16, String)| {
            let response = match status {
                ..300 => self.success(operation, names, status, &meaning),
                _ if meaning.is_empty() => json!({ "$ref": format!("#/components/responses/{status}") }),
                _ => json!({ "$ref": format!("#/components/responses/{status}"), "description": meaning }),
            };
            (status.to_string(), response)
        };
        meanings.into_iter().map(response).collect()
    }

    fn success(&self, operation: &Operation, names: &[Text], status: u16, meaning: &str) -> Value {
        let shown: Vec<_> = self
            .payloads(names, Kind::Response)
            .into_iter()
            .filter(|fixture| fixture.block.status == Some(status) && fixture.media == Media::Json)
            .collect();
        let tables = self.tables_of(names, &format!("field of the {status}")).into_iter();
        let mut schema = body(tables, &shown);
        let in_clear: Vec<_> = shown.iter().filter(|fixture| !fixture.block.encrypted).copied().collect();
        if in_clear.len() < shown.len() {
            let encrypted = json!({
                "type": "string",
                "description": "Encrypted with the appkey; the schema is that of the decrypted text.",
                "contentMediaType": JSON,
                "contentSchema": schema,
            });
            schema = if in_clear.is_empty() { encrypted } else { json!({ "anyOf": [encrypted, schema] }) };
        }
        let description = if meaning.is_empty() { "Success." } else { meaning };
        let mut response = json!({ "description": description });
        if schema != json!({}) {
            response["content"] = json!({ JSON: { "schema": schema } });
            let examples = examples(in_clear.into_iter());
            if !examples.is_empty() {
                response["content"][JSON]["examples"] = examples.into();
            }
        }
        for header in self.headers(operation, "response") {
            if let Some(name) = header["name"].as_str() {
                response["headers"][name] =
                    json!({ "description": header["description"], "schema": header["schema"] });
            }
        }
        response
    }

    /// Returns the request of an event, which the customer answers.
    fn event(&self, operation: &Operation) -> Value {
        let names = [operation.name];
        let shown = self.payloads(&names, Kind::Webhook);
        let tables = self.tables_of(&names, "field").into_iter();
        let content = json!({ "schema": body(tables, &shown), "examples": examples(shown.iter().copied()) });
        let mut event = self.described(operation);
        event["operationId"] = operation.name.into();
        event["requestBody"] = json!({ "required": true, "content": { JSON: content } });
        event["parameters"] = self.headers(operation, "request").into();
        event["responses"] = json!({ "200": { "description": "The event was received." } });
        if let Some(security) = security(&operation.authorization.codes) {
            event["security"] = security;
        }
        event
    }

    /// Returns every status of a failure on the page, and those of the sandbox.
    fn failures(&self) -> BTreeSet<u16> {
        let cells = self.tables.iter().flat_map(|table| {
            table.rows.iter().filter_map(|row| table.cell(row, "status")).map(|cell| cell.text)
        });
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
            let examples = examples(of_it);
            if !examples.is_empty() {
                content["examples"] = examples.into();
            }
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
        if !schemes.is_empty() {
            components["securitySchemes"] = schemes.into();
        }
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
fn security(codes: &[Text]) -> Option<Value> {
    let requirement = |codes: &mut dyn Iterator<Item = &Text>| -> Map<String, Value> {
        let scopes = |code: &Text| if scheme(code) == "oauth2" { json!([code]) } else { json!([]) };
        codes.map(|code| (scheme(code).to_owned(), scopes(code))).collect()
    };
    let all = requirement(&mut codes.iter());
    let plain = requirement(&mut codes.iter().filter(|code| **code != "mutualTLS"));
    (!codes.is_empty()).then(|| if all == plain { json!([all]) } else { json!([plain, all]) })
}

/// Returns the schema of a body. The fields of a body that is a list are those of its items.
fn body<'t>(tables: impl Iterator<Item = &'t Table>, shown: &[&Fixture<'_>]) -> Value {
    let mut node = Node::default();
    for table in tables {
        for row in &table.rows {
            for name in &row[0].codes {
                let field = node.at(name);
                field.name_types(table.cell(row, "type").map_or("", |cell| cell.text));
                field.note = table.cell(row, "note").map_or("", |cell| cell.text).to_owned();
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

/// Returns the smallest and the largest value of a text such as `1 to 100`, or the largest one that it names.
fn limits(text: &str) -> (Option<u64>, Option<u64>) {
    let numbers =
        text.split(|letter: char| !letter.is_ascii_digit()).filter_map(|number| number.parse().ok());
    let numbers: BTreeSet<u64> = numbers.collect();
    let (least, most) = (numbers.first().copied(), numbers.last().copied());
    match (text.contains(" to "), text.starts_with("from ")) {
        (true, _) => (least, most),
        (_, true) => (least, None),
        _ => (None, most),
    }
}
