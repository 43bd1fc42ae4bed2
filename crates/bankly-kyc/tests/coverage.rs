//! Every row of docs/vendors/bankly-kyc.md is proved, and every body has a JSON Schema.

use bankly_kyc::{
    Analysis, AnalysisStatus, CertificateResponse, CompanyDocument, DocumentSide, DocumentStatus,
    DocumentType, Emotion, ErrorBody, Event, EventName, FaceMatchStatus, FaceStatus, INTEGRATION,
    LicenceCategory, Listing, LivenessStatus, Message, MessageState, PrintedSide, RefusalMessage,
    RegisterResponse, ResultLevel, TokenResponse, UploadResponse, WebhookConfiguration,
};
use kyc_sandbox::bankly::Operation;
use test_support::coverage::{Body, Coverage};
use test_support::listed;
use test_support::reader::{Reader, written};
use test_support::schemas;

/// Returns the type that reads a body of the page.
pub fn reader(body: Body) -> Option<Reader> {
    Some(match body {
        Body::Answer("token" | "legacy-token", 200) => {
            Reader::once::<TokenResponse>().needing("access_token", "token-1")
        }
        Body::Answer("certificate", 200) => Reader::once::<CertificateResponse>(),
        Body::Answer("register", 201) => Reader::once::<RegisterResponse>().needing("client_id", "id-1"),
        Body::Answer("upload", 201 | 202)
        | Body::Answer("upload-deepface", 202)
        | Body::Answer("upload-company", 201) => Reader::round::<UploadResponse>(),
        Body::Answer("status", 200) => Reader::each::<Analysis>(),
        Body::Answer("webhook-list" | "webhook-get", 200) | Body::Answer("webhook-create", 201) => {
            Reader::round::<Listing<WebhookConfiguration>>()
        }
        Body::Answer("messages", 200) | Body::Answer("message-resend", 202) => {
            Reader::round::<Listing<Message>>()
        }
        Body::Event("document-was-received" | "document-was-processed") | Body::Shared("Envelope") => {
            Reader::each::<Event>()
        }
        Body::Shared("Error bodies") | Body::Answer(_, 300..) => Reader::round::<ErrorBody>(),
        _ => return None,
    })
}

const COVERAGE: Coverage = Coverage {
    vendor: env!("CARGO_PKG_NAME"),
    reader,
    lists: &[
        ("Image status", listed!(AnalysisStatus)),
        ("Liveness status", listed!(LivenessStatus)),
        ("Face details status", listed!(FaceStatus)),
        ("Face match status", listed!(FaceMatchStatus)),
        ("Document details status", listed!(DocumentStatus)),
        ("Emotions", listed!(Emotion)),
        ("Document types", listed!(DocumentType)),
        ("Document sides", listed!(DocumentSide)),
        ("Result levels", level),
        ("Company document types", listed!(CompanyDocument)),
        ("Event names", listed!(EventName)),
        ("Message state", listed!(MessageState)),
        ("Printed sides", listed!(PrintedSide)),
        ("Licence categories", listed!(LicenceCategory)),
        ("Refusal texts", listed!(RefusalMessage)),
    ],
    operations: || Operation::ALL.iter().map(|operation| operation.name()).collect(),
    requests: &[
        ("requests::the_requests_of_every_operation", &["/api", "/login"]),
        ("requests::tokens_by_certificate_and_by_secret", &[]),
    ],
};

/// Only sent, never read.
fn level(value: &str) -> Option<String> {
    let mut levels = [ResultLevel::OnlyStatus, ResultLevel::Detailed].into_iter().map(ResultLevel::as_str);
    levels.find(|level| *level == value).map(str::to_owned)
}

#[test]
fn every_row_of_the_page_is_proved() {
    COVERAGE.prove();
}

#[test]
fn every_body_matches_its_schema() {
    // A part of an upload, which is not JSON, and the meaning of a text that is kept as received.
    let extra =
        vec![written::<CompanyDocument>(), written::<RefusalMessage>(), INTEGRATION.config_schema().unwrap()];
    schemas::prove(&COVERAGE, extra, &[]);
}

#[test]
fn edited_bodies_match_the_schema_when_written_again() {
    schemas::edited_payloads_match(&COVERAGE);
}
