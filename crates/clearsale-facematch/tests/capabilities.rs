//! The contract of the capability traits, against the sandbox.

use std::time::Duration;

use behaviour::face_matcher::Subject;
use clearsale_facematch::Client;
use clearsale_facematch::kyc_core::{Cpf, FacePair, Media};
use kyc_sandbox::{Sandbox, samples};

use crate::support::credentials;

/// Two images of one person. The CPF determines the outcome on the sandbox.
fn pair(cpf: &str) -> FacePair {
    let [first, second] = [samples::A_2014, samples::A_2025].map(|image| Media::new(image).unwrap());
    let mut pair = FacePair::new(first, second);
    pair.cpf = Some(Cpf::parse(cpf).unwrap());
    pair
}

async fn faces() -> Subject {
    let sandbox = Sandbox::builder().clearsale_match_delay(Duration::from_millis(300)).start().await.unwrap();
    let client = Client::builder(credentials()).base_url(&sandbox.clearsale_url());
    Subject {
        matcher: Box::new(client.poll_interval(Duration::from_millis(100)).build().unwrap()),
        same_person: pair("90000000680"),
        two_people: pair("90000000094"),
        not_comparable: Some(pair("90000001066")),
        has_ids: true,
        takes_rates: true,
        refused_picture: Media::new(&b"not a picture"[..]).unwrap(),
        paid_calls: Box::new(move || sandbox.clearsale().paid_calls()),
    }
}

behaviour::face_matcher!(faces);
