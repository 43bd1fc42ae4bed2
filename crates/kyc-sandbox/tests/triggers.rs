//! Triggers and the receivers of all vendors. No vendor is named here.

use std::collections::HashSet;

use kyc_sandbox::{Outcome, Sandbox};
use serde_json::{Value, json};

use crate::support::*;

async fn get(sandbox: &Sandbox, path: &str) -> Value {
    read(client().get(format!("{}{path}", sandbox.url())).send().await.expect("a response")).await.1
}

async fn tell(sandbox: &Sandbox, path: &str, body: &Value) -> (u16, Value) {
    let request = client().post(format!("{}{path}", sandbox.url())).json(body);
    read(request.send().await.expect("a response")).await
}

/// Waits, in real time, until the deliveries satisfy the condition.
async fn deliveries_when(sandbox: &Sandbox, ready: impl Fn(&[Value]) -> bool) -> usize {
    for _ in 0..500 {
        let answer = get(sandbox, "/_sandbox/webhooks").await;
        let all = answer["deliveries"].as_array().expect("a list");
        if ready(all) {
            return all.len();
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("the deliveries did not reach the expected state");
}

fn is_delivered(delivery: &Value) -> bool {
    delivery["state"] == "delivered"
}

fn attempts(delivery: &Value) -> usize {
    delivery["attempts"].as_array().expect("a list").len()
}

#[tokio::test]
async fn each_outcome_has_a_name_and_a_sentence_of_its_own() {
    let mut names = HashSet::new();
    for Outcome { vendor, name, what, .. } in Sandbox::outcomes() {
        assert!(names.insert((vendor, name)) && !what.is_empty(), "{vendor}, {name}");
        assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'));
    }
    let listed = get(&sandbox().await, "/_sandbox/trigger").await;
    assert_eq!(listed["outcomes"].as_array().map(Vec::len), Some(triggers().len()));
    let first = triggers()[0];
    let shown = ["vendor", "outcome", "what"].map(|field| listed["outcomes"][0][field].clone());
    assert_eq!(shown, [first.vendor, first.name, first.what].map(Value::from));
}

#[tokio::test]
async fn each_outcome_is_delivered_at_once() {
    let sandbox = sandbox().await;
    let receiver = Receiver::start().await;
    sandbox.send_webhooks_to(receiver.root()).expect("loopback");
    let mut before = 0;
    for Outcome { vendor, name, .. } in triggers() {
        let triggered = sandbox.trigger(vendor, name).expect("an outcome");
        assert!(triggered.due_in.is_zero() && !triggered.reference.is_empty(), "{name}");
        let shown = format!("{triggered:?}");
        assert!(!shown.contains(&triggered.reference) && !shown.contains(&triggered.cpf), "{shown}");
        let is_over = |all: &[Value]| all.len() > before && all.iter().all(is_delivered);
        before = deliveries_when(&sandbox, is_over).await;
    }
}

#[tokio::test]
async fn a_receiver_that_fails_at_first_gets_the_event_again() {
    let keys: HashSet<_> = triggers().iter().map(|outcome| outcome.vendor).collect();
    for key in keys {
        let sandbox = sandbox().await;
        let receiver = Receiver::start().await;
        sandbox.send_webhooks_to(receiver.root()).expect("loopback");
        receiver.answer(&[503]);
        sandbox.trigger(key, outcomes_of(key)[0]).expect("an outcome");
        let has_failed = |one: &Value| one["state"] == "pending" && attempts(one) == 1;
        deliveries_when(&sandbox, |all| all.iter().any(has_failed)).await;
        sandbox.clock().advance(seconds(2));
        let again = |all: &[Value]| all.iter().all(is_delivered) && all.iter().any(|one| attempts(one) == 2);
        deliveries_when(&sandbox, again).await;
    }
}

#[tokio::test]
async fn a_delayed_outcome_takes_as_long_as_for_a_client() {
    let sandbox = builder().decision_delay(seconds(40)).start().await.expect("a free port");
    for outcome in triggers().iter().filter(|outcome| outcome.name.ends_with("error")) {
        let order = json!({ "vendor": outcome.vendor, "outcome": outcome.name, "now": false });
        let (status, answer) = tell(&sandbox, "/_sandbox/trigger", &order).await;
        assert_eq!((status, &answer["due_in_seconds"]), (200, &json!(40.0)), "{answer}");
        sandbox.clock().advance(seconds(40));
        let triggered =
            sandbox.trigger_delayed(outcome.vendor, outcome.name).expect("the one before is over");
        assert_eq!(triggered.due_in, seconds(40));
        sandbox.clock().advance(seconds(40));
    }
}

#[tokio::test]
async fn an_operation_can_be_triggered_from_any_thread() {
    let sandbox = sandbox().await;
    let triggered = std::thread::scope(|scope| {
        let trigger = || {
            triggers()
                .iter()
                .all(|one| one.name.starts_with("status") || sandbox.trigger(one.vendor, one.name).is_ok())
        };
        scope.spawn(trigger).join().expect("no panic")
    });
    assert!(triggered);
}

#[tokio::test]
async fn unknown_names_are_refused_with_the_list_of_the_known_ones() {
    let sandbox = sandbox().await;
    let keys: HashSet<_> = triggers().iter().map(|outcome| outcome.vendor).collect();
    let able: Vec<_> = sandbox.vendors().iter().map(|one| one.key).filter(|key| keys.contains(key)).collect();
    let unable =
        sandbox.vendors().into_iter().find(|vendor| !keys.contains(vendor.key)).expect("one without");
    for unknown in ["nobody", "", unable.key] {
        let error = sandbox.trigger(unknown, "error").expect_err("unknown");
        assert_eq!(error.to_string(), format!("\"vendor\" must be one of {}", able.join(", ")));
    }
    for key in able {
        let error = sandbox.trigger(key, "nothing").expect_err("unknown");
        let list = outcomes_of(key).join(", ");
        assert_eq!(error.to_string(), format!("\"outcome\" must be one of {list}"));
        let order = json!({ "vendor": key, "outcome": "nothing" });
        let (status, answer) = tell(&sandbox, "/_sandbox/trigger", &order).await;
        assert_eq!((status, &answer["error"]), (400, &json!(error.to_string())));
    }
    let order = json!({ "vendor": unable.key, "outcome": "error", "later": true });
    assert_eq!(tell(&sandbox, "/_sandbox/trigger", &order).await.0, 422);
}

#[tokio::test]
async fn the_settings_of_the_receivers_are_new_each_time_and_the_same_in_both_forms() {
    let sandbox = sandbox().await;
    let root = json!({ "root": "http://127.0.0.1:8760" });
    let (status, first) = tell(&sandbox, "/_sandbox/webhooks", &root).await;
    let (_, second) = tell(&sandbox, "/_sandbox/webhooks", &root).await;
    assert_eq!(status, 200);
    assert_ne!(first, second);
    let tables = first["config"].as_object().expect("tables");
    let env = first["env"].as_array().expect("lines");
    assert_eq!(
        env.len(),
        tables.values().map(|table| table.as_object().expect("a table").len()).sum::<usize>()
    );
    for (table, settings) in tables {
        for (name, value) in settings.as_object().expect("a table") {
            let variable = format!("KYC_{table}_{name}").replace('.', "_").to_uppercase();
            let text = value.as_str().unwrap_or_else(|| value[0].as_str().expect("a list of texts"));
            assert!(env.contains(&json!(format!("{variable}={text}"))), "{variable}");
        }
    }
    for config in sandbox.send_webhooks_to("http://127.0.0.1:8760").expect("loopback") {
        assert!(config.to_toml().starts_with(&format!("[{}]\n", config.table())));
        assert!(config.table().ends_with(".webhook") && tables.contains_key(config.table()));
    }
}

#[tokio::test]
async fn a_root_that_is_refused_changes_nothing() {
    let sandbox = sandbox().await;
    let receiver = Receiver::start().await;
    sandbox.send_webhooks_to(receiver.root()).expect("loopback");
    let state = async || get(&sandbox, "/_sandbox/").await["vendors"].take();
    let before = state().await;
    for root in ["x", "https://127.0.0.1/", "http://example.com/", "http://127.0.0.1/?a"] {
        let error = sandbox.send_webhooks_to(root).expect_err("refused");
        assert!(error.to_string().starts_with("\"root\" "), "{error}");
        assert_eq!(tell(&sandbox, "/_sandbox/webhooks", &json!({ "root": root })).await.0, 400);
    }
    assert_eq!(state().await, before);
    let anywhere = builder().allow_non_loopback().start().await.expect("a free port");
    assert!(anywhere.send_webhooks_to("http://example.com/").is_err(), "its address is unknown");
    assert!(anywhere.send_webhooks_to("http://localhost:1/").is_ok());
}
