//! Where credentials come from: what the command line names, else the environment, else `kyc.toml`. Never from arguments: other users of the machine see
//! those.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use clearsale_facematch::Config as Clearsale;
use kyc_core::Secret;
use serde::Deserialize;

use crate::exit::Failure;
use crate::output;

const DEFAULT_FILE: &str = "kyc.toml";

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
    clearsale: Option<Clearsale>,
    #[serde(default)]
    profile: BTreeMap<String, Profile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Profile {
    clearsale: Option<Clearsale>,
}

/// ClearSale's configuration; `None` if there is none anywhere and none was asked for.
pub(crate) fn clearsale(source: &Source) -> Result<Option<Clearsale>, Failure> {
    // What was named on the command line comes before what happens to be set.
    if source.profile.is_none()
        && source.config.is_none()
        && let Some(config) = Clearsale::from_env().map_err(Failure::client)?
    {
        return Ok(Some(config));
    }
    if let Some(config) = from_file(source)? {
        return Ok(Some(config));
    }
    // Half a configuration is a slip: falling back to the sandbox would pass a simulated answer off as a real one.
    for name in ["KYC_CLEARSALE_ENVIRONMENT", "KYC_CLEARSALE_BASE_URL"] {
        if std::env::var_os(name).is_some_and(|value| !value.is_empty()) {
            let missing = "KYC_CLEARSALE_CLIENT_ID and KYC_CLEARSALE_CLIENT_SECRET are not";
            return Err(Failure::Setup(format!("{name} is set, but {missing}")));
        }
    }
    Ok(None)
}

fn from_file(source: &Source) -> Result<Option<Clearsale>, Failure> {
    let path = source.config.as_deref().unwrap_or(Path::new(DEFAULT_FILE));
    let shown = output::printable(&path.to_string_lossy());
    let was_asked_for = source.config.is_some() || source.profile.is_some();
    let text = match std::fs::read_to_string(path) {
        Ok(text) => Secret::new(text),
        Err(error) if error.kind() == ErrorKind::NotFound && !was_asked_for => return Ok(None),
        Err(error) => return Err(Failure::Setup(format!("{shown} cannot be read: {}", error.kind()))),
    };
    let mut file = read(text.expose()).map_err(|what| Failure::Setup(format!("{shown} {what}")))?;
    let (found, table) = match &source.profile {
        None => (file.clearsale, "[clearsale]".to_owned()),
        Some(name) => {
            let found = file.profile.remove(name).and_then(|profile| profile.clearsale);
            (found, format!("[profile.{}.clearsale]", output::printable(name)))
        }
    };
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
            format!("has something unexpected at line {line}: {CLEARSALE_KEYS}")
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_places_are_read() {
        let file = read(
            "[clearsale]\nclient_id = 'a'\nclient_secret = 'b'\n\
             [profile.real.clearsale]\nclient_id = 'c'\nclient_secret = 'd'\nenvironment = 'production'\n",
        )
        .expect("a good file");
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
            ("[hunter2]\n", "has something unexpected at line 1: "),
        ];
        for (text, wanted) in table {
            let Err(what) = read(text) else { panic!("read: {text}") };
            assert!(what.starts_with(wanted) && !what.contains("hunter2"), "{text}: {what}");
        }
    }
}
