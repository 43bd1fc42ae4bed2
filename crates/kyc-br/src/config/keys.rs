//! The keys of a table, out of the JSON Schema of its type.

use kyc_core::Integration;
use serde_json::Value;

use super::Section;

/// A key of a table. A reference page and a commented file are made from the list of them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConfigKey {
    /// The names of the nested tables and of the key.
    pub path: Vec<String>,
    /// The name of the environment variable. It ends with an asterisk if the table has names of the user's choice.
    pub variable: String,
    /// What the key means.
    pub description: String,
    /// The type: `text`, `number`, `true or false`, `list` or `table`; or the values that it may have.
    pub kind: String,
    /// Whether a client cannot be created without it.
    pub is_required: bool,
    /// Whether the value must be kept secret.
    pub is_secret: bool,
}

/// Returns the keys of a vendor's configuration, those of nested tables last.
#[must_use]
pub fn config_keys(integration: &Integration) -> Vec<ConfigKey> {
    // The feature of this crate enables that of every vendor.
    keys_of(&integration.config_schema().unwrap_or_default(), integration.key())
}

/// Returns the keys of a table that is not a vendor's.
#[must_use]
pub fn section_keys(section: Section) -> Vec<ConfigKey> {
    keys_of(&section.schema(), section.key())
}

fn keys_of(schema: &Value, table: &str) -> Vec<ConfigKey> {
    let mut keys = Vec::new();
    collect(schema, schema, &[], table, &mut keys);
    // A stable sort: the order within a table stays.
    keys.sort_by_key(|key| key.path.len() > 1);
    keys
}

fn collect(root: &Value, table: &Value, parents: &[String], vendor: &str, keys: &mut Vec<ConfigKey>) {
    let Some(properties) = table["properties"].as_object() else { return };
    let required: Vec<_> =
        table["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for (name, property) in properties {
        let value = resolve(root, property);
        let path: Vec<String> = parents.iter().chain([name]).cloned().collect();
        if value["properties"].is_object() {
            collect(root, value, &path, vendor, keys);
            continue;
        }
        let kind = kind(value);
        let any = if kind == "table" { "_*" } else { "" };
        keys.push(ConfigKey {
            variable: format!("KYC_{vendor}_{}", path.join("_")).to_ascii_uppercase() + any,
            path,
            description: without_links(property["description"].as_str().unwrap_or_default()),
            kind,
            is_required: parents.is_empty() && required.contains(&name.as_str()),
            is_secret: is_secret(value) || is_secret(&value["items"]),
        });
    }
}

fn is_secret(value: &Value) -> bool {
    value["writeOnly"].as_bool().unwrap_or_default()
}

/// Follows a reference, and the alternative that is not null.
fn resolve<'s>(root: &'s Value, value: &'s Value) -> &'s Value {
    let alternatives = value["anyOf"].as_array().or_else(|| value["allOf"].as_array());
    let value = alternatives.and_then(|all| all.iter().find(|one| one["type"] != "null")).unwrap_or(value);
    let target = value["$ref"].as_str().and_then(|name| name.strip_prefix("#/"));
    target.and_then(|path| root.pointer(&format!("/{path}"))).unwrap_or(value)
}

fn kind(value: &Value) -> String {
    let variants = value["oneOf"].as_array().into_iter().flatten().map(|one| &one["const"]);
    let names = value["enum"].as_array().into_iter().flatten().chain(variants).filter_map(Value::as_str);
    let names: Vec<_> = names.map(|name| format!("`{name}`")).collect();
    if !names.is_empty() {
        return names.join(" or ");
    }
    let is = |wanted: &str| match &value["type"] {
        Value::Array(types) => types.iter().any(|one| one == wanted),
        one => one == wanted,
    };
    let kinds = [
        ("boolean", "true or false"),
        ("integer", "number"),
        ("number", "number"),
        ("array", "list"),
        ("object", "table"),
    ];
    kinds.iter().find(|(wanted, _)| is(wanted)).map_or("text", |(_, kind)| kind).to_owned()
}

/// Replaces the links of a doc comment by their texts.
fn without_links(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('[') {
        plain += before;
        match after.split_once("](").and_then(|(label, target)| Some((label, target.split_once(')')?.1))) {
            Some((label, behind)) if !label.contains('[') => {
                plain += label;
                rest = behind;
            }
            _ => {
                plain.push('[');
                rest = after;
            }
        }
    }
    (plain + rest).split_whitespace().collect::<Vec<_>>().join(" ")
}
