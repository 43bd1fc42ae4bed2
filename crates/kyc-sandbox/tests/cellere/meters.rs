use kyc_fixtures::{Fixture, cellere_portal as documented};
use kyc_sandbox::cellere::Operation;
use kyc_sandbox::{Sandbox, samples};
use reqwest::multipart::Form;
use serde_json::{Value, json};

use super::client::*;
use crate::support::*;

const METERS: &[(&[u8], &str, &Fixture)] = &[
    (samples::METER_DIGITAL, "digital.png", &documented::METER_DIGITAL_200),
    (samples::METER_CYCLOMETRIC, "ciclometrico-2.png", &documented::METER_CICLOMETRICO_200),
    (samples::METER_ANALOG, "analogico.png", &documented::METER_ANALOGICO_200),
];

/// The reading of a meter, with this name of the image.
fn expected(fixture: &Fixture, name: &str) -> (u16, Value) {
    let mut body = body_of(fixture);
    body["image"] = json!(name);
    (200, body)
}

#[tokio::test]
async fn each_meter_is_read_in_each_form() {
    let sandbox = sandbox().await;
    for (picture, name, fixture) in METERS {
        let form = Form::new().part("image", file(name, picture)).text("service", "energia");
        assert_eq!(send_form(&sandbox, METER, form).await, expected(fixture, name));

        let encoded = base64(picture);
        let body = json!({ "base64": encoded, "service": "energia" });
        assert_eq!(send_json(&sandbox, METER, &body).await, expected(fixture, "image.png"));
        let form = Form::new().text("base64", encoded).text("service", "energia");
        assert_eq!(send_form(&sandbox, METER, form).await, expected(fixture, "image.png"));

        let link = format!("https://example.com/meters/{name}?size=full");
        let body = json!({ "link": link, "service": "energia" });
        assert_eq!(send_json(&sandbox, METER, &body).await, expected(fixture, name));
        let form = Form::new().text("link", link).text("service", "energia");
        assert_eq!(send_form(&sandbox, METER, form).await, expected(fixture, name));
    }
    assert_eq!(sandbox.cellere().paid_calls_of(Operation::Meter), 15);
}

#[tokio::test]
async fn any_other_image_is_a_digital_meter() {
    let sandbox = sandbox().await;
    for picture in [samples::A_2014, empty_png(), GIF, HEIC] {
        let body = json!({ "base64": base64(picture), "service": "energia" });
        let (status, answer) = send_json(&sandbox, METER, &body).await;
        assert_eq!((status, &answer["display_type"]), (200, &json!("digital")), "{picture:?}");
    }
    for link in ["http://example.com", "https://example.com/analogico/meter.jpeg"] {
        let (status, answer) = send_json(&sandbox, METER, &json!({ "link": link, "service": "gas" })).await;
        assert_eq!((status, &answer["display_type"]), (200, &json!("digital")), "{link}");
    }
}

#[tokio::test]
async fn only_electricity_has_codes_and_balance() {
    let sandbox = sandbox().await;
    for (service, is_energy) in [("energia", true), ("agua", false), ("gas", false)] {
        let ask = async |picture: &[u8]| {
            let body = json!({ "base64": base64(picture), "service": service });
            let (status, answer) = send_json(&sandbox, METER, &body).await;
            assert_eq!((status, &answer["service"]), (200, &json!(service)));
            answer
        };
        let (digital, analog) = (ask(samples::METER_DIGITAL).await, ask(samples::METER_ANALOG).await);
        assert_eq!(digital.get("power_code").is_some(), is_energy, "{service}");
        assert_eq!(analog.get("unbalanced_analogical").is_some(), is_energy, "{service}");
    }
}

async fn verdict(sandbox: &Sandbox, picture: &[u8], reading: &str) -> Value {
    let body = json!({ "base64": base64(picture), "service": "energia", "reading": reading });
    let (status, answer) = send_json(sandbox, METER, &body).await;
    assert_eq!(status, 200, "{answer}");
    answer["status"].clone()
}

#[tokio::test]
async fn a_reading_is_conciliated_or_not() {
    let sandbox = sandbox().await;
    for (picture, right) in [
        (samples::METER_DIGITAL, ["012345", "12345", "0012345", "12.345"]),
        (samples::METER_CYCLOMETRIC, ["04821", "4821", "4.821", "4821 "]),
        (samples::METER_ANALOG, ["7395", "07395", "7 395", "7395"]),
    ] {
        for reading in right {
            assert_eq!(verdict(&sandbox, picture, reading).await, "conciliated", "{reading}");
        }
        for reading in ["12346", "123450", "0"] {
            assert_eq!(verdict(&sandbox, picture, reading).await, "not conciliated", "{reading}");
        }
    }
    for (reading, fixture) in
        [("12345", &documented::METER_CONCILIATED_200), ("12344", &documented::METER_NOT_CONCILIATED_200)]
    {
        let form = Form::new()
            .part("image", file("image.jpeg", samples::METER_DIGITAL))
            .text("service", "energia")
            .text("reading", reading);
        assert_eq!(send_form(&sandbox, METER, form).await, expected(fixture, "image.jpeg"));
    }
}

#[tokio::test]
async fn wrong_requests_are_refused() {
    let sandbox = sandbox().await;
    let (bad, picture) = ("Bad Request", base64(samples::METER_DIGITAL));
    let (missing, no_base64) =
        ("The image field is required", "The image field should be a base64 encoded string.");
    let link = "https://example.com/digital.jpeg";
    for (wrong, text) in [
        (json!({}), missing),
        (json!({ "service": "energia" }), missing),
        (json!({ "base64": "", "link": "", "service": "energia" }), missing),
        (json!({ "base64": "*", "service": "energia" }), no_base64),
        (json!({ "base64": picture, "link": link, "service": "energia" }), bad),
        (json!({ "base64": picture }), bad),
        (json!({ "base64": picture, "service": "energy" }), bad),
        (json!({ "base64": base64(PDF), "service": "energia" }), bad),
        (json!({ "base64": base64(BMP), "service": "energia" }), bad),
        (json!({ "base64": picture, "service": "energia", "reading": "none" }), bad),
        (json!({ "base64": picture, "service": "energia", "reading": 12345 }), bad),
        (json!({ "image": picture, "service": "energia" }), bad),
        (json!({ "link": "digital.jpeg", "service": "energia" }), bad),
        (json!({ "link": "file:///digital.jpeg", "service": "energia" }), bad),
    ] {
        assert_eq!(send_json(&sandbox, METER, &wrong).await, refusal(400, text), "{wrong}");
    }
    let image = || Form::new().part("image", file("meter.png", samples::METER_DIGITAL));
    for wrong in [
        image().text("base64", picture.clone()).text("service", "energia"),
        image().text("link", link).text("service", "energia"),
        image(),
        Form::new().part("image", file("meter.pdf", PDF)).text("service", "energia"),
    ] {
        assert_eq!(send_form(&sandbox, METER, wrong).await, refusal(400, bad));
    }
    assert_eq!(sandbox.cellere().paid_calls(), 0);
}
