//! Persons, frames, clients and encryption.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use certiface::kyc_core::{ClientOptions, Clock, Cpf, Date, Media};
use certiface::{
    Appkey, Client, ClientBuilder, Credentials, DocumentOutcome, Journey, LivenessResponse, Person,
};
use kyc_sandbox::{Sandbox, samples};
use test_support::clock::SkippingClock;

/// An appkey in the vendor's form, long enough for a cipher.
pub const APPKEY: &str = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjZXJ0aWZhY2UiLCJjcGYiOiIwMDAwMDAxNDE0MSJ9.WdoUN2LA7Ved3DyrXL3NIT2J1Qq10A8enQeygiZPeek";

/// The test CPF that every check of the sandbox approves.
pub const APPROVED: &str = "91000000192";

pub fn person(cpf: &str) -> Person {
    Person::new(Cpf::parse(cpf).unwrap(), "Maria da Silva", Date::parse("15/11/2001").unwrap())
        .with_id_externo_cliente("order-1")
}

/// Returns distinct frames for each challenge.
pub fn frames(challenges: usize, each: usize) -> Vec<Vec<Media>> {
    (0..challenges).map(|index| (0..each).map(|number| frame(index * each + number)).collect()).collect()
}

/// Returns a photograph with its number in a comment, so that no two are equal.
pub fn frame(number: usize) -> Media {
    let comment = format!("frame {number:06}");
    let mut jpeg = samples::A_2014[..2].to_vec();
    jpeg.extend([0xFF, 0xFE, 0, u8::try_from(comment.len() + 2).unwrap()]);
    jpeg.extend(comment.as_bytes());
    jpeg.extend(&samples::A_2014[2..]);
    Media::new(jpeg).unwrap()
}

pub fn document() -> Media {
    Media::new(samples::A_2025).unwrap()
}

pub fn credentials() -> Credentials {
    Credentials::new(Sandbox::CERTIFACE_USER, Sandbox::CERTIFACE_PASSWORD)
}

/// Returns a builder with one URL for everything, whose client does not wait between attempts.
pub fn builder(base_url: &str) -> ClientBuilder {
    Client::builder(credentials())
        .base_url(base_url)
        .result_base_url(base_url)
        .options(ClientOptions::new().clock(SkippingClock::running()))
}

pub fn client(base_url: &str) -> Client {
    builder(base_url).build().unwrap()
}

pub fn sandboxed(sandbox: &Sandbox) -> ClientBuilder {
    builder(&sandbox.certiface_url())
        .result_base_url(&sandbox.certiface_result_url())
        .options(ClientOptions::new().clock(sandbox.clock()))
}

/// Returns a client with a short attempt timeout and the sandbox's clock.
pub fn hurried(sandbox: &Sandbox) -> Client {
    hurried_by(sandbox, sandbox.clock())
}

/// Returns a client with a short attempt timeout that does not wait between attempts. Not for [`Client::wait`], whose
/// deadline would be skipped, too.
pub fn unpaused(sandbox: &Sandbox) -> Client {
    hurried_by(sandbox, SkippingClock::from(sandbox.clock()))
}

fn hurried_by(sandbox: &Sandbox, clock: impl Clock + 'static) -> Client {
    let options = ClientOptions::new().attempt_timeout(Duration::from_millis(300)).clock(clock);
    sandboxed(sandbox).options(options).build().unwrap()
}

pub fn journey(client: &Client) -> Journey {
    Journey::from_appkey(client, Appkey::new(APPKEY))
}

/// Returns a complete JPEG of a few bytes with its number: small enough for a snapshot.
pub fn small_frame(number: usize) -> Media {
    let mut jpeg = b"\xFF\xD8\xFF\xFE\0\x09".to_vec();
    jpeg.extend(format!("no {number:04}").as_bytes());
    jpeg.extend(b"\xFF\xC0\0\x0B\x08\0\x60\0\x60\x01\x01\x11\0\xFF\xD9");
    Media::new(jpeg).unwrap()
}

/// Encrypts JSON like the vendor, as a JSON string. It is independent of the crate's own encryption.
pub fn encrypted(appkey: &str, json: &str) -> String {
    use aes::cipher::{BlockCipherEncrypt as _, KeyInit as _};
    let aes = aes::Aes128::new_from_slice(&appkey.as_bytes()[..16]).unwrap();
    let mut plain = json.as_bytes().to_vec();
    plain.resize(plain.len() / 16 * 16 + 16, b' ');
    plain.extend([16; 16]);
    let mut previous: Vec<u8> = appkey.bytes().rev().take(16).collect();
    let mut encrypted = Vec::new();
    for block in plain.chunks(16) {
        let mixed: Vec<u8> = block.iter().zip(&previous).map(|(byte, other)| byte ^ other).collect();
        let mut block = aes::Block::try_from(mixed.as_slice()).unwrap();
        aes.encrypt_block(&mut block);
        previous = block.to_vec();
        encrypted.extend(&previous);
    }
    serde_json::Value::from(STANDARD.encode(encrypted)).to_string()
}

/// Decrypts a base64 text of the crate and asserts the documented padding.
pub fn decrypted(appkey: &str, base64: &str) -> String {
    use aes::cipher::{BlockCipherDecrypt as _, KeyInit as _};
    let aes = aes::Aes128::new_from_slice(&appkey.as_bytes()[..16]).unwrap();
    let mut previous: Vec<u8> = appkey.bytes().rev().take(16).collect();
    let mut plain = Vec::new();
    for encrypted in STANDARD.decode(base64).unwrap().chunks(16) {
        let mut block = aes::Block::try_from(encrypted).unwrap();
        aes.decrypt_block(&mut block);
        plain.extend(block.iter().zip(&previous).map(|(byte, other)| byte ^ other));
        previous = encrypted.to_vec();
    }
    let padded = String::from_utf8(plain).unwrap();
    let spaced = padded.strip_suffix(&"\x10".repeat(16)).expect("a block of PKCS#7");
    let text = spaced.trim_end_matches(' ');
    assert!((1..=16).contains(&(spaced.len() - text.len())), "one space at least, a block of spaces at most");
    text.to_owned()
}

/// Starts a person's journey.
pub async fn begun(client: &Client, cpf: &str) -> Journey {
    client.journey(&person(cpf)).await.unwrap()
}

/// Performs challenge and captcha. The sandbox requests two faces with two frames each.
pub async fn prove_liveness(journey: &mut Journey) -> LivenessResponse {
    journey.challenge().await.unwrap();
    journey.captcha(&frames(2, 2)).await.unwrap().into_inner()
}

/// Submits the document, which the sandbox must accept.
pub async fn submit_document(journey: &Journey) {
    let outcome = journey.document(&[document()]).await.unwrap().into_inner();
    assert!(matches!(outcome, DocumentOutcome::Accepted(_)), "{outcome:?}");
}
