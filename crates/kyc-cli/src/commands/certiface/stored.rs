//! The file that stores a journey between the commands.

use std::io;
use std::path::{Path, PathBuf};

use certiface::{Journey, JourneyState};
use kyc_core::Secret;
use serde::{Deserialize, Serialize};

use super::{Common, connect};
use crate::failure::Failure;
use crate::messages::Messages;
use crate::place::Place;
use crate::{files, private};

#[derive(Serialize, Deserialize)]
struct Content<S> {
    state: S,
    /// The number of open challenges.
    challenges: usize,
}

/// A journey and the file that stores it.
pub(super) struct Stored {
    pub(super) journey: Journey,
    /// The number of open challenges.
    pub(super) challenges: usize,
    pub(super) place: Place,
    path: PathBuf,
}

impl Stored {
    pub(super) fn open(common: &Common) -> Result<Self, Failure> {
        Self::open_to_wait(common, None)
    }

    /// Does the same with a polling interval in seconds.
    pub(super) fn open_to_wait(common: &Common, interval: Option<u64>) -> Result<Self, Failure> {
        let content = read(&common.path)?;
        let (client, place) = connect(&common.source, interval)?;
        let journey = client.resume(content.state);
        private::add(journey.appkey().expose());
        Ok(Self { journey, challenges: content.challenges, place, path: common.path.clone() })
    }

    pub(super) fn new(journey: Journey, place: Place, path: &Path) -> Self {
        Self { journey, challenges: 0, place, path: path.to_owned() }
    }

    pub(super) fn shown(&self) -> String {
        files::shown(&self.path)
    }

    pub(super) fn save(&self) -> Result<(), Failure> {
        let content = Content { state: self.journey.state(), challenges: self.challenges };
        let json = Secret::new(serde_json::to_string(&content).map_err(io::Error::from)?);
        files::write_private(&self.path, json.expose().as_bytes())
    }
}

/// Checks that a new journey can be stored at the path. Replaces an existing file only with `force`.
pub(super) fn check_free(path: &Path, force: bool) -> Result<(), Failure> {
    files::check_place("--journey", path)?;
    if path.symlink_metadata().is_ok() && !force {
        return Err(refused(path, |t| t.certiface.has_journey));
    }
    Ok(())
}

fn read(path: &Path) -> Result<Content<JourneyState>, Failure> {
    let Some(text) = files::read_text(path)? else {
        return Err(refused(path, |t| t.certiface.no_journey));
    };
    // The parser's message quotes the content.
    serde_json::from_str(text.expose()).map_err(|_| refused(path, |t| t.certiface.is_not_journey))
}

fn refused(path: &Path, rule: fn(&Messages) -> &'static str) -> Failure {
    Failure::input(|t| (t.errors.subject)(&files::shown(path), rule(t)))
}
