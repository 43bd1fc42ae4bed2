//! Clients and receivers of webhooks from the environment and `kyc.toml`.
//!
//! ```no_run
//! use kyc_br::config::ConfigLoader;
//! # fn run() -> Result<(), kyc_br::config::ConfigError> {
//! let clients = ConfigLoader::new().clients()?;
//! for matcher in clients.face_matchers() {
//!     println!("{}", matcher.vendor());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! A vendor has one table, which its crate's `Config` describes, and a profile has the same tables:
//!
//! ```toml
//! [clearsale]
//! client_id = "…"
//! client_secret = "…"
//!
//! [profile.production.clearsale]
//! client_id = "…"
//! client_secret = "…"
//! environment = "production"
//! ```
//!
//! The variable of a key is `KYC_<VENDOR>_<KEY>`, as `KYC_CLEARSALE_CLIENT_ID`. A vendor's configuration comes whole from one
//! place: if any of its variables is set, its table is not read. A file or a profile that is named is read instead of the
//! environment. The tables `[inbox]` and `[listen]` belong to the receiver of webhooks: [`InboxConfig`], [`ListenConfig`]; and
//! `[verify]` to the verification of persons: [`VerifyConfig`].

mod clients;
mod file;
#[cfg(feature = "schema")]
mod keys;
mod sections;

pub use clients::Clients;
#[cfg(feature = "schema")]
pub use keys::{ConfigKey, config_keys, section_keys};
pub use sections::{InboxConfig, ListenConfig, Section, VerifyConfig};

use std::path::{Path, PathBuf};
use std::sync::Arc;

use kyc_core::{ConfigTable, Error, Integration, WebhookSource, nearest_name};

use crate::vendors::{INTEGRATIONS, KEYS};
use file::File;

const DEFAULT_FILE: &str = "kyc.toml";

/// Where configurations are read from: the file or profile that is named here, else the `KYC_*` variables, else `./kyc.toml`.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct ConfigLoader {
    file: Option<PathBuf>,
    profile: Option<String>,
}

/// Why there is no configuration. The text never holds a value.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file cannot be used; the text says where and why.
    #[error("{0}")]
    Unusable(String),
    /// A vendor has no configuration where one was asked for, or no vendor has one.
    #[error("{0}")]
    Absent(String),
    /// A vendor's configuration is not valid.
    #[error(transparent)]
    Vendor(#[from] Error),
}

impl ConfigLoader {
    /// Reads the environment, else `./kyc.toml`.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads that file, and not the environment.
    pub fn file(mut self, path: impl Into<PathBuf>) -> Self {
        self.file = Some(path.into());
        self
    }

    /// Reads `[profile.NAME.…]` of the file, and not the environment.
    pub fn profile(mut self, name: impl Into<String>) -> Self {
        self.profile = Some(name.into());
        self
    }

    /// Returns a vendor's configuration by the vendor's key, such as `clearsale`. Returns `None` if there is none and no file or
    /// profile was named.
    ///
    /// # Errors
    /// `Unusable` if the file cannot be read; `Absent` if the vendor has no table in the file or profile that was named, or is not
    /// in this build.
    pub fn table(&self, key: &str) -> Result<Option<ConfigTable>, ConfigError> {
        let Some(integration) = INTEGRATIONS.iter().find(|integration| integration.key() == key) else {
            return Err(ConfigError::Absent("this build does not have that vendor".to_owned()));
        };
        match self.find(integration, &mut None)? {
            None if self.was_named() => {
                let (shown, table) = (file::shown(self.path()), self.table_name(key));
                Err(ConfigError::Absent(format!("{shown} has no table [{table}]")))
            }
            found => Ok(found),
        }
    }

    /// Returns the vendors that are configured, each with its configuration.
    ///
    /// # Errors
    /// `Unusable` if the file cannot be read; `Absent` if no vendor is configured.
    pub fn tables(&self) -> Result<Vec<(&'static Integration, ConfigTable)>, ConfigError> {
        let (mut file, mut found) = (None, Vec::new());
        for integration in INTEGRATIONS {
            found.extend(self.find(integration, &mut file)?.map(|table| (integration, table)));
        }
        if found.is_empty() {
            let keys: Vec<_> = INTEGRATIONS.iter().map(Integration::key).collect();
            let (path, keys) = (file::shown(self.path()), keys.join(", "));
            let what = if self.was_named() {
                format!("no vendor is configured: {path} has no table of {keys}")
            } else {
                format!(
                    "no vendor is configured: set the KYC_* variables of one of {keys}, or its table in {path}"
                )
            };
            return Err(ConfigError::Absent(what));
        }
        Ok(found)
    }

    /// Creates a receiver of each webhook that is configured. No API credentials are needed. There may be none.
    ///
    /// # Errors
    /// A configuration that cannot be used; `Absent` if no vendor is configured.
    pub fn webhook_sources(&self) -> Result<Vec<Arc<dyn WebhookSource>>, ConfigError> {
        let mut sources = Vec::new();
        for (integration, table) in self.tables()? {
            sources.extend(integration.webhooks(&table)?);
        }
        Ok(sources)
    }

    /// Returns variables that look like those of a table but have a misspelt key, as `KYC_CLEARSAL_CLIENT_ID`, each with the prefix
    /// that was probably meant. They are not errors, because other programs may use them. No value is read.
    #[must_use]
    pub fn misspelt_variables() -> Vec<(String, String)> {
        let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
        let mut found: Vec<_> = names.filter_map(|name| Some((misspelt(&name)?, name))).collect();
        found.sort_unstable();
        found
            .into_iter()
            .map(|(meant, name)| (name, format!("KYC_{}_*", meant.to_ascii_uppercase())))
            .collect()
    }

    fn find(
        &self,
        integration: &Integration,
        file: &mut Option<File>,
    ) -> Result<Option<ConfigTable>, ConfigError> {
        let (vendor, key) = (integration.vendor(), integration.key());
        // What was named comes before what happens to be set.
        if !self.was_named()
            && let Some(table) = ConfigTable::from_env(vendor, key)?
        {
            return Ok(Some(table));
        }
        let file = match file {
            Some(file) => file,
            None => file.insert(File::read(self.path(), self.was_named(), self.profile.as_deref())?),
        };
        let value = file.table(key);
        let origin = file::shown(self.path());
        Ok(value.map(|value| ConfigTable::from_file(vendor, key, origin, self.table_name(key), value)))
    }

    fn was_named(&self) -> bool {
        self.file.is_some() || self.profile.is_some()
    }

    fn path(&self) -> &Path {
        self.file.as_deref().unwrap_or(Path::new(DEFAULT_FILE))
    }

    fn table_name(&self, key: &str) -> String {
        match &self.profile {
            Some(profile) => format!("profile.{}.{key}", file::printable(profile)),
            None => key.to_owned(),
        }
    }
}

fn misspelt(variable: &str) -> Option<&'static str> {
    let (key, _) = variable.strip_prefix("KYC_")?.split_once('_')?;
    let lower = key.to_ascii_lowercase();
    let known = || KEYS.iter().copied().chain(Section::ALL.iter().map(|section| section.key()));
    let is_known = known().any(|known| known == lower);
    if is_known { None } else { nearest_name(key, known()) }
}
