use super::*;
use crate::{Clock, Lenient, RedactedText, SystemClock};

#[derive(serde::Deserialize, Debug, PartialEq)]
struct Toy {
    id: Option<RedactedText>,
    must: u8,
    list: Option<Vec<Inner>>,
}

#[derive(serde::Deserialize, Debug, PartialEq)]
struct Inner {
    flag: Option<Lenient<bool>>,
    count: Option<u8>,
}

fn failure(json: &str) -> (String, String) {
    let failure = decode::<Toy>(json.as_bytes()).expect_err("not decodable");
    (failure.path, failure.expected)
}

#[test]
fn ignored_paths_are_reported_once() {
    let json = br#"{"must":1,"x":{"y":1},"list":[{"z":1},{"z":2,"flag":"true"}],"52998224725":1}"#;
    let decoded = decode::<Toy>(json).expect("decodable");
    assert_eq!(decoded.ignored, ["x", "list[].z", "…"]);
}

#[test]
fn failures_have_a_path_and_no_value() {
    assert_eq!(failure(r#"{"must":"52998224725, expected 529"}"#), ("must".into(), "u8".into()));
    assert_eq!(failure(r#"{"id":"1"}"#), (".".into(), "missing field `must`".into()));
    assert_eq!(failure(r#"{"must":1,"list":[{},{"count":"52998224725"}]}"#).0, "list[1].count");
    assert_eq!(failure("  ").1, "JSON, found an empty body");
    assert_eq!(failure("{}x52998224725").0, ".");
    assert!(failure("<html>52998224725</html>").1.starts_with("valid JSON: expected value"));
    assert!(!failure(r#"{"must":1}52998224725"#).1.contains("529"));
}

#[test]
fn the_first_value_of_a_repeated_key_counts() {
    let decoded = decode::<Toy>(br#"{"id":null,"must":1,"id":"a","id":"a","more":1}"#).expect("decodable");
    assert_eq!(decoded.value.id, Some("a".into()));
    assert_eq!(decoded.ignored, ["more"]);
    assert_eq!(failure(r#"{"id":1,"id":2,"must":"x"}"#), ("must".into(), "u8".into()));
}

#[derive(serde::Deserialize, Debug)]
struct Spelt {
    #[serde(alias = "Name", alias = "NAME")]
    name: Option<RedactedText>,
    inner: Option<Vec<Spelt>>,
}

#[test]
fn one_of_several_spellings_of_a_field_counts() {
    let decoded =
        decode::<Spelt>(br#"{"inner":[{"Name":null,"name":"a","x":1,"NAME":null}]}"#).expect("decodable");
    let inner = decoded.value.inner.expect("present").remove(0);
    assert_eq!(inner.name, Some("a".into()), "null counts last");
    assert_eq!(decoded.ignored, ["inner[].x", "inner[].Name", "inner[].NAME"]);
    let decoded = decode::<Spelt>(br#"{"NAME":null,"name":"b","Name":"b"}"#).expect("decodable");
    assert_eq!(decoded.value.name, Some("b".into()), "its own name comes first");
    let decoded = decode::<Spelt>(br#"{"name":"a","Name":"b"}"#).expect("decodable");
    assert!(decoded.value.name.is_none() && decoded.value.inner.is_none(), "they contradict each other");
    assert_eq!(decoded.ignored.len(), 1);
}

#[test]
fn every_order_of_spellings_is_read() {
    for json in [
        r#"{"Name":"a","name":"a"}"#,
        r#"{"NAME":null,"Name":null,"name":"a"}"#,
        r#"{"NAME":null,"Name":"a"}"#,
        r#"{"Name":"a","NAME":null}"#,
        r#"{"NAME":null,"name":null,"Name":"a","Name":"A"}"#,
    ] {
        let decoded = decode::<Spelt>(json.as_bytes()).unwrap_or_else(|failure| panic!("{json}: {failure}"));
        assert_eq!(decoded.value.name, Some("a".into()), "{json}");
    }
}

/// Compares the times of two sizes in one run, with a generous margin for noise.
#[test]
fn decoding_takes_linear_time() {
    let time = |keys: usize| {
        let unknown: Vec<_> = (0..keys).map(|key| format!("\"k{key}\":{{\"a\":1}}")).collect();
        let json = format!("{{\"Name\":null,{},\"name\":\"a\"}}", unknown.join(","));
        let start = Clock::elapsed(&SystemClock);
        let decoded = decode::<Spelt>(json.as_bytes()).expect("decodable");
        assert_eq!(decoded.value.name, Some("a".into()));
        Clock::elapsed(&SystemClock) - start
    };
    time(1000);
    let (small, large) = (time(2000), time(32_000));
    assert!(large < small * 16 * 8 + std::time::Duration::from_millis(50), "{small:?} and {large:?}");
}

#[test]
fn a_byte_order_mark_is_skipped() {
    assert!(decode::<Toy>(b"\xEF\xBB\xBF{\"must\":1}").is_ok());
}

#[test]
fn text_in_another_charset_is_read_and_reported() {
    let decoded = decode::<Toy>(b"{\"must\":1,\"id\":\"Jo\xE3o\"}").expect("decodable");
    assert_eq!(decoded.value.id, Some("João".into()));
    assert_eq!(decoded.repairs, [Repair::Charset]);
    let json =
        JsonText::new(b"{\"must\":1,\"id\":\"JO\xC3O\"}", Some(b"application/json;charset=ISO-8859-1"));
    let decoded = json.decode::<Toy>().expect("decodable");
    assert_eq!((decoded.value.id, decoded.repairs), (Some("JOÃO".into()), vec![]));
}

#[test]
fn invalid_strings_are_decoded_with_repairs() {
    let decoded = decode::<Toy>(b"{\"must\":1,\"id\":\"a\\ud83db\nc\td\"}").expect("decodable");
    assert_eq!(decoded.value.id, Some("a\u{fffd}b\nc\td".into()));
    assert_eq!(decoded.repairs, [Repair::Scalars]);
}

#[test]
fn the_digits_of_long_numbers_are_kept() {
    let id = |json: &str| decode::<Toy>(json.as_bytes()).expect("decodable").value.id;
    assert_eq!(id(r#"{"must":1,"id":20261127100000123456}"#), Some("20261127100000123456".into()));
    assert_eq!(id(r#"{"must":1,"id":18446744073709551615}"#), Some("18446744073709551615".into()));
    assert_eq!(id(r#"{"must":1,"id":1.5}"#), Some("1.5".into()));
}

#[derive(serde::Deserialize, Debug, Default, PartialEq)]
struct Fields {
    id: Option<RedactedText>,
    text: Option<RedactedText>,
    flag: Option<Lenient<bool>>,
    object: Option<Box<Fields>>,
    list: Option<Vec<Fields>>,
    texts: Option<crate::RedactedTexts>,
    many: Option<crate::OneOrMany<Fields>>,
    named: Option<std::collections::BTreeMap<String, RedactedText>>,
}

#[test]
fn a_value_of_an_unexpected_shape_does_not_affect_others() {
    let values =
        ["{}", "[]", "\"\"", "\"x\"", "0", "1.5", "true", "null", "[[]]", "[{}]", "[1]", "{\"x\":[{}]}"];
    for field in ["text", "flag", "object", "list", "texts", "many", "named"] {
        for value in values {
            let json =
                format!(r#"{{"list":[{{"{field}":{value},"object":{{"text":"kept"}}}}],"{field}2":1}}"#);
            let decoded =
                decode::<Fields>(json.as_bytes()).unwrap_or_else(|failure| panic!("{json}: {failure}"));
            let kept = &decoded.value.list.expect("a list")[0];
            let is_kept = kept.object.as_ref().is_some_and(|object| object.text == Some("kept".into()));
            assert!(is_kept || field == "object", "{json}");
            assert_eq!(
                kept.flag.as_ref().and_then(Lenient::get),
                match value {
                    "true" if field == "flag" => Some(&true),
                    "0" if field == "flag" => Some(&false),
                    _ => None,
                },
                "{json}"
            );
        }
    }
    let one = decode::<Fields>(br#"{"list":{"text":"a"},"object":[{"text":"b"},1]}"#).expect("decodable");
    assert_eq!(one.value.list.expect("one")[0].text, Some("a".into()));
    assert_eq!(one.value.object.expect("the first").text, Some("b".into()));
    assert_eq!(one.ignored, ["object"]);
}

#[test]
fn a_root_of_another_shape_is_an_error() {
    for json in ["[]", "[\"Completo\",\"key\"]", "\"x\"", "1", "null", "[{}]"] {
        assert!(decode::<Fields>(json.as_bytes()).is_err(), "{json}");
    }
    assert!(decode::<Vec<Fields>>(b"{}").is_err());
}

#[test]
fn lists_and_maps_are_limited() {
    let many = |open: &str, one: &str, close: &str| format!("{open}{}{close}", vec![one; 50_000].join(","));
    let decoded = decode::<Fields>(many("{\"list\":[", "{}", "]}").as_bytes()).expect("decodable");
    assert_eq!(decoded.value.list.map(|list| list.len()), Some(20_000));
    assert_eq!(decoded.ignored, ["list[]"]);
    let named: Vec<_> = (0..50_000).map(|key| format!("\"k{key}\":1")).collect();
    let decoded =
        decode::<Fields>(format!("{{\"named\":{{{}}}}}", named.join(",")).as_bytes()).expect("decodable");
    assert_eq!(decoded.value.named.map(|named| named.len()), Some(20_000));
}

#[test]
fn reported_paths_are_limited() {
    let keys: Vec<_> = (0..1000).map(|key| format!("\"k{key}\":1")).collect();
    let decoded = decode::<Fields>(format!("{{{}}}", keys.join(",")).as_bytes()).expect("decodable");
    assert_eq!(decoded.ignored.len(), 64);
}

#[test]
fn elements_of_a_list_keep_their_text() {
    let elements = |body: &[u8]| JsonText::new(body, None).elements();
    assert_eq!(elements(b"\xEF\xBB\xBF [ {\"a\": 1.50} ,2]"), Some(vec!["{\"a\": 1.50}".into(), "2".into()]));
    assert_eq!(elements(b"{}"), None);
}
