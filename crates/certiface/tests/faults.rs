//! Faults of the network and the vendor: kind of error, delivery, number of requests.

use std::time::Duration;

use certiface::kyc_core::{ClientOptions, Delivery, Error, ErrorKind, OperationId};
use certiface::{DocumentOutcome, FaceTecScan, FortfaceScan, Journey, JourneyStatus, Liveness};
use kyc_sandbox::certiface::{Operation, Provider};
use kyc_sandbox::{Fault, Sandbox};
use test_support::causes;
use test_support::faults::{Row, check, lost_answers, passing, usual};
use test_support::sockets::silence;

use crate::support::{
    APPROVED, begun, builder, document, frame, frames, hurried, journey as from_key, prove_liveness,
    submit_document, unpaused,
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

/// Only an error after which the call may have landed carries the key as operation id.
fn check_id(name: &str, error: &Error, journey: &Journey) {
    let id = journey.appkey().operation_id();
    assert_eq!(error.operation_id(), error.may_have_landed().then_some(&id), "{name}: {error}");
}

#[tokio::test]
async fn a_captcha_is_sent_again_only_without_effect() {
    for row in rows() {
        let sandbox = Sandbox::builder().start().await.unwrap();
        let mut journey = begun(&unpaused(&sandbox), APPROVED).await;
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
async fn a_document_is_sent_again_only_without_effect() {
    for row in rows() {
        let sandbox = Sandbox::builder().start().await.unwrap();
        let journey = begun(&unpaused(&sandbox), APPROVED).await;
        sandbox.certiface().fault(row.fault.clone().on(Operation::Document).times(10));
        let error = journey.document(&[document()]).await.unwrap_err();
        row.check_paid(&error);
        assert_eq!(sandbox.certiface().requests(Operation::Document), row.paid, "{}", row.name);
        check_id(row.name, &error, &journey);
    }
}

#[tokio::test]
async fn a_challenge_is_retried() {
    for row in rows() {
        let sandbox = Sandbox::builder().start().await.unwrap();
        let mut journey = begun(&unpaused(&sandbox), APPROVED).await;
        sandbox.certiface().fault(row.fault.clone().on(Operation::Challenge).times(10));
        let error = journey.challenge().await.unwrap_err();
        row.check_free(&error);
        let Row { name, free, .. } = row;
        assert_eq!(sandbox.certiface().requests(Operation::Challenge), free, "{name}");
        assert!(error.operation_id().is_none(), "{name}: there is nothing to query");
        assert!(journey.may_check_liveness(), "{name}: a challenge does not use up the key");
    }
}

#[tokio::test]
async fn a_result_is_retried() {
    for row in rows() {
        let sandbox = Sandbox::builder().start().await.unwrap();
        let mut journey = begun(&unpaused(&sandbox), APPROVED).await;
        prove_liveness(&mut journey).await;
        sandbox.certiface().fault(row.fault.clone().on(Operation::Result).times(10));
        let Row { name, kind, free, .. } = row;
        match journey.result().await {
            Err(error) => {
                row.check_free(&error);
                assert!(error.operation_id().is_none(), "{name}: a query starts nothing");
            }
            // No result yet is a state of the journey.
            Ok(reply) => assert!(kind == ErrorKind::NotFound && reply.value().is_none(), "{name}"),
        }
        assert_eq!(sandbox.certiface().requests(Operation::Result), free, "{name}");
    }
}

#[tokio::test]
async fn a_passing_fault_is_not_an_error() {
    for fault in [Fault::status(429), Fault::status(429).retry_after(1)] {
        let sandbox = Sandbox::builder().start().await.unwrap();
        let mut journey = begun(&unpaused(&sandbox), APPROVED).await;
        journey.challenge().await.unwrap();
        sandbox.certiface().fault(fault.on(Operation::Captcha));
        let reply = journey.captcha(&frames(2, 2)).await.unwrap();
        assert_eq!((reply.meta().attempts, sandbox.certiface().paid_calls()), (2, 1));
        assert!(!journey.may_check_liveness());
    }
    for fault in passing() {
        let sandbox = Sandbox::builder().start().await.unwrap();
        let mut journey = begun(&unpaused(&sandbox), APPROVED).await;
        sandbox.certiface().fault(fault.clone().on(Operation::Challenge));
        assert_eq!(journey.challenge().await.unwrap().meta().attempts, 2, "{fault:?}");
        journey.captcha(&frames(2, 2)).await.unwrap();
        sandbox.certiface().fault(fault.on(Operation::Result));
        assert_eq!(journey.result().await.unwrap().meta().attempts, 2);
    }
}

#[tokio::test]
async fn after_a_lost_captcha_the_result_is_known() {
    for fault in lost_answers() {
        let sandbox =
            Sandbox::builder().certiface_document_delay(Duration::from_millis(50)).start().await.unwrap();
        let client = hurried(&sandbox);
        let mut journey = begun(&client, APPROVED).await;
        journey.challenge().await.unwrap();
        sandbox.certiface().fault(fault.clone().on(Operation::Captcha).after_effect());
        let error = journey.captcha(&frames(2, 2)).await.unwrap_err();
        assert!(error.may_have_landed(), "{fault:?}: {error}");
        assert!(!journey.may_check_liveness(), "{fault:?}: the key counts as used");
        let again = journey.captcha(&frames(2, 2)).await.unwrap_err();
        assert_eq!((again.kind(), again.delivery()), (ErrorKind::Expired, Delivery::NotSent), "{fault:?}");
        let (captchas, paid) =
            (sandbox.certiface().requests(Operation::Captcha), sandbox.certiface().paid_calls());
        assert_eq!((captchas, paid), (1, 1), "{fault:?}: never sent again");

        // The id outlives the process.
        let id = OperationId::from_token(&error.operation_id().unwrap().to_token()).unwrap();
        let known = journey.result().await.unwrap().into_inner().unwrap();
        assert!(known.liveness().is_yes(), "{fault:?}");
        submit_document(&journey).await;
        let result = client.wait(&id, MINUTE).unwrap().every(Duration::from_millis(100)).await.unwrap();
        assert_eq!(result.status, Some(JourneyStatus::Complete), "{fault:?}");
    }
}

#[tokio::test]
async fn after_a_lost_document_the_result_is_known() {
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

/// The response is lost and the vendor never received the frames, which only the vendor can tell.
#[tokio::test]
async fn the_vendor_tells_whether_a_captcha_landed() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let client = hurried(&sandbox);
    let mut journey = begun(&client, APPROVED).await;
    journey.challenge().await.unwrap();
    sandbox.certiface().fault(Fault::close().on(Operation::Captcha));
    let error = journey.captcha(&frames(2, 2)).await.unwrap_err();
    assert!(error.may_have_landed() && !journey.may_check_liveness());
    assert!(client.liveness_result(journey.appkey()).await.unwrap().value().is_none());
    assert!(journey.result().await.unwrap().value().is_none());
    // The key is unused, so a new journey may continue with it.
    let mut journey = Journey::from_appkey(&client, journey.appkey().clone());
    assert_eq!(prove_liveness(&mut journey).await.outcome(), Liveness::Approved);
}

#[tokio::test]
async fn every_lost_verdict_carries_the_key() {
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
            let mut journey = begun(&unpaused(&sandbox), APPROVED).await;
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
                "{operation:?}: a key that may be used up counts as used"
            );
        }
    }
}

/// A temporary failure of a poll does not end the wait.
#[tokio::test]
async fn a_wait_continues_after_temporary_failures() {
    // Concurrently, since each waits in real time.
    let faults = [Fault::status(503), Fault::close(), Fault::hang(), Fault::status(429), Fault::html(502)];
    let waits = faults.map(|fault| tokio::spawn(a_wait_continues_after(fault)));
    for wait in waits {
        wait.await.unwrap();
    }
}

async fn a_wait_continues_after(fault: Fault<Operation>) {
    let sandbox =
        Sandbox::builder().certiface_document_delay(Duration::from_millis(50)).start().await.unwrap();
    let mut journey = begun(&hurried(&sandbox), APPROVED).await;
    prove_liveness(&mut journey).await;
    submit_document(&journey).await;
    // One failure more than the attempts of a call.
    sandbox.certiface().fault(fault.clone().on(Operation::Result).times(4));
    let waiting = journey.wait(MINUTE).unwrap().every(Duration::from_millis(100));
    let result = waiting.await.unwrap_or_else(|error| panic!("{fault:?}: {error}"));
    assert_eq!(result.status, Some(JourneyStatus::Complete), "{fault:?}");
}

#[tokio::test]
async fn a_400_asks_for_new_images_whatever_its_body() {
    for fault in [Fault::status(400), Fault::html(400), Fault::empty(400)] {
        let sandbox = Sandbox::builder().start().await.unwrap();
        let journey = begun(&unpaused(&sandbox), APPROVED).await;
        sandbox.certiface().fault(fault.clone().on(Operation::Document));
        let outcome = journey.document(&[document()]).await.unwrap().into_inner();
        assert!(matches!(outcome, DocumentOutcome::Retake(_)), "{fault:?}");
    }
}

#[tokio::test]
async fn connect_refused() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let client = unpaused(&sandbox);
    let mut journey = begun(&client, APPROVED).await;
    journey.challenge().await.unwrap();
    sandbox.shutdown().await;
    let error = journey.captcha(&frames(2, 2)).await.unwrap_err();
    check("connect refused", &error, ErrorKind::Transport, Delivery::NotSent, 3);
    assert!(!error.may_have_landed() && error.operation_id().is_none() && error.is_transient());
    assert!(journey.may_check_liveness(), "nothing was sent: the key and its challenge are still unused");
    assert!(causes(&error).contains("refused"), "{}", causes(&error));
}

/// A server that accepts the connection and never reads: the timeout ends the call before or while the body is sent.
#[tokio::test]
async fn a_silent_server_ends_in_a_timeout() {
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

/// An empty response is not a verdict.
#[tokio::test]
async fn an_empty_response_is_an_error() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let mut journey = begun(&hurried(&sandbox), APPROVED).await;
    journey.challenge().await.unwrap();
    sandbox.certiface().fault(Fault::empty(200).on(Operation::Captcha));
    let error = journey.captcha(&frames(2, 2)).await.unwrap_err();
    check("empty 200", &error, ErrorKind::Decode, Delivery::Answered, 1);
    check_id("empty 200", &error, &journey);
    assert!(journey.result().await.unwrap().value().is_none());
}
