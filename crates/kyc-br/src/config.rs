//! Clients out of the environment and `kyc.toml`, and what they can do.
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

mod clients;
mod tables;

pub use clients::Clients;

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use kyc_core::{Error, Secret};

use tables::{File, Tables};

const DEFAULT_FILE: &str = "kyc.toml";

/// Where configurations are looked for: what is named here, else the `KYC_*` variables, else `./kyc.toml`.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct ConfigLoader {
    file: Option<PathBuf>,
    profile: Option<String>,
}

/// Why there is no configuration. Nothing of what stands in a file is repeated: it may be a secret.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// What is there cannot be used; the text says where and why.
    #[error("{0}")]
    Unusable(String),
    /// A vendor has no table where one was asked for.
    #[error("{0}")]
    Absent(String),
    /// A vendor's crate refuses it.
    #[error(transparent)]
    Vendor(#[from] Error),
}

/// One vendor's configuration, and how it is come by.
struct Wanted<C> {
    table: &'static str,
    from_env: fn() -> Result<Option<C>, Error>,
    from_tables: fn(Tables) -> Option<C>,
    /// What the others mean nothing without, as "A and B are".
    credentials: &'static str,
    others: &'static [&'static str],
}

impl ConfigLoader {
    /// The environment, else `./kyc.toml`.
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

    /// Bankly's configuration; `None` if no source has one and no file or profile was named.
    ///
    /// # Errors
    /// A file that cannot be used, half a configuration, or none where one was asked for.
    #[cfg(feature = "bankly")]
    pub fn bankly(&self) -> Result<Option<bankly_kyc::Config>, ConfigError> {
        self.find(&Wanted {
            table: "bankly",
            from_env: bankly_kyc::Config::from_env,
            from_tables: |tables| tables.bankly,
            credentials: "KYC_BANKLY_CLIENT_ID is",
            others: &[
                "KYC_BANKLY_CLIENT_SECRET",
                "KYC_BANKLY_CERTIFICATE",
                "KYC_BANKLY_KEY",
                "KYC_BANKLY_AUTHORITY",
                "KYC_BANKLY_SCOPES",
                "KYC_BANKLY_ENVIRONMENT",
                "KYC_BANKLY_BASE_URL",
                "KYC_BANKLY_AUTH_URL",
            ],
        })
    }

    /// Cellere's configuration; `None` if no source has one and no file or profile was named.
    ///
    /// # Errors
    /// A file that cannot be used, half a configuration, or none where one was asked for.
    #[cfg(feature = "cellere")]
    pub fn cellere(&self) -> Result<Option<cellere_portal::Config>, ConfigError> {
        self.find(&Wanted {
            table: "cellere",
            from_env: cellere_portal::Config::from_env,
            from_tables: |tables| tables.cellere,
            credentials: "KYC_CELLERE_TOKEN is",
            others: &[
                "KYC_CELLERE_BASE_URL",
                "KYC_CELLERE_LEAST_CONFIABILITY",
                "KYC_CELLERE_DOCUMENT_PATH",
                "KYC_CELLERE_DOCUMENT_FORM",
                "KYC_CELLERE_CPF_ENDPOINT",
                "KYC_CELLERE_CNPJ_ENDPOINT",
                "KYC_CELLERE_METER_PATH",
                "KYC_CELLERE_METER_FORM",
                "KYC_CELLERE_METER_SERVICE_FIELD",
                "KYC_CELLERE_METER_READING_FIELD",
                "KYC_CELLERE_FACEMATCH_PATH",
                "KYC_CELLERE_FACEMATCH_FORM",
                "KYC_CELLERE_BALANCE_PATH",
            ],
        })
    }

    /// Certiface's configuration; `None` if no source has one and no file or profile was named.
    ///
    /// # Errors
    /// A file that cannot be used, half a configuration, or none where one was asked for.
    #[cfg(feature = "certiface")]
    pub fn certiface(&self) -> Result<Option<certiface::Config>, ConfigError> {
        self.find(&Wanted {
            table: "certiface",
            from_env: certiface::Config::from_env,
            from_tables: |tables| tables.certiface,
            credentials: "KYC_CERTIFACE_LOGIN and KYC_CERTIFACE_PASSWORD are",
            others: &["KYC_CERTIFACE_ENVIRONMENT", "KYC_CERTIFACE_BASE_URL", "KYC_CERTIFACE_RESULT_BASE_URL"],
        })
    }

    /// ClearSale's configuration; `None` if no source has one and no file or profile was named.
    ///
    /// # Errors
    /// A file that cannot be used, half a configuration, or none where one was asked for.
    #[cfg(feature = "clearsale")]
    pub fn clearsale(&self) -> Result<Option<clearsale_facematch::Config>, ConfigError> {
        self.find(&Wanted {
            table: "clearsale",
            from_env: clearsale_facematch::Config::from_env,
            from_tables: |tables| tables.clearsale,
            credentials: "KYC_CLEARSALE_CLIENT_ID and KYC_CLEARSALE_CLIENT_SECRET are",
            others: &["KYC_CLEARSALE_ENVIRONMENT", "KYC_CLEARSALE_BASE_URL"],
        })
    }

    /// One of several vendors: a file or profile that was named need not have all of them.
    fn optional<C>(
        &self,
        find: impl Fn(&Self) -> Result<Option<C>, ConfigError>,
    ) -> Result<Option<C>, ConfigError> {
        match find(self) {
            Err(ConfigError::Absent(_)) => Ok(None),
            found => found,
        }
    }

    fn was_named(&self) -> bool {
        self.file.is_some() || self.profile.is_some()
    }

    fn find<C>(&self, wanted: &Wanted<C>) -> Result<Option<C>, ConfigError> {
        // What was named comes before what happens to be set.
        if !self.was_named()
            && let Some(config) = (wanted.from_env)()?
        {
            return Ok(Some(config));
        }
        if let Some(config) = self.in_file(wanted)? {
            return Ok(Some(config));
        }
        // Half a configuration is a slip: to go on without the vendor would hide it.
        let is_set = |name: &&&str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        match wanted.others.iter().find(is_set) {
            Some(name) => {
                Err(ConfigError::Unusable(format!("{name} is set, but {} not", wanted.credentials)))
            }
            None => Ok(None),
        }
    }

    fn in_file<C>(&self, wanted: &Wanted<C>) -> Result<Option<C>, ConfigError> {
        let path = self.file.as_deref().unwrap_or(Path::new(DEFAULT_FILE));
        let shown = printable(&path.to_string_lossy());
        let unusable = |what: String| ConfigError::Unusable(format!("{shown} {what}"));
        let text = match std::fs::read_to_string(path) {
            Ok(text) => Secret::new(text),
            Err(error) if error.kind() == ErrorKind::NotFound && !self.was_named() => return Ok(None),
            Err(error) => return Err(unusable(format!("cannot be read: {}", error.kind()))),
        };
        let file = File::read(text.expose()).map_err(unusable)?;
        let place =
            self.profile.as_deref().map_or_else(String::new, |name| format!("profile.{}.", printable(name)));
        let absent = format!("has no [{place}{}]", wanted.table);
        let tables = match &self.profile {
            None => file.top(),
            // A slip in the name would else look like a profile without any vendor.
            Some(name) => file.profile(name).ok_or_else(|| unusable(absent.clone()))?,
        };
        let found = (wanted.from_tables)(tables);
        if found.is_none() && self.was_named() {
            return Err(ConfigError::Absent(format!("{shown} {absent}")));
        }
        Ok(found)
    }
}

/// A name from outside, without what would move a terminal's cursor or turn the direction of writing.
fn printable(text: &str) -> String {
    let is_shown = |symbol: &char| {
        let turns =
            matches!(symbol, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
        !symbol.is_control() && !turns
    };
    text.chars().filter(is_shown).collect()
}
