//! Helpers that the tests of several crates share: edited payloads, a clock, faults, recorded requests and output, TLS, and an
//! image.
//!
//! Depends on kyc-core, the fixtures and the sandbox, never on a vendor's crate.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

pub mod clock;
pub mod coverage;
mod edits;
pub mod faults;
pub mod fidelity;
pub mod integration;
pub mod reader;
pub mod requests;
pub mod schemas;
pub mod sentinels;
pub mod sockets;
mod tree;
pub mod verdicts;
pub mod verifier;

use edits::{Edit, What, edits, injections};

/// Returns the messages of an error's causes, innermost last.
pub fn causes(error: &dyn std::error::Error) -> String {
    let below = std::iter::successors(error.source(), |cause| cause.source());
    below.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// Returns a complete PNG of `width` × 200 pixels without content.
pub fn png(width: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    bytes.extend(width.to_be_bytes());
    bytes.extend(200u32.to_be_bytes());
    bytes.extend([8, 2, 0, 0, 0, 0, 0, 0, 0]);
    bytes.extend(b"\0\0\0\0IEND\xaeB`\x82");
    bytes
}

/// Writes a generated file to the folder `PROOFS`, from which `cargo xtask` takes it.
fn output(file: &str, text: &str) {
    if let Some(folder) = std::env::var_os("PROOFS") {
        let file = std::path::Path::new(&folder).join(file);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }
}
