use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kyc_sandbox::certiface::TestOutcome;
use kyc_sandbox::{RequestFilter, Sandbox, Scenario, samples};
use serde_json::{Value, json};

use super::client::*;
use crate::pictures::{self, copy, nobody, seen, two_persons};
use crate::support::*;

/// A 2D liveness whose frames all show this.
async fn attempt(sandbox: &Sandbox, appkey: &str, picture: &[u8]) -> Value {
    let challenge = good_challenge(sandbox, appkey).await;
    let records: String = codes(&challenge).iter().map(|code| record(code, picture)).collect();
    let (status, answer) = captcha(sandbox, appkey, &challenge, &records).await;
    assert_eq!(status, 200, "{answer}");
    answer
}

async fn send_document(sandbox: &Sandbox, appkey: &str, front: &[u8]) {
    let images = [front, samples::A_2014].map(|picture| STANDARD.encode(picture));
    let (status, answer) =
        post_json(sandbox, "/document", &json!({ "appkey": appkey, "images": images })).await;
    assert_eq!(status, 200, "{answer}");
}

/// The comparison of the document with the person, once the analysis has ended.
async fn face_match(sandbox: &Sandbox, appkey: &str) -> Value {
    for _ in 0..500 {
        sandbox.clock().advance(seconds(3));
        let (status, mut answer) = result(sandbox, appkey).await;
        assert_eq!(status, 200, "{answer}");
        if answer["status"] != "Em processamento" {
            return answer["analiseDocumento"]["biometriaDocumento"]["facematch"].take();
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("the analysis does not end");
}

#[tokio::test]
async fn a_document_is_compared_with_the_person() {
    let sandbox = pictures::sandbox().await;
    for (front, code, is_likely) in [
        (copy(samples::A_2014), "200", Some(true)),
        (copy(samples::B_2022), "300", Some(false)),
        (nobody(), "400", None),
        (two_persons(), "400", None),
        (b"%PDF-1.7\n".to_vec(), "402", None),
    ] {
        // In either order.
        for document_first in [true, false] {
            let appkey = appkey_of(&sandbox, CPF).await;
            if document_first {
                send_document(&sandbox, &appkey, &front).await;
            }
            let answer = attempt(&sandbox, &appkey, &copy(samples::A_2025)).await;
            assert_eq!(answer["valid"], true, "{answer}");
            if !document_first {
                send_document(&sandbox, &appkey, &front).await;
            }
            let found = face_match(&sandbox, &appkey).await;
            assert_eq!(found["codigo"], code, "{found}");
            let score = found["score"].as_str().map(|score| score.parse::<f64>().expect("a number") > 0.5);
            assert_eq!(score, is_likely, "{found}");
        }
    }
}

#[tokio::test]
async fn frames_without_one_face_prove_no_life() {
    let sandbox = pictures::sandbox().await;
    for (picture, said) in [
        (nobody(), "the first picture has no face"),
        (two_persons(), "the first picture has more than one face"),
    ] {
        let appkey = appkey_of(&sandbox, CPF).await;
        let answer = attempt(&sandbox, &appkey, &picture).await;
        assert_eq!((&answer["valid"], &answer["codID"]), (&json!(false), &json!(300.1)), "{answer}");
        // The answer and the later query, whose form the vendor does not document, both say so.
        let url = format!("{}/facecaptcha/service/captcha/result", sandbox.certiface_url());
        let later = client().post(url).form(&[("appkey", &appkey)]).send().await.expect("a response");
        assert_eq!((later.status().as_u16(), seen(&later)), (200, Some(said)));
        for record in sandbox.requests().newest(&RequestFilter::default(), 2) {
            assert_eq!(record.simulated.as_deref(), Some(said), "{record:?}");
        }
    }
}

#[tokio::test]
async fn a_test_cpf_and_a_scenario_go_before_the_pictures() {
    let sandbox = pictures::sandbox().await;
    let appkey = appkey_for(&sandbox, TestOutcome::Approved).await;
    assert_eq!(attempt(&sandbox, &appkey, &nobody()).await["valid"], true);
    send_document(&sandbox, &appkey, &copy(samples::B_2022)).await;
    assert_eq!(face_match(&sandbox, &appkey).await["codigo"], "200");
    sandbox.set_scenario(Scenario::new("certiface", "faces-differ")).expect("an outcome");
    let appkey = appkey_of(&sandbox, CPF).await;
    attempt(&sandbox, &appkey, &copy(samples::A_2025)).await;
    send_document(&sandbox, &appkey, samples::A_2025).await;
    assert_eq!(face_match(&sandbox, &appkey).await["codigo"], "300");
}
