//! Every row of docs/vendors/cellere-portal.md is proved, and every body has a JSON Schema.

use cellere_portal::{
    BalanceResponse, BaseStatus, CnpjResponse, Conciliation, CpfResponse, DisplayType, DocumentRequest,
    DocumentResponse, DocumentType, ErrorBody, FaceMatchRequest, FaceMatchResponse, INTEGRATION,
    MeterResponse, MeterService, ResponseText, TaxIdStatus,
};
use kyc_sandbox::cellere::Operation;
use test_support::coverage::{Body, Coverage};
use test_support::listed;
use test_support::reader::{Reader, written};
use test_support::schemas;

/// Returns the type that reads a body of the page. None has a required field: whatever was paid for is returned.
pub fn reader(body: Body) -> Option<Reader> {
    Some(match body {
        Body::Answer("document", 200) => Reader::round::<DocumentResponse>(),
        Body::Answer("cpf", 200) => Reader::round::<CpfResponse>(),
        Body::Answer("cnpj", 200) => Reader::round::<CnpjResponse>(),
        Body::Answer("meter", 200) => Reader::round::<MeterResponse>(),
        Body::Answer("facematch", 200) => Reader::round::<FaceMatchResponse>(),
        Body::Answer("balance", 200) => Reader::round::<BalanceResponse>(),
        Body::Shared("Error bodies") | Body::Answer(_, 300..) => Reader::round::<ErrorBody>(),
        _ => return None,
    })
}

const COVERAGE: Coverage = Coverage {
    vendor: env!("CARGO_PKG_NAME"),
    reader,
    lists: &[
        ("Document types", listed!(DocumentType)),
        ("CPF statuses", listed!(TaxIdStatus)),
        ("CNPJ statuses", listed!(BaseStatus)),
        ("Meter services", listed!(MeterService)),
        ("Display types", listed!(DisplayType)),
        ("Conciliation", listed!(Conciliation)),
        ("Response texts", listed!(ResponseText)),
    ],
    operations: || Operation::ALL.iter().map(|operation| operation.name()).collect(),
    requests: &[("requests::every_operation_sends_exactly_this", &[])],
};

#[test]
fn every_row_of_the_page_is_proved() {
    COVERAGE.prove();
}

#[test]
fn every_body_matches_its_schema() {
    let extra = vec![
        written::<DocumentRequest>(),
        written::<FaceMatchRequest>(),
        // The text of a status, which is not a closed list.
        written::<Conciliation>(),
        written::<ResponseText>(),
        INTEGRATION.config_schema().unwrap(),
    ];
    let requests = [("document", "DocumentRequest"), ("facematch", "FaceMatchRequest")];
    schemas::prove(&COVERAGE, extra, &requests);
}

#[test]
fn edited_bodies_match_the_schema_when_written_again() {
    schemas::edited_payloads_match(&COVERAGE);
}
