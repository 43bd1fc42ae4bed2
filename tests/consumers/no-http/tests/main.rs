#[path = "../../answers.rs"]
mod answers;
#[path = "../../comparison.rs"]
mod comparison;

use std::sync::Arc;

use clearsale_facematch::Outcome;
use clearsale_facematch::kyc_core::{ClientOptions, Delivery};
use no_http::Canned;

#[tokio::test]
async fn two_images_are_compared_over_a_custom_transport() {
    let transport = Arc::new(Canned::new(answers::a_match()));
    let options = ClientOptions::new().transport(transport.clone());
    let client = comparison::client("https://api.example").options(options).build().unwrap();
    let outcome = comparison::compare(&client, comparison::picture(), comparison::picture()).await.unwrap();
    assert!(matches!(outcome, Outcome::Match(_)), "{outcome:?}");
    assert_eq!(transport.requests(), answers::REQUESTS);
}

#[tokio::test]
async fn without_a_transport_there_is_no_client() {
    let error = comparison::client("https://api.example").build().unwrap_err();
    assert_eq!(error.delivery(), Delivery::NotSent, "{error}");
}
