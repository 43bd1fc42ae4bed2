//! Images and clients.

use test_support::png;
use toy_faces::kyc_core::Media;
use toy_faces::{Client, CompareRequest, Credentials};

pub fn request() -> CompareRequest {
    let [first, second] = [150, 151].map(|width| Media::new(png(width)).unwrap());
    CompareRequest::new(first, second).with_reference("order-1")
}

pub fn client(base_url: &str) -> Client {
    Client::builder(Credentials::new("id", "s3cret")).base_url(base_url).build().unwrap()
}
