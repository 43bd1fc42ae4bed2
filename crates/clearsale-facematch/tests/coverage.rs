//! Every row of docs/vendors/clearsale-facematch.md is proved, and every body has a JSON Schema.

use clearsale_facematch::{
    ErrorBody, INTEGRATION, LoginResponse, MatchLevel, MatchRequest, MatchResponse, Notification,
    Transaction, TransactionStatus,
};
use kyc_sandbox::clearsale::Operation;
use test_support::coverage::{Body, Coverage};
use test_support::listed;
use test_support::reader::{Reader, written};
use test_support::schemas;

/// Returns the type that reads a body of the page.
pub fn reader(body: Body) -> Option<Reader> {
    Some(match body {
        Body::Answer("login", 200) => Reader::once::<LoginResponse>().needing("access_token", "token-1"),
        Body::Answer("match2d-2d", 200) => {
            Reader::round::<MatchResponse>().needing("transactionId", "c2a6b5c4-7650-4676-8322-b85c5e0357c1")
        }
        Body::Answer("match2d-2d-query", 200) => Reader::round::<Transaction>(),
        Body::Event("webhook") => Reader::round::<Notification>(),
        Body::Shared("Error bodies") | Body::Answer(_, 400..) => Reader::round::<ErrorBody>(),
        _ => return None,
    })
}

const COVERAGE: Coverage = Coverage {
    vendor: env!("CARGO_PKG_NAME"),
    reader,
    lists: &[("Transaction status", listed!(TransactionStatus)), ("Match levels", listed!(MatchLevel))],
    operations: || Operation::ALL.iter().map(|operation| operation.name()).collect(),
    requests: &[("requests::a_journey_sends_exactly_this", &[])],
};

#[test]
fn every_row_of_the_page_is_proved() {
    COVERAGE.prove();
}

#[test]
fn every_body_matches_its_schema() {
    let extra = vec![written::<MatchRequest>(), INTEGRATION.config_schema().unwrap()];
    schemas::prove(&COVERAGE, extra, &[("match2d-2d", "MatchRequest")]);
}

#[test]
fn edited_bodies_match_the_schema_when_written_again() {
    schemas::edited_payloads_match(&COVERAGE);
}
