//! The network and the vendor on a bad day: kind of error, what is known of delivery, how many requests there were.

use std::time::Duration;

use bankly_kyc::core::{Delivery, Error, Kind, Settings};
use bankly_kyc::{Place, ResultLevel, Verdict};
use kyc_sandbox::bankly::Operation;
use kyc_sandbox::{Fault, Sandbox};

use crate::support::{back, builder, client, cpf, front, hurried, sandboxed, selfie};

const MINUTE: Duration = Duration::from_secs(60);

/// Fault, kind, delivery, requests of a paid operation, requests of a free one.
type Row = (&'static str, Fault<Operation>, Kind, Delivery, u64, u64);

fn rows() -> Vec<Row> {
    use Delivery::{Answered, Refused, Unknown};
    use Kind::{
        Config, Decode, Forbidden, NotFound, RateLimited, Rejected, Timeout, Transport, Unauthenticated,
        Unavailable,
    };
    vec![
        ("attempt timeout", Fault::hang(), Timeout, Unknown, 1, 3),
        ("connection closed", Fault::close(), Transport, Unknown, 1, 3),
        ("cut in the body", Fault::cut_body(), Transport, Unknown, 1, 3),
        ("400", Fault::status(400), Rejected, Answered, 1, 1),
        // Once more, after a new login.
        ("401", Fault::status(401), Unauthenticated, Refused, 2, 2),
        ("403", Fault::status(403), Forbidden, Answered, 1, 1),
        ("409", Fault::status(409), Rejected, Answered, 1, 1),
        ("422", Fault::status(422), Rejected, Answered, 1, 1),
        // The five minutes that the vendor asks for are longer than the call may take.
        ("429", Fault::status(429), RateLimited, Refused, 1, 1),
        ("429, Retry-After", Fault::status(429).retry_after(1), RateLimited, Refused, 3, 3),
        (
            "429, Retry-After beyond the deadline",
            Fault::status(429).retry_after(3600),
            RateLimited,
            Refused,
            1,
            1,
        ),
        ("500", Fault::status(500), Unavailable, Answered, 1, 3),
        ("503", Fault::status(503), Unavailable, Answered, 1, 3),
        ("HTML page", Fault::html(502), Unavailable, Answered, 1, 3),
        ("HTML page with 200", Fault::html(200), Decode, Answered, 1, 1),
        ("truncated JSON", Fault::truncated_json(), Decode, Answered, 1, 1),
        ("empty 403", Fault::empty(403), Forbidden, Answered, 1, 1),
        ("empty 404", Fault::empty(404), NotFound, Answered, 1, 1),
        ("redirect", Fault::empty(307), Config, Answered, 1, 1),
    ]
}

fn check(name: &str, error: &Error, kind: Kind, delivery: Delivery, requests: u64) {
    assert_eq!((error.kind(), error.delivery()), (kind, delivery), "{name}: {error}");
    assert_eq!(u64::from(error.attempts()), requests, "{name}: {error}");
    let line = error.to_string();
    assert!(!line.contains('\n') && !line.contains("error sending request"), "{name}: {line}");
}

#[tokio::test]
async fn an_upload_is_paid_for() {
    for (name, fault, kind, delivery, requests, _) in rows() {
        let sandbox = Sandbox::builder().start().await.unwrap();
        let client = hurried(&sandbox);
        sandbox.bankly().fault(fault.on(Operation::Upload).times(10));
        let error = client.upload(&cpf(), &selfie()).await.unwrap_err();
        check(name, &error, kind, delivery, requests);
        assert_eq!(sandbox.bankly().requests(Operation::Upload), requests, "{name}");
        assert_eq!(sandbox.bankly().paid_calls(), 0, "{name}");
        assert_eq!(error.request_id().map(str::len), Some(36), "{name}: its own id, or the vendor's");
        assert!(!error.is_transient() || !error.may_have_landed(), "{name}: not simply again");
    }
}

#[tokio::test]
async fn a_status_is_asked_for_again() {
    for (name, fault, kind, delivery, _, requests) in rows() {
        let sandbox = Sandbox::builder().start().await.unwrap();
        let client = hurried(&sandbox);
        sandbox.bankly().fault(fault.on(Operation::Status).times(10));
        match client.analyses(&cpf(), &[], ResultLevel::Detailed).await {
            Err(error) => {
                check(name, &error, kind, delivery, requests);
                assert!(error.operation_id().is_none(), "{name}: a question starts nothing");
            }
            // That is how Bankly says that there are none.
            Ok(reply) => assert!(kind == Kind::NotFound && reply.is_empty(), "{name}"),
        }
        assert_eq!(sandbox.bankly().status_requests(), requests, "{name}");
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
        assert_eq!((error.kind(), error.delivery()), (Kind::Decode, Delivery::Answered), "{error}");
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
    for fault in [Fault::status(500), Fault::hang(), Fault::close(), Fault::cut_body(), Fault::html(503)] {
        sandbox.bankly().fault(fault.clone().on(Operation::Status));
        let reply = client.analyses(&cpf(), &[], ResultLevel::Detailed).await.unwrap();
        assert_eq!((reply.meta().attempts, reply.len()), (2, 1), "{fault:?}");
        // A login changes nothing, either.
        sandbox.bankly().fault(fault.clone().on(Operation::LegacyToken));
        assert!(hurried(&sandbox).analyses(&cpf(), &[], ResultLevel::Detailed).await.is_ok(), "{fault:?}");
    }
}

/// What may go wrong once the request has had its effect.
fn lost_answers() -> [Fault<Operation>; 7] {
    [
        Fault::hang(),
        Fault::close(),
        Fault::cut_body(),
        Fault::truncated_json(),
        Fault::html(200),
        Fault::html(502),
        Fault::status(500),
    ]
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
            assert_eq!((again.kind(), again.delivery()), (Kind::InvalidInput, Delivery::NotSent), "{again}");
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
        assert_eq!(onboarding.look_up().await.unwrap_err().kind(), Kind::Forbidden);
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
    assert_eq!(onboarding.upload(&picture).await.unwrap_err().kind(), Kind::InvalidInput);
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
    for (fault, kind) in [(Fault::status(403), Kind::Forbidden), (Fault::truncated_json(), Kind::Decode)] {
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
    check("connect refused", &error, Kind::Transport, Delivery::NotSent, 3);
    assert!(!error.may_have_landed() && error.operation_id().is_none() && error.is_transient());
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.contains("refused"), "{cause}");
    // Nothing was sent: there is nothing to look up.
    assert!(!onboarding.look_up().await.unwrap());
}

/// A server that takes the connection and never reads: the deadline passes before or while the body is sent.
#[tokio::test]
async fn no_wait_is_without_end() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    // The login is answered elsewhere.
    let sandbox = Sandbox::builder().start().await.unwrap();
    let settings = Settings::new()
        .attempt_timeout(Duration::from_millis(100))
        .overall_timeout(Duration::from_millis(250));
    let silent = sandboxed(&sandbox).base_url(&url).settings(settings.clone()).build().unwrap();
    let error = silent.upload(&cpf(), &selfie()).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (Kind::Timeout, Delivery::Unknown), "{error}");
    assert_eq!((error.attempts(), error.may_have_landed()), (1, true), "{error}");
    let error = silent.analyses(&cpf(), &[], ResultLevel::Detailed).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (Kind::Timeout, Delivery::Unknown), "{error}");

    // And where the login meets with silence, nothing of the call was sent.
    let silent = builder(&url).settings(settings).build().unwrap();
    let error = silent.upload(&cpf(), &selfie()).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (Kind::Timeout, Delivery::NotSent), "{error}");
    assert!(!error.may_have_landed());
    drop(listener);

    let nowhere = client("http://127.0.0.1:1");
    let error = nowhere.upload(&cpf(), &selfie()).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (Kind::Transport, Delivery::NotSent), "{error}");
}
