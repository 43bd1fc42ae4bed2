//! Certiface, tested by a client based only on the vendor's page and its browser code.

mod captcha;
mod client;
mod control;
mod credentials;
mod documents;
mod liveness;
#[cfg(feature = "faces")]
mod pictures;
mod scenarios;
mod trigger;
mod webhooks;
