use kyc_sandbox::bankly::TestOutcome;
use reqwest::Method;
use serde_json::{Value, json};

use super::client::*;
use crate::support::*;

#[tokio::test]
async fn an_analysis_uses_the_virtual_clock() {
    let sandbox = builder().bankly_analysis_delay(seconds(10)).start().await.expect("a free port");
    let token = log_in(&sandbox).await;
    let image = upload(&sandbox, &token, CPF, SELFIE).await.1["token"].clone();
    let mut seen = Vec::new();
    for _ in 0..3 {
        let found = status_of(&sandbox, &token, CPF, "resultLevel=DETAILED").await.1;
        seen.push((found[0]["status"].clone(), found[0]["liveness"]["status"].clone()));
        assert_eq!(found[0]["token"], image);
        assert_eq!(found[0]["analyzedAt"].is_null(), found[0]["status"] != "ANALYSIS_COMPLETED");
        sandbox.clock().advance(seconds(5));
    }
    let expected = [
        ("ANALYZING", Value::Null),
        ("PARTIALLY_ANALYZED", json!("LIVENESS_FOUND")),
        ("ANALYSIS_COMPLETED", json!("LIVENESS_FOUND")),
    ];
    assert_eq!(seen, expected.map(|(status, liveness)| (json!(status), liveness)));
    assert_eq!(sandbox.bankly().status_requests(), 3);
}

#[tokio::test]
async fn status_of_some_tokens_or_of_all_images() {
    let sandbox = sandbox().await;
    let token = log_in(&sandbox).await;
    assert_eq!(refused(&status_of(&sandbox, &token, CPF, "").await, 404), ("NOT_FOUND", None));
    let mut images = Vec::new();
    for kind in [SELFIE, ("CNH", "FRONT"), ("CNH", "BACK")] {
        images.push(analysed(&sandbox, &token, CPF, kind).await["token"].as_str().expect("it").to_owned());
    }
    let listed = async |asked: &str| -> Vec<String> {
        let (status, found) = status_of(&sandbox, &token, CPF, asked).await;
        assert_eq!(status, 200, "{asked}");
        let found = found.as_array().expect("an array").iter();
        found.map(|one| one["token"].as_str().expect("a token").to_owned()).collect()
    };
    assert_eq!(listed("").await, images);
    let two = format!("token={}&token={}&token=unknown", images[2], images[0]);
    assert_eq!(listed(&two).await, [images[0].as_str(), images[2].as_str()]);
    refused(&status_of(&sandbox, &token, CPF, "token=unknown").await, 404);
    let other = cpf_of(TestOutcome::Failed);
    refused(&status_of(&sandbox, &token, other, &format!("token={}", images[0])).await, 404);
    let brief = status_of(&sandbox, &token, CPF, "").await.1;
    assert_eq!(
        brief[0],
        json!({
            "token": images[0], "documentType": "SELFIE", "documentSide": "FRONT", "status": "ANALYSIS_COMPLETED",
        })
    );
    assert_eq!(
        refused(&status_of(&sandbox, &token, CPF, "resultLevel=ALL").await, 400).1,
        Some("resultLevel")
    );
    assert_eq!(refused(&status_of(&sandbox, &token, "1", "").await, 400).1, Some("documentNumber"));
    let path = format!("/document-analysis/{CPF}");
    let answer = ask(&sandbox, &token, Method::GET, &path).send().await.expect("a response");
    assert_eq!(answer.headers()["cache-control"], "max-age=300");
}

#[tokio::test]
async fn a_valid_person_looks_as_documented() {
    let sandbox = sandbox().await;
    let token = log_in(&sandbox).await;
    let selfie = analysed(&sandbox, &token, CPF, SELFIE).await;
    assert_eq!(selfie["liveness"], json!({ "status": "LIVENESS_FOUND" }));
    assert_eq!(selfie["faceDetails"]["status"], "DETECTED_FACE");
    assert_eq!(selfie["analyzedAt"].as_str().map(str::len), Some("2021-08-31T21:20:58.754Z".len()));
    let front = analysed(&sandbox, &token, CPF, ("CNH", "FRONT")).await;
    assert_eq!(front["faceMatch"]["status"], "HAS_FACE_MATCH");
    let details = &front["documentDetails"];
    assert_eq!((&details["cpfNumber"], &details["identifiedDocumentType"]), (&json!(CPF), &json!("CNH")));
    assert!(details["driveLicenseNumber"].is_string());
    let back = analysed(&sandbox, &token, CPF, BACK).await;
    assert_eq!(back["documentDetails"]["status"], "DETECTED_DOCUMENT");
    assert!(back["faceMatch"].is_null() && back["documentDetails"]["driveLicenseNumber"].is_null());
}

#[tokio::test]
async fn every_status_has_its_cpf() {
    let sandbox = sandbox().await;
    let token = log_in(&sandbox).await;
    for (outcome, kind, field, status) in [
        (TestOutcome::NoLiveness, SELFIE, "liveness", "NO_LIVENESS"),
        (TestOutcome::LivenessWithoutFace, SELFIE, "liveness", "COULD_NOT_DETECT_FACE"),
        (TestOutcome::ManyFaces, SELFIE, "faceDetails", "MANY_FACES_DETECTED"),
        (TestOutcome::NoFace, SELFIE, "faceDetails", "COULD_NOT_DETECT_FACE"),
        (TestOutcome::Unmatched, FRONT, "faceMatch", "UNMATCHED_DOCUMENT"),
        (TestOutcome::ManyFacesOnDocument, FRONT, "faceMatch", "MANY_FACES_DETECTED"),
        (TestOutcome::NoDocument, FRONT, "documentDetails", "NO_DOCUMENT_FOUND"),
        (TestOutcome::NoInfo, FRONT, "documentDetails", "NO_INFO_FOUND"),
        (TestOutcome::NoDocumentOnBack, BACK, "documentDetails", "NO_DOCUMENT_FOUND"),
        (TestOutcome::NoInfoOnBack, BACK, "documentDetails", "NO_INFO_FOUND"),
    ] {
        let cpf = cpf_of(outcome);
        let mut analysis = analysed(&sandbox, &token, cpf, SELFIE).await;
        if kind != SELFIE {
            assert_eq!(analysis["liveness"]["status"], "LIVENESS_FOUND");
            analysis = analysed(&sandbox, &token, cpf, kind).await;
        }
        assert_eq!(analysis[field]["status"], status, "{outcome:?}");
        assert_eq!(analysis["status"], "ANALYSIS_COMPLETED");
        // Stay below the limit.
        sandbox.clock().advance(seconds(10));
    }
    let failed = analysed(&sandbox, &token, cpf_of(TestOutcome::Failed), SELFIE).await;
    assert_eq!(failed["status"], "UNEXPECTED_ERROR");
    assert!(failed["liveness"].is_null());
}

#[tokio::test]
async fn a_second_attempt_is_valid_and_an_invalid_selfie_matches_nothing() {
    let sandbox = sandbox().await;
    let token = log_in(&sandbox).await;
    let cpf = cpf_of(TestOutcome::ValidOnSecondTry);
    assert_eq!(analysed(&sandbox, &token, cpf, SELFIE).await["liveness"]["status"], "NO_LIVENESS");
    let front = analysed(&sandbox, &token, cpf, FRONT).await;
    assert_eq!(front["faceMatch"]["status"], "UNMATCHED_DOCUMENT");
    assert_eq!(analysed(&sandbox, &token, cpf, SELFIE).await["liveness"]["status"], "LIVENESS_FOUND");
    let front = analysed(&sandbox, &token, cpf, FRONT).await;
    assert_eq!(front["faceMatch"]["status"], "HAS_FACE_MATCH");
    let back = async || analysed(&sandbox, &token, cpf, BACK).await["documentDetails"]["status"].clone();
    assert_eq!((back().await, back().await), (json!("NO_DOCUMENT_FOUND"), json!("DETECTED_DOCUMENT")));

    let many = cpf_of(TestOutcome::ManyFaces);
    analysed(&sandbox, &token, many, SELFIE).await;
    let front = analysed(&sandbox, &token, many, FRONT).await;
    assert_eq!(front["faceMatch"]["status"], "UNMATCHED_DOCUMENT");
}

#[tokio::test]
async fn slow_images_and_single_objects() {
    let sandbox = sandbox().await;
    let token = log_in(&sandbox).await;
    let slow = cpf_of(TestOutcome::Slow);
    let analysis = analysed(&sandbox, &token, slow, SELFIE).await;
    assert_eq!(analysis["status"], "ANALYZING");
    sandbox.clock().advance(seconds(597));
    assert_eq!(status_of(&sandbox, &token, slow, "").await.1[0]["status"], "ANALYSIS_COMPLETED");

    let single = cpf_of(TestOutcome::SingleObject);
    assert_eq!(upload(&sandbox, &token, single, SELFIE).await.0, 202);
    sandbox.clock().advance(seconds(3));
    assert_eq!(status_of(&sandbox, &token, single, "").await.1["documentType"], "SELFIE");
    assert_eq!(upload(&sandbox, &token, single, FRONT).await.0, 202);
    assert_eq!(status_of(&sandbox, &token, single, "").await.1.as_array().map(Vec::len), Some(2));
}
