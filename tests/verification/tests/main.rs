//! Verifications with the clients of all vendors against the sandbox.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod crashes;
mod disagreement;
mod faults;
mod good;
mod outcomes;
mod rules;
mod sessions;
mod uploads;
mod watch;
