//! Where a test can end the process. Not part of the public API.

use std::fmt;

/// A moment in the life of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    /// Nothing is written.
    BeforeIntent,
    /// The intent is committed, and nothing is sent.
    AfterIntent,
    /// The vendor answered.
    AfterAnswer,
    /// The answer, or what a look-up found, is about to be written.
    BeforeResult,
    /// It is committed.
    AfterResult,
}

impl Point {
    /// Every point, in the order in which they are reached.
    pub const ALL: [Self; 5] =
        [Self::BeforeIntent, Self::AfterIntent, Self::AfterAnswer, Self::BeforeResult, Self::AfterResult];
}

/// Is told of each point.
pub trait FaultPoints: fmt::Debug + Send + Sync {
    /// A point of a step is reached.
    fn reach(&self, vendor: &str, step: &str, point: Point);
}
