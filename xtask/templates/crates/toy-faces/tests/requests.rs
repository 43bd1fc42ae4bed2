//! The requests: method, path, headers and body of each operation, as a snapshot.

use kyc_fixtures::toy_faces as documented;
use serde_json::Value;
use test_support::requests::{answer, received, shown};
use toy_faces::kyc_core::VendorClient as _;
use toy_faces::{Client, Credentials};
use wiremock::MockServer;

use crate::support::{client, request};

#[tokio::test]
async fn each_operation_sends_exactly_this() {
    let server = MockServer::start().await;
    answer(&server, "POST", "/login$", &documented::LOGIN_200).await;
    answer(&server, "POST", "/faces$", &documented::COMPARE_200).await;
    client(&server.uri()).compare(&request()).await.unwrap();
    let sent: Vec<Value> = received(&server).await.iter().map(shown).collect();
    insta::assert_json_snapshot!(sent);
}

#[test]
fn the_address_is_that_of_the_page() {
    let client = Client::builder(Credentials::new("id", "s3cret")).build().unwrap();
    assert_eq!(client.destination().address.as_str(), "https://api.toy.example");
}
