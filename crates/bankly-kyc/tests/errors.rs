//! Each documented failure as an error: kind, delivery, the vendor's code and message, the number of requests.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bankly_kyc::kyc_core::{ClientOptions, Delivery, Error, ErrorKind, Secret};
use bankly_kyc::{Client, CompanyDocument, Credentials, MessageState, ResultLevel, WebhookTarget};
use kyc_fixtures::{Fixture, bankly_kyc as documented};
use wiremock::matchers::{any, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::requests::{cnpj, day, passphrase, pdf, webhook};
use crate::support::{builder, client, cpf, options, selfie, transport};

const TOKEN: &str = "/connect/token";

/// The operations, and whether a repetition has an effect.
const OPERATIONS: [(&str, bool); 15] = [
    ("upload", true),
    ("upload-deepface", true),
    ("upload-company", true),
    ("status", false),
    ("webhook-create", true),
    ("webhook-list", false),
    ("webhook-get", false),
    ("webhook-update", false),
    ("webhook-enable", false),
    ("webhook-disable", false),
    ("webhook-delete", false),
    ("messages", false),
    ("message-resend", false),
    ("certificate", true),
    ("register", true),
];

/// Starts a server that issues tokens and sends this response to every other request.
async fn answering(answer: ResponseTemplate) -> (MockServer, Client) {
    let server = MockServer::start().await;
    let token = ResponseTemplate::new(200).set_body_string(documented::LEGACY_TOKEN_200.body);
    Mock::given(path(TOKEN)).respond_with(token).mount(&server).await;
    Mock::given(any()).respond_with(answer).mount(&server).await;
    let client = client(&server.uri());
    (server, client)
}

fn with(status: u16, body: &str) -> ResponseTemplate {
    ResponseTemplate::new(status)
        .set_body_raw(body, "application/json")
        .insert_header("x-bkly-correlation-id", "theirs")
}

async fn call(client: &Client, operation: &str) -> Result<(), Error> {
    match operation {
        "upload" => client.upload(&cpf(), &selfie()).await.map(drop),
        "upload-deepface" => client.upload_deepface(&cpf(), &selfie().with_unico("unico")).await.map(drop),
        "upload-company" => {
            client.upload_company(&cnpj(), &CompanyDocument::BalanceSheet, &pdf()).await.map(drop)
        }
        "status" => client.analyses(&cpf(), &[], ResultLevel::Detailed).await.map(drop),
        "webhook-create" => client.create_webhook(&webhook()).await.map(drop),
        "webhook-list" => client.webhooks(1).await.map(drop),
        "webhook-get" => client.webhook("id").await.map(drop),
        "webhook-update" => {
            let target = WebhookTarget::new("https://hooks.example.com/b", "public", "dGVzdGU=".to_owned());
            client.update_webhook("id", &target).await.map(drop)
        }
        "webhook-enable" => client.enable_webhook("id").await.map(drop),
        "webhook-disable" => client.disable_webhook("id").await.map(drop),
        "webhook-delete" => client.delete_webhook("id").await.map(drop),
        "messages" => {
            let day = day("2022-06-29");
            client.messages(day, day, &MessageState::Failed, 1).await.map(drop)
        }
        "message-resend" => client.resend("key").await.map(drop),
        "certificate" => client.request_certificate("company_key", &passphrase(), 1).await.map(drop),
        "register" => {
            client.register("CN=a", "company_key", &["kyc.document.read".to_owned()]).await.map(drop)
        }
        other => panic!("{other}"),
    }
}

/// Returns the number of token requests and of other requests.
async fn counts(server: &MockServer) -> (usize, usize) {
    let requests = server.received_requests().await.unwrap();
    let tokens = requests.iter().filter(|request| request.url.path().ends_with("/token")).count();
    (tokens, requests.len() - tokens)
}

fn facts(error: &Error) -> (ErrorKind, Delivery, Option<u16>, Option<&str>, Option<&str>) {
    (error.kind(), error.delivery(), error.http_status(), error.vendor_code(), error.vendor_message())
}

fn violations(error: &Error) -> Vec<(&str, &str)> {
    error
        .violations()
        .iter()
        .map(|violation| (violation.field.as_str(), violation.message.as_str()))
        .collect()
}

#[tokio::test]
async fn failed_logins() {
    use ErrorKind::{Forbidden, Rejected, Unauthenticated, Unavailable};
    let only = |code: &str| format!("{{\"error\":\"{code}\"}}");
    let described = r#"{"error":"invalid_scope","error_description":"d"}"#;
    let rows = [
        (400, documented::TOKEN_400.body.to_owned(), Unauthenticated, Some("invalid_client"), 1),
        (400, documented::LEGACY_TOKEN_400.body.to_owned(), Unauthenticated, Some("invalid_credentials"), 1),
        (400, only("unauthorized_client"), Unauthenticated, Some("unauthorized_client"), 1),
        (401, only("invalid_client"), Unauthenticated, Some("invalid_client"), 1),
        (400, described.to_owned(), Forbidden, Some("invalid_scope"), 1),
        (400, only("unsupported_grant_type"), Rejected, Some("unsupported_grant_type"), 1),
        (400, String::new(), Rejected, None, 1),
        (403, String::new(), Forbidden, None, 1),
        // A login costs nothing, so it is retried.
        (500, String::new(), Unavailable, None, 3),
        (503, only("temporarily_unavailable"), Unavailable, Some("temporarily_unavailable"), 3),
    ];
    for (status, body, kind, code, logins) in rows {
        let by_certificate = Credentials::by_certificate("client-id".to_owned());
        let by_secret = Credentials::by_secret("client-id".to_owned(), "client-secret".to_owned());
        for credentials in [by_certificate, by_secret] {
            let server = MockServer::start().await;
            Mock::given(any()).respond_with(with(status, &body)).mount(&server).await;
            let builder = Client::builder(credentials).base_url(&server.uri()).auth_url(&server.uri());
            let client = builder.options(options()).build().unwrap();
            let error = call(&client, "upload").await.unwrap_err();
            // The image is not sent after a failed login.
            let words = body.contains("_description").then(|| error.vendor_message().unwrap().to_owned());
            assert_eq!(
                facts(&error),
                (kind, Delivery::NotSent, Some(status), code, words.as_deref()),
                "{body}"
            );
            assert_eq!(counts(&server).await, (logins, 0), "{status} {body}");
            assert_eq!(error.operation(), Some("upload"));
            assert!(!error.may_have_landed() && error.to_string().contains("login failed"), "{error}");
        }
    }
}

/// The documented failures, each with the operation of its section on the page.
#[tokio::test]
async fn documented_failures() {
    use Delivery::{Answered, Refused};
    use ErrorKind::{Forbidden, NotFound, RateLimited, Rejected, Unauthenticated, Unavailable};
    // Kind, delivery and code, then the number of token requests and of requests of the operation.
    let rows = [
        (&documented::ERROR_400, Rejected, Answered, Some("INVALID_PARAMETER"), (1, 1)),
        (&documented::ERROR_MESSAGE_400, Rejected, Answered, Some("INVALID_PARAMETER"), (1, 1)),
        (&documented::ERROR_REFERENCE_400, Rejected, Answered, Some("INVALID_PARAMETER"), (1, 1)),
        // Once more, after a new login.
        (&documented::ERROR_401, Unauthenticated, Refused, Some("UNAUTHORIZED"), (2, 2)),
        (&documented::ERROR_403, Forbidden, Answered, Some("FORBIDDEN"), (1, 1)),
        (&documented::ERROR_EMPTY_403, Forbidden, Answered, None, (1, 1)),
        (&documented::ERROR_405, Rejected, Answered, Some("METHOD_NOT_ALLOWED"), (1, 1)),
        (&documented::ERROR_406, Rejected, Answered, Some("NOT_ACCEPTABLE"), (1, 1)),
        // A paid call is not retried.
        (&documented::ERROR_EMPTY_408, Unavailable, Answered, None, (1, 1)),
        (&documented::ERROR_409, Rejected, Answered, Some("CONFLICT"), (1, 1)),
        (&documented::ERROR_410, NotFound, Answered, Some("GONE"), (1, 1)),
        (&documented::ERROR_415, Rejected, Answered, Some("UNSUPPORTED_MEDIA_TYPE"), (1, 1)),
        (&documented::ERROR_422, Rejected, Answered, Some("UNPROCESSABLE"), (1, 1)),
        (&documented::ERROR_429, RateLimited, Refused, Some("TOO_MANY_REQUESTS"), (1, 1)),
        (&documented::ERROR_EMPTY_500, Unavailable, Answered, None, (1, 1)),
        (&documented::ERROR_EMPTY_503, Unavailable, Answered, None, (1, 1)),
        (&documented::ERROR_FLAT_422, Rejected, Answered, Some("DOCUMENT_ALREADY_SENT"), (1, 1)),
        (&documented::ERROR_CODE_400, Rejected, Answered, Some("INVALID_PARAMETER"), (1, 1)),
        (&documented::ERROR_KEY_VALUE_400, Rejected, Answered, None, (1, 1)),
        (&documented::ERROR_PROBLEM_400, Rejected, Answered, None, (1, 1)),
        (&documented::ERROR_LAYER_422, Rejected, Answered, Some("UNPROCESSABLE"), (1, 1)),
        (&documented::WEBHOOK_CREATE_409, Rejected, Answered, Some("CONFLICT"), (1, 1)),
    ];
    for (fixture, kind, delivery, code, times) in rows {
        let (server, client) = answering(with(fixture.status.unwrap(), fixture.body)).await;
        let error = call(&client, fixture.operation).await.unwrap_err();
        let words = error.vendor_message();
        assert_eq!(facts(&error), (kind, delivery, fixture.status, code, words), "{}", fixture.name);
        assert_eq!(counts(&server).await, times, "{}", fixture.name);
        assert_eq!(error.operation(), Some(fixture.operation), "{}", fixture.name);
        assert_eq!(error.request_id(), Some("theirs"), "{}", fixture.name);
        assert_eq!(error.body().unwrap().expose(), fixture.body.as_bytes(), "{}", fixture.name);
        if let Some(words) = words {
            assert!(fixture.body.contains(words), "{}", fixture.name);
            assert!(
                !format!("{error} {error:?}").contains(words),
                "{}: the message may hold personal data",
                fixture.name
            );
        }
        assert_eq!(words.is_some(), !fixture.body.is_empty() && !fixture.body.contains("\"key\""));
        assert_eq!(error.may_have_landed(), kind == Unavailable, "{}", fixture.name);
    }
    let failures =
        documented::ALL.iter().filter(|fixture| fixture.status.is_some_and(|status| status >= 400));
    // Also the two of the token, and the two that are values.
    assert_eq!(failures.count(), rows.len() + 2 + 2);
}

#[tokio::test]
async fn a_refusal_names_the_field_and_hides_the_message() {
    const REQUIRED: &str = "The field image is required.";
    let rows: [(&Fixture, &[(&str, &str)]); 9] = [
        (&documented::ERROR_400, &[("documentType", "The field documentType is invalid.")]),
        (&documented::ERROR_MESSAGE_400, &[("image", REQUIRED)]),
        (&documented::ERROR_REFERENCE_400, &[("image", REQUIRED)]),
        (&documented::ERROR_KEY_VALUE_400, &[("image", REQUIRED)]),
        (&documented::ERROR_CODE_400, &[]),
        (&documented::ERROR_FLAT_422, &[]),
        (&documented::ERROR_PROBLEM_400, &[]),
        (&documented::ERROR_422, &[("", "The selfie has not been approved.")]),
        (&documented::ERROR_LAYER_422, &[("", "The selfie has not been approved.")]),
    ];
    for (fixture, wanted) in rows {
        let (_server, client) = answering(with(fixture.status.unwrap(), fixture.body)).await;
        let error = call(&client, "upload").await.unwrap_err();
        assert_eq!(violations(&error), wanted, "{}", fixture.name);
    }
    let (_server, client) = answering(with(400, documented::ERROR_400.body)).await;
    let error = call(&client, "upload").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "bankly-kyc upload: the vendor rejected the request (HTTP 400): documentType; the vendor responded; correct the fields named by the violations"
    );
    let several = r#"{"errors":[{"code":"A","propertyName":"a","messages":["1","2"]},{"code":"B","key":"b","value":"3"},{}]}"#;
    let (_server, client) = answering(with(422, several)).await;
    let error = call(&client, "upload").await.unwrap_err();
    assert_eq!(violations(&error), [("a", "1"), ("a", "2"), ("b", "3")]);
    assert_eq!((error.vendor_code(), error.vendor_message()), (Some("A"), Some("1")));
}

/// Neither the charset nor a value of another type costs the vendor's message.
#[tokio::test]
async fn a_message_in_another_charset() {
    for (body, kind, words) in [
        (&b"{\"message\":\"CPF inv\xe1lido\"}"[..], "application/json", "CPF inv\u{e1}lido"),
        (b"{\"message\":\"CPF inv\xe1lido\"}", "application/json;charset=ISO-8859-1", "CPF inv\u{e1}lido"),
        (b"\xef\xbb\xbf{\"message\":\"CPF inv\xc3\xa1lido\"}", "application/json", "CPF inv\u{e1}lido"),
        (b"{\"message\":\"linha\tdois\"}", "application/json", "linha\tdois"),
        (b"{\"message\":{\"a\":1},\"title\":\"t\"}", "application/json", "t"),
        (b"{\"errors\":[{\"messages\":[\"\"]},{\"messages\":[\"m\"]}]}", "application/json", "m"),
    ] {
        let answer = ResponseTemplate::new(400).set_body_raw(body, kind);
        let (_server, client) = answering(answer).await;
        let error = call(&client, "upload").await.unwrap_err();
        assert_eq!(error.vendor_message(), Some(words), "{kind}");
    }
}

/// Of an unknown form, everything readable is read. The kind follows from the HTTP status.
#[tokio::test]
async fn an_error_body_of_unknown_form() {
    for (body, code, words) in [
        (r#"{"title":"t","errors":{"image":["The image field is required."]}}"#, None, Some("t")),
        (r#"{"errors":null,"code":7,"message":true}"#, Some("7"), Some("true")),
        (r#"{"code":"c","errors":[]}"#, Some("c"), None),
        (r#"{"errors":["text"]}"#, None, None),
        (r#"{"error":{"inner":1}}"#, None, None),
        ("{}", None, None),
        ("null", None, None),
        ("[]", None, None),
        ("\"text\"", None, None),
        ("{\"code\":", None, None),
        ("<html>529</html>", None, None),
        ("", None, None),
    ] {
        let (_server, client) = answering(with(400, body)).await;
        let error = call(&client, "upload").await.unwrap_err();
        assert_eq!(
            facts(&error),
            (ErrorKind::Rejected, Delivery::Answered, Some(400), code, words),
            "{body}"
        );
        assert_eq!(error.body().unwrap().expose(), body.as_bytes());
        assert!(!format!("{error} {error:?}").contains("529"));
    }
}

/// After a refused token every operation is sent once more with a new token: the first request had no effect.
#[tokio::test]
async fn a_refused_token() {
    for (operation, _) in OPERATIONS {
        let (server, client) = answering(with(401, documented::ERROR_401.body)).await;
        let error = call(&client, operation).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.delivery()),
            (ErrorKind::Unauthenticated, Delivery::Refused),
            "{operation}"
        );
        // Registration uses the certificate instead of a token.
        let times = if operation == "register" { (0, 1) } else { (2, 2) };
        assert_eq!(counts(&server).await, times, "{operation}");
        assert!(!error.may_have_landed() && !error.is_transient(), "{operation}");
    }
    // The second token is accepted.
    let (server, client) = answering(with(202, documented::UPLOAD_202.body)).await;
    let once = Mock::given(path("/document-analysis/52998224725")).respond_with(with(401, ""));
    once.up_to_n_times(1).with_priority(1).mount(&server).await;
    let reply = client.upload(&cpf(), &selfie()).await.unwrap();
    assert_eq!((reply.meta().attempts, counts(&server).await), (2, (2, 2)));
}

async fn unavailable_at(operation: &'static str, is_paid: bool, status: u16) {
    let (server, client) = answering(with(status, "")).await;
    let error = call(&client, operation).await.unwrap_err();
    let wanted = (ErrorKind::Unavailable, Delivery::Answered, Some(status), None, None);
    assert_eq!(facts(&error), wanted, "{operation}");
    // A paid call, or one that creates something, is not retried.
    assert_eq!(counts(&server).await.1, if is_paid { 1 } else { 3 }, "{operation}");
    assert!(error.may_have_landed(), "{operation}");
}

#[tokio::test]
async fn an_unavailable_vendor() {
    let calls: Vec<_> = OPERATIONS
        .iter()
        .flat_map(|&(operation, is_paid)| {
            [500, 503, 408].map(|status| tokio::spawn(unavailable_at(operation, is_paid, status)))
        })
        .collect();
    for call in calls {
        call.await.unwrap();
    }
}

/// The pause is five minutes, as the page requires, unless a header states another.
#[tokio::test]
async fn too_many_requests() {
    for (header, wait) in [(None, 300), (Some("7200"), 7200), (Some("100"), 100)] {
        for (operation, _) in OPERATIONS {
            let mut answer = with(429, documented::ERROR_429.body);
            if let Some(seconds) = header {
                answer = answer.insert_header("retry-after", seconds);
            }
            let (server, client) = answering(answer).await;
            let error = call(&client, operation).await.unwrap_err();
            assert_eq!(
                (error.kind(), error.delivery()),
                (ErrorKind::RateLimited, Delivery::Refused),
                "{operation}"
            );
            assert_eq!(error.retry_after(), Some(Duration::from_secs(wait)));
            assert_eq!(counts(&server).await.1, 1, "{operation}: the pause is longer than the call may take");
            assert!(!error.may_have_landed() && error.is_transient());
            assert!(error.to_string().ends_with(&format!("retry after {wait} s")), "{error}");
            // Until the pause is over no clone sends anything.
            let held = call(&client.clone(), "status").await.unwrap_err();
            assert_eq!((held.kind(), held.delivery()), (ErrorKind::RateLimited, Delivery::NotSent));
            assert!(
                held.retry_after() <= error.retry_after().map(|wait| wait.min(Duration::from_secs(3600)))
            );
            assert_eq!(counts(&server).await.1, 1);
        }
    }
    // The same without a readable body.
    for body in ["", "<html></html>"] {
        let (_server, client) = answering(ResponseTemplate::new(429).set_body_string(body)).await;
        let error = call(&client, "upload").await.unwrap_err();
        assert_eq!(error.retry_after(), Some(Duration::from_secs(300)));
    }
}

/// A 429 of the login pauses every call.
#[tokio::test]
async fn too_many_logins() {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(with(429, "")).mount(&server).await;
    let client = client(&server.uri());
    for delivery in [Delivery::NotSent, Delivery::NotSent] {
        let error = call(&client, "upload").await.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::RateLimited, delivery));
        assert!(error.retry_after().unwrap() > Duration::from_secs(290));
    }
    assert_eq!(counts(&server).await, (1, 0));
}

/// Only the status operation treats a 404 as a value.
#[tokio::test]
async fn not_found() {
    for (operation, _) in OPERATIONS {
        for fixture in [&documented::ERROR_404, &documented::ERROR_EMPTY_404] {
            let (server, client) = answering(with(404, fixture.body)).await;
            match call(&client, operation).await {
                Ok(()) => assert_eq!(operation, "status"),
                Err(error) => {
                    assert_eq!((error.kind(), error.delivery()), (ErrorKind::NotFound, Delivery::Answered));
                    assert_ne!(operation, "status");
                }
            }
            assert_eq!(counts(&server).await.1, 1, "{operation}");
        }
    }
}

#[tokio::test]
async fn an_unreadable_response() {
    const BODIES: [&str; 5] = ["<html>Olá</html>", "\"QUJD\"", "{\"data\":", "{\"token\":", "7"];
    for (operation, is_paid) in OPERATIONS {
        // The responses of these operations are not read.
        let is_read =
            !matches!(operation, "webhook-update" | "webhook-enable" | "webhook-disable" | "webhook-delete");
        for body in BODIES {
            let (server, client) = answering(with(200, body)).await;
            let Err(error) = call(&client, operation).await else {
                assert!(!is_read, "{operation} {body}");
                continue;
            };
            assert!(is_read, "{operation} {body}");
            assert_eq!(
                facts(&error),
                (ErrorKind::Decode, Delivery::Answered, Some(200), None, None),
                "{operation} {body}"
            );
            assert_eq!(counts(&server).await.1, 1, "{operation} {body}");
            assert_eq!(error.operation(), Some(operation));
            assert_eq!(error.body().unwrap().expose(), body.as_bytes(), "{operation} {body}");
            assert!(error.may_have_landed() || !is_paid, "{operation} {body}");
            assert!(!format!("{error} {error:?}").contains("Ol"), "{operation} {body}");
        }
    }
}

#[tokio::test]
async fn a_value_of_another_type_costs_only_itself() {
    for (operation, body, path) in [
        ("upload", r#"{"token":"T","other":{"a":1}}"#, "other"),
        ("status", r#"[{},{"documentDetails":{"birthDate":[7]}}]"#, "[].documentDetails.birthDate[]"),
        ("status", r#"{"liveness":5}"#, "liveness"),
        ("status", r#"{"faceDetails":{"gender":{"value":["Male"]}}}"#, "faceDetails.gender.value[]"),
        ("webhook-list", r#"{"data":[{"id":"1"},{"id":{"a":1}}]}"#, "data[].id.a"),
        ("webhook-get", r#"{"data":{"status":["Enabled"]}}"#, "data.status[]"),
        ("messages", r#"[{"retryCount":{"a":1}}]"#, "[].retryCount.a"),
        ("certificate", r#"{"subjectDn":{"a":7}}"#, "subjectDn.a"),
    ] {
        let (server, _) = answering(with(200, body)).await;
        let seen = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&seen);
        let options = options().on_unknown_field(move |field| sink.lock().unwrap().push(field.path.clone()));
        let client = builder(&server.uri()).options(options).build().unwrap();
        call(&client, operation).await.expect(body);
        assert_eq!(*seen.lock().unwrap(), [path], "{operation} {body}");
    }
    // What a response is for must be there.
    for (operation, body, path) in
        [("register", r#"{"scope":"a"}"#, Some(".")), ("upload", r#"{"token":{"a":1}}"#, None)]
    {
        let (_server, client) = answering(with(200, body)).await;
        let error = call(&client, operation).await.expect_err(operation);
        assert_eq!((error.kind(), error.json_path()), (ErrorKind::Decode, path), "{operation}");
        assert!(error.may_have_landed(), "{operation}");
    }
}

/// A gateway in front of Bankly may send HTML.
#[tokio::test]
async fn an_html_page() {
    for (status, kind) in
        [(302, ErrorKind::Config), (403, ErrorKind::Forbidden), (502, ErrorKind::Unavailable)]
    {
        for (operation, is_paid) in OPERATIONS {
            let (server, _) = answering(with(status, "<html><body>error: 529</body></html>")).await;
            let once = options().max_attempts(1);
            let client = builder(&server.uri()).options(once).build().unwrap();
            let error = call(&client, operation).await.unwrap_err();
            // A redirect does not say whether a paid call was performed.
            let delivery = if status == 302 && is_paid { Delivery::Unknown } else { Delivery::Answered };
            assert_eq!(facts(&error), (kind, delivery, Some(status), None, None), "{operation}");
            assert!(!format!("{error} {error:?}").contains("529"));
        }
    }
}

/// A wait continues while Bankly fails or does not know the image yet, and ends with its analysis.
#[tokio::test]
async fn a_wait_continues_after_a_failure() {
    let server = MockServer::start().await;
    let token = ResponseTemplate::new(200).set_body_string(documented::LEGACY_TOKEN_200.body);
    Mock::given(path(TOKEN)).respond_with(token).mount(&server).await;
    for (status, body, times) in [
        (500, "", 2),
        (404, documented::ERROR_404.body, 1),
        (200, documented::STATUS_OBJECT_200.body, 1),
        (200, documented::STATUS_UNDOCUMENTED_200.body, 1),
    ] {
        Mock::given(any()).respond_with(with(status, body)).up_to_n_times(times).mount(&server).await;
    }
    Mock::given(any())
        .respond_with(with(200, documented::STATUS_SELFIE_NO_FACE_200.body))
        .mount(&server)
        .await;
    let client = builder(&server.uri())
        .options(ClientOptions::new().max_attempts(1).transport(transport()))
        .poll_interval(Duration::from_millis(5))
        .build()
        .unwrap();
    let token = bankly_kyc::ImageToken::new("T42tcobk32rgiSGM23O6aDTFG6VhhKK4ZR");
    let wait = client.wait(&token.operation_id(&cpf()), Duration::from_secs(30)).unwrap();
    assert!(wait.await.unwrap().is_final());
    assert_eq!(counts(&server).await, (1, 6));
}

/// The error of a refused certificate request does not contain the passphrase.
#[tokio::test]
async fn a_refused_passphrase_is_not_printed() {
    let (_server, client) = answering(with(400, documented::ERROR_400.body)).await;
    let passphrase =
        Secret::new("s3cret-Passphrase-s3cret-Passphrase-s3cret-Passphrase-s3cret-Pas".to_owned());
    let error = client.request_certificate("company_key", &passphrase, 1).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Rejected);
    assert!(!format!("{error} {error:?}").contains("s3cret"));
}
