#[path = "../../answers.rs"]
mod answers;
#[path = "../../loopback.rs"]
mod loopback;

use clearsale_facematch::Outcome;
use clearsale_facematch::kyc_core::Delivery;
use no_tls::{client, compare, picture};

#[tokio::test]
async fn two_images_are_compared_over_plain_http() {
    let (address, requests) = loopback::serve(answers::a_match());
    let client = client(&address).build().unwrap();
    let outcome = compare(&client, picture(), picture()).await.unwrap();
    assert!(matches!(outcome, Outcome::Match(_)), "{outcome:?}");
    assert_eq!(requests.iter().collect::<Vec<_>>(), answers::REQUESTS);
}

#[tokio::test]
async fn an_https_address_is_refused_before_anything_is_sent() {
    let (address, requests) = loopback::serve(answers::a_match());
    let client = client(&address.replace("http://", "https://")).build().unwrap();
    let error = compare(&client, picture(), picture()).await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::NotSent, "{error}");
    assert!(requests.try_recv().is_err(), "no connection was opened");
}
