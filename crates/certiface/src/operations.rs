//! One file for each operation of the vendor: its path, its class, the request and the response.

pub(crate) mod appkey;
pub(crate) mod captcha;
pub(crate) mod challenge;
pub(crate) mod checkauth;
pub(crate) mod document;
pub(crate) mod fortface;
pub(crate) mod initialize;
pub(crate) mod liveness;
pub(crate) mod process_request;
pub(crate) mod result;
pub(crate) mod result_of_liveness;
pub(crate) mod session_token;

use kyc_core::Operation;

/// Every operation but the login.
pub(crate) static ALL: &[&Operation] = &[
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
