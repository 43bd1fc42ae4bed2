//! Replays, deletes and keeps events.

use kyc_store::{Result, StoreError, Tag};
use rusqlite::{Connection, params, params_from_iter};

use super::claim::free_lane;
use super::read::{Conditions, seq_of};
use crate::event::{EventId, EventState};
use crate::inbox::Filter;

/// How many rows a request changes or looks at, so that others need not wait long for the writer.
const ROWS: i64 = 500;

/// Makes some of the events after a position due again. Returns how many, and the next position if there are more.
pub(super) fn replay(
    connection: &Connection,
    filter: &Filter,
    after: i64,
    upto: i64,
    now: i64,
) -> Result<(u64, Option<i64>)> {
    let mut conditions = Conditions::new(filter);
    conditions.add("events.seq > ", after);
    conditions.add("events.seq <= ", upto);
    let condition = &conditions.sql;
    let sql = format!("SELECT seq FROM events WHERE whole = 1 AND {condition} ORDER BY seq LIMIT {ROWS}");
    let seqs: Vec<i64> = {
        let mut statement = connection.prepare(&sql)?;
        let rows = statement.query_map(params_from_iter(conditions.values), |row| row.get(0))?;
        rows.collect::<std::result::Result<_, _>>()?
    };
    // While a handler is at work with the event, the new generation is parked behind it as any other event of the lane.
    let mut statement = connection.prepare_cached(
        "UPDATE events SET state = 0, generation = generation + 1, attempts = 0, reason = NULL, \
         due_at = ?2, parked = NULL WHERE seq = ?1",
    )?;
    for seq in &seqs {
        statement.execute(params![seq, now])?;
    }
    Ok((seqs.len() as u64, next_position(&seqs)))
}

/// Returns the position after which a chunk goes on, unless it was the last.
fn next_position(seqs: &[i64]) -> Option<i64> {
    seqs.last().copied().filter(|_| seqs.len() as i64 == ROWS)
}

/// Returns the position of the newest event.
pub(super) fn newest(connection: &Connection) -> Result<i64> {
    Ok(connection.query_row("SELECT coalesce(max(seq), 0) FROM events", [], |row| row.get(0))?)
}

pub(super) const OLD: &str = "SELECT seq, received_at, state, \
    EXISTS (SELECT 1 FROM citations WHERE citations.seq = events.seq) FROM events INDEXED BY events_whole \
    WHERE whole = 1 AND received_at < ?1 AND (received_at, seq) > (?2, ?3) ORDER BY received_at, seq LIMIT ?4";

/// An event whose content may be deleted.
struct Candidate {
    seq: i64,
    received_at: i64,
    state: EventState,
    is_cited: bool,
}

/// Where a purge goes on: the time and the position of an event.
pub(super) type Position = (i64, i64);

/// Counts of one chunk of a purge.
#[derive(Clone, Copy, Default)]
pub(super) struct Chunk {
    pub(super) events: u64,
    pub(super) cited: u64,
    pub(super) open: u64,
    pub(super) next: Option<Position>,
}

/// Deletes the content of some of the old events after a position.
pub(super) fn purge(connection: &Connection, before: i64, after: Position) -> Result<Chunk> {
    let mut statement = connection.prepare_cached(OLD)?;
    let rows = statement.query_map(params![before, after.0, after.1, ROWS], |row| {
        let (seq, received_at) = (row.get(0)?, row.get(1)?);
        Ok(Candidate { seq, received_at, state: row.get(2)?, is_cited: row.get(3)? })
    })?;
    let rows: Vec<Candidate> = rows.collect::<std::result::Result<_, _>>()?;
    let next = rows.last().filter(|_| rows.len() as i64 == ROWS).map(|row| (row.received_at, row.seq));
    let mut chunk = Chunk { next, ..Chunk::default() };
    for row in rows {
        if row.is_cited {
            chunk.cited += 1;
        } else if matches!(row.state, EventState::New | EventState::Retrying) {
            chunk.open += 1;
        } else {
            delete_content(connection, row.seq)?;
            chunk.events += 1;
        }
    }
    Ok(chunk)
}

fn delete_content(connection: &Connection, seq: i64) -> Result<bool> {
    connection.prepare_cached("DELETE FROM event_operations WHERE seq = ?1")?.execute([seq])?;
    connection.prepare_cached("UPDATE events SET whole = 0 WHERE seq = ?1")?.execute([seq])?;
    Ok(connection.prepare_cached("DELETE FROM contents WHERE seq = ?1")?.execute([seq])? > 0)
}

/// What one chunk of a forgetting did.
#[derive(Clone, Default)]
pub(super) struct ForgottenChunk {
    pub(super) events: u64,
    /// The events that cases cite, with the sealed name of the case.
    pub(super) kept: Vec<(EventId, Vec<u8>)>,
    pub(super) next: Option<i64>,
}

/// Deletes what some of the events after a position hold of a person.
pub(super) fn forget(connection: &Connection, person: Tag, after: i64) -> Result<ForgottenChunk> {
    let mut statement = connection
        .prepare_cached("SELECT seq, id FROM events WHERE person = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3")?;
    let rows = statement.query_map(params![person, after, ROWS], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let rows: Vec<(i64, EventId)> = rows.collect::<std::result::Result<_, _>>()?;
    let seqs: Vec<_> = rows.iter().map(|(seq, _)| *seq).collect();
    let mut chunk = ForgottenChunk { next: next_position(&seqs), ..ForgottenChunk::default() };
    for (seq, id) in rows {
        let cases = cases(connection, seq)?;
        if cases.is_empty() {
            chunk.events += u64::from(forget_one(connection, seq)?);
        } else {
            chunk.kept.extend(cases.into_iter().map(|case| (id, case)));
        }
    }
    Ok(chunk)
}

fn forget_one(connection: &Connection, seq: i64) -> Result<bool> {
    // An event that is not handled yet can no more be; the reason may name the person, too.
    let lane = connection
        .prepare_cached(
            "UPDATE events SET person = NULL, reason = NULL, due_at = NULL, parked = NULL, \
             state = iif(state IN (0, 1), 3, state) WHERE seq = ?1 RETURNING lane",
        )?
        .query_row([seq], |row| row.get(0))?;
    // It may have been the next of its lane.
    free_lane(connection, lane)?;
    delete_content(connection, seq)
}

/// Returns the sealed names of the cases that cite an event.
fn cases(connection: &Connection, seq: i64) -> Result<Vec<Vec<u8>>> {
    let mut statement = connection.prepare_cached("SELECT case_name FROM citations WHERE seq = ?1")?;
    let names = statement.query_map([seq], |row| row.get(0))?;
    Ok(names.collect::<std::result::Result<_, _>>()?)
}

/// Says that a case relies on an event.
pub(super) fn cite(connection: &Connection, id: EventId, case: Tag, name: &[u8]) -> Result<()> {
    let seq = seq_of(connection, id)?;
    if !connection.prepare_cached("SELECT 1 FROM contents WHERE seq = ?1")?.exists([seq])? {
        return Err(StoreError::Failed(format!("the content of event {id} is deleted already")));
    }
    connection
        .prepare_cached("INSERT OR IGNORE INTO citations (seq, case_tag, case_name) VALUES (?1, ?2, ?3)")?
        .execute(params![seq, case, name])?;
    Ok(())
}

/// Says that a case relies on no event any more.
pub(super) fn release(connection: &Connection, case: Tag) -> Result<u64> {
    let released = connection.prepare_cached("DELETE FROM citations WHERE case_tag = ?1")?.execute([case])?;
    Ok(released as u64)
}
