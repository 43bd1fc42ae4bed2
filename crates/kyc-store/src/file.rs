//! Opens the file so that what it confirms survives a power loss.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use crate::error::{Result, StoreError, file_error};
use crate::schema::Schema;

/// How long a connection waits for another process that writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// The write-ahead log is cut to this size when it is begun anew.
const LOG_LIMIT: u64 = 64 * 1024 * 1024;

/// The number of prepared statements that a connection keeps.
const STATEMENTS: usize = 64;

/// Creates the file if there is none, checks it, and brings its schema to the newest version.
///
/// # Errors
/// It cannot be opened or created, is of another kind, is newer, or would not survive a power loss.
pub fn prepare(path: &Path, schema: &Schema) -> Result<Connection> {
    /// On Unix, to close a file ends all locks that the process holds on it: no other thread may open it while it is created.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    create(path)?;
    let mut connection = connect(path)?;
    schema.check(&connection)?;
    use_write_ahead_log(&connection)?;
    schema.migrate(&mut connection)?;
    Ok(connection)
}

/// Opens a connection that writes to a file that was prepared.
pub(crate) fn open_writer(path: &Path, schema: &Schema) -> Result<Connection> {
    let connection = connect(path)?;
    schema.check(&connection)?;
    use_write_ahead_log(&connection)?;
    Ok(connection)
}

/// Opens a connection that only reads.
///
/// # Errors
/// It cannot be opened.
pub fn open_reader(path: &Path) -> Result<Connection> {
    let connection = connect(path)?;
    connection.pragma_update(None, "query_only", true)?;
    // There are several of them, and each reads a few rows at a time.
    connection.pragma_update(None, "cache_size", "-2048")?;
    Ok(connection)
}

fn connect(path: &Path) -> Result<Connection> {
    // Without SQLITE_OPEN_CREATE: a file that was deleted meanwhile is an error, not a new store.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    for (pragma, value) in [
        ("synchronous", "FULL"),
        // Deleted content is overwritten, and sorting leaves nothing in temporary files.
        ("secure_delete", "ON"),
        ("temp_store", "MEMORY"),
        ("cache_size", "-16384"),
        // A request changes a page in each of several indexes: small pages are less to write. It counts for a new file only.
        ("page_size", "2048"),
        // A commit that checkpoints would keep all that wait behind it: a thread of its own does it.
        ("wal_autocheckpoint", "0"),
    ] {
        connection.pragma_update(None, pragma, value)?;
    }
    connection.pragma_update(None, "journal_size_limit", LOG_LIMIT as i64)?;
    Ok(connection)
}

/// Creates an empty file that its owner alone may read. SQLite gives its side files the same permissions.
fn create(path: &Path) -> Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => sync_folder(path),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(file_error("the store's file cannot be created", &error)),
    }
}

/// Makes the name of a new file survive a power loss, too.
fn sync_folder(path: &Path) -> Result<()> {
    if cfg!(not(unix)) {
        return Ok(());
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(|error| file_error("the store's folder cannot be synchronised", &error))
}

/// Turns the write-ahead log on, and reads back that commits are synchronised: SQLite ignores settings that it does not know.
fn use_write_ahead_log(connection: &Connection) -> Result<()> {
    let mode = journal_mode(connection)?;
    if mode != "wal" {
        return Err(StoreError::NotDurable(format!("its journal mode is {mode} instead of wal")));
    }
    let synchronous: i64 = connection.pragma_query_value(None, "synchronous", |row| row.get(0))?;
    if synchronous != 2 {
        return Err(StoreError::NotDurable(format!("synchronous is {synchronous} instead of 2 (FULL)")));
    }
    Ok(())
}

/// Sets the journal mode. SQLite does not wait for other processes here, so this does.
fn journal_mode(connection: &Connection) -> Result<String> {
    const PAUSE: Duration = Duration::from_millis(20);
    let mut attempts = BUSY_TIMEOUT.as_millis() / PAUSE.as_millis();
    loop {
        let mode = connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0));
        match mode.map_err(StoreError::from) {
            Err(StoreError::Busy) if attempts > 0 => std::thread::sleep(PAUSE),
            mode => return mode,
        }
        attempts -= 1;
    }
}

/// Copies the write-ahead log into the file, as far as nobody reads it.
pub(crate) fn checkpoint(connection: &Connection) -> Result<()> {
    Ok(connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?)
}

/// Opens a connection for checkpoints.
pub(crate) fn open_for_checkpoints(path: &Path) -> Result<Connection> {
    connect(path)
}

/// Cuts the write-ahead log if readers have kept it from being begun anew for long.
pub(crate) fn bound_log(connection: &Connection, path: &Path) {
    let size = std::fs::metadata(beside(path, "-wal")).map_or(0, |file| file.len());
    if size <= 2 * LOG_LIMIT {
        return;
    }
    // Readers are short, but the writer must not wait for one that is not.
    let cut = connection
        .busy_timeout(Duration::from_millis(100))
        .and_then(|()| connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())))
        .and_then(|()| connection.busy_timeout(BUSY_TIMEOUT));
    if let Err(error) = cut.map_err(StoreError::from) {
        tracing::warn!(%error, "the write-ahead log of the store cannot be cut");
    }
}

/// Returns the path of a file whose name begins with that of the store.
#[must_use]
pub fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}
