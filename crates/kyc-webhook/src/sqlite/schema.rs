//! The tables, and how they came to be.

use rusqlite::{Connection, TransactionBehavior};

use super::error::Result;
use crate::inbox::InboxError;

/// Marks the files of this crate: "KYCI".
const APPLICATION: i32 = 0x4b59_4349;

/// Each step brings the schema from the version of its position to the next. A released step never changes.
const STEPS: [&str; 1] = [include_str!("schema/1.sql")];

/// Checks that the file is an inbox of a known version, or empty. Writes nothing.
pub(super) fn check(connection: &Connection) -> Result<u32> {
    let application: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let version: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let is_empty = application == 0 && version == 0 && tables == 0;
    if application != APPLICATION && !is_empty {
        return Err(InboxError::Damaged("the file is a database of another program".to_owned()));
    }
    let known = STEPS.len() as u32;
    if version > known {
        return Err(InboxError::NewerSchema { found: version, known });
    }
    Ok(version)
}

/// Brings the schema to the newest version. Other processes may do so at the same time: each step is one transaction, and is
/// chosen within it.
pub(super) fn migrate(connection: &mut Connection) -> Result<()> {
    loop {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let version = check(&transaction)?;
        let Some(step) = STEPS.get(version as usize) else { return Ok(()) };
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "application_id", APPLICATION)?;
        transaction.pragma_update(None, "user_version", version + 1)?;
        transaction.commit()?;
    }
}
