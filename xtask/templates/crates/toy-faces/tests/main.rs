//! One binary for all tests of the crate: it links once.

#![allow(unreachable_pub, clippy::unwrap_used)]

mod capabilities;
mod coverage;
mod fidelity;
mod integration;
mod requests;
mod support;
mod verdicts;
mod verifier;
mod webhooks;
