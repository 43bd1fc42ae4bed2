//! Which process runs a case: a lease of one that was killed need not expire.
//!
//! Beside the store each opened store has an empty file that it keeps locked. The system ends the lock with the process, however it
//! ends. A file that can be locked therefore tells that its process is dead.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use kyc_store::{Result, beside, random};
use rusqlite::Connection;

const SUFFIX: &str = ".running-";

/// The part of a lease's token that names the owner.
const ID: usize = 8;

/// An opened store. Its leases begin with its id.
#[derive(Debug)]
pub(super) struct Owner {
    id: [u8; ID],
    path: PathBuf,
    /// How many leases were not given back.
    held: AtomicUsize,
    /// Locked. `None` where there are no locks: then leases expire.
    _file: Option<File>,
}

impl Owner {
    pub(super) fn new(store: &Path) -> Result<Self> {
        let id: [u8; ID] = *random()?;
        let name: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
        let path = beside(store, &format!("{SUFFIX}{name}"));
        let file = locked(&beside(store, &format!(".new-{name}")), &path);
        Ok(Self { id, path, held: AtomicUsize::new(0), _file: file.ok() })
    }

    /// Returns the token of a new lease.
    pub(super) fn new_token(&self) -> Result<[u8; 16]> {
        let mut token: [u8; 16] = *random()?;
        token[..ID].copy_from_slice(&self.id);
        Ok(token)
    }

    /// Counts a lease that was taken.
    pub(super) fn took(&self) {
        self.held.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a lease that was given back.
    pub(super) fn gave_back(&self) {
        self.held.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        // Where a lease is left, as after a full disk, the file stays, and the next one that opens the store ends it.
        if self.held.load(Ordering::Relaxed) == 0 {
            drop(fs::remove_file(&self.path));
        }
    }
}

/// Makes a file that has its name only once it is locked, so that nobody takes it for that of a dead process.
fn locked(unnamed: &Path, path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(unnamed)?;
    let named = file.try_lock().map_err(io::Error::from).and_then(|()| fs::rename(unnamed, path));
    if named.is_err() {
        drop(fs::remove_file(unnamed));
    }
    named.map(|()| file)
}

/// Ends the leases of processes that have ended, on cases that are to be decided.
pub(super) fn release_the_dead(store: &Path, connection: &Connection) {
    let sql =
        "UPDATE cases SET lease = NULL, lease_until = NULL WHERE is_open = 1 AND substr(lease, 1, 8) = ?1";
    let Some(folder) = store.parent() else { return };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    // What cannot be read, written or removed is left: such leases expire.
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let Some(id) = id_of(store, &entry.file_name()) else { continue };
        let Ok(file) = OpenOptions::new().write(true).open(entry.path()) else { continue };
        if file.try_lock().is_ok() && connection.execute(sql, [id]).is_ok() {
            drop(fs::remove_file(entry.path()));
        }
    }
}

/// Returns the id of the owner whose file has this name.
fn id_of(store: &Path, name: &OsStr) -> Option<[u8; ID]> {
    let prefix = beside(store, SUFFIX);
    let digits = name.to_str()?.strip_prefix(prefix.file_name()?.to_str()?)?;
    let number = u64::from_str_radix(digits, 16).ok().filter(|_| digits.len() == 2 * ID)?;
    Some(number.to_be_bytes())
}
