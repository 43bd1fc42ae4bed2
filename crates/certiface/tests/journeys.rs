//! Whole journeys against the sandbox: every kind of liveness, every outcome, and the limits of a used key.

use std::time::Duration;

use certiface::kyc_core::{
    Cpf, Date, Delivery, DocumentKind, Error, ErrorKind, Finding, Lenient, Media, OperationId, RedactedText,
    Verdict, VirtualClock,
};
use certiface::{
    Appkey, BiometricCode, Client, ContractedChecks, Credentials, DocumentOutcome, Expiry, FaceTecScan,
    FortfaceScan, Journey, JourneyOutcome, JourneyResult, JourneyState, JourneyStatus, LicenceFile, Liveness,
    LivenessCode, LivenessResponse, PhotoKind, ProcessingStatus, Provider, Retake, RiskClass,
};
use kyc_sandbox::certiface::{
    Operation, Provider as Vendor, TEST_CPFS, TestDocument as Shown, TestOutcome, test_cpf,
};
use kyc_sandbox::{Fault, Sandbox};

use crate::support::{
    APPROVED, begun, document, frame, frames, hurried, person, prove_liveness, sandboxed, submit_document,
};

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Starts a sandbox whose clock only moves when it is advanced.
async fn still() -> Sandbox {
    Sandbox::builder().clock(VirtualClock::frozen()).start().await.unwrap()
}

fn scan() -> FaceTecScan {
    FaceTecScan::new("browser", "c2Nhbg==", frame(0), frame(1), "session-1")
}

fn cpf_of(outcome: TestOutcome) -> &'static str {
    test_cpf(outcome).unwrap()
}

/// Stores the state of a journey and resumes it like another process would.
fn stored_and_resumed(sandbox: &Sandbox, journey: &Journey) -> Journey {
    let stored = serde_json::to_string(journey.state()).unwrap();
    let state: JourneyState = serde_json::from_str(&stored).unwrap();
    assert_eq!(&state, journey.state());
    sandboxed(sandbox).build().unwrap().resume(state)
}

fn check_refused_here(error: &Error, operation: &str) {
    assert_eq!(
        (error.kind(), error.delivery(), error.attempts(), error.operation()),
        (ErrorKind::Expired, Delivery::NotSent, 0, Some(operation)),
        "{error}"
    );
}

fn requests_of_liveness(sandbox: &Sandbox) -> u64 {
    use Operation::{
        Captcha, Challenge, FortfaceLiveness, FortfaceSessionToken, Initialize, Liveness, ProcessRequest,
        SessionToken,
    };
    let all = [
        Challenge,
        Captcha,
        Initialize,
        SessionToken,
        Liveness,
        ProcessRequest,
        FortfaceSessionToken,
        FortfaceLiveness,
    ];
    all.iter().map(|&operation| sandbox.certiface().requests(operation)).sum()
}

#[tokio::test]
async fn the_sdk_needs_only_the_key() {
    let sandbox = still().await;
    let backend = sandboxed(&sandbox).build().unwrap();
    let made = backend.appkey(&person(APPROVED)).await.unwrap();
    assert!(backend.result(&made.value().appkey).await.unwrap().value().is_none(), "no liveness check yet");

    // The vendor's SDK in a browser has the key and no credentials.
    let browser = Client::builder(Credentials::new("nobody", "nothing"))
        .base_url(&sandbox.certiface_url())
        .result_base_url(&sandbox.certiface_result_url())
        .build()
        .unwrap();
    let mut sdk = Journey::from_appkey(&browser, Appkey::new(made.value().appkey.expose()));
    assert_eq!(prove_liveness(&mut sdk).await.outcome(), Liveness::Approved);
    submit_document(&sdk).await;

    let known = backend.result(&made.value().appkey).await.unwrap().into_inner().unwrap();
    assert_eq!(known.status, Some(JourneyStatus::Processing));
    sandbox.clock().advance(Duration::from_secs(3));
    let result = backend.wait(&made.value().appkey.operation_id(), MINUTE).unwrap().await.unwrap();
    assert_eq!(result.status, Some(JourneyStatus::Complete));
    assert_eq!(result.id_externo_cliente.as_ref().map(RedactedText::as_str), Some("order-1"));
    assert_eq!((sandbox.certiface().logins(), sandbox.certiface().paid_calls()), (1, 2));
}

#[tokio::test]
async fn in_2d_from_challenge_to_result() {
    let sandbox = still().await;
    let mut journey = begun(&sandboxed(&sandbox).build().unwrap(), APPROVED).await;
    let challenge = journey.challenge().await.unwrap();
    let poses = challenge.value().challenges.as_ref().unwrap();
    assert_eq!((poses.len(), challenge.value().snap_number.as_ref().and_then(Lenient::get)), (2, Some(&2)));
    for pose in poses {
        let shown = pose.tipo_face.as_ref().unwrap().imagem.as_ref().unwrap().bytes().unwrap();
        let said = pose.mensagem.as_ref().unwrap().bytes().unwrap();
        assert!([shown, said].iter().all(|image| image.starts_with(b"\x89PNG")), "images to show");
    }
    let verdict = journey.captcha(&frames(2, 2)).await.unwrap();
    assert_eq!(verdict.value().outcome(), Liveness::Approved);
    assert_eq!(verdict.value().cod_id, Some(LivenessCode::Approved));
    assert!(!journey.may_check_liveness());
    let images = [document(), frame(9)];
    let taken = journey.document(&images).await.unwrap().into_inner();
    let DocumentOutcome::Accepted(taken) = taken else { panic!("{taken:?}") };
    assert_eq!(taken.appkey.as_ref(), Some(journey.appkey()));

    sandbox.clock().advance(Duration::from_secs(3));
    let result = journey.wait(MINUTE).unwrap().await.unwrap();
    let facecaptcha = result.facecaptcha.as_ref().unwrap();
    // A text in the verdict, a number in the result: the same transaction number.
    assert_eq!(facecaptcha.protocolo, verdict.value().protocol);
    let photos = result.fotos.as_ref().unwrap();
    let frontal = photos.facecaptcha.as_ref().unwrap().frontal.as_ref().unwrap();
    assert_eq!(frontal.bytes().unwrap(), frame(0).bytes(), "the first frame, unchanged");
    let kept = photos.documento.as_ref().unwrap();
    assert_eq!(kept.len(), 2);
    for (photo, sent) in kept.iter().zip(&images) {
        assert_eq!(photo.imagem.as_ref().unwrap().bytes().unwrap(), sent.bytes());
    }
    assert_eq!(kept[0].descricao, Some(PhotoKind::FaceA));
}

#[tokio::test]
async fn by_facetec() {
    let sandbox = still().await;
    let mut journey = begun(&sandboxed(&sandbox).build().unwrap(), APPROVED).await;
    let started = journey.initialize("web").await.unwrap();
    assert!(started.value().production_key.as_ref().is_some_and(|key| key.as_str().contains("licence")));
    let session = journey.session(Some("browser")).await.unwrap();
    assert_eq!(session.value().provider(), Some(Provider::FaceTec));
    let verdict = journey.liveness_facetec(&scan()).await.unwrap();
    assert_eq!(verdict.value().outcome(), Liveness::Approved);
    assert!(verdict.value().scan_result_blob.is_some(), "for the SDK in the browser");
    assert!(!journey.may_check_liveness());
    let result = journey.result().await.unwrap().into_inner().unwrap();
    let frontal = result.fotos.unwrap().facecaptcha.unwrap().frontal.unwrap();
    assert_eq!(frontal.bytes().unwrap(), frame(0).bytes(), "the scan's image, decrypted");
}

#[tokio::test]
async fn by_iproov_with_one_retry() {
    let sandbox = still().await;
    let client = sandboxed(&sandbox).build().unwrap();
    let mut journey = begun(&client, cpf_of(TestOutcome::RetriedOnce)).await;
    assert_eq!(journey.session(None).await.unwrap().value().provider(), Some(Provider::IProov));
    let first = journey.liveness_iproov().await.unwrap();
    assert_eq!(first.value().outcome(), Liveness::Refused { may_retry: true });
    assert!(first.value().reason.is_some(), "to show to the person");
    assert!(journey.may_check_liveness(), "iProov allows another attempt with the same key");

    // A verdict uses up its session.
    check_refused_here(&journey.liveness_iproov().await.unwrap_err(), "liveness");
    journey.session(None).await.unwrap();
    let second = journey.liveness_iproov().await.unwrap();
    assert_eq!(second.value().outcome(), Liveness::Approved);
    assert!(!journey.may_check_liveness());
    assert_eq!(sandbox.certiface().requests(Operation::Liveness), 2);
    assert_eq!(sandbox.certiface().appkeys().len(), 1);
}

#[tokio::test]
async fn the_vendor_chooses_the_provider() {
    let sandbox = still().await;
    let client = sandboxed(&sandbox).build().unwrap();
    for (set, found) in [(Vendor::IProov, Provider::IProov), (Vendor::FaceTec, Provider::FaceTec)] {
        sandbox.certiface().liveness_3d(set);
        let mut journey = begun(&client, APPROVED).await;
        let session = journey.session(Some("browser")).await.unwrap();
        assert_eq!(session.value().provider(), Some(found));
        let verdict = match found {
            Provider::IProov => {
                assert!(session.value().url.as_ref().is_some_and(|url| !url.as_str().contains("://")));
                journey.liveness_iproov().await.unwrap()
            }
            _ => journey.liveness_facetec(&scan()).await.unwrap(),
        };
        assert_eq!(verdict.value().outcome(), Liveness::Approved);
        assert_eq!(verdict.value().retry.is_some(), found == Provider::IProov);
    }
}

#[tokio::test]
async fn by_facetec_in_rounds() {
    let sandbox = still().await;
    let client = sandboxed(&sandbox).build().unwrap();
    for (outcome, verdicts) in [
        (TestOutcome::Approved, vec![Liveness::Approved]),
        (TestOutcome::RetriedOnce, vec![Liveness::Refused { may_retry: true }, Liveness::Approved]),
        (TestOutcome::Blocked, vec![Liveness::Blocked]),
    ] {
        let mut journey = begun(&client, cpf_of(outcome)).await;
        for wanted in verdicts {
            let round = journey.process_request("blob 1", "browser").await.unwrap();
            assert_eq!(round.value().outcome(), Liveness::Unclear, "a round in the middle has no verdict");
            assert!(round.value().response_blob.is_some(), "and a blob for the SDK");
            assert!(journey.may_check_liveness(), "and does not use up the key");
            let last = journey.process_request("blob 2", "browser").await.unwrap();
            assert_eq!(last.value().outcome(), wanted);
            assert!(
                last.value().response_blob.is_some()
                    && last.value().launch_id.is_some()
                    && last.value().hash.is_some()
            );
        }
        assert!(!journey.may_check_liveness(), "{outcome:?}");
    }
    assert_eq!(sandbox.certiface().paid_calls_of(Operation::ProcessRequest), 4);
}

#[tokio::test]
async fn by_fortface() {
    let sandbox = still().await;
    let mut journey = begun(&sandboxed(&sandbox).build().unwrap(), APPROVED).await;
    let session = journey.fortface_session("browser", "device").await.unwrap();
    assert!(session.value().session_key.is_some());
    let scan = FortfaceScan::new(session.value(), "browser", "key", "data", "image");
    assert_eq!(journey.fortface_liveness(&scan).await.unwrap().value().outcome(), Liveness::Approved);
    check_refused_here(
        &journey.fortface_liveness(&scan).await.unwrap_err(),
        Operation::FortfaceLiveness.name(),
    );
    check_refused_here(
        &journey.fortface_session("browser", "device").await.unwrap_err(),
        Operation::FortfaceSessionToken.name(),
    );
}

#[tokio::test]
async fn a_used_key_is_refused_before_anything_is_sent() {
    let sandbox = still().await;
    let client = sandboxed(&sandbox).build().unwrap();
    let mut journey = begun(&client, APPROVED).await;
    prove_liveness(&mut journey).await;
    let before = requests_of_liveness(&sandbox);
    let fortface = FortfaceScan::new(&certiface::FortfaceSession::default(), "browser", "key", "data", "img");
    check_refused_here(&journey.challenge().await.unwrap_err(), "challenge");
    check_refused_here(&journey.captcha(&frames(2, 2)).await.unwrap_err(), "captcha");
    check_refused_here(&journey.initialize("web").await.unwrap_err(), "initialize");
    check_refused_here(&journey.session(None).await.unwrap_err(), "session-token");
    check_refused_here(&journey.liveness_facetec(&scan()).await.unwrap_err(), "liveness");
    check_refused_here(&journey.liveness_iproov().await.unwrap_err(), "liveness");
    check_refused_here(
        &journey.process_request("blob", "browser").await.unwrap_err(),
        Operation::ProcessRequest.name(),
    );
    check_refused_here(
        &journey.fortface_session("browser", "device").await.unwrap_err(),
        Operation::FortfaceSessionToken.name(),
    );
    check_refused_here(
        &journey.fortface_liveness(&fortface).await.unwrap_err(),
        Operation::FortfaceLiveness.name(),
    );
    assert_eq!(requests_of_liveness(&sandbox), before, "no request");

    // The key still authorises documents and the result.
    submit_document(&journey).await;
    assert!(journey.result().await.unwrap().value().is_some());

    // Another process does not know that the key is used up, but the vendor does.
    let mut elsewhere = Journey::from_appkey(&client, journey.appkey().clone());
    assert!(elsewhere.may_check_liveness());
    let error = elsewhere.challenge().await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Expired, Delivery::Refused));
    assert_eq!((error.attempts(), sandbox.certiface().logins()), (1, 1), "no login renews an appkey");
}

#[tokio::test]
async fn a_refusal_uses_up_the_key() {
    let sandbox = still().await;
    let client = sandboxed(&sandbox).build().unwrap();
    for outcome in [TestOutcome::Refused, TestOutcome::Blocked] {
        let mut journey = begun(&client, cpf_of(outcome)).await;
        prove_liveness(&mut journey).await;
        check_refused_here(&journey.challenge().await.unwrap_err(), "challenge");
    }
}

#[tokio::test]
async fn a_challenge_lives_for_a_minute() {
    let sandbox = still().await;
    let mut journey = begun(&sandboxed(&sandbox).build().unwrap(), APPROVED).await;
    check_refused_here(&journey.captcha(&frames(2, 2)).await.unwrap_err(), "captcha");
    journey.challenge().await.unwrap();
    sandbox.clock().advance(Duration::from_secs(61));
    check_refused_here(&journey.captcha(&frames(2, 2)).await.unwrap_err(), "captcha");
    let mut resumed = stored_and_resumed(&sandbox, &journey);
    check_refused_here(&resumed.captcha(&frames(2, 2)).await.unwrap_err(), "captcha");
    assert_eq!(sandbox.certiface().requests(Operation::Captcha), 0);

    assert!(journey.may_check_liveness(), "the key is still unused");
    journey.challenge().await.unwrap();
    sandbox.clock().advance(Duration::from_secs(58));
    assert_eq!(journey.captcha(&frames(2, 2)).await.unwrap().value().outcome(), Liveness::Approved);
    assert_eq!(sandbox.certiface().paid_calls(), 1);
}

/// The challenge is valid by the local clock and expired by the vendor's.
#[tokio::test]
async fn the_vendors_clock_decides() {
    let sandbox = still().await;
    let client = sandboxed(&sandbox).options(certiface::kyc_core::ClientOptions::new()).build().unwrap();
    let mut journey = begun(&client, APPROVED).await;
    journey.challenge().await.unwrap();
    sandbox.clock().advance(MINUTE);
    let error = journey.captcha(&frames(2, 2)).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Expired, Delivery::Refused));
    assert!(error.vendor_message().is_some_and(|words| words.contains("challenge")));
    assert!(journey.may_check_liveness(), "the vendor refused it without processing it");
    assert_eq!(prove_liveness(&mut journey).await.outcome(), Liveness::Approved);
}

#[tokio::test]
async fn an_expired_key_authorises_only_the_result() {
    let sandbox = still().await;
    let client = sandboxed(&sandbox).build().unwrap();
    let mut journey = begun(&client, APPROVED).await;
    let mut other = begun(&client, APPROVED).await;
    let ends = journey.appkey().expires_hint().unwrap();
    prove_liveness(&mut journey).await;
    assert!(*client.check_appkey(journey.appkey()).await.unwrap().value());

    sandbox.clock().advance(5 * MINUTE);
    assert!(ends.since(certiface::kyc_core::Clock::now(&sandbox.clock())).is_zero(), "the hint was right");
    assert!(!*client.check_appkey(journey.appkey()).await.unwrap().value());
    let errors = [
        journey.document(&[document()]).await.unwrap_err(),
        journey.document_qr_code(&document()).await.unwrap_err(),
        other.challenge().await.unwrap_err(),
        other.session(None).await.unwrap_err(),
        other.process_request("blob", "browser").await.unwrap_err(),
    ];
    for error in errors {
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Expired, Delivery::Refused), "{error}");
        assert_eq!((error.http_status(), error.attempts()), (Some(401), 1), "{error}");
        assert!(error.operation_id().is_none() && !error.is_transient(), "{error}");
        assert!(error.to_string().ends_with("start again with a new key"), "{error}");
    }
    assert!(other.may_check_liveness(), "an expired key is not recorded as used");
    assert_eq!(sandbox.certiface().logins(), 1, "a login does not renew it");
    let result = journey.result().await.unwrap().into_inner().unwrap();
    assert_eq!(
        (result.status.as_ref(), result.liveness()),
        (Some(&JourneyStatus::NotProcessed), Finding::Yes)
    );
    assert!(client.liveness_result(journey.appkey()).await.unwrap().value().is_some());
    assert!(other.result().await.unwrap().value().is_none());
}

#[tokio::test]
async fn a_document_may_be_submitted_again_with_the_same_key() {
    let sandbox = still().await;
    let client = sandboxed(&sandbox).build().unwrap();
    let mut journey = begun(&client, cpf_of(TestOutcome::NoDocumentAtFirst)).await;
    prove_liveness(&mut journey).await;
    let reply = journey.document(&[frame(7)]).await.unwrap();
    let DocumentOutcome::Retake(Retake { reason, .. }) = reply.value() else { panic!("{reply:?}") };
    assert_eq!((reply.meta().http_status, reply.meta().attempts), (400, 1));
    assert!(reason.is_some());
    submit_document(&journey).await;
    sandbox.clock().advance(Duration::from_secs(3));
    let result = journey.wait(MINUTE).unwrap().await.unwrap();
    assert_eq!(result.status, Some(JourneyStatus::Complete));
    assert_eq!(sandbox.certiface().requests(Operation::Document), 2);
    assert_eq!(sandbox.certiface().appkeys().len(), 1);
}

#[tokio::test]
async fn a_driving_licence_as_pdf_and_by_qr_code() {
    let sandbox = still().await;
    let client = sandboxed(&sandbox).build().unwrap();
    for by_code in [false, true] {
        let mut journey = begun(&client, cpf_of(TestOutcome::Document(Shown::CnhDigital))).await;
        prove_liveness(&mut journey).await;
        let pdf = Media::new(&b"%PDF-1.4\n%%EOF\n"[..]).unwrap();
        let outcome = if by_code {
            journey.document_qr_code(&document()).await.unwrap()
        } else {
            journey.document(&[pdf]).await.unwrap()
        };
        assert!(matches!(outcome.value(), DocumentOutcome::Accepted(_)));
        sandbox.clock().advance(Duration::from_secs(3));
        let result = journey.wait(MINUTE).unwrap().await.unwrap();
        assert_eq!(result.document().unwrap().kind, DocumentKind::Cnh);
        let cnh = result.analise_documento.as_ref().unwrap().cnh().unwrap();
        assert_eq!(cnh.extensao, Some(LicenceFile::Pdf));
    }
    assert_eq!(sandbox.certiface().requests(Operation::DocumentQrcode), 1);
}

#[tokio::test]
async fn the_liveness_result_can_be_requested_alone() {
    let sandbox = still().await;
    let client = sandboxed(&sandbox).build().unwrap();
    let mut journey = begun(&client, cpf_of(TestOutcome::Blocked)).await;
    assert!(client.liveness_result(journey.appkey()).await.unwrap().value().is_none());
    let verdict = prove_liveness(&mut journey).await;
    let again = client.liveness_result(journey.appkey()).await.unwrap().into_inner().unwrap();
    assert_eq!((again.outcome(), &again.protocol), (Liveness::Blocked, &verdict.protocol));
    assert!(!*client.check_appkey(&Appkey::new("eyJhbGciOiJIUzI1NiJ9.nobody's")).await.unwrap().value());
}

/// Every test CPF of the sandbox, from the appkey to the typed result.
#[tokio::test]
async fn every_outcome() {
    for test in TEST_CPFS {
        let sandbox = still().await;
        let client = sandboxed(&sandbox).build().unwrap();
        use TestOutcome::{
            Approved, Blocked, CpfRefused, DateRefused, Document, FacesDiffer, Failed, Liveness3d,
            NameRefused, NoDocumentAtFirst, Refused, RefusedByResult, RetriedOnce, Risk, Slow, WithoutOcr,
            WithoutSerpro,
        };
        let refused_field = match test.outcome {
            NameRefused | RefusedByResult => "nome",
            CpfRefused => "cpf",
            DateRefused => "nascimento",
            _ => "",
        };
        let begun = client.journey(&person(test.cpf)).await;
        if matches!(test.outcome, NameRefused | CpfRefused | DateRefused) {
            check_rejected(&begun.unwrap_err(), "appkey", refused_field);
            continue;
        }
        let mut journey = begun.unwrap();
        let verdict = check_liveness(&mut journey, test.outcome).await;
        let (wanted, code) = match test.outcome {
            Refused => (Liveness::Refused { may_retry: false }, LivenessCode::Refused),
            Blocked => (Liveness::Blocked, LivenessCode::Blocked),
            _ => (Liveness::Approved, LivenessCode::Approved),
        };
        assert_eq!((verdict.outcome(), verdict.cod_id), (wanted, Some(code.clone())), "{}", test.what);
        if test.outcome == NoDocumentAtFirst {
            let first = journey.document(&[document()]).await.unwrap();
            assert!(matches!(first.value(), DocumentOutcome::Retake(_)));
        }
        submit_document(&journey).await;
        if test.outcome == RefusedByResult {
            check_rejected(&journey.result().await.unwrap_err(), "result", refused_field);
            check_rejected(&journey.wait(MINUTE).unwrap().await.unwrap_err(), "result", refused_field);
            continue;
        }

        let early = journey.result().await.unwrap().into_inner().unwrap();
        assert_eq!(early.status, Some(JourneyStatus::Processing), "{}", test.what);
        let analysis = early.analise_documento.as_ref().unwrap();
        assert_eq!(analysis.status_processamento, Some(ProcessingStatus::Processing));
        sandbox.clock().advance(if test.outcome == Slow { 10 * MINUTE } else { Duration::from_secs(3) });
        let result = journey.wait(MINUTE).unwrap().await.unwrap();

        let is_approved = wanted == Liveness::Approved;
        assert_eq!(result.liveness(), Finding::from(Some(is_approved)), "{}", test.what);
        let outcome = match test.outcome {
            Refused | Blocked | FacesDiffer | Failed => JourneyOutcome::NotPassed,
            Risk(1000) => JourneyOutcome::Unclear,
            _ => JourneyOutcome::Passed,
        };
        assert_eq!(result.outcome(ContractedChecks::NONE), outcome, "{}", test.what);
        assert_eq!(
            result.outcome_reason(ContractedChecks::NONE).is_none(),
            outcome == JourneyOutcome::Passed
        );
        let all = match test.outcome {
            WithoutSerpro | WithoutOcr | Risk(0) => JourneyOutcome::Unclear,
            _ => outcome,
        };
        assert_eq!(result.outcome(ContractedChecks::ALL), all, "{}", test.what);
        assert_eq!(result.facecaptcha.as_ref().unwrap().cod_id, Some(code));
        match test.outcome {
            Failed => check_failed(&result),
            WithoutOcr => check_without_ocr(&result),
            _ => {
                assert_eq!(result.status, Some(JourneyStatus::Complete), "{}", test.what);
                let kind = if let Document(kind) = test.outcome { kind } else { Shown::Rg };
                check_document(&result, kind, test.cpf);
                let face = result.face_match().unwrap();
                let differ = test.outcome == FacesDiffer;
                assert_eq!(face.verdict().is_match(), !differ);
                assert_eq!(face.codigo == Some(BiometricCode::NoMatch), differ);
                let likeness = face.score.as_ref().and_then(Lenient::get).unwrap().get();
                assert!((likeness < 0.5) == differ, "{likeness}");
                let serpro = result.serpro().map(certiface::BiometricCheck::verdict);
                let wanted = (test.outcome != WithoutSerpro).then_some(Verdict::Match);
                assert_eq!(serpro, wanted, "{}", test.what);
            }
        }
        let risk = match test.outcome {
            Risk(0) | Refused | Blocked | WithoutOcr => None,
            Risk(500) => Some(RiskClass::Medium),
            Risk(1000) => Some(RiskClass::VeryHigh),
            Approved | RetriedOnce | Liveness3d(_) | NoDocumentAtFirst | Document(_) | WithoutSerpro
            | FacesDiffer | Slow | Failed => Some(RiskClass::Low),
            other => panic!("{other:?} has no row here"),
        };
        assert_eq!(result.risk(), risk, "{}", test.what);
    }
}

fn check_rejected(error: &Error, operation: &str, field: &str) {
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Rejected, Some(operation)), "{error}");
    let fields: Vec<_> = error.violations().iter().map(|violation| violation.field.as_str()).collect();
    assert_eq!(fields, [field], "{error}");
    assert!(error.vendor_code().is_some(), "the transaction number");
}

/// Performs the liveness check of the outcome, until no attempt is left.
async fn check_liveness(journey: &mut Journey, outcome: TestOutcome) -> LivenessResponse {
    if !matches!(outcome, TestOutcome::RetriedOnce | TestOutcome::Liveness3d(_)) {
        return prove_liveness(journey).await;
    }
    loop {
        let provider = journey.session(Some("browser")).await.unwrap().value().provider().unwrap();
        let verdict = match provider {
            Provider::FaceTec => journey.liveness_facetec(&scan()).await.unwrap(),
            _ => journey.liveness_iproov().await.unwrap(),
        };
        if outcome == TestOutcome::Liveness3d(Vendor::FaceTec) {
            assert_eq!(provider, Provider::FaceTec);
        } else {
            assert_eq!(provider, Provider::IProov);
        }
        if !journey.may_check_liveness() {
            return verdict.into_inner();
        }
    }
}

fn check_failed(result: &JourneyResult) {
    assert_eq!(result.status, Some(JourneyStatus::Error));
    let analysis = result.analise_documento.as_ref().unwrap();
    assert_eq!(analysis.status_processamento, Some(ProcessingStatus::Failed));
    assert!(result.documents().is_empty() && result.face_match().is_none());
}

fn check_without_ocr(result: &JourneyResult) {
    assert_eq!(result.status, Some(JourneyStatus::CompleteWithoutOcr));
    let analysis = result.analise_documento.as_ref().unwrap();
    assert_eq!(analysis.status_processamento, Some(ProcessingStatus::ProcessedWithoutOcr));
    assert!(result.documents().is_empty(), "nothing was read");
    assert_eq!(result.face_match().map(certiface::BiometricCheck::verdict), Some(Verdict::Match));
}

fn check_document(result: &JourneyResult, shown: Shown, cpf: &str) {
    let documents = result.documents();
    assert_eq!(documents.len(), 1, "{shown:?}");
    let read = result.document().unwrap();
    let (kind, is_signed, expiry) = match shown {
        Shown::Rg => (DocumentKind::Rg, Some(true), None),
        Shown::Cnh | Shown::CnhDigital => {
            (DocumentKind::Cnh, None, Date::from_ymd(2034, 3, 20).map(Expiry::Date))
        }
        Shown::Dni => (DocumentKind::Dni, Some(false), None),
        Shown::Cin => (DocumentKind::Cin, Some(true), Some(Expiry::Indefinite)),
        Shown::Crnm => (DocumentKind::Crnm, None, Date::from_ymd(2034, 6, 30).map(Expiry::Date)),
        Shown::Passport => (DocumentKind::Passport, None, None),
        other => panic!("{other:?} has no row here"),
    };
    assert_eq!((read.kind, read.is_signed, read.expiry), (kind, is_signed, expiry), "{shown:?}");
    assert_eq!(read.name.as_ref().map(RedactedText::as_str), Some("MARIA DA SILVA"), "{shown:?}");
    assert_eq!(read.birth_date.map(Date::ymd), Some((2001, 11, 15)), "{shown:?}");
    // A passport bears no CPF: the vendor prints a blank.
    let wanted = (shown != Shown::Passport).then(|| Cpf::parse(cpf).unwrap());
    assert_eq!(read.cpf, wanted, "{shown:?}");
    assert_eq!(read.is_black_and_white, Some(false), "{shown:?}");
    assert!(read.number.is_some(), "{shown:?}");
    // A CRNM has both parents in one line, a passport has none.
    let has_parents = !matches!(shown, Shown::Crnm | Shown::Passport);
    assert_eq!((read.father.is_some(), read.mother.is_some()), (has_parents, has_parents), "{shown:?}");
}

/// The vendor takes ten minutes. A wait of five ends with an error that carries the id, and a second wait gets the result.
#[tokio::test]
async fn a_slow_analysis_outlives_a_wait() {
    let sandbox = still().await;
    let client = sandboxed(&sandbox).build().unwrap();
    let mut journey = begun(&client, cpf_of(TestOutcome::Slow)).await;
    prove_liveness(&mut journey).await;
    submit_document(&journey).await;
    let clock = sandbox.clock();
    let passing = tokio::spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_millis(5)).await;
            clock.advance(Duration::from_secs(10));
        }
    });
    let mut reports = 0;
    let waiting = journey.wait(5 * MINUTE).unwrap().on_pending(|_| reports += 1);
    let error = waiting.await.unwrap_err();
    assert_eq!((error.kind(), error.is_transient()), (ErrorKind::Timeout, false));
    assert!((2..=11).contains(&reports), "one poll every 30 s at most: {reports}");
    let token = error.operation_id().unwrap().to_token();
    let id = OperationId::from_token(&token).unwrap();
    let result = client.wait(&id, DAY).unwrap().await.unwrap();
    assert_eq!(result.status, Some(JourneyStatus::Complete));
    passing.abort();
}

#[tokio::test]
async fn a_journey_is_stored_between_steps() {
    let sandbox = still().await;
    let client = sandboxed(&sandbox).build().unwrap();
    let mut journey = begun(&client, APPROVED).await;
    journey.challenge().await.unwrap();
    let mut journey = stored_and_resumed(&sandbox, &journey);
    assert_eq!(journey.captcha(&frames(2, 2)).await.unwrap().value().outcome(), Liveness::Approved);
    let mut journey = stored_and_resumed(&sandbox, &journey);
    assert!(!journey.may_check_liveness());
    check_refused_here(&journey.challenge().await.unwrap_err(), "challenge");
    submit_document(&journey).await;
    sandbox.clock().advance(Duration::from_secs(3));
    let result = stored_and_resumed(&sandbox, &journey).wait(MINUTE).unwrap().await.unwrap();
    assert_eq!(result.status, Some(JourneyStatus::Complete));

    sandbox.certiface().liveness_3d(Vendor::IProov);
    let mut journey = begun(&client, APPROVED).await;
    journey.session(None).await.unwrap();
    let mut journey = stored_and_resumed(&sandbox, &journey);
    assert_eq!(journey.liveness_iproov().await.unwrap().value().outcome(), Liveness::Approved);
    assert!(serde_json::from_str::<JourneyState>("{}").is_err());
    assert_eq!(sandbox.certiface().logins(), 1, "a stored key needs no credential");
}

/// After a dropped call the outcome is unknown, so the key counts as used.
#[tokio::test]
async fn a_dropped_call_leaves_the_key_used() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let client = sandboxed(&sandbox).build().unwrap();
    let mut journey = begun(&client, APPROVED).await;
    journey.challenge().await.unwrap();
    let slow = Fault::latency(Duration::from_secs(20)).on(Operation::Captcha).after_effect();
    sandbox.certiface().fault(slow);
    let frames = frames(2, 2);
    let listening = tokio::time::timeout(Duration::from_millis(300), journey.captcha(&frames)).await;
    assert!(listening.is_err(), "dropped before the response");
    assert!(!journey.may_check_liveness());
    check_refused_here(&journey.captcha(&frames).await.unwrap_err(), "captcha");
    assert_eq!(sandbox.certiface().requests(Operation::Captcha), 1);
    assert!(journey.result().await.unwrap().value().as_ref().unwrap().liveness().is_yes());

    // A future that was never polled changes nothing.
    let mut journey = begun(&client, APPROVED).await;
    journey.challenge().await.unwrap();
    drop(journey.captcha(&frames));
    assert_eq!(journey.captcha(&frames).await.unwrap().value().outcome(), Liveness::Approved);
}

#[tokio::test]
async fn ids_of_other_vendors_cannot_be_waited_for() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let client = hurried(&sandbox);
    let foreign = OperationId::by_id(certiface::kyc_core::Vendor::new("other"), "result", "1");
    assert_eq!(client.wait(&foreign, MINUTE).unwrap_err().kind(), ErrorKind::Unsupported);
    assert_eq!(sandbox.certiface().requests(Operation::Result), 0);
}

/// Nothing will come of a key with which no liveness check was made: the wait says so at once.
#[tokio::test]
async fn a_wait_without_a_liveness_check_ends_at_once() {
    let sandbox = still().await;
    let client = sandboxed(&sandbox).build().unwrap();
    let journey = begun(&client, APPROVED).await;
    let unknown = Journey::from_appkey(&client, Appkey::new(crate::support::APPKEY));
    for (journey, requests) in [(&journey, 1), (&unknown, 2)] {
        let error = journey.wait(DAY).unwrap().await.unwrap_err();
        assert_eq!((error.kind(), error.is_transient()), (ErrorKind::NotFound, false), "{error}");
        assert_eq!((error.operation(), error.http_status()), (Some("result"), Some(404)), "{error}");
        assert!(error.to_string().contains("no liveness check was made with this appkey"), "{error}");
        assert_eq!(error.operation_id(), Some(&journey.appkey().operation_id()));
        assert_eq!(sandbox.certiface().requests(Operation::Result), requests);
    }
}

/// Once the key has expired, no document can follow.
#[tokio::test]
async fn a_wait_without_a_document_ends_when_the_key_has_expired() {
    let sandbox = still().await;
    let client = sandboxed(&sandbox).build().unwrap();
    let mut journey = begun(&client, APPROVED).await;
    prove_liveness(&mut journey).await;
    let clock = sandbox.clock();
    let waiting = journey.wait(DAY).unwrap().into_future();
    let (error, ()) = tokio::join!(waiting, async {
        for _ in 0..13 {
            tokio::time::sleep(Duration::from_millis(20)).await;
            clock.advance(Duration::from_secs(30));
        }
    });
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Expired, "{error}");
    assert!(error.to_string().contains("no document was submitted"), "{error}");
    let again = journey.wait(DAY).unwrap().await.unwrap_err();
    assert_eq!(again.kind(), ErrorKind::Expired, "{again}");
    assert!(journey.result().await.unwrap().value().is_some(), "the result itself is there");
}

#[tokio::test]
async fn an_old_key_promises_no_liveness_check() {
    let sandbox = still().await;
    let client = sandboxed(&sandbox).build().unwrap();
    let made = begun(&client, APPROVED).await;
    // The vendor's example of a key has no readable claims: its age is what this process knows of it.
    let opaque = Journey::from_appkey(&client, Appkey::new("opaque-key-without-claims"));
    assert!(made.may_check_liveness() && opaque.may_check_liveness());
    sandbox.clock().advance(5 * MINUTE);
    assert!(made.may_check_liveness(), "the clocks may differ by a minute");
    sandbox.clock().advance(2 * MINUTE);
    let known = Journey::from_appkey(&client, made.appkey().clone());
    for old in [&made, &stored_and_resumed(&sandbox, &made), &known] {
        assert!(!old.may_check_liveness());
    }
    sandbox.clock().advance(60 * MINUTE);
    assert!(!made.may_check_liveness());
    assert!(opaque.may_check_liveness(), "nothing is known of its age");
    let fresh = begun(&client, APPROVED).await;
    assert!(fresh.may_check_liveness());
}

#[tokio::test]
async fn a_key_without_claims_is_old_after_an_hour() {
    let server = wiremock::MockServer::start().await;
    for (below, body) in [("credencial", r#"{"token":"t"}"#), ("appkey", r#"{"appkey":"an-opaque-appkey"}"#)]
    {
        let route = wiremock::matchers::path(format!("/facecaptcha/service/captcha/{below}"));
        let answer = wiremock::ResponseTemplate::new(200).set_body_string(body);
        wiremock::Mock::given(route).respond_with(answer).mount(&server).await;
    }
    let clock = VirtualClock::frozen();
    let options = certiface::kyc_core::ClientOptions::new().clock(clock.clone());
    let client = crate::support::builder(&server.uri()).options(options).build().unwrap();
    let journey = begun(&client, APPROVED).await;
    clock.advance(59 * MINUTE);
    assert!(journey.may_check_liveness());
    clock.advance(3 * MINUTE);
    assert!(!journey.may_check_liveness());
    let stored = serde_json::to_string(journey.state()).unwrap();
    assert!(!client.resume(serde_json::from_str(&stored).unwrap()).may_check_liveness());
}
