//! Blobs, in chunks, so that a large picture is never in memory twice.

use std::ops::Range;

use bytes::{Bytes, BytesMut};
use kyc_store::{Cipher, StoreError};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::cases::time;
use super::{records, unknown};
use crate::case::CaseId;
use crate::engine::CaseState;
use crate::ledger::{LedgerError, Result};
use crate::vault::{BlobId, BlobInfo, BlobKind, Deleted, Pictures};

const CHUNK: usize = 1024 * 1024;

/// How many blobs are deleted at a time, and how many are looked at, so that others need not wait long for the writer.
const ROWS: u64 = 20;
const LOOKED_AT: usize = 500;

/// Old blobs in their order from a place on, and whether each may be deleted: a picture of a case that is decided, not held, and that
/// nobody has to look at.
const OLD: &str = "SELECT stored_at, blobs.seq, blobs.id, kind <> 'applicant' AND cases.policy = ?1 \
    AND cases.state IN ('approved', 'refused') AND cases.is_alert = 0 AND cases.is_held = 0 AND cases.review_requested = 0 \
    FROM blobs JOIN cases ON cases.seq = case_seq \
    WHERE stored_at < ?2 AND (stored_at, blobs.seq) > (?3, ?4) ORDER BY stored_at, blobs.seq";

pub(super) fn ranges(bytes: usize) -> impl Iterator<Item = Range<usize>> {
    (0..bytes).step_by(CHUNK).map(move |start| start..bytes.min(start + CHUNK))
}

fn column(blob: BlobId, n: usize) -> String {
    let id: String = blob.0.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("blob {id} {n}")
}

type Own = (i64, Option<Vec<u8>>, bool);

/// Returns the number of a case, its key, and whether it is held.
fn own(connection: &Connection, case: CaseId) -> kyc_store::Result<Option<Own>> {
    let sql = "SELECT seq, own_key, is_held FROM cases WHERE id = ?1";
    let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    Ok(connection.prepare_cached(sql)?.query_row([case.to_string()], read).optional()?)
}

pub(super) fn put_chunk(
    connection: &Connection,
    cipher: &Cipher,
    case: CaseId,
    blob: BlobId,
    n: usize,
    chunk: &[u8],
) -> kyc_store::Result<Result<()>> {
    let Some((seq, own_key, _)) = own(connection, case)? else { return unknown(case) };
    let Some(own_key) = own_key else { return Ok(Err(LedgerError::Forgotten)) };
    let sealed = cipher.sealer(case.to_string().as_bytes(), own_key)?.seal(&column(blob, n), chunk)?;
    let sql = "INSERT INTO chunks (blob, n, case_seq, content) VALUES (?1, ?2, ?3, ?4)";
    connection.prepare_cached(sql)?.execute(params![blob.0, n as i64, seq, sealed])?;
    Ok(Ok(()))
}

pub(super) fn finish(
    connection: &Connection,
    case: CaseId,
    blob: BlobId,
    kind: BlobKind,
    bytes: usize,
    now: i64,
) -> kyc_store::Result<Result<()>> {
    let Some((seq, own_key, _)) = own(connection, case)? else { return unknown(case) };
    if own_key.is_none() {
        return Ok(Err(LedgerError::Forgotten));
    }
    let sql = "INSERT INTO blobs (id, case_seq, kind, bytes, stored_at) VALUES (?1, ?2, ?3, ?4, ?5)";
    connection.prepare_cached(sql)?.execute(params![blob.0, seq, kind.as_str(), bytes as i64, now])?;
    Ok(Ok(()))
}

pub(super) fn get(
    connection: &Connection,
    cipher: &Cipher,
    case: CaseId,
    blob: BlobId,
) -> kyc_store::Result<Result<Bytes>> {
    let Some((seq, own_key, _)) = own(connection, case)? else { return unknown(case) };
    let Some(own_key) = own_key else { return Ok(Err(LedgerError::Forgotten)) };
    let sealer = cipher.sealer(case.to_string().as_bytes(), own_key)?;
    let sql = "SELECT bytes FROM blobs WHERE id = ?1 AND case_seq = ?2";
    let bytes: Option<i64> =
        connection.prepare_cached(sql)?.query_row(params![blob.0, seq], |row| row.get(0)).optional()?;
    let bytes = bytes.and_then(|bytes| usize::try_from(bytes).ok()).ok_or_else(damaged)?;
    let mut content = BytesMut::new();
    let mut statement = connection.prepare_cached("SELECT content FROM chunks WHERE blob = ?1 ORDER BY n")?;
    let mut rows = statement.query([blob.0])?;
    let mut n = 0;
    while let Some(row) = rows.next()? {
        let sealed = row.get_ref(0)?.as_blob().map_err(|_| damaged())?;
        if n == 0 {
            // Not before there is something: the number in the row may be wrong.
            content.reserve(bytes.min(kyc_core::Media::MAX_BYTES));
        }
        content.extend_from_slice(&sealer.open(&column(blob, n), sealed)?);
        n += 1;
    }
    if content.len() == bytes { Ok(Ok(content.freeze())) } else { Err(damaged()) }
}

fn damaged() -> StoreError {
    StoreError::Damaged("a blob is missing or incomplete".to_owned())
}

pub(super) fn list(connection: &Connection, case: CaseId) -> kyc_store::Result<Result<Vec<BlobInfo>>> {
    let Some((seq, ..)) = own(connection, case)? else { return unknown(case) };
    let sql = "SELECT id, kind, bytes, stored_at FROM blobs WHERE case_seq = ?1 ORDER BY seq";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([seq])?;
    let mut blobs = Vec::new();
    while let Some(row) = rows.next()? {
        let kind: String = row.get(1)?;
        blobs.push(BlobInfo {
            id: BlobId(row.get(0)?),
            kind: kind.parse().map_err(|_| damaged())?,
            bytes: row.get::<_, i64>(2)?.unsigned_abs(),
            stored: time(row.get(3)?)?,
        });
    }
    Ok(Ok(blobs))
}

pub(super) fn forget(
    connection: &Connection,
    cipher: &Cipher,
    case: CaseId,
    now: i64,
) -> kyc_store::Result<Result<Deleted>> {
    let Some((seq, own_key, is_held)) = own(connection, case)? else { return unknown(case) };
    if is_held {
        return Ok(Err(LedgerError::IsHeld));
    }
    if own_key.is_none() {
        return Ok(Ok(Deleted::default()));
    }
    let sql = "SELECT lease_until FROM cases WHERE seq = ?1 AND lease IS NOT NULL AND lease_until > ?2";
    let leased = connection.prepare_cached(sql)?.query_row([seq, now], |row| row.get(0)).optional()?;
    if let Some(until) = leased {
        // An answer that was paid would have no place any more.
        return Ok(Err(LedgerError::Leased(time(until)?)));
    }
    connection.prepare_cached("DELETE FROM chunks WHERE case_seq = ?1")?.execute([seq])?;
    let blobs = connection.prepare_cached("DELETE FROM blobs WHERE case_seq = ?1")?.execute([seq])?;
    let records = records::forget(connection, cipher, case, now)?;
    Ok(Ok(Deleted { blobs: blobs as u64, records }))
}

/// A place among the blobs by the time when they were stored: the time and the number.
pub(super) type Place = (i64, i64);

/// What one turn deleted, and where the next one begins; `None` if there is nothing left.
pub(super) struct Purged {
    pub(super) deleted: u64,
    pub(super) next: Option<Place>,
}

/// Deletes some old pictures of one policy's cases after a place. Blobs that are kept are looked at once in a run.
pub(super) fn purge(
    connection: &Connection,
    policy: [u8; 32],
    before: i64,
    from: Place,
) -> kyc_store::Result<Result<Purged>> {
    let sql = format!("{OLD} LIMIT {LOOKED_AT}");
    let mut statement = connection.prepare_cached(&sql)?;
    let read = |row: &Row<'_>| Ok(((row.get(0)?, row.get(1)?), row.get(2)?, row.get(3)?));
    let rows = statement.query_map(params![policy, before, from.0, from.1], read)?;
    let rows: Vec<(Place, [u8; 16], bool)> = rows.collect::<std::result::Result<_, _>>()?;
    let mut purged = Purged { deleted: 0, next: None };
    for (place, id, is_due) in rows {
        if purged.deleted == ROWS {
            break;
        }
        purged.next = Some(place);
        if is_due {
            connection.prepare_cached("DELETE FROM chunks WHERE blob = ?1")?.execute([id])?;
            connection.prepare_cached("DELETE FROM blobs WHERE seq = ?1")?.execute([place.1])?;
            purged.deleted += 1;
        }
    }
    Ok(Ok(purged))
}

/// Counts the pictures that are kept.
pub(super) fn pictures(connection: &Connection) -> kyc_store::Result<Result<Vec<Pictures>>> {
    let sql = "SELECT policy, is_held, review_requested, CASE WHEN is_alert = 1 THEN 'alert' ELSE state END AS shown, count(*) \
        FROM blobs JOIN cases ON cases.seq = case_seq WHERE kind <> 'applicant' GROUP BY policy, is_held, review_requested, shown";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    let mut pictures = Vec::new();
    while let Some(row) = rows.next()? {
        let state: String = row.get(3)?;
        pictures.push(Pictures {
            policy: row.get(0)?,
            is_held: row.get(1)?,
            is_review_requested: row.get(2)?,
            state: state.parse().unwrap_or(CaseState::Running),
            count: row.get::<_, i64>(4)?.unsigned_abs(),
        });
    }
    Ok(Ok(pictures))
}
