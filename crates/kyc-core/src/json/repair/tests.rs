use proptest::prelude::*;

use super::*;

fn repaired(text: &str) -> String {
    repair(text, &[], None).map_or_else(|| text.to_owned(), |repaired| repaired.text)
}

#[test]
fn the_first_value_that_is_not_null_is_kept() {
    assert_eq!(repaired(r#"{"a":1,"b":2,"a":1}"#), r#"{"a":1,"b":2}"#);
    assert_eq!(repaired(r#"{"a":null,"b":2,"a":3}"#), r#"{"b":2,"a":3}"#);
    assert_eq!(repaired(r#"{"a":null,"a":null,"a":3}"#), r#"{"a":3}"#);
    assert_eq!(repaired(r#"{"a":null, "a":null}"#), r#"{"a":null}"#);
    assert_eq!(repaired(r#"{"a":null , "a":[{"b":null,"b":1}]}"#), r#"{"a":[{"b":1}]}"#);
    assert_eq!(repaired(r#"[{"a":1},{"a":2}]"#), r#"[{"a":1},{"a":2}]"#, "other objects");
    assert_eq!(repaired(r#"{"\u0061":[1],"a":"\ud83d"}"#), r#"{"\u0061":[1]}"#, "one key, escaped or not");
}

#[test]
fn values_that_contradict_each_other_become_null() {
    assert_eq!(repaired(r#"{"a":true,"b":2,"a":false}"#), r#"{"a":null,"b":2}"#);
    assert_eq!(repaired(r#"{"a":true,"a":false,"a":true}"#), r#"{"a":null}"#, "nor does a third value win");
    assert_eq!(repaired(r#"{"a":true,"a":"TRUE"}"#), r#"{"a":true}"#, "one value, spelt twice");
    assert_eq!(repaired(r#"{"a":"x","b":2,"a":"y"}"#), r#"{"a":null,"b":2}"#);
    assert_eq!(repaired(r#"{"a":6,"a":0}"#), r#"{"a":null}"#);
    assert_eq!(repaired(r#"{"a":{"b":1},"a":2}"#), r#"{"a":{"b":1}}"#, "of other shapes the first is kept");
    let repeat = Repeat { object: String::new(), key: "IsMatch".into(), field: "isMatch".into() };
    let found = repair(r#"{"IsMatch":"False","isMatch":true}"#, &[repeat], None).expect("repeated");
    assert_eq!((found.text.as_str(), found.dropped), (r#"{"isMatch":null}"#, vec!["isMatch".to_owned()]));
    let repeat = Repeat { object: String::new(), key: "reason".into(), field: "message".into() };
    let found = repair(r#"{"reason":"a","message":"b"}"#, &[repeat], None).expect("repeated");
    assert_eq!(found.text, r#"{"message":"b"}"#, "texts under different names may both be right");
}

#[test]
fn a_known_spelling_is_removed_in_its_objects_only() {
    let repeat = Repeat { object: "list[]".into(), key: "Name".into(), field: "name".into() };
    let text = r#"{"Name":1,"name":2,"list":[{"Name":null,"x":1,"name":2},{"name":1,"Name":1}]}"#;
    let found = repair(text, &[repeat], None).expect("repeated");
    assert_eq!(found.text, r#"{"Name":1,"name":2,"list":[{"x":1,"name":2},{"name":1}]}"#);
    assert_eq!(found.dropped, ["list[].Name"]);
}

#[test]
fn the_front_field_is_moved_to_the_beginning() {
    let front = Repeat { object: String::new(), key: "name".into(), field: "name".into() };
    let found = repair(r#"{"x":1,"Name":"a","name":"b"}"#, &[], Some(&front)).expect("moved");
    assert_eq!(found.text, r#"{"name":"b","x":1,"Name":"a"}"#);
}

#[test]
fn invalid_strings_are_repaired() {
    assert_eq!(repaired(r#"{"a":"x\ud83dy"}"#), r#"{"a":"x\ufffdy"}"#);
    assert_eq!(repaired(r#"{"a":"\ud83d\ude00"}"#), r#"{"a":"\ud83d\ude00"}"#);
    assert_eq!(repaired("{\"a\":\"1\n2\t3\u{1}\"}"), r#"{"a":"1\n2\t3\u0001"}"#);
    assert_eq!(repaired(r#"["C:\pictures"]"#), r#"["C:\\pictures"]"#);
}

#[test]
fn the_digits_of_long_numbers_are_kept() {
    assert_eq!(repaired("[20261127100000123456]"), r#"["20261127100000123456"]"#);
    assert_eq!(
        repaired("[18446744073709551615,-9223372036854775808]"),
        "[18446744073709551615,-9223372036854775808]"
    );
    assert_eq!(repaired("[007, 0.5, 0, 1e400]"), r#"["007",0.5,0,"1e400"]"#);
}

#[test]
fn text_that_is_not_json_is_not_repaired() {
    for text in ["", "<html>", "{", r#"{"a"}"#, r#"{"a":1"#, "[1,,2]", r#""\u12"#] {
        assert!(repair(text, &[], None).is_none(), "{text}");
    }
}

proptest! {
    #[test]
    fn valid_json_without_repeats_is_unchanged(value in "\\PC{0,20}", number in any::<i64>()) {
        let text = serde_json::json!({ "a": [value, number, { "b": null }], "c": true }).to_string();
        prop_assert!(repair(&text, &[], None).is_none());
    }

    #[test]
    fn repairing_any_text_does_not_panic(text in "[\\[\\]{}\",:\\\\u0-9a-e \\n]{0,60}") {
        let _ = repair(&text, &[], None);
    }
}
