//! Finds and counts events.

use kyc_core::Timestamp;
use kyc_store::{Result, StoreError, Tag};
use rusqlite::types::ToSql;
use rusqlite::{Connection, OptionalExtension, named_params, params, params_from_iter};

use super::row::{INFO, Row, WHOLE, state_code};
use crate::event::EventId;
use crate::inbox::{Filter, Stats};

/// How many events a list returns at most.
const MAX_LIST: u32 = 10_000;

/// Returns an event.
pub(super) fn get(connection: &Connection, id: EventId) -> Result<Option<Row>> {
    let sql = format!("SELECT {WHOLE} FROM events LEFT JOIN contents USING (seq) WHERE events.id = ?1");
    Ok(connection.prepare_cached(&sql)?.query_row([id], Row::whole).optional()?)
}

/// Returns the first event about an operation after a position.
pub(super) fn arrival(connection: &Connection, operation: Tag, position: i64) -> Result<Option<Row>> {
    let sql = format!(
        "SELECT {WHOLE} FROM events LEFT JOIN contents USING (seq) WHERE events.seq = (SELECT seq \
         FROM event_operations WHERE operation = ?1 AND seq > ?2 ORDER BY seq LIMIT 1)"
    );
    Ok(connection.prepare_cached(&sql)?.query_row(params![operation, position], Row::whole).optional()?)
}

/// Returns events, the newest first.
pub(super) fn list(
    connection: &Connection,
    filter: &Filter,
    before: Option<EventId>,
    limit: u32,
) -> Result<Vec<Row>> {
    let mut conditions = Conditions::new(filter);
    if let Some(before) = before {
        conditions.add("events.seq < ", seq_of(connection, before)?);
    }
    let condition = &conditions.sql;
    let limit = limit.min(MAX_LIST);
    let sql = format!("SELECT {INFO} FROM events WHERE {condition} ORDER BY events.seq DESC LIMIT {limit}");
    let mut statement = connection.prepare(&sql)?;
    let rows = statement.query_map(params_from_iter(conditions.values), Row::info)?;
    Ok(rows.collect::<std::result::Result<_, _>>()?)
}

/// Returns where an event stands in the order of arrival.
pub(super) fn seq_of(connection: &Connection, id: EventId) -> Result<i64> {
    let mut statement = connection.prepare_cached("SELECT seq FROM events WHERE id = ?1")?;
    let found = statement.query_row([id], |row| row.get(0)).optional()?;
    found.ok_or_else(|| StoreError::Failed(format!("there is no event {id}")))
}

/// A filter as SQL.
pub(super) struct Conditions {
    pub(super) sql: String,
    pub(super) values: Vec<Box<dyn ToSql>>,
}

impl Conditions {
    pub(super) fn new(filter: &Filter) -> Self {
        let mut conditions = Self { sql: "TRUE".to_owned(), values: Vec::new() };
        if !filter.ids.is_empty() {
            let ids: Vec<_> = filter.ids.iter().map(|id| hex(id.as_bytes())).collect();
            // One value, however many ids there are.
            let json = serde_json::Value::from(ids).to_string();
            conditions.add_list("events.id IN (SELECT unhex(value) FROM json_each(", json);
        }
        if !filter.states.is_empty() {
            let codes: Vec<_> = filter.states.iter().map(|state| state_code(*state).to_string()).collect();
            conditions.sql += &format!(" AND state IN ({})", codes.join(", "));
        }
        if let Some(source) = filter.source.clone() {
            conditions.add("source = ", source);
        }
        if let Some(event_type) = filter.event_type.clone() {
            conditions.add("event_type = ", event_type);
        }
        if let Some(from) = filter.received_from {
            conditions.add("received_at >= ", from.unix_millis());
        }
        if let Some(before) = filter.received_before {
            conditions.add("received_at < ", before.unix_millis());
        }
        conditions
    }

    pub(super) fn add(&mut self, condition: &str, value: impl ToSql + 'static) {
        self.values.push(Box::new(value));
        self.sql += &format!(" AND {condition}?{}", self.values.len());
    }

    fn add_list(&mut self, condition: &str, value: impl ToSql + 'static) {
        self.add(condition, value);
        self.sql += "))";
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Counts the events by state.
pub(super) fn stats(connection: &Connection, now: Timestamp) -> Result<Stats> {
    let mut stats = Stats::default();
    let mut statement = connection.prepare_cached("SELECT state, n FROM counts")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let count = u64::try_from(row.get::<_, i64>(1)?).unwrap_or_default();
        match row.get(0)? {
            0 => stats.new = count,
            1 => stats.retrying = count,
            2 => stats.done = count,
            3 => stats.dead = count,
            _ => stats.unexpected = count,
        }
    }
    let now = now.unix_millis();
    let oldest = oldest_due(connection)?.filter(|oldest| *oldest <= now);
    stats.oldest_due =
        oldest.map(|oldest| std::time::Duration::from_millis(now.saturating_sub(oldest).unsigned_abs()));
    Ok(stats)
}

/// Returns since when the oldest due event has been due, including those that wait for another one of their subject.
fn oldest_due(connection: &Connection) -> Result<Option<i64>> {
    let sql = "SELECT min(due) FROM (SELECT min(due_at) AS due FROM events WHERE due_at IS NOT NULL \
               UNION ALL SELECT min(parked) FROM events WHERE parked IS NOT NULL)";
    Ok(connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

/// Says that an operation is ours, and makes the unexpected events about it due.
pub(super) fn expect(connection: &Connection, operation: Tag, until: i64, now: i64) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO expected (operation, until) VALUES (?1, ?2) \
             ON CONFLICT (operation) DO UPDATE SET until = max(until, excluded.until)",
        )?
        .execute(params![operation, until])?;
    if until > now {
        connection
            .prepare_cached(
                "UPDATE events SET state = 0, due_at = :now WHERE state = 4 \
                 AND seq IN (SELECT seq FROM event_operations WHERE operation = :operation)",
            )?
            .execute(named_params! { ":now": now, ":operation": operation })?;
    }
    // Each call clears some of what has expired, so that nothing else has to.
    connection
        .prepare_cached(
            "DELETE FROM expected WHERE operation IN \
             (SELECT operation FROM expected WHERE until <= ?1 LIMIT 100)",
        )?
        .execute([now])?;
    Ok(())
}
