use kyc_sandbox::samples;
use serde_json::json;

use crate::support::*;

/// A portrait, a picture without a face, a PDF and a text.
fn desk() -> Desk {
    let desk = Desk::new();
    desk.file("face.jpg", samples::A_2025);
    desk.file("small.jpg", samples::A_2014);
    desk.file("meter.png", samples::METER_ANALOG);
    desk.file("cnh.pdf", "%PDF-1.7\n");
    desk.file("notes.jpg", "no picture");
    desk
}

#[tokio::test]
async fn what_people_see_in_both_languages_at_two_widths() {
    let mut shown = String::new();
    for lang in ["en", "pt"] {
        for columns in ["60", "80"] {
            let desk = desk().with("COLUMNS", columns);
            for command in [
                "face.jpg face.jpg",
                "small.jpg notes.jpg --vendor bankly",
                "meter.png cnh.pdf face.jpg --as front --as front --as back --type cnh",
            ] {
                let words: Vec<_> = command.split(' ').collect();
                let run = desk.run(&[&["preflight", "--lang", lang], &words[..]].concat()).await;
                assert_eq!(run.stderr, "", "{run:?}");
                let code = run.code.expect("a code");
                shown.push_str(&format!("$ kyc preflight {command} --lang {lang}    # {columns} columns\n"));
                shown.push_str(&format!("{}[{code}]\n\n", run.stdout));
            }
        }
    }
    insta::assert_snapshot!(shown);
}

#[tokio::test]
async fn the_exit_code_tells_a_refusal_advice_and_what_could_not_be_looked_at() {
    let desk = desk();
    let table: [(&[&str], i32); 7] = [
        (&["face.jpg"], 0),
        (&["small.jpg", "--vendor", "clearsale"], 0),
        (&["small.jpg", "face.jpg"], 1),
        (&["face.jpg", "face.jpg"], 10),
        (&["cnh.pdf", "--as", "front", "--vendor", "cellere"], 9),
        (&["cnh.pdf", "--as", "front", "--vendor", "clearsale"], 1),
        (&["none.jpg"], 3),
    ];
    for (arguments, code) in table {
        let run = desk.run(&[&["preflight", "--json"], arguments].concat()).await;
        assert_eq!(run.code, Some(code), "{arguments:?}: {run:?}");
    }
}

/// Of the vendors that are configured only the limits of those count.
#[tokio::test]
async fn the_vendors_are_those_configured() {
    let desk = desk().with("KYC_CLEARSALE_CLIENT_ID", "id").with("KYC_CLEARSALE_CLIENT_SECRET", "secret");
    let run = desk.run(&["preflight", "--json", "small.jpg"]).await;
    assert_eq!(run.json()["pictures"][0]["vendors"], json!(["clearsale-facematch"]), "{run:?}");
}

#[tokio::test]
async fn a_report_as_json() {
    let run = desk().run(&["preflight", "--json", "small.jpg", "notes.jpg", "--vendor", "bankly"]).await;
    let mut report = run.json();
    let face = report["pictures"][0]["faces"][0].take();
    assert!(face["width"].as_f64().is_some_and(|width| (60.0..90.0).contains(&width)), "{face}");
    let sharpness = report["pictures"][0]["sharpness"].take();
    assert!(sharpness.as_f64().is_some_and(|sharpness| sharpness > 0.05), "{sharpness}");
    let (median, brightest) =
        (report["pictures"][0]["median"].take(), report["pictures"][0]["brightest"].take());
    assert!(median.as_u64() < brightest.as_u64());
    let refused = |rule: &str| json!([{"vendor": "bankly-kyc", "checks": ["document", "face_document", "liveness"], "rule": rule}]);
    let message = json!({
        "pt": "Tire outra foto do seu rosto: não conseguimos abrir a que recebemos.",
        "en": "Please take another picture of your face: we could not open the one that we received.",
    });
    let expected = json!({"simulated": false, "pictures": [
        {
            "file": "small.jpg", "as": "selfie", "format": "JPEG", "bytes": 14004, "width": 204, "height": 244,
            "unseen": null, "faces": [null], "sharpness": null, "median": null, "brightest": null,
            "vendors": ["bankly-kyc"], "refused": refused("must be at least 480 pixels wide, but is 204"),
            "advice": [], "message": null,
        },
        {
            "file": "notes.jpg", "as": "selfie", "format": "unknown", "bytes": 10, "width": null, "height": null,
            "unseen": "is unknown, which cannot be looked at: use JPEG, PNG, WebP, GIF or BMP",
            "faces": [], "sharpness": null, "median": null, "brightest": null, "vendors": ["bankly-kyc"],
            "refused": refused("must be JPEG or PNG, but is not a known image format"),
            "advice": ["unviewable"], "message": message,
        },
    ]});
    assert_eq!(report, expected);
}
