//! The file that stores an onboarding between the commands: exactly the state that the library provides.

use std::io;
use std::path::{Path, PathBuf};

use bankly_kyc::{Client, Onboarding, OnboardingState};
use kyc_core::{Cpf, Secret};
use serde::Deserialize;

use super::{Common, connect};
use crate::failure::Failure;
use crate::files;
use crate::messages::Messages;
use crate::place::Place;

/// The person whose onboarding a file contains.
#[derive(Deserialize)]
struct Whose {
    cpf: Cpf,
}

/// An onboarding and the file that stores it.
pub(super) struct Stored {
    pub(super) onboarding: Onboarding,
    pub(super) client: Client,
    pub(super) cpf: Cpf,
    pub(super) place: Place,
    path: PathBuf,
    /// The state in the file.
    before: OnboardingState,
}

impl Stored {
    pub(super) fn open(common: &Common, interval: Option<u64>) -> Result<Self, Failure> {
        let Some((cpf, state)) = read(&common.path)? else { return Err(not_stored(&common.path)) };
        let (client, place) = connect(&common.source, interval)?;
        Ok(Self::new(common, client, place, cpf, state))
    }

    /// Continues the onboarding in the file, or starts one for the person. `force` ignores the file.
    pub(super) fn open_or_begin(common: &Common, cpf: Option<Cpf>, force: bool) -> Result<Self, Failure> {
        let found = if force { None } else { read(&common.path)? };
        match (found, cpf) {
            (Some((stored, _)), Some(cpf)) if stored != cpf => {
                Err(refused(&common.path, |t| t.bankly.other_person))
            }
            (Some((cpf, state)), _) => {
                let (client, place) = connect(&common.source, None)?;
                Ok(Self::new(common, client, place, cpf, state))
            }
            (None, Some(cpf)) => {
                files::check_place("--onboarding", &common.path)?;
                let (client, place) = connect(&common.source, None)?;
                let state = client.onboarding(cpf.clone()).state().clone();
                Ok(Self::new(common, client, place, cpf, state))
            }
            (None, None) => Err(not_stored(&common.path)),
        }
    }

    fn new(common: &Common, client: Client, place: Place, cpf: Cpf, state: OnboardingState) -> Self {
        let onboarding = client.resume(state.clone());
        Self { onboarding, client, cpf, place, path: common.path.clone(), before: state }
    }

    pub(super) fn shown(&self) -> String {
        files::shown(&self.path)
    }

    /// Returns whether the state differs from the file.
    pub(super) fn has_changed(&self) -> bool {
        *self.onboarding.state() != self.before
    }

    pub(super) fn save(&self) -> Result<(), Failure> {
        if !self.has_changed() {
            return Ok(());
        }
        let json = serde_json::to_string(self.onboarding.state()).map_err(io::Error::from)?;
        files::write_private(&self.path, Secret::new(json).expose().as_bytes())
    }
}

fn not_stored(path: &Path) -> Failure {
    refused(path, |t| t.bankly.no_onboarding)
}

fn refused(path: &Path, rule: fn(&Messages) -> &'static str) -> Failure {
    Failure::input(|t| (t.errors.subject)(&files::shown(path), rule(t)))
}

fn read(path: &Path) -> Result<Option<(Cpf, OnboardingState)>, Failure> {
    let Some(text) = files::read_text(path)? else { return Ok(None) };
    // The parser's message quotes the content.
    let wrong = |_| refused(path, |t| t.bankly.is_not_onboarding);
    let Whose { cpf } = serde_json::from_str(text.expose()).map_err(wrong)?;
    let state = serde_json::from_str(text.expose()).map_err(wrong)?;
    Ok(Some((cpf, state)))
}
