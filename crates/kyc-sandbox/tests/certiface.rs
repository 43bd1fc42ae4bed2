//! Certiface, asked by a client that knows nothing but the vendor's page and its browser code.

mod captcha;
mod client;
mod control;
mod credentials;
mod documents;
mod liveness;
mod webhooks;
