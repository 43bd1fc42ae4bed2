//! Cellere, tested by a client based only on our page about it.

mod background;
pub(crate) mod client;
mod control;
mod credits;
mod documents;
mod faces;
mod meters;
#[cfg(feature = "faces")]
mod pictures;
mod refusals;
