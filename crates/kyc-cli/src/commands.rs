//! One file for each command.

pub(crate) mod background;
pub(crate) mod bankly;
pub(crate) mod certiface;
pub(crate) mod completions;
pub(crate) mod document;
pub(crate) mod facematch;
pub(crate) mod man;
pub(crate) mod meter;
pub(crate) mod sandbox;
