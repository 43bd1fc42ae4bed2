//! The vendor's part of a verification, against the sandbox.

use kyc_sandbox::Sandbox;
use test_support::verifier::{Case, applicant, foreign_answer};
use toy_faces::kyc_core::{CheckKind, Evidence, Next, StepState, Verdict, VirtualClock};
use toy_faces::{Client, Credentials};

#[tokio::test]
async fn one_call_compares_the_faces() {
    let sandbox = Sandbox::builder().clock(VirtualClock::frozen()).start().await.unwrap();
    let credentials = Credentials::new(Sandbox::TOY_CLIENT_ID, Sandbox::TOY_CLIENT_SECRET);
    let client = Client::builder(credentials).base_url(&sandbox.toy_url()).build().unwrap();
    let mut case = Case::new(client, sandbox.clock(), applicant("52998224725"));
    assert!(Case::is_paid(&case.next()) && case.evidence().is_empty());
    assert_eq!(case.run().await, Next::Done);
    let shown = case.shown(CheckKind::FaceDocument);
    assert!(matches!(shown, Some(Evidence::Face { verdict: Verdict::Match, .. })), "{shown:?}");
    assert_eq!(sandbox.toy().paid_calls(), 1);
    case.steps[0].state = StepState::Answered(foreign_answer());
    assert!(matches!(case.shown(CheckKind::FaceDocument), Some(Evidence::Unclear(_))));
}
