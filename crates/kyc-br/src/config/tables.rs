//! What stands in `kyc.toml`.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A vendor that is not in this build: its table is passed over.
#[allow(dead_code, reason = "with all vendors there is none")]
type PassedOver = serde::de::IgnoredAny;

#[cfg(feature = "bankly")]
type Bankly = bankly_kyc::Config;
#[cfg(not(feature = "bankly"))]
type Bankly = PassedOver;

#[cfg(feature = "cellere")]
type Cellere = cellere_portal::Config;
#[cfg(not(feature = "cellere"))]
type Cellere = PassedOver;

#[cfg(feature = "certiface")]
type Certiface = certiface::Config;
#[cfg(not(feature = "certiface"))]
type Certiface = PassedOver;

#[cfg(feature = "clearsale")]
type Clearsale = clearsale_facematch::Config;
#[cfg(not(feature = "clearsale"))]
type Clearsale = PassedOver;

/// What each table takes, for those that this build reads.
const KEYS: &[(&str, &str)] = &[
    #[cfg(feature = "bankly")]
    (
        "bankly",
        "[bankly] needs client_id, and certificate and key or client_secret or all of them, and may have \
         authority, scopes, environment (sandbox or production), base_url, auth_url and webhook_private_key",
    ),
    #[cfg(feature = "cellere")]
    ("cellere", "[cellere] needs token, and may have base_url, least_confiability and endpoints"),
    #[cfg(feature = "certiface")]
    (
        "certiface",
        "[certiface] needs login and password, and may have environment (homologation or production), base_url, \
         result_base_url and status_peers",
    ),
    #[cfg(feature = "clearsale")]
    (
        "clearsale",
        "[clearsale] needs client_id and client_secret, and may have environment (homologation or production), \
         base_url and webhook_token",
    ),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    bankly: Option<Bankly>,
    cellere: Option<Cellere>,
    certiface: Option<Certiface>,
    clearsale: Option<Clearsale>,
    #[serde(default)]
    profile: BTreeMap<String, Tables>,
}

/// What a profile has; the file's top level has the same.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "a vendor that is not in this build is read and passed over")]
pub(super) struct Tables {
    pub(super) bankly: Option<Bankly>,
    pub(super) cellere: Option<Cellere>,
    pub(super) certiface: Option<Certiface>,
    pub(super) clearsale: Option<Clearsale>,
}

impl File {
    /// The parser's own words may quote the line, and the line may hold the secret: only its number is told.
    pub(super) fn read(text: &str) -> Result<Self, String> {
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

    pub(super) fn top(self) -> Tables {
        let Self { bankly, cellere, certiface, clearsale, profile: _ } = self;
        Tables { bankly, cellere, certiface, clearsale }
    }

    pub(super) fn profile(mut self, name: &str) -> Option<Tables> {
        self.profile.remove(name)
    }
}

/// What the table takes that a line belongs to: that of the vendor who is named last, there or above.
fn keys(text: &str, line: usize) -> String {
    let above: String = text.split_inclusive('\n').take(line).collect();
    let last = KEYS.iter().filter_map(|(name, keys)| Some((above.rfind(name)?, keys))).max();
    match last {
        Some((_, keys)) => (*keys).to_owned(),
        None => KEYS.iter().map(|(_, keys)| *keys).collect::<Vec<_>>().join("; "),
    }
}

#[cfg(all(test, feature = "bankly", feature = "cellere", feature = "certiface", feature = "clearsale"))]
mod tests {
    use super::*;

    #[test]
    fn both_places_are_read() {
        let file = File::read(
            "[clearsale]\nclient_id = 'a'\nclient_secret = 'b'\n\
             [bankly]\nclient_id = 'g'\ncertificate = 'c.pem'\nkey = 'k.pem'\nscopes = ['s']\n\
             [cellere]\ntoken = 'h'\n[cellere.endpoints]\nmeter = '/x'\ncpf = 'GET /y'\n\
             [cellere.endpoints.meter_names]\nservice = 'tipo'\n\
             [profile.real.clearsale]\nclient_id = 'c'\nclient_secret = 'd'\nenvironment = 'production'\n\
             [profile.real.certiface]\nlogin = 'e'\npassword = 'f'\nstatus_peers = ['192.0.2.1']\n",
        )
        .expect("a good file");
        assert!(file.certiface.is_none());
        assert_eq!(file.bankly.as_ref().expect("there").client_id.expose(), "g");
        let cellere = file.cellere.as_ref().expect("there");
        assert_eq!((cellere.token.expose().as_str(), cellere.endpoints.meter.as_str()), ("h", "/x"));
        assert_eq!(cellere.endpoints.meter_names.service, "tipo");
        assert_eq!(file.clearsale.as_ref().expect("there").client_id.expose(), "a");
        let real = file.profile("real").expect("there");
        assert_eq!(real.certiface.as_ref().expect("there").login.expose(), "e");
        assert_eq!(real.clearsale.as_ref().expect("there").client_id.expose(), "c");
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
                "[cellere]\ntoken = 'hunter2'\n[cellere.endpoints]\ncpf = 'PUT hunter2'\n",
                "has something unexpected at line 4: [cellere] needs",
            ),
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
            let Err(what) = File::read(text) else { panic!("read: {text}") };
            assert!(what.starts_with(wanted) && !what.contains("hunter2"), "{text}: {what}");
        }
    }
}
