use kyc_core::{Media, MediaFormat};
use kyc_sandbox::Sandbox;
use kyc_sandbox::certiface::{Operation, TestOutcome};
use kyc_sandbox::samples;
use serde_json::{Value, json};

use super::client::*;
use crate::support::*;

#[tokio::test]
async fn a_challenge_is_encrypted_and_has_images() {
    let sandbox = sandbox().await;
    let appkey = appkey_of(&sandbox, CPF).await;
    let challenge = good_challenge(&sandbox, &appkey).await;
    let entries = challenge["challenges"].as_array().expect("an array");
    assert_eq!(challenge["numberOfChallenges"], json!(entries.len()));
    assert_eq!((&challenge["snapFrequenceInMillis"], &challenge["totalTime"]), (&json!(1990), &json!(8)));
    for entry in entries {
        for picture in [&entry["mensagem"], &entry["tipoFace"]["imagem"]] {
            let picture: Vec<u8> = base64_of(picture);
            let picture = Media::new(picture).expect("not empty");
            assert_eq!(picture.format(), MediaFormat::Png);
            assert!(picture.dimensions().is_some());
        }
    }
    let other = good_challenge(&sandbox, &appkey).await;
    assert_ne!((&other["chkey"], codes(&other)), (&challenge["chkey"], codes(&challenge)));
}

fn base64_of(value: &Value) -> Vec<u8> {
    use base64::Engine as _;
    let text = value.as_str().expect("text");
    base64::engine::general_purpose::STANDARD.decode(text).expect("base64")
}

#[tokio::test]
async fn captcha_uses_the_appkey_up_for_liveness() {
    let sandbox = sandbox().await;
    let appkey = appkey_of(&sandbox, CPF).await;
    refused(&post_form(&sandbox, "/result", &[("appkey", &appkey)]).await, 404);
    let answer = live(&sandbox, &appkey).await;
    let protocol = answer["protocol"].as_str().expect("text");
    let expected = json!({ "valid": true, "codID": 200.0, "cause": null, "protocol": protocol });
    assert_eq!(answer, expected);
    assert_eq!(post_form(&sandbox, "/result", &[("appkey", &appkey)]).await, (200, expected));
    for path in ["/challenge", ""] {
        assert!(refused(&post_form(&sandbox, path, &[("appkey", &appkey)]).await, 401).contains("used up"));
    }
    for path in ["/3d/initialize", "/3d/session-token", "/3d/liveness", "/3d/process-request"] {
        refused(&post_json(&sandbox, path, &json!({ "appkey": appkey })).await, 401);
    }
    assert_eq!(sandbox.certiface().paid_calls(), 1);
    assert_eq!(sandbox.certiface().paid_calls_of(Operation::Captcha), 1);
}

#[tokio::test]
async fn any_valid_challenge_can_be_used() {
    let sandbox = sandbox().await;
    let appkey = appkey_of(&sandbox, CPF).await;
    let first = good_challenge(&sandbox, &appkey).await;
    sandbox.clock().advance(seconds(59));
    let second = good_challenge(&sandbox, &appkey).await;
    sandbox.clock().advance(seconds(1));
    let late = captcha(&sandbox, &appkey, &first, &records(&first)).await;
    assert!(refused(&late, 401).contains("expired"));
    let of_nobody = json!({ "chkey": "unknown" });
    refused(&captcha(&sandbox, &appkey, &of_nobody, &records(&first)).await, 401);
    assert_eq!(captcha(&sandbox, &appkey, &second, &records(&second)).await.0, 200);
}

#[tokio::test]
async fn frames_may_be_percent_encoded_once_or_twice() {
    let sandbox = sandbox().await;
    for twice in [true, false] {
        let appkey = appkey_of(&sandbox, CPF).await;
        let challenge = good_challenge(&sandbox, &appkey).await;
        let once = encrypt(&appkey, &records(&challenge));
        let images = if twice { percent(&once) } else { once };
        let chkey = challenge["chkey"].as_str().expect("a key");
        let fields = [("appkey", appkey.as_str()), ("chkey", chkey), ("images", &images)];
        assert_eq!(post_form(&sandbox, "", &fields).await.0, 200);
    }
}

/// The message for invalid frames, after which valid ones are still accepted.
async fn complaint(sandbox: &Sandbox, wrong: impl Fn(&str, &Value) -> String) -> String {
    let appkey = appkey_of(sandbox, CPF).await;
    let challenge = good_challenge(sandbox, &appkey).await;
    let chkey = challenge["chkey"].as_str().expect("a key");
    let images = wrong(&appkey, &challenge);
    let fields = [("appkey", appkey.as_str()), ("chkey", chkey), ("images", &images)];
    let complaint = refused(&post_form(sandbox, "", &fields).await, 400);
    assert_eq!(captcha(sandbox, &appkey, &challenge, &records(&challenge)).await.0, 200);
    complaint
}

#[tokio::test]
async fn invalid_frames_are_explained_and_not_paid() {
    let sandbox = sandbox().await;
    let encrypted = |change: fn(String, &Value) -> String| {
        move |appkey: &str, challenge: &Value| {
            percent(&encrypt(appkey, &change(records(challenge), challenge)))
        }
    };
    let not_encrypted = complaint(&sandbox, |_, challenge| records(challenge)).await;
    assert!(not_encrypted.contains("base64"), "{not_encrypted}");
    let plus_lost =
        complaint(&sandbox, |appkey, challenge| encrypt(appkey, &records(challenge)).replace('+', " "));
    assert!(plus_lost.await.contains("space"));
    let wrong_iv = complaint(&sandbox, |appkey, challenge| {
        let (rest, last) = appkey.split_at(appkey.len() - 1);
        let other = if last == "A" { "B" } else { "A" };
        percent(&encrypt(&format!("{rest}{other}"), &records(challenge)))
    });
    assert!(wrong_iv.await.contains("IV"));
    let wrong_key = complaint(&sandbox, |appkey, challenge| {
        percent(&encrypt(&format!("x{appkey}"), &records(challenge)))
    });
    assert!(wrong_key.await.contains("key"));
    for (change, word) in [
        ((|_, _| String::new()) as fn(String, &Value) -> String, "begin"),
        (|records, _| records.replace("base64,type:", "base64,"), "begin"),
        (
            |records, challenge| format!("{records}{}", record(&codes(challenge)[0], samples::A_2014)),
            "3 frames",
        ),
        (|_, challenge| record(&codes(challenge)[0], samples::A_2014).repeat(2), "0 frames"),
        (|records, _| format!("{records}{}", record("unknown", samples::A_2014)), "record 5"),
        (|records, _| format!("{records}\ndata:"), "record 4"),
        (|_, challenge| record(&codes(challenge)[0], b"GIF89a"), "JPEG"),
        (|_, _| "data:image/jpeg;base64,type:code".to_owned(), "comma"),
    ] {
        let complaint = complaint(&sandbox, encrypted(change)).await;
        assert!(complaint.starts_with("images: ") && complaint.contains(word), "{word}: {complaint}");
    }
    // Only the valid ones.
    assert_eq!(sandbox.certiface().paid_calls(), 12);
}

#[tokio::test]
async fn refused_and_blocked() {
    let sandbox = sandbox().await;
    for (outcome, code, cause) in [
        (TestOutcome::Refused, 300.1, "PROVA DE VIDA"),
        (TestOutcome::Blocked, 300.2, "BIOMETRIA"),
        (TestOutcome::RetriedOnce, 300.1, "PROVA DE VIDA"),
    ] {
        let appkey = appkey_for(&sandbox, outcome).await;
        let answer = live(&sandbox, &appkey).await;
        let protocol = answer["protocol"].as_str().expect("text");
        let expected = json!({ "valid": false, "codID": code, "cause": cause, "protocol": protocol });
        assert_eq!(answer, expected);
        refused(&challenge(&sandbox, &appkey).await, 401);
        let (_, result) = result(&sandbox, &appkey).await;
        assert_eq!((&result["status"], &result["certifaceID"]), (&json!("Não processado"), &Value::Null));
        assert_eq!(result["facecaptcha"]["validado"], false);
    }
}
