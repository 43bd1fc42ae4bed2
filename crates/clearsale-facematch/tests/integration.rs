//! The description of the vendor for programs over several vendors.

use clearsale_facematch::INTEGRATION;
use clearsale_facematch::kyc_core::ConfigTable;
use test_support::integration::assert_described;

#[test]
fn the_description_equals_the_client() {
    assert_described(INTEGRATION, &[("CLIENT_ID", "id-1234"), ("CLIENT_SECRET", "s3cret")]);
}

#[test]
fn webhooks_need_no_credentials() {
    let set = [("KYC_CLEARSALE_WEBHOOK_TOKEN", "b3arer")];
    let table = ConfigTable::from_variables(INTEGRATION.vendor(), INTEGRATION.key(), set).unwrap().unwrap();
    assert_eq!(INTEGRATION.webhooks(&table).unwrap().len(), 1);
    let misspelt = [("KYC_CLEARSALE_WEBHOOK_TOKENS", "b3arer")];
    let table =
        ConfigTable::from_variables(INTEGRATION.vendor(), INTEGRATION.key(), misspelt).unwrap().unwrap();
    let error = INTEGRATION.webhooks(&table).unwrap_err().to_string();
    assert!(error.contains("did you mean KYC_CLEARSALE_WEBHOOK_TOKEN?"), "{error}");
}
