//! One file per operation: its path, its class, the request and the response.

pub(crate) mod compare;
