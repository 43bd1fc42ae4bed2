//! Every documented response: decoded, compared with a snapshot, serialized and decoded again.

use std::fmt::Debug;

use certiface::kyc_core::{Base64Bytes, Date, FiniteF64, RedactedText, decode};
use certiface::{
    Appkey, AppkeyResponse, BiometricCheck, Challenge, Client, Completion, CredentialResponse, Document,
    DocumentOutcome, DocumentResponse, ErrorBody, Expiry, FortfaceSession, Initialization, JourneyResult,
    Liveness, LivenessResponse, Provider, Refusal, SessionToken, StatusUpdate,
};
use kyc_fixtures::{Fixture, FixtureKind, certiface as documented};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{APPKEY, client, document, encrypted, journey, person};

/// Decodes a fixture without unknown fields, and serializes it without loss.
fn round<T: DeserializeOwned + Serialize + PartialEq + Debug>(fixture: &Fixture) -> Value {
    let first = decode::<T>(fixture.body.as_bytes()).unwrap();
    assert_eq!(first.ignored, Vec::<String>::new(), "{}", fixture.name);
    let written = serde_json::to_vec(&first.value).unwrap();
    let second = decode::<T>(&written).unwrap();
    assert!(first.value == second.value, "{}", fixture.name);
    serde_json::from_slice(&written).unwrap()
}

/// Keys that the vendor's tables spell differently from its examples, and the serialized spelling.
const SPELLINGS: [(&str, &str); 4] = [
    ("biometriaCertiface", "biometriaDocumento"),
    ("ResponseClientOcrDTO", "ResponseClientOcrDto"),
    ("descrição", "descricao"),
    ("valid", "validado"),
];

/// Returns the places at which the serialized value differs from the printed one.
fn differences(printed: &Value, written: &Value, path: &str) -> Vec<String> {
    let here = || vec![format!("{path}: {printed} became {written}")];
    match (printed, written) {
        (Value::Object(printed), Value::Object(written)) => {
            let mut left: Vec<&String> = written.keys().collect();
            let mut found = Vec::new();
            // A null is left out.
            for (key, value) in printed.iter().filter(|(_, value)| !value.is_null()) {
                let spelt = SPELLINGS.iter().find(|(other, _)| other == key).map(|(_, canonical)| *canonical);
                let key = spelt.filter(|_| !written.contains_key(key)).unwrap_or(key);
                left.retain(|other| *other != key);
                let value_written = written.get(key).unwrap_or(&Value::Null);
                found.extend(differences(value, value_written, &format!("{path}.{key}")));
            }
            found.extend(left.into_iter().map(|key| format!("{path}.{key} was not printed")));
            found
        }
        (Value::Array(printed), Value::Array(written)) if printed.len() == written.len() => {
            let items = printed.iter().zip(written);
            items.flat_map(|(one, other)| differences(one, other, &format!("{path}[]"))).collect()
        }
        (Value::Array(_) | Value::Object(_), _) | (_, Value::Array(_) | Value::Object(_)) => here(),
        _ => {
            let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let (printed_text, written_text) = (text(printed), text(written));
            // The same number, flag, word or file may be spelled in two ways.
            let numbers = (printed_text.parse::<f64>().ok(), written_text.parse::<f64>().ok());
            let is_file = ["mensagem", "imagem", "frontal"].iter().any(|key| path.ends_with(key));
            let same = printed_text.eq_ignore_ascii_case(&written_text)
                // The webhook sends English, the result Portuguese.
                || (printed_text.as_str(), written_text.as_str()) == ("Error", "Erro")
                || matches!(numbers, (Some(one), Some(other)) if one.total_cmp(&other).is_eq())
                || is_file && Base64Bytes::from(printed_text.as_str()) == Base64Bytes::from(written_text.as_str());
            if same { Vec::new() } else { here() }
        }
    }
}

#[test]
fn every_response_is_decoded_completely_and_serialized_as_printed() {
    for fixture in documented::ALL {
        let written = match (fixture.operation, fixture.status) {
            _ if fixture.kind == FixtureKind::Request => continue,
            ("credencial", Some(200)) => {
                // It holds the token, so it is not serializable.
                let decoded = decode::<CredentialResponse>(fixture.body.as_bytes()).unwrap();
                assert!(decoded.ignored.is_empty());
                continue;
            }
            ("checkauth", Some(200)) => {
                assert_eq!(fixture.body, "");
                continue;
            }
            ("appkey", Some(200)) => round::<AppkeyResponse>(fixture),
            ("challenge", Some(200)) => round::<Challenge>(fixture),
            ("session-token", Some(200)) => round::<SessionToken>(fixture),
            ("initialize", Some(200)) => round::<Initialization>(fixture),
            ("fortface-session-token", Some(200)) => round::<FortfaceSession>(fixture),
            (
                "captcha" | "liveness" | "process-request" | "fortface-liveness" | "captcha-result",
                Some(200),
            ) => round::<LivenessResponse>(fixture),
            ("document" | "document-qrcode", Some(200)) => round::<DocumentResponse>(fixture),
            ("result", Some(200)) => round::<JourneyResult>(fixture),
            ("completion", _) => round::<Completion>(fixture),
            ("status-update", _) => round::<StatusUpdate>(fixture),
            ("appkey", Some(422)) | ("result", Some(400)) => round::<Refusal>(fixture),
            _ => round::<ErrorBody>(fixture),
        };
        let printed: Value = serde_json::from_str(fixture.body).unwrap();
        assert_eq!(differences(&printed, &written, ""), Vec::<String>::new(), "{}", fixture.name);
    }
}

fn answers_of(operation: &str) -> impl Iterator<Item = &'static Fixture> {
    let wanted = |fixture: &&&Fixture| fixture.kind == FixtureKind::Response && fixture.status == Some(200);
    let operation = operation.to_owned();
    documented::ALL.iter().filter(wanted).filter(move |fixture| fixture.operation == operation).copied()
}

fn read<T: DeserializeOwned>(fixture: &Fixture) -> T {
    decode::<T>(fixture.body.as_bytes()).unwrap().value
}

fn text(text: Option<&RedactedText>) -> Option<&str> {
    text.map(RedactedText::as_str)
}

fn day(date: Option<Date>) -> Option<String> {
    date.map(|date| {
        let (year, month, day) = date.ymd();
        format!("{year:04}-{month:02}-{day:02}")
    })
}

/// Shows a document by its fields: `Debug` hides them, and the type is not serializable.
fn shown(document: &Document) -> Value {
    let expiry = match &document.expiry {
        Some(Expiry::Date(date)) => day(Some(*date)),
        Some(Expiry::Indefinite) => Some("never".to_owned()),
        other => other.as_ref().map(|_| "unread".to_owned()),
    };
    json!({
        "kind": document.kind.as_str(),
        "name": text(document.name.as_ref()),
        "cpf": document.cpf.as_ref().map(|cpf| cpf.digits()),
        "birth_date": day(document.birth_date),
        "father": text(document.father.as_ref()),
        "mother": text(document.mother.as_ref()),
        "number": text(document.number.as_ref()),
        "issue_date": day(document.issue_date),
        "expiry": expiry,
        "issuer": text(document.issuer.as_ref()),
        "state": text(document.state.as_ref()),
        "is_signed": document.is_signed,
        "is_black_and_white": document.is_black_and_white,
    })
}

fn values(result: &JourneyResult) -> Value {
    let compared = |check: &BiometricCheck| {
        let score = check.score.as_ref().and_then(|score| score.get().copied()).map(FiniteF64::get);
        json!([check.codigo.as_ref().map(|code| code.as_str()), check.verdict().name(), score])
    };
    let photo = |file: &Base64Bytes| json!(file.bytes().map(|bytes| bytes.len()));
    let photos = result.fotos.as_ref();
    let documents = photos.and_then(|photos| photos.documento.as_ref());
    json!({
        "status": result.status.as_ref().map(|status| (status.as_str(), status.is_final())),
        "liveness": result.liveness().name(),
        "codID": result.facecaptcha.as_ref().and_then(|face| face.cod_id.as_ref()).map(|code| (code.as_str(), code.is_approved())),
        "risk": result.risk().map(|risk| format!("{risk:?}")),
        "face_match": result.face_match().map(compared),
        "serpro": result.serpro().map(compared),
        "documents": result.documents().iter().map(shown).collect::<Vec<_>>(),
        "bytes of the face": photos.and_then(|photos| photos.facecaptcha.as_ref()?.frontal.as_ref()).map(photo),
        "bytes of the documents": documents.map(|documents| {
            let of_one = |one: &certiface::DocumentPhoto| json!([
                one.descricao.as_ref().map(|kind| kind.as_str()),
                one.imagem.as_ref().map(photo),
            ]);
            documents.iter().map(of_one).collect::<Vec<_>>()
        }),
    })
}

#[test]
fn values_of_every_result() {
    let results: serde_json::Map<_, _> = answers_of("result")
        .filter(|fixture| **fixture != documented::RESULT_BESIDE_200)
        .map(|fixture| (fixture.name.to_owned(), values(&read::<JourneyResult>(fixture))))
        .collect();
    assert_eq!(results.len(), 13);
    insta::assert_json_snapshot!(results);
}

#[test]
fn outcome_of_every_verdict() {
    let refused = Liveness::Refused { may_retry: false };
    let again = Liveness::Refused { may_retry: true };
    for (fixture, wanted, code) in [
        (&documented::CAPTCHA_200, refused, Some("300.1")),
        (&documented::CAPTCHA_APPROVED_200, Liveness::Approved, Some("200.0")),
        (&documented::CAPTCHA_BLOCKED_200, Liveness::Blocked, Some("300.2")),
        (&documented::LIVENESS_FACETEC_200, refused, Some("300.1")),
        (&documented::LIVENESS_FACETEC_APPROVED_200, Liveness::Approved, Some("200.0")),
        (&documented::LIVENESS_IPROOV_200, again, Some("300.1")),
        (&documented::LIVENESS_IPROOV_APPROVED_200, Liveness::Approved, Some("200.0")),
        (&documented::LIVENESS_IPROOV_FEEDBACK_200, again, Some("300.1")),
        (&documented::PROCESS_REQUEST_ROUND_200, Liveness::Unclear, None),
        (&documented::PROCESS_REQUEST_FINAL_200, Liveness::Approved, Some("200.0")),
        (&documented::FORTFACE_LIVENESS_200, Liveness::Approved, Some("200.0")),
        (&documented::CAPTCHA_RESULT_200, Liveness::Approved, Some("200.0")),
    ] {
        let answer = read::<LivenessResponse>(fixture);
        assert_eq!(answer.outcome(), wanted, "{}", fixture.name);
        assert_eq!(answer.cod_id.as_ref().map(|code| code.as_str()), code, "{}", fixture.name);
    }
    // The code explains the verdict and does not decide it, but must not contradict it.
    let outcome = |json: &str| decode::<LivenessResponse>(json.as_bytes()).unwrap().value.outcome();
    assert_eq!(outcome(r#"{"valid":false,"codID":200.1}"#), refused);
    assert_eq!(outcome(r#"{"validado":"True","codID":"300.2"}"#), Liveness::Unclear);
    assert_eq!(outcome(r#"{"codID":200.0}"#), Liveness::Unclear);
    assert_eq!(outcome(r#"{"valid":"talvez"}"#), Liveness::Unclear);
    assert_eq!(outcome(r#"{"valid":false,"codID":"300.20","retry":true}"#), Liveness::Blocked);
}

#[test]
fn the_token_determines_the_provider() {
    let provider = |json: &str| decode::<SessionToken>(json.as_bytes()).unwrap().value.provider();
    assert_eq!(provider(documented::SESSION_TOKEN_FACETEC_200.body), Some(Provider::FaceTec));
    for fixture in
        [&documented::SESSION_TOKEN_IPROOV_200, &documented::SESSION_TOKEN_IPROOV_LIVENESS_TYPE_200]
    {
        assert_eq!(provider(fixture.body), Some(Provider::IProov));
    }
    assert_eq!(provider(r#"{"sessionToken":null,"token":"t"}"#), Some(Provider::IProov));
    assert_eq!(provider(r#"{"error":"e"}"#), None);
}

/// The vendor's example says one challenge and lists two.
#[test]
fn challenges_are_counted() {
    let challenge = read::<Challenge>(&documented::CHALLENGE_200);
    assert_eq!(challenge.number_of_challenges.unwrap().get(), Some(&1));
    assert_eq!(challenge.challenges.unwrap().len(), 2);
}

#[test]
fn refusals_name_the_field() {
    for (fixture, field) in [
        (&documented::REFUSED_NAME, Some("nome")),
        (&documented::REFUSED_CPF, Some("cpf")),
        (&documented::REFUSED_DATE, Some("nascimento")),
        (&documented::APPKEY_422, Some("cpf")),
        (&documented::CHALLENGE_401, None),
    ] {
        assert_eq!(decode::<Refusal>(fixture.body.as_bytes()).unwrap().value.field(), field);
    }
}

/// The long example lacks a brace. Both repairs give the same values.
#[test]
fn both_repairs_of_the_missing_brace_give_the_same() {
    let [inside, beside] = [&documented::RESULT_200, &documented::RESULT_BESIDE_200]
        .map(|fixture| values(&read::<JourneyResult>(fixture)));
    assert_eq!(documented::RESULT_200.printed, documented::RESULT_BESIDE_200.printed);
    assert_ne!(documented::RESULT_200.body, documented::RESULT_BESIDE_200.body);
    assert_eq!(inside, beside);
    assert_eq!(inside["documents"].as_array().unwrap().len(), 6);
}

async fn answering(status: u16, body: &str) -> (MockServer, Client) {
    let server = MockServer::start().await;
    let login = ResponseTemplate::new(200).set_body_string(documented::CREDENCIAL_200.body);
    Mock::given(path("/facecaptcha/service/captcha/credencial")).respond_with(login).mount(&server).await;
    let answer = ResponseTemplate::new(status).set_body_raw(body, "application/json");
    Mock::given(wiremock::matchers::any()).respond_with(answer).mount(&server).await;
    let client = client(&server.uri());
    (server, client)
}

#[tokio::test]
async fn an_encrypted_response_has_the_same_value() {
    let wanted = read::<Challenge>(&documented::CHALLENGE_200);
    let quoted = encrypted(APPKEY, documented::CHALLENGE_200.body);
    let bodies = [
        documented::CHALLENGE_200.body.to_owned(),
        format!("\u{feff} {}\n", documented::CHALLENGE_200.body),
        // Without quotes, as some servers send a string.
        quoted.trim_matches('"').to_owned(),
        quoted.replace('/', "\\/"),
        format!(" {quoted}\r\n"),
        quoted,
    ];
    for body in bodies {
        let (_server, client) = answering(200, &body).await;
        let mut journey = journey(&client);
        assert!(journey.challenge().await.unwrap().into_inner() == wanted, "{body}");
    }
    let (_server, client) =
        answering(200, &encrypted(APPKEY, documented::SESSION_TOKEN_FACETEC_200.body)).await;
    let session = journey(&client).session(None).await.unwrap().into_inner();
    assert!(session == read::<SessionToken>(&documented::SESSION_TOKEN_FACETEC_200));
    let (_server, client) = answering(200, documented::SESSION_TOKEN_IPROOV_200.body).await;
    let session = journey(&client).session(None).await.unwrap().into_inner();
    assert!(session == read::<SessionToken>(&documented::SESSION_TOKEN_IPROOV_200));
    let (_server, client) = answering(200, &encrypted(APPKEY, documented::INITIALIZE_200.body)).await;
    let initialization = journey(&client).initialize("web").await.unwrap().into_inner();
    assert!(initialization == read::<Initialization>(&documented::INITIALIZE_200));
}

#[tokio::test]
async fn an_appkey_may_come_bare() {
    for body in [documented::APPKEY_200.body.to_owned(), json!(read_appkey().expose()).to_string()] {
        let (_server, client) = answering(200, &body).await;
        assert_eq!(client.appkey(&person("52998224725")).await.unwrap().value().appkey, read_appkey());
    }
}

fn read_appkey() -> Appkey {
    read::<AppkeyResponse>(&documented::APPKEY_200).appkey
}

#[tokio::test]
async fn a_failure_status_is_a_value_where_the_journey_continues() {
    let appkey = Appkey::new(APPKEY);
    let (_server, client) = answering(404, documented::RESULT_404.body).await;
    let unknown = client.result(&appkey).await.unwrap();
    assert!(unknown.value().is_none() && unknown.meta().http_status == 404);
    assert!(client.liveness_result(&appkey).await.unwrap().value().is_none());

    for (body, reason) in [(documented::DOCUMENT_400.body, Some("DOCUMENT NOT FOUND")), ("", None)] {
        let (_server, client) = answering(400, body).await;
        let journey = journey(&client);
        let outcomes = [
            journey.document(&[document()]).await.unwrap(),
            journey.document_qr_code(&document()).await.unwrap(),
        ];
        for outcome in outcomes {
            assert_eq!(outcome.meta().http_status, 400);
            let DocumentOutcome::Retake(retake) = outcome.into_inner() else {
                panic!("to be captured again")
            };
            assert_eq!(text(retake.reason.as_ref()), reason);
        }
    }
    let (_server, client) = answering(401, documented::CHECKAUTH_401.body).await;
    assert!(!*client.check_appkey(&appkey).await.unwrap().value());
    let (_server, client) = answering(200, documented::CHECKAUTH_200.body).await;
    assert!(*client.check_appkey(&appkey).await.unwrap().value());
}

#[tokio::test]
async fn an_accepted_document() {
    for fixture in [&documented::DOCUMENT_200, &documented::DOCUMENT_WITHOUT_OCR_200] {
        let (_server, client) = answering(200, fixture.body).await;
        let outcome = journey(&client).document(&[document()]).await.unwrap().into_inner();
        assert_eq!(outcome, DocumentOutcome::Accepted(read(fixture)));
    }
}

#[tokio::test]
async fn a_round_in_the_middle_and_the_last_one() {
    for (fixture, outcome, goes_on) in [
        (&documented::PROCESS_REQUEST_ROUND_200, Liveness::Unclear, true),
        (&documented::PROCESS_REQUEST_FINAL_200, Liveness::Approved, false),
    ] {
        let (_server, client) = answering(200, fixture.body).await;
        let mut journey = journey(&client);
        let answer = journey.process_request("blob", "agent").await.unwrap();
        assert_eq!(answer.value().outcome(), outcome);
        assert!(answer.value().response_blob.is_some());
        assert_eq!(journey.may_check_liveness(), goes_on);
    }
}

#[tokio::test]
async fn results_come_through_the_client() {
    for fixture in answers_of("result") {
        let (_server, client) = answering(200, fixture.body).await;
        let result = client.result(&Appkey::new(APPKEY)).await.unwrap().into_inner().unwrap();
        assert!(result == read(fixture), "{}", fixture.name);
    }
}
