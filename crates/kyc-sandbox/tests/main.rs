//! Tests of the sandbox over HTTP, and in some cases over a plain socket.

mod bankly;
mod binary;
mod cellere;
mod certiface;
mod control;
mod faults;
mod login;
mod matching;
mod support;
mod webhooks;
