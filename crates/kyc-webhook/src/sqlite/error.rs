//! What a failure of SQLite means for the inbox.

use rusqlite::{ErrorCode, ffi};

use crate::inbox::InboxError;

/// Work with the database, which fails with an error of the inbox.
pub(super) type Result<T> = std::result::Result<T, InboxError>;

impl From<rusqlite::Error> for InboxError {
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
pub(super) fn file_error(what: &str, error: &std::io::Error) -> InboxError {
    let text = format!("{what}: {}", error.kind());
    match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => InboxError::Full,
        std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
            InboxError::ReadOnly(text)
        }
        _ => InboxError::Failed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(code: i32) -> InboxError {
        let message = Some("UNIQUE constraint failed: 52998224725".to_owned());
        rusqlite::Error::SqliteFailure(ffi::Error::new(code), message).into()
    }

    #[test]
    fn every_kind_of_fault_has_its_error() {
        assert_eq!(of(ffi::SQLITE_FULL), InboxError::Full);
        assert_eq!(of(ffi::SQLITE_BUSY), InboxError::Busy);
        assert_eq!(of(ffi::SQLITE_BUSY_SNAPSHOT), InboxError::Busy);
        assert!(matches!(of(ffi::SQLITE_READONLY), InboxError::ReadOnly(_)));
        assert!(matches!(of(ffi::SQLITE_NOTADB), InboxError::Damaged(_)));
        assert!(matches!(of(ffi::SQLITE_IOERR_WRITE), InboxError::Failed(_)));
    }

    #[test]
    fn an_error_never_quotes_sqlite() {
        let text = of(ffi::SQLITE_CONSTRAINT_UNIQUE).to_string();
        assert!(!text.contains("5299"), "{text}");
    }
}
