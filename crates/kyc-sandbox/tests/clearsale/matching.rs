use kyc_fixtures::clearsale_facematch as documented;
use kyc_sandbox::clearsale::{Operation, TEST_CPFS, TestOutcome};
use serde_json::{Value, json};

use super::client::*;
use crate::support::*;

#[tokio::test]
async fn a_comparison_is_accepted_as_documented() {
    let sandbox = sandbox().await;
    let token = login(&sandbox).await;
    let (status, answer) = post(&sandbox, MATCH, &token, &order()).await;
    assert_eq!(status, 200);
    let live = ["/createdDate", "/transactionId"];
    assert_eq!(answer, with_live_values(documented::MATCH_200.body, &answer, &live));
    let created = answer["createdDate"].as_str().expect("text");
    assert_eq!(created.len(), "2023-03-09T17:33:23.4692342+00:00".len());
    assert!(created.ends_with("+00:00"));
    assert_eq!(answer["transactionId"].as_str().expect("text").split('-').count(), 5);
    assert_eq!(sandbox.clearsale().paid_calls(), 1);
}

#[tokio::test]
async fn a_wrong_token_is_401() {
    let sandbox = sandbox().await;
    login(&sandbox).await;
    let expected = with_live_values(documented::MATCH_401.body, &Value::Null, &[]);
    assert_eq!(post(&sandbox, MATCH, "guess", &order()).await, (401, expected.clone()));
    let bare = client().post(format!("{}{MATCH}", sandbox.clearsale_url())).json(&order());
    assert_eq!(read(bare.send().await.expect("a response")).await, (401, expected));
    assert_eq!(sandbox.clearsale().paid_calls(), 0);
}

#[tokio::test]
async fn an_invalid_request_is_400_that_says_422() {
    let sandbox = sandbox().await;
    let token = login(&sandbox).await;
    let both = json!({ "image0": null, "image1": "", "cpf": "12345678912" });
    let expected = with_live_values(documented::MATCH_400.body, &Value::Null, &[]);
    assert_eq!(post(&sandbox, MATCH, &token, &both).await, (400, expected));
    assert_eq!(sandbox.clearsale().paid_calls(), 0);
}

#[tokio::test]
async fn only_the_errors_that_apply_are_listed() {
    let sandbox = sandbox().await;
    let token = login(&sandbox).await;
    let not_a_picture = "bm90IGEgcGljdHVyZQ==";
    for (field, value, key) in [
        ("image1", json!(null), "base64"),
        ("image0", json!("***"), "base64"),
        ("image0", json!(not_a_picture), "base64"),
        ("image0", json!(7), "base64"),
        ("image0", json!(format!("data:image/png;base64,{}", picture())), "base64"),
        ("cpf", json!("529.982.247-25"), "Document"),
        ("cpf", json!("52998224726"), "Document"),
        ("cpf", json!(52_998_224_725_u64), "Document"),
        ("cpf", json!(""), "Document"),
        ("identifierId", json!("é".repeat(101)), "IdentifierID"),
        ("identifierId", json!(1), "IdentifierID"),
        ("minMatchLevel", json!(0), "MinMatchLevel"),
        ("minMatchLevel", json!("7"), "MinMatchLevel"),
        ("minMatchLevel", json!(1.5), "MinMatchLevel"),
    ] {
        let mut order = order();
        order[field] = value.clone();
        let (status, answer) = post(&sandbox, MATCH, &token, &order).await;
        let keys: Vec<_> = answer["errors"].as_object().expect("errors").keys().map(String::as_str).collect();
        assert_eq!((status, keys), (400, vec![key]), "{field}: {value}");
    }
}

#[tokio::test]
async fn documented_inputs_are_accepted() {
    let sandbox = sandbox().await;
    let token = login(&sandbox).await;
    for (field, value) in [
        ("cpf", json!(null)),
        ("cpf", json!("52998224725")),
        ("identifierId", json!("é".repeat(100))),
        ("minMatchLevel", json!("6")),
        ("minMatchLevel", json!(1)),
        ("anything", json!({ "else": true })),
    ] {
        let mut order = order();
        order[field] = value.clone();
        assert_eq!(post(&sandbox, MATCH, &token, &order).await.0, 200, "{field}: {value}");
    }
}

#[tokio::test]
async fn a_body_that_is_not_json_is_refused() {
    let sandbox = sandbox().await;
    let token = login(&sandbox).await;
    for (mime, body) in
        [("application/json", "[]"), ("application/json", "{"), ("text/plain", &*order().to_string())]
    {
        let request = client().post(format!("{}{MATCH}", sandbox.clearsale_url())).bearer_auth(&token);
        let response =
            request.header("content-type", mime).body(body.to_owned()).send().await.expect("a response");
        let (status, answer) = read(response).await;
        assert_eq!((status, &answer["status"]), (400, &json!(422)), "{mime} {body:.20}");
    }
}

#[tokio::test]
async fn large_images_are_accepted() {
    let sandbox = sandbox().await;
    let token = login(&sandbox).await;
    // 6 MB of base64; the first bytes make it an image.
    let large = picture().trim_end_matches('=').to_owned();
    let large = format!("{}{}", &large[..large.len() / 4 * 4], "AAAA".repeat(1_500_000));
    let order = json!({ "image0": large, "image1": picture() });
    assert_eq!(post(&sandbox, MATCH, &token, &order).await.0, 200);
}

#[tokio::test]
async fn a_transaction_is_processing_until_it_is_decided() {
    let sandbox = sandbox().await;
    let token = login(&sandbox).await;
    let mut order = order_for(TestOutcome::Level(6));
    order["minMatchLevel"] = "6".into();
    let id = submit(&sandbox, &token, &order).await;
    let cpf = cpf_for(TestOutcome::Level(6));

    sandbox.clock().advance(seconds(1));
    let processing = json!({
        "identifierId": "order-1", "cpf": cpf, "transactionId": id, "transactionStatus": "Processing",
    });
    assert_eq!(query(&sandbox, &token, &id).await, (200, processing));

    sandbox.clock().advance(seconds(1));
    let (status, answer) = query(&sandbox, &token, &id.replace('-', "")).await;
    assert_eq!(status, 200);
    let live = ["/identifierId", "/cpf", "/transactionId", "/transactionStatus"];
    let mut expected = with_live_values(documented::QUERY_200.body, &answer, &live);
    // Documented for errors only.
    expected.as_object_mut().expect("an object").remove("message");
    assert_eq!(answer, expected);
    assert_eq!(answer["transactionStatus"], "Success");
    assert_eq!(answer["transactionId"], json!(id));
    assert_eq!(sandbox.clearsale().requests(Operation::Query), 2);
}

#[tokio::test]
async fn an_error_has_every_documented_key() {
    let sandbox = sandbox().await;
    let token = login(&sandbox).await;
    let id = submit(&sandbox, &token, &order_for(TestOutcome::Error)).await;
    sandbox.clock().advance(seconds(2));
    let (status, answer) = query(&sandbox, &token, &id).await;
    assert_eq!(status, 200);
    let live: Vec<_> = answer.as_object().expect("an object").keys().map(|key| format!("/{key}")).collect();
    let live: Vec<_> = live.iter().map(String::as_str).filter(|key| *key != "/isMatch").collect();
    let mut expected = with_live_values(documented::QUERY_200.body, &answer, &live);
    expected["isMatch"] = false.into();
    assert_eq!(answer, expected);
    assert_eq!(answer["transactionStatus"], "Error");
}

#[tokio::test]
async fn fields_that_were_not_sent_are_not_echoed() {
    let sandbox = sandbox().await;
    let token = login(&sandbox).await;
    let id = submit(&sandbox, &token, &order()).await;
    sandbox.clock().advance(seconds(2));
    let expected =
        json!({ "confiability": 6, "isMatch": true, "transactionId": id, "transactionStatus": "Success" });
    assert_eq!(query(&sandbox, &token, &id).await, (200, expected));
}

#[tokio::test]
async fn responses_to_failed_queries_are_as_documented() {
    let sandbox = sandbox().await;
    let token = login(&sandbox).await;
    for unknown in ["3fa85f64-5717-4562-b3fc-2c963f66afa6", "3fa85f6457174562b3fc2c963f66afa6", "what"] {
        let expected = documented::QUERY_404.body.replace("{transactionId}", unknown);
        let expected: Value = serde_json::from_str(&expected).expect("JSON");
        assert_eq!(query(&sandbox, &token, unknown).await, (404, expected));
        let expected = documented::QUERY_401.body.replace("{transactionid}", unknown);
        let expected: Value = serde_json::from_str(&expected).expect("JSON");
        assert_eq!(query(&sandbox, "guess", unknown).await, (401, expected));
    }
}

#[tokio::test]
async fn each_level_matches_from_its_minimum_on() {
    let sandbox = sandbox().await;
    let token = login(&sandbox).await;
    for level in 0..=6_u8 {
        for minimum in [1, 3, 6] {
            let mut order = order_for(TestOutcome::Level(level));
            order["minMatchLevel"] = minimum.to_string().into();
            let id = submit(&sandbox, &token, &order).await;
            sandbox.clock().advance(seconds(2));
            let answer = query(&sandbox, &token, &id).await.1;
            assert_eq!(answer["confiability"], level);
            assert_eq!(answer["isMatch"], level >= minimum, "{level} against {minimum}");
        }
    }
}

#[tokio::test]
async fn the_slow_cpf_takes_a_minute() {
    let sandbox = sandbox().await;
    let token = login(&sandbox).await;
    let id = submit(&sandbox, &token, &order_for(TestOutcome::Slow)).await;
    sandbox.clock().advance(seconds(59));
    assert_eq!(query(&sandbox, &token, &id).await.1["transactionStatus"], "Processing");
    sandbox.clock().advance(seconds(1));
    assert_eq!(query(&sandbox, &token, &id).await.1["transactionStatus"], "Success");
}

#[tokio::test]
async fn a_failed_post_succeeds_the_next_time() {
    let sandbox = sandbox().await;
    let token = login(&sandbox).await;
    let order = order_for(TestOutcome::FailsOnce);
    for _ in 0..2 {
        let expected = with_live_values(documented::MATCH_500.body, &Value::Null, &[]);
        assert_eq!(post(&sandbox, MATCH, &token, &order).await, (500, expected));
        submit(&sandbox, &token, &order).await;
    }
    assert_eq!(sandbox.clearsale().paid_calls(), 2);
}

#[tokio::test]
async fn a_comparison_without_a_response_is_paid_for_and_sent_as_a_webhook() {
    let sandbox = sandbox().await;
    let mut receiver = Receiver::start().await;
    sandbox.clearsale().register_webhook(&receiver.url, "hook-secret").expect("loopback");
    let token = login(&sandbox).await;
    let lost = send(&sandbox, MATCH, &token, &order_for(TestOutcome::ResponseLost)).await;
    assert!(lost.is_err_and(|error| !error.is_timeout()));
    assert_eq!(sandbox.clearsale().paid_calls(), 1);
    assert_eq!(next_status(&mut receiver).await, "Processing");
    sandbox.clock().advance(seconds(2));
    let event = receiver.next().await.1;
    assert_eq!((&event["identifierId"], &event["isMatch"]), (&json!("order-1"), &json!(true)));
}

#[test]
fn every_test_cpf_is_unique() {
    for (place, test) in TEST_CPFS.iter().enumerate() {
        assert!(
            TEST_CPFS[..place].iter().all(|other| other.cpf != test.cpf && other.outcome != test.outcome)
        );
    }
}
