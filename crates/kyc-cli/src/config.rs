//! Where credentials come from: what the command line names, else the environment, else `kyc.toml`. Never from arguments: other users of the machine see
//! those.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use bankly_kyc::Config as Bankly;
use certiface::Config as Certiface;
use clearsale_facematch::Config as Clearsale;
use kyc_core::{ClientCertificate, Clock as _, Error, Secret, SystemClock};
use serde::Deserialize;

use crate::exit::Failure;
use crate::{files, output};

const DEFAULT_FILE: &str = "kyc.toml";

const BANKLY_KEYS: &str = "[bankly] needs client_id, and certificate and key or client_secret or all of them, and may have \
                           authority, scopes, environment (sandbox or production), base_url, auth_url and \
                           webhook_private_key";

const CERTIFACE_KEYS: &str = "[certiface] needs login and password, and may have environment (homologation or \
                              production), base_url, result_base_url and status_peers";

const CLEARSALE_KEYS: &str = "[clearsale] needs client_id and client_secret, and may have environment \
                              (homologation or production), base_url and webhook_token";

/// Which configuration is meant.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Source {
    /// Read [profile.NAME.…] of the configuration file, not its top level
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// Read this file, not ./kyc.toml
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    bankly: Option<Bankly>,
    certiface: Option<Certiface>,
    clearsale: Option<Clearsale>,
    #[serde(default)]
    profile: BTreeMap<String, Tables>,
}

/// What a profile has; the file's top level has the same.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tables {
    bankly: Option<Bankly>,
    certiface: Option<Certiface>,
    clearsale: Option<Clearsale>,
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

/// Bankly's configuration; `None` if there is none anywhere and none was asked for.
pub(crate) fn bankly(source: &Source) -> Result<Option<Bankly>, Failure> {
    let config = find(
        source,
        &Wanted {
            table: "bankly",
            from_env: Bankly::from_env,
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
        },
    )?;
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
    let end = bankly_kyc::certificate_expires(&read).map_err(Failure::client)?;
    if end <= SystemClock.now() {
        let (shown, end) = (files::shown(certificate), end.to_rfc3339());
        let what = format!("Bankly's certificate {shown} ended on {end}: ask Bankly for a new one");
        return Err(Failure::Setup(what));
    }
    Ok(())
}

/// Certiface's configuration; `None` if there is none anywhere and none was asked for.
pub(crate) fn certiface(source: &Source) -> Result<Option<Certiface>, Failure> {
    let config = find(
        source,
        &Wanted {
            table: "certiface",
            from_env: Certiface::from_env,
            from_tables: |tables| tables.certiface,
            credentials: "KYC_CERTIFACE_LOGIN and KYC_CERTIFACE_PASSWORD are",
            others: &["KYC_CERTIFACE_ENVIRONMENT", "KYC_CERTIFACE_BASE_URL", "KYC_CERTIFACE_RESULT_BASE_URL"],
        },
    )?;
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
    find(
        source,
        &Wanted {
            table: "clearsale",
            from_env: Clearsale::from_env,
            from_tables: |tables| tables.clearsale,
            credentials: "KYC_CLEARSALE_CLIENT_ID and KYC_CLEARSALE_CLIENT_SECRET are",
            others: &["KYC_CLEARSALE_ENVIRONMENT", "KYC_CLEARSALE_BASE_URL"],
        },
    )
}

fn find<C>(source: &Source, wanted: &Wanted<C>) -> Result<Option<C>, Failure> {
    // What was named on the command line comes before what happens to be set.
    if source.profile.is_none()
        && source.config.is_none()
        && let Some(config) = (wanted.from_env)().map_err(Failure::client)?
    {
        return Ok(Some(config));
    }
    if let Some(config) = from_file(source, wanted)? {
        return Ok(Some(config));
    }
    // Half a configuration is a slip: falling back to the sandbox would pass a simulated answer off as a real one.
    for name in wanted.others {
        if std::env::var_os(name).is_some_and(|value| !value.is_empty()) {
            return Err(Failure::Setup(format!("{name} is set, but {} not", wanted.credentials)));
        }
    }
    Ok(None)
}

fn from_file<C>(source: &Source, wanted: &Wanted<C>) -> Result<Option<C>, Failure> {
    let path = source.config.as_deref().unwrap_or(Path::new(DEFAULT_FILE));
    let shown = output::printable(&path.to_string_lossy());
    let was_asked_for = source.config.is_some() || source.profile.is_some();
    let text = match std::fs::read_to_string(path) {
        Ok(text) => Secret::new(text),
        Err(error) if error.kind() == ErrorKind::NotFound && !was_asked_for => return Ok(None),
        Err(error) => return Err(Failure::Setup(format!("{shown} cannot be read: {}", error.kind()))),
    };
    let mut file = read(text.expose()).map_err(|what| Failure::Setup(format!("{shown} {what}")))?;
    let (tables, table) = match &source.profile {
        None => {
            let File { bankly, certiface, clearsale, .. } = file;
            (Some(Tables { bankly, certiface, clearsale }), format!("[{}]", wanted.table))
        }
        Some(name) => {
            let table = format!("[profile.{}.{}]", output::printable(name), wanted.table);
            (file.profile.remove(name), table)
        }
    };
    let found = tables.and_then(wanted.from_tables);
    if found.is_none() && was_asked_for {
        return Err(Failure::Setup(format!("{shown} has no {table}")));
    }
    Ok(found)
}

/// The parser's own words may quote the line, and the line may hold the secret: only its number is told.
fn read(text: &str) -> Result<File, String> {
    toml::from_str(text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        if text.parse::<toml::Table>().is_err() {
            format!("is not TOML: look at line {line}")
        } else {
            format!("has something unexpected at line {line}: {}", keys(text, line))
        }
    })
}

/// What the table takes that a line belongs to: that of the vendor who is named last, there or above.
fn keys(text: &str, line: usize) -> String {
    let above: String = text.split_inclusive('\n').take(line).collect();
    let vendors = [("bankly", BANKLY_KEYS), ("certiface", CERTIFACE_KEYS), ("clearsale", CLEARSALE_KEYS)];
    let last = vendors.iter().filter_map(|(name, keys)| Some((above.rfind(name)?, keys))).max();
    match last {
        Some((_, keys)) => (*keys).to_owned(),
        None => vendors.map(|(_, keys)| keys).join("; "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_places_are_read() {
        let file = read(
            "[clearsale]\nclient_id = 'a'\nclient_secret = 'b'\n\
             [bankly]\nclient_id = 'g'\ncertificate = 'c.pem'\nkey = 'k.pem'\nscopes = ['s']\n\
             [profile.real.clearsale]\nclient_id = 'c'\nclient_secret = 'd'\nenvironment = 'production'\n\
             [profile.real.certiface]\nlogin = 'e'\npassword = 'f'\nstatus_peers = ['192.0.2.1']\n",
        )
        .expect("a good file");
        assert!(file.certiface.is_none());
        assert_eq!(file.bankly.as_ref().expect("there").client_id.expose(), "g");
        assert_eq!(file.profile["real"].certiface.as_ref().expect("there").login.expose(), "e");
        assert_eq!(file.clearsale.expect("there").client_id.expose(), "a");
        assert_eq!(file.profile["real"].clearsale.as_ref().expect("there").client_id.expose(), "c");
    }

    #[test]
    fn what_is_wrong_is_told_by_its_line_alone() {
        let table = [
            ("[clearsale]\nclient_secret = hunter2\n", "is not TOML: look at line 2"),
            ("[clearsale]\nclient_secret = 'hunter2\n", "is not TOML: look at line 2"),
            ("[clearsale]\nhunter2 = 'x'\n", "has something unexpected at line 2: "),
            ("\n[clearsale]\nclient_secret = 'hunter2'\n", "has something unexpected at line 2: "),
            (
                "[clearsale]\nclient_id = 'a'\nclient_secret = 'b'\nenvironment = 'hunter2'",
                "has something unexpected at line 4: ",
            ),
            ("[hunter2]\n", "has something unexpected at line 1: [bankly] needs"),
            ("[bankly]\ncertificate = 'hunter2'\n", "has something unexpected at line 1: [bankly] needs"),
            (
                "[clearsale]\nclient_id = 'a'\nclient_secret = 'b'\n[certiface]\nlogin = 'hunter2'\n",
                "has something unexpected at line 4: [certiface] needs",
            ),
            (
                "[certiface]\nlogin = 'a'\npassword = 'b'\n[clearsale]\nclient_id = 'hunter2'\n",
                "has something unexpected at line 4: [clearsale] needs",
            ),
        ];
        for (text, wanted) in table {
            let Err(what) = read(text) else { panic!("read: {text}") };
            assert!(what.starts_with(wanted) && !what.contains("hunter2"), "{text}: {what}");
        }
    }
}
