//! Tests of the crate from outside.

mod decode;
mod hostile;
mod parity;
mod search;
