//! The description of the vendor for programs over several vendors.

use bankly_kyc::INTEGRATION;
use bankly_kyc::kyc_core::ConfigTable;
use test_support::integration::assert_described;

#[test]
fn the_description_equals_the_client() {
    assert_described(
        INTEGRATION,
        &[
            ("CLIENT_ID", "id-1234"),
            ("CLIENT_SECRET", "s3cret"),
            ("BASE_URL", "http://127.0.0.1:9"),
            ("AUTH_URL", "http://127.0.0.1:9/auth"),
        ],
    );
}

#[test]
fn webhooks_need_no_credentials() {
    let set = [("KYC_BANKLY_WEBHOOK_PRIVATE_KEY", "dGVzdGU=")];
    let table = ConfigTable::from_variables(INTEGRATION.vendor(), INTEGRATION.key(), set).unwrap().unwrap();
    assert_eq!(INTEGRATION.webhooks(&table).unwrap().len(), 1);
    let misspelt = [("KYC_BANKLY_WEBHOOK_PRIVATE_KEYS", "dGVzdGU=")];
    let table =
        ConfigTable::from_variables(INTEGRATION.vendor(), INTEGRATION.key(), misspelt).unwrap().unwrap();
    let error = INTEGRATION.webhooks(&table).unwrap_err().to_string();
    assert!(error.contains("did you mean KYC_BANKLY_WEBHOOK_PRIVATE_KEY?"), "{error}");
}
