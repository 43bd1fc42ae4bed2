//! The JSON Schema of every body, and whether the documented payloads match it.

use std::collections::BTreeMap;

use anyhow::Result;
use boon::{Compiler, SchemaIndex, Schemas};
use kyc_fixtures::{Fixture, FixtureKind, MediaType};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::Value;

use crate::vendor::{Body, Vendor};

/// Returns the schema of a type's serialized form.
pub(crate) fn written<T: JsonSchema>() -> Value {
    SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<T>().to_value()
}

/// Returns the schema of a type's deserialized form, for a type that is never written.
pub(crate) fn read<T: JsonSchema>() -> Value {
    SchemaSettings::draft2020_12().for_deserialize().into_generator().into_root_schema_for::<T>().to_value()
}

/// The output of `drift schemas`.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Report {
    /// The schemas by vendor and type.
    schemas: BTreeMap<&'static str, BTreeMap<String, Value>>,
    /// The number of payloads validated against a schema.
    checked: usize,
    /// The payloads and schemas that are invalid.
    faults: Vec<String>,
}

pub(crate) async fn report(vendors: &[Box<dyn Vendor>]) -> Result<Report> {
    let mut report = Report::default();
    for vendor in vendors {
        let mut checker = Checker::default();
        for schema in vendor.schemas() {
            checker.add(schema);
        }
        check(vendor.as_ref(), &mut checker).await?;
        let here = |fault| format!("{}: {fault}", vendor.name());
        report.faults.extend(checker.faults.into_iter().map(here));
        report.checked += checker.checked;
        report.schemas.insert(vendor.name(), checker.raw);
    }
    Ok(report)
}

async fn check(vendor: &dyn Vendor, checker: &mut Checker) -> Result<()> {
    let requests = vendor.requests().await?;
    for (operation, request) in &requests {
        if let Some((type_name, value)) = request {
            checker.check(type_name, &format!("a request of {operation}"), value);
        }
    }
    for fixture in kyc_fixtures::vendor(vendor.name()).filter(|fixture| fixture.media == MediaType::Json) {
        let printed = serde_json::from_str(fixture.body)?;
        if fixture.kind == FixtureKind::Request {
            match requests.get(fixture.operation) {
                Some(Some((type_name, _))) => checker.check(type_name, fixture.name, &printed),
                Some(None) => {}
                None => checker.fault(format!("{}: this operation has no request", fixture.name)),
            }
            continue;
        }
        match again(vendor, fixture, fixture.body.as_bytes()) {
            Ok((type_name, written)) => {
                checker.check(type_name, fixture.name, &written.unwrap_or(printed));
            }
            Err(why) => checker.fault(format!("{}: {why}", fixture.name)),
        }
    }
    Ok(())
}

/// Reads a body of the fixture's kind and returns its type's name and its serialized form.
fn again(
    vendor: &dyn Vendor,
    fixture: &Fixture,
    body: &[u8],
) -> Result<(&'static str, Option<Value>), String> {
    let kind = match fixture.status {
        Some(status) => Body::Answer(fixture.operation, status),
        None => Body::Event(fixture.operation),
    };
    let reader = vendor.reader(&kind).ok_or("no type reads it")?;
    let reader = reader.of(body);
    let read = reader.read(body)?;
    match read.ignored.as_slice() {
        [] => Ok((reader.type_name, read.written)),
        ignored => Err(format!("`{}` does not know {}", reader.type_name, ignored.join(", "))),
    }
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
    /// Adds a schema under its title, if it is a valid schema.
    fn add(&mut self, schema: Value) {
        let Some(name) = schema.get("title").and_then(Value::as_str).map(str::to_owned) else {
            return self.fault("a schema has no title".to_owned());
        };
        let place = format!("mem:///{name}.json");
        let mut compiler = Compiler::new();
        let added = compiler.add_resource(&place, schema.clone()).map_err(|error| error.to_string());
        let compiled = added.and_then(|()| {
            compiler.compile(&place, &mut self.compiled).map_err(|error| format!("{error:#}"))
        });
        match compiled {
            Ok(index) => drop(self.indices.insert(name.clone(), index)),
            Err(error) => self.fault(format!("the schema of {name} is invalid: {error}")),
        }
        if self.raw.insert(name.clone(), schema).is_some() {
            self.fault(format!("two schemas have the name {name}"));
        }
    }

    /// Validates a body, or each body of a list.
    fn check(&mut self, type_name: &str, what: &str, value: &Value) {
        if let Value::Array(list) = value {
            return list.iter().for_each(|one| self.check(type_name, what, one));
        }
        let Some(index) = self.indices.get(type_name) else {
            return self.fault(format!("{what}: there is no schema of {type_name}"));
        };
        self.checked += 1;
        let fault = self.compiled.validate(value, *index).err().map(|error| {
            // The first line contains the address of the schema, each other one a place.
            let places: Vec<_> =
                error.to_string().lines().skip(1).map(|line| line.trim().to_owned()).collect();
            format!("{what}: does not match the schema of {type_name} {}", places.join(" "))
        });
        self.faults.extend(fault);
    }

    fn fault(&mut self, fault: String) {
        self.faults.push(fault);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use test_support::edits;

    use super::*;
    use crate::vendors;

    fn checker(schema: Value) -> Checker {
        let mut checker = Checker::default();
        checker.add(schema);
        checker
    }

    #[test]
    fn an_invalid_body_is_named() {
        let schema = json!({ "title": "Toy", "type": "object", "properties": { "a": { "type": "string" } } });
        let mut checker = checker(schema);
        checker.check("Toy", "one", &json!({ "a": "x" }));
        assert!(checker.faults.is_empty());
        checker.check("Toy", "two", &json!([{ "a": "x" }, { "a": 1 }]));
        checker.check("Other", "three", &json!({}));
        assert!(
            checker.faults[0].starts_with("two: ") && checker.faults[0].contains("/a"),
            "{:?}",
            checker.faults
        );
        assert_eq!(checker.faults[1], "three: there is no schema of Other");
        assert_eq!(checker.checked, 3);
    }

    #[test]
    fn a_schema_may_contain_itself() {
        let schema = json!({
            "title": "Toy",
            "properties": { "a": { "type": "string" }, "inner": { "anyOf": [{ "$ref": "#" }, { "type": "null" }] } },
        });
        let mut checker = checker(schema);
        checker.check("Toy", "one", &json!({ "inner": { "a": "x", "inner": { "a": "y" } } }));
        assert_eq!(checker.faults.first(), None);
        checker.check("Toy", "two", &json!({ "inner": { "inner": { "a": 1 } } }));
        assert!(checker.faults[0].contains("/inner/inner/a"), "{:?}", checker.faults);
    }

    #[test]
    fn a_schema_must_be_valid() {
        let twice = checker(json!({ "title": "Toy", "type": ["string", "string"] }));
        assert!(twice.faults[0].starts_with("the schema of Toy is invalid"), "{:?}", twice.faults);
    }

    /// Not only documented payloads: everything that a type reads, it writes as its schema describes.
    #[tokio::test]
    async fn edited_payloads_match_the_schema_when_written_again() {
        for vendor in vendors::all() {
            let mut checker = Checker::default();
            vendor.schemas().into_iter().for_each(|schema| checker.add(schema));
            for fixture in
                kyc_fixtures::vendor(vendor.name()).filter(|fixture| fixture.kind != FixtureKind::Request)
            {
                for edit in edits(fixture.body, u64::from(fixture.page_line), 300) {
                    // Without a required field a type refuses the body, and nothing is written.
                    if let Ok((type_name, Some(written))) =
                        again(vendor.as_ref(), fixture, edit.json.as_bytes())
                    {
                        checker.check(type_name, &format!("{} {edit:?}", fixture.name), &written);
                    }
                }
            }
            assert_eq!(checker.faults.first(), None);
            assert!(checker.checked > 1000, "{}", checker.checked);
        }
    }
}
