//! One file for each command.

pub(crate) mod certiface;
pub(crate) mod facematch;
pub(crate) mod sandbox;
