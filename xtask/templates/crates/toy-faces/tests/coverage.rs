//! Every row of docs/vendors/toy-faces.md is proved, and every body has a JSON Schema.

use kyc_sandbox::toy::Operation;
use test_support::coverage::{Body, Coverage};
use test_support::reader::{Reader, written};
use test_support::schemas;
use toy_faces::{CompareRequest, Comparison, ErrorBody, INTEGRATION, LoginResponse, Notification};

/// Returns the type that reads a body of the page.
pub fn reader(body: Body) -> Option<Reader> {
    Some(match body {
        Body::Answer("login", 200) => Reader::once::<LoginResponse>().needing("access_token", "token-1"),
        Body::Answer("compare", 200) => Reader::round::<Comparison>(),
        Body::Event("webhook") => Reader::round::<Notification>(),
        Body::Shared("Error bodies") | Body::Answer(_, 400..) => Reader::round::<ErrorBody>(),
        _ => return None,
    })
}

const COVERAGE: Coverage = Coverage {
    vendor: env!("CARGO_PKG_NAME"),
    reader,
    lists: &[],
    operations: || Operation::ALL.iter().map(|operation| operation.name()).collect(),
    requests: &[("requests::each_operation_sends_exactly_this", &[])],
};

#[test]
fn every_row_of_the_page_is_proved() {
    COVERAGE.prove();
}

#[test]
fn every_body_matches_its_schema() {
    let extra = vec![written::<CompareRequest>(), INTEGRATION.config_schema().unwrap()];
    schemas::prove(&COVERAGE, extra, &[("compare", "CompareRequest")]);
}

#[test]
fn edited_bodies_match_the_schema_when_written_again() {
    schemas::edited_payloads_match(&COVERAGE);
}
