//! One file for each command, and one for each vendor.

pub(crate) mod background;
pub(crate) mod bankly;
pub(crate) mod cellere;
pub(crate) mod certiface;
pub(crate) mod clearsale;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod doctor;
pub(crate) mod document;
pub(crate) mod facematch;
pub(crate) mod inbox;
pub(crate) mod init;
pub(crate) mod listen;
pub(crate) mod man;
pub(crate) mod preflight;
pub(crate) mod sandbox;
pub(crate) mod trigger;
mod vendor;
pub(crate) mod verify;
