//! The network and the vendor on a bad day: kind of error, what is known of delivery, how many requests there were.

use std::time::Duration;

use bankly_kyc::kyc_core::{ClientOptions, Delivery, ErrorKind};
use bankly_kyc::{Place, ResultLevel, Verdict};
use kyc_sandbox::bankly::Operation;
use kyc_sandbox::{Fault, Sandbox};
use test_support::causes;
use test_support::faults::{Row, check, lost_answers, passing, usual};
use test_support::sockets::silence;

use crate::support::{back, builder, client, cpf, front, hurried, sandboxed, selfie};

const MINUTE: Duration = Duration::from_secs(60);

fn rows() -> Vec<Row<Operation>> {
    use Delivery::{Answered, Refused};
    let mut rows = usual();
    rows.extend([
        Row::new("400", Fault::status(400), ErrorKind::Rejected, Answered, [1, 1]),
        // Once more, after a new login.
        Row::new("401", Fault::status(401), ErrorKind::Unauthenticated, Refused, [2, 2]),
        Row::new("403", Fault::status(403), ErrorKind::Forbidden, Answered, [1, 1]),
        Row::new("409", Fault::status(409), ErrorKind::Rejected, Answered, [1, 1]),
        Row::new("422", Fault::status(422), ErrorKind::Rejected, Answered, [1, 1]),
        // The five minutes that the vendor asks for are longer than the call may take.
        Row::new("429", Fault::status(429), ErrorKind::RateLimited, Refused, [1, 1]),
        Row::new("empty 403", Fault::empty(403), ErrorKind::Forbidden, Answered, [1, 1]),
        Row::new("empty 404", Fault::empty(404), ErrorKind::NotFound, Answered, [1, 1]),
    ]);
    rows
}

#[tokio::test]
async fn an_upload_is_paid_for() {
    for row in rows() {
        let sandbox = Sandbox::builder().start().await.unwrap();
        let client = hurried(&sandbox);
        sandbox.bankly().fault(row.fault.clone().on(Operation::Upload).times(10));
        let error = client.upload(&cpf(), &selfie()).await.unwrap_err();
        row.check_paid(&error);
        let Row { name, paid, .. } = row;
        assert_eq!(sandbox.bankly().requests(Operation::Upload), paid, "{name}");
        assert_eq!(sandbox.bankly().paid_calls(), 0, "{name}");
        assert_eq!(error.request_id().map(str::len), Some(36), "{name}: its own id, or the vendor's");
    }
}

#[tokio::test]
async fn a_status_is_asked_for_again() {
    for row in rows() {
        let sandbox = Sandbox::builder().start().await.unwrap();
        let client = hurried(&sandbox);
        sandbox.bankly().fault(row.fault.clone().on(Operation::Status).times(10));
        let Row { name, kind, free, .. } = row;
        match client.analyses(&cpf(), &[], ResultLevel::Detailed).await {
            Err(error) => {
                row.check_free(&error);
                assert!(error.operation_id().is_none(), "{name}: a question starts nothing");
            }
            // That is how Bankly says that there are none.
            Ok(reply) => assert!(kind == ErrorKind::NotFound && reply.value().is_empty(), "{name}"),
        }
        assert_eq!(sandbox.bankly().status_requests(), free, "{name}");
    }
}

/// An answer that says nothing of the token is as good as lost.
#[tokio::test]
async fn an_answer_without_a_token_is_no_answer() {
    for (fault, taken) in
        [(Fault::empty(200), false), (Fault::empty(202), false), (Fault::empty(202).after_effect(), true)]
    {
        let sandbox = Sandbox::builder().start().await.unwrap();
        let client = hurried(&sandbox);
        let mut onboarding = client.onboarding(cpf());
        sandbox.bankly().fault(fault.on(Operation::Upload));
        let error = onboarding.upload(&selfie()).await.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Decode, Delivery::Answered), "{error}");
        assert!(error.may_have_landed());
        assert_eq!(onboarding.look_up().await.unwrap(), taken);
        assert_eq!(onboarding.token(Place::Selfie).is_some(), taken);
    }
}

#[tokio::test]
async fn what_passes_is_not_seen() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let client = hurried(&sandbox);
    sandbox.bankly().fault(Fault::status(429).retry_after(1).on(Operation::Upload));
    let reply = client.upload(&cpf(), &selfie()).await.unwrap();
    assert_eq!((reply.meta().attempts, sandbox.bankly().paid_calls()), (2, 1));
    for fault in passing() {
        sandbox.bankly().fault(fault.clone().on(Operation::Status));
        let reply = client.analyses(&cpf(), &[], ResultLevel::Detailed).await.unwrap();
        assert_eq!((reply.meta().attempts, reply.value().len()), (2, 1), "{fault:?}");
        // A login changes nothing, either.
        sandbox.bankly().fault(fault.clone().on(Operation::LegacyToken));
        assert!(hurried(&sandbox).analyses(&cpf(), &[], ResultLevel::Detailed).await.is_ok(), "{fault:?}");
    }
}

/// Of all three pictures: never sent again, found by asking, and the onboarding goes on.
#[tokio::test]
async fn after_a_lost_upload_a_question_tells_the_truth() {
    for fault in lost_answers() {
        let delay = Duration::from_millis(20);
        let sandbox = Sandbox::builder().bankly_analysis_delay(delay).start().await.unwrap();
        let client = hurried(&sandbox);
        let mut onboarding = client.onboarding(cpf());
        for (place, picture) in [(Place::Selfie, selfie()), (Place::Front, front()), (Place::Back, back())] {
            sandbox.bankly().fault(fault.clone().on(Operation::Upload).after_effect());
            let error = onboarding.upload(&picture).await.unwrap_err();
            assert!(error.may_have_landed(), "{fault:?}: {error}");
            let again = onboarding.upload(&picture).await.unwrap_err();
            assert_eq!(
                (again.kind(), again.delivery()),
                (ErrorKind::InvalidInput, Delivery::NotSent),
                "{again}"
            );
            assert!(again.to_string().contains("look it up"), "{again}");

            // The doubt outlives the process.
            let stored = serde_json::to_string(onboarding.state()).unwrap();
            onboarding = client.resume(serde_json::from_str(&stored).unwrap());
            assert!(onboarding.upload(&picture).await.is_err());
            assert!(onboarding.token(place).is_none());
            assert!(onboarding.look_up().await.unwrap(), "{fault:?}: it was there");
            assert!(!onboarding.look_up().await.unwrap(), "nothing is in doubt any more");
            let waiting = onboarding.wait(place, MINUTE).unwrap().every(Duration::from_millis(100));
            let analysis = waiting.await.unwrap();
            assert_eq!(onboarding.note(&analysis), Verdict::Valid, "{fault:?}");
        }
        assert!(onboarding.is_complete(), "{fault:?}");
        let sent = (sandbox.bankly().requests(Operation::Upload), sandbox.bankly().paid_calls());
        assert_eq!(sent, (3, 3), "{fault:?}");
    }
}

/// The answer is lost and the vendor never saw the picture: only the vendor can say so.
#[tokio::test]
async fn an_upload_that_never_landed_is_found_out() {
    let sandbox = Sandbox::builder().bankly_analysis_delay(Duration::ZERO).start().await.unwrap();
    let mut onboarding = hurried(&sandbox).onboarding(cpf());
    for (place, picture) in [(Place::Selfie, selfie()), (Place::Front, front()), (Place::Back, back())] {
        sandbox.bankly().fault(Fault::close().on(Operation::Upload));
        assert!(onboarding.upload(&picture).await.unwrap_err().may_have_landed());
        // A question that fails leaves the doubt as it was.
        sandbox.bankly().fault(Fault::status(403).on(Operation::Status));
        assert_eq!(onboarding.look_up().await.unwrap_err().kind(), ErrorKind::Forbidden);
        assert!(onboarding.upload(&picture).await.is_err());
        assert!(!onboarding.look_up().await.unwrap(), "{place:?}");
        onboarding.upload(&picture).await.unwrap();
        let analysis = onboarding.wait(place, MINUTE).unwrap().await.unwrap();
        assert_eq!(onboarding.note(&analysis), Verdict::Valid);
    }
    assert_eq!(sandbox.bankly().paid_calls(), 3);
}

/// A caller that stops listening does not know what became of it.
#[tokio::test]
async fn an_upload_that_nobody_waited_for_is_in_doubt() {
    let sandbox = Sandbox::builder().bankly_analysis_delay(Duration::ZERO).start().await.unwrap();
    let mut onboarding = sandboxed(&sandbox).build().unwrap().onboarding(cpf());
    sandbox.bankly().fault(Fault::hang().on(Operation::Upload).after_effect());
    let picture = selfie();
    let given_up = tokio::time::timeout(Duration::from_millis(300), onboarding.upload(&picture)).await;
    assert!(given_up.is_err());
    assert_eq!(onboarding.upload(&picture).await.unwrap_err().kind(), ErrorKind::InvalidInput);
    assert!(onboarding.look_up().await.unwrap());
    // That question knew the end already.
    onboarding.upload(&front()).await.unwrap();
    assert_eq!(sandbox.bankly().paid_calls(), 2);
}

/// A refusal leaves no doubt.
#[tokio::test]
async fn what_was_turned_away_may_be_sent_again_at_once() {
    for fault in [Fault::status(422), Fault::status(429).retry_after(3600), Fault::empty(403)] {
        let sandbox = Sandbox::builder().start().await.unwrap();
        let mut onboarding = hurried(&sandbox).onboarding(cpf());
        sandbox.bankly().fault(fault.clone().on(Operation::Upload));
        let error = onboarding.upload(&selfie()).await.unwrap_err();
        assert!(!error.may_have_landed(), "{fault:?}: {error}");
        assert!(!onboarding.look_up().await.unwrap());
        assert_eq!(sandbox.bankly().status_requests(), 0, "{fault:?}: there is nothing to ask");
        sandbox.clock().advance(Duration::from_secs(3600));
        onboarding.upload(&selfie()).await.unwrap();
    }
}

/// A question that fails for a moment ends no wait.
#[tokio::test]
async fn a_wait_outlives_a_bad_moment() {
    for fault in [
        Fault::status(503),
        Fault::close(),
        Fault::hang(),
        Fault::status(429).retry_after(1),
        Fault::html(502),
        Fault::empty(404),
    ] {
        let delay = Duration::from_millis(50);
        let sandbox = Sandbox::builder().bankly_analysis_delay(delay).start().await.unwrap();
        let mut onboarding = hurried(&sandbox).onboarding(cpf());
        onboarding.upload(&selfie()).await.unwrap();
        // One question more than a call asks by itself.
        sandbox.bankly().fault(fault.clone().on(Operation::Status).times(4));
        let waiting = onboarding.wait(Place::Selfie, MINUTE).unwrap().every(Duration::from_millis(100));
        let analysis = waiting.await.unwrap_or_else(|error| panic!("{fault:?}: {error}"));
        assert_eq!(onboarding.note(&analysis), Verdict::Valid, "{fault:?}");
    }
}

/// It ends with what it cannot outlive, and knows the picture still.
#[tokio::test]
async fn a_wait_ends_with_a_refusal() {
    for (fault, kind) in
        [(Fault::status(403), ErrorKind::Forbidden), (Fault::truncated_json(), ErrorKind::Decode)]
    {
        let sandbox = Sandbox::builder().start().await.unwrap();
        let mut onboarding = hurried(&sandbox).onboarding(cpf());
        onboarding.upload(&selfie()).await.unwrap();
        sandbox.bankly().fault(fault.on(Operation::Status));
        let error = onboarding.wait(Place::Selfie, MINUTE).unwrap().await.unwrap_err();
        let id = onboarding.token(Place::Selfie).unwrap().operation_id(&cpf());
        assert_eq!((error.kind(), error.operation_id()), (kind, Some(&id)), "{error}");
    }
}

#[tokio::test]
async fn connect_refused() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let client = sandboxed(&sandbox).build().unwrap();
    let mut onboarding = client.onboarding(cpf());
    client.analyses(&cpf(), &[], ResultLevel::OnlyStatus).await.unwrap();
    sandbox.shutdown().await;
    let error = onboarding.upload(&selfie()).await.unwrap_err();
    check("connect refused", &error, ErrorKind::Transport, Delivery::NotSent, 3);
    assert!(!error.may_have_landed() && error.operation_id().is_none() && error.is_transient());
    assert!(causes(&error).contains("refused"), "{}", causes(&error));
    // Nothing was sent: there is nothing to look up.
    assert!(!onboarding.look_up().await.unwrap());
}

/// A server that takes the connection and never reads: the deadline passes before or while the body is sent.
#[tokio::test]
async fn no_wait_is_without_end() {
    let (_listener, url) = silence().await;
    // The login is answered elsewhere.
    let sandbox = Sandbox::builder().start().await.unwrap();
    let options = ClientOptions::new()
        .attempt_timeout(Duration::from_millis(100))
        .overall_timeout(Duration::from_millis(250));
    let silent = sandboxed(&sandbox).base_url(&url).options(options.clone()).build().unwrap();
    let error = silent.upload(&cpf(), &selfie()).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Timeout, Delivery::Unknown), "{error}");
    assert_eq!((error.attempts(), error.may_have_landed()), (1, true), "{error}");
    let error = silent.analyses(&cpf(), &[], ResultLevel::Detailed).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Timeout, Delivery::Unknown), "{error}");

    // And where the login meets with silence, nothing of the call was sent.
    let silent = builder(&url).options(options).build().unwrap();
    let error = silent.upload(&cpf(), &selfie()).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Timeout, Delivery::NotSent), "{error}");
    assert!(!error.may_have_landed());

    let nowhere = client("http://127.0.0.1:1");
    let error = nowhere.upload(&cpf(), &selfie()).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Transport, Delivery::NotSent), "{error}");
}
