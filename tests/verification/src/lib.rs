//! Verifications with the clients of all vendors against the sandbox, over sockets, on a store in a file.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

mod clock;
mod person;
mod policies;
mod rig;
mod rows;
mod webhooks;

pub use clock::IdleClock;
pub use person::{CPF, applicant, applicant_without_frames, capture, frame, picture};
pub use policies::{ALL, FIRST, alone};
pub use rig::{PATIENT, Rig};
pub use rows::{checks, row, state_of};
pub use webhooks::Webhooks;
