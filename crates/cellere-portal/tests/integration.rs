//! The description of the vendor for programs over several vendors.

use cellere_portal::INTEGRATION;
use test_support::integration::assert_described;

#[test]
fn the_description_equals_the_client() {
    assert_described(INTEGRATION, &[("TOKEN", "t0ken-1234")]);
}
