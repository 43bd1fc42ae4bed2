//! Verifications with the clients of all vendors against the sandbox.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod good;
mod outcomes;
