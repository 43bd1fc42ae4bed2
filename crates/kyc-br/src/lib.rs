#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(all(feature = "config", feature = "_vendor"))]
pub mod config;
pub mod prelude;
mod vendors;

pub use kyc_core;
#[cfg(feature = "verify")]
pub use kyc_verify;
#[cfg(feature = "webhook")]
pub use kyc_webhook;
pub use vendors::*;
