//! One binary for all tests of the crate: it links once.

#![allow(clippy::unwrap_used)]

mod fidelity;
mod integration;
mod verdicts;
mod webhooks;
