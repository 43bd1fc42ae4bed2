//! Where the configuration of a vendor is read from. Secrets are never arguments, because other users of the machine can see
//! those.

use std::path::PathBuf;

use kyc_br::INTEGRATIONS;
use kyc_br::config::{ConfigError, ConfigKey, ConfigLoader, Section, config_keys, section_keys};
use kyc_core::{ConfigTable, Integration};

use crate::failure::Failure;
use crate::messages::text;
use crate::{output, private, variables};

/// Where the configuration is read from: the file or profile that an option names, else the environment, else `kyc.toml`.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Files {
    #[arg(long, value_name = "NAME", help = text().help.profile)]
    profile: Option<String>,
    #[arg(long, value_name = "FILE", help = text().help.config)]
    config: Option<PathBuf>,
}

/// The same, or the embedded sandbox.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Source {
    #[command(flatten)]
    files: Files,
    #[arg(long, help = text().help.use_sandbox)]
    sandbox: bool,
}

impl Source {
    pub(crate) fn files(&self) -> &Files {
        &self.files
    }

    /// Returns whether the embedded sandbox was requested. It then takes precedence over every configuration.
    pub(crate) fn wants_sandbox(&self) -> bool {
        wants_sandbox(self.sandbox)
    }

    /// Returns a vendor's configuration; `None` if none exists and no option names one.
    pub(crate) fn table(&self, integration: &Integration) -> Result<Option<ConfigTable>, Failure> {
        note_misspelt();
        let table = self.files.loader().table(integration.key()).map_err(failure)?;
        if let Some(table) = &table {
            hide_secrets(&config_keys(integration), table);
        }
        Ok(table)
    }

    /// Returns a vendor's configuration; `None` if none exists, even if an option names a file or a profile.
    pub(crate) fn table_if_any(&self, integration: &Integration) -> Result<Option<ConfigTable>, Failure> {
        self.files.table_if_any(integration)
    }
}

impl Files {
    /// Returns a vendor's configuration; `None` if none exists, even if an option names a file or a profile.
    pub(crate) fn table_if_any(&self, integration: &Integration) -> Result<Option<ConfigTable>, Failure> {
        match self.loader().table(integration.key()) {
            Err(ConfigError::Absent(_)) => Ok(None),
            Ok(Some(table)) => {
                hide_secrets(&config_keys(integration), &table);
                Ok(Some(table))
            }
            other => other.map_err(failure),
        }
    }

    /// Returns the vendors that are configured, each with its configuration. There may be none.
    pub(crate) fn tables(&self) -> Result<Vec<(&'static Integration, ConfigTable)>, Failure> {
        note_misspelt();
        let mut found = Vec::new();
        for integration in INTEGRATIONS {
            found.extend(self.table_if_any(integration)?.map(|table| (integration, table)));
        }
        Ok(found)
    }

    /// Returns a table that is not a vendor's; `None` if it is not set.
    pub(crate) fn section(&self, section: Section) -> Result<Option<ConfigTable>, Failure> {
        let table = self.loader().section(section).map_err(failure)?;
        if let Some(table) = &table {
            hide_secrets(&section_keys(section), table);
        }
        Ok(table)
    }

    fn loader(&self) -> ConfigLoader {
        let mut loader = ConfigLoader::new();
        if let Some(name) = &self.profile {
            loader = loader.profile(name);
        }
        if let Some(path) = &self.config {
            loader = loader.file(path);
        }
        loader
    }
}

/// Returns whether the sandbox was requested by an option or by the environment.
pub(crate) fn wants_sandbox(option: bool) -> bool {
    // Whatever is not clearly a no counts as a request: the sandbox costs nothing.
    let is_yes = |value: String| {
        !["", "0", "false", "no", "off"].contains(&value.trim().to_ascii_lowercase().as_str())
    };
    option || std::env::var("KYC_SANDBOX").is_ok_and(is_yes)
}

fn note_misspelt() {
    for (found, known) in variables::misspelt() {
        output::note(&(text().errors.misspelt)(&found, &known));
    }
}

fn failure(error: ConfigError) -> Failure {
    match error {
        ConfigError::Vendor(error) => Failure::client(error),
        // The message may contain a file name.
        other => Failure::setup(|_| output::visible(&other.to_string())),
    }
}

/// Hides the secrets in whatever a vendor repeats of them.
fn hide_secrets(keys: &[ConfigKey], table: &ConfigTable) {
    let secret: Vec<_> = keys.iter().filter(|key| key.is_secret).collect();
    let is_secret = |name: &str| secret.iter().any(|key| key.path.join("_") == name);
    for (_, text) in table.texts().iter().filter(|(name, _)| is_secret(name)) {
        private::add(text.expose());
    }
}

/// Returns the variables without which a vendor has no configuration.
pub(crate) fn required_variables(integration: &Integration) -> String {
    let keys = config_keys(integration).into_iter().filter(|key| key.is_required);
    keys.map(|key| key.variable).collect::<Vec<_>>().join(", ")
}

/// Returns the variables that set up the webhooks of any vendor.
pub(crate) fn webhook_variables() -> String {
    let keys = INTEGRATIONS.iter().flat_map(config_keys).filter(|key| key.path[0] == "webhook");
    // How a key is read is no reason to receive anything.
    let keys = keys.filter(|key| key.is_secret || !key.kind.contains('`'));
    keys.map(|key| key.variable).collect::<Vec<_>>().join(", ")
}

/// Returns whether a key has this value, as a public credential of the sandbox has.
pub(crate) fn has_value(table: &ConfigTable, name: &str, value: &str) -> bool {
    table.texts().iter().any(|(key, text)| key == name && text.expose() == value)
}

/// Returns the names of the keys that are set, joined by underscores as in variables.
pub(crate) fn names(table: &ConfigTable) -> Vec<String> {
    let texts = table.texts().into_iter();
    texts.filter(|(_, text)| !text.expose().trim().is_empty()).map(|(name, _)| name).collect()
}
