//! The client.

use aes::Aes128;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cbc::cipher::block_padding::{NoPadding, Pkcs7};
use cbc::cipher::{BlockModeDecrypt as _, BlockModeEncrypt as _, KeyIvInit as _};
use kyc_sandbox::certiface::{TestOutcome, test_cpf};
use kyc_sandbox::{Delivery, Sandbox, samples};
use serde_json::{Value, json};

use crate::support::*;

pub(super) const BIRTH: &str = "15/11/2001";
/// A valid CPF that is not a test CPF.
pub(super) const CPF: &str = "52998224725";
const MD5_OF_PASSWORD: &str = "911b7bf55b7b03cdfe2af9d1e68e4897";

pub(super) async fn post_form(sandbox: &Sandbox, path: &str, fields: &[(&str, &str)]) -> (u16, Value) {
    let base =
        if path == "/document/result" { sandbox.certiface_result_url() } else { sandbox.certiface_url() };
    let request = client().post(format!("{base}/facecaptcha/service/captcha{path}")).form(fields);
    read(request.send().await.expect("a response")).await
}

pub(super) async fn post_json(sandbox: &Sandbox, path: &str, body: &Value) -> (u16, Value) {
    let url = format!("{}/facecaptcha/service/captcha{path}", sandbox.certiface_url());
    read(client().post(url).json(body).send().await.expect("a response")).await
}

/// The response of `credencial` as text.
pub(super) async fn credential(sandbox: &Sandbox) -> String {
    let fields = [("user", Sandbox::CERTIFACE_USER), ("pass", MD5_OF_PASSWORD)];
    let (status, answer) = post_form(sandbox, "/credencial", &fields).await;
    assert_eq!(status, 200, "{answer}");
    answer.to_string()
}

pub(super) async fn ask_appkey(sandbox: &Sandbox, cpf: &str) -> (u16, Value) {
    let credential = credential(sandbox).await;
    let fields = [
        ("user", Sandbox::CERTIFACE_USER),
        ("token", &credential),
        ("cpf", cpf),
        ("nome", "Nome Sobrenome"),
        ("nascimento", BIRTH),
        ("idExternoCliente", "4561645657446457-651A.SDRFEN"),
    ];
    post_form(sandbox, "/appkey", &fields).await
}

pub(super) async fn appkey_of(sandbox: &Sandbox, cpf: &str) -> String {
    let (status, answer) = ask_appkey(sandbox, cpf).await;
    assert_eq!(status, 200, "{answer}");
    answer["appkey"].as_str().expect("an appkey").to_owned()
}

pub(super) async fn appkey_for(sandbox: &Sandbox, outcome: TestOutcome) -> String {
    appkey_of(sandbox, test_cpf(outcome).expect("each outcome has its CPF")).await
}

fn key_and_iv(appkey: &str) -> ([u8; 16], [u8; 16]) {
    let backwards: String = appkey.chars().rev().take(16).collect();
    let bytes = |text: &str| text.as_bytes().try_into().expect("16 bytes");
    (bytes(&appkey[..16]), bytes(&backwards))
}

/// Encrypted, in base64, not percent-encoded.
pub(super) fn encrypt(appkey: &str, text: &str) -> String {
    let (key, iv) = key_and_iv(appkey);
    let spaces = " ".repeat(16 - text.len() % 16);
    let encryptor = cbc::Encryptor::<Aes128>::new(&key.into(), &iv.into());
    STANDARD.encode(encryptor.encrypt_padded_vec::<Pkcs7>(format!("{text}{spaces}").as_bytes()))
}

/// Like `encodeURIComponent`.
pub(super) fn percent(text: &str) -> String {
    text.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D")
}

/// Decrypts a response like the vendor's browser code, which drops everything after the last brace.
pub(super) fn decrypt(appkey: &str, answer: &Value) -> Value {
    let (key, iv) = key_and_iv(appkey);
    let encrypted = STANDARD.decode(answer.as_str().expect("a JSON text")).expect("base64");
    let decryptor = cbc::Decryptor::<Aes128>::new(&key.into(), &iv.into());
    let plain = decryptor.decrypt_padded_vec::<NoPadding>(&encrypted).expect("whole blocks");
    let plain = String::from_utf8(plain).expect("text");
    let (json, padding) = plain.split_at(plain.rfind('}').expect("a brace") + 1);
    assert!(padding.trim_start_matches(' ').bytes().all(|byte| byte == 16), "spaces, then PKCS#7");
    serde_json::from_str(json).expect("JSON")
}

pub(super) async fn challenge(sandbox: &Sandbox, appkey: &str) -> (u16, Value) {
    let (status, answer) = post_form(sandbox, "/challenge", &[("appkey", appkey)]).await;
    (status, if status == 200 { decrypt(appkey, &answer) } else { answer })
}

pub(super) async fn good_challenge(sandbox: &Sandbox, appkey: &str) -> Value {
    let (status, challenge) = challenge(sandbox, appkey).await;
    assert_eq!(status, 200, "{challenge}");
    challenge
}

pub(super) fn record(code: &str, jpeg: &[u8]) -> String {
    format!("data:image/jpeg;base64,type:{code},{}", STANDARD.encode(jpeg))
}

/// The codes of a challenge, each repeated for its number of images.
pub(super) fn codes(challenge: &Value) -> Vec<String> {
    let times = challenge["snapNumber"].as_u64().expect("a number");
    let each = challenge["challenges"].as_array().expect("an array").iter();
    each.flat_map(|each| (0..times).map(|_| each["tipoFace"]["codigo"].as_str().expect("a code").to_owned()))
        .collect()
}

/// The records of all frames: the first of 2025, all others of 2014.
pub(super) fn records(challenge: &Value) -> String {
    let picture = |place| if place == 0 { samples::A_2025 } else { samples::A_2014 };
    codes(challenge).iter().enumerate().map(|(place, code)| record(code, picture(place))).collect()
}

pub(super) async fn captcha(
    sandbox: &Sandbox,
    appkey: &str,
    challenge: &Value,
    images: &str,
) -> (u16, Value) {
    let chkey = challenge["chkey"].as_str().expect("a key");
    let images = percent(&encrypt(appkey, images));
    post_form(sandbox, "", &[("appkey", appkey), ("chkey", chkey), ("images", &images)]).await
}

/// A complete 2D liveness.
pub(super) async fn live(sandbox: &Sandbox, appkey: &str) -> Value {
    let challenge = good_challenge(sandbox, appkey).await;
    let (status, answer) = captcha(sandbox, appkey, &challenge, &records(&challenge)).await;
    assert_eq!(status, 200, "{answer}");
    answer
}

pub(super) async fn document(sandbox: &Sandbox, appkey: &str) -> (u16, Value) {
    let images = [samples::A_2014, samples::A_2025].map(|picture| STANDARD.encode(picture));
    post_json(sandbox, "/document", &json!({ "appkey": appkey, "images": images })).await
}

pub(super) async fn result(sandbox: &Sandbox, appkey: &str) -> (u16, Value) {
    post_form(sandbox, "/document/result", &[("appkey", appkey)]).await
}

/// A complete journey, and its result.
pub(super) async fn journey(sandbox: &Sandbox, outcome: TestOutcome) -> Value {
    let appkey = appkey_for(sandbox, outcome).await;
    live(sandbox, &appkey).await;
    assert_eq!(document(sandbox, &appkey).await.0, 200);
    sandbox.clock().advance(seconds(3));
    let (status, result) = result(sandbox, &appkey).await;
    assert_eq!(status, 200);
    result
}

pub(super) fn refused((status, answer): &(u16, Value), expected: u16) -> String {
    assert_eq!(*status, expected, "{answer}");
    answer["error"].as_str().expect("an explanation").to_owned()
}

/// Waits, in real time, until the deliveries satisfy the condition.
pub(crate) async fn certiface_deliveries_when(
    sandbox: &Sandbox,
    ready: impl Fn(&[Delivery]) -> bool,
) -> Vec<Delivery> {
    when(|| sandbox.certiface().deliveries(), ready).await
}
