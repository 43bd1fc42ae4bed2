use kyc_fixtures::cellere_portal as documented;
use kyc_sandbox::cellere::Operation;
use kyc_sandbox::{Sandbox, samples};
use reqwest::multipart::Form;
use serde_json::{Value, json};

use super::client::*;
use crate::support::*;

/// The response, which must be the same in both forms.
async fn compared(sandbox: &Sandbox, first: &[u8], second: &[u8]) -> Value {
    let body = json!({ "image1": base64(first), "image2": base64(second) });
    let by_json = send_json(sandbox, FACES, &body).await;
    assert_eq!(by_json.0, 200, "{}", by_json.1);
    let form = Form::new().part("face_a", file("a.jpeg", first)).part("face_b", file("b.jpeg", second));
    assert_eq!(send_form(sandbox, "/facematch/", form).await, by_json);
    by_json.1
}

#[tokio::test]
async fn two_samples_match_unless_they_show_two_persons() {
    let sandbox = sandbox().await;
    let (a, a_later, b) = (samples::A_2014, samples::A_2025, samples::B_2022);
    let (same, different) =
        (body_of(&documented::FACEMATCH_200), body_of(&documented::FACEMATCH_NO_MATCH_200));
    for (first, second) in [(a, a_later), (a_later, a), (a, a), (b, b)] {
        assert_eq!(compared(&sandbox, first, second).await, same);
    }
    for (first, second) in [(a, b), (b, a), (a_later, b), (b, a_later)] {
        assert_eq!(compared(&sandbox, first, second).await, different);
    }
    for unknown in [empty_png(), BMP, PDF] {
        assert_eq!(compared(&sandbox, unknown, b).await, same);
        assert_eq!(compared(&sandbox, unknown, unknown).await, same);
    }
    assert_eq!(sandbox.cellere().paid_calls_of(Operation::FaceMatch), 28);
}

#[tokio::test]
async fn wrong_requests_are_refused() {
    let sandbox = sandbox().await;
    let (bad, face) = ("Bad Request", base64(samples::A_2014));
    let (missing, no_base64) =
        ("The image field is required", "The image field should be a base64 encoded string.");
    for (wrong, text) in [
        (json!({}), missing),
        (json!({ "image1": face }), missing),
        (json!({ "image2": face }), missing),
        (json!({ "image1": face, "image2": "" }), missing),
        (json!({ "image1": face, "image2": "*" }), no_base64),
        (json!({ "image1": face, "image2": base64(GIF) }), bad),
        (json!({ "image1": face, "image2": base64(HEIC) }), bad),
        (json!({ "image1": face, "image2": face, "image3": face }), bad),
        (json!({ "face_a": face, "face_b": face }), bad),
    ] {
        assert_eq!(send_json(&sandbox, FACES, &wrong).await, refusal(400, text), "{wrong}");
    }
    let part = || file("face.jpeg", samples::A_2014);
    for (wrong, text) in [
        (Form::new().part("face_a", part()), missing),
        (Form::new().part("image1", part()).part("image2", part()), bad),
        (Form::new().part("face_a", part()).part("face_b", file("b.gif", GIF)), bad),
    ] {
        assert_eq!(send_form(&sandbox, FACES, wrong).await, refusal(400, text));
    }
    assert_eq!(sandbox.cellere().paid_calls(), 0);
}
