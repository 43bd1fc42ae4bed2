//! What the tests of several crates share: payloads as a vendor may change them tomorrow, a vendor and a network on a
//! bad day, a look at all that is sent and all that is printed, TLS, and a picture.
//!
//! It knows kyc-core, the fixtures and the sandbox, and no vendor's crate.

#![expect(clippy::unwrap_used, reason = "it is for tests: whatever fails shall end them")]

mod edits;
pub mod faults;
pub mod fidelity;
pub mod requests;
pub mod sentinels;
pub mod sockets;
pub mod verdicts;

pub use edits::{Edit, INJECTED, What, edits, injections};

/// What an error says of its causes, innermost last.
#[must_use]
pub fn causes(error: &dyn std::error::Error) -> String {
    let below = std::iter::successors(error.source(), |cause| cause.source());
    below.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// A PNG of that width and 200 pixels high, whole and without content.
#[must_use]
pub fn png(width: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    bytes.extend(width.to_be_bytes());
    bytes.extend(200u32.to_be_bytes());
    bytes.extend([8, 2, 0, 0, 0, 0, 0, 0, 0]);
    bytes.extend(b"\0\0\0\0IEND\xaeB`\x82");
    bytes
}
