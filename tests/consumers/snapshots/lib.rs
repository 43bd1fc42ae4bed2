//! A program that stores results as JSON. Its tests show how it detects changes in them.

use clearsale_facematch::Transaction;
use clearsale_facematch::kyc_core::{DecodeFailure, decode};

/// Returns the value to store and the paths of the body that it does not contain.
pub fn read(body: &[u8]) -> Result<(Transaction, Vec<String>), DecodeFailure> {
    decode(body).map(|decoded| (decoded.value, decoded.ignored))
}

/// The examples of the guide.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guide/snapshot-schemas.md")]
struct Guide;
