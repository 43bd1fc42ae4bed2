//! Stores events.

use kyc_core::Trust;
use kyc_store::{Cipher, Meaning, Result, Tag};
use rusqlite::{Connection, OptionalExtension, params};

use super::row::{SealedContent, trust_code};
use crate::event::{EventId, EventState, NewEvent};
use crate::inbox::Put;

pub(super) const SAME_ID: &str = "SELECT id, body_tag FROM events WHERE event_tag = ?1";
pub(super) const SAME_SUBJECT: &str =
    "SELECT id, body_tag FROM events WHERE lane = ?1 ORDER BY seq DESC LIMIT 1";
pub(super) const DELETE_OLDEST: &str = "DELETE FROM events WHERE seq IN (SELECT seq FROM events WHERE state = 4 \
    AND NOT EXISTS (SELECT 1 FROM citations WHERE citations.seq = events.seq) ORDER BY seq LIMIT ?1)";

/// An event, sealed and ready to be written.
pub(super) struct Prepared {
    id: EventId,
    pub(super) source: &'static str,
    vendor: &'static str,
    event_type: &'static str,
    trust: Trust,
    is_final: bool,
    received_at: i64,
    event_tag: Option<Tag>,
    lane: Tag,
    body_tag: Tag,
    person: Option<Tag>,
    pub(super) operations: Vec<Tag>,
    content: SealedContent,
}

impl Prepared {
    pub(super) fn new(cipher: &Cipher, new: &NewEvent) -> Result<Self> {
        let (id, event, source) = (EventId::random(), &new.event, new.source.as_bytes());
        let lane = match &event.subject {
            Some(subject) => cipher.tag(Meaning::Subject, &[source, b"subject", subject.as_bytes()]),
            // Without a subject, the events of one type are as if about one.
            None => cipher.tag(Meaning::Subject, &[source, b"type", event.event_type.as_bytes()]),
        };
        let event_tag = |event_id: &String| cipher.tag(Meaning::EventId, &[source, event_id.as_bytes()]);
        let mut operations: Vec<_> = event.operations.iter().map(|id| cipher.operation(id)).collect();
        operations.sort_unstable();
        operations.dedup();
        Ok(Self {
            id,
            source: new.source,
            vendor: event.vendor.name(),
            event_type: event.event_type,
            trust: event.trust,
            is_final: event.is_final,
            received_at: new.received_at.unix_millis(),
            event_tag: event.event_id.as_ref().map(event_tag),
            lane,
            body_tag: cipher.tag(Meaning::Body, &[source, new.content.body.expose()]),
            person: event.person.as_ref().map(|cpf| cipher.person(cpf)),
            operations,
            content: SealedContent::seal(cipher, id, &new.content, &event.operations)?,
        })
    }
}

/// Stores the events of one request, and deletes the oldest unexpected ones if there are too many.
pub(super) fn store(
    connection: &Connection,
    events: &[Prepared],
    now: i64,
    max_unexpected: u32,
) -> Result<Vec<Put>> {
    let puts: Vec<_> = events.iter().map(|event| store_one(connection, event, now)).collect::<Result<_>>()?;
    if puts.iter().any(|put| matches!(put, Put::Unexpected(_))) {
        delete_oldest_unexpected(connection, max_unexpected, puts.len())?;
    }
    Ok(puts)
}

fn store_one(connection: &Connection, event: &Prepared, now: i64) -> Result<Put> {
    if let Some(duplicate) = find_duplicate(connection, event)? {
        return Ok(duplicate);
    }
    // Anyone may have sent a hint: it is handled only if somebody waits for it.
    let is_handled = event.trust != Trust::Hint || is_expected(connection, event, now)?;
    let state = if is_handled { EventState::New } else { EventState::Unexpected };
    insert(connection, event, state, now)?;
    Ok(if is_handled { Put::New(event.id) } else { Put::Unexpected(event.id) })
}

fn find_duplicate(connection: &Connection, event: &Prepared) -> Result<Option<Put>> {
    let (sql, tag) = match &event.event_tag {
        Some(tag) => (SAME_ID, tag),
        None => (SAME_SUBJECT, &event.lane),
    };
    let mut statement = connection.prepare_cached(sql)?;
    let found = statement.query_row([tag], |row| Ok((row.get(0)?, row.get::<_, Tag>(1)?))).optional()?;
    let found = found.map(|(id, body_tag)| Put::Duplicate { id, same_body: body_tag == event.body_tag });
    // A state that returns is new: without an event id, only the same body again is a repeated delivery.
    Ok(found.filter(|put| event.event_tag.is_some() || matches!(put, Put::Duplicate { same_body: true, .. })))
}

fn is_expected(connection: &Connection, event: &Prepared, now: i64) -> Result<bool> {
    let mut statement =
        connection.prepare_cached("SELECT 1 FROM expected WHERE operation = ?1 AND until > ?2")?;
    for operation in &event.operations {
        if statement.exists(params![operation, now])? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn insert(connection: &Connection, event: &Prepared, state: EventState, now: i64) -> Result<()> {
    let due_at = (state == EventState::New).then_some(now);
    let seq: i64 = connection
        .prepare_cached(
            "INSERT INTO events (id, source, vendor, event_type, trust, is_final, received_at, event_tag, lane, \
             body_tag, person, state, due_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) \
             RETURNING seq",
        )?
        .query_row(
            params![
                event.id,
                event.source,
                event.vendor,
                event.event_type,
                trust_code(event.trust),
                event.is_final,
                event.received_at,
                event.event_tag,
                event.lane,
                event.body_tag,
                event.person,
                state,
                due_at,
            ],
            |row| row.get(0),
        )?;
    let content = &event.content;
    connection
        .prepare_cached(
            "INSERT INTO contents (seq, body, content_type, query, operations) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![seq, content.body, content.content_type, content.query, content.operations])?;
    let mut statement =
        connection.prepare_cached("INSERT INTO event_operations (seq, operation) VALUES (?1, ?2)")?;
    for operation in &event.operations {
        statement.execute(params![seq, operation])?;
    }
    Ok(())
}

/// Deletes the oldest unexpected events whole, so that a stranger cannot fill the disk.
fn delete_oldest_unexpected(connection: &Connection, max: u32, stored: usize) -> Result<()> {
    let count: i64 =
        connection.prepare_cached("SELECT n FROM counts WHERE state = 4")?.query_row([], |row| row.get(0))?;
    // If the limit was lowered, the rest goes with later events, so that this one does not wait.
    let surplus = (count - i64::from(max)).min(stored as i64 + 100);
    if surplus > 0 {
        connection.prepare_cached(DELETE_OLDEST)?.execute([surplus])?;
    }
    Ok(())
}
