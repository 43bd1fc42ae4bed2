//! Nothing of a person is printed or stored in the clear.

use std::fmt::Debug;

use kyc_verify::kyc_core::{
    DocumentKind, IdentityDocument, Intent, Notes, OperationId, Pii, RetakeItem, Sent, Trust, Vendor,
    WebhookEvent,
};
use kyc_verify::{
    CaseFilter, Entry, Environment, LedgerError, NewCase, Options, Outcome, Personal, Policy, Record,
    Redecided, Sealed, Statement, Unrecorded, Verification, VerifyError,
};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::actor::{Actor, Does, Shape, cast, play};
use crate::toy::{CPF, NAME, Place, applicant, at, picture};

/// What must never be seen: of the person, of the caller, of the vendor.
const SENTINELS: [&str; 8] =
    [CPF, "529.982.247-25", NAME, "Aparecida", "1990-01-20", "customer-77", "Zuleica", "key-1"];

#[track_caller]
fn assert_silent(shown: &str, what: &str) {
    for sentinel in SENTINELS {
        assert!(!shown.contains(sentinel), "{what} shows {sentinel}: {shown}");
    }
    assert!(!shown.contains("222, 192"), "{what} shows bytes: {shown}");
}

#[track_caller]
fn assert_debug(value: &impl Debug) {
    for shown in [format!("{value:?}"), format!("{value:#?}")] {
        assert_silent(&shown, std::any::type_name_of_val(value));
    }
}

fn statement() -> Statement {
    Statement { who: "Zuleica".to_owned(), why: format!("{NAME} called, {CPF}") }
}

fn person() -> kyc_verify::kyc_core::Applicant {
    let mut person = applicant();
    let born = kyc_verify::kyc_core::Date::from_ymd(1990, 1, 20).expect("a day");
    person.birth_date = Some(Pii::new(born));
    person.selfie = Some(picture(2000));
    let kind = DocumentKind::from("customer-77");
    person.document = Some(IdentityDocument::new(kind, picture(1500)).with_back(picture(1600)));
    person.capture = vec![picture(1700)];
    person
}

#[tokio::test]
async fn no_public_type_shows_anything_of_a_person() {
    let place = Place::new();
    let (three, kit) = (Actor::new("three", Shape::Three, &place), Actor::new("kit", Shape::Kit, &place));
    three.does("face", Does::Waits);
    let policy =
        "[check.registration]\n[check.document]\nby = [\"three\"]\n[check.face_document]\n[check.liveness]";
    let verification = cast(&place, policy, &[&three, &kit]);
    let person = person();
    let case = verification.begin("customer-77", &person, false).await.expect("a case");
    let report = play(&place, &verification, case).await;
    assert!(!report.handouts.is_empty() && report.timeline.len() > 6, "{report:?}");
    assert_debug(&report);
    assert_silent(&report.to_json().to_string(), "the report as JSON");
    report.checks.iter().for_each(|check| assert_debug(&check));
    report.handouts.iter().for_each(|handout| assert_debug(&handout));
    verification.review(case, Outcome::Review, statement()).await.expect("reviewed");
    verification.hold(case, statement()).await.expect("held");
    let timeline = verification.show(case).await.expect("a report").timeline;
    assert_debug(&timeline);
    for entry in &timeline {
        let open = serde_json::to_value(&entry.record).expect("JSON");
        let open: serde_json::Map<_, _> = open
            .as_object()
            .into_iter()
            .flatten()
            .map(|(key, value)| (key.clone(), value.clone()))
            .filter(|(key, _)| key != "private")
            .collect();
        assert_silent(&serde_json::Value::Object(open).to_string(), "the open part of a record");
    }
    let mut new = NewCase::new("customer-77", &person, policy);
    new.is_forced = true;
    assert_debug(&new);
    assert_debug(&verification);
    assert_debug(&Verification::builder(place.open(), Environment::Simulated));
    assert_debug(&place.open());
    assert_debug(&CaseFilter::of(person.cpf.clone()));
    assert_debug(&statement());
    assert_debug(&verification.list(&CaseFilter::default(), 5).await.expect("a list"));
    assert_debug(&verification.retain().await.expect("a run"));
    assert_debug(&verification.check(None).await.expect("checked"));
    let other = Policy::built_in();
    let redecided: Redecided = verification.redecide(case, &other).await.expect("re-decided");
    assert_debug(&redecided);
    assert_debug(&redecided.decision.sentence());
    let omitted = verification.export(case, Personal::Omitted).await.expect("an export");
    assert_silent(&omitted.to_string(), "an export");
    let notes = Notes::new(json!({ "cpf": CPF, "name": NAME }));
    let id = OperationId::by_id(Vendor::new("kit"), "step", format!("key-1 {CPF}"));
    let intent = Intent::new("customer-77", at("2026-01-01T00:00:00Z"), notes.clone());
    assert_debug(&Sealed::new(intent.clone()));
    let records = [
        Record::intended("kit", "step", kyc_verify::kyc_core::Charge::Paid, None, intent),
        Record::Captured {
            vendor: "kit".to_owned(),
            step: "capture".to_owned(),
            private: Sealed::new(notes.clone()),
        },
        Record::CaptureOpened { vendor: "kit".to_owned(), expires: None, private: Sealed::new(id.clone()) },
        Record::Pending { of: 1, private: Sealed::new(id.clone()) },
    ];
    for record in records {
        assert_debug(&Entry::new(1, at("2026-01-01T00:00:00Z"), record));
    }
    for sent in [Sent::Answered(notes), Sent::Pending(id)] {
        let mut unrecorded = Unrecorded::new("kit", "step", sent.clone(), LedgerError::Conflict);
        unrecorded.others.push(Unrecorded::new("kit", "step", sent, LedgerError::Conflict));
        let error = VerifyError::MayHaveBeenPaid(Box::new(unrecorded));
        assert_debug(&error);
        assert_silent(&error.to_string(), "an error");
    }
}

#[tokio::test]
async fn no_error_shows_anything_of_a_person() {
    let place = Place::new();
    let one = Actor::new("one", Shape::Single, &place);
    let verification = cast(&place, "[check.face_document]", &[&one]);
    let case =
        verification.verify("customer-77", &person(), Options::default()).await.expect("a report").case;
    let mut errors: Vec<VerifyError> = Vec::new();
    errors.extend(verification.begin("customer-77", &applicant(), false).await.err());
    errors.extend(verification.submit_again(case, RetakeItem::Selfie, Some(picture(10))).await.err());
    one.stage().is_silent = true;
    verification.hold(case, statement()).await.expect("held");
    errors.extend(verification.forget(case).await.err());
    let open = verification.begin("Zuleica", &applicant(), false).await.expect("a case");
    errors.extend(verification.begin(CPF, &applicant(), false).await.err());
    let connection = rusqlite::Connection::open(place.path()).expect("the file");
    connection.execute("UPDATE blobs SET bytes = bytes + 1", []).expect("changed");
    errors.extend(verification.show(case).await.err());
    connection.execute("UPDATE records SET private = x'00'", []).expect("changed");
    errors.extend(verification.resume(open, Options::default()).await.err());
    assert_eq!(errors.len(), 6, "{errors:?}");
    for error in &errors {
        assert_debug(error);
        assert_silent(&error.to_string(), "an error");
    }
}

#[tokio::test]
async fn the_files_hold_nothing_of_a_person_whatever_happens_in_a_case() {
    let place = Place::new();
    let (three, kit) = (Actor::new("three", Shape::Three, &place), Actor::new("kit", Shape::Kit, &place));
    three.does("face", Does::Waits);
    let policy = "[check.registration]\n[check.document]\nby = [\"three\"]\nagrees = [\"cpf\"]\n[check.face_document]\n[check.liveness]";
    let verification = cast(&place, policy, &[&three, &kit]);
    let case = verification.begin("customer-77", &person(), false).await.expect("a case");
    play(&place, &verification, case).await;
    let mut event = WebhookEvent::new(Vendor::new("kit"), "completion", Trust::Hint, b"{}".as_slice().into());
    event.operations = vec![kit.operation("key-1")];
    event.subject = Some("Zuleica".to_owned());
    event.person = Some(person().cpf);
    assert_eq!(verification.event(&event).await.expect("read"), Some(case));
    verification.submit_again(case, RetakeItem::Selfie, Some(picture(900))).await.expect("accepted");
    three.does("face", Does::Answers);
    kit.stage().captured = Some("good");
    play(&place, &verification, case).await;
    verification.review(case, Outcome::Approved, statement()).await.expect("reviewed");
    let check = |bytes: &[u8], label: &str| {
        let reference = three.stage().references[0].clone();
        for text in SENTINELS.into_iter().chain([reference.as_str()]) {
            let hash: [u8; 32] = Sha256::digest(text).into();
            let digits: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
            for needle in
                [text.as_bytes(), &hash[..], digits.as_bytes(), digits.to_uppercase().as_bytes(), &hash[..8]]
            {
                let is_there = bytes.windows(needle.len()).any(|window| window == needle);
                assert!(!is_there, "{label}: {text}");
            }
        }
        let pixels: Vec<u8> = (0..64).collect();
        assert!(!bytes.windows(64).any(|window| window == pixels), "{label}: a picture");
    };
    check(&place.bytes(), "kept");
    assert!(
        place.bytes().windows(10).any(|window| window == b"\"captured\""),
        "the search finds what is there"
    );
    verification.forget(case).await.expect("forgotten");
    check(&place.bytes(), "forgotten");
}
