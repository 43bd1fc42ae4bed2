//! The description of the vendor for programs over several vendors.

use certiface::INTEGRATION;
use certiface::kyc_core::ConfigTable;
use test_support::integration::assert_described;

#[test]
fn the_description_equals_the_client() {
    assert_described(INTEGRATION, &[("LOGIN", "l0gin"), ("PASSWORD", "s3cret")]);
}

#[test]
fn webhooks_need_no_credentials() {
    let set = [("KYC_CERTIFACE_WEBHOOK_STATUS_PEERS", "192.0.2.1")];
    let table = ConfigTable::from_variables(INTEGRATION.vendor(), INTEGRATION.key(), set).unwrap().unwrap();
    assert_eq!(INTEGRATION.webhooks(&table).unwrap().len(), 1);
    let misspelt = [("KYC_CERTIFACE_WEBHOOK_STATUS_PEERSS", "192.0.2.1")];
    let table =
        ConfigTable::from_variables(INTEGRATION.vendor(), INTEGRATION.key(), misspelt).unwrap().unwrap();
    let error = INTEGRATION.webhooks(&table).unwrap_err().to_string();
    assert!(error.contains("did you mean KYC_CERTIFACE_WEBHOOK_STATUS_PEERS?"), "{error}");
}
