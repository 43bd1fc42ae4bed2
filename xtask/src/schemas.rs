//! `cargo xtask schemas`: the JSON Schema of every body of every vendor, under docs/schemas.
//!
//! The package `drift` makes the schemas, and validates every fixture, read and written again, against its own.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value};

use crate::drift;
use crate::outputs::Outputs;

const FOLDER: &str = "docs/schemas";

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Writes nothing and fails if a schema would change.
    #[arg(long)]
    check: bool,
}

pub(crate) fn run(root: &Path, args: &Args) -> Result<()> {
    let report = drift::run(root, "schemas", &Value::Null)?;
    let vendors = report["schemas"].as_object().context("drift's output has no schemas")?;
    let outputs = files(vendors);
    let written = if args.check { outputs.check(root, "cargo xtask schemas") } else { outputs.write(root) };
    let mut faults: Vec<String> = report["faults"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|fault| fault.as_str().unwrap_or_default().to_owned())
        .collect();
    for (vendor, schemas) in vendors {
        let sources = sources(&root.join("crates").join(vendor).join("src"))?;
        faults.extend(forgotten(&sources, schemas).into_iter().map(|name| {
            format!("{vendor}: {name} derives a schema, but no schema in tests/drift/src/vendors contains it")
        }));
    }
    for fault in &faults {
        eprintln!("fault: {fault}");
    }
    written?;
    if !faults.is_empty() {
        bail!("{} fault(s) in schemas or payloads", faults.len());
    }
    println!("{} payload(s) match their schemas", report["checked"]);
    Ok(())
}

/// Returns a file for each body. Keys are sorted, so that a diff shows only changes.
fn files(vendors: &Map<String, Value>) -> Outputs {
    let mut outputs = Outputs::default();
    outputs.own(FOLDER);
    for (vendor, schemas) in vendors {
        for (name, schema) in schemas.as_object().into_iter().flatten() {
            outputs.file(format!("{FOLDER}/{vendor}/{name}.json"), format!("{schema:#}\n"));
        }
    }
    outputs
}

/// Returns the concatenated sources below a folder.
fn sources(folder: &Path) -> Result<String> {
    let mut text = String::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let path = entry.with_context(|| format!("cannot list {}", folder.display()))?.path();
        if path.is_dir() {
            text.push_str(&sources(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            text.push_str(
                &fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?,
            );
        }
    }
    Ok(text)
}

/// Returns the types that derive a schema or are open enums, but occur neither as a body nor inside one. A generic type
/// occurs as `Listing_of_Message`.
fn forgotten(sources: &str, schemas: &Value) -> Vec<String> {
    let (mut names, mut next_is_one) = (Vec::new(), false);
    for line in sources.lines().map(str::trim) {
        next_is_one |= line.contains("derive(schemars::JsonSchema)") || line.contains("open_enum! {");
        let declared = line.strip_prefix("pub struct ").or_else(|| line.strip_prefix("pub enum "));
        if let Some(declared) = declared
            && std::mem::take(&mut next_is_one)
        {
            let end = declared.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(declared.len());
            names.push(declared[..end].to_owned());
        }
    }
    let holds = |name: &String| {
        let is_it = |title: &String| {
            title.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with("_of_"))
        };
        schemas.as_object().into_iter().flatten().any(|(body, schema)| {
            is_it(body) || schema["$defs"].as_object().is_some_and(|inner| inner.keys().any(is_it))
        })
    };
    names.into_iter().filter(|name| !holds(name)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn schemas() -> Map<String, Value> {
        let schema = json!({ "type": "object", "$defs": { "State": { "type": "string" } } });
        [("acme".to_owned(), json!({ "Answer": schema }))].into_iter().collect()
    }

    #[test]
    fn each_outdated_schema_is_named() {
        let root = tempfile::tempdir().unwrap();
        files(&schemas()).write(root.path()).unwrap();
        files(&schemas()).check(root.path(), "x").unwrap();
        let file = root.path().join("docs/schemas/acme/Answer.json");
        assert!(fs::read_to_string(&file).unwrap().starts_with("{\n  \"$defs\": {\n"));
        fs::write(&file, "{}\n").unwrap();
        fs::write(root.path().join("docs/schemas/acme/Gone.json"), "{}\n").unwrap();
        let outdated: Vec<_> =
            files(&schemas()).outdated(root.path()).unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(
            outdated,
            ["changed: docs/schemas/acme/Answer.json", "stale: docs/schemas/acme/Gone.json"]
        );
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
            #[cfg_attr(feature = \"schema\", derive(schemars::JsonSchema))]
            pub(crate) x: u8,
            pub struct Lost<T> {";
        let schemas = &schemas()["acme"];
        assert_eq!(forgotten(source, schemas), ["Lost"]);
        let mut found = schemas.clone();
        found["Lost_of_Answer"] = json!({});
        assert_eq!(forgotten(source, &found), Vec::<String>::new());
    }
}
