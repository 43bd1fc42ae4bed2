//! Where the configuration of a vendor is read from. Secrets are never arguments, because other users of the machine can see
//! those.

use std::path::PathBuf;

use kyc_br::config::{ConfigError, ConfigLoader, config_keys};
use kyc_core::{ConfigTable, Integration};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::failure::Failure;
use crate::messages::text;
use crate::{output, private, variables};

/// Where the configuration is read from: the file or profile that an option names, else the environment, else `kyc.toml`.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Source {
    #[arg(long, value_name = "NAME", help = text().help.profile)]
    profile: Option<String>,
    #[arg(long, value_name = "FILE", help = text().help.config)]
    config: Option<PathBuf>,
    #[arg(long, help = text().help.use_sandbox)]
    sandbox: bool,
}

impl Source {
    /// Returns whether the embedded sandbox was requested. It then takes precedence over every configuration.
    pub(crate) fn wants_sandbox(&self) -> bool {
        wants_sandbox(self.sandbox)
    }

    /// Returns a vendor's configuration; `None` if none exists and no option names one.
    pub(crate) fn table(&self, integration: &Integration) -> Result<Option<ConfigTable>, Failure> {
        for (found, known) in variables::misspelt() {
            output::note(&(text().errors.misspelt)(&found, &known));
        }
        let table = self.loader().table(integration.key()).map_err(failure)?;
        if let Some(table) = &table {
            hide_secrets(integration, table);
        }
        Ok(table)
    }

    /// Returns a vendor's configuration; `None` if none exists, even if an option names a file or a profile.
    pub(crate) fn table_if_any(&self, integration: &Integration) -> Result<Option<ConfigTable>, Failure> {
        match self.loader().table(integration.key()) {
            Err(ConfigError::Absent(_)) => Ok(None),
            Ok(Some(table)) => {
                hide_secrets(integration, &table);
                Ok(Some(table))
            }
            other => other.map_err(failure),
        }
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

fn failure(error: ConfigError) -> Failure {
    match error {
        ConfigError::Vendor(error) => Failure::client(error),
        // The message may contain a file name.
        other => Failure::setup(|_| output::visible(&other.to_string())),
    }
}

/// Hides the secrets in whatever a vendor repeats of them.
fn hide_secrets(integration: &Integration, table: &ConfigTable) {
    let secret: Vec<_> = config_keys(integration).into_iter().filter(|key| key.is_secret).collect();
    let is_secret = |name: &str| secret.iter().any(|key| key.path.join("_") == name);
    for (_, text) in texts(table).iter().filter(|(name, _)| is_secret(name)) {
        private::add(text);
    }
}

/// Returns the variables without which a vendor has no configuration.
pub(crate) fn required_variables(integration: &Integration) -> String {
    let keys = config_keys(integration).into_iter().filter(|key| key.is_required);
    keys.map(|key| key.variable).collect::<Vec<_>>().join(", ")
}

/// Returns whether a key has this value, as a public credential of the sandbox has.
pub(crate) fn has_value(table: &ConfigTable, name: &str, value: &str) -> bool {
    texts(table).iter().any(|(key, text)| key == name && text == value)
}

/// Returns the names of the keys that are set, joined by underscores as in variables.
pub(crate) fn names(table: &ConfigTable) -> Vec<String> {
    texts(table).into_iter().filter(|(_, text)| !text.trim().is_empty()).map(|(name, _)| name).collect()
}

/// Returns the texts of a configuration by the names of their keys, which are joined by underscores as in variables.
fn texts(table: &ConfigTable) -> Vec<(String, String)> {
    table.read::<Texts>().map(|texts| texts.0).unwrap_or_default()
}

struct Texts(Vec<(String, String)>);

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Collect)
    }
}

struct Collect;

impl<'de> Visitor<'de> for Collect {
    type Value = Texts;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a table")
    }

    fn visit_str<E>(self, text: &str) -> Result<Texts, E> {
        Ok(Texts(vec![(String::new(), text.to_owned())]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Texts, A::Error> {
        let mut texts = Vec::new();
        while let Some(Texts(more)) = items.next_element()? {
            texts.extend(more);
        }
        Ok(Texts(texts))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Texts, A::Error> {
        let mut texts = Vec::new();
        while let Some((key, Texts(more))) = entries.next_entry::<String, Texts>()? {
            let named = |(name, text): (String, String)| {
                let name = if name.is_empty() { key.clone() } else { format!("{key}_{name}") };
                (name, text)
            };
            texts.extend(more.into_iter().map(named));
        }
        Ok(Texts(texts))
    }
}
