//! The receiver: its core, its router and its server.

mod core;
mod fakes;
mod http;
mod server;
