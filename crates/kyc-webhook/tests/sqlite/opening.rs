//! Opening the file: keys, versions, durability.

use kyc_webhook::kyc_core::Cpf;
use kyc_webhook::{Filter, Inbox, InboxError, InboxKey, KeyRing, SqliteInbox};
use rusqlite::Connection;

use super::{Place, event_with_id, operation, put, put_new};

fn wrong_key(result: Result<SqliteInbox, InboxError>) -> String {
    match result {
        Err(InboxError::WrongKey(text)) => text,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_event_is_read_back_after_the_file_is_opened_again() {
    let place = Place::new();
    let id = put_new(&place.open(), event_with_id("e1", r#"{"a":1}"#)).await;
    let read = place.open().get(id).await.expect("read").expect("stored");
    assert_eq!(read.payload().expose(), br#"{"a":1}"#);
    assert_eq!(read.operations, [operation("subject")]);
    let content = read.content.expect("content");
    assert_eq!(content.query.as_deref(), Some("a=1"));
    assert_eq!(content.content_type.as_deref(), Some("application/json"));
    assert_eq!((read.info.source.as_str(), read.info.vendor.as_str()), ("toy", "toy"));
}

#[test]
fn a_file_is_neither_encrypted_nor_plain_by_default() {
    let place = Place::new();
    let text = wrong_key(SqliteInbox::builder(place.path()).open());
    assert!(text.contains("plain text by name"), "{text}");
    assert!(!place.path().exists());
}

#[test]
fn another_key_is_refused_with_the_id_of_the_right_one() {
    let place = Place::new();
    drop(place.open());
    let other = InboxKey::generate().expect("random bytes");
    let text = wrong_key(SqliteInbox::builder(place.path()).keys(KeyRing::new(other.clone())).open());
    assert!(text.contains(&place.key.id()) && text.contains(&other.id()), "{text}");
    let text = wrong_key(SqliteInbox::builder(place.path()).plain_text().open());
    assert!(text.contains(&place.key.id()), "{text}");
}

#[test]
fn a_file_in_plain_text_is_not_opened_with_a_key() {
    let place = Place::new();
    drop(SqliteInbox::builder(place.path()).plain_text().open().expect("an inbox"));
    let text = wrong_key(place.builder().open());
    assert!(text.contains("plain text"), "{text}");
    drop(SqliteInbox::builder(place.path()).plain_text().open().expect("an inbox"));
}

#[tokio::test]
async fn after_a_change_of_the_key_the_old_one_opens_nothing_and_the_new_one_all() {
    let place = Place::new();
    let before = put_new(&place.open(), event_with_id("e1", "before")).await;
    let new = InboxKey::generate().expect("random bytes");
    let ring = KeyRing::new(new.clone()).with_previous(place.key.clone());
    let rotated = SqliteInbox::builder(place.path()).keys(ring).open().expect("an inbox");
    let after = put_new(&rotated, event_with_id("e2", "after")).await;
    drop(rotated);

    assert!(wrong_key(place.builder().open()).contains(&new.id()));
    let inbox = SqliteInbox::builder(place.path()).keys(KeyRing::new(new)).open().expect("an inbox");
    for (id, body) in [(before, "before"), (after, "after")] {
        let event = inbox.get(id).await.expect("read").expect("stored");
        assert_eq!(event.content.expect("content").body.expose(), body.as_bytes());
    }
    // Duplicates are told by tags that a change of the key does not change.
    assert!(matches!(put(&inbox, event_with_id("e1", "before")).await, kyc_webhook::Put::Duplicate { .. }));
    let keys: i64 = Connection::open(place.path())
        .and_then(|file| {
            file.query_row("SELECT count(*) FROM keys WHERE purpose = 'data'", [], |row| row.get(0))
        })
        .expect("a count");
    assert_eq!(keys, 2);
}

#[tokio::test]
async fn a_process_with_the_old_key_goes_on_storing_while_the_key_changes() {
    let place = Place::new();
    let old = place.open();
    let new = InboxKey::generate().expect("random bytes");
    let ring = KeyRing::new(new).with_previous(place.key.clone());
    let rotated = SqliteInbox::builder(place.path()).keys(ring).open().expect("an inbox");
    let id = put_new(&old, event_with_id("e1", "old")).await;
    assert!(rotated.get(id).await.expect("read").expect("stored").content.is_some());
    let id = put_new(&rotated, event_with_id("e2", "new")).await;
    assert!(matches!(old.get(id).await, Err(InboxError::WrongKey(_))));
}

#[test]
fn a_newer_schema_is_refused() {
    let place = Place::new();
    drop(place.open());
    let file = Connection::open(place.path()).expect("a file");
    file.pragma_update(None, "user_version", 99).expect("written");
    let error = place.builder().open().expect_err("refused");
    assert!(matches!(error, InboxError::NewerSchema { found: 99, known: 1 }), "{error}");
}

#[test]
fn a_file_of_another_program_is_refused_and_left_alone() {
    let place = Place::new();
    let file = Connection::open(place.path()).expect("a file");
    file.execute_batch("CREATE TABLE theirs (a)").expect("written");
    drop(file);
    let before = std::fs::read(place.path()).expect("bytes");
    assert!(matches!(place.builder().open(), Err(InboxError::Damaged(_))));
    assert_eq!(std::fs::read(place.path()).expect("bytes"), before);

    std::fs::write(
        place.path(),
        "this is no database, but it is as long as a header, and longer than that".repeat(9),
    )
    .expect("written");
    assert!(matches!(place.builder().open(), Err(InboxError::Damaged(_))));
}

#[test]
fn a_missing_folder_is_an_error() {
    let place = Place::new();
    let path = place.folder.path().join("missing").join("inbox.db");
    let error = SqliteInbox::builder(path).plain_text().open().expect_err("refused");
    assert!(matches!(error, InboxError::Failed(_)), "{error}");
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_may_read_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    let inbox = place.open();
    put_new(&inbox, event_with_id("e1", "{}")).await;
    for entry in std::fs::read_dir(place.folder.path()).expect("a folder") {
        let mode = entry.expect("a file").metadata().expect("known").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn many_may_open_a_new_file_at_once() {
    let place = Place::new();
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| place.builder().open().map(drop))).collect();
        for thread in threads {
            assert_eq!(thread.join().expect("no panic"), Ok(()));
        }
    });
}

#[tokio::test]
async fn the_files_hold_nothing_of_a_person_or_vendor_in_clear() {
    let place = Place::new();
    let inbox = place.open();
    let cpf: Cpf = "52998224725".parse().expect("a CPF");
    let mut new = event_with_id("vendor-event-id", r#"{"name":"Maria Oliveira"}"#);
    new.event.person = Some(cpf);
    new.event.subject = Some("appkey-52998224725".to_owned());
    new.event.operations = vec![operation("appkey-52998224725")];
    new.content.query = Some("token=hunter2".to_owned());
    let id = put_new(&inbox, new).await;
    inbox.cite(id, "case-4711").await.expect("cited");
    inbox.expect(&operation("appkey-52998224725"), super::at(9_999_999_999)).await.expect("expected");
    assert_eq!(inbox.list(&Filter::default(), None, 10).await.expect("listed").len(), 1);

    let secrets =
        ["52998224725", "vendor-event-id", "Maria", "hunter2", "case-4711", "kyc1.", "application/json"];
    for entry in std::fs::read_dir(place.folder.path()).expect("a folder") {
        let path = entry.expect("a file").path();
        let bytes = std::fs::read(&path).expect("bytes");
        for secret in secrets {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{secret} is in {}", path.display());
        }
    }
}

#[tokio::test]
async fn a_file_that_is_deleted_or_replaced_confirms_nothing() {
    let place = Place::new();
    let inbox = place.open();
    std::fs::rename(place.path(), place.folder.path().join("moved")).expect("moved");
    assert!(inbox.put(vec![event_with_id("e1", "{}")]).await.is_err());
    std::fs::write(place.path(), "").expect("replaced");
    assert!(inbox.put(vec![event_with_id("e1", "{}")]).await.is_err());
    std::fs::rename(place.folder.path().join("moved"), place.path()).expect("moved back");
    put_new(&inbox, event_with_id("e1", "{}")).await;
}
