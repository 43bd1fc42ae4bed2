//! One file for each command.

pub(crate) mod bankly;
pub(crate) mod certiface;
pub(crate) mod facematch;
pub(crate) mod sandbox;
