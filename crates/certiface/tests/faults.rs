//! The network and the vendor on a bad day: kind of error, what is known of delivery, how many requests there were.

use std::time::Duration;

use certiface::kyc_core::{ClientOptions, Delivery, Error, ErrorKind, OperationId};
use certiface::{
    DocumentOutcome, FaceTecScan, FortfaceScan, Journey, JourneyResult, JourneyStatus, Liveness,
};
use kyc_sandbox::certiface::{Operation, Provider};
use kyc_sandbox::{Fault, Sandbox};
use test_support::causes;
use test_support::faults::{Row, check, lost_answers, passing, usual};
use test_support::sockets::silence;

use crate::support::{
    APPROVED, begun, builder, document, frame, frames, hand_in_document, hurried, journey as from_key,
    prove_liveness, sandboxed,
};

const MINUTE: Duration = Duration::from_secs(60);

fn rows() -> Vec<Row<Operation>> {
    use Delivery::{Answered, Refused};
    let mut rows = usual();
    rows.extend([
        Row::new("401", Fault::status(401), ErrorKind::Expired, Refused, [1, 1]),
        Row::new("403", Fault::status(403), ErrorKind::Forbidden, Answered, [1, 1]),
        Row::new("422", Fault::status(422), ErrorKind::Rejected, Answered, [1, 1]),
        Row::new("429", Fault::status(429), ErrorKind::RateLimited, Refused, [3, 3]),
        Row::new("empty 404", Fault::empty(404), ErrorKind::NotFound, Answered, [1, 1]),
    ]);
    rows
}

/// What may have landed is named by the key; nothing else is.
fn check_id(name: &str, error: &Error, journey: &Journey) {
    let id = journey.appkey().operation_id();
    assert_eq!(error.operation_id(), error.may_have_landed().then_some(&id), "{name}: {error}");
}

#[tokio::test]
async fn a_captcha_is_paid_for() {
    for row in rows() {
        let sandbox = Sandbox::builder().start().await.unwrap();
        let mut journey = begun(&hurried(&sandbox), APPROVED).await;
        journey.challenge().await.unwrap();
        sandbox.certiface().fault(row.fault.clone().on(Operation::Captcha).times(10));
        let error = journey.captcha(&frames(2, 2)).await.unwrap_err();
        row.check_paid(&error);
        let Row { name, paid, .. } = row;
        assert_eq!(sandbox.certiface().requests(Operation::Captcha), paid, "{name}");
        check_id(name, &error, &journey);
        assert_eq!(journey.may_check_liveness(), !error.may_have_landed(), "{name}");
        assert_eq!(sandbox.certiface().paid_calls(), 0, "{name}");
    }
}

#[tokio::test]
async fn a_document_is_paid_for() {
    for row in rows() {
        let sandbox = Sandbox::builder().start().await.unwrap();
        let journey = begun(&hurried(&sandbox), APPROVED).await;
        sandbox.certiface().fault(row.fault.clone().on(Operation::Document).times(10));
        let error = journey.document(&[document()]).await.unwrap_err();
        row.check_paid(&error);
        assert_eq!(sandbox.certiface().requests(Operation::Document), row.paid, "{}", row.name);
        check_id(row.name, &error, &journey);
    }
}

#[tokio::test]
async fn a_challenge_is_asked_for_again() {
    for row in rows() {
        let sandbox = Sandbox::builder().start().await.unwrap();
        let mut journey = begun(&hurried(&sandbox), APPROVED).await;
        sandbox.certiface().fault(row.fault.clone().on(Operation::Challenge).times(10));
        let error = journey.challenge().await.unwrap_err();
        row.check_free(&error);
        let Row { name, free, .. } = row;
        assert_eq!(sandbox.certiface().requests(Operation::Challenge), free, "{name}");
        assert!(error.operation_id().is_none(), "{name}: nothing was started that could be asked about");
        assert!(journey.may_check_liveness(), "{name}: a challenge spends nothing");
    }
}

#[tokio::test]
async fn a_result_is_asked_for_again() {
    for row in rows() {
        let sandbox = Sandbox::builder().start().await.unwrap();
        let mut journey = begun(&hurried(&sandbox), APPROVED).await;
        prove_liveness(&mut journey).await;
        sandbox.certiface().fault(row.fault.clone().on(Operation::Result).times(10));
        let Row { name, kind, free, .. } = row;
        match journey.result().await {
            Err(error) => {
                row.check_free(&error);
                assert!(error.operation_id().is_none(), "{name}: a question starts nothing");
            }
            // Not so far yet: a state of the journey.
            Ok(reply) => assert!(kind == ErrorKind::NotFound && reply.value().is_none(), "{name}"),
        }
        assert_eq!(sandbox.certiface().requests(Operation::Result), free, "{name}");
    }
}

#[tokio::test]
async fn what_passes_is_not_seen() {
    for fault in [Fault::status(429), Fault::status(429).retry_after(1)] {
        let sandbox = Sandbox::builder().start().await.unwrap();
        let mut journey = begun(&hurried(&sandbox), APPROVED).await;
        journey.challenge().await.unwrap();
        sandbox.certiface().fault(fault.on(Operation::Captcha));
        let reply = journey.captcha(&frames(2, 2)).await.unwrap();
        assert_eq!((reply.meta().attempts, sandbox.certiface().paid_calls()), (2, 1));
        assert!(!journey.may_check_liveness());
    }
    for fault in passing() {
        let sandbox = Sandbox::builder().start().await.unwrap();
        let mut journey = begun(&hurried(&sandbox), APPROVED).await;
        sandbox.certiface().fault(fault.clone().on(Operation::Challenge));
        assert_eq!(journey.challenge().await.unwrap().meta().attempts, 2, "{fault:?}");
        journey.captcha(&frames(2, 2)).await.unwrap();
        sandbox.certiface().fault(fault.on(Operation::Result));
        assert_eq!(journey.result().await.unwrap().meta().attempts, 2);
    }
}

#[tokio::test]
async fn after_a_lost_captcha_the_result_tells_the_truth() {
    for fault in lost_answers() {
        let sandbox =
            Sandbox::builder().certiface_document_delay(Duration::from_millis(50)).start().await.unwrap();
        let client = hurried(&sandbox);
        let mut journey = begun(&client, APPROVED).await;
        journey.challenge().await.unwrap();
        sandbox.certiface().fault(fault.clone().on(Operation::Captcha).after_effect());
        let error = journey.captcha(&frames(2, 2)).await.unwrap_err();
        assert!(error.may_have_landed(), "{fault:?}: {error}");
        assert!(!journey.may_check_liveness(), "{fault:?}: it counts as spent");
        let again = journey.captcha(&frames(2, 2)).await.unwrap_err();
        assert_eq!((again.kind(), again.delivery()), (ErrorKind::Expired, Delivery::NotSent), "{fault:?}");
        let (captchas, paid) =
            (sandbox.certiface().requests(Operation::Captcha), sandbox.certiface().paid_calls());
        assert_eq!((captchas, paid), (1, 1), "{fault:?}: never sent again");

        // The id outlives the process.
        let id = OperationId::from_token(&error.operation_id().unwrap().to_token()).unwrap();
        let known = journey.result().await.unwrap().into_inner().unwrap();
        assert_eq!(known.liveness(), Some(true), "{fault:?}");
        hand_in_document(&journey).await;
        let result = client.wait(&id, MINUTE).unwrap().every(Duration::from_millis(100)).await.unwrap();
        assert_eq!(result.status, Some(JourneyStatus::Complete), "{fault:?}");
    }
}

#[tokio::test]
async fn after_a_lost_document_the_result_tells_the_truth() {
    for fault in lost_answers() {
        let sandbox =
            Sandbox::builder().certiface_document_delay(Duration::from_millis(50)).start().await.unwrap();
        let client = hurried(&sandbox);
        let mut journey = begun(&client, APPROVED).await;
        prove_liveness(&mut journey).await;
        sandbox.certiface().fault(fault.clone().on(Operation::Document).after_effect());
        let error = journey.document(&[document()]).await.unwrap_err();
        let id = error.operation_id().unwrap();
        let result = client.wait(id, MINUTE).unwrap().every(Duration::from_millis(100)).await.unwrap();
        assert_eq!(result.documents().len(), 1, "{fault:?}");
        assert_eq!(sandbox.certiface().requests(Operation::Document), 1, "{fault:?}: never sent again");
    }
}

/// The answer is lost and the vendor never saw the frames: only the vendor can say so.
#[tokio::test]
async fn a_captcha_that_never_landed_can_be_found_out() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let client = hurried(&sandbox);
    let mut journey = begun(&client, APPROVED).await;
    journey.challenge().await.unwrap();
    sandbox.certiface().fault(Fault::close().on(Operation::Captcha));
    let error = journey.captcha(&frames(2, 2)).await.unwrap_err();
    assert!(error.may_have_landed() && !journey.may_check_liveness());
    assert!(client.liveness_result(journey.appkey()).await.unwrap().value().is_none());
    assert!(journey.result().await.unwrap().value().is_none());
    // Now that it is known, the key may be taken up afresh.
    let mut journey = Journey::from_appkey(&client, journey.appkey().clone());
    assert_eq!(prove_liveness(&mut journey).await.outcome(), Liveness::Approved);
}

#[tokio::test]
async fn every_verdict_that_is_lost_names_the_key() {
    for (place, operation) in [
        Operation::Liveness,
        Operation::Liveness,
        Operation::ProcessRequest,
        Operation::FortfaceLiveness,
        Operation::DocumentQrcode,
    ]
    .into_iter()
    .enumerate()
    {
        for fault in [Fault::close(), Fault::html(200)] {
            let provider = if place == 0 { Provider::FaceTec } else { Provider::IProov };
            let sandbox = Sandbox::builder().certiface_liveness_3d(provider).start().await.unwrap();
            let mut journey = begun(&hurried(&sandbox), APPROVED).await;
            if operation == Operation::Liveness {
                journey.session(None).await.unwrap();
            }
            sandbox.certiface().fault(fault.on(operation));
            let scan = FaceTecScan::new("browser", "c2Nhbg==", frame(0), frame(1), "session-1");
            let fortface = journey.fortface_session("browser", "device").await.unwrap();
            let fortface = FortfaceScan::new(fortface.value(), "browser", "key", "data", "img");
            let error = match (place, operation) {
                (0, _) => journey.liveness_facetec(&scan).await.unwrap_err(),
                (1, _) => journey.liveness_iproov().await.unwrap_err(),
                (_, Operation::ProcessRequest) => {
                    journey.process_request("blob", "browser").await.unwrap_err()
                }
                (_, Operation::FortfaceLiveness) => journey.fortface_liveness(&fortface).await.unwrap_err(),
                _ => journey.document_qr_code(&document()).await.unwrap_err(),
            };
            assert!(error.may_have_landed(), "{operation:?}: {error}");
            check_id(operation.name(), &error, &journey);
            assert_eq!(sandbox.certiface().requests(operation), 1, "{operation:?}: never sent again");
            assert_eq!(
                journey.may_check_liveness(),
                operation == Operation::DocumentQrcode,
                "{operation:?}: what may be spent counts as spent"
            );
        }
    }
}

/// A question that fails for a moment ends no wait.
#[tokio::test]
async fn a_wait_outlives_a_bad_moment() {
    for fault in [Fault::status(503), Fault::close(), Fault::hang(), Fault::status(429), Fault::html(502)] {
        let sandbox =
            Sandbox::builder().certiface_document_delay(Duration::from_millis(50)).start().await.unwrap();
        let client = hurried(&sandbox);
        let mut journey = begun(&client, APPROVED).await;
        prove_liveness(&mut journey).await;
        hand_in_document(&journey).await;
        // One question more than a call asks by itself.
        sandbox.certiface().fault(fault.clone().on(Operation::Result).times(4));
        let waiting = journey.wait(MINUTE).unwrap().every(Duration::from_millis(100));
        let result = waiting.await.unwrap_or_else(|error| panic!("{fault:?}: {error}"));
        assert_eq!(result.status, Some(JourneyStatus::Complete), "{fault:?}");
    }
}

#[tokio::test]
async fn a_400_is_a_document_to_be_taken_again_whatever_its_body() {
    for fault in [Fault::status(400), Fault::html(400), Fault::empty(400)] {
        let sandbox = Sandbox::builder().start().await.unwrap();
        let journey = begun(&hurried(&sandbox), APPROVED).await;
        sandbox.certiface().fault(fault.clone().on(Operation::Document));
        let outcome = journey.document(&[document()]).await.unwrap().into_inner();
        assert!(matches!(outcome, DocumentOutcome::Retake(_)), "{fault:?}");
    }
}

#[tokio::test]
async fn connect_refused() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let client = sandboxed(&sandbox).build().unwrap();
    let mut journey = begun(&client, APPROVED).await;
    journey.challenge().await.unwrap();
    sandbox.shutdown().await;
    let error = journey.captcha(&frames(2, 2)).await.unwrap_err();
    check("connect refused", &error, ErrorKind::Transport, Delivery::NotSent, 3);
    assert!(!error.may_have_landed() && error.operation_id().is_none() && error.is_transient());
    assert!(
        journey.may_check_liveness(),
        "nothing was sent: the key and its challenge are as good as before"
    );
    assert!(causes(&error).contains("refused"), "{}", causes(&error));
}

/// A server that takes the connection and never reads: the deadline passes before or while the body is sent.
#[tokio::test]
async fn no_wait_is_without_end() {
    let (_listener, url) = silence().await;
    let options = ClientOptions::new()
        .attempt_timeout(Duration::from_millis(100))
        .overall_timeout(Duration::from_millis(250));
    let client = builder(&url).options(options).build().unwrap();
    let journey = from_key(&client);
    let error = journey.document(&[document()]).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Timeout, 1), "{error}");
    check_id("silence", &error, &journey);
    let error = journey.result().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
}

/// A success that says nothing is no verdict.
#[tokio::test]
async fn an_empty_answer_is_no_verdict() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let mut journey = begun(&hurried(&sandbox), APPROVED).await;
    journey.challenge().await.unwrap();
    sandbox.certiface().fault(Fault::empty(200).on(Operation::Captcha));
    let error = journey.captcha(&frames(2, 2)).await.unwrap_err();
    check("empty 200", &error, ErrorKind::Decode, Delivery::Answered, 1);
    check_id("empty 200", &error, &journey);
    assert_eq!(journey.result().await.unwrap().value().as_ref().and_then(JourneyResult::liveness), None);
}
