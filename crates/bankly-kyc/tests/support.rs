//! Pictures, clients and uploads.

use std::time::Duration;

use bankly_kyc::kyc_core::{ClientOptions, Cpf, Media};
use bankly_kyc::{Client, ClientBuilder, Credentials, DocumentSide, DocumentType, Upload};
use kyc_sandbox::Sandbox;
use kyc_sandbox::bankly::{TestOutcome, test_cpf};
pub use test_support::png;

pub const CPF: &str = "52998224725";

pub fn cpf() -> Cpf {
    Cpf::parse(CPF).unwrap()
}

/// VGA at least.
pub fn picture() -> Media {
    let mut bytes = png(640);
    bytes[20..24].copy_from_slice(&480u32.to_be_bytes());
    Media::new(bytes).unwrap()
}

pub fn selfie() -> Upload {
    Upload::selfie(picture())
}

/// A client of which both addresses are one, by a secret: without TLS.
pub fn builder(base_url: &str) -> ClientBuilder {
    Client::builder(Credentials::by_secret("client-id".to_owned(), "client-secret".to_owned()))
        .base_url(base_url)
        .auth_url(base_url)
}

pub fn client(base_url: &str) -> Client {
    builder(base_url).build().unwrap()
}

/// A JPEG of that size in pixels, whole and without content.
pub fn jpeg(width: u16, height: u16) -> Media {
    let mut bytes = b"\xFF\xD8\xFF\xC0\0\x11\x08".to_vec();
    bytes.extend(height.to_be_bytes());
    bytes.extend(width.to_be_bytes());
    bytes.extend(b"\x03\x01\x22\0\x02\x11\x01\x03\x11\x01\xFF\xD9");
    Media::new(bytes).unwrap()
}

pub fn front() -> Upload {
    Upload::document(DocumentType::Rg, DocumentSide::Front, picture())
}

pub fn back() -> Upload {
    Upload::document(DocumentType::Rg, DocumentSide::Back, picture())
}

/// Waits until it is so, and not for ever.
pub async fn until(mut is_so: impl FnMut() -> bool) {
    for _ in 0..2_000 {
        if is_so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("waited in vain");
}

/// A client of the sandbox without TLS, by its clock.
pub fn sandboxed(sandbox: &Sandbox) -> ClientBuilder {
    Client::builder(Credentials::by_secret(Sandbox::BANKLY_CLIENT_ID, Sandbox::BANKLY_CLIENT_SECRET))
        .base_url(&sandbox.bankly_url())
        .auth_url(&sandbox.bankly_url())
        .options(ClientOptions::new().clock(sandbox.clock()))
}

/// The same, and it gives up soon.
pub fn hurried(sandbox: &Sandbox) -> Client {
    let options = ClientOptions::new().attempt_timeout(Duration::from_millis(300)).clock(sandbox.clock());
    sandboxed(sandbox).options(options).build().unwrap()
}

pub fn cpf_of(outcome: TestOutcome) -> Cpf {
    Cpf::parse(test_cpf(outcome).unwrap()).unwrap()
}
