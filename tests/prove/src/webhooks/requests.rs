//! What vendors send, with the proofs that they give of themselves.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use kyc_core::{Clock as _, SystemClock};
use serde_json::json;
use sha2::Sha256;

pub(super) const PUBLIC_URL: &str = "https://hooks.example.com";
pub(super) const BEARER: &str = "the secret that was agreed on";
/// Base64 of `teste`.
pub(super) const BANKLY_PRIVATE_KEY: &str = "dGVzdGU=";
const BANKLY_PUBLIC_KEY: &str = "NWUyNjgwZDMtNmE2Ni00YWYzLWJkNjUtMGM2ODMzYzczYzI1";
/// The only address from which Certiface's status updates are accepted. Requests come from 127.0.0.1 unless said otherwise.
pub(super) const CERTIFACE_PEER: &str = "127.0.0.9";

#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) path: &'static str,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: String,
}

impl Request {
    fn json(path: &'static str, body: &serde_json::Value) -> Self {
        let headers = vec![("content-type", "application/json".to_owned())];
        Self { path, headers, body: body.to_string() }
    }

    pub(super) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value.into()));
        self
    }

    /// Returns the head as it is sent, up to its last empty line, without a length.
    pub(super) fn head(&self) -> String {
        let headers = self.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n"));
        format!("POST {} HTTP/1.1\r\nhost: hooks.example.com\r\n{}", self.path, headers.collect::<String>())
    }
}

/// A change of a transaction's status. `reference` tells it from all others.
pub(super) fn clearsale(transaction: &str, status: &str, reference: &str) -> Request {
    let body = json!({
        "clientId": "client",
        "identifierId": reference,
        "cPF": "52998224725",
        "confiability": 6,
        "isMatch": true,
        "transactionId": transaction,
        "transactionStatus": status,
        "message": null,
    });
    Request::json("/webhooks/clearsale", &body).header("authorization", format!("Bearer {BEARER}"))
}

/// An event about an image. `reference` is its idempotency key, which tells it from all others.
pub(super) fn bankly(token: &str, name: &str, reference: &str) -> Request {
    let body = json!({
        "entityId": token,
        "companyKey": "COMPANY",
        "idempotencyKey": reference,
        "context": "Document",
        "name": name,
        "timestamp": "2026-03-09T17:33:23.4692342Z",
        "metadata": { "customerDocument": "52998224725" },
    });
    let now = SystemClock.now().unix_seconds();
    Signing::default().sign(Request::json("/webhooks/bankly", &body), now)
}

/// How an event of Bankly is signed.
pub(super) struct Signing {
    pub(super) key: &'static [u8],
    /// The registered URL.
    pub(super) url: &'static str,
}

impl Default for Signing {
    fn default() -> Self {
        Self { key: b"teste", url: "https://hooks.example.com/webhooks/bankly" }
    }
}

impl Signing {
    pub(super) fn sign(&self, request: Request, time: i64) -> Request {
        let nonce = format!("{:032x}", fastrand::u128(..));
        let (url, body) = (self.url.replace(':', "%3a").replace('/', "%2f"), STANDARD.encode(&request.body));
        let text = format!("{BANKLY_PUBLIC_KEY}&{url}&{time}&{nonce}&{body}");
        // HMAC takes a key of any length.
        let signature = Hmac::<Sha256>::new_from_slice(self.key).map(|mut mac| {
            mac.update(text.as_bytes());
            STANDARD.encode(mac.finalize().into_bytes())
        });
        request
            .header("authorization", format!("hmac {}", signature.unwrap_or_default()))
            .header("publickey", BANKLY_PUBLIC_KEY)
            .header("nonce", nonce)
            .header("requesttimestamp", time.to_string())
    }
}

/// A suspicion of fraud, or its end.
pub(super) fn status_update(protocol: &str, status: &str) -> Request {
    let body = json!({ "protocolo": protocol, "cpf": "52998224725", "novoStatus": status });
    Request::json("/webhooks/certiface-status", &body)
}

/// A hint that the journey of an appkey is complete.
pub(super) fn completion(appkey: &str) -> Request {
    Request::json("/webhooks/certiface-completion", &json!({ "Status": "Completo", "Appkey": appkey }))
}
