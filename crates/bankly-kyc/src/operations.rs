//! One file for each operation of the vendor: its path, its class, what is sent and what comes back.

pub(crate) mod certificate;
pub(crate) mod messages;
pub(crate) mod register;
pub(crate) mod status;
pub(crate) mod upload;
pub(crate) mod webhooks;
