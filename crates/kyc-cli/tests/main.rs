//! The program as a process with arguments, an environment and a working directory.

mod background;
mod bad_input;
mod bankly;
mod cellere;
mod certiface;
mod configuration;
mod document;
mod facematch;
mod language;
mod meter;
mod private_input;
mod sandbox;
mod setup;
mod shell;
mod simulation;
mod support;
mod token_cache;
