//! Files that the program writes: readable by their owner only, and never quoted in errors.

use std::fs;
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use kyc_core::Secret;

use crate::failure::Failure;
use crate::output::printable;

/// The maximum size of a text file. Those of this program and its configuration are much smaller.
const MAX_TEXT_BYTES: u64 = 1024 * 1024;

/// Returns the text of a file; `None` if it does not exist.
pub(crate) fn read_text(path: &Path) -> Result<Option<Secret<String>>, Failure> {
    let input = |rule: String| Failure::Input(format!("{}: {rule}", shown(path)));
    check_text(path).map_err(input)?;
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(Secret::new(text))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(input(format!("cannot be read: {}", error.kind()))),
    }
}

/// Refuses a file whose reading could block or not end, such as a pipe or a device. A missing file is not refused.
pub(crate) fn check_text(path: &Path) -> Result<(), String> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => Err("is a directory, not a file".to_owned()),
        Ok(metadata) if !metadata.is_file() => Err("is not a regular file".to_owned()),
        Ok(metadata) if metadata.len() > MAX_TEXT_BYTES => Err("must not be larger than 1 MiB".to_owned()),
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(format!("cannot be read: {}", error.kind())),
    }
}

/// Checks in advance that a file can be written at the path, which `argument` named.
pub(crate) fn check_place(argument: &str, path: &Path) -> Result<(), Failure> {
    let shown = shown(path);
    if path.is_dir() {
        return Err(Failure::Input(format!("{argument} ({shown}): is a directory, not a file")));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if folder.is_some_and(|folder| !folder.is_dir()) {
        return Err(Failure::Input(format!("{argument} ({shown}): is in a folder that does not exist")));
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
    let what = format!("{} cannot be written: {}", shown(path), error.kind());
    Failure::System(io::Error::new(error.kind(), what))
}

pub(crate) fn shown(path: &Path) -> String {
    printable(&path.to_string_lossy())
}
