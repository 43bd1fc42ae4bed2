//! What a capability promises, whoever the vendor is. The suite knows the traits of kyc-core and no vendor; each
//! vendor brings itself and the test inputs of its sandbox (see `tests/main.rs`).

pub mod background_checker;
pub mod document_reader;
pub mod face_matcher;

/// The programs of the repository's README, run as they stand there.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
pub struct Readme;
