//! The file that keeps a journey from one command to the next.

use std::fs;
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use certiface::{Journey, JourneyState};
use kyc_core::Secret;
use serde::{Deserialize, Serialize};

use super::{Common, connect};
use crate::exit::Failure;
use crate::output::printable;
use crate::place::Place;

#[derive(Serialize, Deserialize)]
struct Content<S> {
    state: S,
    /// How many challenges are open.
    challenges: usize,
}

/// A journey, and the file that it came from and goes back to.
pub(super) struct Kept {
    pub(super) journey: Journey,
    /// How many challenges are open.
    pub(super) challenges: usize,
    pub(super) place: Place,
    path: PathBuf,
}

impl Kept {
    pub(super) fn open(common: &Common) -> Result<Self, Failure> {
        let content = read(&common.path)?;
        let (client, place) = connect(&common.source)?;
        let journey = client.resume(content.state);
        Ok(Self { journey, challenges: content.challenges, place, path: common.path.clone() })
    }

    pub(super) fn new(journey: Journey, place: Place, path: &Path) -> Self {
        Self { journey, challenges: 0, place, path: path.to_owned() }
    }

    pub(super) fn shown(&self) -> String {
        shown(&self.path)
    }

    pub(super) fn save(&self) -> Result<(), Failure> {
        let content = Content { state: self.journey.state(), challenges: self.challenges };
        let json = Secret::new(serde_json::to_string(&content).map_err(io::Error::from)?);
        write_private(&self.path, json.expose().as_bytes())
    }
}

/// Whether a new journey may be kept there: refuses to write over anything unless that was asked for.
pub(super) fn check_free(path: &Path, force: bool) -> Result<(), Failure> {
    let shown = shown(path);
    let is_there = path.symlink_metadata().is_ok();
    if path.is_dir() {
        return Err(Failure::Input(format!("--journey {shown} is a directory, not a file")));
    }
    if is_there && !force {
        let what = "keeps a journey already: replace it with --force, or name another file with --journey";
        return Err(Failure::Input(format!("{shown} {what}")));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if folder.is_some_and(|folder| !folder.is_dir()) {
        return Err(Failure::Input(format!("--journey {shown} is in a folder that does not exist")));
    }
    Ok(())
}

fn read(path: &Path) -> Result<Content<JourneyState>, Failure> {
    let shown = shown(path);
    let text = match fs::read_to_string(path) {
        Ok(text) => Secret::new(text),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let what = "no journey is kept in";
            return Err(Failure::Input(format!("{what} {shown}: begin one with `kyc certiface appkey`")));
        }
        Err(error) => return Err(Failure::Input(format!("{shown} cannot be read: {}", error.kind()))),
    };
    // The parser's own words quote what they stumble over.
    serde_json::from_str(text.expose())
        .map_err(|_| Failure::Input(format!("{shown} is no journey that `kyc certiface appkey` began")))
}

/// Puts a file in its place in one step, readable by its owner alone where the system knows owners.
pub(super) fn write_private(path: &Path, content: &[u8]) -> Result<(), Failure> {
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

pub(super) fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    let what = format!("{} cannot be written: {}", shown(path), error.kind());
    Failure::System(io::Error::new(error.kind(), what))
}

pub(super) fn shown(path: &Path) -> String {
    printable(&path.to_string_lossy())
}
