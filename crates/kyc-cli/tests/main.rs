//! The program as a process with arguments, an environment and a working directory.

mod background;
mod bad_input;
mod bankly;
mod batch;
mod cellere;
mod certiface;
mod configuration;
mod document;
mod facematch;
#[cfg(unix)]
mod inbox;
mod language;
#[cfg(unix)]
mod listen;
#[cfg(unix)]
mod listening;
mod meter;
mod preflight;
mod private_input;
mod sandbox;
mod setup;
mod shell;
mod simulation;
mod support;
mod token_cache;
mod trigger;
mod verify;
