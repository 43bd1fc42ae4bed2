//! Every documented response: decoded, compared with a snapshot, serialised and decoded again.

use std::fmt::Debug;

use bankly_kyc::kyc_core::{DateTime, ErrorKind, FiniteF64, Lenient, RedactedText, Secret, decode};
use bankly_kyc::{
    Analysis, CertificateResponse, Client, DocumentDetails, DocumentType, ErrorBody, Event, ImageToken,
    LicenceCategory, Listing, Message, MessageState, Reason, RegisterResponse, ResultLevel, TokenResponse,
    UploadResponse, Verdict, WebhookConfiguration,
};
use kyc_fixtures::{Fixture, FixtureKind, bankly_kyc as documented};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use wiremock::matchers::{any, path_regex};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::requests::{cnpj, day, passphrase, pdf, webhook};
use crate::support::{client, cpf, selfie};

/// Decodes a value, serialises it and decodes it again: nothing is ignored and nothing is lost.
fn round<T: DeserializeOwned + Serialize + PartialEq + Debug>(json: &str) -> Value {
    let first = decode::<T>(json.as_bytes()).unwrap();
    assert_eq!(first.ignored, Vec::<String>::new(), "{json}");
    let written = serde_json::to_vec(&first.value).unwrap();
    let second = decode::<T>(&written).unwrap();
    assert!(first.value == second.value, "{json}");
    serde_json::from_slice(&written).unwrap()
}

/// Does the same with each item: responses and events are an object or a list of objects.
fn round_each<T: DeserializeOwned + Serialize + PartialEq + Debug>(printed: &Value) -> Value {
    match printed {
        Value::Array(list) => list.iter().map(round_each::<T>).collect(),
        one => round::<T>(&one.to_string()),
    }
}

/// A single webhook is serialised as a list of one.
fn as_list(printed: &Value) -> Value {
    let mut printed = printed.clone();
    if printed["data"].is_object() {
        printed["data"] = json!([printed["data"]]);
    }
    printed
}

/// Decodes a response that implements no `Serialize`, because it holds a secret.
fn read_once<T: DeserializeOwned>(fixture: &Fixture) {
    assert_eq!(
        decode::<T>(fixture.body.as_bytes()).unwrap().ignored,
        Vec::<String>::new(),
        "{}",
        fixture.name
    );
}

/// Keys that the vendor's tables spell differently from its examples, each with the spelling that is serialised.
const SPELLINGS: [(&str, &str); 9] = [
    ("identifiedocumentType", "identifiedDocumentType"),
    ("valideDate", "validDate"),
    ("validate", "validDate"),
    ("issuedPlace", "issuePlace"),
    ("issuedDate", "issueDate"),
    ("idnumber", "idNumber"),
    ("driveLicensenumber", "driveLicenseNumber"),
    ("message", "messages"),
    ("errorCode", "code"),
];

/// Returns the paths at which the serialised value differs from the printed one.
fn differences(printed: &Value, written: &Value, path: &str) -> Vec<String> {
    let here = || vec![format!("{path}: {printed} became {written}")];
    match (printed, written) {
        // The reason for a refused selfie may be a plain text.
        (Value::String(_), Value::Object(written)) if path.ends_with("analysisDetails[]") => {
            differences(printed, &written["message"], &format!("{path}.message"))
        }
        (Value::Object(printed), Value::Object(written)) => {
            let mut left: Vec<&String> = written.keys().collect();
            let mut found = Vec::new();
            // Null values are not serialised.
            for (key, value) in printed.iter().filter(|(_, value)| !value.is_null()) {
                // The table has the plural for one of them, the schema the singular for the other.
                let spelt = match key.as_str() {
                    "messages" if path.ends_with("analysisDetails[]") => Some("message"),
                    _ => SPELLINGS.iter().find(|(other, _)| other == key).map(|(_, canonical)| *canonical),
                };
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
            // A number may be printed as text.
            let numbers = (printed_text.parse::<f64>().ok(), written_text.parse::<f64>().ok());
            let same = printed_text == written_text
                || matches!(numbers, (Some(one), Some(other)) if one.total_cmp(&other).is_eq());
            if same { Vec::new() } else { here() }
        }
    }
}

#[test]
fn every_response_is_read_completely_and_serialised_as_printed() {
    let mut compared = 0;
    for fixture in documented::ALL.iter().filter(|fixture| !fixture.body.is_empty()) {
        let Ok(printed) = serde_json::from_str::<Value>(fixture.body) else { continue };
        let (printed, written) = match (fixture.operation, fixture.status) {
            _ if fixture.kind == FixtureKind::Request => continue,
            ("token" | "legacy-token", Some(200)) => {
                read_once::<TokenResponse>(fixture);
                continue;
            }
            ("register", Some(201)) => {
                read_once::<RegisterResponse>(fixture);
                continue;
            }
            ("certificate", Some(200)) => {
                read_once::<CertificateResponse>(fixture);
                continue;
            }
            ("upload" | "upload-deepface" | "upload-company", Some(201 | 202)) => {
                let written = round_each::<UploadResponse>(&printed);
                (printed, written)
            }
            ("status", Some(200)) => {
                let written = round_each::<Analysis>(&printed);
                (printed, written)
            }
            ("document-was-received" | "document-was-processed", None) => {
                let written = round_each::<Event>(&printed);
                (printed, written)
            }
            ("webhook-create" | "webhook-list" | "webhook-get", Some(200 | 201)) => {
                (as_list(&printed), round_each::<Listing<WebhookConfiguration>>(&printed))
            }
            ("messages" | "message-resend", Some(200 | 202)) => {
                (as_list(&printed), round_each::<Listing<Message>>(&printed))
            }
            (_, Some(400..)) => {
                let written = round_each::<ErrorBody>(&printed);
                (printed, written)
            }
            other => panic!("{other:?}"),
        };
        assert_eq!(differences(&printed, &written, ""), Vec::<String>::new(), "{}", fixture.name);
        compared += 1;
    }
    assert!(compared >= 70, "{compared}");
}

fn read<T: DeserializeOwned>(json: &str) -> T {
    decode::<T>(json.as_bytes()).unwrap().value
}

/// Returns the analyses of a fixture: those of a response, or the data of events.
fn analyses(fixture: &Fixture) -> Vec<Analysis> {
    let printed: Value = serde_json::from_str(fixture.body).unwrap();
    let list = match printed {
        Value::Array(list) => list,
        one => vec![one],
    };
    list.iter()
        .map(|one| match fixture.kind {
            FixtureKind::Webhook => read::<Event>(&one.to_string()).data.unwrap(),
            _ => read::<Analysis>(&one.to_string()),
        })
        .collect()
}

fn analysis(fixture: &Fixture) -> Analysis {
    let found = analyses(fixture);
    assert_eq!(found.len(), 1, "{}", fixture.name);
    found.into_iter().next().unwrap()
}

fn text(text: Option<&RedactedText>) -> Option<&str> {
    text.map(RedactedText::as_str)
}

/// Returns a lenient value, marked if it was not readable.
fn leaf<T, V: Into<Value>>(leaf: Option<&Lenient<T>>, value: impl Fn(&T) -> V) -> Value
where
    T: bankly_kyc::kyc_core::ParseLenient,
{
    leaf.map_or(Value::Null, |leaf| {
        leaf.get().map_or_else(|| json!({ "unread": leaf.text() }), |read| value(read).into())
    })
}

fn number(decimal: Option<&Lenient<FiniteF64>>) -> Value {
    leaf(decimal, |decimal| decimal.get())
}

fn date(date: Option<&Lenient<bankly_kyc::kyc_core::Date>>) -> Value {
    leaf(date, |day| day.to_iso8601())
}

fn moment(moment: Option<&Lenient<DateTime>>) -> Value {
    leaf(moment, |moment| moment.assume_utc().to_string())
}

fn document(details: &DocumentDetails) -> Value {
    json!({
        "status": details.status.as_ref().map(|status| status.as_str()),
        "identified": details.identified_document_type.as_ref().map(|kind| kind.as_str()),
        "id_number": text(details.id_number.as_ref()),
        "cpf": leaf(details.cpf_number.as_ref(), |cpf| cpf.digits().to_owned()),
        "birth_date": date(details.birth_date.as_ref()),
        "father": text(details.father_name.as_ref()),
        "mother": text(details.mother_name.as_ref()),
        "name": text(details.register_name.as_ref()),
        "valid_date": date(details.valid_date.as_ref()),
        "licence": [
            details.drive_license_category.as_ref().map(|category| category.as_str()),
            text(details.drive_license_number.as_ref()),
            details.category.as_ref().map(|category| category.as_str()),
        ],
        "first_licence": date(details.drive_license_first_qualifying_date.as_ref()),
        "issued": [
            text(details.federative_unit.as_ref()),
            text(details.issued_by.as_ref()),
            text(details.issue_place.as_ref()),
        ],
        "issue_date": date(details.issue_date.as_ref()),
        "side": details.side.as_ref().map(|side| side.as_str()),
        "place_of_birth": text(details.place_of_birth.as_ref()),
    })
}

/// Returns the values of an analysis, most of which `Debug` hides.
fn shown(analysis: &Analysis) -> Value {
    let yes = |found: Option<&bankly_kyc::Trait>| {
        found.map(|found| json!([leaf(found.value.as_ref(), |yes| *yes), number(found.confidence.as_ref())]))
    };
    json!({
        "token": analysis.token.as_ref().map(ImageToken::as_str),
        "type": analysis.document_type.as_ref().map(|kind| kind.as_str()),
        "side": analysis.document_side.as_ref().map(|side| side.as_str()),
        "status": analysis.status.as_ref().map(|status| (status.as_str(), status.is_final())),
        "analyzed_at": moment(analysis.analyzed_at.as_ref()),
        "liveness": analysis.liveness.as_ref().map(|liveness| json!([
            liveness.status.as_ref().map(|status| status.as_str()),
            number(liveness.confidence.as_ref()),
            liveness.messages().map(RedactedText::as_str).collect::<Vec<_>>(),
        ])),
        "face": analysis.face_details.as_ref().map(|face| json!({
            "status": face.status.as_ref().map(|status| status.as_str()),
            "confidence": number(face.confidence.as_ref()),
            "age": face.age_range.as_ref().map(|range| json!([
                leaf(range.low.as_ref(), |years| *years), leaf(range.high.as_ref(), |years| *years),
            ])),
            "gender": face.gender.as_ref().map(|guess| json!([
                guess.value.as_ref().map(|gender| gender.as_str()), number(guess.confidence.as_ref()),
            ])),
            "sunglasses": yes(face.sunglasses.as_ref()),
            "eyes_open": yes(face.eyes_open.as_ref()),
            "emotions": face.emotions.iter().flatten().map(|guess| json!([
                guess.value.as_ref().map(|emotion| emotion.as_str()), number(guess.confidence.as_ref()),
            ])).collect::<Vec<_>>(),
        })),
        "match": analysis.face_match.as_ref().map(|result| json!([
            result.status.as_ref().map(|status| status.as_str()),
            number(result.similarity.as_ref()),
            number(result.confidence.as_ref()),
        ])),
        "document": analysis.document_details.as_ref().map(document),
        "verdict": match analysis.verdict() {
            Verdict::Invalid(reasons) => format!("{reasons:?}"),
            other => format!("{other:?}"),
        },
    })
}

#[test]
fn the_values_of_analyses() {
    let is_analysis = |fixture: &&&Fixture| {
        (fixture.operation == "status" && fixture.status == Some(200)) || fixture.kind == FixtureKind::Webhook
    };
    let results: Map<_, _> = documented::ALL
        .iter()
        .filter(is_analysis)
        .map(|fixture| (fixture.name.to_owned(), analyses(fixture).iter().map(shown).collect()))
        .collect();
    assert_eq!(results.len(), 47);
    insta::assert_json_snapshot!(results);
}

#[test]
fn the_envelopes_of_events() {
    let events = documented::ALL.iter().filter(|fixture| fixture.kind == FixtureKind::Webhook);
    let shown = |fixture: &&&Fixture| {
        let printed: Value = serde_json::from_str(fixture.body).unwrap();
        let one = printed.get(0).unwrap_or(&printed).to_string();
        let event = read::<Event>(&one);
        let value = json!({
            "name": event.name.as_ref().map(|name| name.as_str()),
            "entity_id": text(event.entity_id.as_ref()),
            "company_key": text(event.company_key.as_ref()),
            "idempotency_key": text(event.idempotency_key.as_ref()),
            "correlation_id": text(event.correlation_id.as_ref()),
            "context": text(event.context.as_ref()),
            "version": text(event.version.as_ref()),
            "timestamp": moment(event.timestamp.as_ref()),
            "cpf": event.metadata.as_ref().map(|metadata| {
                leaf(metadata.customer_document.as_ref(), |cpf| cpf.digits().to_owned())
            }),
        });
        (fixture.name.to_owned(), value)
    };
    let events: Map<_, _> = events.collect::<Vec<_>>().iter().map(shown).collect();
    insta::assert_json_snapshot!(events);
}

/// The rules of the page, applied to each status of each table.
#[test]
fn the_verdict_of_each_status() {
    use Reason::{
        AnalysisFailed, ManyFaces, ManyFacesOnDocument, NoDocument, NoFace, NoLiveness, UnmatchedDocument,
        UnreadableDocument,
    };
    let not = |reasons: &[Reason]| Verdict::Invalid(reasons.to_vec());
    for (fixture, wanted) in [
        (&documented::STATUS_SELFIE_200, Verdict::Valid),
        (&documented::STATUS_FRONT_200, Verdict::Valid),
        (&documented::STATUS_BACK_200, Verdict::Valid),
        (&documented::STATUS_SELFIE_CONFIDENCE_200, Verdict::Valid),
        (&documented::STATUS_TEXT_NUMBERS_200, Verdict::Valid),
        (&documented::STATUS_TABLE_SPELLINGS_200, Verdict::Valid),
        (&documented::STATUS_OBJECT_200, Verdict::Pending),
        (&documented::STATUS_PARTIALLY_ANALYZED_200, Verdict::Pending),
        (&documented::STATUS_UNDOCUMENTED_200, Verdict::Pending),
        (&documented::STATUS_UNEXPECTED_ERROR_200, not(&[AnalysisFailed])),
        (&documented::STATUS_SELFIE_NO_LIVENESS_200, not(&[NoLiveness])),
        (&documented::STATUS_SELFIE_NO_FACE_200, not(&[NoFace])),
        (&documented::STATUS_SELFIE_MANY_FACES_200, not(&[ManyFaces])),
        (&documented::STATUS_FRONT_UNMATCHED_200, not(&[UnmatchedDocument])),
        (&documented::STATUS_FRONT_MANY_FACES_200, not(&[ManyFacesOnDocument])),
        (&documented::STATUS_FRONT_NO_DOCUMENT_200, not(&[NoDocument])),
        (&documented::STATUS_FRONT_NO_INFO_200, not(&[UnreadableDocument])),
        (&documented::STATUS_BACK_NO_DOCUMENT_200, not(&[NoDocument])),
        (&documented::STATUS_BACK_NO_INFO_200, not(&[UnreadableDocument])),
        (&documented::RECEIVED_RG_FRONT, Verdict::Pending),
        (&documented::RECEIVED_PARTIALLY_ANALYZED, Verdict::Pending),
        (&documented::PROCESSED_RG_FRONT, Verdict::Valid),
        (&documented::PROCESSED_RG_BACK, Verdict::Valid),
        (&documented::PROCESSED_SELFIE, Verdict::Valid),
        (&documented::PROCESSED_ARRAY, Verdict::Valid),
        (&documented::PROCESSED_SELFIE_REFUSED, not(&[NoLiveness, ManyFaces])),
        (&documented::PROCESSED_SELFIE_NO_FACE, not(&[NoFace])),
        (&documented::PROCESSED_FRONT_UNMATCHED, not(&[UnmatchedDocument])),
        (&documented::PROCESSED_UNEXPECTED_ERROR, not(&[AnalysisFailed])),
    ] {
        assert_eq!(analysis(fixture).verdict(), wanted, "{}", fixture.name);
    }
    // A finished analysis without findings is neither valid nor invalid.
    for one in analyses(&documented::STATUS_ONLY_200) {
        assert!(one.is_final());
        assert_eq!(one.verdict(), Verdict::Pending);
    }
}

/// Cases that no example has: missing values, unknown values, two reasons at once.
#[test]
fn a_missing_or_unknown_value_is_not_valid() {
    use Reason::{ManyFacesOnDocument, NoDocument, NoFace, NoLiveness, UnmatchedDocument};
    let done = |rest: Value| {
        let mut object = json!({ "status": "ANALYSIS_COMPLETED" });
        object.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        read::<Analysis>(&object.to_string()).verdict()
    };
    let not = |reasons: &[Reason]| Verdict::Invalid(reasons.to_vec());
    let liveness_missing = Verdict::Unclear("the status of the liveness check is missing or unknown");
    let face_missing = Verdict::Unclear("the status of the face details is missing or unknown");
    let match_missing = Verdict::Unclear("the status of the face match is missing or unknown");
    let side_missing = Verdict::Unclear("the side of the document is missing or unknown");
    let selfie = |liveness: &str, face: &str| {
        done(
            json!({ "documentType": "SELFIE", "liveness": { "status": liveness }, "faceDetails": { "status": face } }),
        )
    };
    let front = |face: &str, document: &str| {
        done(json!({
            "documentType": "RNE", "documentSide": "FRONT",
            "faceMatch": { "status": face, "similarity": 99.5 }, "documentDetails": { "status": document },
        }))
    };
    assert_eq!(selfie("LIVENESS_FOUND", "DETECTED_FACE"), Verdict::Valid);
    assert_eq!(selfie("LIVENESS_FOUND", "COULD_NOT_DETECT_FACE"), not(&[NoFace]));
    assert_eq!(selfie("NO_LIVENESS", "COULD_NOT_DETECT_FACE"), not(&[NoLiveness, NoFace]));
    assert_eq!(selfie("MAYBE", "DETECTED_FACE"), liveness_missing);
    assert_eq!(selfie("MAYBE", "PERHAPS"), liveness_missing, "the first is reported");
    assert_eq!(selfie("LIVENESS_FOUND", "PERHAPS"), face_missing);
    assert_eq!(front("HAS_FACE_MATCH", "DETECTED_DOCUMENT"), Verdict::Valid);
    assert_eq!(front("UNMATCHED_DOCUMENT", "NO_DOCUMENT_FOUND"), not(&[UnmatchedDocument, NoDocument]));
    assert_eq!(front("MANY_FACES_DETECTED", "PERHAPS"), not(&[ManyFacesOnDocument]));

    let liveness = json!({ "status": "LIVENESS_FOUND" });
    let document = json!({ "status": "DETECTED_DOCUMENT" });
    assert_eq!(done(json!({ "documentType": "SELFIE", "liveness": liveness })), face_missing);
    assert_eq!(done(json!({ "documentType": "SELFIE", "liveness": {} })), liveness_missing);
    assert_eq!(
        done(json!({ "documentType": "RG", "documentSide": "FRONT", "documentDetails": document })),
        match_missing
    );
    assert_eq!(
        done(json!({ "documentType": "RG", "documentSide": "BACK", "documentDetails": document })),
        Verdict::Valid
    );
    // Without a side, or with an unknown one, it is not known which rule applies.
    assert_eq!(done(json!({ "documentType": "RG", "documentDetails": document })), side_missing);
    assert_eq!(
        done(json!({ "documentType": "RG", "documentSide": "INSIDE", "documentDetails": document })),
        side_missing
    );
    let type_missing = Verdict::Unclear("the type of the document is missing or unknown");
    assert_eq!(done(json!({ "liveness": liveness })), type_missing);
    assert_eq!(
        done(json!({ "documentType": "PASSPORT", "documentSide": "BACK", "documentDetails": document })),
        type_missing
    );
    assert_eq!(read::<Analysis>("{}").verdict(), Verdict::Pending);
}

/// Each advice has both languages, and covers both of the vendor's explanations where it has two.
#[test]
fn every_reason_has_advice() {
    let all = [
        Reason::NoLiveness,
        Reason::NoFace,
        Reason::ManyFaces,
        Reason::UnmatchedDocument,
        Reason::ManyFacesOnDocument,
        Reason::NoDocument,
        Reason::UnreadableDocument,
        Reason::AnalysisFailed,
    ];
    for reason in all {
        let advice = reason.advice();
        assert!(advice.pt.len() > 20 && advice.en.len() > 20, "{reason:?}");
        assert!(advice.pt.ends_with('.') && advice.en.ends_with('.'), "{reason:?}");
        assert_ne!(advice.pt, advice.en);
    }
    let both = Reason::UnmatchedDocument.advice();
    for word in ["your own document", "close, sharp", "selfie again"] {
        assert!(both.en.contains(word), "{word}");
    }
    for word in ["seu próprio documento", "de perto, nítido", "refaça a selfie"] {
        assert!(both.pt.contains(word), "{word}");
    }
}

#[test]
fn every_spelling_is_one_field() {
    for (one, other, value) in [
        ("identifiedDocumentType", "identifiedocumentType", "CNH"),
        ("identifiedDocumentType", "identified`documentType`", "CNH"),
        ("validDate", "valideDate", "2024-01-18"),
        ("validDate", "validate", "18/01/2024"),
        ("issuePlace", "issuedPlace", "SP"),
        ("issueDate", "issuedDate", "12/04/2019"),
        ("idNumber", "idnumber", "1"),
        ("driveLicenseNumber", "driveLicensenumber", "1"),
    ] {
        let canonical = json!({ one: value }).to_string();
        for key in [one, other] {
            let decoded = decode::<DocumentDetails>(json!({ key: value }).to_string().as_bytes()).unwrap();
            assert!(decoded.ignored.is_empty(), "{key}");
            assert_ne!(decoded.value, DocumentDetails::default(), "{key}");
            assert_eq!(serde_json::to_string(&decoded.value).unwrap(), canonical, "{key}");
        }
        // If both are sent, the first that is not null counts.
        let twice = json!({ one: null, other: value }).to_string();
        assert_eq!(read::<DocumentDetails>(&twice), read(&canonical), "{one} and {other}");
    }
    let backticks = read::<Analysis>(r#"{"`documentType`":"SELFIE","`documentSide`":"FRONT"}"#);
    assert_eq!(backticks, read(r#"{"documentType":"SELFIE","documentSide":"FRONT"}"#));
    // These are two fields, which the vendor prints together.
    let both = read::<DocumentDetails>(r#"{"category":"B","driveLicenseCategory":"AB"}"#);
    assert_eq!(both.category, Some(LicenceCategory::B));
    assert_eq!(
        both.drive_license_category.map(|category| category.as_str().to_owned()),
        Some("AB".to_owned())
    );
}

#[test]
fn reasons_of_a_refused_selfie_in_every_form() {
    let messages = |details: &str| -> Vec<String> {
        let json = format!(r#"{{"status":"NO_LIVENESS","analysisDetails":{details}}}"#);
        let liveness = read::<bankly_kyc::Liveness>(&json);
        assert_eq!(read::<bankly_kyc::Liveness>(&serde_json::to_string(&liveness).unwrap()), liveness);
        liveness.messages().map(|message| message.as_str().to_owned()).collect()
    };
    assert_eq!(messages(r#"[{"message":"a"},{"message":"b"}]"#), ["a", "b"]);
    assert_eq!(messages(r#"["a","b"]"#), ["a", "b"]);
    assert_eq!(messages(r#"[{"messages":"a"},"b"]"#), ["a", "b"]);
    assert_eq!(messages(r#"{"message":"a"}"#), ["a"]);
    assert_eq!(messages(r#"{"messages":["a","b"]}"#), ["a b"]);
    for none in ["null", "[]", "[null]", "[{}]", r#"[{"message":null}]"#, r#"[{"messages":[]}]"#] {
        assert!(messages(none).is_empty(), "{none}");
    }
}

/// Starts a server that issues tokens and sends this response to every other request.
async fn answering(answer: ResponseTemplate) -> (MockServer, Client) {
    let server = MockServer::start().await;
    let token = ResponseTemplate::new(200).set_body_string(documented::LEGACY_TOKEN_200.body);
    Mock::given(path_regex("/connect/token$")).respond_with(token).mount(&server).await;
    Mock::given(any()).respond_with(answer).mount(&server).await;
    let client = client(&server.uri());
    (server, client)
}

fn as_documented(fixture: &Fixture) -> ResponseTemplate {
    ResponseTemplate::new(fixture.status.unwrap()).set_body_raw(fixture.body, "application/json")
}

#[tokio::test]
async fn the_client_returns_the_documented_analyses() {
    for fixture in documented::ALL.iter().filter(|fixture| fixture.operation == "status") {
        if fixture.status != Some(200) {
            continue;
        }
        let (_server, client) = answering(as_documented(fixture)).await;
        let found = client.analyses(&cpf(), &[], ResultLevel::Detailed).await.unwrap().into_inner();
        assert!(found == analyses(fixture), "{}", fixture.name);
    }
}

#[tokio::test]
async fn an_unknown_image_is_not_an_error() {
    let empty = ResponseTemplate::new(200).set_body_string("[]");
    for (answer, status) in [
        (as_documented(&documented::ERROR_404), 404),
        (as_documented(&documented::ERROR_EMPTY_404), 404),
        (empty, 200),
    ] {
        let (_server, client) = answering(answer.insert_header("x-bkly-correlation-id", "theirs")).await;
        let found = client.analyses(&cpf(), &[], ResultLevel::OnlyStatus).await.unwrap();
        assert!(found.value().is_empty());
        assert_eq!((found.meta().http_status, found.meta().attempts), (status, 1));
        assert_eq!(found.meta().request_id.as_deref(), Some("theirs"));
        let one = client.analysis(&cpf(), &ImageToken::new("T")).await.unwrap();
        assert!(one.value().is_none());
        assert_eq!(one.meta().request_id.as_deref(), Some("theirs"));
    }
}

#[tokio::test]
async fn one_image_among_several() {
    let (_server, client) = answering(as_documented(&documented::STATUS_ONLY_200)).await;
    for one in analyses(&documented::STATUS_ONLY_200) {
        let token = one.token.clone().unwrap();
        assert!(client.analysis(&cpf(), &token).await.unwrap().into_inner() == Some(one));
    }
    let unknown = client.analysis(&cpf(), &ImageToken::new("unknown")).await.unwrap();
    assert!(unknown.value().is_none());
}

/// The token comes from the body, otherwise from `Location`.
#[tokio::test]
async fn the_token_of_an_upload() {
    const TOKEN: &str = "T42tcobk32rgiSGM23O6aDTFG6VhhKK4ZR";
    let located = "https://api.example/document-analysis/52998224725?token=L.1_x&resultLevel=DETAILED";
    let rows = [
        (&documented::UPLOAD_202, None, Some(TOKEN)),
        (&documented::UPLOAD_202, Some(located), Some(TOKEN)),
        (&documented::UPLOAD_201, None, Some(TOKEN)),
        (&documented::UPLOAD_DEEPFACE_202, None, Some(TOKEN)),
        (&documented::UPLOAD_COMPANY_201, None, Some("3f0c1f2a9b7e4d55a6c8e1d2b3a49586")),
        (&documented::UPLOAD_NULL_202, None, None),
        (&documented::UPLOAD_NULL_202, Some(located), Some("L.1_x")),
        (&documented::UPLOAD_EMPTY_202, None, None),
        (&documented::UPLOAD_EMPTY_202, Some(located), Some("L.1_x")),
        (&documented::UPLOAD_EMPTY_202, Some("/document-analysis/52998224725/L.2-y"), Some("L.2-y")),
        (&documented::UPLOAD_DEEPFACE_EMPTY_202, Some("L.3"), Some("L.3")),
        (&documented::UPLOAD_EMPTY_202, Some("/document-analysis/52998224725"), None),
        (&documented::UPLOAD_EMPTY_202, Some("/document-analysis/52998224725/deepface"), None),
        (&documented::UPLOAD_EMPTY_202, Some("/document-analysis/11222333000181/corporation-business"), None),
        (&documented::UPLOAD_EMPTY_202, Some("/document-analysis/52998224725/"), None),
    ];
    for (fixture, location, wanted) in rows {
        let mut answer = as_documented(fixture).insert_header("x-bkly-correlation-id", "theirs");
        if let Some(location) = location {
            answer = answer.insert_header("location", location);
        }
        let (_server, client) = answering(answer).await;
        let replies = [
            client.upload(&cpf(), &selfie()).await,
            client.upload_deepface(&cpf(), &selfie().with_unico("unico")).await,
            client.upload_company(&cnpj(), &bankly_kyc::CompanyDocument::BalanceSheet, &pdf()).await,
        ];
        for reply in replies {
            // Without a token the upload may have been accepted nevertheless.
            let Ok(reply) = reply else {
                let error = reply.unwrap_err();
                assert_eq!(
                    (error.kind(), wanted),
                    (ErrorKind::Decode, None),
                    "{} {location:?}",
                    fixture.name
                );
                assert!(error.may_have_landed() && error.request_id() == Some("theirs"));
                continue;
            };
            let token = reply.value().token.as_ref().map(ImageToken::as_str);
            assert_eq!(token, wanted, "{} {location:?}", fixture.name);
            assert_eq!(reply.meta().http_status, fixture.status.unwrap());
            assert_eq!(reply.meta().request_id.as_deref(), Some("theirs"));
        }
    }
}

/// An empty text does not count as a token.
#[tokio::test]
async fn an_empty_token_is_ignored() {
    let answer = ResponseTemplate::new(202).set_body_string(r#"{"token":""}"#);
    let (_server, client) =
        answering(answer.insert_header("location", "/document-analysis/52998224725/L")).await;
    let reply = client.upload(&cpf(), &selfie()).await.unwrap();
    assert_eq!(reply.value().token.as_ref().map(ImageToken::as_str), Some("L"));
}

fn webhook_shown(webhook: &WebhookConfiguration) -> Value {
    json!({
        "id": text(webhook.id.as_ref()),
        "name": text(webhook.name.as_ref()),
        "context": text(webhook.context.as_ref()),
        "event_name": text(webhook.event_name.as_ref()),
        "uri": text(webhook.uri.as_ref()),
        "public_key": text(webhook.public_key.as_ref()),
        "status": text(webhook.status.as_ref()),
        "created_at": moment(webhook.created_at.as_ref()),
        "updated_at": moment(webhook.updated_at.as_ref()),
    })
}

fn message_shown(message: &Message) -> Value {
    json!({
        "id": text(message.id.as_ref()),
        "idempotency_key": text(message.idempotency_key.as_ref()),
        "state": message.state.as_ref().map(MessageState::as_str),
        "destination": text(message.destination.as_ref()),
        "sent_date": moment(message.sent_date.as_ref()),
        "event_name": text(message.event_name.as_ref()),
        "retry_count": leaf(message.retry_count.as_ref(), |count| *count),
        "elapsed": [text(message.elapsed_event_capture.as_ref()), text(message.elapsed_http_call.as_ref())],
        "context": text(message.context.as_ref()),
    })
}

#[tokio::test]
async fn the_values_of_webhooks_and_messages() {
    let (_server, client) = answering(as_documented(&documented::WEBHOOK_LIST_200)).await;
    let list: Vec<_> = client.webhooks(1).await.unwrap().value().iter().map(webhook_shown).collect();
    let (_server, client) = answering(as_documented(&documented::WEBHOOK_CREATE_201)).await;
    let made = webhook_shown(client.create_webhook(&webhook()).await.unwrap().value());
    let (_server, client) = answering(as_documented(&documented::WEBHOOK_GET_200)).await;
    let one = webhook_shown(client.webhook("e77748a7").await.unwrap().value());
    let (_server, client) = answering(as_documented(&documented::MESSAGES_200)).await;
    let (first, last) = (day("2022-06-29"), day("2022-06-29"));
    let messages = client.messages(first, last, &MessageState::Success, 1).await.unwrap();
    let messages: Vec<_> = messages.value().iter().map(message_shown).collect();
    insta::assert_json_snapshot!(json!({ "list": list, "made": made, "one": one, "messages": messages }));
}

/// A list comes with or without an envelope; an empty body is an empty list.
#[tokio::test]
async fn lists_in_every_form() {
    let item = r#"{"id":"1","idempotencyKey":"2"}"#;
    for (body, count) in [
        (format!("[{item},{item}]"), 2),
        (format!(r#"{{"data":[{item},{item}],"links":null,"meta":{{"any":[1]}}}}"#), 2),
        (format!(r#"{{"data":{item}}}"#), 1),
        (r#"{"data":null}"#.to_owned(), 0),
        ("{}".to_owned(), 0),
        ("[]".to_owned(), 0),
        (" \n".to_owned(), 0),
    ] {
        let (_server, client) = answering(ResponseTemplate::new(200).set_body_string(&body)).await;
        assert_eq!(client.webhooks(1).await.unwrap().value().len(), count, "{body}");
        let day = day("2022-06-29");
        assert_eq!(
            client.messages(day, day, &MessageState::Hold, 1).await.unwrap().value().len(),
            count,
            "{body}"
        );
        match client.webhook("1").await {
            Ok(webhook) => assert!(count > 0 && text(webhook.value().id.as_ref()) == Some("1"), "{body}"),
            Err(error) => assert_eq!((error.kind(), count), (ErrorKind::Decode, 0), "{body}"),
        }
    }
    let (_server, client) = answering(ResponseTemplate::new(204)).await;
    assert!(client.webhooks(1).await.unwrap().value().is_empty());
}

/// The id is needed to delete the webhook, so it is also read from `Location`.
#[tokio::test]
async fn the_id_of_a_new_webhook() {
    for (body, location, wanted) in [
        (r#"{"data":{"id":"b"}}"#, Some("/webhooks/configurations/l"), Some("b")),
        ("", Some("https://api.example/webhooks/configurations/l-1"), Some("l-1")),
        (r#"{"data":{"name":"n"}}"#, Some("/webhooks/configurations/l"), Some("l")),
        ("", Some("/webhooks/configurations"), None),
        ("", Some("/webhooks/configurations/"), None),
        ("", Some("/webhooks/configurations/a?b"), None),
        ("", Some("/elsewhere/l"), None),
        ("", None, None),
    ] {
        let mut answer = ResponseTemplate::new(201).set_body_string(body);
        if let Some(location) = location {
            answer = answer.insert_header("location", location);
        }
        let (_server, client) = answering(answer).await;
        let made = client.create_webhook(&webhook()).await.unwrap();
        assert_eq!(text(made.value().id.as_ref()), wanted, "{body} {location:?}");
        assert_eq!(made.meta().http_status, 201);
    }
}

#[tokio::test]
async fn responses_without_a_body() {
    let (_server, client) = answering(as_documented(&documented::WEBHOOK_ENABLE_204)).await;
    for reply in [
        client.enable_webhook("1").await.unwrap(),
        client.disable_webhook("1").await.unwrap(),
        client.delete_webhook("1").await.unwrap(),
    ] {
        assert_eq!(reply.meta().http_status, 204);
    }
    for fixture in [&documented::MESSAGE_RESEND_202, &documented::MESSAGE_RESEND_EMPTY_202] {
        let (_server, client) = answering(as_documented(fixture)).await;
        let resent = client.resend("e5a2ae6a").await.unwrap();
        assert_eq!(resent.meta().http_status, 202);
        let states: Vec<_> = resent.value().iter().map(|message| message.state.clone().unwrap()).collect();
        let is_empty = fixture.body.is_empty();
        assert_eq!(states, if is_empty { vec![] } else { vec![MessageState::Hold] });
    }
}

#[tokio::test]
async fn the_client_returns_responses_with_secrets() {
    let (_server, client) = answering(as_documented(&documented::CERTIFICATE_200)).await;
    let made = client.request_certificate("company_key", &passphrase(), 1).await.unwrap();
    assert!(text(made.value().certificate.as_ref()).unwrap().starts_with("-----BEGIN CERTIFICATE-----"));
    assert!(text(made.value().certificate_chain.as_ref()).unwrap().contains("MIIC"));
    assert_eq!(text(made.value().subject_dn.as_ref()), Some("CN=company_key,O=Floresta,C=BR"));
    assert!(made.value().private_key.as_ref().map(Secret::expose).unwrap().contains("ENCRYPTED"));
    assert_eq!(
        made.value().passphrase.as_ref().map(|text| text.expose().as_str()),
        Some("{strong_passphrase}")
    );
    assert!(!format!("{made:?}").contains("ENCRYPTED") && !format!("{made:?}").contains("strong"));

    let (_server, client) = answering(as_documented(&documented::REGISTER_201)).await;
    let scopes = ["kyc.document.read".to_owned()];
    let made = client.register("CN=company_key", "company_key", &scopes).await.unwrap();
    assert_eq!(made.value().client_id.expose(), "0d5b6f0e-6a0c-4a57-9d2e-3f1f7f1c2b3a");
    assert_eq!(made.value().access_token_ttl.as_ref().and_then(|life| life.get()), Some(&3600));
    assert_eq!(made.value().client_id_issued_at.as_ref().and_then(|time| time.get()), Some(&1_656_515_400));
    assert_eq!(made.value().require_proof_key.as_ref().and_then(|yes| yes.get()), Some(&false));
    let methods: Vec<_> =
        made.value().token_endpoint_auth_methods.iter().flat_map(|texts| texts.iter()).collect();
    assert_eq!(methods, [&RedactedText::from("tls_client_auth")]);
    assert!(!format!("{made:?}").contains("0d5b6f0e"));
    assert!(!format!("{made:?}").contains("registration_access_token}"));
}

#[test]
fn the_life_of_a_token_in_every_form() {
    for (fixture, life) in [
        (&documented::TOKEN_200, "3600"),
        (&documented::TOKEN_CLAIMS_200, "3600"),
        (&documented::TOKEN_TEXT_200, "3600"),
        (&documented::TOKEN_DATE_200, "2023-06-01T12:00:00Z"),
        (&documented::LEGACY_TOKEN_200, "3600"),
    ] {
        let token = read::<TokenResponse>(fixture.body);
        assert_eq!(text(token.expires_in.as_ref()), Some(life), "{}", fixture.name);
        assert_eq!(text(token.token_type.as_ref()), Some("Bearer"));
        assert!(!token.access_token.expose().is_empty());
    }
}

/// The lists are open: an unknown value is kept.
#[test]
fn an_unknown_value_is_kept() {
    let odd =
        read::<Analysis>(r#"{"documentType":"PASSPORT","documentSide":"INSIDE","status":"PHOTO_RECUSED"}"#);
    assert!(matches!(odd.document_type, Some(DocumentType::Unknown(_))));
    assert!(!odd.is_final());
    let written = serde_json::to_value(&odd).unwrap();
    assert_eq!(
        written,
        json!({ "documentType": "PASSPORT", "documentSide": "INSIDE", "status": "PHOTO_RECUSED" })
    );
}

/// Bankly's id of the request, or the client's if there is no response.
#[tokio::test]
async fn the_id_of_a_request() {
    let ok = as_documented(&documented::STATUS_OBJECT_200);
    let (server, client) = answering(ok.insert_header("x-bkly-correlation-id", "theirs")).await;
    let found = client.analyses(&cpf(), &[], ResultLevel::Detailed).await.unwrap();
    assert_eq!(found.meta().request_id.as_deref(), Some("theirs"));
    // The attempt times out without a response.
    let slow = as_documented(&documented::STATUS_OBJECT_200).set_delay(std::time::Duration::from_secs(60));
    server.reset().await;
    Mock::given(any()).respond_with(slow).mount(&server).await;
    let hurried = bankly_kyc::kyc_core::ClientOptions::new()
        .attempt_timeout(std::time::Duration::from_millis(200))
        .max_attempts(1);
    let token = ResponseTemplate::new(200).set_body_string(documented::LEGACY_TOKEN_200.body);
    let login = MockServer::start().await;
    Mock::given(any()).respond_with(token).mount(&login).await;
    let client =
        crate::support::builder(&server.uri()).auth_url(&login.uri()).options(hurried).build().unwrap();
    let error = client.upload(&cpf(), &selfie()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    let sent = server.received_requests().await.unwrap();
    let id = sent[0].headers.get("x-correlation-id").unwrap().to_str().unwrap();
    assert_eq!(error.request_id(), Some(id));
}

#[test]
fn each_attribute_of_a_face_has_its_own_type() {
    let face = |gender: Value, glasses: Value| {
        let json = json!({ "gender": { "value": gender }, "sunglasses": { "value": glasses } });
        read::<bankly_kyc::FaceDetails>(&json.to_string())
    };
    for (gender, glasses, written, worn) in [
        (json!("Male"), json!(false), "Male", Some(false)),
        (json!("female"), json!("true"), "Female", Some(true)),
        (json!("1"), json!("1"), "1", Some(true)),
        (json!("true"), json!("Male"), "true", None),
        (json!(1), json!("não"), "1", Some(false)),
    ] {
        let face = face(gender.clone(), glasses);
        let again = serde_json::to_value(&face).unwrap();
        assert_eq!(again["gender"]["value"], json!(written), "{gender}");
        assert_eq!(face.sunglasses.unwrap().value.unwrap().get().copied(), worn, "{gender}");
    }
}

#[test]
fn the_printed_lists_have_types() {
    use bankly_kyc::{PrintedSide, RefusalMessage};
    let details = read::<DocumentDetails>(r#"{"side":"a","driveLicenseCategory":" acc ","category":"AB"}"#);
    assert_eq!(
        (details.side, details.drive_license_category),
        (Some(PrintedSide::Front), Some(LicenceCategory::Acc))
    );
    assert!(matches!(details.category, Some(LicenceCategory::Unknown(_))));
    let refused = read::<bankly_kyc::Liveness>(
        r#"{"analysisDetails":["The image is too close.",{"message":"The face is too far."},"Another reason."]}"#,
    );
    let reasons: Vec<_> = refused.analysis_details.unwrap().iter().map(|one| one.reason().unwrap()).collect();
    assert_eq!(reasons[..2], [RefusalMessage::TooClose, RefusalMessage::TooFar]);
    assert_eq!((reasons[2].as_str(), reasons[2].advice()), ("Another reason.", None));
    for known in [
        RefusalMessage::WrongOrientation,
        RefusalMessage::NotCentralized,
        RefusalMessage::TooFar,
        RefusalMessage::TooClose,
        RefusalMessage::NoFace,
        RefusalMessage::Injection,
    ] {
        assert_eq!(RefusalMessage::from(known.as_str()), known);
        let advice = known.advice().unwrap();
        assert!(advice.pt.ends_with('.') && advice.en.ends_with('.') && advice.pt != advice.en);
    }
}

/// The token is trimmed and sent percent-encoded. One that no query can hold is not "nothing was sent": the upload was.
#[tokio::test]
async fn the_token_of_an_upload_can_be_queried() {
    for (token, wanted) in [
        ("T-1 ", Some("T-1")),
        ("\n tx_01HZX7\t", Some("tx_01HZX7")),
        ("a b/c+d=&e?", Some("a b/c+d=&e?")),
        ("YR5GMNH.D3HMQKa2SfPjUwwlhx.kypcx", Some("YR5GMNH.D3HMQKa2SfPjUwwlhx.kypcx")),
        (" ", None),
        ("a\u{1}b", None),
        ("..", None),
    ] {
        let (server, client) =
            answering(ResponseTemplate::new(202).set_body_json(json!({ "token": token }))).await;
        match (client.upload(&cpf(), &selfie()).await, wanted) {
            (Ok(reply), Some(wanted)) => {
                let token = reply.into_inner().token.unwrap();
                assert_eq!(token.as_str(), wanted);
                let _ = client.analysis(&cpf(), &token).await;
                let queried = server.received_requests().await.unwrap().pop().unwrap();
                assert!(queried.url.query_pairs().any(|(key, value)| key == "token" && value == wanted));
            }
            (Err(error), None) => {
                assert_eq!((error.kind(), error.operation()), (ErrorKind::Decode, Some("upload")));
                assert!(error.may_have_landed(), "{token:?}");
                // Nor does it become a query for all images of the person.
                let error = client.analysis(&cpf(), &ImageToken::new(token)).await.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::InvalidInput);
            }
            (result, _) => panic!("{token:?}: {result:?}"),
        }
    }
    // A token in Location is not lost because of a body that cannot be read.
    let answer = ResponseTemplate::new(202).set_body_string("<html>").insert_header("location", "/a/L");
    let (_server, client) = answering(answer).await;
    let reply = client.upload(&cpf(), &selfie()).await.unwrap();
    assert_eq!(reply.value().token, Some(ImageToken::new("L")));
}

/// A byte order mark or another charset costs nothing. A text or number in place of a list is an error, not an empty list.
#[tokio::test]
async fn lists_in_other_encodings() {
    let analysis = r#"{"token":"T","documentDetails":{"registerName":"JOÃO"}}"#;
    let latin: Vec<u8> = analysis.chars().map(|one| u8::try_from(u32::from(one)).unwrap()).collect();
    for (body, kind) in [
        (format!("\u{feff}[{analysis}]").into_bytes(), "application/json"),
        (format!("\u{feff}{analysis}").into_bytes(), "application/json"),
        (latin.clone(), "application/json;charset=ISO-8859-1"),
        ([&b"["[..], &latin, &b"]"[..]].concat(), "application/json"),
    ] {
        let (_server, client) = answering(ResponseTemplate::new(200).set_body_raw(body, kind)).await;
        let found = client.analyses(&cpf(), &[], ResultLevel::Detailed).await.unwrap().into_inner();
        let name = found[0].document_details.as_ref().unwrap().register_name.clone();
        assert_eq!(name, Some("JO\u{c3}O".into()), "{kind}");
    }
    for body in
        ["\u{feff}[{\"id\":\"1\"}]", "\u{feff} {\"data\":[{\"id\":\"1\"}],\"meta\":7,\"links\":\"x\"}"]
    {
        let (_server, client) = answering(ResponseTemplate::new(200).set_body_string(body)).await;
        assert_eq!(client.webhooks(1).await.unwrap().value().len(), 1, "{body}");
    }
    for body in ["\"text\"", "7", "true", "null"] {
        let (_server, client) = answering(ResponseTemplate::new(200).set_body_string(body)).await;
        let error = client.analyses(&cpf(), &[], ResultLevel::Detailed).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode, "{body}");
        assert_eq!(client.webhooks(1).await.unwrap_err().kind(), ErrorKind::Decode, "{body}");
    }
}
