//! What this program is: see its manifest. What it does is the same for every TLS.

#[path = "../comparison.rs"]
mod comparison;
pub use comparison::{client, compare, picture};
