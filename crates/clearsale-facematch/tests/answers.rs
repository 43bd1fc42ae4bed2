//! Every documented response: decoded, compared with a snapshot, serialized and decoded again.

use std::fmt::Debug;

use clearsale_facematch::kyc_core::decode;
use clearsale_facematch::{
    ErrorBody, LoginResponse, MatchLevel, MatchResponse, Notification, Outcome, Transaction,
};
use kyc_fixtures::{Fixture, FixtureKind, clearsale_facematch as documented};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Decodes a fixture without unknown fields, and serializes it without loss.
fn round<T: DeserializeOwned + Serialize + PartialEq + Debug>(fixture: &Fixture) -> Value {
    let first = decode::<T>(fixture.body.as_bytes()).unwrap();
    assert_eq!(first.ignored, Vec::<String>::new(), "{}", fixture.name);
    let written = serde_json::to_vec(&first.value).unwrap();
    let second = decode::<T>(&written).unwrap();
    assert_eq!(first.value, second.value, "{}", fixture.name);
    serde_json::from_slice(&written).unwrap()
}

#[test]
fn every_response_is_decoded_completely_and_serialized_as_printed() {
    for fixture in documented::ALL {
        let written = match (fixture.operation, fixture.kind, fixture.status) {
            (_, FixtureKind::Request, _) => continue,
            ("login", _, Some(200)) => {
                // It holds the token, so it is not serializable.
                let decoded = decode::<LoginResponse>(fixture.body.as_bytes()).unwrap();
                assert!(decoded.ignored.is_empty());
                continue;
            }
            ("login", _, Some(404)) => {
                assert_eq!(fixture.body, "");
                continue;
            }
            ("match2d-2d", _, Some(200)) => round::<MatchResponse>(fixture),
            ("match2d-2d-query", _, Some(200)) => round::<Transaction>(fixture),
            ("webhook", ..) => round::<Notification>(fixture),
            _ => round::<ErrorBody>(fixture),
        };
        let printed: Value = serde_json::from_str(fixture.body).unwrap();
        assert_eq!(written, printed, "{}", fixture.name);
    }
}

#[test]
fn values_of_every_response() {
    let created = decode::<MatchResponse>(documented::MATCH_200.body.as_bytes()).unwrap().value;
    assert_eq!(created.created_date.unwrap().get().unwrap().to_rfc3339(), "2023-03-09T17:33:23.4692342Z");
    let queried = decode::<Transaction>(documented::QUERY_200.body.as_bytes()).unwrap().value;
    assert_eq!(
        queried.outcome(),
        Outcome::Pending,
        "the status is a placeholder, and an unknown status is not final"
    );
    assert!(queried.cpf.as_ref().unwrap().get().is_none(), "the printed CPF has wrong check digits");
    let notified = decode::<Notification>(documented::WEBHOOK.body.as_bytes()).unwrap().value;
    let outcome = notified.into_transaction().outcome();
    assert_eq!(
        outcome,
        Outcome::NoMatch(Some(clearsale_facematch::MatchLevel::Six)),
        "printed with level 6 and no match"
    );
    insta::assert_json_snapshot!(queried);
}

#[test]
fn errors_by_field_and_as_a_list() {
    let read = |json: &str| decode::<ErrorBody>(json.as_bytes()).unwrap().value.errors.unwrap().violations();
    let by_field = read(documented::MATCH_400.body);
    assert_eq!(
        by_field.iter().map(|violation| violation.field.as_str()).collect::<Vec<_>>(),
        ["base64", "Document"]
    );
    assert_eq!(read(r#"{"errors":["a","b"]}"#).len(), 2);
    assert_eq!(read(r#"{"errors":"a"}"#)[0].message, "a");
    assert_eq!(read(r#"{"errors":{"base64":"a","x":null,"n":[1]}}"#).len(), 2);
    assert_eq!(read(r#"{"errors":5}"#)[0].message, "5");
    assert_eq!(read(r#"{"errors":[{"message":"x"},"y"]}"#).len(), 1, "values that are not text are skipped");
}

#[test]
fn a_field_in_two_spellings_is_read_once() {
    let json = r#"{"cpf":null,"CPF":"1","transactionStatus":"Success","TransactionStatus":"Success","status":200,"isMatch":true}"#;
    let decoded = decode::<Transaction>(json.as_bytes()).unwrap();
    assert_eq!(decoded.value.cpf.unwrap().text(), "1");
    assert!(decoded.value.transaction_status.unwrap().is_final());
    assert_eq!(decoded.ignored, ["status", "TransactionStatus"]);
}

#[test]
fn the_spellings_of_the_dictionary_are_read() {
    let json = r#"{"IdentifierID":"1","TransactionId":"2","CPF":"3","Confiability":"4","IsMatch":"True",
        "TransactionStatus":"Success","Message":"m","Errors":[]}"#;
    let decoded = decode::<Transaction>(json.as_bytes()).unwrap();
    assert!(decoded.ignored.is_empty());
    assert_eq!(decoded.value.outcome(), Outcome::Match(clearsale_facematch::MatchLevel::Four));
}

/// What contradicts itself, or cannot be read, is no match.
#[test]
fn only_a_consistent_match_is_a_match() {
    let outcome = |json: Value| decode::<Transaction>(json.to_string().as_bytes()).unwrap().value.outcome();
    let success = |is_match: Value, level: Value| {
        outcome(json!({ "transactionStatus": "Success", "isMatch": is_match, "confiability": level }))
    };
    for level in 1..=6_u8 {
        assert_eq!(success(json!(true), json!(level)), Outcome::Match(MatchLevel::from_number(level)));
        assert_eq!(success(json!("Sim"), json!(level)), Outcome::Match(MatchLevel::from_number(level)));
        assert!(matches!(success(json!(false), json!(level)), Outcome::NoMatch(_)));
    }
    for level in [json!(0), json!("0"), json!(0.0), json!(7), json!("6+"), json!(null), json!({}), json!(-1)]
    {
        assert!(matches!(success(json!(true), level.clone()), Outcome::Unclear(_)), "{level}");
    }
    for word in [json!(null), json!("talvez"), json!(2), json!([]), json!({ "value": true })] {
        assert!(matches!(success(word.clone(), json!(6)), Outcome::Unclear(_)), "{word}");
    }
    let with_errors =
        json!({ "transactionStatus": "Success", "isMatch": true, "confiability": 6, "errors": ["e"] });
    assert!(matches!(outcome(with_errors), Outcome::Unclear(_)));
    for twice in [
        r#"{"transactionStatus":"Success","confiability":6,"isMatch":true,"IsMatch":false}"#,
        r#"{"transactionStatus":"Success","confiability":6,"isMatch":"true","isMatch":"não"}"#,
        r#"{"transactionStatus":"Success","confiability":6,"Confiability":0,"isMatch":true}"#,
        r#"{"transactionStatus":"Success","transactionStatus":"Error","confiability":6,"isMatch":true}"#,
    ] {
        let outcome = decode::<Transaction>(twice.as_bytes()).unwrap().value.outcome();
        assert!(matches!(outcome, Outcome::Unclear(_) | Outcome::Pending), "{twice}: {outcome:?}");
    }
}

/// Two ids beyond 64 bits stay different.
#[test]
fn long_ids_keep_their_digits() {
    let id = |digits: &str| {
        let json = format!(r#"{{"transactionId":{digits}}}"#);
        decode::<Transaction>(json.as_bytes()).unwrap().value.transaction_id.unwrap()
    };
    assert_eq!(id("20261127100000123456").as_str(), "20261127100000123456");
    assert_ne!(id("20261127100000123456"), id("20261127100000123457"));
    assert_eq!(
        id(r#"" 498ec397-8529-454a-ac7b-d1628d6074ed ""#),
        id(r#""498EC3978529454AAC7BD1628D6074ED""#)
    );
}
