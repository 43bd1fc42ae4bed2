//! Invalid input is refused before anything is sent: the field, the rule, and no request.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bankly_kyc::kyc_core::{
    ClientCertificate, ClientOptions, Cnpj, Cpf, Delivery, Error, ErrorKind, Media, OperationId,
    ReqwestTransport, Secret, Vendor,
};
use bankly_kyc::{
    Analysis, Client, CompanyDocument, Config, DocumentSide, DocumentType, MessageState, NewWebhook,
    Onboarding, Place, ResultLevel, Upload, VENDOR, Verdict, WebhookTarget,
};
use kyc_fixtures::bankly_kyc as documented;
use serde_json::{Value, json};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use crate::requests::{cnpj, day, passphrase, pdf, vendor, webhook};
use crate::support::{CPF, back, builder, client, cpf, front, image, jpeg, png, selfie};

async fn requests(server: &MockServer) -> usize {
    server.received_requests().await.unwrap().len()
}

/// Checks a refusal: its operation, field and rule.
fn assert_refused(error: &Error, operation: &str, rule: &str) {
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::InvalidInput, Delivery::NotSent), "{error}");
    assert_eq!((error.attempts(), error.violations().len()), (0, 1));
    // The rules below begin with the field.
    let (subject, rule) = rule.split_once(' ').expect("a subject and its rule");
    let line = format!("bankly-kyc {operation}: {subject}: {rule}; nothing was sent; correct the value");
    assert_eq!(error.to_string(), line);
}

fn media(bytes: impl Into<Vec<u8>>) -> Media {
    Media::new(bytes.into()).unwrap()
}

/// Returns the file, padded to this length with bytes that readers ignore.
fn of_length(file: &Media, length: usize) -> Media {
    let mut bytes = file.bytes().to_vec();
    bytes.resize(length, 0);
    media(bytes)
}

/// An image must have at least VGA size: 640 by 480 pixels in either orientation.
#[tokio::test]
async fn invalid_images() {
    const SMALL: &str = "must be at least 640 by 480 pixels, in either orientation";
    let server = vendor().await;
    let client = client(&server.uri());
    let gif = media(&b"GIF89a\x80\x02\xE0\x01\0\0\0;"[..]);
    let rows = [
        (media("hello"), "must be JPEG or PNG, but is not a known image format"),
        (gif, "must be JPEG or PNG, but is GIF by its content"),
        (pdf(), "must be JPEG or PNG, but is PDF by its content"),
        (media(&image().bytes()[..40]), "is a truncated PNG: its end marker is missing"),
        (media(&jpeg(640, 480).bytes()[..20]), "is a truncated JPEG: its end marker is missing"),
        (of_length(&image(), 1_000_001), "must not be larger than 1000000 bytes, but has 1000001"),
        (of_length(&jpeg(640, 480), 5_000_000), "must not be larger than 1000000 bytes, but has 5000000"),
        (
            media(&b"\xFF\xD8\xFF\xE0\0\x08\0\0\0\0\0\0\xFF\xD9"[..]),
            "is a JPEG whose dimensions cannot be read",
        ),
        (media(png(640)), "must be at least 480 pixels high, but is 200"),
        (jpeg(640, 479), "must be at least 480 pixels high, but is 479"),
        (jpeg(479, 640), "must be at least 480 pixels wide, but is 479"),
        (jpeg(639, 480), SMALL),
        (jpeg(480, 639), SMALL),
        (jpeg(480, 480), SMALL),
    ];
    for (image, rule) in rows {
        let uploads = [
            Upload::selfie(image.clone()).with_unico("unico"),
            Upload::document(DocumentType::Cnh, DocumentSide::Back, image),
        ];
        for upload in uploads {
            let rule = format!("image {rule}");
            assert_refused(&upload.check().unwrap_err(), "upload", &rule);
            assert_refused(&client.upload(&cpf(), &upload).await.unwrap_err(), "upload", &rule);
            let error = client.upload_deepface(&cpf(), &upload).await.unwrap_err();
            assert_refused(&error, "upload-deepface", &rule);
            let mut onboarding = client.onboarding(cpf());
            let error = onboarding.upload(&upload).await.unwrap_err();
            // The document is also out of order.
            assert_eq!((error.kind(), error.delivery()), (ErrorKind::InvalidInput, Delivery::NotSent));
        }
    }
    assert_eq!(requests(&server).await, 0, "not even a login");
}

#[tokio::test]
async fn a_document_of_unknown_type() {
    let server = vendor().await;
    let client = client(&server.uri());
    for (kind, side, rule) in [
        ("PASSPORT", "FRONT", "document_type must be a type that this release knows"),
        ("", "FRONT", "document_type must be a type that this release knows"),
        ("RG", "INSIDE", "document_side must be front or back"),
        ("RG", "", "document_side must be front or back"),
    ] {
        let upload = Upload::document(DocumentType::from(kind), DocumentSide::from(side), image());
        assert_refused(&client.upload(&cpf(), &upload).await.unwrap_err(), "upload", rule);
        assert_refused(&client.upload_deepface(&cpf(), &upload).await.unwrap_err(), "upload-deepface", rule);
    }
    let kind = CompanyDocument::from("RECEIPT");
    let error = client.upload_company(&cnpj(), &kind, &pdf()).await.unwrap_err();
    assert_refused(&error, "upload-company", "document must be a type that this release knows");
    assert_eq!(requests(&server).await, 0);
}

#[tokio::test]
async fn a_selfie_for_id_one_without_the_data_of_unico() {
    let server = vendor().await;
    let client = client(&server.uri());
    for upload in [selfie(), selfie().with_unico("")] {
        let error = client.upload_deepface(&cpf(), &upload).await.unwrap_err();
        assert_refused(
            &error,
            "upload-deepface",
            "unico must be set for a selfie: Unico's capture SDK returns it",
        );
    }
    assert_eq!(requests(&server).await, 0);
}

#[tokio::test]
async fn invalid_documents_of_a_company() {
    let server = vendor().await;
    let client = client(&server.uri());
    for (file, rule) in [
        (image(), "must be PDF, but is PNG by its content"),
        (jpeg(640, 480), "must be PDF, but is JPEG by its content"),
        (media("hello"), "must be PDF, but is not a known image format"),
        (of_length(&pdf(), 8_500_001), "must not be larger than 8500000 bytes, but has 8500001"),
    ] {
        let kind = CompanyDocument::LastContractChange;
        let error = client.upload_company(&cnpj(), &kind, &file).await.unwrap_err();
        assert_refused(&error, "upload-company", &format!("file {rule}"));
    }
    assert_eq!(requests(&server).await, 0);
}

#[tokio::test]
async fn invalid_requests_for_a_certificate() {
    const KEY: &str = "company_key must be letters, digits, dashes, dots and underscores";
    let server = vendor().await;
    let client = client(&server.uri());
    for days in [0, 366, u32::MAX] {
        let error = client.request_certificate("company_key", &passphrase(), days).await.unwrap_err();
        assert_refused(&error, "certificate", "days must be from 1 to 365");
    }
    for length in [0, 63, 65] {
        let short = Secret::new("s".repeat(length));
        let error = client.request_certificate("company_key", &short, 1).await.unwrap_err();
        assert_refused(&error, "certificate", "passphrase must have 64 characters");
    }
    for key in ["", "a/b", "../b", ".", "..", "a?b", "a#b", "a%2Fb", "a b", "a\nb", "ç"] {
        let error = client.request_certificate(key, &passphrase(), 1).await.unwrap_err();
        assert_refused(&error, "certificate", KEY);
    }
    assert_eq!(requests(&server).await, 0);
}

fn scopes(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("scope.{number}")).collect()
}

#[tokio::test]
async fn invalid_scopes_and_registrations() {
    let server = vendor().await;
    let client = client(&server.uri());
    for (scopes, rule) in [
        (scopes(0), "must contain at least one scope"),
        (scopes(11), "must contain at most 10 scopes, but has 11"),
        (vec!["two words".to_owned()], "must be ASCII without spaces"),
        (vec![String::new()], "must be ASCII without spaces"),
        (vec!["ação".to_owned()], "must be ASCII without spaces"),
    ] {
        let error = client.register("CN=a", "company_key", &scopes).await.unwrap_err();
        assert_refused(&error, "register", &format!("scopes {rule}"));
        let error = builder(&server.uri()).scopes(scopes).build().unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Config, Delivery::NotSent));
        assert!(error.to_string().starts_with(&format!("bankly-kyc: scopes: {rule}; ")), "{error}");
    }
    for (subject, key, rule) in [
        ("", "company_key", "subject_dn must not be empty"),
        ("CN=a", "", "company_key must not be empty"),
        (&"s".repeat(1001), "company_key", "subject_dn must have at most 1000 characters, but has 1001"),
        ("CN=a", &"k".repeat(256), "company_key must have at most 255 characters, but has 256"),
    ] {
        assert_refused(&client.register(subject, key, &scopes(1)).await.unwrap_err(), "register", rule);
    }
    assert_eq!(requests(&server).await, 0);
}

/// Creates a webhook from name, event, address, public key and private key.
fn a_webhook(fields: [&str; 5]) -> NewWebhook {
    let [name, event, uri, public, private] = fields;
    NewWebhook::new(name, event, uri, public, private.to_owned())
}

/// A change is checked like a registration.
#[tokio::test]
async fn invalid_targets_of_webhooks() {
    let server = vendor().await;
    let client = client(&server.uri());
    for (uri, public_key, private_key, field) in [
        ("http://hooks.example.com", "public", "dGVzdGU=", "uri"),
        ("", "public", "dGVzdGU=", "uri"),
        ("https://hooks.example.com", &"x".repeat(61)[..], "dGVzdGU=", "public_key"),
        ("https://hooks.example.com", "public", "", "private_key"),
        ("https://hooks.example.com", "public", &"x".repeat(65)[..], "private_key"),
    ] {
        let target = WebhookTarget::new(uri, public_key, private_key.to_owned());
        let error = client.update_webhook("id", &target).await.unwrap_err();
        assert_eq!((error.kind(), error.operation()), (ErrorKind::InvalidInput, Some("webhook-update")));
        assert_eq!(error.violations()[0].field, field, "{error}");
    }
    assert_eq!(requests(&server).await, 0);
}

#[tokio::test]
async fn invalid_webhooks() {
    const GOOD: [&str; 5] =
        ["name", "DOCUMENT_WAS_PROCESSED", "https://hooks.example.com", "key", "dGVzdGU="];
    const INSECURE: &str = "uri must begin with https:// (http:// only on this machine)";
    let server = vendor().await;
    let client = client(&server.uri());
    let limits = [("name", 50), ("event_name", 150), ("uri", 500), ("public_key", 60), ("private_key", 64)];
    for (place, (field, most)) in limits.into_iter().enumerate() {
        for length in [0, most + 1] {
            let text =
                "https://a.example/".chars().chain(std::iter::repeat('ç')).take(length).collect::<String>();
            let mut fields = GOOD;
            fields[place] = &text;
            let rule = match length {
                0 => format!("{field} must not be empty"),
                _ => format!("{field} must have at most {most} characters, but has {length}"),
            };
            assert_refused(
                &client.create_webhook(&a_webhook(fields)).await.unwrap_err(),
                "webhook-create",
                &rule,
            );
        }
    }
    for (uri, rule) in [
        ("http://hooks.example.com", INSECURE),
        ("http://10.0.0.1/bankly?x=1", INSECURE),
        ("ftp://hooks.example.com", "uri must be a URL that begins with https://"),
        ("hooks.example.com", "uri must be a URL, as https://example.com"),
        ("https://u:p@example.com", "uri must be a URL without user name, query and fragment"),
    ] {
        let mut fields = GOOD;
        fields[2] = uri;
        assert_refused(&client.create_webhook(&a_webhook(fields)).await.unwrap_err(), "webhook-create", rule);
    }
    assert_eq!(requests(&server).await, 0);
}

/// An id must not change the path.
#[tokio::test]
async fn invalid_ids() {
    const RULE: &str = "must be letters, digits, dashes and underscores, at most 100";
    let server = vendor().await;
    let client = client(&server.uri());
    let target = WebhookTarget::new("https://hooks.example.com/b", "public", "dGVzdGU=".to_owned());
    for id in ["", "a/b", "..", "a?b", "a#b", "%2e", "a b", "é", &"x".repeat(101)] {
        let rule = format!("id {RULE}");
        for (operation, error) in [
            ("webhook-get", client.webhook(id).await.unwrap_err()),
            ("webhook-update", client.update_webhook(id, &target).await.unwrap_err()),
            ("webhook-enable", client.enable_webhook(id).await.unwrap_err()),
            ("webhook-disable", client.disable_webhook(id).await.unwrap_err()),
            ("webhook-delete", client.delete_webhook(id).await.unwrap_err()),
        ] {
            assert_refused(&error, operation, &rule);
        }
        let error = client.resend(id).await.unwrap_err();
        assert_refused(&error, "message-resend", &format!("idempotency_key {RULE}"));
    }
    assert_eq!(requests(&server).await, 0);
}

#[tokio::test]
async fn messages_of_an_empty_period_or_an_unknown_state() {
    let server = vendor().await;
    let client = client(&server.uri());
    let (first, last) = (day("2022-07-01"), day("2022-06-30"));
    let error = client.messages(first, last, &MessageState::Failed, 1).await.unwrap_err();
    assert_refused(&error, "messages", "last must not be before the first day");
    let error = client.messages(last, first, &MessageState::from("Lost"), 1).await.unwrap_err();
    assert_refused(&error, "messages", "state must be a state that this release knows");
    assert_eq!(requests(&server).await, 0);
}

#[tokio::test]
async fn an_operation_id_that_no_upload_returned() {
    let server = vendor().await;
    let client = client(&server.uri());
    let second = Duration::from_secs(1);
    let foreign = OperationId::by_id(Vendor::new("certiface"), "result", format!("{CPF} T-1"));
    let error = client.wait(&foreign, second).unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Unsupported, Delivery::NotSent));
    for value in ["", "T-1", "52998224725", "52998224725 ", "52998224724 T-1", " T-1", "52998224725T-1"] {
        let error = client.wait(&OperationId::by_id(VENDOR, "status", value), second).unwrap_err();
        assert_refused(&error, "status", "id must be an id that an upload returned");
        assert!(!format!("{error:?}").contains("T-1"));
    }
    assert_eq!(requests(&server).await, 0);
}

/// Starts a server that returns a new token for each image.
async fn analyst() -> MockServer {
    let server = MockServer::start().await;
    let token = ResponseTemplate::new(200).set_body_string(documented::LEGACY_TOKEN_200.body);
    Mock::given(path("/connect/token")).respond_with(token).mount(&server).await;
    let count = AtomicUsize::new(0);
    let taken = move |_: &Request| {
        let number = count.fetch_add(1, Ordering::Relaxed) + 1;
        ResponseTemplate::new(202).set_body_json(json!({ "token": format!("T-{number}") }))
    };
    Mock::given(method("PUT")).respond_with(taken).mount(&server).await;
    server
}

/// Makes the next upload fail, although the server may have accepted it.
async fn lose_the_next_response(server: &MockServer) {
    let lost = Mock::given(method("PUT")).respond_with(ResponseTemplate::new(500));
    lost.up_to_n_times(1).with_priority(1).mount(server).await;
}

/// Returns an analysis of an image, valid or not.
fn found(onboarding: &Onboarding, place: Place, is_valid: bool) -> Analysis {
    let word = |yes: &str, no: &str| if is_valid { yes.to_owned() } else { no.to_owned() };
    let token = onboarding.token(place).unwrap().as_str();
    let mut analysis = json!({ "token": token, "status": "ANALYSIS_COMPLETED" });
    let rest: Value = match place {
        Place::Selfie => json!({
            "documentType": "SELFIE",
            "liveness": { "status": word("LIVENESS_FOUND", "NO_LIVENESS") },
            "faceDetails": { "status": "DETECTED_FACE" },
        }),
        Place::Front => json!({
            "documentType": "RG", "documentSide": "FRONT",
            "faceMatch": { "status": word("HAS_FACE_MATCH", "UNMATCHED_DOCUMENT"), "similarity": 99.5 },
            "documentDetails": { "status": "DETECTED_DOCUMENT" },
        }),
        _ => json!({
            "documentType": "RG", "documentSide": "BACK",
            "documentDetails": { "status": word("DETECTED_DOCUMENT", "NO_INFO_FOUND") },
        }),
    };
    analysis.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    serde_json::from_value(analysis).unwrap()
}

fn note(onboarding: &mut Onboarding, place: Place, is_valid: bool) {
    let analysis = found(onboarding, place, is_valid);
    assert_eq!(onboarding.note(&analysis) == Verdict::Valid, is_valid);
}

const NO_SELFIE: &str = "image must come after a selfie that was found valid";
const PENDING: &str = "image cannot be sent yet: the previous image is still being analysed";
const SAME_PENDING: &str = "image cannot be sent again yet: the same image is still being analysed";
const INVALID: &str = "image cannot be sent yet: the previous image was not valid and must be sent again";
const IN_DOUBT: &str =
    "image cannot be sent yet: the response to the previous upload was lost, so look it up first";

/// Checks that none of these uploads is sent and that the state does not change.
async fn assert_out_of_order(onboarding: &mut Onboarding, rows: &[(Upload, &str)]) {
    let before = serde_json::to_string(onboarding.state()).unwrap();
    for (upload, rule) in rows {
        assert_refused(&onboarding.upload(upload).await.unwrap_err(), "upload", rule);
    }
    assert_eq!(serde_json::to_string(onboarding.state()).unwrap(), before);
}

#[tokio::test]
async fn images_out_of_order() {
    let server = analyst().await;
    let client = client(&server.uri());
    let mut one = client.onboarding(cpf());
    assert_out_of_order(&mut one, &[(front(), NO_SELFIE), (back(), NO_SELFIE)]).await;
    assert_eq!(requests(&server).await, 0, "not even a login");

    one.upload(&selfie()).await.unwrap();
    let all = [(front(), PENDING), (back(), PENDING), (selfie(), SAME_PENDING)];
    assert_out_of_order(&mut one, &all).await;
    // Neither the analysis of another image nor one without findings changes that.
    let mut other = found(&one, Place::Selfie, true);
    other.token = Some(bankly_kyc::ImageToken::new("T-9"));
    one.note(&other);
    let mut only_status = found(&one, Place::Selfie, true);
    (only_status.liveness, only_status.face_details) = (None, None);
    assert_eq!(one.note(&only_status), Verdict::Pending);
    assert_out_of_order(&mut one, &all).await;

    note(&mut one, Place::Selfie, false);
    assert_out_of_order(&mut one, &[(front(), NO_SELFIE), (back(), NO_SELFIE)]).await;
    one.upload(&selfie()).await.unwrap();
    note(&mut one, Place::Selfie, true);

    one.upload(&back()).await.unwrap();
    let all = [(front(), PENDING), (selfie(), PENDING), (back(), SAME_PENDING)];
    assert_out_of_order(&mut one, &all).await;
    note(&mut one, Place::Back, false);
    assert_out_of_order(&mut one, &[(front(), INVALID)]).await;
    one.upload(&back()).await.unwrap();
    note(&mut one, Place::Back, true);
    one.upload(&front()).await.unwrap();
    assert!(!one.is_complete());
    note(&mut one, Place::Front, true);
    assert!(one.is_complete());
    // A login, and a query before each upload.
    assert_eq!(requests(&server).await, 1 + 2 * 5);
}

/// A resumed onboarding enforces the same order.
#[tokio::test]
async fn images_out_of_order_after_a_restart() {
    let server = analyst().await;
    let client = client(&server.uri());
    let mut one = client.onboarding(cpf());
    one.upload(&selfie()).await.unwrap();
    let stored = serde_json::to_string(one.state()).unwrap();
    let mut resumed = client.resume(serde_json::from_str(&stored).unwrap());
    assert_out_of_order(&mut resumed, &[(front(), PENDING), (selfie(), SAME_PENDING)]).await;
    assert_eq!(requests(&server).await, 3);
}

/// A front that was compared with a previous selfie does not count.
#[tokio::test]
async fn a_new_selfie_requires_a_new_front() {
    let server = analyst().await;
    let client = client(&server.uri());
    let mut one = client.onboarding(cpf());
    for (upload, place) in [(selfie(), Place::Selfie), (back(), Place::Back)] {
        one.upload(&upload).await.unwrap();
        note(&mut one, place, true);
    }
    one.upload(&front()).await.unwrap();
    note(&mut one, Place::Front, false);
    assert_out_of_order(&mut one, &[(back(), INVALID)]).await;
    // The advice may be a new selfie.
    one.upload(&selfie()).await.unwrap();
    assert!(one.token(Place::Front).is_none() && one.token(Place::Back).is_some());
    assert_out_of_order(&mut one, &[(front(), PENDING), (back(), PENDING)]).await;
}

/// Nothing is sent until it is known whether Bankly has the image: otherwise it could be analysed and paid for twice.
#[tokio::test]
async fn images_after_a_lost_response() {
    let server = analyst().await;
    lose_the_next_response(&server).await;
    let client = client(&server.uri());
    let mut one = client.onboarding(cpf());
    let error = one.upload(&selfie()).await.unwrap_err();
    assert!(error.may_have_landed());
    let all = [(selfie(), IN_DOUBT), (front(), IN_DOUBT), (back(), IN_DOUBT)];
    assert_out_of_order(&mut one, &all).await;
    let stored = serde_json::to_string(one.state()).unwrap();
    let mut resumed = client.resume(serde_json::from_str(&stored).unwrap());
    assert_out_of_order(&mut resumed, &all).await;
    assert_eq!(requests(&server).await, 3);

    let none = ResponseTemplate::new(404);
    Mock::given(method("GET")).respond_with(none).mount(&server).await;
    assert!(!one.look_up().await.unwrap());
    assert_out_of_order(&mut one, &all).await;
    assert!(one.assume_not_received());
    one.upload(&selfie()).await.unwrap();
    assert_eq!(one.token(Place::Selfie).unwrap().as_str(), "T-1");
}

/// Images that were sent earlier are not mistaken for the lost one.
#[tokio::test]
async fn a_replaced_image_is_not_the_lost_one() {
    let server = analyst().await;
    let client = client(&server.uri());
    let mut one = client.onboarding(cpf());
    for _ in 0..2 {
        one.upload(&selfie()).await.unwrap();
        note(&mut one, Place::Selfie, false);
    }
    lose_the_next_response(&server).await;
    one.upload(&selfie()).await.unwrap_err();
    let of =
        |token: &str, status: &str| json!({ "token": token, "documentType": "SELFIE", "status": status });
    let known = json!([of("T-1", "ANALYSIS_COMPLETED"), of("T-2", "ANALYSIS_COMPLETED")]);
    let answer = ResponseTemplate::new(200).set_body_json(known);
    Mock::given(method("GET")).respond_with(answer).up_to_n_times(1).mount(&server).await;
    let stored = serde_json::to_string(one.state()).unwrap();
    assert!(!one.look_up().await.unwrap());

    let known =
        json!([of("T-1", "ANALYSIS_COMPLETED"), of("T-3", "ANALYZING"), of("T-2", "ANALYSIS_COMPLETED")]);
    let answer = ResponseTemplate::new(200).set_body_json(known);
    Mock::given(method("GET")).respond_with(answer).mount(&server).await;
    let mut resumed = client.resume(serde_json::from_str(&stored).unwrap());
    assert!(resumed.look_up().await.unwrap());
    assert_eq!(resumed.token(Place::Selfie).unwrap().as_str(), "T-3");
    assert_out_of_order(&mut resumed, &[(selfie(), SAME_PENDING), (front(), PENDING)]).await;
}

#[tokio::test]
async fn a_wait_for_an_image_that_was_not_sent() {
    let server = analyst().await;
    let one = client(&server.uri()).onboarding(cpf());
    for place in [Place::Selfie, Place::Front, Place::Back] {
        let error = one.wait(place, Duration::from_secs(1)).unwrap_err();
        assert_refused(&error, "upload", "place must be the place of an uploaded image");
    }
    assert_eq!(requests(&server).await, 0);
}

#[test]
fn invalid_values_are_refused_by_their_types() {
    assert_eq!(Cpf::parse("52998224726").unwrap_err().to_string(), "CPF: check digits do not match");
    assert!(Cnpj::parse("11222333000182").is_err());
    assert_eq!(Media::new("").unwrap_err().to_string(), "must not be empty");
    assert_eq!(Media::read("/").unwrap_err().rule(), "is a directory, not a file");
}

#[tokio::test]
async fn the_limits_themselves_are_allowed() {
    let server = vendor().await;
    let client = client(&server.uri());
    for image in [jpeg(640, 480), jpeg(480, 640), jpeg(4000, 3000), of_length(&image(), 1_000_000)] {
        client.upload(&cpf(), &Upload::selfie(image)).await.unwrap();
    }
    let kind = CompanyDocument::PowerOfAttorney;
    client.upload_company(&cnpj(), &kind, &of_length(&pdf(), 8_500_000)).await.unwrap();
    for days in [1, 365] {
        // Characters are counted, not bytes.
        let passphrase = Secret::new("ç".repeat(64));
        client.request_certificate("Company-Key_1.0", &passphrase, days).await.unwrap();
    }
    client.register("CN=a", "company_key", &scopes(10)).await.unwrap();
    let uri = format!("https://a.example/{}", "x".repeat(482));
    let (name, event, key, private) = ("ç".repeat(50), "E".repeat(150), "k".repeat(60), "p".repeat(64));
    client.create_webhook(&a_webhook([&name, &event, &uri, &key, &private])).await.unwrap();
    client.create_webhook(&webhook()).await.unwrap();
    client.webhook(&"x".repeat(100)).await.unwrap();
    let day = day("2022-06-29");
    client.messages(day, day, &MessageState::Success, u32::MAX).await.unwrap();
    client.analyses(&cpf(), &[], ResultLevel::Detailed).await.unwrap();
}

#[test]
fn an_address_must_be_safe() {
    for address in ["http://example.com", "nonsense", "https://user:pass@example.com", ""] {
        let good = "https://example.com";
        let both = [builder(address).auth_url(good), builder(good).auth_url(address)];
        for (builder, key) in both.into_iter().zip(["base_url", "auth_url"]) {
            let error = builder.build().unwrap_err();
            assert_eq!((error.kind(), error.delivery()), (ErrorKind::Config, Delivery::NotSent), "{address}");
            assert!(error.to_string().starts_with(&format!("bankly-kyc: {key}: ")), "{error}");
            assert!(!error.to_string().contains("pass"));
        }
    }
}

const CHAIN: &str = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";
const PLAIN: &str = "-----BEGIN PRIVATE KEY-----\ns3cret==\n-----END PRIVATE KEY-----\n";
const ENCRYPTED: &str =
    "-----BEGIN ENCRYPTED PRIVATE KEY-----\ns3cret==\n-----END ENCRYPTED PRIVATE KEY-----\n";

fn assert_config(built: Result<Client, Error>, what: &str) {
    let error = built.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Config, Delivery::NotSent), "{error}");
    assert!(error.to_string().starts_with(&format!("bankly-kyc: {what}")), "{error}");
    assert!(!format!("{error} {error:?}").contains("s3cret"));
}

/// A custom transport brings its own certificate.
#[test]
fn a_certificate_together_with_a_transport() {
    let certificate = ClientCertificate::from_pem(CHAIN, PLAIN.to_owned()).unwrap();
    let transport = ReqwestTransport::from_client(reqwest::Client::new());
    let options = ClientOptions::new().transport(transport);
    let both =
        builder("https://example.com").certificate(certificate.clone()).options(options.clone()).build();
    assert_config(
        both,
        "a custom transport brings its own certificate: set either the transport or the certificate",
    );
    // It cannot be renewed later, either.
    let client = builder("https://example.com").options(options).build().unwrap();
    let renewed = client.renew_certificate(&certificate).map(|()| client);
    assert_config(renewed, "the client uses a custom transport, which holds the certificate");
}

#[test]
fn an_invalid_certificate() {
    let certificate = ClientCertificate::from_pem(CHAIN, PLAIN.to_owned()).unwrap();
    let built = builder("https://example.com").certificate(certificate.clone()).build();
    assert_config(built, "the HTTP client cannot start");
    // What TLS says about the certificate counts: its date is merely unknown.
    assert_eq!(bankly_kyc::certificate_expires(&certificate), None);
}

/// An encrypted key cannot be used, and the error says how to decrypt it.
#[test]
fn an_encrypted_key() {
    let refused = ClientCertificate::from_pem(CHAIN, ENCRYPTED.to_owned()).unwrap_err().to_string();
    assert!(refused.contains("openssl pkcs8 -in key.pem -out plain.pem"), "{refused}");

    let folder = std::env::temp_dir().join(format!("bankly-kyc-{}", uuid::Uuid::new_v4()));
    std::fs::create_dir(&folder).unwrap();
    let (chain, key) = (folder.join("chain.pem"), folder.join("key.pem"));
    std::fs::write(&chain, CHAIN).unwrap();
    std::fs::write(&key, ENCRYPTED).unwrap();
    let configured = |chain: Option<&std::path::Path>, key: Option<&std::path::Path>| {
        let mut config = Config::new("client-id".to_owned());
        (config.certificate, config.key) = (chain.map(Into::into), key.map(Into::into));
        Client::builder_from(&config).build()
    };
    assert_config(configured(Some(&chain), Some(&key)), "certificate: must not be encrypted: openssl");
    assert_config(configured(Some(&chain), None), "certificate: must be set together with its key");
    assert_config(configured(None, Some(&key)), "certificate: must be set together with its key");
    let missing = folder.join("missing.pem");
    assert_config(configured(Some(&missing), Some(&key)), "certificate: does not exist");
    std::fs::remove_dir_all(&folder).unwrap();
}
