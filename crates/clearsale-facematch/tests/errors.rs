//! Each documented failure as an error: kind, delivery, the vendor's message, and the number of requests.

use clearsale_facematch::kyc_core::{Delivery, Error, ErrorKind};
use clearsale_facematch::{Client, TransactionId};
use kyc_fixtures::{Fixture, clearsale_facematch as documented};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{client, request};

const LOGIN: &str = "/api/authentication/login";
const MATCH: &str = "/api/v2/Facematch/faces/match2d-2d";

async fn answering(answers: &[(&str, &str, &Fixture)]) -> (MockServer, Client) {
    let server = MockServer::start().await;
    for (verb, route, fixture) in answers {
        let answer = ResponseTemplate::new(fixture.status.unwrap())
            .set_body_raw(fixture.body, "application/json; charset=utf-8");
        Mock::given(method(*verb)).and(path(*route)).respond_with(answer).mount(&server).await;
    }
    let client = client(&server.uri());
    (server, client)
}

async fn asked(server: &MockServer, route: &str) -> usize {
    server.received_requests().await.unwrap().iter().filter(|request| request.url.path() == route).count()
}

fn facts(error: &Error) -> (ErrorKind, Delivery, Option<u16>, Option<&str>) {
    (error.kind(), error.delivery(), error.http_status(), error.vendor_code())
}

#[tokio::test]
async fn the_four_failures_of_login() {
    use ErrorKind::{NotFound, Unauthenticated, Unavailable};
    let rows = [
        (&documented::LOGIN_400, Unauthenticated, Some(400), Some("401"), 1),
        (&documented::LOGIN_401, Unauthenticated, Some(401), Some("401"), 1),
        (&documented::LOGIN_404, NotFound, Some(404), None, 1),
        // A login costs nothing, so it is retried.
        (&documented::LOGIN_500, Unavailable, Some(500), Some("500"), 3),
    ];
    for (fixture, kind, http, code, logins) in rows {
        let (server, client) = answering(&[("POST", LOGIN, fixture)]).await;
        let error = client.match2d_2d(&request()).await.unwrap_err();
        // Nothing of the comparison was sent.
        assert_eq!(facts(&error), (kind, Delivery::NotSent, http, code), "{}", fixture.name);
        assert_eq!(asked(&server, LOGIN).await, logins, "{}", fixture.name);
        assert_eq!(asked(&server, MATCH).await, 0, "{}", fixture.name);
        assert!(error.operation_id().is_none() && !error.may_have_landed());
    }
}

#[tokio::test]
async fn the_three_failures_of_match() {
    let rows = [
        (&documented::MATCH_400, ErrorKind::Rejected, Delivery::Answered, "422", 1, 1),
        // One new login, one more attempt.
        (&documented::MATCH_401, ErrorKind::Unauthenticated, Delivery::Refused, "401", 2, 2),
        // Paid, so not sent again.
        (&documented::MATCH_500, ErrorKind::Unavailable, Delivery::Answered, "500", 1, 1),
    ];
    for (fixture, kind, delivery, code, matches, logins) in rows {
        let (server, client) =
            answering(&[("POST", LOGIN, &documented::LOGIN_200), ("POST", MATCH, fixture)]).await;
        let error = client.match2d_2d(&request()).await.unwrap_err();
        assert_eq!(facts(&error), (kind, delivery, fixture.status, Some(code)), "{}", fixture.name);
        assert_eq!(
            (asked(&server, MATCH).await, asked(&server, LOGIN).await),
            (matches, logins),
            "{}",
            fixture.name
        );
        assert_eq!(error.operation_id().is_some(), kind == ErrorKind::Unavailable, "{}", fixture.name);
    }
}

#[tokio::test]
async fn a_validation_error_names_the_fields_and_hides_the_messages() {
    let (_server, client) =
        answering(&[("POST", LOGIN, &documented::LOGIN_200), ("POST", MATCH, &documented::MATCH_400)]).await;
    let error = client.match2d_2d(&request()).await.unwrap_err();
    assert_eq!(error.violations()[1].field, "Document");
    assert_eq!(error.violations()[1].message, "Document must be a valid CPF.");
    assert_eq!(error.vendor_message(), Some("One or more validation errors occurred."));
    assert_eq!(
        error.to_string(),
        "clearsale-facematch match2d-2d: the vendor rejected the request (HTTP 400): base64, Document; \
         the vendor responded; correct the fields named by the violations"
    );
}

#[tokio::test]
async fn the_three_failures_of_query() {
    let id = TransactionId::new("3fa85f64-5717-4562-b3fc-2c963f66afa6");
    let route = format!("{MATCH}/{}", id.as_str());
    let rows = [
        (&documented::QUERY_404, ErrorKind::NotFound, Delivery::Answered, "404", 1),
        (&documented::QUERY_500, ErrorKind::Unavailable, Delivery::Answered, "500", 3),
        (&documented::QUERY_401, ErrorKind::Unauthenticated, Delivery::Refused, "401", 2),
    ];
    for (fixture, kind, delivery, code, queries) in rows {
        let (server, client) =
            answering(&[("POST", LOGIN, &documented::LOGIN_200), ("GET", &route, fixture)]).await;
        let error = client.transaction(&id).await.unwrap_err();
        assert_eq!(facts(&error), (kind, delivery, fixture.status, Some(code)), "{}", fixture.name);
        assert_eq!(asked(&server, &route).await, queries, "{}", fixture.name);
    }
}

/// After a 5xx a paid call is not sent again, whatever its body states.
#[tokio::test]
async fn a_server_error_is_not_a_refusal() {
    for body in [r#"{"status":401}"#, r#"{"status":429}"#] {
        let (server, client) = answering(&[("POST", LOGIN, &documented::LOGIN_200)]).await;
        let answer = ResponseTemplate::new(500).set_body_raw(body, "application/json");
        Mock::given(path(MATCH)).respond_with(answer).mount(&server).await;
        let error = client.match2d_2d(&request()).await.unwrap_err();
        assert_eq!(error.delivery(), Delivery::Answered, "{body}");
        assert_eq!(asked(&server, MATCH).await, 1, "{body}");
    }
}

/// A status in the body that is not an error status is ignored.
#[tokio::test]
async fn only_an_error_status_counts() {
    let (server, client) = answering(&[("POST", LOGIN, &documented::LOGIN_200)]).await;
    let answer = ResponseTemplate::new(400).set_body_raw(r#"{"status":0}"#, "application/json");
    Mock::given(path(MATCH)).respond_with(answer).mount(&server).await;
    let error = client.match2d_2d(&request()).await.unwrap_err();
    assert_eq!(facts(&error), (ErrorKind::Rejected, Delivery::Answered, Some(400), Some("0")));
}

/// The status in the body takes precedence over the HTTP status.
#[tokio::test]
async fn the_body_takes_precedence_over_http() {
    let answer = ResponseTemplate::new(400).set_body_raw(documented::MATCH_401.body, "application/json");
    let (server, client) = answering(&[("POST", LOGIN, &documented::LOGIN_200)]).await;
    Mock::given(path(MATCH)).respond_with(answer).mount(&server).await;
    let error = client.match2d_2d(&request()).await.unwrap_err();
    assert_eq!(facts(&error), (ErrorKind::Unauthenticated, Delivery::Refused, Some(400), Some("401")));
    assert_eq!(asked(&server, MATCH).await, 2, "one new login, as after an HTTP 401");
}
