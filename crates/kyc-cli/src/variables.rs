//! Variables of the environment whose names look like one that is read.

use kyc_br::config::ConfigLoader;
use kyc_core::nearest_name;

const PREFIX: &str = "KYC_";

/// The variables of this program, without the prefix. Those of the vendors are checked where they are read.
const OWN: [&str; 2] = ["SANDBOX", "TOKEN_CACHE"];

/// Returns the variables whose names are not known but similar to a known one, each with that one. Only the names are read,
/// never the values.
pub(crate) fn misspelt() -> Vec<(String, String)> {
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    let own = names.filter_map(|name| Some((name.clone(), format!("{PREFIX}{}", nearest_own(&name)?))));
    let mut found: Vec<_> = own.chain(ConfigLoader::misspelt_variables()).collect();
    found.sort_unstable();
    found
}

fn nearest_own(name: &str) -> Option<&'static str> {
    let rest = name.strip_prefix(PREFIX).filter(|rest| !OWN.contains(rest))?;
    nearest_name(rest, OWN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_near_name_is_returned() {
        assert_eq!(nearest_own("KYC_SANBOX"), Some("SANDBOX"));
        for name in ["KYC_SANDBOX", "KYC_DATABASE_URL", "KYC_CLEARSALE_CLIENT_ID", "PATH"] {
            assert_eq!(nearest_own(name), None, "{name}");
        }
    }
}
