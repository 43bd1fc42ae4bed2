//! People, frames, clients and a receiver of webhooks.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use certiface::kyc_core::{ClientOptions, Cpf, Date, Media};
use certiface::{
    Appkey, Client, ClientBuilder, Credentials, DocumentOutcome, Journey, LivenessResponse, Person,
};
use kyc_sandbox::{Sandbox, samples};

/// An appkey as the vendor makes them: long enough to encrypt with.
pub const APPKEY: &str = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjZXJ0aWZhY2UiLCJjcGYiOiIwMDAwMDAxNDE0MSJ9.WdoUN2LA7Ved3DyrXL3NIT2J1Qq10A8enQeygiZPeek";

/// Whom every check approves in the sandbox.
pub const APPROVED: &str = "91000000192";

pub fn person(cpf: &str) -> Person {
    Person::new(Cpf::parse(cpf).unwrap(), "Maria da Silva", Date::parse("15/11/2001").unwrap())
        .with_id_externo_cliente("order-1")
}

/// Frames of a capture: no two are alike.
pub fn frames(challenges: usize, each: usize) -> Vec<Vec<Media>> {
    (0..challenges).map(|place| (0..each).map(|number| frame(place * each + number)).collect()).collect()
}

/// A photograph with a comment in it that tells it from the others.
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

/// A client of which both addresses are one.
pub fn builder(base_url: &str) -> ClientBuilder {
    Client::builder(credentials()).base_url(base_url).result_base_url(base_url)
}

pub fn client(base_url: &str) -> Client {
    builder(base_url).build().unwrap()
}

pub fn sandboxed(sandbox: &Sandbox) -> ClientBuilder {
    builder(&sandbox.certiface_url())
        .result_base_url(&sandbox.certiface_result_url())
        .options(ClientOptions::new().clock(sandbox.clock()))
}

/// A client that gives up soon and goes by the sandbox's clock.
pub fn hurried(sandbox: &Sandbox) -> Client {
    let options = ClientOptions::new().attempt_timeout(Duration::from_millis(300)).clock(sandbox.clock());
    sandboxed(sandbox).options(options).build().unwrap()
}

pub fn journey(client: &Client) -> Journey {
    Journey::from_appkey(client, Appkey::new(APPKEY))
}

/// A JPEG of a few bytes, whole, with its number in it: small enough for a snapshot.
pub fn small_frame(number: usize) -> Media {
    let mut jpeg = b"\xFF\xD8\xFF\xFE\0\x09".to_vec();
    jpeg.extend(format!("no {number:04}").as_bytes());
    jpeg.extend(b"\xFF\xD9");
    Media::new(jpeg).unwrap()
}

/// JSON as the vendor sends it encrypted: a JSON string. Made apart from the crate's own encryption, block by block.
pub fn encrypted(appkey: &str, json: &str) -> String {
    use aes::cipher::{BlockCipherEncrypt as _, KeyInit as _};
    let aes = aes::Aes128::new_from_slice(&appkey.as_bytes()[..16]).unwrap();
    let mut plain = json.as_bytes().to_vec();
    plain.resize(plain.len() / 16 * 16 + 16, b' ');
    plain.extend([16; 16]);
    let mut chain: Vec<u8> = appkey.bytes().rev().take(16).collect();
    let mut encrypted = Vec::new();
    for block in plain.chunks(16) {
        let mixed: Vec<u8> = block.iter().zip(&chain).map(|(byte, other)| byte ^ other).collect();
        let mut block = aes::Block::try_from(mixed.as_slice()).unwrap();
        aes.encrypt_block(&mut block);
        chain = block.to_vec();
        encrypted.extend(&chain);
    }
    serde_json::Value::from(STANDARD.encode(encrypted)).to_string()
}

/// What stands in a base64 text that the crate encrypted. The padding must be as the page says.
pub fn decrypted(appkey: &str, base64: &str) -> String {
    use aes::cipher::{BlockCipherDecrypt as _, KeyInit as _};
    let aes = aes::Aes128::new_from_slice(&appkey.as_bytes()[..16]).unwrap();
    let mut chain: Vec<u8> = appkey.bytes().rev().take(16).collect();
    let mut plain = Vec::new();
    for encrypted in STANDARD.decode(base64).unwrap().chunks(16) {
        let mut block = aes::Block::try_from(encrypted).unwrap();
        aes.decrypt_block(&mut block);
        plain.extend(block.iter().zip(&chain).map(|(byte, other)| byte ^ other));
        chain = encrypted.to_vec();
    }
    let padded = String::from_utf8(plain).unwrap();
    let blanked = padded.strip_suffix(&"\x10".repeat(16)).expect("a block of PKCS#7");
    let text = blanked.trim_end_matches(' ');
    assert!((1..=16).contains(&(blanked.len() - text.len())), "one blank at least, a block of them at most");
    text.to_owned()
}

/// The beginning of a person's journey.
pub async fn begun(client: &Client, cpf: &str) -> Journey {
    client.journey(&person(cpf)).await.unwrap()
}

/// Challenge and captcha. The sandbox asks for two faces, with two frames each.
pub async fn prove_liveness(journey: &mut Journey) -> LivenessResponse {
    journey.challenge().await.unwrap();
    journey.captcha(&frames(2, 2)).await.unwrap().into_inner()
}

/// The document, which the sandbox is to take.
pub async fn hand_in_document(journey: &Journey) {
    let outcome = journey.document(&[document()]).await.unwrap().into_inner();
    assert!(matches!(outcome, DocumentOutcome::Accepted(_)), "{outcome:?}");
}
