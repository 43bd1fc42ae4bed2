//! The manifest describes this program. It does the same with every TLS.

#[path = "../comparison.rs"]
mod comparison;
pub use comparison::{client, compare, picture};
