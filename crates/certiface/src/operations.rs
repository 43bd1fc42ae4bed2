//! One file for each operation of the vendor: its path, its class, what is sent and what comes back.

pub(crate) mod appkey;
pub(crate) mod captcha;
pub(crate) mod challenge;
pub(crate) mod checkauth;
pub(crate) mod credencial;
pub(crate) mod document;
pub(crate) mod fortface;
pub(crate) mod initialize;
pub(crate) mod liveness;
pub(crate) mod process_request;
pub(crate) mod result;
pub(crate) mod result_of_liveness;
pub(crate) mod session_token;

use http::{Method, Uri};
use kyc_core::{Body, Call, Error, ErrorKind, Operation, RawResponse, request};
use serde::de::DeserializeOwned;

use crate::client::Client;
use crate::crypto::Cipher;
use appkey::Appkey;

/// Below this stands every path of the service.
macro_rules! service {
    ($path:literal) => {
        concat!("/facecaptcha/service/captcha", $path)
    };
}
pub(crate) use service;

/// Every operation, for those who set a path by name.
pub(crate) static ALL: &[&Operation] = &[
    &credencial::OPERATION,
    &appkey::OPERATION,
    &checkauth::OPERATION,
    &challenge::OPERATION,
    &captcha::OPERATION,
    &initialize::OPERATION,
    &session_token::OPERATION,
    &liveness::OPERATION,
    &process_request::OPERATION,
    &fortface::SESSION_TOKEN,
    &fortface::LIVENESS,
    &document::OPERATION,
    &document::QR_CODE,
    &result::OPERATION,
    &result_of_liveness::OPERATION,
];

/// Whether the appkey is all that authorises a call; the two others go by password and credential.
pub(crate) fn is_opened_by_appkey(operation: &Operation) -> bool {
    ![credencial::OPERATION.name(), appkey::OPERATION.name()].contains(&operation.name())
}

impl Client {
    /// Posts a body that an appkey authorises. If the answer of a paid call is lost, the appkey is what is asked about
    /// later.
    pub(crate) async fn post(
        &self,
        operation: &'static Operation,
        path: &str,
        appkey: &Appkey,
        body: Body,
    ) -> Result<RawResponse, Error> {
        let address = self.addresses.of(operation, path)?;
        self.post_to(operation, address, appkey, body).await
    }

    pub(crate) async fn post_to(
        &self,
        operation: &'static Operation,
        address: Uri,
        appkey: &Appkey,
        body: Body,
    ) -> Result<RawResponse, Error> {
        let build = |_: Option<&_>| Ok(request(Method::POST, address.clone(), body.clone()));
        let id = appkey.operation_id();
        self.pipeline.send(&Call::new(operation, &build).known_as(&id)).await
    }

    /// Reads an answer that may be encrypted.
    pub(crate) fn decode_encrypted<T: DeserializeOwned>(
        &self,
        answer: &RawResponse,
        cipher: &Cipher,
    ) -> Result<T, Error> {
        let json = cipher.open(answer.body()).ok_or_else(|| {
            answer.error(ErrorKind::Decode, "the answer is neither an object nor one that this appkey opens")
        })?;
        self.pipeline.decode_bytes(answer, &json)
    }
}

/// What encrypts the bodies of this appkey.
pub(crate) fn cipher(operation: &Operation, appkey: &Appkey) -> Result<Cipher, Error> {
    Cipher::new(appkey.expose()).map_err(|rule| operation.invalid_input("appkey", &rule))
}
