//! ClearSale, tested by a client based only on the vendor's page. Faults and control routes are tested here for all
//! vendors.

pub(crate) mod client;
mod control;
mod faults;
mod login;
mod matching;
#[cfg(feature = "faces")]
mod pictures;
mod trigger;
mod webhooks;
