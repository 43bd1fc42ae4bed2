//! The sandbox in a real browser.

mod certiface;
mod control;
mod harness;

use kyc_core::VirtualClock;
use kyc_sandbox::{Sandbox, SandboxBuilder};

/// What the tests' page can do.
const SCRIPT: &str = include_str!("page.js");

fn builder() -> SandboxBuilder {
    Sandbox::builder().clock(VirtualClock::frozen())
}
