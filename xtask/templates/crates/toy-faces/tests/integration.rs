//! The description of the vendor for programs over several vendors.

use test_support::integration::assert_described;
use toy_faces::INTEGRATION;

#[test]
fn the_description_equals_the_client() {
    assert_described(INTEGRATION, &[("CLIENT_ID", "id-1234"), ("CLIENT_SECRET", "s3cret")]);
}
