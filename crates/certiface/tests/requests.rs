//! The requests: method, path, headers and body of each operation, as snapshots.

use certiface::kyc_core::{ClientOptions, Cpf, Date, Media};
use certiface::{Appkey, Client, Environment, FaceTecScan, FortfaceScan, Journey, Person};
use kyc_fixtures::{Fixture, FixtureKind, certiface as documented};
use serde_json::{Value, json};
use test_support::png;
use test_support::requests::{self, form, received, shown_body};
use wiremock::matchers::{body_string_contains, method, path_regex};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use crate::support::{APPKEY, builder, client, decrypted, encrypted, journey, person, small_frame};

/// The user agent to which the mock vendor responds with iProov.
const IPROOV: &str = "an agent of iProov";

/// Responds to each operation as documented, whatever the prefix of its path.
pub async fn vendor() -> MockServer {
    let server = MockServer::start().await;
    let appkey = json!({ "appkey": APPKEY }).to_string();
    let encrypted = |fixture: &Fixture| encrypted(APPKEY, fixture.body);
    answer(&server, "credencial$", "", documented::CREDENCIAL_200.body).await;
    answer(&server, "appkey$", "", &appkey).await;
    answer(&server, "challenge$", "", &encrypted(&documented::CHALLENGE_200)).await;
    answer(&server, "3d.initialize$|/initialize$", "", &encrypted(&documented::INITIALIZE_200)).await;
    answer(&server, "fortface.session-token$", "", documented::FORTFACE_SESSION_TOKEN_200.body).await;
    answer(&server, "session-token$", IPROOV, documented::SESSION_TOKEN_IPROOV_200.body).await;
    answer(&server, "session-token$", "", &encrypted(&documented::SESSION_TOKEN_FACETEC_200)).await;
    answer(&server, "liveness$", "sessionToken", documented::LIVENESS_IPROOV_APPROVED_200.body).await;
    answer(&server, "liveness$", "", documented::LIVENESS_FACETEC_APPROVED_200.body).await;
    answer(&server, "process-request$", "", documented::PROCESS_REQUEST_FINAL_200.body).await;
    answer(&server, "(document|elsewhere)/result$", "", documented::RESULT_200.body).await;
    answer(&server, "captcha.result$", "", documented::CAPTCHA_RESULT_200.body).await;
    answer(&server, "document(-qrcode)?$", "", documented::DOCUMENT_200.body).await;
    answer(&server, "captcha$", "", documented::CAPTCHA_APPROVED_200.body).await;
    Mock::given(method("GET")).respond_with(ResponseTemplate::new(200)).mount(&server).await;
    server
}

async fn answer(server: &MockServer, below: &str, holding: &str, body: &str) {
    let answer = ResponseTemplate::new(200).set_body_raw(body, "application/json");
    Mock::given(method("POST"))
        .and(path_regex(below))
        .and(body_string_contains(holding))
        .respond_with(answer)
        .mount(server)
        .await;
}

/// Frames for two challenges of two frames, as the documented challenge requires.
pub fn four_frames() -> Vec<Vec<Media>> {
    vec![vec![small_frame(1), small_frame(2)], vec![small_frame(3), small_frame(4)]]
}

pub fn scan() -> FaceTecScan {
    FaceTecScan::new("an agent of FaceTec", "BAFsr1Sp/f+N1=", small_frame(5), small_frame(6), "session-1")
}

fn pdf() -> Media {
    Media::new(&b"%PDF-1.4\n%%EOF\n"[..]).unwrap()
}

/// Calls every operation at least once.
async fn every_operation(client: &Client) {
    let mut flat = client.journey(&person("52998224725")).await.unwrap();
    assert!(*client.check_appkey(flat.appkey()).await.unwrap().value());
    flat.challenge().await.unwrap();
    flat.captcha(&four_frames()).await.unwrap();
    flat.document(&[small_frame(7)]).await.unwrap();
    flat.document(&[small_frame(7), Media::new(png(1)).unwrap()]).await.unwrap();
    flat.document(&[pdf()]).await.unwrap();
    flat.document_qr_code(&Media::new(png(1)).unwrap()).await.unwrap();
    flat.result().await.unwrap();
    client.liveness_result(flat.appkey()).await.unwrap();

    let mut facetec = journey(client);
    facetec.initialize("web").await.unwrap();
    facetec.session(Some("an agent of FaceTec")).await.unwrap();
    facetec.liveness_facetec(&scan()).await.unwrap();

    let mut iproov = journey(client);
    iproov.session(Some(IPROOV)).await.unwrap();
    iproov.liveness_iproov().await.unwrap();

    let blob = "AAAAAaaaaa123456zzzzzzz";
    journey(client).process_request(blob, "an agent of FaceTec").await.unwrap();

    let mut fortface = journey(client);
    let session = fortface.fortface_session("an agent of Fortface", "ZGV2aWNl").await.unwrap();
    let scan = FortfaceScan::new(session.value(), "an agent of Fortface", "a2V5", "ZGF0YQ==", "aW1hZ2U=");
    fortface.fortface_liveness(&scan).await.unwrap();
}

fn field(request: &Request, name: &str) -> Option<String> {
    let fields = form(std::str::from_utf8(&request.body).unwrap());
    fields.into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
}

/// Removes the inner layer of percent-encoding, then the encryption.
fn plain_text(escaped: &str) -> String {
    let has_unescaped = escaped.contains(['+', '/', '=']);
    assert!(!has_unescaped, "the special characters of base64 are escaped");
    decrypted(APPKEY, &form(&format!("it={escaped}"))[0].1)
}

/// Returns the frames of a captcha with their prefixes.
fn records(escaped: &str) -> Vec<String> {
    plain_text(escaped).split("data:").skip(1).map(|record| format!("data:{record}")).collect()
}

/// Shows a request with its encrypted parts decrypted.
fn shown(request: &Request) -> Value {
    let mut shown = requests::shown(request);
    let body = &mut shown["body"];
    for key in ["auditTrailImage", "lowQualityAuditTrailImage"] {
        if let Some(image) = body.get_mut(key) {
            *image = json!({ "encrypted": plain_text(image.as_str().unwrap()) });
        }
    }
    for field in body.as_array_mut().into_iter().flatten().filter(|field| field[0] == "images") {
        field[1] = json!({ "encrypted": records(field[1].as_str().unwrap()) });
    }
    shown
}

/// The result has a base URL of its own, recognised here by its path.
#[tokio::test]
async fn a_journey_sends_exactly_this() {
    let server = vendor().await;
    let result_base_url = format!("{}/port-8443", server.uri());
    let client = builder(&server.uri()).result_base_url(&result_base_url).build().unwrap();
    every_operation(&client).await;
    let sent: Vec<Value> = received(&server).await.iter().map(shown).collect();
    insta::assert_json_snapshot!(sent);
}

#[tokio::test]
async fn optional_fields_are_left_out() {
    let server = vendor().await;
    let client = client(&server.uri());
    let (cpf, born) = (Cpf::parse("529.982.247-25").unwrap(), Date::from_ymd(2001, 1, 5).unwrap());
    let person = Person::new(cpf, "João & Ana d'Ávila+=%", born);
    client.appkey(&person).await.unwrap();
    journey(&client).session(None).await.unwrap();
    let bodies: Vec<Value> = received(&server).await[1..].iter().map(shown_body).collect();
    insta::assert_json_snapshot!(bodies);
}

/// The credential is one form value: its whole JSON, spelled like the vendor's own clients do.
#[tokio::test]
async fn the_credential_is_sent_unchanged_and_the_password_as_its_md5() {
    let server = MockServer::start().await;
    let body = r#" {"expires": "27/09/2119 19:09:00", "new": 1, "token": "a\"b\\c\u00e9+/="} "#;
    answer(&server, "credencial$", "", body).await;
    answer(&server, "appkey$", "", documented::APPKEY_200.body).await;
    client(&server.uri()).appkey(&person("52998224725")).await.unwrap();
    let [login, appkey] = received(&server).await.try_into().unwrap();
    // Computed by md5sum.
    assert_eq!(field(&login, "pass").as_deref(), Some("911b7bf55b7b03cdfe2af9d1e68e4897"));
    let token = field(&appkey, "token").unwrap();
    assert_eq!(token, r#"{"token":"a\"b\\cé+/=","expires":"27/09/2119 19:09:00"}"#);
}

/// The form encodes a value that is percent-encoded already: a plus sign is sent as `%252B`. In JSON it is `%2B`.
#[tokio::test]
async fn frames_are_percent_encoded_twice_and_scans_once() {
    let server = vendor().await;
    let client = client(&server.uri());
    let mut flat = journey(&client);
    flat.challenge().await.unwrap();
    let frames = [crate::support::frames(2, 2), four_frames()];
    flat.captcha(&frames[0]).await.unwrap();
    journey(&client).liveness_facetec(&scan()).await.unwrap();
    let received = received(&server).await;
    let form = std::str::from_utf8(&received[1].body).unwrap();
    let images = form.split_once("&images=").unwrap().1;
    for escaped in ["%252B", "%252F", "%253D"] {
        assert!(images.contains(escaped), "{escaped}");
    }
    let once = images.replace("%25", "%");
    assert_eq!(
        images.matches('%').count(),
        once.matches('%').count(),
        "only percent signs are escaped again"
    );
    let plain = once.replace("%2B", "+").replace("%2F", "/").replace("%3D", "=");
    assert!(!plain.contains('%'));

    // The vendor decrypts each unchanged frame after the code of its challenge.
    let documented: Value = serde_json::from_str(documented::CHALLENGE_200.body).unwrap();
    let mut wanted = String::new();
    for (challenge, frames) in documented["challenges"].as_array().unwrap().iter().zip(&frames[0]) {
        for frame in frames {
            let (code, frame) = (&challenge["tipoFace"]["codigo"], serde_json::to_value(frame).unwrap());
            wanted += "data:image/jpeg;base64,type:";
            wanted += code.as_str().unwrap();
            wanted += ",";
            wanted += frame.as_str().unwrap();
        }
    }
    assert!(decrypted(APPKEY, &plain) == wanted);

    let scan = std::str::from_utf8(&received[2].body).unwrap();
    assert!(scan.contains("%2F") && !scan.contains("%25"));
}

#[tokio::test]
async fn the_keys_are_the_documented_ones() {
    let server = vendor().await;
    every_operation(&client(&server.uri())).await;
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let sent: Vec<(String, Vec<String>)> = received(&server)
        .await
        .iter()
        .filter(|request| !request.body.is_empty())
        .map(|request| {
            let body = match shown_body(request) {
                Value::Array(fields) => {
                    fields.iter().map(|field| field[0].as_str().unwrap().to_owned()).collect()
                }
                object => keys(&object),
            };
            (request.url.path().to_owned(), body)
        })
        .collect();
    let requests = documented::ALL.iter().filter(|fixture| fixture.kind == FixtureKind::Request);
    for fixture in requests.clone() {
        let printed = match serde_json::from_str::<Value>(fixture.body) {
            Ok(object) => keys(&object),
            Err(_) => fixture.body.lines().map(|line| line.split_once('=').unwrap().0.to_owned()).collect(),
        };
        let path = match fixture.operation {
            "captcha" => "",
            "session-token" => "/3d/session-token",
            "liveness" => "/3d/liveness",
            "initialize" => "/3d/initialize",
            "process-request" => "/3d/process-request",
            "document-qrcode" => "/document",
            "fortface-session-token" => "/fortface/session-token",
            "fortface-liveness" => "/fortface/liveness",
            "result" => "/document/result",
            "captcha-result" => "/result",
            "credencial" => "/credencial",
            "appkey" => "/appkey",
            "challenge" => "/challenge",
            "document" => "/document",
            other => panic!("{other}"),
        };
        let wanted = (format!("/facecaptcha/service/captcha{path}"), printed);
        assert!(sent.contains(&wanted), "{}: {wanted:?}", fixture.name);
    }
    assert_eq!(requests.count(), 16);
}

/// The vendor's guide says that paths may change.
#[tokio::test]
async fn every_path_can_be_set_by_the_operation_s_name() {
    const OPERATIONS: [&str; 15] = [
        "appkey",
        "captcha",
        "captcha-result",
        "challenge",
        "checkauth",
        "credencial",
        "document",
        "document-qrcode",
        "fortface-liveness",
        "fortface-session-token",
        "initialize",
        "liveness",
        "process-request",
        "result",
        "session-token",
    ];
    let server = vendor().await;
    let client = OPERATIONS
        .iter()
        .fold(builder(&server.uri()), |builder, name| builder.path(name, &format!("/elsewhere/{name}")))
        .build()
        .unwrap();
    every_operation(&client).await;
    let mut paths: Vec<String> =
        received(&server).await.iter().map(|request| request.url.path().to_owned()).collect();
    paths.sort();
    paths.dedup();
    assert_eq!(paths, OPERATIONS.map(|name| format!("/elsewhere/{name}")));
}

#[tokio::test]
async fn a_key_in_a_query_is_encoded() {
    let server = vendor().await;
    let odd = Appkey::new("a+b/c=d&e?f#g h%2B");
    client(&server.uri()).check_appkey(&odd).await.unwrap();
    let url = received(&server).await.remove(0).url;
    let pairs: Vec<_> = url.query_pairs().into_owned().collect();
    assert_eq!(pairs, [("appkey".to_owned(), odd.expose().to_owned())]);
}

#[tokio::test]
async fn a_journey_uses_the_given_key() {
    let server = vendor().await;
    let client = client(&server.uri());
    let other = "another key of a journey";
    Journey::from_appkey(&client, Appkey::new(other)).result().await.unwrap();
    assert_eq!(field(&received(&server).await[0], "appkey").as_deref(), Some(other));
}

#[tokio::test]
async fn raw_bodies_are_kept_on_request() {
    let server = vendor().await;
    let auditing =
        builder(&server.uri()).options(ClientOptions::new().keep_raw_bodies(true)).build().unwrap();
    let reply = auditing.result(&Appkey::new(APPKEY)).await.unwrap();
    assert_eq!(reply.meta().raw_body.as_ref().unwrap().expose(), documented::RESULT_200.body.as_bytes());
    assert_eq!((reply.meta().http_status, reply.meta().attempts), (200, 1));
    // The raw body is the encrypted one.
    let reply = journey(&auditing).challenge().await.unwrap();
    let came = encrypted(APPKEY, documented::CHALLENGE_200.body);
    assert_eq!(reply.meta().raw_body.as_ref().unwrap().expose(), came.as_bytes());
    let silent = client(&server.uri());
    assert!(silent.result(&Appkey::new(APPKEY)).await.unwrap().meta().raw_body.is_none());
}

#[test]
fn the_addresses_are_those_of_the_page() {
    let addresses = |of: Environment| [of.base_url(), of.result_base_url()];
    assert_eq!(
        addresses(Environment::Homologation),
        ["https://hml.certiface.com.br", "https://hml.certiface.com.br:8443"]
    );
    assert_eq!(
        addresses(Environment::Production),
        ["https://www.certiface.com.br", "https://www.certiface.com.br:8443"]
    );
}
