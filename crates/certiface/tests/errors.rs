//! Each documented failure as an error: kind, delivery, the vendor's message, and the number of requests.

use std::time::Duration;

use certiface::kyc_core::{ClientOptions, Delivery, Error, ErrorKind, decode};
use certiface::{Appkey, Client, FortfaceScan, FortfaceSession, JourneyStatus, Liveness};
use kyc_fixtures::{Fixture, certiface as documented};
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::requests::{four_frames, scan};
use crate::support::{APPKEY, builder, client, document, journey, person};

const SERVICE: &str = "/facecaptcha/service/captcha";

/// The operations that an appkey authorises, with the path below the service, and whether they are paid for. `checkauth`
/// is not listed: its 401 is a value.
const AUTHORISED_BY_APPKEY: [(&str, &str, bool); 13] = [
    ("challenge", "/challenge", false),
    ("captcha", "", true),
    ("session-token", "/3d/session-token", false),
    ("liveness of FaceTec", "/3d/liveness", true),
    ("liveness of iProov", "/3d/liveness", true),
    ("document", "/document", true),
    ("result", "/document/result", false),
    ("initialize", "/3d/initialize", false),
    ("process-request", "/3d/process-request", true),
    ("document-qrcode", "/document", true),
    ("fortface-session-token", "/fortface/session-token", false),
    ("fortface-liveness", "/fortface/liveness", true),
    ("captcha-result", "/result", false),
];

/// Responds to one path as given, and successfully to the paths that other operations need first.
async fn answering(below: &str, status: u16, body: &str) -> (MockServer, Client) {
    let server = MockServer::start().await;
    // The printed one ended in 2019.
    let credential = documented::CREDENCIAL_200.body.replace("/2019 ", "/2119 ");
    let answers = [
        (below, status, body),
        ("/credencial", 200, &credential),
        ("/challenge", 200, documented::CHALLENGE_200.body),
        ("/3d/session-token", 200, documented::SESSION_TOKEN_IPROOV_200.body),
    ];
    for (below, status, body) in answers {
        let answer = ResponseTemplate::new(status).set_body_raw(body, "application/json");
        Mock::given(path(format!("{SERVICE}{below}"))).respond_with(answer).mount(&server).await;
    }
    let client = client(&server.uri());
    (server, client)
}

/// Calls an operation, after the steps that it requires.
async fn call(client: &Client, operation: &str) -> Result<(), Error> {
    let mut journey = journey(client);
    match operation {
        "appkey" => client.appkey(&person("52998224725")).await.map(drop),
        "challenge" => journey.challenge().await.map(drop),
        "captcha" => {
            journey.challenge().await.unwrap();
            journey.captcha(&four_frames()).await.map(drop)
        }
        "session-token" => journey.session(None).await.map(drop),
        "liveness of FaceTec" => journey.liveness_facetec(&scan()).await.map(drop),
        "liveness of iProov" => {
            journey.session(None).await.unwrap();
            journey.liveness_iproov().await.map(drop)
        }
        "document" => journey.document(&[document()]).await.map(drop),
        "document-qrcode" => journey.document_qr_code(&document()).await.map(drop),
        "result" => journey.result().await.map(drop),
        "initialize" => journey.initialize("web").await.map(drop),
        "process-request" => journey.process_request("blob", "agent").await.map(drop),
        "fortface-session-token" => journey.fortface_session("agent", "device").await.map(drop),
        "fortface-liveness" => {
            let scan = FortfaceScan::new(&fortface_session(), "agent", "key", "data", "images");
            journey.fortface_liveness(&scan).await.map(drop)
        }
        "captcha-result" => client.liveness_result(journey.appkey()).await.map(drop),
        other => panic!("{other}"),
    }
}

/// Returns the operation name as in errors.
fn name(operation: &str) -> &str {
    operation.split(" of ").next().unwrap()
}

async fn asked(server: &MockServer, below: &str) -> usize {
    let route = format!("{SERVICE}{below}");
    server.received_requests().await.unwrap().iter().filter(|request| request.url.path() == route).count()
}

fn facts(error: &Error) -> (ErrorKind, Delivery, Option<u16>, Option<&str>) {
    (error.kind(), error.delivery(), error.http_status(), error.vendor_message())
}

#[tokio::test]
async fn the_failures_of_credencial() {
    use ErrorKind::{Rejected, Unauthenticated, Unavailable};
    let rows = [
        (400, "", Rejected, None, 1),
        (401, documented::CREDENCIAL_401.body, Unauthenticated, Some("UNAUTHORIZED"), 1),
        // A login costs nothing, so it is retried.
        (500, "", Unavailable, None, 3),
    ];
    for (status, body, kind, words, logins) in rows {
        let (server, client) = answering("/credencial", status, body).await;
        let error = call(&client, "appkey").await.unwrap_err();
        // The appkey request was not sent, whatever the outcome of the login.
        assert_eq!(facts(&error), (kind, Delivery::NotSent, Some(status), words));
        assert_eq!((asked(&server, "/credencial").await, asked(&server, "/appkey").await), (logins, 0));
        assert!(error.operation_id().is_none() && !error.may_have_landed());
    }
}

#[tokio::test]
async fn the_failures_of_appkey() {
    use ErrorKind::{Rejected, Unauthenticated, Unavailable};
    let words = |words: &str| format!("{{\"error\":\"{words}\"}}");
    let rows = [
        // One new login, one more attempt.
        (401, words("EXPIRED"), Unauthenticated, Delivery::Refused, Some("EXPIRED"), 2, 2),
        (422, words("NO"), Rejected, Delivery::Answered, Some("NO"), 1, 1),
        (
            422,
            documented::APPKEY_422.body.to_owned(),
            Rejected,
            Delivery::Answered,
            Some("INVALID CPF"),
            1,
            1,
        ),
        (500, words("SORRY"), Unavailable, Delivery::Answered, Some("SORRY"), 3, 1),
    ];
    for (status, body, kind, delivery, words, appkeys, logins) in rows {
        let (server, client) = answering("/appkey", status, &body).await;
        let error = call(&client, "appkey").await.unwrap_err();
        assert_eq!(facts(&error), (kind, delivery, Some(status), words));
        assert_eq!((asked(&server, "/appkey").await, asked(&server, "/credencial").await), (appkeys, logins));
        assert!(error.operation_id().is_none(), "without a key there is nothing to query");
    }
}

/// No login renews an appkey, so a refused call is not retried.
#[tokio::test]
async fn an_expired_appkey() {
    for (operation, below, _) in AUTHORISED_BY_APPKEY {
        let (server, client) = answering(below, 401, documented::CHALLENGE_401.body).await;
        let error = call(&client, operation).await.unwrap_err();
        let wanted = (ErrorKind::Expired, Delivery::Refused, Some(401), Some("APPKEY EXPIRED"));
        assert_eq!(facts(&error), wanted, "{operation}");
        assert_eq!(error.operation(), Some(name(operation)));
        assert_eq!((asked(&server, below).await, error.attempts()), (1, 1), "{operation}");
        assert_eq!(asked(&server, "/credencial").await, 0, "{operation}");
        assert!(error.operation_id().is_none() && !error.is_transient(), "{operation}");
        assert!(!error.to_string().contains("APPKEY EXPIRED"), "the vendor's message may hold personal data");
    }
}

async fn a_server_error_of((operation, below, is_paid): (&str, &str, bool)) {
    let (server, client) = answering(below, 500, documented::PROCESS_REQUEST_500.body).await;
    let error = call(&client, operation).await.unwrap_err();
    let wanted = (ErrorKind::Unavailable, Delivery::Answered, Some(500), Some("SESSION NOT PROCESSED"));
    assert_eq!(facts(&error), wanted, "{operation}");
    // A paid call is not sent again: its error carries the appkey as operation id.
    assert_eq!(asked(&server, below).await, if is_paid { 1 } else { 3 }, "{operation}");
    let id = is_paid.then(|| Appkey::new(APPKEY).operation_id());
    assert_eq!(error.operation_id(), id.as_ref(), "{operation}");
    assert_eq!(error.is_transient(), !is_paid, "{operation}");
}

#[tokio::test]
async fn a_server_error() {
    // Concurrently, since each call waits before its retries.
    let calls = AUTHORISED_BY_APPKEY.map(|row| tokio::spawn(a_server_error_of(row)));
    for call in calls {
        call.await.unwrap();
    }
    let (server, client) = answering("/checkauth", 500, "").await;
    let error = client.check_appkey(&Appkey::new(APPKEY)).await.unwrap_err();
    assert_eq!(facts(&error), (ErrorKind::Unavailable, Delivery::Answered, Some(500), None));
    assert_eq!(asked(&server, "/checkauth").await, 3);
}

/// Waiting continues while the vendor fails temporarily.
#[tokio::test]
async fn a_wait_continues_after_a_failure() {
    let server = MockServer::start().await;
    let rows = [
        (500, "", 2),
        (404, documented::RESULT_404.body, 1),
        (200, documented::RESULT_PROCESSING_200.body, 1),
    ];
    for (status, body, times) in rows {
        let answer = ResponseTemplate::new(status).set_body_string(body);
        let mock = Mock::given(wiremock::matchers::any()).respond_with(answer);
        mock.up_to_n_times(times).mount(&server).await;
    }
    let done = ResponseTemplate::new(200).set_body_string(documented::RESULT_200.body);
    Mock::given(wiremock::matchers::any()).respond_with(done).mount(&server).await;
    let client = builder(&server.uri())
        .options(ClientOptions::new().max_attempts(1))
        .poll_interval(Duration::from_millis(5))
        .build()
        .unwrap();
    let id = Appkey::new(APPKEY).operation_id();
    let result = client.wait(&id, Duration::from_secs(30)).unwrap().await.unwrap();
    assert_eq!(result.status, Some(JourneyStatus::Complete));
    assert_eq!(asked(&server, "/document/result").await, 5);
}

fn fortface_session() -> FortfaceSession {
    decode(documented::FORTFACE_SESSION_TOKEN_200.body.as_bytes()).unwrap().value
}

const REFUSALS: [(&Fixture, &str); 3] = [
    (&documented::REFUSED_NAME, "nome"),
    (&documented::REFUSED_CPF, "cpf"),
    (&documented::REFUSED_DATE, "nascimento"),
];

#[tokio::test]
async fn refused_data_is_recognised_under_any_status() {
    for (operation, below) in [("appkey", "/appkey"), ("result", "/document/result")] {
        for status in [200, 400, 401, 404, 422, 500] {
            for (fixture, field) in REFUSALS {
                let (server, client) = answering(below, status, fixture.body).await;
                let error = call(&client, operation).await.unwrap_err();
                assert_eq!((error.kind(), error.http_status()), (ErrorKind::Rejected, Some(status)));
                assert_eq!(asked(&server, below).await, 1, "{operation} {status}");
                let [violation] = error.violations() else { panic!("one violation") };
                assert_eq!(
                    (violation.field.as_str(), Some(violation.message.as_str())),
                    (field, error.vendor_message())
                );
                assert!(fixture.body.contains(error.vendor_message().unwrap()));
                assert!(fixture.body.contains(error.vendor_code().unwrap()), "the transaction number");
            }
        }
    }
}

#[tokio::test]
async fn a_refusal_names_the_field_and_hides_the_message() {
    let (_server, client) = answering("/appkey", 422, documented::APPKEY_422.body).await;
    let error = call(&client, "appkey").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "certiface appkey: the CPF was refused (HTTP 422): cpf; the vendor responded; correct the fields named by the violations"
    );
    let (_server, client) = answering("/appkey", 200, r#"{"status":"err","msg":"Fulano 529"}"#).await;
    let error = call(&client, "appkey").await.unwrap_err();
    assert_eq!((error.kind(), error.vendor_message()), (ErrorKind::Rejected, Some("Fulano 529")));
    assert!(!format!("{error} {error:?}").contains("529"), "a message that is not documented");
}

/// Other operations do not take personal data.
#[tokio::test]
async fn the_same_body_is_not_a_refusal_elsewhere() {
    for (operation, below, is_paid) in AUTHORISED_BY_APPKEY {
        if operation == "result" {
            continue;
        }
        for (fixture, _) in REFUSALS {
            let (_server, client) = answering(below, 422, fixture.body).await;
            let error = call(&client, operation).await.unwrap_err();
            assert_eq!(
                facts(&error),
                (ErrorKind::Rejected, Delivery::Answered, Some(422), None),
                "{operation}"
            );
            assert!(error.violations().is_empty() && error.vendor_code().is_none(), "{operation}");
            assert!(error.operation_id().is_none(), "refused, paid or not ({is_paid}): nothing to query");
        }
    }
    let (_server, client) = answering("", 200, documented::REFUSED_NAME.body).await;
    let mut journey = journey(&client);
    journey.challenge().await.unwrap();
    let verdict = journey.captcha(&four_frames()).await.unwrap();
    assert_eq!(verdict.value().outcome(), Liveness::Unclear);
}

/// An object with an error message under HTTP 200 is an error.
#[tokio::test]
async fn an_error_in_place_of_a_value() {
    let operations =
        ["challenge", "session-token", "initialize", "process-request", "fortface-session-token"];
    for (operation, below, _) in AUTHORISED_BY_APPKEY {
        if !operations.contains(&operation) {
            continue;
        }
        let (server, client) = answering(below, 200, documented::SESSION_TOKEN_500.body).await;
        let error = call(&client, operation).await.unwrap_err();
        let wanted = (ErrorKind::Rejected, Delivery::Answered, Some(200), Some("SESSION TOKEN NOT CREATED"));
        assert_eq!(facts(&error), wanted, "{operation}");
        assert_eq!(asked(&server, below).await, 1, "{operation}");
    }
    let (_server, client) = answering("/3d/session-token", 200, documented::SESSION_TOKEN_500.body).await;
    let mut without = journey(&client);
    without.session(None).await.unwrap_err();
    let error = without.liveness_iproov().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.delivery()),
        (ErrorKind::Expired, Delivery::NotSent),
        "no session is open"
    );
    assert!(without.may_check_liveness());
}

/// An empty message beside a value is ignored.
#[tokio::test]
async fn an_empty_error_message_is_ignored() {
    let (_server, client) = answering("/3d/session-token", 200, r#"{"token":"t","error":""}"#).await;
    journey(&client).session(None).await.unwrap();
}

#[tokio::test]
async fn an_unreadable_response() {
    const BODIES: [&str; 7] = ["", "  ", "<html>Olá</html>", "null", "[]", "\"QUJD\"", "{\"a\":"];
    let all = AUTHORISED_BY_APPKEY.into_iter().chain([("appkey", "/appkey", false)]);
    for (operation, below, is_paid) in all {
        for body in BODIES {
            if operation == "appkey" && body == "\"QUJD\"" {
                continue; // A bare appkey.
            }
            let (server, client) = answering(below, 200, body).await;
            let error = call(&client, operation).await.unwrap_err();
            assert_eq!(
                facts(&error),
                (ErrorKind::Decode, Delivery::Answered, Some(200), None),
                "{operation} {body}"
            );
            assert_eq!(asked(&server, below).await, 1, "{operation} {body}");
            let is_encrypted = ["challenge", "session-token", "initialize"].contains(&operation);
            let path = if is_encrypted && !body.starts_with('{') { None } else { Some(".") };
            let at = if body.starts_with('{') { error.json_path().map(|_| ".") } else { error.json_path() };
            assert_eq!(at, path, "{operation} {body}");
            assert_eq!(error.body().unwrap().expose(), body.as_bytes(), "{operation} {body}");
            assert_eq!(error.operation_id().is_some(), is_paid, "{operation} {body}");
            assert!(!format!("{error} {error:?}").contains("Ol"), "{operation} {body}");
        }
    }
}

/// A response that is encrypted with another key cannot be decrypted.
#[tokio::test]
async fn a_response_encrypted_with_another_key() {
    let other: String = APPKEY.chars().rev().collect();
    let encrypted = crate::support::encrypted(&other, documented::CHALLENGE_200.body);
    for (operation, below) in [
        ("challenge", "/challenge"),
        ("session-token", "/3d/session-token"),
        ("initialize", "/3d/initialize"),
    ] {
        let (_server, client) = answering(below, 200, &encrypted).await;
        let error = call(&client, operation).await.unwrap_err();
        assert_eq!(facts(&error), (ErrorKind::Decode, Delivery::Answered, Some(200), None), "{operation}");
        assert_eq!(error.operation(), Some(operation));
    }
}

#[tokio::test]
async fn the_json_path_of_an_unreadable_value() {
    for (operation, below, body, path) in [
        ("challenge", "/challenge", r#"{"challenges":[{}x]}"#, "challenges[1]"),
        (
            "result",
            "/document/result",
            r#"{"analiseDocumento":{"documentos":[{}x]}}"#,
            "analiseDocumento.documentos[1]",
        ),
        ("captcha", "", "1", "."),
        ("document", "/document", r#"[{"id":1}]"#, "."),
        ("appkey", "/appkey", r#"{"appkey":{"a":1}}"#, "appkey"),
    ] {
        let (_server, client) = answering(below, 200, body).await;
        let error = call(&client, operation).await.unwrap_err();
        assert_eq!((error.kind(), error.json_path()), (ErrorKind::Decode, Some(path)), "{operation}");
    }
}

/// A challenge without its key or its codes is useless.
#[tokio::test]
async fn an_incomplete_challenge() {
    for body in [
        r#"{"challenges":[{"tipoFace":{"codigo":"a"}}]}"#,
        r#"{"chkey":"a"}"#,
        r#"{"chkey":"a","challenges":[]}"#,
        r#"{"chkey":"a","challenges":[{"tipoFace":{"codigo":"a"}},{"tipoFace":{}}]}"#,
        "{}",
    ] {
        let (_server, client) = answering("/challenge", 200, body).await;
        let error = call(&client, "challenge").await.unwrap_err();
        assert_eq!((error.kind(), error.operation()), (ErrorKind::Decode, Some("challenge")), "{body}");
    }
}

/// A proxy on the way responds with HTML.
#[tokio::test]
async fn an_html_error_page() {
    for (status, kind, delivery) in [
        (302, ErrorKind::Config, Delivery::Answered),
        (403, ErrorKind::Forbidden, Delivery::Answered),
        (502, ErrorKind::Unavailable, Delivery::Answered),
    ] {
        for (operation, below, is_paid) in AUTHORISED_BY_APPKEY {
            // A redirect does not say what became of a submission.
            let delivery = if is_paid && status == 302 { Delivery::Unknown } else { delivery };
            let (server, _) = answering(below, status, "<html><body>error: 529</body></html>").await;
            let once = ClientOptions::new().max_attempts(1);
            let client = builder(&server.uri()).options(once).build().unwrap();
            let error = call(&client, operation).await.unwrap_err();
            assert_eq!(facts(&error), (kind, delivery, Some(status), None), "{operation}");
            assert!(!format!("{error} {error:?}").contains("529"));
        }
    }
}

/// The key counts as used only if the vendor may have processed the call.
#[tokio::test]
async fn a_failure_uses_up_the_key_only_if_it_may_have_landed() {
    for (status, body, stays_open) in
        [(400, "", true), (401, "", true), (422, "", true), (500, "", false), (200, "", false)]
    {
        for (operation, below, is_paid) in AUTHORISED_BY_APPKEY {
            if !is_paid || operation.starts_with("document") {
                continue;
            }
            let (_server, client) = answering(below, status, body).await;
            let mut journey = journey(&client);
            let outcome = match operation {
                "captcha" => {
                    journey.challenge().await.unwrap();
                    journey.captcha(&four_frames()).await
                }
                "liveness of FaceTec" => journey.liveness_facetec(&scan()).await,
                "liveness of iProov" => {
                    journey.session(None).await.unwrap();
                    journey.liveness_iproov().await
                }
                "process-request" => journey.process_request("blob", "agent").await,
                _ => {
                    let session = fortface_session();
                    journey.fortface_liveness(&FortfaceScan::new(&session, "agent", "k", "d", "p")).await
                }
            };
            outcome.unwrap_err();
            assert_eq!(journey.may_check_liveness(), stays_open, "{operation} {status}");
        }
    }
}
