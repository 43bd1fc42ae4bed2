//! The environment variables that the vendors' configurations read, and those that look like one of them.

/// By the prefix that a vendor's variables share.
const KNOWN: [(&str, &[&str]); 4] = [
    (
        "KYC_BANKLY_",
        &[
            "AUTHORITY",
            "AUTH_URL",
            "BASE_URL",
            "CERTIFICATE",
            "CLIENT_ID",
            "CLIENT_SECRET",
            "ENVIRONMENT",
            "KEY",
            "SCOPES",
            "WEBHOOK_PRIVATE_KEY",
        ],
    ),
    ("KYC_CELLERE_", &["BASE_URL", "LEAST_CONFIABILITY", "TOKEN"]),
    ("KYC_CERTIFACE_", &["BASE_URL", "ENVIRONMENT", "LOGIN", "PASSWORD", "RESULT_BASE_URL"]),
    ("KYC_CLEARSALE_", &["BASE_URL", "CLIENT_ID", "CLIENT_SECRET", "ENVIRONMENT", "WEBHOOK_TOKEN"]),
];

/// Returns the variables of the environment that begin with the prefix and are none of its vendor's, each with the nearest one
/// that is. Names alone: a value is never looked at.
pub(crate) fn misspelt(prefix: &str) -> Vec<(String, String)> {
    let prefix = prefix.trim_end_matches('*');
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    let Some((_, known)) = KNOWN.iter().find(|(vendor, _)| *vendor == prefix) else { return Vec::new() };
    names
        .filter_map(|name| Some((name.clone(), nearest(name.strip_prefix(prefix)?, prefix, known)?)))
        .collect()
}

fn nearest(rest: &str, prefix: &str, known: &[&str]) -> Option<String> {
    if known.contains(&rest) || rest.starts_with("ENDPOINT") || rest.starts_with("METER") {
        return None;
    }
    let near = known.iter().map(|name| (distance(rest, name), name)).min()?;
    (near.0 <= 3).then(|| format!("{prefix}{}", near.1))
}

/// How many letters must be added, removed or changed.
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
    fn the_nearest_name_is_offered_and_only_a_near_one() {
        let near = |rest| nearest(rest, "KYC_CLEARSALE_", KNOWN[3].1);
        assert_eq!(near("CLIENTID").as_deref(), Some("KYC_CLEARSALE_CLIENT_ID"));
        assert_eq!(near("CLIENT_SECRETS").as_deref(), Some("KYC_CLEARSALE_CLIENT_SECRET"));
        assert_eq!(near("CLIENT_ID"), None);
        assert_eq!(near("HUNTER2_IS_MY_PASSWORD"), None);
    }
}
