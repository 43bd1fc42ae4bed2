//! Requests and responses: those of a path, and the events of the vendor.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::schema::Node;
use super::tables::{Table, Text};
use super::{
    Api, FORM, JSON, MULTIPART, Operation, PAGES, anchor, body, examples, media, security, set, statuses,
    value,
};
use crate::fixtures::Media;
use crate::fixtures::page::Kind;

/// Headers that OpenAPI describes elsewhere.
const RESERVED: [Text; 3] = ["accept", "authorization", "content-type"];

impl Api<'_> {
    pub(super) fn call(&self, method: &str, path: &str, operations: &[(usize, &Operation)]) -> Value {
        let names: Vec<_> = operations.iter().map(|(_, operation)| operation.name).collect();
        let Some((place, first)) = operations.first() else { return json!({}) };
        let id = if *place == 0 { first.name.to_owned() } else { format!("{}-{}", first.name, place + 1) };
        let mut call = self.described(first);
        call["operationId"] = id.into();
        call["tags"] = json!(names);
        let variables = path.split(['{', '}']).skip(1).step_by(2).map(|name| {
            let mut schema = json!({ "type": "string" });
            set(&mut schema, "enum", self.segments(&names));
            json!({ "name": name, "in": "path", "required": true, "schema": schema })
        });
        let mut parameters: Vec<_> = variables.chain(self.headers(first, "request")).collect();
        if method == "GET" {
            let fields = self.request(&names, FORM);
            parameters.extend(fields.properties.iter().map(|(name, field)| {
                json!({ "name": name, "in": "query", "required": field.required, "schema": field.schema() })
            }));
        } else {
            set(&mut call, "requestBody", self.request_body(operations));
        }
        set(&mut call, "parameters", parameters);
        set(&mut call, "security", security(&first.authorization.codes));
        call["responses"] = self.responses(first, &names);
        call
    }

    /// Returns the values of the variable in the path of these operations, if they are listed.
    fn segments(&self, names: &[Text]) -> Vec<Text> {
        let tables = self.tables_of(names, "value").into_iter();
        let cells = tables.flat_map(|table| table.rows.iter().map(|row| table.codes(row, "path segment")));
        cells.flatten().copied().collect()
    }

    fn described(&self, operation: &Operation) -> Value {
        let anchor = operation.section.links.first().unwrap_or(&"");
        let url = format!("{PAGES}/{}.md{anchor}", self.page.vendor);
        json!({ "summary": operation.section.text, "externalDocs": { "url": url } })
    }

    /// Returns the headers of that direction as parameters: those of the operation's section, and those under the heading that
    /// its authorization links.
    fn headers(&self, operation: &Operation, direction: &str) -> Vec<Value> {
        let is_linked = |table: &&Table| operation.authorization.links.contains(&anchor(table).as_str());
        let tables = self.tables_of(&[operation.name], "header").into_iter();
        let tables = tables.chain(self.headed("header").filter(is_linked));
        let mut headers = Vec::<Value>::new();
        for (table, row) in tables.flat_map(|table| table.rows.iter().map(move |row| (table, row))) {
            let (name, note) = (table.code(row, 0), table.text(row, "note"));
            let of = Some(table.text(row, "direction")).filter(|of| !of.is_empty()).unwrap_or("request");
            let is_reserved = RESERVED.contains(&&*name.to_lowercase());
            if of != direction || is_reserved || headers.iter().any(|known| known["name"] == *name) {
                continue;
            }
            let mut schema = json!({ "type": "string" });
            set(&mut schema, "examples", table.codes(row, "value"));
            let required = note.starts_with("required");
            let mut header = json!({ "name": name, "in": "header", "required": required, "schema": schema });
            set(&mut header, "description", if note.is_empty() { table.text(row, "value") } else { note });
            headers.push(header);
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

    /// Returns the body in each of its content types. Of operations that share a path, one is meant.
    fn request_body(&self, operations: &[(usize, &Operation)]) -> Value {
        let (mut schemas, mut content) = (BTreeMap::<_, Vec<_>>::new(), json!({}));
        for (_, operation) in operations {
            for media in self.media(operation) {
                schemas
                    .entry(media)
                    .or_default()
                    .push((operation.name, self.request(&[operation.name], media)));
            }
        }
        for (media, bodies) in &schemas {
            let names: Vec<_> = bodies.iter().map(|(name, _)| *name).collect();
            let alternatives: Vec<_> = bodies.iter().map(|(_, body)| body.schema()).collect();
            let schema = match alternatives.as_slice() {
                [only] => only.clone(),
                all => json!({ "anyOf": all }),
            };
            let sent = self.payloads(&names, Kind::Request).into_iter();
            content[media] = json!({ "schema": schema });
            set(&mut content[media], "examples", examples(sent.filter(|sent| super::media(sent) == *media)));
        }
        if schemas.is_empty() { Value::Null } else { json!({ "required": true, "content": content }) }
    }

    /// Returns the fields of a request that is sent in this form.
    fn request(&self, names: &[Text], form: &str) -> Node {
        let mut node = Node::default();
        let tables = self.tables_of(names, "request field").into_iter();
        for (table, row) in tables.flat_map(|table| table.rows.iter().map(move |row| (table, row))) {
            let kind = table.text(row, "type");
            if kind.starts_with("file") && form == JSON {
                continue;
            }
            let part = table.cell(row, "part").filter(|_| form == MULTIPART);
            for name in &part.unwrap_or(&row[0]).codes {
                let field = node.at(name);
                field.name_types(kind);
                match field.types.remove("file") {
                    true if form == MULTIPART => field.types = ["file"].into(),
                    _ if kind.contains("repeated") => {
                        field.element().types = std::mem::replace(&mut field.types, ["array"].into());
                    }
                    _ => {}
                }
                field.note = table.text(row, "note").to_owned();
                field.required = table.text(row, "required").starts_with("yes");
                field.limits = limits(table.text(row, "limit"));
                let links = table.cell(row, "note").into_iter().flat_map(|cell| &cell.links);
                field.examples = links.flat_map(|link| self.values(link)).collect();
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
        let mut meanings = BTreeMap::new();
        for table in self.tables_of(names, "status") {
            for row in &table.rows {
                let meaning = table.text(row, "meaning");
                meanings.extend(statuses(row[0].text).map(|status| (status, meaning)));
            }
        }
        let answered = self.payloads(names, Kind::Response).into_iter();
        for status in answered.filter_map(|fixture| fixture.block.status).chain(self.failures()) {
            meanings.entry(status).or_default();
        }
        let response = |(status, meaning): (u16, Text)| {
            let response = match status {
                ..300 => self.success(operation, names, status, meaning),
                _ => {
                    let mut response = json!({ "$ref": format!("#/components/responses/{status}") });
                    set(&mut response, "description", meaning);
                    response
                }
            };
            (status.to_string(), response)
        };
        meanings.into_iter().map(response).collect()
    }

    fn success(&self, operation: &Operation, names: &[Text], status: u16, meaning: &str) -> Value {
        let mut shown = self.payloads(names, Kind::Response);
        shown.retain(|fixture| fixture.block.status == Some(status));
        let may_be_empty = shown.iter().any(|fixture| fixture.media == Media::Empty);
        shown.retain(|fixture| fixture.media == Media::Json);
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
        let mut response = json!({ "description": if meaning.is_empty() { "Success." } else { meaning } });
        if schema != json!({}) {
            response["content"] = json!({ JSON: { "schema": schema } });
            // OpenAPI cannot say that a body is optional.
            if may_be_empty {
                response["description"] = format!("{meaning} (the body may be empty)").trim().into();
            }
            set(&mut response["content"][JSON], "examples", examples(in_clear.into_iter()));
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
    pub(super) fn event(&self, operation: &Operation) -> Value {
        let names = [operation.name];
        let shown = self.payloads(&names, Kind::Webhook);
        let tables = self.tables_of(&names, "field").into_iter();
        let content = json!({ "schema": body(tables, &shown), "examples": examples(shown.iter().copied()) });
        let mut event = self.described(operation);
        event["operationId"] = operation.name.into();
        event["requestBody"] = json!({ "required": true, "content": { JSON: content } });
        event["parameters"] = self.headers(operation, "request").into();
        event["responses"] = json!({ "200": { "description": "The event was received." } });
        set(&mut event, "security", security(&operation.authorization.codes));
        event
    }
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
