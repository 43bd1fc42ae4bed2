//! Where the cases are, and how they are protected.

use std::path::{Path, PathBuf};

use kyc_br::config::{Section, VerifyConfig};
use kyc_core::ConfigTable;
use kyc_verify::{KeyRing, SqliteStore};

use super::failures;
use crate::config::Files;
use crate::failure::Failure;
use crate::messages::{Messages, text};
use crate::{files, store};

const DEFAULT_FILE: &str = "kyc-verify.sqlite";

/// The cases of sample applicants, which nobody has to protect.
const SAMPLE_FILE: &str = "kyc-verify-sample.sqlite";

/// The options that name a store of cases, before what the configuration says.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct Store {
    #[arg(long, value_name = "FILE", help = text().verify_help.store)]
    store: Option<PathBuf>,
    #[arg(long, help = text().verify_help.plain_text)]
    plain_text: bool,
}

/// A store of cases.
pub(super) struct Place {
    path: PathBuf,
    /// `None`: it is in plain text.
    keys: Option<KeyRing>,
    /// The options by which another run finds it.
    pub(super) options: String,
}

impl Store {
    /// Returns the store for cases of real persons: a key is demanded unless plain text is chosen by name.
    pub(super) fn place(&self, files: &Files) -> Result<Place, Failure> {
        let table = files.section(Section::VERIFY)?;
        let config = read(table.as_ref())?;
        let keys = match (&table, &config.key) {
            _ if self.plain_text => None,
            (Some(table), Some(_)) if config.plain_text => {
                let rule = "must not be true, because a key is set, too";
                return Err(Failure::client(table.invalid(&["plain_text"], rule)));
            }
            (Some(table), Some(key)) => Some(store::ring(table, key, &config.previous_keys)?),
            _ if config.plain_text => None,
            _ => return Err(Failure::setup(|t| t.verify.no_key.to_owned())),
        };
        let path = self.store.clone().or(config.path).unwrap_or_else(|| DEFAULT_FILE.into());
        Ok(Place { path, keys, options: self.options() })
    }

    /// Returns the store for the sample applicant: in plain text, because nothing of it is real.
    pub(super) fn sample_place(&self, files: &Files) -> Result<Place, Failure> {
        if self.store.is_some() {
            return self.place(files);
        }
        // Without a configuration the sample's store is found by itself.
        let is_found = files.section(Section::VERIFY)?.is_none() && !Path::new(DEFAULT_FILE).exists();
        let options = if is_found { String::new() } else { format!(" --store {SAMPLE_FILE} --plain-text") };
        Ok(Place { path: SAMPLE_FILE.into(), keys: None, options })
    }

    /// Opens a store that exists: the one that is named or configured, else that of the sample applicant.
    pub(super) fn open(&self, files: &Files) -> Result<(SqliteStore, Place), Failure> {
        let is_named = self.store.is_some() || self.plain_text || files.section(Section::VERIFY)?.is_some();
        let is_sample = !is_named && !Path::new(DEFAULT_FILE).exists() && Path::new(SAMPLE_FILE).exists();
        let place = if is_sample { self.sample_place(files)? } else { self.place(files)? };
        if !place.path.exists() {
            let shown = files::shown(&place.path);
            return Err(Failure::setup(|t| (t.verify.no_file)(&shown)));
        }
        Ok((place.open()?, place))
    }

    fn options(&self) -> String {
        let path = self.store.as_ref().map(|path| format!(" --store {}", files::shown(path)));
        let plain_text = if self.plain_text { " --plain-text" } else { "" };
        path.unwrap_or_default() + plain_text
    }
}

impl Place {
    /// Opens the store, or creates it.
    pub(super) fn open(&self) -> Result<SqliteStore, Failure> {
        let builder = SqliteStore::builder(&self.path);
        let builder = match &self.keys {
            Some(keys) => builder.keys(keys.clone()),
            None => builder.plain_text(),
        };
        builder.open().map_err(|error| failures::at(&self.path, &error))
    }

    /// Says where the cases are kept, and how.
    pub(super) fn words(&self, t: &Messages) -> String {
        let shown = files::shown(&self.path);
        if self.keys.is_some() { (t.verify.encrypted)(&shown) } else { (t.verify.plain_text)(&shown) }
    }
}

/// Reads the table of the configuration; an empty one if there is none.
pub(super) fn read(table: Option<&ConfigTable>) -> Result<VerifyConfig, Failure> {
    let config = table.map(ConfigTable::read::<VerifyConfig>).transpose();
    Ok(config.map_err(Failure::client)?.unwrap_or_default())
}
