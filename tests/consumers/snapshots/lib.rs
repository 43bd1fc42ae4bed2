//! A program that keeps verdicts as JSON. What it would see of a change in them is in its tests.

use clearsale_facematch::Transaction;
use clearsale_facematch::kyc_core::{DecodeFailure, decode};

/// What is stored, and which paths of the body were left out.
pub fn read(body: &[u8]) -> Result<(Transaction, Vec<String>), DecodeFailure> {
    decode(body).map(|decoded| (decoded.value, decoded.ignored))
}

/// The programs of the guide.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guide/snapshot-schemas.md")]
struct Guide;
