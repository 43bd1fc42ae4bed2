//! Compares the cost of our clients with that of clients written by hand, and checks bounds.
//!
//! `cargo xtask bench` builds this package and runs it. A comparison is defined in a file under `rows` and listed in `rows.rs`;
//! it says what is measured, how, and within which bounds.

mod by_hand;
mod command;
mod meter;
mod page;
mod pictures;
mod rows;
mod server;
mod stub;

pub use command::run;

/// Reads and resets a counting allocator. Only the second binary has one, since counting would distort the times.
#[derive(Clone, Copy, Debug)]
pub struct Heap {
    /// The number of bytes allocated now.
    pub current: fn() -> usize,
    /// The peak since the last reset.
    pub peak: fn() -> usize,
    /// Resets the peak to the bytes allocated now.
    pub reset: fn(),
}
