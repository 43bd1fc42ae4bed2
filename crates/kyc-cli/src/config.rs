//! Which configuration is meant. Never from arguments: other users of the machine see those.

use std::path::{Path, PathBuf};

use bankly_kyc::Config as Bankly;
use cellere_portal::Config as Cellere;
use certiface::Config as Certiface;
use clearsale_facematch::Config as Clearsale;
use kyc_br::config::ConfigError;
use kyc_core::{ClientCertificate, Clock as _, SystemClock};

use crate::exit::Failure;
use crate::{files, output};

/// What the command line names, else the environment, else `kyc.toml`.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Source {
    /// Read [profile.NAME.…] of the configuration file, not its top level
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// Read this file, not ./kyc.toml
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Use the embedded sandbox instead of a vendor: every result is simulated (or set KYC_SANDBOX=1)
    #[arg(long)]
    sandbox: bool,
}

impl Source {
    /// Whether the embedded sandbox is asked for, whatever is configured.
    pub(crate) fn wants_sandbox(&self) -> bool {
        self.sandbox || std::env::var("KYC_SANDBOX").is_ok_and(|value| value.trim() == "1")
    }

    fn named(&self) -> kyc_br::config::ConfigLoader {
        let mut source = kyc_br::config::ConfigLoader::new();
        if let Some(name) = &self.profile {
            source = source.profile(name);
        }
        if let Some(path) = &self.config {
            source = source.file(path);
        }
        source
    }
}

/// Bankly's configuration; `None` if there is none anywhere and none was asked for.
pub(crate) fn bankly(source: &Source) -> Result<Option<Bankly>, Failure> {
    let config = source.named().bankly().map_err(failure)?;
    config.as_ref().map_or(Ok(()), check_bankly)?;
    Ok(config)
}

/// What would end in a refusal that does not say which file or which address is at fault.
fn check_bankly(config: &Bankly) -> Result<(), Failure> {
    let refuse = |what: String| Err(Failure::Setup(what));
    if config.base_url.is_some() && config.auth_url.is_none() {
        return refuse(
            "Bankly's base_url is set, and its auth_url is not: tokens have their own address".to_owned(),
        );
    }
    match (&config.certificate, &config.key) {
        (Some(certificate), Some(key)) => check_certificate(certificate, key, config.authority.as_deref()),
        (None, None) if config.authority.is_some() => {
            refuse("Bankly's authority is set, and its certificate and key are not".to_owned())
        }
        (None, None) if config.base_url.is_none() => refuse(
            "Bankly's addresses ask for a client certificate: set certificate and key, or \
             KYC_BANKLY_CERTIFICATE and KYC_BANKLY_KEY, to its PEM files"
                .to_owned(),
        ),
        _ => Ok(()),
    }
}

fn check_certificate(certificate: &Path, key: &Path, authority: Option<&Path>) -> Result<(), Failure> {
    let named = [("certificate", Some(certificate)), ("key", Some(key)), ("authority", authority)];
    for (name, path) in named.into_iter().filter_map(|(name, path)| Some((name, path?))) {
        std::fs::metadata(path).map_err(|error| {
            let what = format!("Bankly's {name} {} cannot be read: {}", files::shown(path), error.kind());
            Failure::Setup(what)
        })?;
    }
    let read = ClientCertificate::read(certificate, key).map_err(|rule| {
        let files = format!("certificate {} and key {}", files::shown(certificate), files::shown(key));
        Failure::Setup(format!("Bankly's {files}: {rule}"))
    })?;
    if let Some(end) = bankly_kyc::certificate_expires(&read)
        && end <= SystemClock.now()
    {
        let (shown, end) = (files::shown(certificate), end.to_rfc3339());
        let what = format!("Bankly's certificate {shown} ended on {end}: ask Bankly for a new one");
        return Err(Failure::Setup(what));
    }
    Ok(())
}

/// Cellere's configuration; `None` if there is none anywhere and none was asked for.
pub(crate) fn cellere(source: &Source) -> Result<Option<Cellere>, Failure> {
    if source.wants_sandbox() {
        return Ok(None);
    }
    source.named().cellere().map_err(failure)
}

/// Certiface's configuration; `None` if there is none anywhere and none was asked for.
pub(crate) fn certiface(source: &Source) -> Result<Option<Certiface>, Failure> {
    let config = source.named().certiface().map_err(failure)?;
    // Else a key made in one place would be asked about in another.
    if config.as_ref().is_some_and(|config| config.base_url.is_some() && config.result_base_url.is_none()) {
        let what =
            "Certiface's base_url is set, and its result_base_url is not: the result has its own address";
        return Err(Failure::Setup(what.to_owned()));
    }
    Ok(config)
}

/// ClearSale's configuration; `None` if there is none anywhere and none was asked for.
pub(crate) fn clearsale(source: &Source) -> Result<Option<Clearsale>, Failure> {
    if source.wants_sandbox() {
        return Ok(None);
    }
    source.named().clearsale().map_err(failure)
}

fn failure(error: ConfigError) -> Failure {
    match error {
        ConfigError::Vendor(error) => Failure::client(error),
        // It may name a file.
        other => Failure::Setup(output::visible(&other.to_string())),
    }
}
