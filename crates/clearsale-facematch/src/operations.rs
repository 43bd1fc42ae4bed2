//! One file for each operation of the vendor: its path, its class, what is sent and what comes back.

pub(crate) mod login;
pub(crate) mod match2d_2d;
pub(crate) mod match2d_2d_query;
