//! Files of ours: written for their owner alone, read without quoting what is in them.

use std::fs;
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use kyc_core::Secret;

use crate::exit::Failure;
use crate::output::printable;

/// The text of a file that keeps something from one command to the next; `None` if there is does not exist.
pub(crate) fn read_kept(path: &Path) -> Result<Option<Secret<String>>, Failure> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(Secret::new(text))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::Input(format!("{} cannot be read: {}", shown(path), error.kind()))),
    }
}

/// Whether a file may be put there, as far as that can be told beforehand. `argument` named it.
pub(crate) fn check_place(argument: &str, path: &Path) -> Result<(), Failure> {
    let shown = shown(path);
    if path.is_dir() {
        return Err(Failure::Input(format!("{argument} {shown} is a directory, not a file")));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if folder.is_some_and(|folder| !folder.is_dir()) {
        return Err(Failure::Input(format!("{argument} {shown} is in a folder that does not exist")));
    }
    Ok(())
}

/// Puts a file in its place in one step, readable by its owner alone where the system knows owners.
pub(crate) fn write_private(path: &Path, content: &[u8]) -> Result<(), Failure> {
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let written = write_new(&part, content).and_then(|()| fs::rename(&part, path));
    written.map_err(|error| {
        // It holds personal data.
        let _ = fs::remove_file(&part);
        cannot_write(path, &error)
    })
}

fn write_new(path: &Path, content: &[u8]) -> io::Result<()> {
    // What a run that was killed left behind would keep its mode.
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)?.write_all(content)
}

pub(crate) fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    let what = format!("{} cannot be written: {}", shown(path), error.kind());
    Failure::System(io::Error::new(error.kind(), what))
}

pub(crate) fn shown(path: &Path) -> String {
    printable(&path.to_string_lossy())
}
