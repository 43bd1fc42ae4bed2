//! The contract of each capability, the same for every vendor. The suites know the traits of kyc-core and no vendor;
//! `tests/main.rs` runs them with each vendor and the test inputs of its sandbox.

pub mod background_checker;
pub mod document_reader;
pub mod face_matcher;

/// The programs of the repository's README, run unchanged.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
pub struct Readme;
