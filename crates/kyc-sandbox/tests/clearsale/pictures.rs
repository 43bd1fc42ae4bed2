use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kyc_sandbox::clearsale::TestOutcome;
use kyc_sandbox::{RequestFilter, Sandbox, Scenario, samples};
use serde_json::{Value, json};

use super::client::*;
use crate::pictures::{self, copy, nobody, on_its_side, seen, similarity, spoilt, two_persons};
use crate::support::*;

/// The decision on two pictures, and what the response says of them.
async fn compared(sandbox: &Sandbox, more: &Value, one: &[u8], other: &[u8]) -> (Value, Option<String>) {
    let token = login(sandbox).await;
    let mut order = json!({ "image0": STANDARD.encode(one), "image1": STANDARD.encode(other) });
    order.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    let id = submit(sandbox, &token, &order).await;
    sandbox.clock().advance(seconds(2));
    let url = format!("{}{MATCH}/{id}", sandbox.clearsale_url());
    let response = client().get(url).bearer_auth(&token).send().await.expect("a response");
    let seen = seen(&response).map(str::to_owned);
    (read(response).await.1, seen)
}

fn level(answer: &Value) -> (Option<u64>, Option<bool>) {
    assert_eq!(answer["transactionStatus"], "Success", "{answer}");
    (answer["confiability"].as_u64(), answer["isMatch"].as_bool())
}

#[tokio::test]
async fn one_person_matches_and_two_do_not() {
    let sandbox = pictures::sandbox().await;
    let (a, b) = (copy(samples::A_2014), copy(samples::B_2022));
    let (answer, seen) = compared(&sandbox, &json!({}), &a, samples::A_2025).await;
    assert_eq!(level(&answer), (Some(6), Some(true)));
    assert!(seen.is_some_and(|seen| similarity(&seen) > 0.55));
    for (one, other) in [(&a[..], &b[..]), (&b, samples::A_2025), (samples::A_2014, samples::B_2022)] {
        let (answer, seen) = compared(&sandbox, &json!({}), one, other).await;
        assert_eq!(level(&answer), (Some(0), Some(false)));
        assert!(seen.is_some_and(|seen| similarity(&seen) < 0.2));
    }
    let log = sandbox.requests().newest(&RequestFilter::default(), 1);
    let seen = log[0].simulated.as_deref().expect("something seen");
    assert!(similarity(seen) < 0.2, "{log:?}");
    let console = client().get(sandbox.url()).header("accept", "text/html").send().await.expect("a response");
    assert!(console.text().await.expect("a page").contains(seen));
}

#[tokio::test]
async fn the_lowest_level_is_the_clients() {
    let sandbox = pictures::sandbox().await;
    let (answer, _) =
        compared(&sandbox, &json!({ "minMatchLevel": 6 }), samples::A_2025, &copy(samples::A_2025)).await;
    assert_eq!(level(&answer), (Some(6), Some(true)));
}

#[tokio::test]
async fn a_picture_that_cannot_be_compared_is_an_error() {
    let sandbox = pictures::sandbox().await;
    for (picture, message, said) in [
        (nobody(), "No face was found in one of the images.", "has no face"),
        (two_persons(), "More than one face was found in one of the images.", "has more than one face"),
        (
            on_its_side(samples::B_2022),
            "The face in one of the images is turned.",
            "has a face that is turned",
        ),
        (spoilt(), "One of the images could not be read.", "cannot be read"),
    ] {
        for (place, one, other) in
            [("first", &picture[..], samples::A_2025), ("second", samples::A_2025, &picture)]
        {
            let (answer, seen) = compared(&sandbox, &json!({}), one, other).await;
            assert_eq!(
                (&answer["transactionStatus"], &answer["message"]),
                (&json!("Error"), &json!(message))
            );
            assert_eq!((&answer["confiability"], &answer["isMatch"]), (&json!(0), &json!(false)));
            assert_eq!(seen, Some(format!("the {place} picture {said}")));
        }
    }
}

#[tokio::test]
async fn a_test_cpf_and_a_scenario_go_before_the_pictures() {
    let sandbox = pictures::sandbox().await;
    let cpf = cpf_for(TestOutcome::Level(6));
    let (answer, seen) = compared(&sandbox, &json!({ "cpf": cpf }), samples::A_2025, samples::B_2022).await;
    assert_eq!((level(&answer), seen), ((Some(6), Some(true)), None));
    sandbox.set_scenario(Scenario::new("clearsale", "level-3")).expect("an outcome");
    let (answer, seen) = compared(&sandbox, &json!({}), &nobody(), samples::B_2022).await;
    assert_eq!((level(&answer), seen), ((Some(3), Some(true)), None));
}

#[tokio::test]
async fn a_sandbox_that_does_not_look_takes_any_two() {
    let sandbox = sandbox().await;
    let (answer, seen) = compared(&sandbox, &json!({}), &nobody(), samples::B_2022).await;
    assert_eq!((level(&answer), seen), ((Some(6), Some(true)), None));
}
