//! The keys that the file keeps, encrypted under the user's.

use rusqlite::{Connection, TransactionBehavior, params};

use crate::cipher::{Cipher, DataKey, unwrap, wrap};
use crate::error::{Result, StoreError};
use crate::keys::{KeyRing, StoreKey, random};

/// How the file is protected.
#[derive(Clone, Debug)]
pub enum Protection {
    /// Content is encrypted.
    Keys(KeyRing),
    /// Content is readable by everyone who can read the file.
    PlainText,
}

const INDEX: &str = "index";
const DATA: &str = "data";

struct Row {
    id: u32,
    purpose: String,
    wrapped_by: Option<String>,
    wrapped: Vec<u8>,
}

/// Reads the keys of the file. Creates them in a new file, and wraps them anew if they are not under the current key.
///
/// # Errors
/// The keys do not fit.
pub fn load(connection: &mut Connection, protection: &Protection) -> Result<Cipher> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut rows = read(&transaction)?;
    if rows.is_empty() {
        create(&transaction, protection)?;
        rows = read(&transaction)?;
    }
    let keys = match protection {
        Protection::Keys(ring) => rotate(&transaction, rows, ring)?,
        Protection::PlainText => rows.into_iter().map(bare).collect::<Result<_>>()?,
    };
    transaction.commit()?;
    let (index, data): (Vec<_>, Vec<_>) = keys.into_iter().partition(|(_, purpose, _)| purpose == INDEX);
    let missing = || StoreError::Damaged("its key for tags is missing".to_owned());
    let (_, _, index) = index.into_iter().next().ok_or_else(missing)?;
    Ok(Cipher::new(&index, data.into_iter().map(|(id, _, key)| (id, key)).collect()))
}

fn read(connection: &Connection) -> Result<Vec<Row>> {
    let mut statement =
        connection.prepare("SELECT id, purpose, wrapped_by, wrapped FROM keys ORDER BY id")?;
    let rows = statement.query_map([], |row| {
        Ok(Row { id: row.get(0)?, purpose: row.get(1)?, wrapped_by: row.get(2)?, wrapped: row.get(3)? })
    })?;
    Ok(rows.collect::<std::result::Result<_, _>>()?)
}

fn create(connection: &Connection, protection: &Protection) -> Result<()> {
    match protection {
        Protection::Keys(ring) => {
            add(connection, INDEX, ring.current())?;
            add(connection, DATA, ring.current())
        }
        Protection::PlainText => {
            let sql = "INSERT INTO keys (purpose, wrapped) VALUES (?1, ?2)";
            connection.execute(sql, params![INDEX, random::<32>()?.as_slice()])?;
            Ok(())
        }
    }
}

/// Adds a random key.
fn add(connection: &Connection, purpose: &str, under: &StoreKey) -> Result<()> {
    let wrapped = wrap(under.bytes(), purpose, &*random()?)?;
    let sql = "INSERT INTO keys (purpose, wrapped_by, wrapped) VALUES (?1, ?2, ?3)";
    connection.execute(sql, params![purpose, under.id(), wrapped])?;
    Ok(())
}

/// Unwraps the keys. If one of them is not under the current key, all are wrapped anew, and later content gets a new data key.
fn rotate(connection: &Connection, rows: Vec<Row>, ring: &KeyRing) -> Result<Vec<(u32, String, DataKey)>> {
    let current = ring.current();
    let is_current = |row: &Row| row.wrapped_by.as_ref() == Some(&current.id());
    if rows.iter().all(is_current) {
        return rows.into_iter().map(|row| opened(row, ring)).collect();
    }
    for row in rows {
        let (id, purpose, key) = opened(row, ring)?;
        let sql = "UPDATE keys SET wrapped_by = ?2, wrapped = ?3 WHERE id = ?1";
        connection.execute(sql, params![id, current.id(), wrap(current.bytes(), &purpose, &key)?])?;
    }
    add(connection, DATA, current)?;
    read(connection)?.into_iter().map(|row| opened(row, ring)).collect()
}

fn opened(row: Row, ring: &KeyRing) -> Result<(u32, String, DataKey)> {
    let Some(wrapped_by) = &row.wrapped_by else {
        return Err(StoreError::WrongKey("its file is in plain text, but a key was given".to_owned()));
    };
    let key = ring.find(wrapped_by).ok_or_else(|| {
        let given = ring.ids();
        StoreError::WrongKey(format!("its file is encrypted under key {wrapped_by}; given: {given}"))
    })?;
    let opened = unwrap(key.bytes(), &row.purpose, &row.wrapped)?;
    Ok((row.id, row.purpose, opened))
}

/// Returns a key that is not wrapped.
fn bare(row: Row) -> Result<(u32, String, DataKey)> {
    if let Some(wrapped_by) = row.wrapped_by {
        return Err(StoreError::WrongKey(format!(
            "its file is encrypted under key {wrapped_by}, but was opened as plain text"
        )));
    }
    let key =
        row.wrapped.try_into().map_err(|_| StoreError::Damaged("a key has another length".to_owned()))?;
    Ok((row.id, row.purpose, DataKey::new(key)))
}
