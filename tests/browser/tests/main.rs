//! The sandbox in a real browser.

mod certiface;
mod client;
mod console;
mod control;
mod harness;
mod looks;
mod receiver;

use kyc_core::VirtualClock;
use kyc_sandbox::{Sandbox, SandboxBuilder};

/// What the tests' page can do.
const SCRIPT: &str = include_str!("page.js");

fn builder() -> SandboxBuilder {
    Sandbox::builder().clock(VirtualClock::frozen())
}
