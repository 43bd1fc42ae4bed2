//! Records: appended, read, checked.

use kyc_core::OperationId;
use kyc_store::{Cipher, Meaning, StoreError, Tag};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::cases::{first_hash, parse, time};
use super::unknown;
use crate::case::{CaseId, Entry, Record, Sealed, Statement};
use crate::engine::CaseState;
use crate::ledger::{LedgerError, Result};
use crate::model::Outcome;

/// How long an operation that is pending keeps another case of the person from the same vendor. No analysis takes as long, and a
/// case that nobody resumes must not be in the way for ever.
const PENDING: i64 = 24 * 60 * 60 * 1000;

/// What is needed of a case to append to it.
struct Case {
    seq: i64,
    own_key: Option<Vec<u8>>,
    records: i64,
    head: [u8; 32],
    lease: Option<[u8; 16]>,
    lease_until: Option<i64>,
}

impl Case {
    fn read(connection: &Connection, id: CaseId) -> kyc_store::Result<Option<Self>> {
        let sql = "SELECT seq, own_key, records, head, lease, lease_until FROM cases WHERE id = ?1";
        let read = |row: &Row<'_>| {
            Ok(Self {
                seq: row.get(0)?,
                own_key: row.get(1)?,
                records: row.get(2)?,
                head: row.get(3)?,
                lease: row.get(4)?,
                lease_until: row.get(5)?,
            })
        };
        Ok(connection.prepare_cached(sql)?.query_row([id.to_string()], read).optional()?)
    }
}

/// Appends a record: by the holder of the lease alone, and after a position alone, if they are given.
pub(super) fn append(
    connection: &Connection,
    cipher: &Cipher,
    id: CaseId,
    (holder, after): (Option<[u8; 16]>, Option<u64>),
    record: &Record,
    now: i64,
) -> kyc_store::Result<Result<u64>> {
    let Some(case) = Case::read(connection, id)? else { return unknown(id) };
    if case.own_key.is_none() {
        return Ok(Err(LedgerError::Forgotten));
    }
    if holder.is_some() && case.lease != holder {
        return Ok(Err(LedgerError::Leased(time(case.lease_until.unwrap_or(now))?)));
    }
    if after.is_some_and(|seq| case.records.unsigned_abs() != seq) {
        return Ok(Err(LedgerError::Conflict));
    }
    if let Record::Intended { vendor, is_paid: true, .. } = record
        && is_person_busy(connection, case.seq, vendor, now)?
    {
        return Ok(Err(LedgerError::PersonBusy));
    }
    write(connection, cipher, id, case, record, now).map(Ok)
}

/// Returns whether another case of the same person has a paid intent at that vendor without an answer, which may take as long as
/// the vendor's analysis.
fn is_person_busy(connection: &Connection, case: i64, vendor: &str, now: i64) -> kyc_store::Result<bool> {
    let sql = "SELECT 1 FROM cases JOIN in_flight ON case_seq = cases.seq \
        WHERE person = (SELECT person FROM cases WHERE seq = ?1) AND cases.seq <> ?1 AND vendor = ?2 \
        AND (until IS NULL OR until > ?3)";
    Ok(connection.prepare_cached(sql)?.exists(params![case, vendor, now])?)
}

fn write(
    connection: &Connection,
    cipher: &Cipher,
    id: CaseId,
    case: Case,
    record: &Record,
    now: i64,
) -> kyc_store::Result<u64> {
    let seq = case.records + 1;
    let (open, private) = split(record)?;
    let private = match (private, case.own_key) {
        (Some(private), Some(own_key)) => {
            let sealer = cipher.sealer(id.to_string().as_bytes(), own_key)?;
            Some(sealer.seal(&column(seq), private.as_bytes())?)
        }
        _ => None,
    };
    let private_hash = private.as_ref().map(|sealed| <[u8; 32]>::from(Sha256::digest(sealed)));
    let hash = hash(&case.head, seq, now, &open, private_hash.as_ref());
    let sql = "INSERT INTO records VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    connection.prepare_cached(sql)?.execute(params![
        case.seq,
        seq,
        now,
        open,
        private,
        private_hash,
        hash
    ])?;
    let sql = "UPDATE cases SET records = ?2, head = ?3, changed_at = ?4 WHERE seq = ?1";
    connection.prepare_cached(sql)?.execute(params![case.seq, seq, hash, now])?;
    note(connection, cipher, case.seq, seq, record, now)?;
    Ok(seq.unsigned_abs())
}

/// Keeps what follows from a record for the case as a whole.
fn note(
    connection: &Connection,
    cipher: &Cipher,
    case: i64,
    seq: i64,
    record: &Record,
    now: i64,
) -> kyc_store::Result<()> {
    match record {
        Record::Intended { vendor, is_paid, private, .. } => {
            if *is_paid {
                let sql = "INSERT INTO in_flight VALUES (?1, ?2, ?3, NULL)";
                connection.prepare_cached(sql)?.execute(params![case, seq, vendor])?;
            }
            if let Some(intent) = private.expose() {
                add_operation(connection, reference_tag(cipher, &intent.reference), case, seq)?;
            }
        }
        Record::Pending { of, private } => {
            let sql = "UPDATE in_flight SET until = ?3 WHERE case_seq = ?1 AND seq = ?2";
            connection.prepare_cached(sql)?.execute([case, signed(*of), now.saturating_add(PENDING)])?;
            if let Some(id) = private.expose() {
                add_operation(connection, operation_tag(cipher, id), case, signed(*of))?;
            }
        }
        Record::CaptureOpened { private, .. } => {
            if let Some(id) = private.expose() {
                add_operation(connection, operation_tag(cipher, id), case, seq)?;
            }
        }
        Record::Decided { outcome, .. } | Record::Reviewed { outcome, .. } => {
            // What a later release wrote and this one does not know is left to a person.
            let outcome = outcome.parse().unwrap_or(Outcome::Review);
            // Nobody waits for its calls any more.
            land_all(connection, case)?;
            set_state(connection, case, CaseState::of(outcome), outcome == Outcome::Review)?;
            if matches!(record, Record::Reviewed { .. }) {
                set_alert(connection, case, false)?;
                if outcome != Outcome::Review {
                    set_requested(connection, case, false)?;
                }
            }
        }
        Record::ReviewRequested { .. } => set_requested(connection, case, true)?,
        Record::Alert { .. } => set_alert(connection, case, true)?,
        Record::Superseded { .. } => set_state(connection, case, CaseState::Running, true)?,
        Record::Held { is_held, .. } => {
            let sql = "UPDATE cases SET is_held = ?2 WHERE seq = ?1";
            connection.prepare_cached(sql)?.execute(params![case, is_held])?;
        }
        _ => {}
    }
    if let (Some(of), false) = (record.of(), matches!(record, Record::Pending { .. })) {
        let sql = "DELETE FROM in_flight WHERE case_seq = ?1 AND seq = ?2";
        connection.prepare_cached(sql)?.execute([case, signed(of)])?;
    }
    Ok(())
}

fn land_all(connection: &Connection, case: i64) -> kyc_store::Result<()> {
    connection.prepare_cached("DELETE FROM in_flight WHERE case_seq = ?1")?.execute([case])?;
    Ok(())
}

fn signed(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}

fn set_alert(connection: &Connection, case: i64, is_alert: bool) -> kyc_store::Result<()> {
    connection
        .prepare_cached("UPDATE cases SET is_alert = ?2 WHERE seq = ?1")?
        .execute(params![case, is_alert])?;
    Ok(())
}

fn set_requested(connection: &Connection, case: i64, is_requested: bool) -> kyc_store::Result<()> {
    connection
        .prepare_cached("UPDATE cases SET review_requested = ?2 WHERE seq = ?1")?
        .execute(params![case, is_requested])?;
    Ok(())
}

fn set_state(connection: &Connection, case: i64, state: CaseState, is_open: bool) -> kyc_store::Result<()> {
    let sql = "UPDATE cases SET state = ?2, is_open = ?3 WHERE seq = ?1";
    connection.prepare_cached(sql)?.execute(params![case, state.as_str(), is_open])?;
    Ok(())
}

fn add_operation(connection: &Connection, tag: Tag, case: i64, seq: i64) -> kyc_store::Result<()> {
    let sql = "INSERT OR REPLACE INTO operations VALUES (?1, ?2, ?3)";
    connection.prepare_cached(sql)?.execute(params![tag, case, seq])?;
    Ok(())
}

/// The references of intents are random, so that they are found without the vendor's names.
fn reference_tag(cipher: &Cipher, reference: &str) -> Tag {
    cipher.tag(Meaning::Operation, &[b"reference", reference.as_bytes()])
}

pub(super) fn operation_tag(cipher: &Cipher, id: &OperationId) -> Tag {
    if id.is_reference() { reference_tag(cipher, id.value()) } else { cipher.operation(id) }
}

pub(super) fn find(connection: &Connection, tag: Tag) -> kyc_store::Result<Result<Option<(CaseId, u64)>>> {
    let sql =
        "SELECT cases.id, operations.seq FROM operations JOIN cases ON cases.seq = case_seq WHERE tag = ?1";
    let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
    let found: Option<(String, i64)> = connection.prepare_cached(sql)?.query_row([tag], read).optional()?;
    Ok(Ok(found.map(|(id, seq)| Ok::<_, StoreError>((parse(&id)?, seq.unsigned_abs()))).transpose()?))
}

/// Separates what is personal from what is not.
fn split(record: &Record) -> kyc_store::Result<(String, Option<String>)> {
    let illegible = |_| StoreError::Failed("a record cannot be written".to_owned());
    let mut value = serde_json::to_value(record).map_err(illegible)?;
    let private = value.as_object_mut().and_then(|fields| fields.remove("private"));
    let private = private.filter(|private| !private.is_null()).map(|private| private.to_string());
    Ok((value.to_string(), private))
}

fn join(open: &str, private: Option<Vec<u8>>) -> kyc_store::Result<Record> {
    let illegible = |_| StoreError::Damaged("a record is illegible".to_owned());
    let mut value: Value = serde_json::from_str(open).map_err(illegible)?;
    if let (Some(fields), Some(private)) = (value.as_object_mut(), private) {
        fields.insert("private".to_owned(), serde_json::from_slice(&private).map_err(illegible)?);
    }
    serde_json::from_value(value).map_err(illegible)
}

fn column(seq: i64) -> String {
    format!("record {seq}")
}

fn hash(before: &[u8; 32], seq: i64, at: i64, open: &str, private: Option<&[u8; 32]>) -> [u8; 32] {
    let mut hash = Sha256::new_with_prefix(before);
    hash.update(seq.to_le_bytes());
    hash.update(at.to_le_bytes());
    hash.update((open.len() as u64).to_le_bytes());
    hash.update(open);
    if let Some(private) = private {
        hash.update(private);
    }
    hash.finalize().into()
}

/// A record as it is read.
struct Stored {
    seq: i64,
    at: i64,
    open: String,
    private: Option<Vec<u8>>,
    private_hash: Option<[u8; 32]>,
    hash: [u8; 32],
}

fn stored(connection: &Connection, case: i64) -> kyc_store::Result<Vec<Stored>> {
    let sql =
        "SELECT seq, at, open, private, private_hash, hash FROM records WHERE case_seq = ?1 ORDER BY seq";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([case], |row| {
        Ok(Stored {
            seq: row.get(0)?,
            at: row.get(1)?,
            open: row.get(2)?,
            private: row.get(3)?,
            private_hash: row.get(4)?,
            hash: row.get(5)?,
        })
    })?;
    Ok(rows.collect::<std::result::Result<_, _>>()?)
}

pub(super) fn all(
    connection: &Connection,
    cipher: &Cipher,
    id: CaseId,
) -> kyc_store::Result<Result<Vec<Entry>>> {
    let Some(case) = Case::read(connection, id)? else { return unknown(id) };
    let sealer = case.own_key.map(|key| cipher.sealer(id.to_string().as_bytes(), key)).transpose()?;
    let mut entries = Vec::new();
    for row in stored(connection, case.seq)? {
        let private = match (row.private, &sealer) {
            (Some(sealed), Some(sealer)) => Some(sealer.open(&column(row.seq), &sealed)?),
            _ => None,
        };
        entries.push(Entry::new(row.seq.unsigned_abs(), time(row.at)?, join(&row.open, private)?));
    }
    Ok(Ok(entries))
}

pub(super) fn verify(connection: &Connection, id: CaseId) -> kyc_store::Result<Result<[u8; 32]>> {
    // One view of both tables, though others write meanwhile.
    let transaction = connection.unchecked_transaction()?;
    let Some(case) = Case::read(&transaction, id)? else { return unknown(id) };
    let (mut head, mut last) = (first_hash(id), 0);
    let tampered = |seq: i64| Ok(Err(LedgerError::Tampered { case: id, seq: seq.unsigned_abs() }));
    for row in stored(&transaction, case.seq)? {
        head = hash(&head, row.seq, row.at, &row.open, row.private_hash.as_ref());
        let sealed = row.private.map(|sealed| <[u8; 32]>::from(Sha256::digest(sealed)));
        let is_sound =
            row.seq == last + 1 && head == row.hash && (sealed.is_none() || sealed == row.private_hash);
        if !is_sound {
            return tampered(last + 1);
        }
        last = row.seq;
    }
    if (last, head) == (case.records, case.head) { Ok(Ok(head)) } else { tampered(last + 1) }
}

/// Holds or releases a case, also one that is forgotten or decided.
pub(super) fn hold(
    connection: &Connection,
    cipher: &Cipher,
    id: CaseId,
    is_held: bool,
    statement: Statement,
    now: i64,
) -> kyc_store::Result<Result<()>> {
    let record = Record::Held { is_held, private: Sealed::new(statement) };
    Ok(append(connection, cipher, id, (None, None), &record, now)?.map(drop))
}

/// Writes that a case is forgotten, and deletes what is personal in its records. Returns how many had something.
pub(super) fn forget(
    connection: &Connection,
    cipher: &Cipher,
    id: CaseId,
    now: i64,
) -> kyc_store::Result<u64> {
    let Some(case) = Case::read(connection, id)? else { return Ok(0) };
    let seq = case.seq;
    write(connection, cipher, id, case, &Record::Forgotten, now)?;
    let sql = "UPDATE records SET private = NULL WHERE case_seq = ?1 AND private IS NOT NULL";
    let records = connection.prepare_cached(sql)?.execute([seq])?;
    connection.prepare_cached("DELETE FROM operations WHERE case_seq = ?1")?.execute([seq])?;
    land_all(connection, seq)?;
    set_state(connection, seq, CaseState::Forgotten, false)?;
    set_alert(connection, seq, false)?;
    set_requested(connection, seq, false)?;
    let sql = "UPDATE cases SET own_key = NULL, person = NULL WHERE seq = ?1";
    connection.prepare_cached(sql)?.execute([seq])?;
    Ok(records as u64)
}
