//! The descriptions of the vendors' APIs are valid and describe what is served. No vendor is named here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{LazyLock, Mutex, PoisonError};

use boon::{Compiler, SchemaIndex, Schemas};
use kyc_fixtures::{FixtureKind, MediaType};
use kyc_sandbox::{Sandbox, VendorInfo};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::*;

/// The schema of OpenAPI 3.1 itself, of 7 October 2022, from <https://spec.openapis.org/oas/3.1/schema/2022-10-07>.
const OPENAPI: &str = include_str!("openapi/openapi-3.1.json");

const MEDIA: &str = "content/application~1json/schema";

async fn described(sandbox: &Sandbox, key: &str) -> Value {
    let url = format!("{}/_sandbox/openapi/{key}.json", sandbox.url());
    let (status, document) = read(client().get(url).send().await.expect("a response")).await;
    assert_eq!(status, 200);
    document
}

/// Every operation with its base URL, path and method.
fn operations(document: &Value) -> Vec<(String, String, Method, &Value)> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        let servers = item.get("servers").unwrap_or(&document["servers"]);
        let base = servers[0]["url"].as_str().expect("a base URL");
        for (method, operation) in
            item.as_object().expect("an item").iter().filter(|(name, _)| *name != "servers")
        {
            let method = method.to_uppercase().parse().expect("a method");
            found.push((base.to_owned(), path.clone(), method, operation));
        }
    }
    found
}

const UNDESCRIBED: &str = " is not described";

/// Every description.
static DESCRIBED: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi");
    let files = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let read = |file| serde_json::from_str(&std::fs::read_to_string(file).expect("text")).expect("JSON");
    files.map(read).collect()
});

/// The schemas compiled so far, by their places.
static COMPILED: LazyLock<Mutex<(Schemas, BTreeMap<String, SchemaIndex>)>> = LazyLock::new(Mutex::default);

/// Checks that a response is one that the description of its path has. `Null` is an empty body.
pub(crate) fn check(path: &str, status: u16, body: &Value, is_on_request: bool) {
    let mut faults = Vec::new();
    for document in &*DESCRIBED {
        for (base, template, method, operation) in operations(document) {
            if !fits(&format!("{base}{template}"), path) {
                continue;
            }
            let mut pointer = format!(
                "/paths/{}/{}/responses/{status}",
                escaped(&template),
                method.as_str().to_lowercase()
            );
            let Some(response) = operation["responses"].get(status.to_string()) else {
                faults.push(format!("{pointer}{UNDESCRIBED}"));
                continue;
            };
            if let Some(shared) = response["$ref"].as_str() {
                pointer = shared.trim_start_matches('#').to_owned();
            }
            pointer += &format!("/{MEDIA}");
            match at(document, &pointer) {
                _ if body.is_null() => return,
                None => faults.push(format!("{pointer}{UNDESCRIBED}")),
                Some(_) => match mismatch(document, &pointer, body) {
                    None => return,
                    Some(fault) => faults.push(fault),
                },
            }
        }
    }
    let is_fault = is_on_request && faults.iter().all(|fault| fault.ends_with(UNDESCRIBED));
    assert!(faults.is_empty() || is_fault, "{path}: {}", faults.join("\n"));
}

/// Whether a path matches a template.
fn fits(template: &str, path: &str) -> bool {
    let fits = |(wanted, seen): (&str, &str)| wanted == seen || wanted.starts_with('{');
    template.matches('/').count() == path.matches('/').count()
        && template.split('/').zip(path.split('/')).all(fits)
}

/// Why a value does not match the schema of the document at that JSON pointer.
fn mismatch(document: &Value, pointer: &str, value: &Value) -> Option<String> {
    let place =
        format!("mem://{}.json#{pointer}", document["servers"][0]["url"].as_str().expect("a base URL"));
    let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    let (schemas, indices) = &mut *compiled;
    let index = *indices.entry(place.clone()).or_insert_with(|| {
        let mut compiler = Compiler::new();
        let resource = place.split('#').next().expect("an address");
        compiler.add_resource(resource, document.clone()).expect("a resource");
        compiler.compile(&place, schemas).expect("a schema")
    });
    schemas.validate(value, index).err().map(|error| format!("{error:#}"))
}

fn escaped(segment: &str) -> String {
    segment.replace('~', "~0").replace('/', "~1").replace('{', "%7B").replace('}', "%7D")
}

fn at<'a>(document: &'a Value, pointer: &str) -> Option<&'a Value> {
    document.pointer(&pointer.replace("%7B", "{").replace("%7D", "}"))
}

#[tokio::test]
async fn each_document_is_valid_openapi_3_1() {
    let sandbox = sandbox().await;
    let (mut compiler, mut schemas) = (Compiler::new(), Schemas::new());
    let schema = serde_json::from_str(OPENAPI).expect("JSON");
    compiler.add_resource("mem:///openapi.json", schema).expect("a resource");
    let schema = compiler.compile("mem:///openapi.json", &mut schemas).expect("a schema");
    for VendorInfo { key, .. } in sandbox.vendors() {
        let document = described(&sandbox, key).await;
        schemas.validate(&document, schema).unwrap_or_else(|error| panic!("{key}: {error:#}"));
        let wrong = json!({ "openapi": "3.1.0", "info": document["info"], "paths": { "no-slash": {} } });
        assert!(schemas.validate(&wrong, schema).is_err(), "the schema refuses nothing");
    }
    let unknown = client().get(format!("{}/_sandbox/openapi/none.json", sandbox.url()));
    assert_eq!(unknown.send().await.expect("a response").status(), 404);
}

#[tokio::test]
async fn each_operation_that_is_described_is_served_and_the_reverse() {
    let sandbox = sandbox().await;
    for VendorInfo { key, .. } in sandbox.vendors() {
        let document = described(&sandbox, key).await;
        let mut tags = BTreeSet::new();
        for (base, path, method, operation) in operations(&document) {
            let place = format!("{key}: {method} {path}");
            let names = operation["tags"].as_array().expect("tags");
            tags.extend(names.iter().map(|name| name.as_str().expect("text").to_owned()));
            let before = requests(&sandbox, key, names).await;
            let address = format!("{}{base}{}", sandbox.url(), with_variables(&path, operation));
            let response = client().request(method, address).send().await.expect("a response");
            let status = response.status().as_u16().to_string();
            assert!(operation["responses"].get(&status).is_some(), "{place}: {status}");
            assert_eq!(
                requests(&sandbox, key, names).await,
                before + 1,
                "{place}: is no request of {names:?}"
            );
        }
        let summary = format!("{}/_sandbox/", sandbox.url());
        let (_, summary) = read(client().get(summary).send().await.expect("a response")).await;
        let served = summary["vendors"][key]["operations"].as_array().expect("operations");
        assert_eq!(
            served.iter().map(|name| name.as_str().expect("text").to_owned()).collect::<BTreeSet<_>>(),
            tags
        );
    }
}

/// The number of requests of these operations so far.
async fn requests(sandbox: &Sandbox, key: &str, names: &[Value]) -> u64 {
    let counts = format!("{}/_sandbox/counts", sandbox.url());
    let (_, counts) = read(client().get(counts).send().await.expect("a response")).await;
    let of = |name: &Value| counts[key]["requests"][name.as_str().expect("text")].as_u64().expect("a number");
    names.iter().map(of).sum()
}

/// The path with a documented value of each of its variables, or another one.
fn with_variables(path: &str, operation: &Value) -> String {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    parameters.filter(|parameter| parameter["in"] == "path").fold(path.to_owned(), |path, parameter| {
        let value = parameter["schema"]["enum"][0].as_str().unwrap_or("1");
        path.replace(&format!("{{{}}}", parameter["name"].as_str().expect("a name")), value)
    })
}

#[tokio::test]
async fn each_payload_matches_the_schema_of_its_operation() {
    let sandbox = sandbox().await;
    for VendorInfo { key, id, .. } in sandbox.vendors() {
        let document = described(&sandbox, key).await;
        let mut pointers = Vec::new();
        for (_, path, method, operation) in operations(&document) {
            let place = format!("/paths/{}/{}", escaped(&path), method.as_str().to_lowercase());
            pointers.push((operation["tags"].clone(), place));
        }
        for name in document["webhooks"].as_object().into_iter().flatten().map(|(name, _)| name) {
            pointers.push((json!([name]), format!("/webhooks/{name}/post")));
        }
        let mut checked = 0;
        for fixture in kyc_fixtures::vendor(id).filter(|fixture| fixture.media == MediaType::Json) {
            let part = match (fixture.kind, fixture.status) {
                (FixtureKind::Response, Some(status)) => format!("responses/{status}"),
                _ => "requestBody".to_owned(),
            };
            let pointer = match fixture.status {
                Some(status @ 300..) => format!("/components/responses/{status}/{MEDIA}"),
                _ => {
                    let is_of = |tags: &Value| {
                        tags.as_array().is_some_and(|tags| tags.iter().any(|tag| tag == fixture.operation))
                    };
                    let of = pointers.iter().filter(|(tags, _)| is_of(tags));
                    let mut of = of.map(|(_, place)| format!("{place}/{part}/{MEDIA}"));
                    of.find(|pointer| at(&document, pointer).is_some()).expect("a schema of its operation")
                }
            };
            let body: Value = serde_json::from_str(fixture.body).expect("JSON");
            let mismatch =
                encrypted(&document, &pointer, &body).unwrap_or_else(|| mismatch(&document, &pointer, &body));
            assert_eq!(mismatch, None, "{key}: {}", fixture.name);
            checked += 1;
        }
        assert!(checked > 5, "{key}: {checked}");
    }
}

/// The same for a body that is sent encrypted, whose payload is that of the decrypted text.
fn encrypted(document: &Value, pointer: &str, body: &Value) -> Option<Option<String>> {
    let schema = at(document, pointer).and_then(|schema| schema.get("contentSchema"));
    schema.map(|_| mismatch(document, &format!("{pointer}/contentSchema"), body))
}
