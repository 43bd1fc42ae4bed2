//! One file per operation: its path, its class, the request and the response.

pub(crate) mod match2d_2d;
pub(crate) mod match2d_2d_query;
