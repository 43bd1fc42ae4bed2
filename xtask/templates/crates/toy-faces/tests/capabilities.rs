//! The contract of the capability traits, against the sandbox.

use behaviour::face_matcher::Subject;
use kyc_sandbox::{Sandbox, samples};
use toy_faces::kyc_core::{FacePair, Media, Pii};
use toy_faces::{Client, Credentials};

/// Two images of one person: the sandbox chooses the outcome by the reference.
fn pair(reference: &str) -> FacePair {
    let [first, second] = [samples::A_2014, samples::A_2025].map(|image| Media::new(image).unwrap());
    let mut pair = FacePair::new(first, second);
    pair.reference = Pii::new(reference.to_owned());
    pair
}

async fn faces() -> Subject {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let credentials = Credentials::new(Sandbox::TOY_CLIENT_ID, Sandbox::TOY_CLIENT_SECRET);
    Subject {
        matcher: Box::new(Client::builder(credentials).base_url(&sandbox.toy_url()).build().unwrap()),
        same_person: pair("order-1"),
        two_people: pair("no-match"),
        not_comparable: None,
        has_ids: false,
        takes_rates: false,
        refused_picture: Media::new(&b"not a picture"[..]).unwrap(),
        paid_calls: Box::new(move || sandbox.toy().paid_calls()),
    }
}

behaviour::face_matcher!(faces);
