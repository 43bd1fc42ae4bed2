//! The tables that are not a vendor's: those of the inbox, of the listener and of verifications.

use std::fmt;
use std::path::PathBuf;

use kyc_core::{ConfigTable, Secret, Vendor};
use serde::Deserialize;

use super::{ConfigError, ConfigLoader, file};

/// A table of `kyc.toml` that is not a vendor's. A profile may have one of its own: `[profile.NAME.inbox]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Section {
    vendor: Vendor,
    title: &'static str,
}

impl Section {
    /// The inbox of webhooks, which [`InboxConfig`] describes.
    pub const INBOX: Self = Self { vendor: Vendor::new("inbox"), title: "Inbox" };
    /// The listener of the program `kyc`, which [`ListenConfig`] describes.
    pub const LISTEN: Self = Self { vendor: Vendor::new("listen"), title: "Listener" };
    /// The verifications of persons, which [`VerifyConfig`] describes.
    pub const VERIFY: Self = Self { vendor: Vendor::new("verify"), title: "Verifications" };
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::INBOX, Self::LISTEN, Self::VERIFY];

    /// Returns the name of the table, which is also part of its variables `KYC_<KEY>_*`.
    #[must_use]
    pub fn key(self) -> &'static str {
        self.vendor.name()
    }

    /// Returns the name for people.
    #[must_use]
    pub fn title(self) -> &'static str {
        self.title
    }

    #[cfg(feature = "schema")]
    pub(super) fn schema(self) -> serde_json::Value {
        match self {
            Self::INBOX => schemars::schema_for!(InboxConfig).to_value(),
            Self::VERIFY => schemars::schema_for!(VerifyConfig).to_value(),
            _ => schemars::schema_for!(ListenConfig).to_value(),
        }
    }
}

/// The inbox of webhooks: `[inbox]` in `kyc.toml`, or the variables `KYC_INBOX_*`.
#[derive(Clone, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct InboxConfig {
    /// The SQLite file, on a local disk: `kyc-inbox.sqlite` by default.
    pub path: Option<PathBuf>,
    /// The key that the inbox is encrypted with: 32 bytes in base64, as `kyc inbox key` prints.
    pub key: Option<Secret<String>>,
    /// The keys that the inbox had before. They can be removed after the inbox was opened once with the new key.
    pub previous_keys: Vec<Secret<String>>,
    /// Whether the inbox is not encrypted. There is no such default: without a key it must be said.
    pub plain_text: bool,
}

impl fmt::Debug for InboxConfig {
    /// Omits the place of the file, which may name anything.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_encrypted = self.key.is_some();
        f.debug_struct("InboxConfig").field("is_encrypted", &is_encrypted).finish_non_exhaustive()
    }
}

/// The listener: `[listen]` in `kyc.toml`, or the variables `KYC_LISTEN_*`. The options of `kyc listen` take precedence.
#[derive(Clone, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct ListenConfig {
    /// The address and the port to listen on: `127.0.0.1:8760` by default.
    pub address: Option<String>,
    /// The URL at which the vendors reach the listener, spelt as it is registered with them, without `/webhooks/…`.
    pub public_url: Option<String>,
    /// The addresses or networks of the proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<String>,
    /// The URL that events are forwarded to. It must use https, or http on this machine.
    pub forward_to: Option<Secret<String>>,
    /// The webhooks that are received, such as `certiface-completion`: by default all that are configured.
    pub sources: Vec<String>,
}

impl fmt::Debug for ListenConfig {
    /// Omits addresses and URLs, as every configuration does.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListenConfig").field("forwards", &self.forward_to.is_some()).finish_non_exhaustive()
    }
}

/// The verifications of persons: `[verify]` in `kyc.toml`, or the variables `KYC_VERIFY_*`.
#[derive(Clone, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct VerifyConfig {
    /// The SQLite file of the cases, on a local disk: `kyc-verify.sqlite` by default.
    pub path: Option<PathBuf>,
    /// The key that the cases are encrypted with: 32 bytes in base64, as `kyc verify key` prints.
    pub key: Option<Secret<String>>,
    /// The keys that the cases had before. They can be removed after the file was opened once with the new key.
    pub previous_keys: Vec<Secret<String>>,
    /// Whether the cases are not encrypted. There is no such default: without a key it must be said.
    pub plain_text: bool,
    /// The file of the policy by which new cases are decided: by default the one that `kyc verify policy show` prints.
    pub policy: Option<PathBuf>,
    /// Whether pictures are looked at on this machine before anything is sent, so that the person is asked once for better ones.
    pub preflight: bool,
}

impl fmt::Debug for VerifyConfig {
    /// Omits the places of the files, which may name anything.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_encrypted = self.key.is_some();
        f.debug_struct("VerifyConfig").field("is_encrypted", &is_encrypted).finish_non_exhaustive()
    }
}

impl ConfigLoader {
    /// Returns a table that is not a vendor's. Returns `None` if it is not set.
    ///
    /// A file or a profile that is named comes first here, too, but its table may be missing: then the environment is read.
    ///
    /// # Errors
    /// `Unusable` if the file cannot be read; `Vendor` if a variable is not UTF-8.
    pub fn section(&self, section: Section) -> Result<Option<ConfigTable>, ConfigError> {
        let environment = || ConfigTable::from_env(section.vendor, section.key()).map_err(ConfigError::from);
        let in_file = || self.section_of_file(section);
        if self.was_named() {
            in_file()?.map_or_else(environment, |table| Ok(Some(table)))
        } else {
            environment()?.map_or_else(in_file, |table| Ok(Some(table)))
        }
    }

    fn section_of_file(&self, section: Section) -> Result<Option<ConfigTable>, ConfigError> {
        let (key, path) = (section.key(), self.path());
        let value = file::File::read(path, self.was_named(), self.profile.as_deref())?.table(key);
        let table = |value| {
            ConfigTable::from_file(section.vendor, key, file::shown(path), self.table_name(key), value)
        };
        Ok(value.map(table))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inbox(loader: &ConfigLoader) -> Result<InboxConfig, kyc_core::Error> {
        loader.section(Section::INBOX).expect("readable").expect("set").read()
    }

    fn loader(content: &str) -> (tempfile::TempDir, ConfigLoader) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("kyc.toml");
        std::fs::write(&path, content).expect("written");
        (folder, ConfigLoader::new().file(path))
    }

    #[test]
    fn the_tables_are_read_and_a_profile_has_its_own() {
        let (_folder, loader) = loader(
            "[inbox]\nkey = 'aa'\nprevious_keys = ['bb', 'cc']\n[listen]\nsources = ['toy']\n\
             [verify]\nkey = 'dd'\npolicy = 'strict.toml'\npreflight = true\n\
             [profile.p.inbox]\nplain_text = true\npath = 'p.sqlite'\n",
        );
        let found = inbox(&loader).expect("valid");
        assert!(found.key.is_some() && found.previous_keys.len() == 2 && !found.plain_text);
        assert!(!format!("{found:?}").contains("bb"));
        let listen = loader.section(Section::LISTEN).expect("readable").expect("set").read::<ListenConfig>();
        assert_eq!(listen.expect("valid").sources, ["toy"]);
        let verify = loader.section(Section::VERIFY).expect("readable").expect("set").read::<VerifyConfig>();
        let verify = verify.expect("valid");
        assert!(
            verify.preflight
                && verify.key.is_some()
                && verify.policy.is_some_and(|path| path.ends_with("strict.toml"))
        );
        let profile = loader.profile("p");
        let found = inbox(&profile).expect("valid");
        assert!(found.plain_text && found.key.is_none());
        assert!(profile.section(Section::LISTEN).expect("readable").is_none());
    }

    #[test]
    fn a_misspelt_key_is_named_and_no_value_is() {
        let (_folder, loader) = loader("[inbox]\nprevius_keys = 'hunter2'\n");
        let error = inbox(&loader).expect_err("unknown").to_string();
        assert!(error.contains("[inbox] previus_keys is not known (line 2, did you mean previous_keys?)"));
        assert!(!error.contains("hunter2"), "{error}");
        let (_folder, loader) = self::loader("[inbix]\nkey = 'hunter2'\n");
        let error = loader.section(Section::INBOX).expect_err("unknown").to_string();
        assert!(error.contains("did you mean [inbox]?") && !error.contains("hunter2"), "{error}");
    }
}
