//! The schema of a body, from the fields of a table and from payloads.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

/// What is known of a value: everything that a table names or a payload shows. Nothing is required of a response.
#[derive(Clone, Debug, Default)]
pub(super) struct Node {
    pub(super) types: BTreeSet<&'static str>,
    pub(super) note: String,
    pub(super) required: bool,
    /// The smallest and the largest number, or length of a text.
    pub(super) limits: (Option<u64>, Option<u64>),
    pub(super) examples: Vec<Value>,
    pub(super) properties: BTreeMap<String, Node>,
    items: Option<Box<Node>>,
}

impl Node {
    /// Returns the node of a path such as `items[].colour`, which is added if there is none.
    pub(super) fn at(&mut self, path: &str) -> &mut Self {
        path.split('.').fold(self, |node, segment| {
            let name = segment.trim_end_matches("[]");
            node.types.insert("object");
            let node = node.properties.entry(name.to_owned()).or_default();
            (0..(segment.len() - name.len()) / 2).fold(node, |node, _| node.element())
        })
    }

    /// Returns the node of the elements of a list.
    pub(super) fn element(&mut self) -> &mut Self {
        self.types.insert("array");
        self.items.get_or_insert_default()
    }

    /// Adds the types and the fields of a payload.
    pub(super) fn see(&mut self, payload: &Value) {
        self.types.insert(match payload {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(number) if number.is_f64() => "number",
            Value::Number(_) => "integer",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        });
        for element in payload.as_array().into_iter().flatten() {
            self.element().see(element);
        }
        for (name, value) in payload.as_object().into_iter().flatten() {
            self.properties.entry(name.clone()).or_default().see(value);
        }
    }

    /// Adds what a cell of the column `type` names, such as `array of objects, or text`.
    pub(super) fn name_types(&mut self, text: &str) {
        let words = |part: &'static [(&str, &str)], text: &str| {
            let mut words = text.split(|letter: char| !letter.is_ascii_alphabetic());
            words.find_map(|word| part.iter().find(|(name, _)| *name == word).map(|(_, of)| *of))
        };
        for part in text.split([',', ';', ':']).flat_map(|part| part.split(" or ")) {
            let outer = part.split(" of ").next().unwrap_or_default();
            self.types.extend(words(TYPES, outer));
        }
        self.types.extend(text.contains("null").then_some("null"));
        if self.types.contains("array")
            && let Some(inner) = words(INNER, text)
        {
            self.element().types.insert(inner);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.types.is_empty()
    }

    pub(super) fn schema(&self) -> Value {
        let mut schema = Map::new();
        let mut types = self.types.clone();
        if types.remove("file") {
            (types, _) = (["string"].into(), schema.insert("format".to_owned(), json!("binary")));
        }
        if types.contains("number") {
            types.remove("integer");
        }
        match types.len() {
            0 => {}
            1 => drop(schema.insert("type".to_owned(), json!(types.first()))),
            _ => drop(schema.insert("type".to_owned(), json!(types))),
        }
        let is_number = types.contains("integer") || types.contains("number");
        let (least, most) = if is_number { ("minimum", "maximum") } else { ("minLength", "maxLength") };
        let (lowest, highest) = self.limits;
        let properties: Map<_, _> =
            self.properties.iter().map(|(name, node)| (name.clone(), node.schema())).collect();
        let required: Vec<_> =
            self.properties.iter().filter(|(_, node)| node.required).map(|(name, _)| name).collect();
        let optional = [
            (least, lowest.map(Value::from)),
            (most, highest.map(Value::from)),
            ("description", Some(json!(self.note)).filter(|_| !self.note.is_empty())),
            ("examples", Some(json!(self.examples)).filter(|_| !self.examples.is_empty())),
            ("items", self.items.as_ref().map(|items| items.schema())),
            ("required", Some(json!(required)).filter(|_| !required.is_empty())),
            ("properties", Some(properties.into()).filter(|_| !self.properties.is_empty())),
        ];
        schema.extend(optional.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
        schema.into()
    }
}

/// The words of a table, and the types of JSON.
const TYPES: &[(&str, &str)] = &[
    ("string", "string"),
    ("text", "string"),
    ("file", "file"),
    ("boolean", "boolean"),
    ("integer", "integer"),
    ("number", "number"),
    ("object", "object"),
    ("array", "array"),
    ("list", "array"),
];

const INNER: &[(&str, &str)] = &[("objects", "object"), ("strings", "string"), ("texts", "string")];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_a_table_are_types() {
        for (text, types) in [
            ("string, base64", json!({ "type": "string" })),
            ("table: integer, example: string", json!({ "type": ["integer", "string"] })),
            ("number, text, or text with `%`", json!({ "type": ["number", "string"] })),
            ("boolean, printed as text", json!({ "type": ["boolean", "string"] })),
            (
                "array of objects, or null",
                json!({ "type": ["array", "null"], "items": { "type": "object" } }),
            ),
            ("object of string arrays", json!({ "type": "object" })),
            ("file, as a part of the multipart form", json!({ "type": "string", "format": "binary" })),
            ("", json!({})),
        ] {
            let mut node = Node::default();
            node.name_types(text);
            assert_eq!(node.schema(), types, "{text}");
        }
    }

    #[test]
    fn a_table_and_payloads_make_one_schema() {
        let mut node = Node::default();
        node.at("items[].colour").name_types("string");
        node.see(&json!({ "items": [{ "colour": null }, { "size": 1.5 }, { "size": 2 }], "id": 1 }));
        let colour = json!({ "type": ["null", "string"] });
        let item =
            json!({ "type": "object", "properties": { "colour": colour, "size": { "type": "number" } } });
        let items = json!({ "type": "array", "items": item });
        let properties = json!({ "id": { "type": "integer" }, "items": items });
        assert_eq!(node.schema(), json!({ "type": "object", "properties": properties }));
    }
}
