#[path = "../../answers.rs"]
mod answers;
#[path = "../../loopback.rs"]
mod loopback;

use clearsale_facematch::Outcome;
use clearsale_facematch::kyc_core::{Delivery, ErrorKind};
use one_vendor_native_tls::{client, compare, picture};

#[tokio::test]
async fn two_images_are_compared() {
    let (address, requests) = loopback::serve(answers::a_match());
    let client = client(&address).build().unwrap();
    let outcome = compare(&client, picture(), picture()).await.unwrap();
    assert!(matches!(outcome, Outcome::Match(_)), "{outcome:?}");
    assert_eq!(requests.iter().collect::<Vec<_>>(), answers::REQUESTS);
}

#[tokio::test]
async fn the_tls_of_the_operating_system_is_used() {
    let (address, _requests) = loopback::serve(vec![(200, "{}"); 9]);
    let client = client(&address.replace("http://", "https://")).build().unwrap();
    let error = compare(&client, picture(), picture()).await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::NotSent, "a handshake was tried: {error}");
    assert_eq!(error.kind(), ErrorKind::Transport);
}
