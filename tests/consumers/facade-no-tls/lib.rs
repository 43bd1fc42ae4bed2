//! What this program is: see its manifest. What it does is the same for every TLS.

#[path = "../two_vendors.rs"]
mod two_vendors;
pub use two_vendors::ask_all;
