//! Faults of the network and the vendor: the kind of error, the known delivery, the number of requests.

use std::time::Duration;

use bankly_kyc::kyc_core::{ClientOptions, Delivery, ErrorKind, VirtualClock};
use bankly_kyc::{Client, ImageToken, Onboarding, Place, ResultLevel, Verdict};
use kyc_fixtures::bankly_kyc as documented;
use kyc_sandbox::bankly::Operation;
use kyc_sandbox::{Fault, Sandbox};
use serde_json::json;
use test_support::causes;
use test_support::faults::{Row, check, lost_answers, passing, usual};
use test_support::sockets::silence;
use tokio::task::JoinSet;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{
    back, builder, client, cpf, front, in_time, meeting, sandboxed, selfie, transport, unpaused,
};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

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
        // The vendor's pause of five minutes is longer than the call may take.
        Row::new("429", Fault::status(429), ErrorKind::RateLimited, Refused, [1, 1]),
        Row::new("empty 403", Fault::empty(403), ErrorKind::Forbidden, Answered, [1, 1]),
        Row::new("empty 404", Fault::empty(404), ErrorKind::NotFound, Answered, [1, 1]),
    ]);
    rows
}

/// Returns a client of the sandbox with the usual timeouts.
fn client_of(sandbox: &Sandbox) -> Client {
    sandboxed(sandbox).build().unwrap()
}

async fn a_paid_upload_meets(row: Row<Operation>) {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let client = unpaused(&row.fault, &sandbox);
    sandbox.bankly().fault(row.fault.clone().on(Operation::Upload).times(10));
    let error = client.upload(&cpf(), &selfie()).await.unwrap_err();
    row.check_paid(&error);
    let Row { name, paid, .. } = row;
    assert_eq!(sandbox.bankly().requests(Operation::Upload), paid, "{name}");
    assert_eq!(sandbox.bankly().paid_calls(), 0, "{name}");
    assert_eq!(error.request_id().map(str::len), Some(36), "{name}: the client's id, or the vendor's");
}

#[tokio::test]
async fn a_paid_upload() {
    rows().into_iter().map(a_paid_upload_meets).collect::<JoinSet<_>>().join_all().await;
}

async fn a_free_query_meets(row: Row<Operation>) {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let client = unpaused(&row.fault, &sandbox);
    sandbox.bankly().fault(row.fault.clone().on(Operation::Status).times(10));
    let Row { name, kind, free, .. } = row;
    match client.analyses(&cpf(), &[], ResultLevel::Detailed).await {
        Err(error) => {
            row.check_free(&error);
            assert!(error.operation_id().is_none(), "{name}: a query starts no operation");
        }
        // A 404 means that there are no analyses.
        Ok(reply) => assert!(kind == ErrorKind::NotFound && reply.value().is_empty(), "{name}"),
    }
    assert_eq!(sandbox.bankly().status_requests(), free, "{name}");
}

#[tokio::test]
async fn a_free_query() {
    rows().into_iter().map(a_free_query_meets).collect::<JoinSet<_>>().join_all().await;
}

/// A response without a token leaves the upload in doubt, like a lost response.
#[tokio::test]
async fn a_response_without_a_token_leaves_the_upload_in_doubt() {
    for (fault, taken) in
        [(Fault::empty(200), false), (Fault::empty(202), false), (Fault::empty(202).after_effect(), true)]
    {
        let sandbox = Sandbox::builder().start().await.unwrap();
        let mut onboarding = client_of(&sandbox).onboarding(cpf());
        sandbox.bankly().fault(fault.on(Operation::Upload));
        let error = onboarding.upload(&selfie()).await.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Decode, Delivery::Answered), "{error}");
        assert!(error.may_have_landed());
        assert_eq!(onboarding.look_up().await.unwrap(), taken);
        assert_eq!(onboarding.token(Place::Selfie).is_some(), taken);
    }
}

#[tokio::test]
async fn a_temporary_fault_is_retried() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let fault = Fault::status(429).retry_after(1);
    let client = unpaused(&fault, &sandbox);
    sandbox.bankly().fault(fault.on(Operation::Upload));
    let reply = client.upload(&cpf(), &selfie()).await.unwrap();
    assert_eq!((reply.meta().attempts, sandbox.bankly().paid_calls()), (2, 1));
    for fault in passing() {
        let client = unpaused(&fault, &sandbox);
        client.analyses(&cpf(), &[], ResultLevel::Detailed).await.unwrap();
        sandbox.bankly().fault(fault.clone().on(Operation::Status));
        let reply = client.analyses(&cpf(), &[], ResultLevel::Detailed).await.unwrap();
        assert_eq!((reply.meta().attempts, reply.value().len()), (2, 1), "{fault:?}");
        // The same holds for a login.
        sandbox.bankly().fault(fault.clone().on(Operation::LegacyToken));
        let another = unpaused(&fault, &sandbox);
        assert!(another.analyses(&cpf(), &[], ResultLevel::Detailed).await.is_ok(), "{fault:?}");
    }
}

/// An upload whose response is lost is never sent again, is found by a query, and the onboarding continues.
async fn look_up_each_lost_upload(fault: Fault<Operation>) {
    let delay = Duration::from_millis(20);
    let sandbox = Sandbox::builder().bankly_analysis_delay(delay).start().await.unwrap();
    let client = meeting(&fault, &sandbox);
    let mut onboarding = client.onboarding(cpf());
    for (place, image) in [(Place::Selfie, selfie()), (Place::Front, front()), (Place::Back, back())] {
        sandbox.bankly().fault(fault.clone().on(Operation::Upload).after_effect());
        let error = onboarding.upload(&image).await.unwrap_err();
        assert!(error.may_have_landed(), "{fault:?}: {error}");
        let again = onboarding.upload(&image).await.unwrap_err();
        assert_eq!((again.kind(), again.delivery()), (ErrorKind::InvalidInput, Delivery::NotSent), "{again}");
        assert!(again.to_string().contains("look it up"), "{again}");

        // The doubt is part of the stored state.
        let stored = serde_json::to_string(onboarding.state()).unwrap();
        onboarding = client.resume(serde_json::from_str(&stored).unwrap());
        assert!(onboarding.upload(&image).await.is_err());
        assert!(onboarding.token(place).is_none());
        assert!(onboarding.look_up().await.unwrap(), "{fault:?}: Bankly has it");
        assert!(!onboarding.look_up().await.unwrap(), "nothing is in doubt any more");
        let waiting = onboarding.wait(place, MINUTE).unwrap().every(Duration::from_millis(100));
        let analysis = waiting.await.unwrap();
        assert_eq!(onboarding.note(&analysis), Verdict::Valid, "{fault:?}");
    }
    assert!(onboarding.is_complete(), "{fault:?}");
    let sent = (sandbox.bankly().requests(Operation::Upload), sandbox.bankly().paid_calls());
    assert_eq!(sent, (3, 3), "{fault:?}");
}

#[tokio::test]
async fn a_lost_upload_is_found_by_a_query() {
    lost_answers().map(look_up_each_lost_upload).into_iter().collect::<JoinSet<_>>().join_all().await;
}

/// The response is lost and the vendor never received the image: only the caller can end the doubt.
#[tokio::test]
async fn an_upload_that_never_landed_stays_in_doubt() {
    let sandbox = Sandbox::builder().bankly_analysis_delay(Duration::ZERO).start().await.unwrap();
    let mut onboarding = client_of(&sandbox).onboarding(cpf());
    for (place, image) in [(Place::Selfie, selfie()), (Place::Front, front()), (Place::Back, back())] {
        sandbox.bankly().fault(Fault::close().on(Operation::Upload));
        assert!(onboarding.upload(&image).await.unwrap_err().may_have_landed());
        // A query that fails leaves the doubt unchanged.
        sandbox.bankly().fault(Fault::status(403).on(Operation::Status));
        assert_eq!(onboarding.look_up().await.unwrap_err().kind(), ErrorKind::Forbidden);
        assert!(onboarding.upload(&image).await.is_err());
        // That nothing is listed does not end it, either: the image may be listed later.
        assert!(!onboarding.look_up().await.unwrap(), "{place}");
        assert_eq!(onboarding.in_doubt(), Some(place));
        assert!(onboarding.upload(&image).await.is_err());
        assert!(onboarding.assume_not_received() && !onboarding.assume_not_received());
        onboarding.upload(&image).await.unwrap();
        let analysis = onboarding.wait(place, MINUTE).unwrap().await.unwrap();
        assert_eq!(onboarding.note(&analysis), Verdict::Valid);
    }
    assert_eq!(sandbox.bankly().paid_calls(), 3);
}

/// A caller that drops the future of an upload does not know its outcome.
#[tokio::test]
async fn a_dropped_upload_is_in_doubt() {
    let sandbox = Sandbox::builder().bankly_analysis_delay(Duration::ZERO).start().await.unwrap();
    let mut onboarding = client_of(&sandbox).onboarding(cpf());
    sandbox.bankly().fault(Fault::hang().on(Operation::Upload).after_effect());
    let image = selfie();
    let dropped = tokio::time::timeout(Duration::from_millis(300), onboarding.upload(&image)).await;
    assert!(dropped.is_err());
    assert_eq!(onboarding.upload(&image).await.unwrap_err().kind(), ErrorKind::InvalidInput);
    assert!(onboarding.look_up().await.unwrap());
    // The look-up has recorded the finished analysis.
    onboarding.upload(&front()).await.unwrap();
    assert_eq!(sandbox.bankly().paid_calls(), 2);
}

/// A refused upload is not in doubt.
#[tokio::test]
async fn a_refused_upload_may_be_sent_again_at_once() {
    for fault in [Fault::status(422), Fault::status(429).retry_after(3600), Fault::empty(403)] {
        let sandbox = Sandbox::builder().start().await.unwrap();
        let mut onboarding = client_of(&sandbox).onboarding(cpf());
        sandbox.bankly().fault(fault.clone().on(Operation::Upload));
        let error = onboarding.upload(&selfie()).await.unwrap_err();
        assert!(!error.may_have_landed(), "{fault:?}: {error}");
        assert!(!onboarding.look_up().await.unwrap());
        assert_eq!(sandbox.bankly().status_requests(), 1, "{fault:?}: there is nothing to look up");
        sandbox.clock().advance(HOUR);
        onboarding.upload(&selfie()).await.unwrap();
    }
}

/// Advances a clock by a second every two milliseconds.
async fn hurry(clock: VirtualClock) {
    loop {
        tokio::time::sleep(Duration::from_millis(2)).await;
        clock.advance(Duration::from_secs(1));
    }
}

/// One query more fails than a call sends on its own.
async fn wait_through(fault: Fault<Operation>) {
    let sandbox = Sandbox::builder().bankly_analysis_delay(Duration::from_secs(1)).start().await.unwrap();
    let mut onboarding = meeting(&fault, &sandbox).onboarding(cpf());
    onboarding.upload(&selfie()).await.unwrap();
    sandbox.bankly().fault(fault.clone().on(Operation::Status).times(4));
    let waiting = onboarding.wait(Place::Selfie, 10 * HOUR).unwrap().every(Duration::from_secs(1));
    let analysis = tokio::select! {
        analysis = in_time(waiting.into_future()) => analysis,
        () = hurry(sandbox.clock()) => unreachable!(),
    };
    let analysis = analysis.unwrap_or_else(|error| panic!("{fault:?}: {error}"));
    assert_eq!(onboarding.note(&analysis), Verdict::Valid, "{fault:?}");
    assert!(sandbox.bankly().status_requests() > 4, "{fault:?}");
}

#[tokio::test]
async fn a_wait_outlasts_temporary_faults() {
    let faults = [
        Fault::status(503),
        Fault::close(),
        Fault::hang(),
        Fault::status(429).retry_after(1),
        Fault::html(502),
        Fault::empty(404),
    ];
    faults.map(wait_through).into_iter().collect::<JoinSet<_>>().join_all().await;
}

/// The error of a wait that ends with a permanent fault names the image.
#[tokio::test]
async fn a_permanent_fault_ends_a_wait() {
    for (fault, kind) in
        [(Fault::status(403), ErrorKind::Forbidden), (Fault::truncated_json(), ErrorKind::Decode)]
    {
        let sandbox = Sandbox::builder().start().await.unwrap();
        let mut onboarding = client_of(&sandbox).onboarding(cpf());
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
    let client = unpaused(&Fault::close(), &sandbox);
    let mut onboarding = client.onboarding(cpf());
    // With a token, so that the upload itself finds no connection.
    client.analyses(&cpf(), &[], ResultLevel::OnlyStatus).await.unwrap();
    sandbox.shutdown().await;
    let error = onboarding.upload(&selfie()).await.unwrap_err();
    check("connect refused", &error, ErrorKind::Transport, Delivery::NotSent, 3);
    assert!(!error.may_have_landed() && error.operation_id().is_none() && error.is_transient());
    assert!(causes(&error).contains("refused"), "{}", causes(&error));
    // Nothing was sent: there is nothing to look up.
    assert!(!onboarding.look_up().await.unwrap());
}

/// A server that accepts the connection and never reads: the timeout passes before or while the body is sent.
#[tokio::test]
async fn a_silent_server_ends_in_a_timeout() {
    let (_listener, url) = silence().await;
    // The login goes to another server, which responds.
    let sandbox = Sandbox::builder().start().await.unwrap();
    let options = ClientOptions::new()
        .attempt_timeout(Duration::from_millis(100))
        .overall_timeout(Duration::from_millis(250))
        .transport(transport());
    let silent = sandboxed(&sandbox).base_url(&url).options(options.clone()).build().unwrap();
    let error = silent.upload(&cpf(), &selfie()).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Timeout, Delivery::Unknown), "{error}");
    assert_eq!((error.attempts(), error.may_have_landed()), (1, true), "{error}");
    let error = silent.analyses(&cpf(), &[], ResultLevel::Detailed).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Timeout, Delivery::Unknown), "{error}");

    // If the login itself gets no response, nothing of the call was sent.
    let silent = builder(&url).options(options).build().unwrap();
    let error = silent.upload(&cpf(), &selfie()).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Timeout, Delivery::NotSent), "{error}");
    assert!(!error.may_have_landed());

    let nowhere = client("http://127.0.0.1:1");
    let error = nowhere.upload(&cpf(), &selfie()).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Transport, Delivery::NotSent), "{error}");
}

/// Advances the clock until an analysis has ended, and records it.
async fn ended(sandbox: &Sandbox, onboarding: &mut Onboarding, place: Place) -> Verdict {
    sandbox.clock().advance(MINUTE);
    let analysis = onboarding.wait(place, MINUTE).unwrap().await.unwrap();
    onboarding.note(&analysis)
}

async fn frozen() -> Sandbox {
    Sandbox::builder().clock(VirtualClock::frozen()).start().await.unwrap()
}

/// Another onboarding of the same person has a valid image already. The lost one never arrived.
#[tokio::test]
async fn an_older_image_of_the_person_is_not_the_lost_one() {
    let sandbox = frozen().await;
    let client = client_of(&sandbox);
    let mut first = client.onboarding(cpf());
    for (place, image) in [(Place::Selfie, selfie()), (Place::Front, front()), (Place::Back, back())] {
        first.upload(&image).await.unwrap();
        assert_eq!(ended(&sandbox, &mut first, place).await, Verdict::Valid);
    }
    let mut second = client.onboarding(cpf());
    for (place, image) in [(Place::Selfie, selfie()), (Place::Front, front()), (Place::Back, back())] {
        sandbox.bankly().fault(Fault::close().on(Operation::Upload));
        assert!(second.upload(&image).await.unwrap_err().may_have_landed());
        // In another process, too.
        let stored = serde_json::to_string(second.state()).unwrap();
        second = client_of(&sandbox).resume(serde_json::from_str(&stored).unwrap());
        for _ in 0..2 {
            assert!(!second.look_up().await.unwrap(), "{place}");
            assert_eq!((second.in_doubt(), second.token(place)), (Some(place), None));
        }
        assert!(second.assume_not_received());
        second.upload(&image).await.unwrap();
        assert_eq!(second.in_doubt(), None);
        assert_ne!(second.token(place), first.token(place));
        assert_eq!(ended(&sandbox, &mut second, place).await, Verdict::Valid);
    }
    assert_eq!(sandbox.bankly().paid_calls(), 6);
}

/// The image is listed only after a while: the doubt is not forgotten meanwhile.
#[tokio::test]
async fn exactly_one_new_image_of_its_kind_is_the_lost_one() {
    let (selfie_of, front_of) = (
        |token: &str| json!({ "token": token, "documentType": "SELFIE", "status": "ANALYZING" }),
        |token: &str, kind: &str| json!({ "token": token, "documentType": kind, "documentSide": "FRONT", "status": "ANALYZING" }),
    );
    let old = selfie_of("old");
    for (listed, wanted) in [
        (json!([old]), None),
        (json!([old, selfie_of("new")]), Some("new")),
        (json!([selfie_of("new"), old, selfie_of("new")]), Some("new")),
        (json!([old, selfie_of(" new "), front_of("other", "RG")]), Some("new")),
        (json!([old, selfie_of("new"), selfie_of("newer")]), None),
        (json!([old, front_of("new", "RG")]), None),
        // What cannot be read may be the lost one.
        (json!([old, selfie_of("new"), { "token": "newer", "documentType": "??" }]), None),
        (json!([old, selfie_of("new"), { "documentType": "SELFIE" }]), None),
        (json!([old, selfie_of("new"), 7]), None),
        (json!([]), None),
    ] {
        let server = MockServer::start().await;
        let token = ResponseTemplate::new(200).set_body_string(documented::LEGACY_TOKEN_200.body);
        Mock::given(path("/connect/token")).respond_with(token).mount(&server).await;
        Mock::given(method("PUT")).respond_with(ResponseTemplate::new(500)).mount(&server).await;
        let before = ResponseTemplate::new(200).set_body_json(json!([old]));
        Mock::given(method("GET")).respond_with(before).up_to_n_times(1).mount(&server).await;
        let after = ResponseTemplate::new(200).set_body_json(&listed);
        Mock::given(method("GET")).respond_with(after).mount(&server).await;
        let mut one = crate::support::client(&server.uri()).onboarding(cpf());
        assert!(one.upload(&selfie()).await.unwrap_err().may_have_landed());
        assert_eq!(one.look_up().await.unwrap(), wanted.is_some(), "{listed}");
        assert_eq!(one.token(Place::Selfie).map(ImageToken::as_str), wanted, "{listed}");
        assert_eq!(one.in_doubt().is_none(), wanted.is_some(), "{listed}");
        // The caller's word ends it.
        if wanted.is_none() {
            assert!(one.adopt(ImageToken::new("mine")));
            assert_eq!(one.token(Place::Selfie).map(ImageToken::as_str), Some("mine"));
        }
        assert!(!one.adopt(ImageToken::new("mine")), "nothing is in doubt");
    }
}

/// Without knowing which images there are, nothing is sent.
#[tokio::test]
async fn an_upload_is_not_sent_after_a_failed_query() {
    for fault in [Fault::status(403), Fault::status(500).times(3), Fault::close().times(3)] {
        let sandbox = frozen().await;
        let mut one = unpaused(&fault, &sandbox).onboarding(cpf());
        sandbox.bankly().fault(fault.clone().on(Operation::Status));
        let error = one.upload(&selfie()).await.unwrap_err();
        assert_eq!((error.delivery(), error.operation()), (Delivery::NotSent, Some("upload")), "{error}");
        assert!(!error.may_have_landed() && one.in_doubt().is_none());
        assert_eq!(sandbox.bankly().requests(Operation::Upload), 0, "{fault:?}");
    }
}
