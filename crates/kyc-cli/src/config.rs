//! The configuration of each vendor. Secrets are never arguments, because other users of the machine can see those.

use std::path::{Path, PathBuf};

use bankly_kyc::Config as Bankly;
use cellere_portal::Config as Cellere;
use certiface::Config as Certiface;
use clearsale_facematch::Config as Clearsale;
use kyc_br::config::ConfigError;
use kyc_core::{ClientCertificate, Clock as _, Secret, SystemClock};
use serde::de::DeserializeOwned;

use crate::failure::Failure;
use crate::messages::{Messages, Said, text};
use crate::{files, output, private, variables};

/// Where the configuration is read from: the file or profile that an option names, else the environment, else `kyc.toml`.
#[derive(Clone, Debug, clap::Args)]
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

    /// Returns a vendor's configuration by its key.
    fn read<C: DeserializeOwned>(&self, key: &str) -> Result<Option<C>, Failure> {
        let table = self.loader().table(key).map_err(failure)?;
        table.map(|table| table.read().map_err(Failure::client)).transpose()
    }

    fn loader(&self) -> kyc_br::config::ConfigLoader {
        for (found, known) in variables::misspelt() {
            output::note(&(text().errors.misspelt)(&found, &known));
        }
        let mut loader = kyc_br::config::ConfigLoader::new();
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

/// Returns Bankly's configuration; `None` if none exists and no option names one.
pub(crate) fn bankly(source: &Source) -> Result<Option<Bankly>, Failure> {
    let config: Option<Bankly> = source.read("bankly")?;
    hide(config.as_ref().and_then(|config| config.client_secret.as_ref()));
    config.as_ref().map_or(Ok(()), check_bankly)?;
    Ok(config)
}

/// Checks what would otherwise end in a refusal that names neither the file nor the address at fault.
fn check_bankly(config: &Bankly) -> Result<(), Failure> {
    let refuse = |words: fn(&Messages) -> &'static str| Err(Failure::setup(|t| words(t).to_owned()));
    match (&config.certificate, &config.key) {
        (Some(certificate), Some(key)) => check_certificate(certificate, key, config.authority.as_deref()),
        (None, None) if config.authority.is_some() => refuse(|t| t.setup.authority_alone),
        (None, None) if config.base_url.is_none() => refuse(|t| t.setup.no_certificate),
        _ => Ok(()),
    }
}

fn check_certificate(certificate: &Path, key: &Path, authority: Option<&Path>) -> Result<(), Failure> {
    let named = [("certificate", Some(certificate)), ("key", Some(key)), ("authority", authority)];
    for (name, path) in named.into_iter().filter_map(|(name, path)| Some((name, path?))) {
        let refuse = |what: Said| {
            let shown = files::shown(path);
            Failure::setup(|t| (t.setup.certificate_file)(name, &format!("{shown} {}", what.of(t))))
        };
        std::fs::metadata(path).map_err(|error| refuse(files::unreadable(&error)))?;
        files::check_text(path).map_err(refuse)?;
    }
    let (certificate_shown, key_shown) = (files::shown(certificate), files::shown(key));
    let read = ClientCertificate::read(certificate, key).map_err(|rule| {
        // With its subject: the certificate or the key.
        let rule = Said::new(|t| (t.errors.rule)(&rule.to_string()));
        Failure::setup(|t| (t.setup.certificate_pair)(&certificate_shown, &key_shown, rule.of(t)))
    })?;
    if let Some(end) = bankly_kyc::certificate_expires(&read)
        && end <= SystemClock.now()
    {
        return Err(Failure::setup(|t| (t.setup.certificate_expired)(&certificate_shown, &end.to_rfc3339())));
    }
    Ok(())
}

/// Returns Cellere's configuration; `None` if none exists and no option names one, or if the sandbox was requested.
pub(crate) fn cellere(source: &Source) -> Result<Option<Cellere>, Failure> {
    if source.wants_sandbox() {
        return Ok(None);
    }
    let config: Option<Cellere> = source.read("cellere")?;
    hide(config.as_ref().map(|config| &config.token));
    Ok(config)
}

/// Returns Certiface's configuration; `None` if none exists and no option names one.
pub(crate) fn certiface(source: &Source) -> Result<Option<Certiface>, Failure> {
    let config: Option<Certiface> = source.read("certiface")?;
    hide(config.as_ref().map(|config| &config.password));
    Ok(config)
}

/// Returns ClearSale's configuration; `None` if none exists and no option names one, or if the sandbox was requested.
pub(crate) fn clearsale(source: &Source) -> Result<Option<Clearsale>, Failure> {
    if source.wants_sandbox() {
        return Ok(None);
    }
    let config: Option<Clearsale> = source.read("clearsale")?;
    hide(config.as_ref().map(|config| &config.client_secret));
    Ok(config)
}

/// Hides a secret in whatever a vendor repeats of it.
fn hide(secret: Option<&Secret<String>>) {
    if let Some(secret) = secret {
        private::add(secret.expose());
    }
}

fn failure(error: ConfigError) -> Failure {
    match error {
        ConfigError::Vendor(error) => Failure::client(error),
        // The message may contain a file name.
        other => Failure::setup(|_| output::visible(&other.to_string())),
    }
}
