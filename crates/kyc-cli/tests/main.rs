//! The program as its users meet it: a process with arguments, an environment and a working directory.

mod bad_input;
mod bankly;
mod certiface;
mod configuration;
mod facematch;
mod sandbox;
mod support;
