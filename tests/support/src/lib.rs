//! Helpers that the tests of several crates share: edited payloads, a clock, faults, recorded requests and output, TLS, and an
//! image.
//!
//! Depends on kyc-core, the fixtures and the sandbox, never on a vendor's crate.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

pub mod clock;
mod edits;
pub mod faults;
pub mod fidelity;
pub mod integration;
pub mod requests;
pub mod sentinels;
pub mod sockets;
pub mod verdicts;

pub use edits::{Edit, INJECTED, What, edits, injections};

/// Returns the messages of an error's causes, innermost last.
#[must_use]
pub fn causes(error: &dyn std::error::Error) -> String {
    let below = std::iter::successors(error.source(), |cause| cause.source());
    below.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// Returns a complete PNG of `width` × 200 pixels without content.
#[must_use]
pub fn png(width: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    bytes.extend(width.to_be_bytes());
    bytes.extend(200u32.to_be_bytes());
    bytes.extend([8, 2, 0, 0, 0, 0, 0, 0, 0]);
    bytes.extend(b"\0\0\0\0IEND\xaeB`\x82");
    bytes
}
