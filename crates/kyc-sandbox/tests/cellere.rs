//! Cellere, asked by a client that knows nothing but our page about it.

mod background;
mod client;
mod control;
mod credits;
mod documents;
mod faces;
mod meters;
mod refusals;
