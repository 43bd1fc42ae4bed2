//! Claims due events, and writes what became of them. One event of a lane is at work at a time: others that are due meanwhile are
//! parked, so that a claim never has to pass over them again.

use kyc_store::{Cipher, Result, Tag};
use rusqlite::{Connection, OptionalExtension, params};

use super::row::{INFO, Row};
use crate::event::EventState;

/// How many rows a request changes, so that others need not wait long for the writer.
const ROWS: usize = 500;

const NEXT: &str = "SELECT seq, lane, due_at FROM events INDEXED BY events_due WHERE due_at IS NOT NULL \
    ORDER BY due_at, seq LIMIT 1";
const IS_AT_WORK: &str =
    "SELECT 1 FROM events INDEXED BY events_working WHERE lane = ?1 AND working IS NOT NULL";
const PARK: &str = "UPDATE events SET parked = due_at, due_at = NULL WHERE seq = ?1";
const CLAIM: &str = "UPDATE events SET working = 1, due_at = NULL, attempts = attempts + 1 WHERE seq = ?1";
const FREE: &str = "UPDATE events SET working = NULL WHERE seq = ?1";
const UNPARK: &str = "UPDATE events SET due_at = parked, parked = NULL WHERE seq = (SELECT seq FROM events \
    INDEXED BY events_parked WHERE lane = ?1 AND parked IS NOT NULL ORDER BY seq LIMIT 1)";
/// A replay or a forgetting that came meanwhile stands.
const SETTLE: &str = "UPDATE events SET state = ?3, due_at = ?4, reason = ?5 \
    WHERE seq = ?1 AND generation = ?2 AND state IN (0, 1)";

/// An event to be handled. Its attempt is counted already.
#[derive(Clone)]
pub(super) struct Claim {
    pub(super) row: Row,
    pub(super) lane: Tag,
}

/// What a request for events found.
pub(super) struct Claims {
    pub(super) claims: Vec<Claim>,
    /// When the next event is due, if more could be claimed now.
    pub(super) next_due: Option<i64>,
}

/// What became of an event.
#[derive(Clone)]
pub(super) struct Settlement {
    pub(super) seq: i64,
    pub(super) generation: u32,
    pub(super) lane: Tag,
    pub(super) state: EventState,
    pub(super) due_at: Option<i64>,
    pub(super) reason: Option<Vec<u8>>,
}

/// What a request to take over found.
pub(super) struct Recovered {
    /// Events that were at work more than once when a dispatcher ended, or have one attempt left: one of them may have ended it.
    pub(super) suspects: Vec<i64>,
    /// Whether there may be more.
    pub(super) has_more: bool,
}

/// Claims one event, if it is due and no other of its lane is at work.
pub(super) fn claim_alone(connection: &Connection, seq: i64) -> Result<Option<Claim>> {
    let sql = "SELECT lane FROM events WHERE seq = ?1 AND due_at IS NOT NULL";
    let lane = connection.prepare_cached(sql)?.query_row([seq], |row| row.get(0)).optional()?;
    let Some(lane): Option<Tag> = lane else { return Ok(None) };
    if connection.prepare_cached(IS_AT_WORK)?.exists([lane])? {
        return Ok(None);
    }
    connection.prepare_cached(CLAIM)?.execute([seq])?;
    Ok(Some(Claim { row: read(connection, seq)?, lane }))
}

/// Claims at most so many events that are due.
pub(super) fn claim(connection: &Connection, max: usize, now: i64) -> Result<Claims> {
    let mut found = Claims { claims: Vec::new(), next_due: None };
    for _ in 0..max.saturating_add(ROWS) {
        if found.claims.len() >= max {
            break;
        }
        let mut next = connection.prepare_cached(NEXT)?;
        let next = next.query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional()?;
        let Some((seq, lane, due_at)): Option<(i64, Tag, i64)> = next else { return Ok(found) };
        found.next_due = Some(due_at);
        if due_at > now {
            return Ok(found);
        }
        if connection.prepare_cached(IS_AT_WORK)?.exists([lane])? {
            connection.prepare_cached(PARK)?.execute([seq])?;
        } else {
            connection.prepare_cached(CLAIM)?.execute([seq])?;
            found.claims.push(Claim { row: read(connection, seq)?, lane });
        }
    }
    Ok(found)
}

fn read(connection: &Connection, seq: i64) -> Result<Row> {
    let sql = format!("SELECT {INFO} FROM events WHERE seq = ?1");
    Ok(connection.prepare_cached(&sql)?.query_row([seq], Row::info)?)
}

/// Writes what became of an event, and makes the next one of its lane due.
pub(super) fn settle(connection: &Connection, done: &Settlement) -> Result<()> {
    connection.prepare_cached(FREE)?.execute([done.seq])?;
    connection.prepare_cached(SETTLE)?.execute(params![
        done.seq,
        done.generation,
        done.state,
        done.due_at,
        done.reason
    ])?;
    free_lane(connection, done.lane)
}

/// Makes the next parked event of a lane due, unless one is at work.
pub(super) fn free_lane(connection: &Connection, lane: Tag) -> Result<()> {
    if !connection.prepare_cached(IS_AT_WORK)?.exists([lane])? {
        connection.prepare_cached(UNPARK)?.execute([lane])?;
    }
    Ok(())
}

/// Makes some of the events due that a dispatcher left when it ended. Those that had their last attempt end dead with the reason.
pub(super) fn recover(
    connection: &Connection,
    cipher: &Cipher,
    max_attempts: u32,
    reason: &str,
    now: i64,
) -> Result<Recovered> {
    let sql =
        format!("SELECT {INFO} FROM events INDEXED BY events_working WHERE working IS NOT NULL LIMIT {ROWS}");
    let rows: Vec<Row> = {
        let mut statement = connection.prepare(&sql)?;
        let rows = statement.query_map([], Row::info)?;
        rows.collect::<std::result::Result<_, _>>()?
    };
    for row in &rows {
        recover_one(connection, cipher, row, max_attempts, reason, now)?;
    }
    // A lane is free now, so all that are parked may be due.
    let sql = format!(
        "UPDATE events SET due_at = parked, parked = NULL WHERE seq IN \
         (SELECT seq FROM events INDEXED BY events_parked WHERE parked IS NOT NULL LIMIT {ROWS})"
    );
    let unparked = connection.execute(&sql, [])?;
    let has_more = rows.len() == ROWS || unparked == ROWS;
    let is_suspect = |row: &&Row| {
        row.attempts() < max_attempts && (row.attempts() >= 2 || row.attempts() + 1 == max_attempts)
    };
    Ok(Recovered { suspects: rows.iter().filter(is_suspect).map(|row| row.seq).collect(), has_more })
}

fn recover_one(
    connection: &Connection,
    cipher: &Cipher,
    row: &Row,
    max_attempts: u32,
    reason: &str,
    now: i64,
) -> Result<()> {
    let is_last = row.attempts() >= max_attempts;
    // A replay that came meanwhile begins anew.
    let state = match row.attempts() {
        0 => EventState::New,
        _ if is_last => EventState::Dead,
        _ => EventState::Retrying,
    };
    let due_at = (!is_last).then_some(now);
    let reason = cipher.seal(row.id().as_bytes(), "reason", reason.as_bytes())?;
    connection
        .prepare_cached("UPDATE events SET working = NULL, parked = NULL WHERE seq = ?1")?
        .execute([row.seq])?;
    let reason = Some(reason).filter(|_| state != EventState::New);
    connection.prepare_cached(SETTLE)?.execute(params![row.seq, row.generation(), state, due_at, reason])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use kyc_core::{Cpf, RawBody, Timestamp, Trust, Vendor, WebhookEvent};
    use kyc_store::Protection;

    use super::super::keep::{self, OLD};
    use super::super::put::{self, DELETE_OLDEST, Prepared, SAME_ID, SAME_SUBJECT};
    use super::*;
    use crate::event::{Content, NewEvent};
    use crate::inbox::Filter;

    /// Returns how SQLite carries a statement out.
    fn plan(connection: &Connection, sql: &str) -> String {
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).expect("a statement");
        let nulls = vec![rusqlite::types::Null; statement.parameter_count()];
        let rows = statement.query_map(rusqlite::params_from_iter(nulls), |row| row.get::<_, String>(3));
        rows.expect("a plan").map(|line| line.expect("a line")).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn no_statement_of_a_claim_or_a_put_passes_over_all_events() {
        let folder = tempfile::tempdir().expect("a folder");
        let connection =
            kyc_store::prepare(&folder.path().join("inbox.db"), &super::super::SCHEMA).expect("an inbox");
        for sql in [IS_AT_WORK, PARK, CLAIM, FREE, UNPARK, SETTLE, OLD, SAME_ID, SAME_SUBJECT, DELETE_OLDEST]
        {
            let plan = plan(&connection, sql);
            assert!(plan.contains("SEARCH events") && !plan.contains("SCAN"), "{sql}: {plan}");
        }
        // The first entry of an index, which is in the order that is asked for.
        let next = plan(&connection, NEXT);
        assert_eq!(next, "SEARCH events USING INDEX events_due (due_at>?)");
    }

    const VENDOR: Vendor = Vendor::new("toy");

    fn event(number: u32, lane: u32, person: Option<Cpf>) -> NewEvent {
        let body = Bytes::from(number.to_string());
        let mut event = WebhookEvent::new(VENDOR, "status", Trust::Signed, body.clone());
        event.subject = Some(lane.to_string());
        event.person = person;
        let content = Content { body: RawBody::new(body), content_type: None, query: None };
        let received_at = Timestamp::from_unix_seconds(1).expect("in range");
        NewEvent { source: "toy", event, content, received_at }
    }

    fn count(connection: &Connection, sql: &str, now: i64) -> i64 {
        connection.query_row(sql, [now], |row| row.get(0)).expect("a count")
    }

    #[test]
    fn a_forgotten_event_lets_the_next_one_of_its_subject_go_on() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut connection =
            kyc_store::prepare(&folder.path().join("inbox.db"), &super::super::SCHEMA).expect("an inbox");
        let cipher = kyc_store::load(&mut connection, &Protection::PlainText).expect("keys");
        let person: Cpf = "52998224725".parse().expect("a CPF");
        for (number, person) in [None, Some(person.clone()), None].into_iter().enumerate() {
            let event = Prepared::new(&cipher, &event(number as u32, 0, person)).expect("sealed");
            put::store(&connection, &[event], 0, 10).expect("stored");
        }
        let claims = claim(&connection, 3, 0).expect("claimed").claims;
        let [Claim { row, lane }] = &claims[..] else { panic!("one of a subject") };
        let (seq, lane, generation) = (row.seq, *lane, row.generation());
        let done = Settlement { seq, generation, lane, state: EventState::Done, due_at: None, reason: None };
        settle(&connection, &done).expect("settled");
        keep::forget(&connection, cipher.person(&person), 0).expect("forgotten");
        let claims = claim(&connection, 3, 0).expect("claimed").claims;
        assert_eq!(claims.iter().map(|claim| claim.row.seq).collect::<Vec<_>>(), [seq + 2]);
    }

    /// Whatever happens, an event that is to be handled is at work, due, or parked behind one that is at work or due now.
    #[test]
    fn no_order_of_things_strands_an_event_or_handles_two_of_a_lane_at_once() {
        const STRANDED: &str = "SELECT count(*) FROM events WHERE state IN (0, 1) AND working IS NULL \
            AND due_at IS NULL AND (parked IS NULL OR NOT EXISTS (SELECT 1 FROM events AS other \
            WHERE other.lane = events.lane AND (other.working IS NOT NULL OR other.due_at <= ?1)))";
        const TOGETHER: &str = "SELECT count(*) FROM (SELECT 1 FROM events WHERE working IS NOT NULL \
            GROUP BY lane HAVING count(*) > 1 AND ?1 >= 0)";
        const MISCOUNTED: &str = "SELECT count(*) FROM counts WHERE n <> \
            (SELECT count(*) FROM events WHERE events.state = counts.state AND ?1 >= 0)";
        let folder = tempfile::tempdir().expect("a folder");
        let mut connection =
            kyc_store::prepare(&folder.path().join("inbox.db"), &super::super::SCHEMA).expect("an inbox");
        let cipher = kyc_store::load(&mut connection, &Protection::PlainText).expect("keys");
        connection.execute_batch("BEGIN").expect("one transaction, to be quick");
        let person: Cpf = "52998224725".parse().expect("a CPF");
        let mut at_work: Vec<Claim> = Vec::new();
        // A fixed sequence of choices, so that a failure comes again.
        let mut seed = 1_u64;
        let mut choose = |below: u32| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as u32 % below
        };
        for step in 0..1_500 {
            let now = i64::from(step);
            match choose(12) {
                0..=3 => {
                    let person = (choose(2) == 0).then(|| person.clone());
                    let event = Prepared::new(&cipher, &event(step, choose(3), person)).expect("sealed");
                    put::store(&connection, &[event], now, 10).expect("stored");
                }
                4..=6 => at_work.extend(claim(&connection, 2, now).expect("claimed").claims),
                7..=9 if !at_work.is_empty() => {
                    let Claim { row, lane } = at_work.remove(choose(at_work.len() as u32) as usize);
                    let (state, due_at) = match choose(3) {
                        0 => (EventState::Retrying, Some(now + i64::from(choose(50)))),
                        1 => (EventState::Dead, None),
                        _ => (EventState::Done, None),
                    };
                    let generation = row.generation();
                    let done = Settlement { seq: row.seq, generation, lane, state, due_at, reason: None };
                    settle(&connection, &done).expect("settled");
                }
                10 => {
                    let last = i64::from(choose(step + 1));
                    keep::replay(&connection, &Filter::default(), last, last + 3, now).expect("replayed");
                }
                11 if choose(2) == 0 => {
                    drop(keep::forget(&connection, cipher.person(&person), 0).expect("forgotten"))
                }
                11 if choose(8) == 0 => {
                    at_work.clear();
                    while recover(&connection, &cipher, 3, "ended", now).expect("recovered").has_more {}
                }
                _ => {}
            }
            for sql in [STRANDED, TOGETHER, MISCOUNTED] {
                assert_eq!(count(&connection, sql, now), 0, "{sql}, after step {step}");
            }
        }
        let happened = "SELECT count(DISTINCT whole) * max(generation) * max(attempts) > ?1 FROM events";
        assert_eq!(count(&connection, happened, 0), 1);
    }
}
