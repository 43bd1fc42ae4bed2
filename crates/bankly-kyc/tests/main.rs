//! One binary for all tests of the crate: it links once.

#![allow(unreachable_pub, clippy::unwrap_used)]

mod answers;
mod bad_input;
mod certificates;
mod coverage;
mod errors;
mod faults;
mod fidelity;
mod integration;
mod limits;
mod onboardings;
mod requests;
mod sentinels;
mod support;
mod tokens;
mod verdicts;
mod verifier;
mod webhooks;
