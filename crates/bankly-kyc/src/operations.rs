//! One file per group of operations: path, class, request and response.

pub(crate) mod certificate;
pub(crate) mod messages;
pub(crate) mod register;
pub(crate) mod status;
pub(crate) mod upload;
pub(crate) mod webhooks;
