use kyc_core::OneOrMany;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::*;
use crate::listed;

#[derive(Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
struct Toy {
    id: String,
    #[serde(alias = "Colour", skip_serializing_if = "Option::is_none")]
    colour: Option<String>,
    #[serde(rename = "mass", alias = "Weight", skip_serializing_if = "Option::is_none")]
    weight: Option<String>,
    #[serde(alias = "Inner", skip_serializing_if = "Option::is_none")]
    inner: Option<Vec<Inner>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<OneOrMany<Inner>>,
}

#[derive(Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
struct Inner {
    #[serde(alias = "Size", skip_serializing_if = "Option::is_none")]
    size: Option<String>,
    #[serde(skip_serializing)]
    #[allow(dead_code)]
    hidden: Option<String>,
}

/// The page documents all fields of the toy but its weight.
#[test]
fn a_field_is_green_when_it_is_read_and_written_under_a_documented_name() {
    let documented = ["id", "colour", "inner", "size", "hidden", "data"].into();
    let (toy, alone) = (Reader::round::<Toy>().needing("id", "1"), ["Colour"].into());
    let (each, secret) = (Reader::each::<Inner>().or(toy.clone()), Reader::once::<Inner>());
    let unknown = Err("`Toy` does not know it");
    for (reader, path, documented, proof) in [
        (&toy, "id", &documented, Ok("")),
        (&toy, "colour", &documented, Ok("beside `id`")),
        (&toy, "inner[].size", &documented, Ok("beside `id`")),
        (&toy, "data[].size", &documented, Ok("beside `id`")),
        (&toy, "Colour", &documented, Ok("written as `colour`; beside `id`")),
        (&toy, "Colour", &alone, Err("`Toy` does not write it under this name")),
        (&toy, "Inner[].Size", &documented, Ok("written as `inner[].size`; beside `id`")),
        (&toy, "data.size", &documented, Ok("written as `data[].size`; beside `id`")),
        (&toy, "weight", &documented, unknown),
        (&toy, "inner[].weight", &documented, unknown),
        (&toy, "data.weight", &documented, unknown),
        (&toy, "Weight", &documented, Err("`Toy` does not write it under this name")),
        (&Reader::round::<Toy>(), "colour", &documented, Err("expected missing field `id` at .")),
        (&each, "size", &documented, Ok("")),
        (&each, "Size", &documented, Ok("written as `size`")),
        (&each, "id", &documented, Ok("")),
        (&each, "weight", &documented, Err("`Inner` does not know it")),
        (&secret, "size", &documented, Ok("only read: it contains a secret")),
    ] {
        let found = field(reader, path, &json!("x"), documented);
        assert_eq!(found.as_deref().map_err(String::as_str), proof, "{path}");
    }
    assert!(field(&toy, "id", &json!({ "a": 1 }), &documented).is_err(), "of another type");
    let lost = std::panic::catch_unwind(|| field(&toy, "inner[].hidden", &json!("x"), &documented));
    assert!(lost.is_err(), "what is written is another value");
}

kyc_core::open_enum! {
    /// Words.
    pub enum Word: text {
        /// Went wrong.
        Error = "Erro" | "Error",
    }
}
kyc_core::open_enum! {
    /// Numbers.
    pub enum Code: number {
        /// Fine.
        Fine = 200.0,
    }
}

const PAGE: &str = r#"# Acme

| operation | method and path | section | test |
| --- | --- | --- | --- |
| `login` | `POST /login` | [Logging in](#logging-in) | `errors::the_four_failures_of_login` |
| `event` | `POST` to the customer | [Events](#events) | `errors::none_such` |
| `other` | `POST /login` | [Events](#events) | `errors::the_four_failures_of_login` |
| `third` | `GET /third` | [Events](#events) | `errors::the_four_failures_of_login` |

## Logging in

| header | value |
| --- | --- |
| `Authorization` | `Bearer {token}` |

| request field | type |
| --- | --- |
| `user` | string |
| `first`, `second` | integer |

### Answers of login

| status | meaning | fixture | test |
| --- | --- | --- | --- |
| 400 | no | `login-400` | |
| 401 | no | `login-400` | |
| 429 | no | | |

| field of the 200 | type |
| --- | --- |
| `access_token` | string |

## Events

| field | type |
| --- | --- |
| `id` | string |

## Words

| value | meaning |
| --- | --- |
| Erro | wrong |
| Error | wrong |
| Right | right |

## Codes

| code | meaning |
| --- | --- |
| 200 | fine |

## Rules

| rule | section | test |
| --- | --- | --- |
| one | [Quiet](#quiet) | `sandbox::clearsale::login::wrong_credentials_are_401` |
| two | | open: nobody knows |

## Quiet
"#;

fn acme() -> Coverage {
    Coverage {
        vendor: "clearsale-facematch",
        reader: |body| matches!(body, Body::Answer("login", _)).then(Reader::once::<Value>),
        lists: &[("Words", listed!(Word)), ("Codes", listed!(Code))],
        operations: || vec!["login"],
        requests: &[],
    }
}

#[test]
fn each_row_is_proved_or_open_with_a_reason() {
    let coverage = acme();
    let fixtures: Vec<_> = coverage.fixtures();
    let page = page::parse(PAGE, &fixtures[..3]);
    let sent = |fields: Value, header: &str| Sent {
        method: "POST".into(),
        path: "/login".into(),
        whole: json!({ "body": fields, "authorization": header }),
        fields: super::fields(&json!({ "body": fields })),
    };
    let sent = [
        sent(json!({ "user": "me", "first": 1, "second": 1 }), "Bearer x"),
        sent(json!({ "user": "me", "first": 2 }), "Bearer y"),
    ];
    let proofs: Vec<_> = page.rows.iter().map(|row| coverage.proof(row, &page, &sent)).collect();
    let of = |name: &str| {
        let place =
            page.rows.iter().position(|row| row.to_string() == name).unwrap_or_else(|| panic!("{name}"));
        proofs[place].as_ref().map(String::as_str).map_err(String::as_str)
    };
    for (row, proof) in [
        ("operation login", Ok("`errors::the_four_failures_of_login`")),
        ("operation event", Err("there is no test `errors::none_such`")),
        ("operation other", Err("the sandbox has no such operation")),
        ("operation third", Err("no snapshot has such a request")),
        ("header of login: Authorization", Ok("")),
        ("request of login: user", Ok("")),
        ("request of login: first", Ok("")),
        ("request of login: second", Err("no snapshot has a request with this field and a value of its own")),
        (
            "request of login: clientId",
            Err("no snapshot has a request with this field and a value of its own"),
        ),
        ("status of login: 400", Ok("")),
        ("status of login: 401", Err("`login-400` is a 400 of `login`")),
        ("status of login: 429", Err("no fixture and no test")),
        ("200 of login: access_token", Ok("only read: it contains a secret")),
        ("event: id", Err("no type reads this body")),
        ("Words: Erro", Ok("")),
        ("Words: Error", Ok("written as `Erro`")),
        ("Words: Right", Err("has no named variant")),
        ("Codes: 200", Ok("written as `200.0`")),
        ("rule: one", Ok("`sandbox::clearsale::login::wrong_credentials_are_401`")),
        ("rule: two", Err("nobody knows")),
    ] {
        assert_eq!(of(row), proof, "{row}");
    }
    let open = |name: &str| {
        let place = page.rows.iter().position(|row| row.to_string() == name).unwrap();
        fault(&page.rows[place], &proofs[place])
    };
    assert_eq!((open("rule: two"), open("operation login")), (None, None));
    assert!(open("Words: Right").is_some(), "the page does not say so");
    let written = render::section(coverage.vendor, &page, &proofs);
    for line in [
        "| [Acme](vendors/clearsale-facematch.md) | 4 | 5 | 8 | 4 | 1 | 3 | 2 | 11 |",
        "| `login` | `POST /login` | green, `errors::the_four_failures_of_login` |",
        "| event `event` | `id` | yes | 0 | **open**: no type reads this body |",
        "| 200 of `login` | `access_token` | yes | 1 | green, only read: it contains a secret |",
        "| rule | two | **open**: nobody knows |",
    ] {
        assert!(written.lines().any(|found| found == line), "{line}\n{written}");
    }
}

#[test]
fn a_template_matches_whole_paths() {
    assert!(fits("/v1/things/{id}", "/v1/things/7") && fits("/v1", "/v1"));
    for path in ["/v1/things", "/v1/things/", "/v1/things/7/parts", "/v2/things/7"] {
        assert!(!fits("/v1/things/{id}", path), "{path}");
    }
}

#[test]
fn the_keys_of_a_list_are_those_of_its_items() {
    let found = keys(&json!([{ "a": null }, { "a": 1, "b": [{ "c": 2 }] }]));
    let wanted = [("a", json!(1)), ("b", json!([{ "c": 2 }])), ("b[].c", json!(2))];
    assert_eq!(found, wanted.map(|(path, value)| (path.to_owned(), value)));
}

#[test]
fn a_page_that_cannot_be_read_is_refused_with_the_reason() {
    let codes = "## Codes of events\n\n| field of the 200 |\n| --- |\n| `a` |\n\n## Events";
    for (from, to, refusal) in [
        (
            "| rule | section | test |",
            "| rule | section | why |",
            "line 55: a table of `rule` needs a column `test`",
        ),
        ("| request field |", "| field |", "line 16: use `request field` or `field of the 200`"),
        ("`user`", "user", "line 16: a field's name must be in backticks"),
        ("## Events", codes, "line 35: in no operation's section"),
        ("| 429 | no | |", "| 429 | no | `lost` |", "line 23: there is no fixture `lost` on this page"),
        ("[Quiet](#quiet)", "", "sections without a row: Quiet"),
    ] {
        let page = PAGE.replace(from, to);
        assert_ne!(page, PAGE);
        let refused = std::panic::catch_unwind(|| page::parse(&page, &acme().fixtures()[..3])).unwrap_err();
        assert_eq!(refused.downcast_ref::<String>().map(String::as_str), Some(refusal));
    }
}
