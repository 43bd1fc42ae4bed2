//! The sandbox and the reports of cases in a real browser.

mod certiface;
mod client;
mod console;
mod control;
mod harness;
mod looks;
mod receiver;
mod report;
#[path = "../../../crates/kyc-verify/tests/html/sample.rs"]
mod sample;

use kyc_core::VirtualClock;
use kyc_sandbox::{Sandbox, SandboxBuilder};

/// What the tests' page can do.
const SCRIPT: &str = include_str!("page.js");

fn builder() -> SandboxBuilder {
    Sandbox::builder().clock(VirtualClock::frozen())
}
