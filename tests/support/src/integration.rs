//! What every vendor's description must keep.

use kyc_core::{ClientOptions, ConfigTable, Integration, VendorClient};

/// Asserts that the capabilities equal what the client returns, and that names and secrets are where they belong. `variables` are
/// those of a client with credentials, without the common prefix.
pub fn assert_described(integration: Integration, variables: &[(&str, &str)]) {
    let prefix = format!("KYC_{}_", integration.key().to_ascii_uppercase());
    let named = variables.iter().map(|(name, value)| (format!("{prefix}{name}"), (*value).to_owned()));
    let table = ConfigTable::from_variables(integration.vendor(), integration.key(), named).unwrap().unwrap();
    let client = integration.connect(&table, ClientOptions::new()).unwrap();
    let capabilities = integration.capabilities();
    let has = |is: bool, listed: bool, what: &str| assert_eq!(is, listed, "{what}");
    has(client.clone().face_matcher().is_some(), capabilities.face_match.is_some(), "face match");
    has(
        client.clone().document_reader().is_some(),
        capabilities.document_reading.is_some(),
        "document reading",
    );
    has(client.clone().background_checker().is_some(), capabilities.background_check, "background check");
    assert_eq!(VendorClient::vendor(&*client), integration.vendor());
    assert!(integration.key().bytes().all(|byte| byte.is_ascii_lowercase()), "one short word");
    assert!(!integration.verdict_rules().is_empty(), "prove verdicts would say nothing of this vendor");
    assert!(!integration.config_keys().is_empty() && !integration.title().is_empty());
    assert!(!client.destination().is_production || client.destination().environment.is_some());
    let shown = format!("{table:?} {client:?} {integration:?}");
    let mut secrets = variables.iter().filter(|(name, _)| !name.ends_with("URL"));
    assert!(secrets.all(|(_, value)| !shown.contains(value)), "{shown}");
}
