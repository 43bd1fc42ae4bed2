//! Why a store could not do something.

#[cfg(feature = "sqlite")]
use rusqlite::{ErrorCode, ffi};

/// Work with a store.
pub type Result<T> = std::result::Result<T, StoreError>;

/// Why a store could not do something. The text never holds content.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// There is no space left on the disk.
    #[error("the store is full: there is no space left on its disk")]
    Full,
    /// Another process held the store for too long.
    #[error("the store is busy: another process holds it; try again")]
    Busy,
    /// The store cannot be written.
    #[error("the store cannot be written: {0}")]
    ReadOnly(String),
    /// More requests wait than the store takes.
    #[error("the store is overloaded: too many requests wait; try again")]
    Overloaded,
    /// The store is encrypted by a key that was not given, or not encrypted although a key was.
    #[error("the store's key does not fit: {0}")]
    WrongKey(String),
    /// The store was written by a newer release.
    #[error("the store was written by a newer release (schema {found}; this release knows {known}): update")]
    NewerSchema {
        /// The version of the store.
        found: u32,
        /// The newest version that this release knows.
        known: u32,
    },
    /// The store cannot promise that what it confirms survives a power loss.
    #[error("the store would not survive a power loss: {0}")]
    NotDurable(String),
    /// The store is damaged, or was written by something else.
    #[error("the store is damaged: {0}")]
    Damaged(String),
    /// Any other failure.
    #[error("the store failed: {0}")]
    Failed(String),
}

#[cfg(feature = "sqlite")]
impl From<rusqlite::Error> for StoreError {
    /// Reads the code alone: the message of an error may quote a value.
    fn from(error: rusqlite::Error) -> Self {
        let rusqlite::Error::SqliteFailure(failure, _) = error else {
            return Self::Damaged("a value has another type than it was stored with".to_owned());
        };
        let text = || ffi::code_to_str(failure.extended_code).to_owned();
        match failure.code {
            ErrorCode::DiskFull => Self::Full,
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::Busy,
            ErrorCode::ReadOnly | ErrorCode::PermissionDenied => Self::ReadOnly(text()),
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Self::Damaged(text()),
            _ => Self::Failed(format!("{} (code {})", text(), failure.extended_code)),
        }
    }
}

/// Returns what a failure to open or create a file means.
#[cfg(feature = "sqlite")]
#[must_use]
pub fn file_error(what: &str, error: &std::io::Error) -> StoreError {
    let text = format!("{what}: {}", error.kind());
    match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => StoreError::Full,
        std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
            StoreError::ReadOnly(text)
        }
        _ => StoreError::Failed(text),
    }
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use super::*;

    fn of(code: i32) -> StoreError {
        let message = Some("UNIQUE constraint failed: 52998224725".to_owned());
        rusqlite::Error::SqliteFailure(ffi::Error::new(code), message).into()
    }

    #[test]
    fn every_kind_of_fault_has_its_error() {
        assert_eq!(of(ffi::SQLITE_FULL), StoreError::Full);
        assert_eq!(of(ffi::SQLITE_BUSY), StoreError::Busy);
        assert_eq!(of(ffi::SQLITE_BUSY_SNAPSHOT), StoreError::Busy);
        assert!(matches!(of(ffi::SQLITE_READONLY), StoreError::ReadOnly(_)));
        assert!(matches!(of(ffi::SQLITE_NOTADB), StoreError::Damaged(_)));
        assert!(matches!(of(ffi::SQLITE_IOERR_WRITE), StoreError::Failed(_)));
    }

    #[test]
    fn an_error_never_quotes_sqlite() {
        let text = of(ffi::SQLITE_CONSTRAINT_UNIQUE).to_string();
        assert!(!text.contains("5299"), "{text}");
    }
}
