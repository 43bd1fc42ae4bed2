//! The ledger and the vault.

use std::time::Duration;

use kyc_verify::kyc_core::{Answer, Charge, Intent, Notes, OperationId, Vendor};
use kyc_verify::{
    Append, Begun, BlobKind, CaseFilter, CaseId, KeyRing, Ledger, LedgerError, NewCase, Record, Sealed,
    SqliteStore, Statement, StoreError, StoreKey, Vault,
};
use rusqlite::Connection;
use sha2::Digest as _;

use crate::toy::{CPF, NAME, Place, applicant, at, picture};

async fn fresh(store: &SqliteStore, reference: &str) -> CaseId {
    let applicant = applicant();
    let case = NewCase::new(reference, &applicant, "a policy").forced();
    match store.begin(&case).await.expect("a case") {
        Begun::Fresh(case) => case,
        other => panic!("{other:?}"),
    }
}

fn intended() -> Record {
    let notes = Notes::new(serde_json::json!({ "cpf": CPF }));
    Record::intended(
        "toy",
        "ask",
        Charge::Paid,
        None,
        Intent::new("ref-1", at("2026-01-01T00:00:00Z"), notes),
    )
}

fn statement() -> Statement {
    Statement { who: "ana".to_owned(), why: format!("{NAME} called") }
}

#[tokio::test]
async fn a_reference_is_one_case_with_one_applicant() {
    let place = Place::new();
    let store = place.open();
    let case = fresh(&store, "r-1").await;
    let mut applicant = applicant();
    let begun = store.begin(&NewCase::new("r-1", &applicant, "a policy")).await;
    assert_eq!(begun, Ok(Begun::Existing(case)));
    assert_eq!(store.begin(&NewCase::new("r-2", &applicant, "p")).await, Ok(Begun::PersonHasCase(case)));
    applicant.selfie = Some(picture(1000));
    assert_eq!(store.begin(&NewCase::new("r-1", &applicant, "p")).await, Ok(Begun::DifferentBody(case)));
    assert!(matches!(store.begin(&NewCase::new("r-2", &applicant, "p").forced()).await, Ok(Begun::Fresh(_))));
    assert_eq!(store.policy(case).await, Ok("a policy".to_owned()));
    assert_eq!(store.list(&CaseFilter::of(applicant.cpf.clone()), 10).await.expect("a list").len(), 2);
    assert_eq!(case.to_string().parse(), Ok(case));
}

#[tokio::test]
async fn only_the_holder_of_the_lease_decides_and_only_from_the_newest_record() {
    let place = Place::new();
    let (store, other) = (place.open(), place.open());
    let case = fresh(&store, "r-1").await;
    let lease = store.lease(case, None, Duration::from_secs(60)).await.expect("a lease");
    assert!(matches!(other.lease(case, None, Duration::from_secs(60)).await, Err(LedgerError::Leased(_))));
    assert_eq!(store.append(case, Append::After(&lease, 0), &intended()).await, Ok(1));
    assert_eq!(store.append(case, Append::After(&lease, 0), &intended()).await, Err(LedgerError::Conflict));
    // A fact is written by anyone, and the holder then has to read again.
    let answered =
        Record::Answered { of: 1, private: Sealed::new(Answer::new(serde_json::json!({ "a": 1 }))) };
    assert_eq!(other.append(case, Append::Fact, &answered).await, Ok(2));
    assert_eq!(store.append(case, Append::After(&lease, 1), &intended()).await, Err(LedgerError::Conflict));
    place.clock.advance(Duration::from_secs(61));
    other.lease(case, None, Duration::from_secs(60)).await.expect("taken over");
    let late = store.append(case, Append::After(&lease, 2), &intended()).await;
    assert!(matches!(late, Err(LedgerError::Leased(_))), "{late:?}");
    assert_eq!(store.records(case).await.expect("records").len(), 2);
}

#[tokio::test]
async fn two_cases_of_a_person_do_not_ask_the_same_vendor_at_once() {
    let place = Place::new();
    let store = place.open();
    let (one, other) = (fresh(&store, "r-1").await, fresh(&store, "r-2").await);
    let of = store.append(one, Append::Fact, &intended()).await.expect("written");
    assert_eq!(store.append(other, Append::Fact, &intended()).await, Err(LedgerError::PersonBusy));
    let answered = Record::Answered { of, private: Sealed::new(Answer::default()) };
    store.append(one, Append::Fact, &answered).await.expect("written");
    assert_eq!(store.append(other, Append::Fact, &intended()).await, Ok(1));
}

/// A case that nobody resumes must not be in the way for ever.
#[tokio::test]
async fn a_pending_operation_is_in_the_way_for_a_day_at_most() {
    let place = Place::new();
    let store = place.open();
    let (one, other) = (fresh(&store, "r-1").await, fresh(&store, "r-2").await);
    let of = store.append(one, Append::Fact, &intended()).await.expect("written");
    let id = OperationId::by_id(Vendor::new("toy"), "compare", "1");
    let pending = Record::Pending { of, private: Sealed::new(id) };
    store.append(one, Append::Fact, &pending).await.expect("written");
    place.clock.advance(Duration::from_secs(23 * 3600));
    assert_eq!(store.append(other, Append::Fact, &intended()).await, Err(LedgerError::PersonBusy));
    place.clock.advance(Duration::from_secs(3600));
    assert_eq!(store.append(other, Append::Fact, &intended()).await, Ok(1));
}

#[tokio::test]
async fn any_change_of_a_record_is_found() {
    let changes = [
        "UPDATE records SET open = replace(open, 'toy', 'tox') WHERE seq = 2",
        "UPDATE records SET at = at + 1 WHERE seq = 2",
        "UPDATE records SET private = randomblob(50) WHERE seq = 2",
        "DELETE FROM records WHERE seq = 2",
        "DELETE FROM records WHERE seq = 3",
        "UPDATE records SET seq = 7 WHERE seq = 3",
        "UPDATE records SET hash = randomblob(32) WHERE seq = 3",
    ];
    for change in changes {
        let place = Place::new();
        let store = place.open();
        let case = fresh(&store, "r-1").await;
        for _ in 0..3 {
            store.append(case, Append::Fact, &intended()).await.expect("written");
        }
        store.verify(case).await.expect("sound");
        let connection = Connection::open(place.path()).expect("the file");
        assert_eq!(connection.execute(change, []), Ok(1), "{change}");
        let found = store.verify(case).await;
        assert!(matches!(found, Err(LedgerError::Tampered { seq: 2 | 3, .. })), "{change}: {found:?}");
    }
}

#[tokio::test]
async fn a_large_picture_is_read_back_and_belongs_to_its_case() {
    let place = Place::new();
    let store = place.open();
    let (one, other) = (fresh(&store, "r-1").await, fresh(&store, "r-2").await);
    let media = picture(3 * 1024 * 1024 + 17);
    let blob = store.put(one, BlobKind::Selfie, media.bytes().clone()).await.expect("stored");
    assert_eq!(store.get(one, blob).await.as_ref(), Ok(media.bytes()));
    assert!(store.get(other, blob).await.is_err());
    let infos = place.open().blobs(one).await.expect("a list");
    assert_eq!((infos.len(), infos[0].kind, infos[0].bytes), (1, BlobKind::Selfie, media.len() as u64));
    let connection = Connection::open(place.path()).expect("the file");
    connection.execute("DELETE FROM chunks WHERE n = 3", []).expect("deleted");
    assert!(matches!(store.get(one, blob).await, Err(LedgerError::Store(StoreError::Damaged(_)))));
}

#[tokio::test]
async fn a_forgotten_case_keeps_its_chain_and_nothing_personal() {
    let place = Place::new();
    let store = place.open();
    let case = fresh(&store, "r-1").await;
    store.append(case, Append::Fact, &intended()).await.expect("written");
    store.put(case, BlobKind::Selfie, picture(5000).bytes().clone()).await.expect("stored");
    store.hold(case, true, statement()).await.expect("held");
    assert_eq!(store.forget(case).await, Err(LedgerError::IsHeld));
    store.hold(case, false, statement()).await.expect("released");
    let deleted = store.forget(case).await.expect("forgotten");
    assert_eq!((deleted.blobs, deleted.records), (1, 3));
    store.verify(case).await.expect("sound");
    let records = store.records(case).await.expect("records");
    assert!(matches!(records.last().map(|entry| &entry.record), Some(Record::Forgotten)));
    let Record::Intended { private, vendor, .. } = &records[0].record else { panic!("{records:?}") };
    assert_eq!((private.expose(), vendor.as_str()), (None, "toy"));
    assert_eq!(store.append(case, Append::Fact, &intended()).await, Err(LedgerError::Forgotten));
    assert!(matches!(store.lease(case, None, Duration::from_secs(1)).await, Err(LedgerError::Forgotten)));
    assert_eq!(
        store.put(case, BlobKind::Back, picture(10).bytes().clone()).await,
        Err(LedgerError::Forgotten)
    );
    assert!(store.list(&CaseFilter::of(applicant().cpf), 10).await.expect("a list").is_empty());
    // The reference is still that of the case, so that it is not paid again by mistake.
    let applicant = applicant();
    assert_eq!(store.begin(&NewCase::new("r-1", &applicant, "p")).await, Ok(Begun::Existing(case)));
}

#[tokio::test]
async fn old_pictures_of_decided_cases_are_deleted_and_others_left() {
    let place = Place::new();
    let store = place.open();
    let (open, decided) = (fresh(&store, "r-1").await, fresh(&store, "r-2").await);
    for case in [open, decided] {
        store.put(case, BlobKind::Selfie, picture(100).bytes().clone()).await.expect("stored");
        store.put(case, BlobKind::Applicant, "{}".into()).await.expect("stored");
    }
    let record =
        Record::Decided { outcome: "approved".to_owned(), rule: "all_passed".to_owned(), decisive: vec![] };
    store.append(decided, Append::Fact, &record).await.expect("written");
    let policy = sha2::Sha256::digest("a policy").into();
    assert_eq!(store.purge(policy, at("2020-01-01T00:00:00Z")).await, Ok(0));
    assert_eq!(store.purge([0; 32], at("2100-01-01T00:00:00Z")).await, Ok(0));
    assert_eq!(store.purge(policy, at("2100-01-01T00:00:00Z")).await, Ok(1));
    assert_eq!(store.blobs(decided).await.expect("a list").len(), 1);
}

#[test]
fn a_store_is_neither_encrypted_nor_plain_by_default_and_knows_its_key() {
    let place = Place::new();
    assert!(matches!(SqliteStore::builder(place.path()).open(), Err(StoreError::WrongKey(_))));
    drop(place.open());
    let other = KeyRing::new(StoreKey::generate().expect("random bytes"));
    assert!(matches!(SqliteStore::builder(place.path()).keys(other).open(), Err(StoreError::WrongKey(_))));
    assert!(matches!(SqliteStore::builder(place.path()).plain_text().open(), Err(StoreError::WrongKey(_))));
    let connection = Connection::open(place.path()).expect("the file");
    connection.pragma_update(None, "application_id", 1).expect("changed");
    let key = KeyRing::new(StoreKey::generate().expect("random bytes"));
    assert!(matches!(SqliteStore::builder(place.path()).keys(key).open(), Err(StoreError::Damaged(_))));
}

#[tokio::test]
async fn a_case_of_a_process_that_was_killed_is_free_when_the_store_is_opened_again() {
    const MINUTE: Duration = Duration::from_secs(60);
    let place = Place::new();
    let killed = place.open();
    let case = fresh(&killed, "r-1").await;
    let lease = killed.lease(case, None, MINUTE).await.expect("a lease");
    let [running] = &place.running()[..] else { panic!("one store is open") };
    let running = running.clone();
    // A process that lives keeps its cases.
    let other = place.open();
    assert!(matches!(other.lease(case, None, MINUTE).await, Err(LedgerError::Leased(_))));
    drop(other);
    assert_eq!(place.running(), std::slice::from_ref(&running));
    // It ends without giving the case back. Its file stays, and nobody locks it any more.
    drop(killed);
    assert_eq!(place.running(), std::slice::from_ref(&running));
    let next = place.open();
    let taken = next.lease(case, None, MINUTE).await.expect("a lease");
    assert!(taken.token != lease.token && !running.exists());
    next.end_lease(&taken, None).await.expect("it is given back");
    drop(next);
    assert!(place.running().is_empty());
}
