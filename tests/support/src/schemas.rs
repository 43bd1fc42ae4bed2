//! The JSON Schema of every body, and whether the documented payloads match it.

use std::collections::{BTreeMap, BTreeSet};

use boon::{Compiler, SchemaIndex, Schemas};
use kyc_fixtures::{FixtureKind, MediaType};
use serde_json::Value;

use crate::coverage::Coverage;
use crate::edits;

/// Validates every documented payload and request against the schema of its type, and writes the schemas to the folder
/// `PROOFS`, if that is set. `extra` are schemas of types that no response has, `requests` the types of requests by operation.
pub fn prove(coverage: &Coverage, extra: Vec<Value>, requests: &[(&str, &str)]) {
    let mut checker = Checker::of(coverage, extra);
    for (operation, type_name) in requests {
        let sent = coverage.bodies(operation);
        assert!(!sent.is_empty(), "no request of {operation}");
        sent.iter().for_each(|body| checker.check(type_name, &format!("a request of {operation}"), body));
    }
    let fixtures = kyc_fixtures::vendor(coverage.vendor).filter(|fixture| fixture.media == MediaType::Json);
    for fixture in fixtures {
        let printed = serde_json::from_str(fixture.body).unwrap();
        let request = requests.iter().find(|(of, _)| *of == fixture.operation);
        match (coverage.again(fixture, fixture.body), fixture.kind) {
            (Some(read), _) => checker.check(&read.name, fixture.name, &read.written().unwrap_or(printed)),
            (None, FixtureKind::Request) => {
                request
                    .into_iter()
                    .for_each(|(_, type_name)| checker.check(type_name, fixture.name, &printed));
            }
            _ => panic!("no type reads {}", fixture.name),
        }
    }
    let lost = forgotten(&coverage.sources(), &checker.raw);
    assert!(lost.is_empty(), "derive a schema, but no schema contains them: {}", lost.join(", "));
    checker.hold(0);
    for (name, schema) in &checker.raw {
        crate::output(&format!("schemas/{}/{name}.json", coverage.vendor), &format!("{schema:#}\n"));
    }
}

/// Validates 300 edits of each payload, read and written again: everything that a type reads, it writes as its schema describes.
pub fn edited_payloads_match(coverage: &Coverage) {
    let mut checker = Checker::of(coverage, Vec::new());
    for fixture in
        kyc_fixtures::vendor(coverage.vendor).filter(|fixture| fixture.kind != FixtureKind::Request)
    {
        for edit in edits(fixture.body, u64::from(fixture.page_line), 300) {
            // Without a required field a type refuses the body, and nothing is written.
            let Some(read) = coverage.again(fixture, &edit.json) else { continue };
            let what = format!("{} {edit:?}", fixture.name);
            read.written().iter().for_each(|written| checker.check(&read.name, &what, written));
        }
    }
    checker.hold(1000);
}

/// Schemas by name, and the faults found with them.
#[derive(Default)]
struct Checker {
    raw: BTreeMap<String, Value>,
    compiled: Schemas,
    indices: BTreeMap<String, SchemaIndex>,
    checked: usize,
    faults: Vec<String>,
}

impl Checker {
    fn of(coverage: &Coverage, extra: Vec<Value>) -> Self {
        let mut checker = Self::default();
        coverage.schemas().into_iter().chain(extra).for_each(|schema| checker.add(schema));
        checker
    }

    /// Adds a schema under its title, if it is a valid schema.
    fn add(&mut self, schema: Value) {
        let name = schema["title"].as_str().unwrap().to_owned();
        let place = format!("mem:///{name}.json");
        let mut compiler = Compiler::new();
        let added = compiler.add_resource(&place, schema.clone()).map_err(|error| error.to_string());
        let compile = |()| compiler.compile(&place, &mut self.compiled).map_err(|error| format!("{error:#}"));
        match added.and_then(compile) {
            Ok(index) => drop(self.indices.insert(name.clone(), index)),
            Err(error) => self.faults.push(format!("the schema of {name} is invalid: {error}")),
        }
        let twice = self.raw.insert(name.clone(), schema.clone()).is_some_and(|other| other != schema);
        self.faults.extend(twice.then(|| format!("two schemas have the name {name}")));
    }

    /// Validates a body, or each body of a list.
    fn check(&mut self, type_name: &str, what: &str, value: &Value) {
        if let Value::Array(list) = value {
            return list.iter().for_each(|one| self.check(type_name, what, one));
        }
        let Some(index) = self.indices.get(type_name) else {
            return self.faults.push(format!("{what}: there is no schema of {type_name}"));
        };
        self.checked += 1;
        self.faults.extend(self.compiled.validate(value, *index).err().map(|error| {
            // The first line contains the address of the schema, each other one a place.
            let places: Vec<_> =
                error.to_string().lines().skip(1).map(|line| line.trim().to_owned()).collect();
            format!("{what}: does not match the schema of {type_name} {}", places.join(" "))
        }));
    }

    fn hold(&self, least: usize) {
        assert!(self.faults.is_empty(), "{} faults:\n{}", self.faults.len(), self.faults.join("\n"));
        assert!(self.checked > least, "{}", self.checked);
    }
}

/// Returns the types that have a schema but occur neither as a body nor inside one. A generic type occurs as
/// `Listing_of_Message`.
fn forgotten(sources: &str, schemas: &BTreeMap<String, Value>) -> Vec<String> {
    let inner = schemas.values().filter_map(|schema| schema["$defs"].as_object());
    let known: BTreeSet<_> = schemas.keys().chain(inner.flat_map(|inner| inner.keys())).collect();
    let is_known = |name: &str| known.iter().any(|other| other.split("_of_").next() == Some(name));
    let marks = ["derive(schemars::JsonSchema)", "open_enum! {", "response! {"];
    let after = marks.iter().flat_map(|mark| sources.split(mark).skip(1));
    let declared = after.filter_map(|text| {
        let line = text
            .lines()
            .map(str::trim)
            .find_map(|line| line.strip_prefix("pub struct ").or_else(|| line.strip_prefix("pub enum ")));
        line?.split(|c: char| !c.is_alphanumeric() && c != '_').next()
    });
    declared.filter(|name| !is_known(name)).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn checker(schema: Value) -> Checker {
        let mut checker = Checker::default();
        checker.add(schema);
        checker
    }

    #[test]
    fn an_invalid_body_is_named() {
        let a = json!({ "type": "string" });
        let inner = json!({ "anyOf": [{ "$ref": "#" }, { "type": "null" }] });
        let mut checker = checker(json!({ "title": "Toy", "properties": { "a": a, "inner": inner } }));
        checker.check("Toy", "one", &json!({ "a": "x", "inner": { "a": "y" } }));
        checker.hold(0);
        checker.check("Toy", "two", &json!([{ "a": "x" }, { "inner": { "inner": { "a": 1 } } }]));
        checker.check("Other", "three", &json!({}));
        let [two, three] = checker.faults.as_slice() else { panic!("{:?}", checker.faults) };
        assert!(two.starts_with("two: ") && two.contains("/inner/inner/a"), "{two}");
        assert_eq!((three.as_str(), checker.checked), ("three: there is no schema of Other", 3));
    }

    #[test]
    fn a_schema_must_be_valid_and_the_only_one_of_its_name() {
        let mut checker = checker(json!({ "title": "Toy", "type": ["string", "string"] }));
        assert!(checker.faults[0].starts_with("the schema of Toy is invalid"), "{:?}", checker.faults);
        checker.add(json!({ "title": "Toy" }));
        assert_eq!(checker.faults[1], "two schemas have the name Toy");
    }

    #[test]
    fn a_type_without_a_schema_is_found() {
        let source = "
            #[cfg_attr(feature = \"schema\", derive(schemars::JsonSchema))]
            #[non_exhaustive]
            pub struct Answer {
            pub struct Client;
            open_enum! {
                pub enum State: text {
            response! {
                pub struct Gone {
            #[cfg_attr(feature = \"schema\", derive(schemars::JsonSchema))]
            pub(crate) x: u8,
            pub struct Lost<T> {";
        let schema = json!({ "title": "Answer", "$defs": { "State": { "type": "string" } } });
        let mut checker = checker(schema);
        assert_eq!(forgotten(source, &checker.raw), ["Lost", "Gone"]);
        checker.add(json!({ "title": "Lost_of_Answer", "$defs": { "Gone": {} } }));
        assert_eq!(forgotten(source, &checker.raw), Vec::<String>::new());
    }
}
