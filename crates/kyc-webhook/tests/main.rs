//! Tests of the crate as its users see it.

#[cfg(feature = "server")]
mod receiver;
#[cfg(feature = "sqlite")]
mod sqlite;
