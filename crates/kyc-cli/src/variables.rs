//! The environment variables of the program, and names that look like one of them.

/// Every variable that the vendors' configurations or this program read, without the common prefix.
const KNOWN: [&str; 37] = [
    "BANKLY_AUTHORITY",
    "BANKLY_AUTH_URL",
    "BANKLY_BASE_URL",
    "BANKLY_CERTIFICATE",
    "BANKLY_CLIENT_ID",
    "BANKLY_CLIENT_SECRET",
    "BANKLY_ENVIRONMENT",
    "BANKLY_KEY",
    "BANKLY_SCOPES",
    "BANKLY_WEBHOOK_PRIVATE_KEY",
    "CELLERE_BALANCE_PATH",
    "CELLERE_BASE_URL",
    "CELLERE_CNPJ_ENDPOINT",
    "CELLERE_CPF_ENDPOINT",
    "CELLERE_DOCUMENT_FORM",
    "CELLERE_DOCUMENT_PATH",
    "CELLERE_FACEMATCH_FORM",
    "CELLERE_FACEMATCH_PATH",
    "CELLERE_LEAST_CONFIABILITY",
    "CELLERE_METER_FORM",
    "CELLERE_METER_PATH",
    "CELLERE_METER_READING_FIELD",
    "CELLERE_METER_SERVICE_FIELD",
    "CELLERE_TOKEN",
    "CERTIFACE_BASE_URL",
    "CERTIFACE_ENVIRONMENT",
    "CERTIFACE_LOGIN",
    "CERTIFACE_PASSWORD",
    "CERTIFACE_RESULT_BASE_URL",
    "CERTIFACE_STATUS_PEERS",
    "CLEARSALE_BASE_URL",
    "CLEARSALE_CLIENT_ID",
    "CLEARSALE_CLIENT_SECRET",
    "CLEARSALE_ENVIRONMENT",
    "CLEARSALE_WEBHOOK_TOKEN",
    "SANDBOX",
    "TOKEN_CACHE",
];

const PREFIX: &str = "KYC_";

/// The maximum distance between a misspelt name and a known one.
const MAX_DISTANCE: usize = 3;

/// Returns the variables of the environment whose names are not known but similar to a known one, each with that one. Only
/// the names are read, never the values.
pub(crate) fn misspelt() -> Vec<(String, String)> {
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    let mut found: Vec<_> = names.filter_map(|name| Some((name.clone(), nearest(&name)?))).collect();
    found.sort_unstable();
    found
}

/// Returns whether a variable with this prefix is set and not empty.
pub(crate) fn has_any(prefix: &str) -> bool {
    std::env::vars_os().any(|(name, value)| name.to_string_lossy().starts_with(prefix) && !value.is_empty())
}

/// Returns the known name that is nearest to an unknown one, if one is near.
fn nearest(name: &str) -> Option<String> {
    let capitals = name.to_uppercase();
    let rest = capitals.strip_prefix(PREFIX)?;
    if name.starts_with(PREFIX) && KNOWN.contains(&rest) {
        return None;
    }
    let (_, near) = KNOWN
        .iter()
        .filter_map(|known| {
            let distance = distance(rest, known);
            (distance <= MAX_DISTANCE || is_part(rest, known)).then_some((distance, known))
        })
        .min()?;
    Some(format!("{PREFIX}{near}"))
}

/// Returns whether a name of the same vendor lacks a part of the known name, as `CLEARSALE_SECRET` does.
fn is_part(name: &str, known: &str) -> bool {
    let (Some((vendor, rest)), Some((known_vendor, known_rest))) =
        (name.split_once('_'), known.split_once('_'))
    else {
        return false;
    };
    vendor == known_vendor && known_rest.split('_').any(|part| part == rest)
}

/// Returns how many letters must be added, removed or replaced.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (place, letter) in one.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], place + 1);
        for (column, known) in other.iter().enumerate() {
            let changed = diagonal + usize::from(letter != *known);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_returned_and_only_a_near_one() {
        for (name, near) in [
            ("KYC_CLEARSALE_CLIENTID", Some("KYC_CLEARSALE_CLIENT_ID")),
            ("KYC_CLEARSALE_CLIENT_SECRETS", Some("KYC_CLEARSALE_CLIENT_SECRET")),
            ("KYC_CLEARSALE_SECRET", Some("KYC_CLEARSALE_CLIENT_SECRET")),
            ("KYC_CLEARSAL_CLIENT_ID", Some("KYC_CLEARSALE_CLIENT_ID")),
            ("KYC_CLEARSALE_ENVIROMENT", Some("KYC_CLEARSALE_ENVIRONMENT")),
            ("kyc_cellere_token", Some("KYC_CELLERE_TOKEN")),
            ("KYC_SANBOX", Some("KYC_SANDBOX")),
            ("KYC_CLEARSALE_CLIENT_ID", None),
            ("KYC_CELLERE_METER_PATH", None),
            ("KYC_TOKEN_CACHE", None),
            ("KYC_CLEARSALE_HUNTER2_IS_MY_PASSWORD", None),
            ("KYC_DATABASE_URL", None),
            ("PATH", None),
        ] {
            assert_eq!(nearest(name).as_deref(), near, "{name}");
        }
    }

    #[test]
    fn the_readme_lists_each_variable() {
        let readme = include_str!("../README.md");
        for name in KNOWN {
            // A table row names the variables of one vendor with a shortened prefix: `_METER_PATH`.
            let (_, rest) = name.split_once('_').unwrap_or(("", name));
            let is_listed =
                readme.contains(&format!("`{PREFIX}{name}`")) || readme.contains(&format!("`_{rest}`"));
            assert!(is_listed, "{name}");
        }
    }
}
