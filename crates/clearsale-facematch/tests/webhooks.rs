//! The webhook: its authentication, its events, and the operations that it completes.

use std::net::IpAddr;
use std::time::Duration;

use clearsale_facematch::kyc_core::{
    Cpf, ErrorKind, FaceMatcher, OperationId, Trust, WebhookError, WebhookEvent, WebhookRequest,
    WebhookSource,
};
use clearsale_facematch::{Notification, Outcome, Transaction, TransactionId, TransactionStatus, Webhook};
use kyc_fixtures::clearsale_facematch::WEBHOOK;
use kyc_sandbox::clearsale::Operation;
use kyc_sandbox::{Fault, Sandbox};
use tokio::sync::mpsc::UnboundedReceiver;

use crate::support::{WEBHOOK_SECRET, hurried, receive_webhooks, request};

type Inbox = UnboundedReceiver<WebhookEvent>;

fn with_authorization(value: &str) -> WebhookRequest {
    WebhookRequest::new([("Authorization", value)], WEBHOOK.body).from_peer(IpAddr::from([127, 0, 0, 1]))
}

/// A request before its body is read.
fn head(authorization: &str) -> WebhookRequest {
    WebhookRequest::new([("Authorization", authorization)], "")
}

/// Reads a body from an authenticated sender.
fn read(body: &str) -> WebhookEvent {
    let webhook = Webhook::new(WEBHOOK_SECRET).unwrap();
    let headers = [("authorization", format!("Bearer {WEBHOOK_SECRET}"))];
    webhook.receive(&WebhookRequest::new(headers, body.to_owned())).unwrap().remove(0)
}

#[test]
fn only_the_shared_secret_is_accepted() {
    let webhook = Webhook::new(WEBHOOK_SECRET).unwrap();
    let good = format!("Bearer {WEBHOOK_SECRET}");
    assert_eq!(webhook.receive(&with_authorization(&good)).unwrap().len(), 1);
    assert!(webhook.receive(&with_authorization(&format!("bearer {WEBHOOK_SECRET}"))).is_ok());
    let missing = WebhookError::MissingHeader("authorization");
    let near = [
        ("".to_owned(), missing),
        ("Bearer".to_owned(), missing),
        ("Bearer ".to_owned(), WebhookError::WrongSecret),
        (WEBHOOK_SECRET.to_owned(), missing),
        (format!("Basic {WEBHOOK_SECRET}"), missing),
        (format!("{good}x"), WebhookError::WrongSecret),
        (good[..good.len() - 1].to_owned(), WebhookError::WrongSecret),
        (good.to_uppercase(), WebhookError::WrongSecret),
    ];
    for (wrong, reason) in near {
        let refused = webhook.receive(&with_authorization(&wrong)).unwrap_err();
        assert_eq!((refused, refused.http_status()), (reason, 401), "{wrong}");
        assert_eq!(webhook.check_sender(&head(&wrong)), Err(reason), "{wrong}");
    }
    assert_eq!(webhook.check_sender(&head(&good)), Ok(()));
    let twice = WebhookRequest::new([("authorization", &good), ("Authorization", &good)], WEBHOOK.body);
    assert_eq!(webhook.receive(&twice).unwrap_err(), missing);
    let none = WebhookRequest::new([("x", "y")], WEBHOOK.body);
    assert_eq!(webhook.receive(&none).unwrap_err(), missing);
    for empty in ["", "  "] {
        assert_eq!(Webhook::new(empty).unwrap_err().kind(), ErrorKind::Config);
    }
}

#[test]
fn an_event_names_its_operation() {
    let webhook = Webhook::new(WEBHOOK_SECRET).unwrap();
    let event = read(WEBHOOK.body);
    assert_eq!((event.event_type, &event.event_id), ("transaction", &None));
    assert_eq!(event.subject.as_deref(), Some("498ec397-8529-454a-ac7b-d1628d6074ed"));
    assert_eq!(event.person, Some(Cpf::parse("12345678909").unwrap()));
    assert_eq!((event.trust, event.is_final, webhook.accepted_status()), (Trust::SharedSecret, true, 200));
    assert_eq!(event.operations.len(), 2, "by id and by reference");
    let printed = format!("{event:?}");
    for hidden in ["12345678909", "498ec397", "498EC397"] {
        assert!(!printed.contains(hidden), "{printed}");
    }
}

/// The content tells a repeated delivery, compared with the latest one of the same subject.
#[test]
fn all_events_of_a_transaction_have_one_subject() {
    let event = |id: &str, status: &str| {
        read(&format!(
            r#"{{"transactionId":"{id}","identifierId":"order-1","transactionStatus":"{status}"}}"#
        ))
    };
    let subject = Some("498ec397-8529-454a-ac7b-d1628d6074ed");
    for (id, status, is_final) in [
        ("498ec3978529454aac7bd1628d6074ed", "Processing", false),
        ("498EC397-8529-454A-AC7B-D1628D6074ED", "Success", true),
        ("498ec3978529454aac7bd1628d6074ed", "Processing", false),
    ] {
        let event = event(id, status);
        assert_eq!((event.subject.as_deref(), event.is_final), (subject, is_final), "{id}");
    }
    assert_ne!(event("00000000000000000000000000000001", "Success").subject.as_deref(), subject);
}

#[test]
fn an_event_without_a_transaction_id_is_about_its_reference() {
    const GUID: &str = "498ec397-8529-454a-ac7b-d1628d6074ed";
    for id in ["", r#""transactionId":"","#, r#""transactionId":null,"#] {
        let event = read(&format!(r#"{{{id}"identifierId":"{GUID}","transactionStatus":"Success"}}"#));
        let operation = OperationId::by_reference(clearsale_facematch::VENDOR, "match2d-2d", GUID);
        assert_eq!(event.operations, std::slice::from_ref(&operation), "{id}");
        assert!(event.event_type == "transaction" && event.is_final, "{id}");
        // A reference that looks like a transaction's id is not that transaction.
        assert!(event.subject.is_some_and(|subject| subject != GUID), "{id}");
        assert!(Notification::try_from(&event.payload).unwrap().wake(&operation).is_some(), "{id}");
    }
    let nobody = read(r#"{"identifierId":" ","cPF":"12345678909","transactionStatus":"Success"}"#);
    assert_eq!((nobody.event_type, nobody.subject, nobody.is_final), (WebhookEvent::UNREADABLE, None, false));
    assert!(nobody.operations.is_empty());
    assert_eq!(nobody.person, Some(Cpf::parse("12345678909").unwrap()), "whose data it holds is known");
}

#[test]
fn an_authentic_unreadable_event_is_kept() {
    let webhook = Webhook::new(format!("{WEBHOOK_SECRET}\n")).unwrap();
    for garbage in ["", "{}", "[]", "<html>", "{\"transactionId\":{}}"] {
        let request = WebhookRequest::new([("authorization", format!("Bearer {WEBHOOK_SECRET}"))], garbage);
        let event = webhook.receive(&request).unwrap().remove(0);
        assert_eq!(
            (event.is_final, event.operations.len(), event.payload.expose()),
            (false, 0, garbage.as_bytes())
        );
        assert_eq!((event.event_type, event.event_id, event.subject), (WebhookEvent::UNREADABLE, None, None));
    }
}

/// Waits for the webhook that completes an operation.
async fn wake(
    inbox: &mut Inbox,
    id: &clearsale_facematch::kyc_core::OperationId,
) -> clearsale_facematch::kyc_core::Wake<Transaction> {
    loop {
        let event = inbox.recv().await.unwrap();
        if let Some(wake) = Notification::try_from(&event.payload).unwrap().wake(id) {
            return wake;
        }
    }
}

#[tokio::test]
async fn a_submission_without_a_response_is_completed_by_the_webhook() {
    for fault in [Fault::hang(), Fault::close(), Fault::cut_body(), Fault::truncated_json(), Fault::html(502)]
    {
        let sandbox =
            Sandbox::builder().clearsale_match_delay(Duration::from_millis(50)).start().await.unwrap();
        let mut inbox = receive_webhooks(&sandbox).await;
        sandbox.clearsale().fault(fault.clone().on(Operation::Match).after_effect());
        let client = hurried(&sandbox);
        let error = client.match2d_2d(&request()).await.unwrap_err();
        assert!(error.may_have_landed(), "{fault:?}");
        // As another process would read it.
        let id =
            clearsale_facematch::kyc_core::OperationId::from_token(&error.operation_id().unwrap().to_token())
                .unwrap();
        let waiting = client.wait(&id, Duration::from_secs(20)).unwrap();
        let transaction = waiting.wake_on(wake(&mut inbox, &id)).await.unwrap();
        assert!(matches!(transaction.outcome(), Outcome::Match(_)), "{fault:?}");
        assert_eq!(sandbox.clearsale().requests(Operation::Match), 1, "{fault:?}: never sent again");
        assert_eq!(sandbox.clearsale().paid_calls(), 1, "{fault:?}");
    }
}

#[tokio::test]
async fn the_webhook_arrives_before_the_next_query() {
    let sandbox = Sandbox::builder().clearsale_match_delay(Duration::from_millis(100)).start().await.unwrap();
    let mut inbox = receive_webhooks(&sandbox).await;
    let client = hurried(&sandbox);
    let id = client.match2d_2d(&request()).await.unwrap().value().operation_id();
    let waiting = client.wait(&id, Duration::from_secs(60)).unwrap().every(Duration::from_secs(30));
    let transaction = waiting.wake_on(wake(&mut inbox, &id)).await.unwrap();
    assert!(matches!(transaction.outcome(), Outcome::Match(_)));
    assert_eq!(sandbox.clearsale().requests(Operation::Query), 1, "one query, then the webhook");
}

#[tokio::test]
async fn only_the_final_event_of_the_operation_wakes_a_waiter() {
    let sandbox = Sandbox::builder().clearsale_match_delay(Duration::from_millis(50)).start().await.unwrap();
    let mut inbox = receive_webhooks(&sandbox).await;
    let client = hurried(&sandbox);
    let id = client.match2d_2d(&request()).await.unwrap().value().operation_id();
    let other =
        client.match2d_2d(&request().with_identifier_id("order-2")).await.unwrap().value().operation_id();
    let (mut woken, mut seen) = (0, 0);
    while seen < 4 {
        let event = inbox.recv().await.unwrap();
        seen += 1;
        assert_ne!(event.concerns(&id), event.concerns(&other));
        assert_eq!(event.subject.as_deref() == Some(id.value()), event.concerns(&id));
        let notification = Notification::try_from(&event.payload).unwrap();
        let is_success = notification.transaction_status == Some(TransactionStatus::Success);
        assert_eq!(event.is_final, is_success);
        woken += u32::from(notification.wake(&id).is_some());
    }
    assert_eq!(woken, 1);
}

#[tokio::test]
async fn polling_completes_without_a_webhook_and_ends_at_the_timeout() {
    let sandbox = Sandbox::builder().clearsale_match_delay(Duration::from_millis(300)).start().await.unwrap();
    let client = hurried(&sandbox);
    let slow = request().with_cpf(Cpf::parse("90000002038").unwrap());
    let id = client.match2d_2d(&slow).await.unwrap().value().operation_id();
    let mut reports = 0;
    let waiting = client.wait(&id, Duration::from_secs(1)).unwrap().every(Duration::from_millis(300));
    let error = waiting.on_pending(|_| reports += 1).await.unwrap_err();
    assert_eq!((error.kind(), error.operation_id()), (ErrorKind::Timeout, Some(&id)));
    assert!(reports >= 3, "{reports}");
    sandbox.clock().advance(Duration::from_secs(60));
    let transaction = client.wait(&id, Duration::from_secs(5)).unwrap().await.unwrap();
    assert!(matches!(transaction.outcome(), Outcome::Match(_)));
}

#[tokio::test]
async fn foreign_ids_and_references_cannot_be_queried() {
    use clearsale_facematch::kyc_core::Vendor;
    let sandbox = Sandbox::builder().start().await.unwrap();
    let client = hurried(&sandbox);
    let foreign = OperationId::by_id(Vendor::new("other"), "match", "1");
    assert_eq!(client.wait(&foreign, Duration::from_secs(1)).unwrap_err().kind(), ErrorKind::Unsupported);
    assert_eq!(client.face_match_result(&foreign).await.unwrap_err().kind(), ErrorKind::Unsupported);
    let reference = OperationId::by_reference(clearsale_facematch::VENDOR, "match2d-2d", "order-1");
    assert_eq!(client.face_match_result(&reference).await.unwrap_err().kind(), ErrorKind::Unsupported);
    let error = client.wait(&reference, Duration::from_millis(200)).unwrap().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "only a webhook can complete it");
    assert_eq!(sandbox.clearsale().requests(Operation::Query), 0);
    assert_eq!(TransactionId::new(foreign.value()).as_str(), "1");
}

#[test]
fn any_charset_is_read_and_size_is_limited() {
    let webhook = Webhook::new(WEBHOOK_SECRET).unwrap();
    let bearer = format!("Bearer {WEBHOOK_SECRET}");
    let receive = |content_type: &str, body: Vec<u8>| {
        let headers = [("Authorization", bearer.as_str()), ("Content-Type", content_type)];
        webhook.receive(&WebhookRequest::new(headers, body)).map(|mut events| events.remove(0))
    };
    let json = r#"{"identifierId":"JOÃO","transactionId":" 498EC3978529454AAC7BD1628D6074ED","transactionStatus":"Success"}"#;
    let latin: Vec<u8> = json.chars().map(|character| u8::try_from(u32::from(character)).unwrap()).collect();
    let utf16: Vec<u8> =
        "\u{feff}".chars().chain(json.chars()).flat_map(|c| (c as u16).to_le_bytes()).collect();
    for (content_type, body) in [
        ("application/json;charset=ISO-8859-1", latin.clone()),
        ("application/json", latin),
        ("application/json", utf16),
        ("application/json", format!("\u{feff}{json}").into_bytes()),
    ] {
        let event = receive(content_type, body).unwrap();
        let notification = Notification::try_from(&event.payload).unwrap();
        assert_eq!(notification.identifier_id.as_ref().unwrap().as_str(), "JOÃO", "{content_type}");
        assert_eq!(event.operations[0].value(), "498ec397-8529-454a-ac7b-d1628d6074ed");
    }
    let large = vec![b' '; Trust::SharedSecret.max_body_bytes() + 1];
    assert_eq!(receive("application/json", large).unwrap_err(), WebhookError::TooLarge);
}
