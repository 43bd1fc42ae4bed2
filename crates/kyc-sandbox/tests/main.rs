//! The sandbox as its users meet it: over HTTP, and at times over a bare socket.

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
