use kyc_sandbox::{Sandbox, Scenario, samples};
use reqwest::Method;
use serde_json::{Value, json};

use super::client::*;
use crate::pictures::{self, copy, nobody, on_its_side, seen, similarity, two_persons};
use crate::support::*;

async fn compared(sandbox: &Sandbox, one: &[u8], other: &[u8]) -> (u16, Value, Option<String>) {
    let body = json!({ "image1": base64(one), "image2": base64(other) });
    let response = ask(sandbox, Method::POST, FACES).json(&body).send().await.expect("a response");
    let seen = seen(&response).map(str::to_owned);
    let (status, answer) = read(response).await;
    (status, answer, seen)
}

#[tokio::test]
async fn one_person_matches_and_two_do_not() {
    let sandbox = pictures::sandbox().await;
    let (status, answer, seen) = compared(&sandbox, &copy(samples::A_2014), samples::A_2025).await;
    assert_eq!((status, &answer["result"]), (200, &json!(true)));
    assert!(
        answer["confiability"].as_f64().is_some_and(|likeness| (0.9..1.0).contains(&likeness)),
        "{answer}"
    );
    assert!(seen.is_some_and(|seen| similarity(&seen) > 0.55));
    let (status, answer, seen) = compared(&sandbox, &copy(samples::B_2022), samples::A_2025).await;
    assert_eq!((status, &answer["result"]), (200, &json!(false)));
    assert!(answer["confiability"].as_f64().is_some_and(|likeness| likeness < 0.1), "{answer}");
    assert!(answer["distance"].as_f64().is_some_and(|distance| distance > 1.0), "{answer}");
    assert!(seen.is_some_and(|seen| similarity(&seen) < 0.2));
    assert_eq!(sandbox.cellere().paid_calls(), 2);
}

#[tokio::test]
async fn a_picture_that_cannot_be_compared_is_refused_and_costs_nothing() {
    let sandbox = pictures::sandbox().await;
    for (picture, said) in [
        (nobody(), "has no face"),
        (two_persons(), "has more than one face"),
        (on_its_side(samples::A_2025), "has a face that is turned"),
        (PDF.to_vec(), "cannot be read"),
    ] {
        let (status, answer, seen) = compared(&sandbox, samples::A_2014, &picture).await;
        assert_eq!((status, answer), refusal(400, "Bad Request"));
        assert_eq!(seen, Some(format!("the second picture {said}")));
    }
    assert_eq!(sandbox.cellere().paid_calls(), 0);
}

#[tokio::test]
async fn a_scenario_goes_before_the_pictures() {
    let sandbox = pictures::sandbox().await;
    sandbox.set_scenario(Scenario::new("cellere", "faces-match")).expect("an outcome");
    let (status, answer, seen) = compared(&sandbox, &nobody(), samples::B_2022).await;
    assert_eq!((status, &answer["result"], seen), (200, &json!(true), None));
}
