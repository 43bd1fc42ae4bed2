//! What our clients cost beside clients written by hand, and what that may be.
//!
//! `cargo xtask bench` builds this package and runs it. A comparison is one file under `rows`, named once in `rows.rs`;
//! there stand what is measured, how, and within which bounds.

mod by_hand;
mod certificates;
mod command;
mod meter;
mod page;
mod pictures;
#[cfg(test)]
mod recorder;
mod rows;
mod samples;
mod server;
mod stage;
mod stub;

pub use command::run;

/// Reads and resets a counting allocator. Only the second binary has one: counting would slow down what is timed.
#[derive(Clone, Copy, Debug)]
pub struct Heap {
    /// Bytes that are allocated now.
    pub current: fn() -> usize,
    /// The most that was allocated since the last reset.
    pub peak: fn() -> usize,
    /// Starts again from what is allocated now.
    pub reset: fn(),
}
