//! What login and operations share: the pipeline, the addresses, and the call that an appkey authorises.

use std::collections::BTreeMap;
use std::sync::Arc;

use http::{Method, Uri};
use kyc_core::{BaseUrl, Body, Call, Error, ErrorKind, Operation, Pipeline, RawResponse, request};
use serde::de::DeserializeOwned;

use crate::VENDOR;
use crate::crypto::Cipher;
use crate::model::Appkey;

/// The prefix of every path of the service.
macro_rules! service {
    ($path:literal) => {
        concat!("/facecaptcha/service/captcha", $path)
    };
}
pub(crate) use service;

/// The address of each operation.
#[derive(Clone, Debug)]
pub(crate) struct Addresses {
    pub(crate) base: BaseUrl,
    pub(crate) result: BaseUrl,
    /// Paths that the user changed, by operation name.
    pub(crate) paths: BTreeMap<&'static str, String>,
}

impl Addresses {
    /// Returns the address of an operation below the base URL.
    pub(crate) fn of(&self, operation: &Operation, path: &str) -> Result<Uri, Error> {
        self.join(&self.base, operation, path)
    }

    /// Returns the address of the result, which has a host or port of its own.
    pub(crate) fn of_result(&self, operation: &Operation, path: &str) -> Result<Uri, Error> {
        self.join(&self.result, operation, path)
    }

    /// Returns the address of an operation with a query.
    pub(crate) fn with_query(
        &self,
        operation: &Operation,
        path: &str,
        query: &[(&'static str, &str)],
    ) -> Result<Uri, Error> {
        self.base
            .join_query(self.path(operation, path), query)
            .map_err(|rule| operation.invalid_input("appkey", &rule))
    }

    fn path<'a>(&'a self, operation: &Operation, path: &'a str) -> &'a str {
        self.paths.get(operation.name()).map_or(path, String::as_str)
    }

    fn join(&self, base: &BaseUrl, operation: &Operation, path: &str) -> Result<Uri, Error> {
        base.join(self.path(operation, path)).map_err(|rule| {
            Error::config(VENDOR, rule.about(format!("path of {}", operation.name())).to_string())
                .in_operation(operation.name())
        })
    }
}

/// The way to the vendor. Cloning shares it.
#[derive(Clone, Debug)]
pub(crate) struct Connection {
    pub(crate) pipeline: Pipeline,
    pub(crate) addresses: Arc<Addresses>,
}

impl Connection {
    /// Posts a body that an appkey authorises. If the response to a paid call is lost, the error carries the appkey as
    /// its operation id.
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

    /// Decodes a response in the charset that it declares, and leaves it to be looked at further.
    pub(crate) fn decode<T: DeserializeOwned>(&self, answer: &RawResponse) -> Result<T, Error> {
        self.pipeline.decode_bytes(answer, answer.json().as_str().as_bytes())
    }

    /// Decodes a response that may be encrypted.
    pub(crate) fn decode_encrypted<T: DeserializeOwned>(
        &self,
        answer: &RawResponse,
        cipher: &Cipher,
    ) -> Result<T, Error> {
        let text = answer.json();
        let json = cipher.decrypt(text.as_str().as_bytes()).ok_or_else(|| {
            let what = "the response is neither a JSON object nor encrypted with this appkey";
            answer.error(ErrorKind::Decode, what)
        })?;
        self.pipeline.decode_bytes(answer, &json)
    }
}

/// Returns the cipher for the bodies of this appkey.
pub(crate) fn cipher(operation: &Operation, appkey: &Appkey) -> Result<Cipher, Error> {
    Cipher::new(appkey.expose()).map_err(|rule| operation.invalid_input("appkey", &rule))
}
