//! The tables of a store, and how they came to be.

use rusqlite::{Connection, TransactionBehavior};

use crate::error::{Result, StoreError};

/// What every store has: its keys, each encrypted under a key of the user.
const KEYS: &str = include_str!("keys.sql");

/// The tables of one kind of store.
#[derive(Clone, Copy, Debug)]
pub struct Schema {
    /// Marks the files of this kind.
    pub application: i32,
    /// Each step brings the schema from the version of its position to the next. A released step never changes. The first one
    /// finds the table of keys.
    pub steps: &'static [&'static str],
}

impl Schema {
    /// Checks that the file is of this kind and of a known version, or empty. Writes nothing.
    pub(crate) fn check(&self, connection: &Connection) -> Result<u32> {
        let application: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
        let version: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        let is_empty = application == 0 && version == 0 && tables == 0;
        if application != self.application && !is_empty {
            return Err(StoreError::Damaged("the file is a database of another program".to_owned()));
        }
        let known = self.steps.len() as u32;
        if version > known {
            return Err(StoreError::NewerSchema { found: version, known });
        }
        Ok(version)
    }

    /// Brings the schema to the newest version. Other processes may do so at the same time: each step is one transaction, and is
    /// chosen within it.
    pub(crate) fn migrate(&self, connection: &mut Connection) -> Result<()> {
        loop {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let version = self.check(&transaction)?;
            let Some(step) = self.steps.get(version as usize) else { return Ok(()) };
            if version == 0 {
                transaction.execute_batch(KEYS)?;
            }
            transaction.execute_batch(step)?;
            transaction.pragma_update(None, "application_id", self.application)?;
            transaction.pragma_update(None, "user_version", version + 1)?;
            transaction.commit()?;
        }
    }
}
