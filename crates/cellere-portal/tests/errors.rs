//! Each text of the portal's table, in each form, as an error: kind, delivery, the vendor's message, and the number of
//! requests.

use std::sync::{Arc, Mutex};

use cellere_portal::kyc_core::{ClientOptions, Delivery, Error, ErrorKind};
use cellere_portal::{Client, ResponseText};
use kyc_fixtures::{Fixture, cellere_portal as documented};
use serde_json::{Value, json};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{OPERATIONS, builder, call, client, meter, once};

/// A row of the portal's table: the text, its code, and the resulting error.
struct Row {
    text: &'static str,
    code: u16,
    known: ResponseText,
    kind: ErrorKind,
    /// The delivery where the HTTP status is the code.
    delivery: Delivery,
}

const fn row(text: &'static str, code: u16, known: ResponseText, kind: ErrorKind, delivery: Delivery) -> Row {
    Row { text, code, known, kind, delivery }
}

#[rustfmt::skip]
const TABLE: [Row; 11] = {
    use Delivery::{Answered, Refused};
    use ErrorKind::{Config, QuotaExhausted, Rejected, Unauthenticated, Unavailable};
    [
        row("The request has no data.", 400, ResponseText::NoData, Rejected, Answered),
        row("The image field is required", 400, ResponseText::ImageRequired, Rejected, Answered),
        row("The image field should be a base64 encoded string.", 400, ResponseText::NotBase64, Rejected, Answered),
        row("Bearer Token is required to perform this operation", 400, ResponseText::BearerRequired, Unauthenticated, Refused),
        row("The token is not in JWT format", 400, ResponseText::NotJwt, Unauthenticated, Refused),
        row("Bad Request", 400, ResponseText::BadRequest, Rejected, Answered),
        row("Client is not registered", 401, ResponseText::NotRegistered, Unauthenticated, Refused),
        row("Insufficient credits to perform this operation", 403, ResponseText::InsufficientCredits, QuotaExhausted, Answered),
        row("URL not found", 404, ResponseText::UrlNotFound, Config, Answered),
        row("Service API is not working", 500, ResponseText::ServiceDown, Unavailable, Answered),
        row("Could not process the service response", 500, ResponseText::Unprocessable, Unavailable, Answered),
    ]
};

/// Returns a text and its code in every form that is read, and whether the form holds the code.
fn forms(text: &str, code: u16) -> Vec<(Value, bool)> {
    let block = json!({ "code": code, "message": text });
    let success = json!({ "code": 200, "message": "Success" });
    vec![
        (json!({ "response": block }), true),
        (json!({ "response": { "code": code.to_string(), "message": text } }), true),
        (json!({ "response": [block] }), true),
        (json!({ "response": text }), false),
        (json!({ "status": block }), true),
        (json!({ "status": text }), false),
        (json!({ "status": code, "response": text }), true),
        (json!({ "status": block, "response": block }), true),
        // Beside an empty block.
        (json!({ "status": block, "response": {} }), true),
        (json!({ "status": block, "response": null, "unheard-of": [{}] }), true),
        (json!({ "message": text }), false),
        (json!({ "message": text, "code": code }), true),
        (json!({ "message": text, "statusCode": code }), true),
        (json!({ "statusCode": code, "reason": text }), true),
        (json!({ "response": { "statusCode": code, "reason": text } }), true),
        (json!({ "response": { "status": code, "response": text } }), true),
        (json!({ "message": "unheard-of", "response": block }), true),
        (json!({ "message": text, "response": { "code": code, "message": "unheard-of" } }), true),
        (json!({ "status": success, "response": block }), true),
    ]
}

async fn answering(answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(answer).mount(&server).await;
    server
}

fn with(status: u16, body: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_raw(body, "application/json")
}

async fn asked(server: &MockServer) -> usize {
    server.received_requests().await.unwrap().len()
}

/// A mock portal and a client that makes one attempt.
struct Portal {
    server: MockServer,
    client: Client,
}

impl Portal {
    async fn start() -> Self {
        let server = MockServer::start().await;
        let client = once(&server.uri());
        Self { server, client }
    }

    /// Returns the error of an operation for this response.
    async fn refuses(&self, operation: &str, status: u16, body: &str) -> Error {
        self.server.reset().await;
        Mock::given(any()).respond_with(with(status, body)).mount(&self.server).await;
        let error = call(&self.client, operation).await.expect_err(body);
        assert_eq!((asked(&self.server).await, error.attempts()), (1, 1), "{operation} {body}");
        assert_eq!(error.operation(), Some(operation));
        assert_eq!(error.body().unwrap().expose(), body.as_bytes());
        error
    }
}

fn facts(error: &Error) -> (ErrorKind, Delivery, Option<u16>, Option<&str>, Option<&str>) {
    (error.kind(), error.delivery(), error.http_status(), error.vendor_code(), error.vendor_message())
}

/// Checks that the vendor's message, which may hold personal data, is not printed.
fn assert_hidden(error: &Error, message: &str) {
    let cause = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
    assert!(!format!("{error} {error:?} {error:#?} {cause}").contains(message), "{error:?}");
}

/// The texts apply to all services.
#[tokio::test]
async fn each_text_of_each_operation() {
    let portal = Portal::start().await;
    for row in &TABLE {
        let body = json!({ "response": { "code": row.code, "message": row.text } }).to_string();
        for (operation, is_paid) in OPERATIONS {
            let error = portal.refuses(operation, row.code, &body).await;
            let code = row.code.to_string();
            assert_eq!(
                facts(&error),
                (row.kind, row.delivery, Some(row.code), Some(&*code), Some(row.text)),
                "{operation}"
            );
            assert_eq!(ResponseText::of(&error), Some(row.known.clone()));
            assert_hidden(&error, row.text);
            assert_eq!(error.may_have_landed(), row.kind == ErrorKind::Unavailable, "{operation} {body}");
            // A failed server may have charged the credit.
            assert_eq!(
                error.is_transient(),
                row.kind == ErrorKind::Unavailable && !is_paid,
                "{operation} {body}"
            );
            assert!(error.operation_id().is_none());
        }
    }
}

#[tokio::test]
async fn each_text_in_each_form() {
    let portal = Portal::start().await;
    for row in &TABLE {
        for (body, has_code) in forms(row.text, row.code) {
            let body = body.to_string();
            let error = portal.refuses("cpf", row.code, &body).await;
            let code = row.code.to_string();
            let code = has_code.then_some(&*code);
            assert_eq!(
                facts(&error),
                (row.kind, row.delivery, Some(row.code), code, Some(row.text)),
                "{body}"
            );
            assert_eq!(ResponseText::of(&error), Some(row.known.clone()), "{body}");
            assert_hidden(&error, row.text);
        }
    }
}

/// An error in the body of an HTTP 200. Credits may have been charged.
#[tokio::test]
async fn an_error_inside_a_200() {
    let portal = Portal::start().await;
    for row in &TABLE {
        for (body, has_code) in forms(row.text, row.code) {
            let body = body.to_string();
            for operation in ["document", "cpf", "meter", "facematch"] {
                let error = portal.refuses(operation, 200, &body).await;
                let code = row.code.to_string();
                let code = has_code.then_some(&*code);
                assert_eq!(
                    facts(&error),
                    (row.kind, Delivery::Answered, Some(200), code, Some(row.text)),
                    "{operation} {body}"
                );
                assert_eq!(ResponseText::of(&error), Some(row.known.clone()), "{body}");
            }
        }
    }
}

/// The printed line has our text, not the vendor's.
#[tokio::test]
async fn each_text_is_printed_in_our_words() {
    let portal = Portal::start().await;
    let mut lines = Vec::new();
    for row in &TABLE {
        let body = json!({ "response": { "code": row.code, "message": row.text } }).to_string();
        for operation in ["document", "balance"] {
            lines.push(portal.refuses(operation, row.code, &body).await.to_string());
        }
    }
    for code in [400, 401, 403, 404, 429, 500] {
        let body = json!({ "response": { "code": code } }).to_string();
        lines.push(portal.refuses("cpf", 200, &body).await.to_string());
        lines.push(portal.refuses("cpf", code, "").await.to_string());
    }
    insta::assert_json_snapshot!(lines);
}

fn violations(error: &Error) -> Vec<(&str, &str)> {
    error
        .violations()
        .iter()
        .map(|violation| (violation.field.as_str(), violation.message.as_str()))
        .collect()
}

#[tokio::test]
async fn a_text_that_names_the_field() {
    let portal = Portal::start().await;
    for row in &TABLE {
        let body = json!({ "response": { "code": row.code, "message": row.text } }).to_string();
        let error = portal.refuses("document", row.code, &body).await;
        let names = matches!(row.known, ResponseText::ImageRequired | ResponseText::NotBase64);
        let wanted: &[(&str, &str)] = if names { &[("image", row.text)] } else { &[] };
        assert_eq!(violations(&error), wanted);
    }
}

/// The documented errors, for the operation of their fixture.
#[tokio::test]
async fn the_documented_errors() {
    let portal = Portal::start().await;
    use ErrorKind::{Config, QuotaExhausted, Rejected, Unauthenticated, Unavailable};
    let rows: [(&Fixture, ErrorKind, ResponseText); 16] = [
        (&documented::ERROR_NO_DATA_400, Rejected, ResponseText::NoData),
        (&documented::ERROR_IMAGE_REQUIRED_400, Rejected, ResponseText::ImageRequired),
        (&documented::ERROR_NOT_BASE64_400, Rejected, ResponseText::NotBase64),
        (&documented::ERROR_BEARER_REQUIRED_400, Unauthenticated, ResponseText::BearerRequired),
        (&documented::ERROR_NOT_JWT_400, Unauthenticated, ResponseText::NotJwt),
        (&documented::ERROR_BAD_REQUEST_400, Rejected, ResponseText::BadRequest),
        (&documented::ERROR_NOT_REGISTERED_401, Unauthenticated, ResponseText::NotRegistered),
        (&documented::ERROR_NO_CREDITS_403, QuotaExhausted, ResponseText::InsufficientCredits),
        (&documented::ERROR_URL_NOT_FOUND_404, Config, ResponseText::UrlNotFound),
        (&documented::ERROR_SERVICE_DOWN_500, Unavailable, ResponseText::ServiceDown),
        (&documented::ERROR_UNPROCESSABLE_500, Unavailable, ResponseText::Unprocessable),
        (&documented::ERROR_STATUS_400, Rejected, ResponseText::ImageRequired),
        (&documented::ERROR_MESSAGE_401, Unauthenticated, ResponseText::NotRegistered),
        (&documented::ERROR_RESPONSE_TEXT_400, Rejected, ResponseText::NoData),
        // An identifier instead of the table's text.
        (&documented::ERROR_REASON_403, QuotaExhausted, ResponseText::InsufficientCredits),
        (&documented::ERROR_TEXT_CODE_500, Unavailable, ResponseText::ServiceDown),
    ];
    for (fixture, kind, text) in &rows {
        let error = portal.refuses(fixture.operation, fixture.status.unwrap(), fixture.body).await;
        assert_eq!((error.kind(), error.http_status()), (*kind, fixture.status), "{}", fixture.name);
        assert_eq!(ResponseText::of(&error).as_ref(), Some(text), "{}", fixture.name);
    }
    let failures =
        documented::ALL.iter().filter(|fixture| fixture.status.is_some_and(|status| status >= 400));
    assert_eq!(failures.count(), rows.len());
}

/// The text takes precedence over the code, and the code over the HTTP status.
#[tokio::test]
async fn text_before_code_before_http_status() {
    let portal = Portal::start().await;
    use Delivery::{Answered, Refused};
    use ErrorKind::{
        Config, Forbidden, NotFound, QuotaExhausted, RateLimited, Rejected, Unauthenticated, Unavailable,
    };
    let not_registered = "Client is not registered";
    let rows = [
        // HTTP status, body, kind and delivery.
        (403, json!({ "code": 500, "message": not_registered }), Unauthenticated, Refused),
        (404, json!({ "code": 401, "message": "Bad Request" }), Rejected, Answered),
        (401, json!({ "code": 400, "message": "Bad Request" }), Rejected, Refused),
        (400, json!({ "code": 400, "message": "insufficientBalance" }), QuotaExhausted, Answered),
        (200, json!({ "code": 200, "message": not_registered }), Unauthenticated, Answered),
        // After a 5xx the request may have been processed, whatever its body states.
        (500, json!({ "code": 401, "message": not_registered }), Unauthenticated, Answered),
        (503, json!({ "code": 404, "message": "URL not found" }), Config, Answered),
        // An unknown text, or none.
        (400, json!({ "code": 401, "message": "unheard-of" }), Unauthenticated, Refused),
        (400, json!({ "code": 403 }), QuotaExhausted, Answered),
        (400, json!({ "code": "404" }), Config, Answered),
        (500, json!({ "code": 400, "message": "unheard-of" }), Rejected, Answered),
        (200, json!({ "code": 503, "message": "Success" }), Unavailable, Answered),
        (200, json!({ "code": 429 }), RateLimited, Answered),
        // A code that is not an error.
        (403, json!({ "code": 200, "message": "Success" }), Forbidden, Answered),
        (401, json!({ "code": 0, "message": "unheard-of" }), Unauthenticated, Refused),
        (404, json!({ "code": 99_999 }), Config, Answered),
        (404, json!({ "code": "none" }), Config, Answered),
        (404, json!({ "message": "no such person" }), NotFound, Answered),
        (422, json!({ "code": null, "message": null }), Rejected, Answered),
        (500, json!({}), Unavailable, Answered),
    ];
    for (http, block, kind, delivery) in rows {
        for body in [block.clone(), json!({ "response": block }), json!({ "status": block })] {
            let error = portal.refuses("cpf", http, &body.to_string()).await;
            assert_eq!(
                (error.kind(), error.delivery(), error.http_status()),
                (kind, delivery, Some(http)),
                "HTTP {http} {body}"
            );
        }
    }
}

/// A success in one field does not hide an error in another.
#[tokio::test]
async fn an_error_beside_a_success() {
    let portal = Portal::start().await;
    let success = json!({ "code": 200, "message": "Success" });
    let refusal = json!({ "code": 403, "message": "Insufficient credits to perform this operation" });
    for body in [
        json!({ "response": success, "status": refusal }),
        json!({ "response": refusal, "status": success }),
        json!({ "response": "Success", "status": refusal }),
        json!({ "status": success, "message": "Insufficient credits to perform this operation" }),
        json!({ "message": "Success", "statusCode": 403, "reason": "insufficientBalance" }),
    ] {
        for http in [200, 403] {
            let error = portal.refuses("cpf", http, &body.to_string()).await;
            assert_eq!(error.kind(), ErrorKind::QuotaExhausted, "HTTP {http} {body}");
            assert_eq!(ResponseText::of(&error), Some(ResponseText::InsufficientCredits), "{body}");
        }
    }
}

/// According to the vendor's page, code and text of a document are in `status` within the block `response`, and those of a
/// meter in `response` within it.
#[tokio::test]
async fn a_nested_error() {
    let portal = Portal::start().await;
    for row in &TABLE {
        let block = json!({ "code": row.code, "message": row.text });
        for body in [
            json!({ "response": { "queryId": "1", "status": block } }),
            json!({ "response": { "service": "energia", "response": block } }),
            json!({ "response": [{ "status": block }] }),
        ] {
            for http in [row.code, 200] {
                for operation in ["document", "meter"] {
                    let error = portal.refuses(operation, http, &body.to_string()).await;
                    assert_eq!(error.kind(), row.kind, "HTTP {http} {body}");
                    assert_eq!(ResponseText::of(&error), Some(row.known.clone()), "HTTP {http} {body}");
                }
            }
        }
    }
}

/// Case, whitespace and a full stop do not matter.
#[tokio::test]
async fn texts_in_other_spellings() {
    let portal = Portal::start().await;
    for row in &TABLE {
        let bare = row.text.trim_end_matches('.');
        for text in [bare.to_uppercase(), format!(" {bare} "), bare.to_owned()] {
            let body = json!({ "response": { "message": text } }).to_string();
            let error = portal.refuses("cpf", row.code, &body).await;
            assert_eq!(
                (error.kind(), ResponseText::of(&error)),
                (row.kind, Some(row.known.clone())),
                "{text}"
            );
            assert_eq!(error.vendor_message(), Some(&*text), "unchanged");
        }
    }
}

/// An unknown text is available to the program, but not printed.
#[tokio::test]
async fn unknown_texts() {
    let portal = Portal::start().await;
    const TEXT: &str = "Maria, CPF 529.982.247-25, asks too much";
    for (http, kind) in
        [(400, ErrorKind::Rejected), (403, ErrorKind::Forbidden), (500, ErrorKind::Unavailable)]
    {
        for (body, has_code) in forms(TEXT, http) {
            // These forms also hold a known text.
            if body.to_string().contains("Success") || body["message"] == "unheard-of" {
                continue;
            }
            let error = portal.refuses("cpf", http, &body.to_string()).await;
            assert_eq!((error.kind(), error.vendor_code().is_some()), (kind, has_code), "{body}");
            assert_hidden(&error, "529");
            assert_hidden(&error, "Maria");
            match ResponseText::of(&error).unwrap() {
                ResponseText::Unknown(words) => {
                    assert!([TEXT, "unheard-of"].contains(&words.as_str()), "{body}")
                }
                other => panic!("{other:?}"),
            }
        }
    }
    let error = portal.refuses("cpf", 400, "").await;
    assert_eq!(ResponseText::of(&error), None, "the portal sent no text");
}

/// A refused token cannot be renewed: one request, and no login.
#[tokio::test]
async fn a_refused_token_is_not_sent_again() {
    for (operation, _) in OPERATIONS {
        for (status, body) in [
            (401, documented::ERROR_NOT_REGISTERED_401.body),
            (401, ""),
            (401, "<html></html>"),
            (400, documented::ERROR_BEARER_REQUIRED_400.body),
            (400, documented::ERROR_NOT_JWT_400.body),
        ] {
            let server = answering(with(status, body)).await;
            let error = call(&client(&server.uri()), operation).await.unwrap_err();
            assert_eq!(
                (error.kind(), error.delivery()),
                (ErrorKind::Unauthenticated, Delivery::Refused),
                "{operation}"
            );
            assert_eq!((asked(&server).await, error.attempts()), (1, 1), "{operation} {body}");
            assert!(!error.may_have_landed() && !error.is_transient(), "{operation}");
            assert!(error.to_string().ends_with("check the credentials"), "{error}");
        }
    }
}

async fn a_vendor_that_failed_at(operation: &'static str, is_paid: bool, status: u16, body: &'static str) {
    let server = answering(with(status, body)).await;
    let error = call(&client(&server.uri()), operation).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.delivery()),
        (ErrorKind::Unavailable, Delivery::Answered),
        "{operation} {status}"
    );
    // A call that costs credits is not sent again.
    let times = if is_paid { 1 } else { 3 };
    assert_eq!(
        (asked(&server).await, error.attempts()),
        (times, u32::try_from(times).unwrap()),
        "{operation}"
    );
    assert!(error.may_have_landed(), "{operation}");
    assert_eq!(error.is_transient(), !is_paid, "{operation}");
}

#[tokio::test]
async fn a_vendor_that_failed() {
    let bodies = [
        (500, documented::ERROR_SERVICE_DOWN_500.body),
        (500, documented::ERROR_UNPROCESSABLE_500.body),
        (500, ""),
        (408, ""),
        (502, "<html>529</html>"),
        // An error with HTTP 200.
        (200, documented::ERROR_SERVICE_DOWN_500.body),
    ];
    // Concurrently, since each starts a server.
    let calls: Vec<_> = OPERATIONS
        .iter()
        .flat_map(|&(operation, is_paid)| {
            bodies
                .map(|(status, body)| tokio::spawn(a_vendor_that_failed_at(operation, is_paid, status, body)))
        })
        .collect();
    for call in calls {
        call.await.unwrap();
    }
}

/// No credits, no such path, a bad request: a repetition would not help.
#[tokio::test]
async fn final_errors_are_not_retried() {
    for (operation, _) in OPERATIONS {
        for fixture in [
            &documented::ERROR_BAD_REQUEST_400,
            &documented::ERROR_NO_CREDITS_403,
            &documented::ERROR_REASON_403,
            &documented::ERROR_URL_NOT_FOUND_404,
        ] {
            let server = answering(with(fixture.status.unwrap(), fixture.body)).await;
            let error = call(&client(&server.uri()), operation).await.unwrap_err();
            assert_eq!((asked(&server).await, error.attempts()), (1, 1), "{operation} {}", fixture.name);
            assert!(!error.is_transient() && !error.may_have_landed(), "{operation} {}", fixture.name);
        }
    }
}

/// A meter's conciliation is in the field that holds an error elsewhere.
#[tokio::test]
async fn a_reading_that_does_not_agree_is_a_value() {
    let portal = Portal::start().await;
    let bodies = [documented::METER_CONCILIATED_200.body, documented::METER_NOT_CONCILIATED_200.body]
        .map(str::to_owned)
        .into_iter()
        .chain(["not conciliated", "NOT CONCILIATED", "later", "conciliated"].map(|word| {
            json!({ "status": word, "response": { "code": 200, "message": "Success" } }).to_string()
        }))
        .chain([json!({ "status": "not conciliated" }).to_string()]);
    for body in bodies {
        let server = answering(with(200, &body)).await;
        let reply = client(&server.uri()).meter(&meter().with_reading("1")).await.unwrap();
        assert!(reply.value().conciliation().is_some(), "{body}");
    }
    // An error beside it takes precedence.
    let body = json!({ "status": "not conciliated", "response": { "code": 400, "message": "Bad Request" } });
    let error = portal.refuses("meter", 400, &body.to_string()).await;
    assert_eq!(ResponseText::of(&error), Some(ResponseText::BadRequest));
}

/// Error pages of proxies and web servers are not JSON.
#[tokio::test]
async fn an_error_page() {
    let portal = Portal::start().await;
    let rows = [
        (302, ErrorKind::Config, Delivery::Answered),
        (400, ErrorKind::Rejected, Delivery::Answered),
        (401, ErrorKind::Unauthenticated, Delivery::Refused),
        (403, ErrorKind::Forbidden, Delivery::Answered),
        (404, ErrorKind::Config, Delivery::Answered),
        (429, ErrorKind::RateLimited, Delivery::Refused),
        (500, ErrorKind::Unavailable, Delivery::Answered),
        (502, ErrorKind::Unavailable, Delivery::Answered),
    ];
    let bodies = [
        "<html><body>Cannot POST /autoleitura: 529</body></html>",
        "",
        "null",
        "[]",
        "7",
        "\"529\"",
        "{\"response\":",
    ];
    for (status, kind, delivery) in rows {
        for body in bodies {
            for operation in ["meter", "balance"] {
                let error = portal.refuses(operation, status, body).await;
                // A redirect does not state what became of a paid call.
                let is_doubtful = status == 302 && operation == "meter";
                let delivery = if is_doubtful { Delivery::Unknown } else { delivery };
                assert_eq!(facts(&error), (kind, delivery, Some(status), None, None), "{status} {body}");
                assert_eq!(ResponseText::of(&error), None);
                assert_hidden(&error, "529");
            }
        }
    }
}

/// The portal documents no 429; if one arrives, its pause is respected.
#[tokio::test]
async fn too_many_requests() {
    for (operation, _) in OPERATIONS {
        let server = answering(with(429, "").insert_header("retry-after", "7200")).await;
        let error = call(&client(&server.uri()), operation).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.delivery()),
            (ErrorKind::RateLimited, Delivery::Refused),
            "{operation}"
        );
        assert_eq!(asked(&server).await, 1, "{operation}: the pause is longer than the call may take");
        assert!(error.to_string().ends_with("retry after 7200 s"), "{error}");
    }
}

#[tokio::test]
async fn a_response_that_cannot_be_decoded() {
    for (operation, is_paid) in OPERATIONS {
        for body in ["<html>Olá</html>", "\"QUJD\"", "{\"result\":", "7", "null", ""] {
            let server = answering(with(200, body)).await;
            let error = call(&client(&server.uri()), operation).await.unwrap_err();
            assert_eq!(
                facts(&error),
                (ErrorKind::Decode, Delivery::Answered, Some(200), None, None),
                "{operation} {body}"
            );
            assert_eq!(asked(&server).await, 1, "{operation} {body}");
            assert_eq!(error.operation(), Some(operation));
            assert_eq!(error.body().unwrap().expose(), body.as_bytes(), "{operation} {body}");
            assert!(error.may_have_landed() || !is_paid, "{operation} {body}");
            assert!(!format!("{error} {error:?}").contains("Ol"), "{operation} {body}");
        }
    }
}

/// The response was paid for, so a value of another type costs only itself, and its path is reported.
#[tokio::test]
async fn a_value_of_another_type_costs_only_itself() {
    for (operation, body, path) in [
        ("document", r#"{"queryId":{"a":1}}"#, "queryId.a"),
        ("document", r#"{"result":[{"docType":["RG"]}]}"#, "result[].docType[]"),
        ("document", r#"{"response":{"fields":[{"name":{"a":1}}]}}"#, "response.fields[].name.a"),
        ("cpf", r#"{"TaxIdStatus":{"a":1}}"#, "TaxIdStatus.a"),
        ("cpf", r#"{"CadastroPessoaFisica":{"Nome":[1]}}"#, "CadastroPessoaFisica.Nome[]"),
        ("cnpj", r#"{"response":{"BaseStatus":["ATIVA"]}}"#, "response.BaseStatus[]"),
        ("meter", r#"{"read_result":{"a":1}}"#, "read_result.a"),
        ("facematch", r#"{"result":{"confiability":[0.9]}}"#, "result.confiability[]"),
        ("balance", r#"{"amount":{"a":1}}"#, "amount.a"),
    ] {
        let server = answering(with(200, body)).await;
        let seen = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&seen);
        let options =
            ClientOptions::new().on_unknown_field(move |field| sink.lock().unwrap().push(field.path.clone()));
        let client = builder(&server.uri()).options(options).build().unwrap();
        call(&client, operation).await.expect(body);
        assert_eq!(*seen.lock().unwrap(), [path], "{operation} {body}");
    }
}

/// An error does not affect later calls.
#[tokio::test]
async fn a_client_is_usable_after_an_error() {
    let server = MockServer::start().await;
    let no = with(403, documented::ERROR_NO_CREDITS_403.body);
    Mock::given(any()).respond_with(no).up_to_n_times(1).mount(&server).await;
    Mock::given(any()).respond_with(with(200, documented::CPF_200.body)).mount(&server).await;
    let client = client(&server.uri());
    assert_eq!(call(&client, "cpf").await.unwrap_err().kind(), ErrorKind::QuotaExhausted);
    // Credits were bought in the meantime.
    call(&client, "cpf").await.unwrap();
}
