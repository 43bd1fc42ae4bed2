//! The file that keeps a journey from one command to the next.

use std::io;
use std::path::{Path, PathBuf};

use certiface::{Journey, JourneyState};
use kyc_core::Secret;
use serde::{Deserialize, Serialize};

use super::{Common, connect};
use crate::exit::Failure;
use crate::files;
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
        files::shown(&self.path)
    }

    pub(super) fn save(&self) -> Result<(), Failure> {
        let content = Content { state: self.journey.state(), challenges: self.challenges };
        let json = Secret::new(serde_json::to_string(&content).map_err(io::Error::from)?);
        files::write_private(&self.path, json.expose().as_bytes())
    }
}

/// Whether a new journey may be kept there: refuses to write over anything unless that was asked for.
pub(super) fn check_free(path: &Path, force: bool) -> Result<(), Failure> {
    files::check_place("--journey", path)?;
    if path.symlink_metadata().is_ok() && !force {
        let what = "keeps a journey already: replace it with --force, or name another file with --journey";
        return Err(Failure::Input(format!("{} {what}", files::shown(path))));
    }
    Ok(())
}

fn read(path: &Path) -> Result<Content<JourneyState>, Failure> {
    let shown = files::shown(path);
    let Some(text) = files::read_kept(path)? else {
        let what = "no journey is kept in";
        return Err(Failure::Input(format!("{what} {shown}: begin one with `kyc certiface appkey`")));
    };
    // The parser's own words quote what they stumble over.
    serde_json::from_str(text.expose())
        .map_err(|_| Failure::Input(format!("{shown} is no journey that `kyc certiface appkey` began")))
}
