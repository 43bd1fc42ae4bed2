//! The suites, vendor by vendor.

#![allow(clippy::unwrap_used)]

use std::time::Duration;

use async_trait::async_trait;
use behaviour::face_matcher::{Subject, suite};
use clearsale_facematch::{Client, Credentials};
use kyc_core::{
    Cpf, Error, FaceMatch, FaceMatcher, FacePair, FaceScore, FalseAcceptRate, Invalid, Media, OperationId,
    Reply, Submission, Vendor,
};
use kyc_sandbox::Sandbox;

fn samples() -> [Media; 2] {
    [kyc_sandbox::samples::A_2014, kyc_sandbox::samples::A_2025].map(|bytes| Media::new(bytes).unwrap())
}

fn cpf(text: &str) -> Cpf {
    Cpf::parse(text).unwrap()
}

#[tokio::test]
async fn clearsale_facematch() {
    let sandbox = Sandbox::builder().clearsale_match_delay(Duration::from_millis(300)).start().await.unwrap();
    let credentials = Credentials::new(Sandbox::CLEARSALE_CLIENT_ID, Sandbox::CLEARSALE_CLIENT_SECRET);
    let client = Client::builder(credentials)
        .base_url(&sandbox.clearsale_url())
        .poll_interval(Duration::from_millis(100))
        .build()
        .unwrap();
    suite(&Subject {
        matcher: &client,
        pictures: samples(),
        refused_picture: Media::new("not a picture").unwrap(),
        same_person: cpf("90000000680"),
        two_people: cpf("90000000094"),
        not_comparable: Some(cpf("90000001066")),
        paid_calls: &|| sandbox.clearsale().paid_calls(),
    })
    .await;
}

/// A user's own fake: the trait is open, and what the suite asks is within reach of twenty lines.
#[derive(Debug, Default)]
struct Fake {
    paid: std::sync::atomic::AtomicU64,
}

const FAKE: Vendor = Vendor::new("fake");

#[async_trait]
impl FaceMatcher for Fake {
    fn vendor(&self) -> Vendor {
        FAKE
    }

    async fn submit_faces(&self, pair: &FacePair) -> Result<Reply<Submission<FaceMatch>>, Error> {
        if pair.second.dimensions().is_none() {
            return Err(Error::invalid_input(FAKE, "second", &Invalid::new("must be a picture")));
        }
        self.paid.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let mut verdict = FaceMatch::new(pair.cpf == Some(cpf("90000000680")));
        verdict.score = Some(FaceScore::Similarity(if verdict.matched { 0.9 } else { 0.0 }));
        verdict.false_accept_rate = FalseAcceptRate::one_in(1000).filter(|_| verdict.matched);
        Ok(Submission::Ready(verdict).into())
    }

    async fn face_match(&self, _: &OperationId) -> Result<Reply<Submission<FaceMatch>>, Error> {
        Err(Error::unsupported(FAKE, "every answer is ready at once"))
    }
}

#[tokio::test]
async fn a_users_own_fake() {
    let fake = Fake::default();
    suite(&Subject {
        matcher: &fake,
        pictures: samples(),
        refused_picture: Media::new("not a picture").unwrap(),
        same_person: cpf("90000000680"),
        two_people: cpf("90000000094"),
        not_comparable: None,
        paid_calls: &|| fake.paid.load(std::sync::atomic::Ordering::SeqCst),
    })
    .await;
}
