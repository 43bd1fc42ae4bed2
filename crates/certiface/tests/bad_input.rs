//! Input that is refused before anything is sent: the field, the rule, and no request.

use std::time::Duration;

use certiface::kyc_core::{
    ClientOptions, Cpf, Date, Delivery, Error, ErrorKind, Media, OperationId, Vendor, VirtualClock, decode,
};
use certiface::{
    Appkey, Client, Config, Environment, FaceTecScan, FortfaceScan, FortfaceSession, Journey, Person,
};
use kyc_fixtures::certiface as documented;
use test_support::png;
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::requests::{four_frames, scan};
use crate::support::{APPKEY, builder, client, credentials, document, journey, person, small_frame};

/// Responds with a challenge, a verdict and an iProov session, unencrypted.
async fn vendor() -> MockServer {
    let server = MockServer::start().await;
    for (below, body) in [
        ("/challenge", documented::CHALLENGE_200.body),
        ("/3d/session-token", documented::SESSION_TOKEN_IPROOV_200.body),
        ("", documented::CAPTCHA_200.body),
        ("/3d/liveness", documented::LIVENESS_IPROOV_APPROVED_200.body),
        ("/document", documented::DOCUMENT_200.body),
        ("/document/result", documented::RESULT_200.body),
    ] {
        let answer = ResponseTemplate::new(200).set_body_string(body);
        let route = format!("/facecaptcha/service/captcha{below}");
        Mock::given(path(route)).respond_with(answer).mount(&server).await;
    }
    server
}

async fn requests(server: &MockServer) -> usize {
    server.received_requests().await.unwrap().len()
}

/// Asserts a refusal because of a value.
fn assert_refused(error: &Error, operation: &str, rule: &str) {
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::InvalidInput, Delivery::NotSent));
    assert_eq!((error.attempts(), error.violations().len()), (0, 1));
    let line = format!("certiface {operation}: {rule}; nothing was sent; correct the value");
    assert_eq!(error.to_string(), line);
}

/// Asserts a refusal because the key, the challenge or the session is not usable any more.
fn assert_expired(error: &Error, operation: &str, what: &str) {
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Expired, Delivery::NotSent));
    assert_eq!((error.attempts(), error.operation_id()), (0, None));
    let line = format!("certiface {operation}: {what}; nothing was sent; start again with a new key");
    assert_eq!(error.to_string(), line);
}

fn named(name: &str) -> Person {
    Person::new(Cpf::parse("52998224725").unwrap(), name, Date::parse("15/11/2001").unwrap())
}

#[tokio::test]
async fn an_invalid_person_is_refused() {
    let server = vendor().await;
    let client = client(&server.uri());
    let rows = [
        (named(""), "nome: must not be empty"),
        (named(" \n"), "nome: must not be empty"),
        (named("Ana").with_id_externo_cliente(""), "id_externo_cliente: must not be empty"),
        (
            named("Ana").with_id_externo_cliente("x".repeat(256)),
            "id_externo_cliente: must have at most 255 characters, but has 256",
        ),
        (
            named("Ana").with_id_externo_cliente("order\n1"),
            "id_externo_cliente: must not contain control characters",
        ),
        (
            named("Ana").with_id_externo_cliente("order-1\0"),
            "id_externo_cliente: must not contain control characters",
        ),
        (
            named("Ana").with_id_externo_cliente("\u{85}order-1"),
            "id_externo_cliente: must not contain control characters",
        ),
        (named("Ana\u{7f} Silva"), "nome: must not contain control characters"),
        (named("Ana\r\nSilva"), "nome: must not contain control characters"),
    ];
    for (person, rule) in rows {
        assert_refused(&person.check().unwrap_err(), "appkey", rule);
        assert_refused(&client.appkey(&person).await.unwrap_err(), "appkey", rule);
        assert_refused(&client.journey(&person).await.unwrap_err(), "appkey", rule);
    }
    assert_eq!(requests(&server).await, 0, "no login either");
}

fn media(bytes: impl Into<Vec<u8>>) -> Media {
    Media::new(bytes.into()).unwrap()
}

fn truncated() -> Media {
    media(&document().bytes()[..1000])
}

#[tokio::test]
async fn invalid_documents_are_refused() {
    let server = vendor().await;
    let journey = journey(&client(&server.uri()));
    let gif = media(&b"GIF89a\x01\0\x01\0\0\0\0;"[..]);
    let rows = [
        (vec![], "must be one or two files"),
        (vec![document(), document(), document()], "must be one or two files"),
        (vec![media("hello")], "must be JPEG or PNG or PDF, but is not a known image format"),
        (vec![gif], "must be JPEG or PNG or PDF, but is GIF by its content"),
        (vec![document(), truncated()], "is a truncated JPEG: its end marker is missing"),
        (vec![media(&png(1)[..40])], "is a truncated PNG: its end marker is missing"),
    ];
    for (images, rule) in rows {
        let error = journey.document(&images).await.unwrap_err();
        assert_refused(&error, "document", &format!("images: {rule}"));
        if let [image] = images.as_slice() {
            let error = journey.document_qr_code(image).await.unwrap_err();
            assert_refused(&error, "document-qrcode", &format!("code: {rule}"));
        }
    }
    assert_eq!(requests(&server).await, 0);
}

#[tokio::test]
async fn frames_that_do_not_fit_the_challenge() {
    let server = vendor().await;
    let mut journey = journey(&client(&server.uri()));
    journey.challenge().await.unwrap();
    let frame = small_frame;
    let whole = four_frames();
    let with = |odd: Media| vec![vec![frame(1), odd], vec![frame(3), frame(4)]];
    let rows = [
        (vec![], "must be for 2 challenges, but are for 0"),
        (whole[..1].to_vec(), "must be for 2 challenges, but are for 1"),
        ([whole.clone(), whole.clone()].concat(), "must be for 2 challenges, but are for 4"),
        (vec![whole[0].clone(), vec![]], "must be 2 for challenge 2, but are 0"),
        (vec![vec![frame(1)], whole[1].clone()], "must be 2 for challenge 1, but are 1"),
        (vec![whole[0].clone(), vec![frame(3), frame(4), frame(5)]], "must be 2 for challenge 2, but are 3"),
        (with(media(png(320))), "must be JPEG, but is PNG by its content"),
        (with(media("hello")), "must be JPEG, but is not a known image format"),
        (with(truncated()), "is a truncated JPEG: its end marker is missing"),
        (with(frame(1)), "must come from a capture, but one is repeated"),
        (with(frame(4)), "must come from a capture, but one is repeated"),
    ];
    for (frames, rule) in rows {
        let error = journey.captcha(&frames).await.unwrap_err();
        assert_refused(&error, "captcha", &format!("frames: {rule}"));
        assert!(journey.may_check_liveness());
    }
    assert_eq!(requests(&server).await, 1, "the challenge alone");
    journey.captcha(&whole).await.unwrap();
}

/// The challenges of 2017 did not state the number of frames.
#[tokio::test]
async fn a_challenge_without_a_number_of_frames_needs_at_least_one() {
    let server = MockServer::start().await;
    let body = r#"{"chkey":"a","challenges":[{"tipoFace":{"codigo":"b"}}]}"#;
    let answer = ResponseTemplate::new(200).set_body_string(body);
    Mock::given(path("/facecaptcha/service/captcha/challenge")).respond_with(answer).mount(&server).await;
    let mut journey = journey(&client(&server.uri()));
    journey.challenge().await.unwrap();
    let error = journey.captcha(&[vec![]]).await.unwrap_err();
    assert_refused(&error, "captcha", "frames: must be at least one for challenge 1, but are 0");
    assert_eq!(requests(&server).await, 1);
}

const NO_CHALLENGE: &str = "no challenge is open: request one first";
const NO_SESSION: &str = "no iProov session is open: start one first";
const USED_UP: &str = "a liveness check was made with this appkey: start again with a new one";

#[tokio::test]
async fn a_step_out_of_order_is_refused() {
    let server = vendor().await;
    let mut journey = journey(&client(&server.uri()));
    let error = journey.captcha(&four_frames()).await.unwrap_err();
    assert_expired(&error, "captcha", NO_CHALLENGE);
    let error = journey.liveness_iproov().await.unwrap_err();
    assert_expired(&error, "liveness", NO_SESSION);
    assert!(journey.may_check_liveness());
    assert_eq!(requests(&server).await, 0);
}

#[tokio::test]
async fn a_facetec_session_is_not_an_iproov_session() {
    let server = MockServer::start().await;
    let answer = ResponseTemplate::new(200).set_body_string(documented::SESSION_TOKEN_FACETEC_200.body);
    Mock::given(wiremock::matchers::any()).respond_with(answer).mount(&server).await;
    let mut journey = journey(&client(&server.uri()));
    journey.session(None).await.unwrap();
    assert_expired(&journey.liveness_iproov().await.unwrap_err(), "liveness", NO_SESSION);
    assert_eq!(requests(&server).await, 1);
}

#[tokio::test]
async fn a_challenge_lives_for_a_minute() {
    let server = vendor().await;
    let clock = VirtualClock::frozen();
    let client = builder(&server.uri()).options(ClientOptions::new().clock(clock.clone())).build().unwrap();
    let mut journey = journey(&client);
    journey.challenge().await.unwrap();
    clock.advance(Duration::from_secs(61));
    let error = journey.captcha(&four_frames()).await.unwrap_err();
    assert_expired(&error, "captcha", "the challenge is older than 60 s: request a new one");
    assert_eq!(requests(&server).await, 1);
    // The key is still unused. A new challenge starts a new minute and is stored with the journey.
    journey.challenge().await.unwrap();
    clock.advance(Duration::from_secs(59));
    let stored = serde_json::to_string(journey.state()).unwrap();
    let mut resumed = client.resume(serde_json::from_str(&stored).unwrap());
    resumed.captcha(&four_frames()).await.unwrap();
    // A stored challenge may be old.
    clock.advance(Duration::from_secs(2));
    let mut late = client.resume(serde_json::from_str(&stored).unwrap());
    let error = late.captcha(&four_frames()).await.unwrap_err();
    assert_expired(&error, "captcha", "the challenge is older than 60 s: request a new one");
    assert_eq!(requests(&server).await, 3);
}

/// Calls every step of a liveness check on a journey whose key is used up.
async fn assert_used_up(used: &mut Journey) {
    let fortface = FortfaceScan::new(&FortfaceSession::default(), "agent", "key", "data", "images");
    assert!(!used.may_check_liveness());
    for (operation, error) in [
        ("captcha", used.captcha(&four_frames()).await.unwrap_err()),
        ("challenge", used.challenge().await.unwrap_err()),
        ("session-token", used.session(None).await.unwrap_err()),
        ("liveness", used.liveness_facetec(&scan()).await.unwrap_err()),
        ("liveness", used.liveness_iproov().await.unwrap_err()),
        ("initialize", used.initialize("web").await.unwrap_err()),
        ("process-request", used.process_request("blob", "agent").await.unwrap_err()),
        ("fortface-session-token", used.fortface_session("agent", "device").await.unwrap_err()),
        ("fortface-liveness", used.fortface_liveness(&fortface).await.unwrap_err()),
    ] {
        assert_expired(&error, operation, USED_UP);
    }
}

#[tokio::test]
async fn after_a_liveness_check_the_key_is_used_up() {
    let server = vendor().await;
    let client = client(&server.uri());
    let mut flat = journey(&client);
    flat.challenge().await.unwrap();
    flat.captcha(&four_frames()).await.unwrap();
    let mut scanned = journey(&client);
    scanned.liveness_facetec(&scan()).await.unwrap();
    let mut watched = journey(&client);
    watched.session(None).await.unwrap();
    watched.liveness_iproov().await.unwrap();
    let sent = requests(&server).await;
    for used in [&mut flat, &mut scanned, &mut watched] {
        assert_used_up(used).await;
        let stored = serde_json::to_string(used.state()).unwrap();
        assert_used_up(&mut client.resume(serde_json::from_str(&stored).unwrap())).await;
    }
    assert_eq!(requests(&server).await, sent);
    // The vendor decides about the other steps.
    flat.document(&[document()]).await.unwrap();
    flat.result().await.unwrap();
    assert_eq!(requests(&server).await, sent + 2);
}

#[tokio::test]
async fn an_appkey_too_short_for_a_cipher_is_refused() {
    const RULE: &str = "appkey: must be at least 17 ASCII characters";
    let server = vendor().await;
    let client = client(&server.uri());
    for key in ["", "sixteen letters!", "áááááááááááááááááááá"] {
        let mut journey = Journey::from_appkey(&client, Appkey::new(key));
        assert_refused(&journey.challenge().await.unwrap_err(), "challenge", RULE);
        assert_refused(&journey.session(None).await.unwrap_err(), "session-token", RULE);
        assert_refused(&journey.initialize("web").await.unwrap_err(), "initialize", RULE);
        assert_refused(&journey.liveness_facetec(&scan()).await.unwrap_err(), "liveness", RULE);
        assert!(journey.may_check_liveness(), "the key is still unused");
    }
    assert_eq!(requests(&server).await, 0);
    // An unencrypted body needs no such key.
    let short = Journey::from_appkey(&client, Appkey::new("short"));
    short.result().await.unwrap();
}

#[tokio::test]
async fn invalid_scans_are_refused() {
    let server = vendor().await;
    let mut journey = journey(&client(&server.uri()));
    let scan = |face: &str, one: Media, other: Media| FaceTecScan::new("agent", face, one, other, "id");
    let (jpeg, odd) = (small_frame(1), media(png(1)));
    let rows = [
        (scan("", jpeg.clone(), jpeg.clone()), "face_scan: must not be empty"),
        (scan(" \n", jpeg.clone(), jpeg.clone()), "face_scan: must not be empty"),
        (FaceTecScan::new("agent", "a", jpeg.clone(), jpeg.clone(), ""), "session_id: must not be empty"),
        (scan("a", odd.clone(), jpeg.clone()), "audit_trail_image: must be JPEG, but is PNG by its content"),
        (
            scan("a", jpeg.clone(), odd),
            "low_quality_audit_trail_image: must be JPEG, but is PNG by its content",
        ),
        (
            scan("a", jpeg, truncated()),
            "low_quality_audit_trail_image: is a truncated JPEG: its end marker is missing",
        ),
    ];
    for (scan, rule) in rows {
        assert_refused(&scan.check().unwrap_err(), "liveness", rule);
        assert_refused(&journey.liveness_facetec(&scan).await.unwrap_err(), "liveness", rule);
        assert!(journey.may_check_liveness());
    }
    assert_eq!(requests(&server).await, 0);
}

#[tokio::test]
async fn the_id_of_another_vendor_is_refused() {
    let server = vendor().await;
    let client = client(&server.uri());
    let id = OperationId::by_id(Vendor::new("clearsale-facematch"), "match2d-2d", "529");
    let error = client.wait(&id, Duration::from_secs(1)).unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Unsupported, Delivery::NotSent));
    assert_eq!(requests(&server).await, 0);
}

#[test]
fn invalid_values_cannot_be_constructed() {
    assert_eq!(Cpf::parse("52998224726").unwrap_err().to_string(), "CPF: check digits do not match");
    assert!(Date::parse("31/02/2001").is_err());
    assert_eq!(Media::new("").unwrap_err().to_string(), "must not be empty");
    assert_eq!(Media::read("/").unwrap_err().to_string(), "file: is a directory, not a file");
}

#[test]
fn the_limits_themselves_are_allowed() {
    // Characters are counted, not bytes.
    named("A").with_id_externo_cliente("ç".repeat(255)).check().unwrap();
    person("52998224725").check().unwrap();
}

#[test]
fn an_invalid_url_is_refused() {
    for address in ["http://example.com", "nonsense", "https://user:pass@example.com", ""] {
        let good = "https://example.com";
        let both = [builder(address).result_base_url(good), builder(good).result_base_url(address)];
        for (builder, key) in both.into_iter().zip(["base_url", "result_base_url"]) {
            let error = builder.build().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config, "{address}");
            assert!(error.to_string().starts_with(&format!("certiface: {key}: ")), "{error}");
            assert!(!error.to_string().contains("pass"));
        }
    }
}

/// A key of one address must not be sent to another.
#[test]
fn the_result_url_is_required_with_the_base_url() {
    let here = "http://127.0.0.1:9";
    let bare = || Client::builder(credentials());
    let alone = [
        bare().base_url(here),
        bare().result_base_url(here).environment(Environment::Production).base_url(here),
        Client::builder_from(&Config::new("me", "s3cret")).base_url(here),
    ];
    for builder in alone {
        let error = builder.build().unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Config, Delivery::NotSent));
        assert!(error.to_string().starts_with("certiface: result_base_url: must be set together"), "{error}");
    }
    builder(here).build().unwrap();
    bare().environment(Environment::Production).build().unwrap();
}

fn built(operation: &str, path: &str) -> Result<Client, Error> {
    builder("https://example.com").path(operation, path).build()
}

#[tokio::test]
async fn an_invalid_path_is_refused() {
    for (operation, path, rule) in [
        ("captha", "/captcha", "certiface: a path is set for an operation that does not exist"),
        ("", "/captcha", "certiface: a path is set for an operation that does not exist"),
        ("captcha", "captcha", "certiface: a path must begin with /"),
        ("captcha", "", "certiface: a path must begin with /"),
        ("captcha", "@example.org/", "certiface: a path must begin with /"),
    ] {
        let error = built(operation, path).unwrap_err();
        assert_eq!(
            (error.kind(), error.delivery()),
            (ErrorKind::Config, Delivery::NotSent),
            "{operation} {path}"
        );
        assert!(error.to_string().starts_with(rule), "{error}");
    }
    let server = vendor().await;
    let odd = builder(&server.uri()).path("result", "/a b").build();
    let error = match odd {
        Ok(client) => client.result(&Appkey::new(APPKEY)).await.map(drop).unwrap_err(),
        Err(error) => error,
    };
    assert_eq!(error.kind(), ErrorKind::Config, "{error}");
    assert_eq!(requests(&server).await, 0);
}

/// A session without its token, or an SDK that returned nothing, makes a scan with which the vendor can do nothing.
#[tokio::test]
async fn an_incomplete_fortface_scan_is_refused() {
    let server = vendor().await;
    let mut journey = journey(&client(&server.uri()));
    let session = |json: &str| decode::<FortfaceSession>(json.as_bytes()).unwrap().value;
    let whole = session(documented::FORTFACE_SESSION_TOKEN_200.body);
    let rows = [
        (FortfaceScan::new(&FortfaceSession::default(), "agent", "k", "d", "i"), "session_token"),
        (FortfaceScan::new(&session(r#"{"sessionId":"s"}"#), "agent", "k", "d", "i"), "session_token"),
        (
            FortfaceScan::new(&session(r#"{"sessionId":"s","sessionToken":" "}"#), "agent", "k", "d", "i"),
            "session_token",
        ),
        (
            FortfaceScan::new(&session(r#"{"sessionId":{},"sessionToken":"t"}"#), "agent", "k", "d", "i"),
            "session_id",
        ),
        (FortfaceScan::new(&whole, "agent", "", "d", "i"), "key"),
        (FortfaceScan::new(&whole, "agent", "k", "\n", "i"), "data"),
        (FortfaceScan::new(&whole, "agent", "k", "d", ""), "img_data"),
    ];
    for (scan, field) in rows {
        let rule = format!("{field}: must not be empty");
        assert_refused(&scan.check().unwrap_err(), "fortface-liveness", &rule);
        assert_refused(&journey.fortface_liveness(&scan).await.unwrap_err(), "fortface-liveness", &rule);
        assert!(journey.may_check_liveness(), "the key is still unused");
    }
    for blob in ["", " "] {
        let error = journey.process_request(blob, "agent").await.unwrap_err();
        assert_refused(&error, "process-request", "request_blob: must not be empty");
        assert!(journey.may_check_liveness());
    }
    assert_eq!(requests(&server).await, 0);
    FortfaceScan::new(&whole, "agent", "k", "d", "i").check().unwrap();
}

const STARTED_2D: &str =
    "a 2D liveness check was started with this appkey, and 3D excludes it: start again with a new one";
const STARTED_3D: &str =
    "a 3D liveness check was started with this appkey, and 2D excludes it: start again with a new one";

#[tokio::test]
async fn the_flows_exclude_each_other() {
    let server = vendor().await;
    let client = client(&server.uri());
    let mut flat = journey(&client);
    flat.challenge().await.unwrap();
    let stored = serde_json::to_string(flat.state()).unwrap();
    for mut flat in [flat, client.resume(serde_json::from_str(&stored).unwrap())] {
        for (operation, error) in [
            ("initialize", flat.initialize("web").await.unwrap_err()),
            ("session-token", flat.session(None).await.unwrap_err()),
            ("liveness", flat.liveness_facetec(&scan()).await.unwrap_err()),
            ("liveness", flat.liveness_iproov().await.unwrap_err()),
            ("process-request", flat.process_request("blob", "agent").await.unwrap_err()),
        ] {
            assert_expired(&error, operation, STARTED_2D);
        }
        assert!(flat.may_check_liveness());
        flat.challenge().await.unwrap();
        flat.captcha(&four_frames()).await.unwrap();
    }
    let sent = requests(&server).await;
    let mut solid = journey(&client);
    solid.session(None).await.unwrap();
    assert_expired(&solid.challenge().await.unwrap_err(), "challenge", STARTED_3D);
    assert_expired(&solid.captcha(&four_frames()).await.unwrap_err(), "captcha", STARTED_3D);
    solid.session(None).await.unwrap();
    solid.liveness_iproov().await.unwrap();
    assert_eq!(requests(&server).await, sent + 3);
}

/// A step that the vendor refused starts no flow, and a state that was stored before flows were known has none.
#[tokio::test]
async fn a_flow_starts_with_a_step_that_succeeded() {
    let server = vendor().await;
    let client = client(&server.uri());
    let mut journey = journey(&client);
    journey.process_request("blob", "agent").await.unwrap_err();
    journey.initialize("web").await.unwrap_err();
    journey.challenge().await.unwrap();
    let old = format!(r#"{{"appkey":"{APPKEY}","is_open":true,"challenge":null,"session":null}}"#);
    let mut resumed = client.resume(serde_json::from_str(&old).unwrap());
    resumed.session(None).await.unwrap();
}

/// The minute of a challenge counts from its request, whatever fraction of a second that began in.
#[tokio::test]
async fn a_challenge_does_not_end_early() {
    let server = vendor().await;
    for offset in (0..1_000).step_by(100) {
        let clock = VirtualClock::frozen();
        let client =
            builder(&server.uri()).options(ClientOptions::new().clock(clock.clone())).build().unwrap();
        clock.advance(Duration::from_millis(offset));
        let mut journey = journey(&client);
        journey.challenge().await.unwrap();
        clock.advance(Duration::from_secs(60));
        journey.captcha(&four_frames()).await.unwrap();
    }
}
