//! Nothing but a favourable value in every decisive place makes a response favourable, and what contradicts itself is unclear.

use certiface::kyc_core::{Finding, Verdict, decode};
use certiface::{
    BiometricCheck, ContractedChecks, JourneyOutcome, JourneyResult, Liveness, LivenessResponse, RiskClass,
    VENDOR, VERDICT_RULES,
};
use serde_json::{Value, json};

#[test]
fn only_decisive_leaves_decide() {
    test_support::verdicts::hold(VENDOR.name(), VERDICT_RULES);
}

fn verdict(json: &Value) -> LivenessResponse {
    decode(json.to_string().as_bytes()).unwrap().value
}

fn result(json: &Value) -> JourneyResult {
    decode(json.to_string().as_bytes()).unwrap().value
}

#[test]
fn a_pass_beside_a_code_of_refusal_is_unclear() {
    for code in [
        json!(300.2),
        json!("300.2"),
        json!(300.1),
        json!(200.1),
        json!(100.5),
        json!(999.9),
        json!(203),
        json!("???"),
        json!({}),
        json!(null),
    ] {
        let answer = verdict(&json!({ "valid": true, "codID": code }));
        assert_eq!(answer.outcome(), Liveness::Unclear, "{code}");
        assert!(answer.unclear_reason().unwrap().starts_with("the person passed, but the code is"), "{code}");
        let result = result(&json!({ "facecaptcha": { "validado": true, "codID": code } }));
        assert_eq!(result.liveness(), Finding::Unclear, "{code}");
        let reason = result.facecaptcha.unwrap().unclear_reason();
        assert_eq!(reason, answer.unclear_reason(), "{code}");
    }
}

#[test]
fn other_contradictions_of_a_verdict() {
    for (answer, reason) in [
        (
            json!({ "valid": false, "codID": 200.0 }),
            "the person did not pass, but the code is that of an approval",
        ),
        (
            json!({ "valid": true, "codID": 200, "cause": "BIOMETRIA" }),
            "the person passed, but the response names a step that failed",
        ),
        (
            json!({ "valid": true, "codID": 200, "cause": "prova de vida" }),
            "the person passed, but the response names a step that failed",
        ),
        (
            json!({ "valid": true, "codID": 200, "error": "INTERNAL" }),
            "the person passed, but the response holds an error message",
        ),
        (json!({ "valid": {}, "codID": 200 }), "whether the person passed is missing or unreadable"),
        (json!({ "valid": "talvez", "codID": 200 }), "whether the person passed is missing or unreadable"),
        (json!({ "codID": 200.0 }), "whether the person passed is missing or unreadable"),
        (json!({ "responseBlob": "blob" }), "no verdict yet: a round in the middle"),
    ] {
        let read = verdict(&answer);
        assert_eq!((read.outcome(), read.unclear_reason()), (Liveness::Unclear, Some(reason)), "{answer}");
    }
    for decided in [
        json!({ "valid": "Sim", "codID": 1.0 }),
        json!({ "valid": 1.0, "codID": "200.00", "cause": "", "error": " " }),
        json!({ "valid": "Não", "codID": 300.2 }),
    ] {
        let read = verdict(&decided);
        assert!(read.outcome() != Liveness::Unclear && read.unclear_reason().is_none(), "{decided}");
    }
}

#[test]
fn a_comparison_needs_its_score() {
    let check = |json: Value| decode::<BiometricCheck>(json.to_string().as_bytes()).unwrap().value;
    for (json, wanted) in [
        (json!({ "codigo": "200", "score": "0.97" }), Verdict::Match),
        (json!({ "codigo": 200, "score": 1 }), Verdict::Match),
        (json!({ "codigo": "200", "score": "0.0" }), Verdict::Inconclusive),
        (json!({ "codigo": "200", "score": 0 }), Verdict::Inconclusive),
        (json!({ "codigo": "200", "score": "97" }), Verdict::Inconclusive),
        (json!({ "codigo": "200", "score": -1 }), Verdict::Inconclusive),
        (json!({ "codigo": "200", "score": {} }), Verdict::Inconclusive),
        (json!({ "codigo": "200" }), Verdict::Inconclusive),
        (json!({ "codigo": "300", "score": "0.1" }), Verdict::NoMatch),
        (json!({ "codigo": "300" }), Verdict::NoMatch),
        (json!({ "codigo": "300", "score": "1.0" }), Verdict::Inconclusive),
        (json!({ "codigo": "402", "score": "0.97" }), Verdict::Inconclusive),
        (json!({ "codigo": "203", "score": "0.97" }), Verdict::Inconclusive),
        (json!({ "score": "0.97" }), Verdict::Inconclusive),
    ] {
        let check = check(json.clone());
        assert_eq!(check.verdict(), wanted, "{json}");
        assert_eq!(check.unclear_reason().is_some(), wanted == Verdict::Inconclusive, "{json}");
    }
}

/// A journey in which everything speaks for the person.
fn passed() -> Value {
    json!({
        "status": "Completo",
        "facecaptcha": { "causa": "CERTIFACE", "codID": 200.0, "validado": true },
        "certifaceID": { "codigo": 200, "score": 300 },
        "analiseDocumento": {
            "statusProcessamento": 4,
            "score": 98,
            "biometriaDocumento": {
                "facematch": { "codigo": "200", "score": "0.91" },
                "serpro": { "codigo": "200", "score": "0.95" }
            },
            "documentos": [
                { "statusArquivo": 22, "arquivosProcessado": [{ "tipo": 1, "statusArquivoProcessado": 19 }] }
            ]
        }
    })
}

fn with(pointer: &str, value: &Value) -> Value {
    let mut tree = passed();
    *tree.pointer_mut(pointer).unwrap() = value.clone();
    tree
}

#[test]
fn what_contradicts_a_complete_journey_is_named() {
    let analysis = "/analiseDocumento";
    for (place, values, wanted, reason) in [
        (
            "/status",
            vec![json!("Erro"), json!("Error")],
            JourneyOutcome::NotPassed,
            "the journey ended with an error",
        ),
        (
            "/status",
            vec![json!("Concluído"), json!({}), json!(null), json!("ERR")],
            JourneyOutcome::Unclear,
            "the status is missing or unknown",
        ),
        (
            "/facecaptcha/codID",
            vec![json!(300.2), json!(300.1), json!(200.1)],
            JourneyOutcome::Unclear,
            "the person passed, but the code is that of a refusal",
        ),
        (
            "/facecaptcha",
            vec![json!({ "validado": false, "codID": 300.1 }), json!({ "validado": "Não", "codID": 300.2 })],
            JourneyOutcome::NotPassed,
            "the person did not pass the liveness check",
        ),
        ("/facecaptcha", vec![json!(null)], JourneyOutcome::Unclear, "the liveness check is missing"),
        (
            "/analiseDocumento/statusProcessamento",
            vec![json!(6), json!(70), json!(5), json!("6"), json!("70.0")],
            JourneyOutcome::Unclear,
            "the journey is complete, but the analysis of the document failed or was cancelled",
        ),
        (
            "/analiseDocumento/statusProcessamento",
            vec![json!(2), json!(3)],
            JourneyOutcome::Unclear,
            "the journey is complete, but the analysis of the document is not",
        ),
        (
            "/analiseDocumento/statusProcessamento",
            vec![json!(7), json!(null), json!([4])],
            JourneyOutcome::Unclear,
            "the status of the document's analysis is missing or unknown",
        ),
        (
            "/analiseDocumento/score",
            vec![json!(0), json!("0"), json!("0%")],
            JourneyOutcome::Unclear,
            "the journey is complete, but the likelihood that the document is genuine is 0",
        ),
        (
            "/analiseDocumento/score",
            vec![json!(null), json!(101), json!("high")],
            JourneyOutcome::Unclear,
            "the likelihood that the document is genuine is missing, unreadable or out of range",
        ),
        (
            "/analiseDocumento/documentos/0/statusArquivo",
            vec![json!(8), json!(21)],
            JourneyOutcome::Unclear,
            "the journey is complete, but a submitted file could not be read or was cancelled",
        ),
        (
            "/analiseDocumento/documentos/0/arquivosProcessado/0/statusArquivoProcessado",
            vec![json!(11), json!(20)],
            JourneyOutcome::Unclear,
            "the journey is complete, but a submitted file could not be read or was cancelled",
        ),
        (
            "/certifaceID/score",
            vec![json!(1000), json!("1000"), json!(900), json!(1000.0)],
            JourneyOutcome::Unclear,
            "the journey is complete, but the face bureau calls the risk very high",
        ),
        (
            "/certifaceID/score",
            vec![json!(1100), json!(350), json!(null), json!("low")],
            JourneyOutcome::Unclear,
            "the score of the face bureau is missing or unknown",
        ),
        (
            "/certifaceID/codigo",
            vec![json!(501), json!(401), json!(null), json!(999)],
            JourneyOutcome::Unclear,
            "the face bureau did not finish, or its code is missing or unknown",
        ),
        (
            "/analiseDocumento/biometriaDocumento/facematch/codigo",
            vec![json!("300")],
            JourneyOutcome::NotPassed,
            "the faces of document and selfie do not match",
        ),
        (
            "/analiseDocumento/biometriaDocumento/serpro/codigo",
            vec![json!(300)],
            JourneyOutcome::NotPassed,
            "the face does not match that of Serpro",
        ),
        (
            "/analiseDocumento/biometriaDocumento/serpro/codigo",
            vec![json!("402"), json!("500"), json!("sim")],
            JourneyOutcome::Unclear,
            "the faces were not compared, or the code is unknown",
        ),
        (analysis, vec![json!(null)], JourneyOutcome::Unclear, "the analysis of the document is missing"),
    ] {
        for value in values {
            let found = result(&with(place, &value));
            for contracted in [ContractedChecks::NONE, ContractedChecks::ALL] {
                let found = (found.outcome(contracted), found.outcome_reason(contracted));
                assert_eq!(found, (wanted, Some(reason)), "{place} = {value}");
            }
        }
    }
}

#[test]
fn an_absent_check_is_missing_only_where_it_was_contracted() {
    let none = ContractedChecks::NONE;
    let passes = |tree: &Value, contracted| result(tree).outcome(contracted) == JourneyOutcome::Passed;
    assert!(passes(&passed(), ContractedChecks::ALL));
    let faces = "/analiseDocumento/biometriaDocumento";
    for (place, contracted) in [
        (format!("{faces}/facematch"), none.with_face_match()),
        (format!("{faces}/serpro"), none.with_serpro()),
        (faces.to_owned(), none.with_serpro()),
        ("/certifaceID".to_owned(), none.with_bureau()),
    ] {
        let tree = with(&place, &json!(null));
        assert!(
            passes(&tree, none) && !passes(&tree, contracted) && !passes(&tree, ContractedChecks::ALL),
            "{place}"
        );
    }
    // No information is enough only where the bureau was not asked for.
    for score in [json!(0), json!("000")] {
        let tree = with("/certifaceID/score", &score);
        assert!(passes(&tree, none) && !passes(&tree, none.with_bureau()));
    }
    // A second place that disagrees counts, too.
    let mut tree = passed();
    tree["analiseDocumento"]["responseClientDadosOcrDTO"] =
        json!({ "biometriaDocumento": { "facematch": { "codigo": "300", "score": "0.1" } } });
    assert_eq!(result(&tree).outcome(none), JourneyOutcome::NotPassed);
    for status in ["Em processamento", "Não processado"] {
        assert_eq!(result(&with("/status", &json!(status))).outcome(none), JourneyOutcome::Unfinished);
    }
}

#[test]
fn a_score_without_a_finished_query_is_no_risk_class() {
    let risk = |bureau: Value| result(&json!({ "certifaceID": bureau })).risk();
    assert_eq!(risk(json!({ "codigo": 200, "score": 100 })), Some(RiskClass::VeryLow));
    assert_eq!(risk(json!({ "codigo": 203, "score": 400 })), Some(RiskClass::Medium));
    for bureau in [
        json!({ "score": 100 }),
        json!({ "codigo": 501, "score": 100 }),
        json!({ "codigo": 401, "score": 200 }),
    ] {
        assert_eq!(risk(bureau), None);
    }
}
