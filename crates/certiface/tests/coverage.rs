//! Every row of docs/vendors/certiface.md is proved, and every body has a JSON Schema.

use certiface::{
    AppkeyResponse, BiometricCode, CertifaceIdCode, Challenge, CinOcr, ClientOcr, CnhOcr, Completion,
    CredentialResponse, DniOcr, DocumentResponse, DocumentSide, ErrorBody, FileStatus, FortfaceSession,
    INTEGRATION, Initialization, JourneyResult, JourneyStatus, LivenessCode, LivenessResponse,
    ProcessedFileStatus, ProcessingStatus, Refusal, RgOcr, RiskScore, SessionToken, StatusUpdate,
};
use kyc_sandbox::certiface::Operation;
use test_support::coverage::{Body, Coverage};
use test_support::listed;
use test_support::reader::Reader;
use test_support::schemas;

/// Returns the type that reads a body of the page.
pub fn reader(body: Body) -> Option<Reader> {
    Some(match body {
        Body::Answer("credencial", 200) => Reader::once::<CredentialResponse>().needing("token", "token-1"),
        Body::Answer("appkey", 200) => Reader::round::<AppkeyResponse>().needing("appkey", "appkey-1"),
        Body::Answer("challenge", 200) => Reader::round::<Challenge>(),
        Body::Answer("session-token", 200) => Reader::round::<SessionToken>(),
        Body::Answer("initialize", 200) => Reader::round::<Initialization>(),
        Body::Answer("fortface-session-token", 200) => Reader::round::<FortfaceSession>(),
        Body::Answer(
            "captcha" | "liveness" | "process-request" | "fortface-liveness" | "captcha-result",
            200,
        ) => Reader::round::<LivenessResponse>(),
        Body::Answer("document" | "document-qrcode", 200) => Reader::round::<DocumentResponse>(),
        Body::Answer("result", 200) => Reader::round::<JourneyResult>(),
        Body::Event("completion") => Reader::round::<Completion>(),
        Body::Event("status-update") => Reader::round::<StatusUpdate>(),
        Body::Shared("RG") => Reader::round::<RgOcr>(),
        Body::Shared("CNH") => Reader::round::<CnhOcr>(),
        Body::Shared("DNI") => Reader::round::<DniOcr>(),
        Body::Shared("CIN") => Reader::round::<CinOcr>(),
        Body::Shared("CRNM" | "Passport") => Reader::round::<ClientOcr>(),
        Body::Shared("Error bodies") | Body::Answer(_, 400..) => {
            Reader::round::<ErrorBody>().or(Reader::round::<Refusal>())
        }
        _ => return None,
    })
}

const COVERAGE: Coverage = Coverage {
    vendor: env!("CARGO_PKG_NAME"),
    reader,
    lists: &[
        ("Journey status", listed!(JourneyStatus)),
        ("codID", listed!(LivenessCode)),
        ("statusProcessamento", listed!(ProcessingStatus)),
        ("statusArquivo", listed!(FileStatus)),
        ("tipo", listed!(DocumentSide)),
        ("statusArquivoProcessado", listed!(ProcessedFileStatus)),
        ("Face comparison codes", listed!(BiometricCode)),
        ("Bureau codes", listed!(CertifaceIdCode)),
        ("Risk classes", listed!(RiskScore)),
    ],
    operations: || Operation::ALL.iter().map(|operation| operation.name()).collect(),
    requests: &[("requests::a_journey_sends_exactly_this", &["/port-8443"])],
};

#[test]
fn every_row_of_the_page_is_proved() {
    COVERAGE.prove();
}

#[test]
fn every_body_matches_its_schema() {
    schemas::prove(&COVERAGE, vec![INTEGRATION.config_schema().unwrap()], &[]);
}

#[test]
fn edited_bodies_match_the_schema_when_written_again() {
    schemas::edited_payloads_match(&COVERAGE);
}
