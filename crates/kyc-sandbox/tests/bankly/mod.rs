//! Bankly, tested by a client based only on the vendor's pages and other public sources.

mod client;
mod control;
mod limits;
#[cfg(feature = "faces")]
mod pictures;
mod registration;
mod scenarios;
mod status;
mod tls;
mod tokens;
mod trigger;
mod uploads;
mod webhooks;
