//! Tests of the sandbox over HTTP, and in some cases over a plain socket.

mod bankly;
mod cellere;
mod certiface;
mod clearsale;
mod console;
mod control;
mod openapi;
#[cfg(feature = "faces")]
mod pictures;
mod requests;
mod sandbox;
mod scenarios;
mod support;
mod triggers;
