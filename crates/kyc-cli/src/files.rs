//! Files that the program writes: readable by their owner only, and never quoted in errors.

use std::fs;
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use kyc_core::Secret;

use crate::failure::{Failure, io_words};
use crate::messages::{Messages, Said};
use crate::output::printable;

/// The maximum size of a text file. Those of this program and its configuration are much smaller.
const MAX_TEXT_BYTES: u64 = 1024 * 1024;

/// Returns the text of a file; `None` if it does not exist.
pub(crate) fn read_text(path: &Path) -> Result<Option<Secret<String>>, Failure> {
    let input = |rule: Said| Failure::refused(|_| shown(path), rule);
    check_text(path).map_err(input)?;
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(Secret::new(text))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(input(unreadable(&error))),
    }
}

/// Refuses a file whose reading could block or not end, such as a pipe or a device. A missing file is not refused.
pub(crate) fn check_text(path: &Path) -> Result<(), Said> {
    let refuse = |words: fn(&Messages) -> &'static str| Err(Said::new(|t| words(t).to_owned()));
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => refuse(|t| t.errors.is_directory),
        Ok(metadata) if !metadata.is_file() => refuse(|t| t.errors.is_not_file),
        Ok(metadata) if metadata.len() > MAX_TEXT_BYTES => refuse(|t| t.errors.is_too_large),
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(unreadable(&error)),
    }
}

pub(crate) fn unreadable(error: &io::Error) -> Said {
    Said::new(|t| (t.errors.cannot_read)(&io_words(t, error.kind())))
}

/// Checks in advance that a file can be written at the path, which `argument` named.
pub(crate) fn check_place(argument: &str, path: &Path) -> Result<(), Failure> {
    let shown = shown(path);
    if path.is_dir() {
        return Err(Failure::input(|t| format!("{argument} ({shown}): {}", t.errors.is_directory)));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if folder.is_some_and(|folder| !folder.is_dir()) {
        return Err(Failure::input(|t| (t.errors.folder_missing)(argument, &shown)));
    }
    Ok(())
}

/// Replaces a file in one step. On Unix only its owner can read it.
pub(crate) fn write_private(path: &Path, content: &[u8]) -> Result<(), Failure> {
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    replace(path, &PathBuf::from(part), content).map_err(|error| cannot_write(path, &error))
}

/// Does the same through the temporary file `part`, which must be in the same directory.
pub(crate) fn replace(path: &Path, part: &Path, content: &[u8]) -> io::Result<()> {
    let written = create_private(part).and_then(|mut file| file.write_all(content));
    written.and_then(|()| fs::rename(part, path)).inspect_err(|_| {
        // It contains personal data or a token.
        let _ = fs::remove_file(part);
    })
}

/// Creates or replaces a file that only its owner can read.
pub(crate) fn create_private(path: &Path) -> io::Result<fs::File> {
    // A part file that a killed run left behind would keep its permissions.
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    create_new_private(path)
}

/// Creates a file that only its owner can read. Fails if it exists.
pub(crate) fn create_new_private(path: &Path) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}

pub(crate) fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    Failure::System(Said::new(|t| (t.errors.cannot_write)(&shown(path), &io_words(t, error.kind()))))
}

pub(crate) fn shown(path: &Path) -> String {
    printable(&path.to_string_lossy())
}
