//! The inbox of webhooks: which file it is, and how it is protected.

use std::path::{Path, PathBuf};

use kyc_br::config::{InboxConfig, Section};
use kyc_core::{ConfigTable, Secret};
use kyc_webhook::{InboxError, InboxKey, KeyRing, SqliteInbox};

use crate::config::Files;
use crate::failure::Failure;
use crate::files;
use crate::messages::{Messages, Said, text};
use crate::outcome::Outcome;

const DEFAULT_FILE: &str = "kyc-inbox.sqlite";

/// The options that name an inbox, before what the configuration says.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Store {
    #[arg(long, value_name = "FILE", help = text().inbox_help.store)]
    store: Option<PathBuf>,
    #[arg(long, help = text().inbox_help.plain_text)]
    plain_text: bool,
}

/// Where an inbox is, and what protects it.
pub(crate) struct Place {
    pub(crate) path: PathBuf,
    /// `None`: it is in plain text.
    pub(crate) keys: Option<KeyRing>,
}

impl Store {
    pub(crate) fn is_named(&self) -> bool {
        self.store.is_some()
    }

    /// Returns the place of the inbox.
    pub(crate) fn place(&self, files: &Files) -> Result<Place, Failure> {
        let table = files.section(Section::INBOX)?;
        let read = table.as_ref().map(ConfigTable::read::<InboxConfig>).transpose();
        let config = read.map_err(Failure::client)?.unwrap_or_default();
        let keys = match (&table, &config.key) {
            _ if self.plain_text => None,
            (Some(table), Some(_)) if config.plain_text => {
                let rule = "must not be true, because a key is set, too";
                return Err(Failure::client(table.invalid(&["plain_text"], rule)));
            }
            (Some(table), Some(key)) => Some(ring(table, key, &config.previous_keys)?),
            _ if config.plain_text => None,
            _ => return Err(Failure::setup(|t| t.inbox.no_key.to_owned())),
        };
        let named = self.store.clone().or(config.path);
        Ok(Place { path: named.unwrap_or_else(|| DEFAULT_FILE.into()), keys })
    }

    /// Opens an inbox that exists.
    pub(crate) fn open(&self, files: &Files) -> Result<SqliteInbox, Failure> {
        let place = self.place(files)?;
        if !place.path.exists() {
            let shown = files::shown(&place.path);
            return Err(Failure::setup(|t| (t.inbox.no_file)(&shown)));
        }
        place.open()
    }
}

impl Place {
    pub(crate) fn plain_text(path: PathBuf) -> Self {
        Self { path, keys: None }
    }

    /// Opens the inbox, or creates it.
    pub(crate) fn open(&self) -> Result<SqliteInbox, Failure> {
        let builder = SqliteInbox::builder(&self.path);
        let builder = match &self.keys {
            Some(keys) => builder.keys(keys.clone()),
            None => builder.plain_text(),
        };
        builder.open().map_err(|error| at(&self.path, error))
    }
}

/// Reads the keys of a table of the configuration.
pub(crate) fn ring(
    table: &ConfigTable,
    key: &Secret<String>,
    previous: &[Secret<String>],
) -> Result<KeyRing, Failure> {
    let parse = |name: &str, key: &Secret<String>| {
        InboxKey::parse(key.expose()).map_err(|error| Failure::client(table.invalid(&[name], error.rule())))
    };
    let ring = KeyRing::new(parse("key", key)?);
    previous.iter().try_fold(ring, |ring, key| Ok(ring.with_previous(parse("previous_keys", key)?)))
}

/// Returns the failure of an inbox that cannot be opened.
fn at(path: &Path, error: InboxError) -> Failure {
    let shown = files::shown(path);
    let outcome = outcome(&error);
    Failure::local(outcome, move |t| (t.errors.subject)(&shown, &words(t, &error)))
}

/// Returns the failure of an inbox that is in use.
pub(crate) fn failed(error: InboxError) -> Failure {
    let outcome = outcome(&error);
    Failure::local(outcome, move |t| words(t, &error))
}

fn outcome(error: &InboxError) -> Outcome {
    match error {
        InboxError::Busy | InboxError::Overloaded => Outcome::Unavailable,
        InboxError::WrongKey(_)
        | InboxError::NewerSchema { .. }
        | InboxError::NotDurable(_)
        | InboxError::AlreadyDispatched
        | InboxError::ReadOnly(_) => Outcome::Configuration,
        _ => Outcome::Other,
    }
}

pub(crate) fn words(t: &Messages, error: &InboxError) -> String {
    let words = &t.inbox_errors;
    match error {
        InboxError::Full => words.full.to_owned(),
        InboxError::Busy => words.busy.to_owned(),
        InboxError::Overloaded => words.overloaded.to_owned(),
        InboxError::AlreadyDispatched => words.already_dispatched.to_owned(),
        InboxError::ReadOnly(why) => (words.read_only)(why),
        InboxError::WrongKey(why) => (words.wrong_key)(why),
        InboxError::NewerSchema { .. } => words.newer.to_owned(),
        InboxError::NotDurable(why) => (words.not_durable)(why),
        InboxError::Damaged(why) => (words.damaged)(why),
        other => (words.failed)(&other.to_string()),
    }
}

/// Says the same in the language of the user and in English.
pub(crate) fn said(error: &InboxError) -> Said {
    Said::new(|t| words(t, error))
}
