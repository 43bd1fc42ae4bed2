//! The webhooks: accepted senders, and which waits they wake.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use base64::Engine as _;
use certiface::kyc_core::{
    Cpf, ErrorKind, Lenient, OperationId, RedactedText, Trust, VirtualClock, Wake, WebhookError,
    WebhookEvent, WebhookRequest, WebhookSource,
};
use certiface::{
    Appkey, Completion, CompletionWebhook, Config, FraudStatus, Journey, JourneyResult, JourneyStatus,
    StatusUpdate, StatusWebhook,
};
use kyc_fixtures::certiface::{COMPLETION, COMPLETION_ERROR, STATUS_UPDATE};
use kyc_sandbox::certiface::{CpfForm, Operation, StatusUpdate as Sent, TestOutcome, test_cpf};
use kyc_sandbox::{DeliveryState, Sandbox};
use tokio::sync::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::support::{APPKEY, APPROVED, begun, prove_liveness, sandboxed, submit_document};

const MINUTE: Duration = Duration::from_secs(60);
const SECRET: &str = "agreed-secret-path";

type Inbox = UnboundedReceiver<WebhookEvent>;

struct Receiver {
    source: Box<dyn WebhookSource>,
    events: UnboundedSender<WebhookEvent>,
    /// The number of requests to refuse at first.
    failures: std::sync::atomic::AtomicU32,
}

/// Starts a server like a user's, which refuses the first `failures` requests. Returns its URL, which ends in the secret.
async fn receiver(source: impl WebhookSource + 'static, failures: u32) -> (String, Inbox) {
    async fn handler(
        State(receiver): State<Arc<Receiver>>,
        ConnectInfo(peer): ConnectInfo<SocketAddr>,
        url: Uri,
        headers: HeaderMap,
        body: axum::body::Bytes,
    ) -> StatusCode {
        use std::sync::atomic::Ordering::SeqCst;
        if receiver.failures.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)).is_ok() {
            return StatusCode::SERVICE_UNAVAILABLE;
        }
        let headers = headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
        let request = WebhookRequest::new(headers, body).at_url(url.to_string()).from_peer(peer.ip());
        let status = match receiver.source.receive(&request) {
            Ok(new) => {
                new.into_iter().for_each(|event| drop(receiver.events.send(event)));
                receiver.source.accepted_status()
            }
            Err(error) => error.http_status(),
        };
        StatusCode::from_u16(status).unwrap()
    }
    let (events, inbox) = unbounded_channel();
    let receiver = Arc::new(Receiver { source: Box::new(source), events, failures: failures.into() });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hooks/{SECRET}", listener.local_addr().unwrap());
    let router =
        axum::Router::new().route("/hooks/{secret}", axum::routing::post(handler)).with_state(receiver);
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    (url, inbox)
}

async fn completions(sandbox: &Sandbox) -> Inbox {
    let source = CompletionWebhook::new().with_secret_path(SECRET).unwrap();
    let (url, inbox) = receiver(source, 0).await;
    sandbox.certiface().register_completion_webhook(&url).unwrap();
    inbox
}

fn delivered(body: &str) -> WebhookRequest {
    WebhookRequest::new([("content-type", "application/json")], body.to_owned())
}

/// A request before its body is read.
fn head() -> WebhookRequest {
    delivered("")
}

fn received(source: &impl WebhookSource, body: &str) -> WebhookEvent {
    let mut events = source.receive(&delivered(body)).unwrap();
    assert_eq!(events.len(), 1);
    events.remove(0)
}

/// Performs a journey up to the analysis.
async fn submitted(sandbox: &Sandbox, cpf: &str) -> Journey {
    let mut journey = begun(&sandboxed(sandbox).build().unwrap(), cpf).await;
    prove_liveness(&mut journey).await;
    submit_document(&journey).await;
    journey
}

/// Waits for the next hint about that journey.
async fn hint(inbox: Arc<Mutex<Inbox>>, id: OperationId) -> Wake<JourneyResult> {
    let mut inbox = inbox.lock().await;
    loop {
        let Some(event) = inbox.recv().await else { std::future::pending().await };
        if let Some(wake) =
            Completion::try_from(&event.payload).ok().and_then(|completion| completion.wake(&id))
        {
            return wake;
        }
    }
}

#[test]
fn an_event_names_its_journey() {
    let webhook = CompletionWebhook::new();
    for (fixture, status) in
        [(&COMPLETION, JourneyStatus::Complete), (&COMPLETION_ERROR, JourneyStatus::Error)]
    {
        let event = received(&webhook, fixture.body);
        assert_eq!((event.trust, event.is_final, webhook.accepted_status()), (Trust::Hint, true, 200));
        assert_eq!((event.event_type, &event.event_id), ("completion", &None));
        let completion = Completion::try_from(&event.payload).unwrap();
        assert_eq!(completion.status, Some(status), "{}", fixture.name);
        let appkey = completion.appkey.clone().unwrap();
        assert_eq!(event.operations, [appkey.operation_id()]);
        assert_eq!(
            completion.wake::<()>(&appkey.operation_id()),
            Some(Wake::Query),
            "a reason to poll, not a result"
        );
        assert_eq!(completion.wake::<()>(&Appkey::new(APPKEY).operation_id()), None);
        for hidden in [appkey.expose(), &appkey.expose()[..30]] {
            assert!(!format!("{event:?} {completion:?} {:?}", event.subject).contains(hidden));
        }
    }
}

#[test]
fn all_events_of_a_journey_have_one_subject() {
    let webhook = CompletionWebhook::new();
    let about = |body: String| received(&webhook, &body).subject.unwrap();
    let completed = |status: &str, appkey: &str| format!(r#"{{"Status":"{status}","Appkey":"{appkey}"}}"#);
    let subject = about(completed("Completo", APPKEY));
    for same in [
        completed("Completo", APPKEY),
        completed("Error", APPKEY),
        format!(r#"{{"appkey":"{APPKEY}","status":"Completo"}}"#),
    ] {
        assert_eq!(about(same), subject);
    }
    assert_ne!(about(completed("Completo", "another key")), subject);
}

#[test]
fn a_completion_names_the_person_if_its_key_does() {
    let person = |claims: &str| {
        let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(claims);
        let body = format!(r#"{{"Status":"Completo","Appkey":"eyJhbGciOiJIUzI1NiJ9.{claims}.c2ln"}}"#);
        received(&CompletionWebhook::new(), &body).person
    };
    assert_eq!(
        person(r#"{"sub":"certiface","cpf":"52998224725"}"#),
        Some(Cpf::parse("52998224725").unwrap())
    );
    for claims in ["{}", r#"{"cpf":null}"#, r#"{"cpf":"11111111111"}"#, r#"{"cpf":{}}"#, "no claims", ""] {
        assert_eq!(person(claims), None, "{claims}");
    }
}

#[test]
fn an_unreadable_event_is_kept() {
    let webhook = CompletionWebhook::new();
    for garbage in ["", "{}", "[]", "<html>", r#"{"Status":"Completo"}"#, r#"{"Status":1,"Appkey":{}}"#] {
        let event = received(&webhook, garbage);
        assert_eq!(
            (event.is_final, event.operations.len(), event.payload.expose()),
            (false, 0, garbage.as_bytes())
        );
        assert_eq!((event.event_type, event.event_id, event.subject), (WebhookEvent::UNREADABLE, None, None));
    }
    // An unknown status is a reason to poll, too.
    let event = received(&webhook, &format!(r#"{{"Status":"Concluído","Appkey":"{APPKEY}"}}"#));
    assert!(event.is_final && event.concerns(&Appkey::new(APPKEY).operation_id()));
}

#[test]
fn only_the_secret_path_is_accepted() {
    let webhook = CompletionWebhook::new().with_secret_path(format!("/{SECRET}/\n")).unwrap();
    let at = |url: &str| webhook.receive(&delivered(COMPLETION.body).at_url(url));
    for good in [
        format!("https://example.com/hooks/{SECRET}"),
        format!("https://example.com/hooks/{SECRET}/"),
        format!("/{SECRET}?from=certiface"),
    ] {
        let events = at(&good).unwrap();
        assert_eq!(webhook.check_sender(&head().at_url(&good)), Ok(()), "{good}");
        assert_eq!(events[0].trust, Trust::Hint, "a URL is not a signature");
    }
    for wrong in [
        "",
        "/",
        "https://example.com/hooks",
        "/hooks/agreed-secret-pat",
        "/hooks/agreed-secret-path2",
        "/hooks/AGREED-SECRET-PATH",
        "/agreed-secret-path/hooks",
        "/hooks?agreed-secret-path",
        "/hooks?x=/agreed-secret-path",
        "/hooks#/agreed-secret-path",
    ] {
        let refused = at(wrong).unwrap_err();
        assert_eq!((refused, refused.http_status()), (WebhookError::WrongSecret, 401), "{wrong}");
        assert_eq!(webhook.check_sender(&head().at_url(wrong)), Err(refused), "{wrong}");
    }
    assert_eq!(webhook.receive(&delivered(COMPLETION.body)).unwrap_err(), WebhookError::NoUrl);
    assert_eq!(webhook.check_sender(&head()), Err(WebhookError::NoUrl));
    assert_eq!(CompletionWebhook::new().check_sender(&head()), Ok(()), "without a secret path");
    for empty in ["", " ", "/"] {
        let error = CompletionWebhook::new().with_secret_path(empty).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
    }
}

#[tokio::test]
async fn a_webhook_wakes_the_wait_before_the_next_poll() {
    for outcome in [TestOutcome::Approved, TestOutcome::Failed] {
        let sandbox =
            Sandbox::builder().certiface_document_delay(Duration::from_millis(300)).start().await.unwrap();
        let inbox = Arc::new(Mutex::new(completions(&sandbox).await));
        let journey = submitted(&sandbox, test_cpf(outcome).unwrap()).await;
        let id = journey.appkey().operation_id();
        let waiting = journey.wait(MINUTE).unwrap().every(Duration::from_secs(30));
        let result = waiting.wake_on(hint(Arc::clone(&inbox), id)).await.unwrap();
        let failed = outcome == TestOutcome::Failed;
        let wanted = if failed { JourneyStatus::Error } else { JourneyStatus::Complete };
        assert_eq!(result.status, Some(wanted));
        assert_eq!(sandbox.certiface().requests(Operation::Result), 2, "polled, notified, polled");
        let events: Vec<_> = sandbox.certiface().deliveries().iter().map(|delivery| delivery.event).collect();
        assert_eq!(events, [if failed { "Error" } else { "Completo" }]);
    }
}

/// Waits until the condition holds, for 10 s at most.
async fn until(mut condition: impl FnMut() -> bool) {
    for _ in 0..2_000 {
        if condition() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("the condition never held");
}

/// Waits until the result was requested that many times, and for the response.
async fn polled(sandbox: &Sandbox, times: u64) {
    until(|| sandbox.certiface().requests(Operation::Result) == times).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
}

/// Anybody can send a hint: it costs a request and changes nothing.
#[tokio::test]
async fn a_forged_hint_only_causes_a_poll() {
    let sandbox = Sandbox::builder().clock(VirtualClock::frozen()).start().await.unwrap();
    let journey = submitted(&sandbox, APPROVED).await;
    let (forger, inbox) = unbounded_channel();
    let webhook = CompletionWebhook::new();
    let send = |status: &str| {
        let body = format!(r#"{{"Status":"{status}","Appkey":"{}"}}"#, journey.appkey().expose());
        forger.send(received(&webhook, &body)).unwrap();
    };
    let (inbox, id) = (Arc::new(Mutex::new(inbox)), journey.appkey().operation_id());
    let waiting = journey.wait(10 * MINUTE).unwrap().every(Duration::from_secs(300));
    let waiting = waiting.wake_on_each(move || hint(Arc::clone(&inbox), id.clone()));
    let (result, ()) = tokio::join!(waiting.into_future(), async {
        polled(&sandbox, 1).await;
        send("Error");
        polled(&sandbox, 2).await;
        // The real event, once the journey has ended.
        sandbox.clock().advance(Duration::from_secs(3));
        send("Completo");
    });
    assert_eq!(result.unwrap().status, Some(JourneyStatus::Complete));
    assert_eq!(sandbox.certiface().requests(Operation::Result), 3);
}

#[tokio::test]
async fn the_end_of_another_journey_wakes_no_wait() {
    let sandbox =
        Sandbox::builder().certiface_document_delay(Duration::from_millis(50)).start().await.unwrap();
    let mut inbox = completions(&sandbox).await;
    let one = submitted(&sandbox, APPROVED).await;
    let other = submitted(&sandbox, APPROVED).await;
    let (one, other) = (one.appkey().operation_id(), other.appkey().operation_id());
    let mut woken = 0;
    for _ in 0..2 {
        let event = inbox.recv().await.unwrap();
        assert_ne!(event.concerns(&one), event.concerns(&other));
        woken += u32::from(Completion::try_from(&event.payload).unwrap().wake::<()>(&one).is_some());
    }
    assert_eq!(woken, 1);

    // A wait does not react to a hint about another journey.
    let sandbox = Sandbox::builder().clock(VirtualClock::frozen()).start().await.unwrap();
    let journey = submitted(&sandbox, APPROVED).await;
    let (sender, inbox) = unbounded_channel();
    let foreign = format!(r#"{{"Status":"Completo","Appkey":"{APPKEY}"}}"#);
    sender.send(received(&CompletionWebhook::new(), &foreign)).unwrap();
    let (inbox, id) = (Arc::new(Mutex::new(inbox)), journey.appkey().operation_id());
    let waiting = journey.wait(MINUTE).unwrap().wake_on_each(move || hint(Arc::clone(&inbox), id.clone()));
    let ended = tokio::time::timeout(Duration::from_millis(300), waiting.into_future()).await;
    assert!(ended.is_err());
    assert_eq!(sandbox.certiface().requests(Operation::Result), 1);
}

#[tokio::test]
async fn repeated_deliveries_have_one_content() {
    let sandbox = Sandbox::builder().clock(VirtualClock::frozen()).start().await.unwrap();
    sandbox.certiface().duplicate_webhooks(true);
    let (url, mut inbox) = receiver(CompletionWebhook::new(), 1).await;
    sandbox.certiface().register_completion_webhook(&url).unwrap();
    let journey = submitted(&sandbox, APPROVED).await;
    sandbox.clock().advance(Duration::from_secs(3));
    let first = inbox.recv().await.unwrap();
    // The refused delivery is repeated.
    sandbox.clock().advance(Duration::from_secs(2));
    let second = inbox.recv().await.unwrap();
    assert_eq!(first.subject, second.subject);
    assert!(first.subject.is_some() && first.event_id.is_none());
    assert_eq!(first.payload.expose(), second.payload.expose());
    assert!(first.concerns(&journey.appkey().operation_id()));
    let is_taken = |delivery: &kyc_sandbox::Delivery| delivery.state == DeliveryState::Delivered;
    until(|| sandbox.certiface().deliveries().iter().all(is_taken)).await;
    let attempts: usize =
        sandbox.certiface().deliveries().iter().map(|delivery| delivery.attempts.len()).sum();
    assert_eq!((sandbox.certiface().deliveries().len(), attempts), (2, 3));
}

#[tokio::test]
async fn a_request_without_the_secret_is_refused() {
    let (url, mut inbox) = receiver(CompletionWebhook::new().with_secret_path(SECRET).unwrap(), 0).await;
    let post = |url: String| reqwest::Client::new().post(url).body(COMPLETION.body).send();
    let wrong = url.replace(SECRET, "guessed");
    assert_eq!(post(wrong).await.unwrap().status().as_u16(), 401);
    assert_eq!(post(url).await.unwrap().status().as_u16(), 200);
    assert!(inbox.recv().await.is_some() && inbox.try_recv().is_err());
}

fn update_from(source: &StatusWebhook, peer: &str) -> Result<Vec<WebhookEvent>, WebhookError> {
    source.receive(&delivered(STATUS_UPDATE.body).from_peer(peer.parse().unwrap()))
}

#[test]
fn only_allowed_addresses_are_accepted() {
    let listed = ["192.0.2.1", " 198.51.100.0/24 ", "2001:db8::1", "2001:db8:5::/48"];
    let webhook = StatusWebhook::new(listed).unwrap();
    let good = [
        "192.0.2.1",
        "198.51.100.0",
        "198.51.100.255",
        "2001:db8::1",
        "2001:db8:5:ffff::9",
        // An IPv4 address as a dual-stack socket reports it.
        "::ffff:192.0.2.1",
        "::ffff:198.51.100.7",
    ];
    for peer in good {
        assert_eq!(update_from(&webhook, peer).map(|events| events.len()), Ok(1), "{peer}");
        assert_eq!(webhook.check_sender(&head().from_peer(peer.parse().unwrap())), Ok(()), "{peer}");
    }
    for peer in
        ["192.0.2.2", "198.51.101.0", "2001:db8::2", "2001:db8:6::1", "127.0.0.1", "::1", "::ffff:192.0.2.2"]
    {
        let refused = update_from(&webhook, peer).unwrap_err();
        assert_eq!((refused, refused.http_status()), (WebhookError::PeerNotAllowed, 401), "{peer}");
        assert_eq!(webhook.check_sender(&head().from_peer(peer.parse().unwrap())), Err(refused), "{peer}");
    }
    // A header is not the sender's address.
    let claimed = WebhookRequest::new([("x-forwarded-for", "192.0.2.1")], STATUS_UPDATE.body);
    assert_eq!(webhook.receive(&claimed).unwrap_err(), WebhookError::NoPeer, "no peer");
    assert_eq!(webhook.check_sender(&claimed), Err(WebhookError::NoPeer));
    let foreign = claimed.from_peer(IpAddr::from([10, 0, 0, 1]));
    assert_eq!(webhook.receive(&foreign).unwrap_err(), WebhookError::PeerNotAllowed);
}

#[test]
fn an_allow_list_is_required() {
    for wrong in [&[][..], &["certiface.com.br"], &["192.0.2.1", "192.0.2.300"], &["192.0.2.0/33"], &[""]] {
        let error = StatusWebhook::new(wrong).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{wrong:?}");
        assert!(!error.to_string().contains("192.0.2"), "{error}");
    }
    let mut config = Config::new("login", "password");
    assert!(StatusWebhook::new(&config.webhook.status_peers).is_err(), "nobody by default");
    config.webhook.status_peers = vec!["192.0.2.1".to_owned()];
    assert!(update_from(&StatusWebhook::new(&config.webhook.status_peers).unwrap(), "192.0.2.1").is_ok());
}

#[test]
fn a_status_update_is_decoded() {
    let webhook = StatusWebhook::new(["192.0.2.1"]).unwrap();
    let event = update_from(&webhook, "192.0.2.1").unwrap().remove(0);
    // An address is not a signature, and the page names no operation to query.
    assert_eq!((event.trust, event.operations.len()), (Trust::KnownPeer, 0));
    assert_eq!((event.event_type, &event.event_id), ("status-update", &None));
    assert_eq!(event.subject.as_deref(), Some("202200998977"));
    let update = StatusUpdate::try_from(&event.payload).unwrap();
    assert_eq!(update.cpf.as_ref().map(Lenient::text), Some("00011122233"), "its zeros are kept");
    assert!(!format!("{event:?} {update:?}").contains("11122233"));
    for garbage in ["", "{}", "[]", r#"{"cpf": 00011122233}"#, r#"{"cpf": 0001x}"#] {
        let request = delivered(garbage).from_peer(IpAddr::from([192, 0, 2, 1]));
        let event = webhook.receive(&request).unwrap().remove(0);
        assert_eq!((event.is_final, event.payload.expose()), (false, garbage.as_bytes()));
        assert_eq!((event.event_type, event.event_id, event.subject), (WebhookEvent::UNREADABLE, None, None));
    }
}

/// Both forms of a CPF over a socket, from an allowed address and from another.
#[tokio::test]
async fn status_updates_of_the_sandbox_are_decoded() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let (url, mut inbox) = receiver(StatusWebhook::new(["127.0.0.0/8", "::1"]).unwrap(), 0).await;
    assert!(sandbox.certiface().send_status_update(&Sent::new("202600100001", "00011122233")).is_err());
    sandbox.certiface().register_status_webhook(&url).unwrap();
    for form in [CpfForm::BareNumber, CpfForm::Text] {
        for cpf in ["00011122233", "52998224725", "00000000191"] {
            let mut sent = Sent::new("202600100001", cpf);
            sent.cpf_form = form;
            sandbox.certiface().send_status_update(&sent).unwrap();
            let event = inbox.recv().await.unwrap();
            let update = StatusUpdate::try_from(&event.payload).unwrap();
            assert_eq!(update.cpf.as_ref().map(Lenient::text), Some(cpf), "{form:?}");
            let text = |text: &Option<RedactedText>| text.as_ref().map(|text| text.as_str().to_owned());
            assert_eq!(text(&update.protocolo).as_deref(), Some("202600100001"));
            assert_eq!(update.novo_status, Some(FraudStatus::Suspected));
            assert_eq!(text(&update.descricao).as_deref(), Some("Suspeita Fraude"));
            assert_eq!(event.subject.as_deref(), Some("202600100001"));
            assert_eq!(event.person, Cpf::parse(cpf).ok());
        }
    }
    let mut other = Sent::new("202600100001", "00011122233");
    other.novo_status = "OK".to_owned();
    sandbox.certiface().send_status_update(&other).unwrap();
    assert_eq!(inbox.recv().await.unwrap().subject.as_deref(), Some("202600100001"));

    let (url, mut inbox) = receiver(StatusWebhook::new(["192.0.2.1"]).unwrap(), 0).await;
    sandbox.certiface().register_status_webhook(&url).unwrap();
    sandbox.certiface().send_status_update(&other).unwrap();
    until(|| !sandbox.certiface().deliveries().last().unwrap().attempts.is_empty()).await;
    assert_eq!(sandbox.certiface().deliveries().last().unwrap().attempts[0].http_status, Some(401));
    assert!(inbox.try_recv().is_err());
}

#[test]
fn unknown_fields_are_reported_once_and_accepted() {
    let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
    let told = Arc::clone(&seen);
    let completion = CompletionWebhook::new().on_unknown_field(move |field| {
        told.lock().unwrap().push(format!("{}: {}", field.operation, field.path))
    });
    let told = Arc::clone(&seen);
    let status = StatusWebhook::new(["192.0.2.1"]).unwrap().on_unknown_field(move |field| {
        told.lock().unwrap().push(format!("{}: {}", field.operation, field.path))
    });
    for _ in 0..2 {
        received(&completion, &format!(r#"{{"Status":"Completo","Appkey":"{APPKEY}","Novo":1}}"#));
        let body = r#"{"protocolo":"1","cpf":00011122233,"novo":{"cpf":1}}"#;
        let request = delivered(body).from_peer(IpAddr::from([192, 0, 2, 1]));
        assert_eq!(status.receive(&request).unwrap().len(), 1);
    }
    assert_eq!(*seen.lock().unwrap(), ["completion: Novo", "status-update: novo"]);
}

fn status_webhook() -> StatusWebhook {
    StatusWebhook::new(["192.0.2.1"]).unwrap()
}

fn updated(webhook: &StatusWebhook, body: impl Into<axum::body::Bytes>, content_type: &str) -> WebhookEvent {
    let request = WebhookRequest::new([("content-type", content_type)], body.into());
    webhook.receive(&request.from_peer(IpAddr::from([192, 0, 2, 1]))).unwrap().remove(0)
}

/// Suspected, cleared, suspected again: the third update is news, though it says the same as the first. All have one subject and
/// none has an id, so that each is compared with the one before it.
#[test]
fn a_status_that_returns_is_not_a_duplicate() {
    let updates = ["RES", "OK", "RES"].map(|status| {
        let body = format!(r#"{{"protocolo":" 202200998977","cpf":52998224725,"novoStatus":"{status}"}}"#);
        updated(&status_webhook(), body, "application/json")
    });
    for update in &updates {
        assert_eq!((update.event_id.as_deref(), update.subject.as_deref()), (None, Some("202200998977")));
        assert_eq!(update.person, Some(Cpf::parse("52998224725").unwrap()));
    }
    assert_ne!(updates[1].payload.expose(), updates[0].payload.expose());
    assert_ne!(updates[2].payload.expose(), updates[1].payload.expose());
}

#[test]
fn ids_in_events_are_trimmed() {
    let webhook = CompletionWebhook::new();
    let id = Appkey::new(APPKEY).operation_id();
    let usual = received(&webhook, &format!(r#"{{"Status":"Completo","Appkey":"{APPKEY}"}}"#));
    for (status, appkey) in [
        ("Completo", format!("{APPKEY} ")),
        (" Completo", format!(" {APPKEY}\\n")),
        ("Completo", format!("\\t{APPKEY}")),
    ] {
        let event = received(&webhook, &format!(r#"{{"Status":"{status}","Appkey":"{appkey}"}}"#));
        assert!(event.concerns(&id), "{appkey}");
        assert_eq!(Completion::try_from(&event.payload).unwrap().wake::<()>(&id), Some(Wake::Query));
        assert_eq!(event.subject, usual.subject);
    }
    for protocol in ["\"\"", "\" \"", "{}", "[]", "null"] {
        let event = updated(&status_webhook(), format!(r#"{{"protocolo":{protocol}}}"#), "application/json");
        assert!(event.event_type == WebhookEvent::UNREADABLE && !event.is_final, "{protocol}");
        assert_eq!(event.subject, None, "{protocol}");
    }
}

/// Read by position, a list would pass for a completion.
#[test]
fn a_list_is_not_a_completion() {
    for body in [r#"["Completo","key"]"#, r#"[["Completo","key"]]"#, r#"["Error","eyJ.a.b"]"#] {
        let event = received(&CompletionWebhook::new(), body);
        assert!(event.operations.is_empty() && !event.is_final, "{body}");
        assert!(Completion::try_from(&event.payload).is_err(), "{body}");
    }
}

#[test]
fn odd_leaves_of_events_are_accepted() {
    let event = received(&CompletionWebhook::new(), &format!(r#"{{"Status":{{}},"Appkey":"{APPKEY}"}}"#));
    assert!(event.is_final && event.concerns(&Appkey::new(APPKEY).operation_id()));
    let body = r#"{"protocolo":202200998977,"cpf":{},"novoStatus":[],"descricao":{"a":1}}"#;
    let event = updated(&status_webhook(), body, "application/json");
    let update = StatusUpdate::try_from(&event.payload).unwrap();
    assert_eq!(update.protocolo.as_ref().map(RedactedText::as_str), Some("202200998977"));
}

#[test]
fn events_in_other_charsets() {
    let latin = b"{\"protocolo\":\"1\",\"cpf\":00011122233,\"descricao\":\"Suspei\xE7\xE3o\"}";
    for (body, content_type, description) in [
        (latin.to_vec(), "application/json;charset=ISO-8859-1", "Suspeição"),
        (latin.to_vec(), "application/json; charset=windows-1252", "Suspeição"),
        ("\u{feff}{\"protocolo\":\"1\",\"descricao\":\"é\"}".into(), "application/json", "é"),
        (b"{\"protocolo\":\"1\",\"descricao\":\"two\nlines\"}".to_vec(), "application/json", "two\nlines"),
    ] {
        let event = updated(&status_webhook(), body, content_type);
        assert!(event.is_final, "{description}");
        let update = StatusUpdate::try_from(&event.payload).unwrap();
        assert_eq!(update.descricao.as_ref().map(RedactedText::as_str), Some(description));
    }
    let body = format!("\u{feff}{{\"Status\":\"Completo\",\"Appkey\":\"{APPKEY}\"}}");
    let event = received(&CompletionWebhook::new(), &body);
    assert!(event.concerns(&Appkey::new(APPKEY).operation_id()));
}

#[test]
fn a_large_event_is_refused_before_it_is_read() {
    let large = format!(r#"{{"Status":"Completo","Appkey":"{APPKEY}"{}}}"#, " ".repeat(64 * 1024));
    let webhook = CompletionWebhook::new();
    let refused = webhook.receive(&delivered(&large)).unwrap_err();
    assert_eq!((refused, refused.http_status()), (WebhookError::TooLarge, 413));
    // Before the sender is looked at, too.
    let secret = CompletionWebhook::new().with_secret_path(SECRET).unwrap();
    assert_eq!(secret.receive(&delivered(&large)).unwrap_err(), WebhookError::TooLarge);
    assert_eq!(status_webhook().receive(&delivered(&large)).unwrap_err(), WebhookError::TooLarge);
    let most = format!("{}{}", COMPLETION.body, " ".repeat(64 * 1024 - COMPLETION.body.len()));
    assert!(webhook.receive(&delivered(&most)).is_ok());
}

/// Keys of a stranger do not silence the report of a real change, neither here nor at another receiver.
#[test]
fn strangers_do_not_use_up_the_reports() {
    let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
    let told = Arc::clone(&seen);
    let webhook =
        CompletionWebhook::new().on_unknown_field(move |field| told.lock().unwrap().push(field.path.clone()));
    for number in 0..1_000 {
        received(&webhook, &format!(r#"{{"Status":"Completo","Appkey":"{APPKEY}","k{number}":1}}"#));
    }
    received(&webhook, &format!(r#"{{"Status":"Completo","Appkey":"{APPKEY}","Novo":1}}"#));
    assert_eq!(seen.lock().unwrap().last().map(String::as_str), Some("Novo"));
}

#[test]
fn allow_lists_that_cannot_work_are_refused() {
    for (peers, rule) in [
        (vec![], "status_peers: must not be empty"),
        (vec!["0.0.0.0/0"], "status_peers, entry 1: must not match every sender"),
        (vec!["192.0.2.1", "::/0"], "status_peers, entry 2: must not match every sender"),
        (vec!["10.0.0.0/0"], "status_peers, entry 1: must not match every sender"),
        (
            vec!["0.0.0.0/1", "192.0.2.1", "128.0.0.0/1"],
            "status_peers: must not match every sender: its entries do together",
        ),
        (vec!["::/1", "8000::/1"], "status_peers: must not match every sender: its entries do together"),
        (
            vec!["::ffff:192.0.2.1"],
            "status_peers, entry 1: can never match: write an IPv4-mapped address as IPv4",
        ),
        (
            vec!["::ffff:0:0/96"],
            "status_peers, entry 1: can never match: write an IPv4-mapped address as IPv4",
        ),
        (
            vec!["192.0.2.1", " ::ffff:198.51.100.0/120"],
            "status_peers, entry 2: can never match: write an IPv4-mapped address as IPv4",
        ),
        (vec!["0.0.0.0"], "status_peers, entry 1: can never match: it is not the address of a sender"),
        (vec!["::"], "status_peers, entry 1: can never match: it is not the address of a sender"),
        (
            vec!["255.255.255.255"],
            "status_peers, entry 1: can never match: it is not the address of a sender",
        ),
        (vec!["224.0.0.1"], "status_peers, entry 1: can never match: it is not the address of a sender"),
        (vec!["ff02::/16"], "status_peers, entry 1: can never match: it is not the address of a sender"),
        (vec!["192.0.2.1:443"], "status_peers, entry 1: must be an IP address or a network"),
        (vec!["fe80::1%eth0"], "status_peers, entry 1: must be an IP address or a network"),
        (vec!["*"], "status_peers, entry 1: must be an IP address or a network"),
        (vec!["192.0.2.1", ""], "status_peers, entry 2: must be an IP address or a network"),
    ] {
        let error = StatusWebhook::new(&peers).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{peers:?}");
        assert!(error.to_string().starts_with(&format!("certiface: {rule};")), "{error}");
    }
    for peers in [vec!["10.0.0.0/8"], vec!["0.0.0.0/1"], vec!["::1"], vec!["2001:db8::/32", "192.0.2.1"]] {
        assert!(StatusWebhook::new(&peers).is_ok(), "{peers:?}");
    }
}

#[test]
fn secret_paths_that_can_never_match_are_refused() {
    for (secret, rule) in [
        ("", "must not be empty"),
        ("/", "must not be empty"),
        ("a/b", "must be one segment of a path, without a slash"),
        ("/hooks/secret", "must be one segment of a path, without a slash"),
        ("https://example.com/secret", "must be one segment of a path, without a slash"),
        (".", "must not be a dot segment"),
        ("..", "must not be a dot segment"),
        ("secret?x=1", "must hold only letters"),
        ("secret#x", "must hold only letters"),
        ("two words", "must hold only letters"),
        ("tab\tinside", "must hold only letters"),
        ("100%", "must hold only letters"),
        ("a%2Fb", "must hold only letters"),
        ("ação", "must hold only letters"),
        ("back\\slash", "must hold only letters"),
        ("{secret}", "must hold only letters"),
    ] {
        let error = CompletionWebhook::new().with_secret_path(secret).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{secret:?}");
        assert!(error.to_string().starts_with(&format!("certiface: secret_path: {rule}")), "{error}");
    }
    for secret in ["f3a1c7d0b2", "a.b", "a-b_c~d", "a+b=c", "/agreed/"] {
        let webhook = CompletionWebhook::new().with_secret_path(secret).unwrap();
        let url = format!("https://example.com/hooks/{}", secret.trim_matches('/'));
        assert!(webhook.receive(&delivered(COMPLETION.body).at_url(url)).is_ok(), "{secret}");
    }
}
