//! The manifest describes this program. It does the same with every TLS.

#[path = "../two_vendors.rs"]
mod two_vendors;
pub use two_vendors::compare_with_all;
