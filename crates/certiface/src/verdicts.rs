//! The leaves of Certiface's responses that decide, and what each response comes to.

use kyc_core::{DecisiveLeaf, Judgement, Verdict, VerdictRule};

use crate::model::{
    BiometricCheck, ContractedChecks, JourneyOutcome, JourneyResult, Liveness, LivenessResponse, RiskClass,
};

const YES: &[&str] = &["true", "sim", "s", "yes", "y", "verdadeiro", "1", "1.0"];

/// The codes of an approval, and the one that the vendor's long example has beside a pass.
const APPROVED: &[&str] = &["200.0", "200", "1.0", "1", "1.2"];

const LIVENESS: DecisiveLeaf = DecisiveLeaf::new(&["valid", "validado"], YES);

const LIVENESS_CODE: DecisiveLeaf = DecisiveLeaf::new(&["codID", "codId"], APPROVED);

/// How each capability judges a response, by the leaves that decide. Where code, score or both stand in several objects of one
/// response, the comparisons and the face bureau are judged alone by samples, and together by the journey.
///
/// The reading of a document is not listed, because it is not a judgement.
pub const VERDICT_RULES: &[VerdictRule] = &[
    VerdictRule::new(
        "liveness",
        &["captcha", "liveness", "process-request", "fortface-liveness", "captcha-result"],
        &[LIVENESS, LIVENESS_CODE],
        |body| {
            Judgement::of_response(body, |response: LivenessResponse| match response.outcome() {
                Liveness::Approved => Judgement::Favourable,
                Liveness::Refused { .. } | Liveness::Blocked => Judgement::Unfavourable,
                Liveness::Unclear => Judgement::Open,
            })
        },
    ),
    VerdictRule::new("liveness of a journey", &["result"], &[LIVENESS, LIVENESS_CODE], |body| {
        Judgement::of_response(body, |result: JourneyResult| result.liveness().into())
    }),
    VerdictRule::new(
        "face match",
        &[],
        &[
            DecisiveLeaf::new(&["codigo"], &["200"]),
            DecisiveLeaf::new(&["score"], &["0.56069", "0.99583", "1"]),
        ],
        |body| Judgement::of_response(body, |result: JourneyResult| compared(result.face_match())),
    )
    .with_samples(&[
        r#"{"status":"Completo","analiseDocumento":{"biometriaDocumento":{"protocolo":"202100045840",
            "facematch":{"codigo":"200","causa":"Validacao positiva","score":"0.56069"}}}}"#,
        r#"{"analiseDocumento":{"responseClientDadosOcrDTO":{"biometriaDocumento":{
            "facematch":{"codigo":200,"causa":"Validacao positiva","score":0.99583}}}}}"#,
    ]),
    VerdictRule::new(
        "comparison with Serpro",
        &[],
        &[DecisiveLeaf::new(&["codigo"], &["200"]), DecisiveLeaf::new(&["score"], &["0.9667247", "1"])],
        |body| Judgement::of_response(body, |result: JourneyResult| compared(result.serpro())),
    )
    .with_samples(&[
        r#"{"status":"Completo","analiseDocumento":{"biometriaDocumento":{"protocolo":"202100045840",
            "serpro":{"codigo":"200","causa":"Validacao positiva","score":"0.9667247"}}}}"#,
    ]),
    VerdictRule::new(
        "risk of the face bureau",
        &[],
        &[
            DecisiveLeaf::new(&["codigo"], &["200", "203"]),
            DecisiveLeaf::new(&["score"], &["100", "200", "300", "400", "500", "600"]),
        ],
        |body| {
            Judgement::of_response(body, |result: JourneyResult| match result.risk() {
                Some(RiskClass::VeryLow | RiskClass::Low | RiskClass::Medium) => Judgement::Favourable,
                Some(RiskClass::High | RiskClass::VeryHigh) => Judgement::Unfavourable,
                None => Judgement::Open,
            })
        },
    )
    .with_samples(&[
        r#"{"certifaceID":{"codigo":200,"protocolo":202101420655,"score":300}}"#,
        r#"{"certifaceID":{"codigo":203,"protocolo":202101420655,"score":"400"}}"#,
    ]),
    VerdictRule::new(
        "journey",
        &["result"],
        &[
            DecisiveLeaf::new(&["status"], &["Completo", "Completo sem OCR"]),
            LIVENESS,
            LIVENESS_CODE,
            DecisiveLeaf::new(&["statusProcessamento"], &["4", "100"]),
            DecisiveLeaf::new(&["codigo"], &["200", "203"]),
            // Three scales under one key: percent, the similarity of faces, and the risk.
            DecisiveLeaf::new(
                &["score"],
                &["1", "98", "100", "200", "300", "400", "500", "600", "700", "800", "0.56069", "0.9667247"],
            ),
        ],
        |body| {
            Judgement::of_response(body, |result: JourneyResult| {
                match result.outcome(ContractedChecks::ALL) {
                    JourneyOutcome::Passed => Judgement::Favourable,
                    JourneyOutcome::NotPassed => Judgement::Unfavourable,
                    JourneyOutcome::Unclear | JourneyOutcome::Unfinished => Judgement::Open,
                }
            })
        },
    )
    .with_samples(&[
        r#"{"status":"Completo","facecaptcha":{"causa":"CERTIFACE","codID":200.0,"validado":true},
            "certifaceID":{"codigo":200,"score":300},
            "analiseDocumento":{"statusProcessamento":4,"score":98,
                "biometriaDocumento":{"facematch":{"codigo":"200","score":"0.56069"},
                    "serpro":{"codigo":"200","score":"0.9667247"}}}}"#,
    ]),
];

fn compared(check: Option<&BiometricCheck>) -> Judgement {
    check.map_or(Verdict::Inconclusive, BiometricCheck::verdict).into()
}
