//! What every vendor's description must keep.

use kyc_core::{
    CheckKind, ClientOptions, ConfigTable, Integration, Media, RetakeItem, VendorClient, Verifier,
};

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
    if let Some(verifier) = client.clone().verifier() {
        assert_limits(integration, &*verifier);
    }
    let shown = format!("{table:?} {client:?} {integration:?}");
    let mut secrets = variables.iter().filter(|(name, _)| !name.ends_with("URL"));
    assert!(secrets.all(|(_, value)| !shown.contains(value)), "{shown}");
}

/// Asserts that the limits for pictures are those of the client, and that what is no picture is refused wherever one is needed.
fn assert_limits(integration: Integration, verifier: &dyn Verifier) {
    let pictures = [crate::png(100), crate::png(600), b"%PDF-1.7".to_vec(), b"no picture".to_vec()];
    let items = [RetakeItem::Selfie, RetakeItem::Front, RetakeItem::Back, RetakeItem::Capture];
    for picture in pictures.map(|bytes| Media::new(bytes).unwrap()) {
        for (check, item) in CheckKind::ALL.into_iter().flat_map(|check| items.map(|item| (check, item))) {
            let found = integration.check_picture(check, item, &picture);
            assert_eq!(found, verifier.check_picture(check, item, &picture), "{check} {item} {picture:?}");
        }
    }
    let text = Media::new(&b"no picture"[..]).unwrap();
    for (offer, item) in
        verifier.offers().iter().flat_map(|offer| offer.needs.iter().map(move |item| (offer, item)))
    {
        let found = verifier.check_picture(offer.check, *item, &text);
        assert!(found.is_err(), "{} {item}: {found:?}", offer.check);
    }
}
