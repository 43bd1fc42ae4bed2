//! One binary for all tests of the crate: it links once.

#![allow(unreachable_pub, clippy::unwrap_used)]

mod answers;
mod bad_input;
mod capabilities;
mod coverage;
mod errors;
mod faults;
mod fidelity;
mod integration;
mod requests;
mod sentinels;
mod support;
mod tls;
mod tokens;
mod verdicts;
mod verifier;
mod webhooks;
