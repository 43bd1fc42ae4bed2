#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(all(feature = "config", feature = "_vendor"))]
pub mod config;
#[cfg(all(feature = "face", feature = "verify"))]
mod preflight;
pub mod prelude;
mod vendors;

pub use kyc_core;
#[cfg(feature = "face")]
pub use kyc_face;
#[cfg(feature = "verify")]
pub use kyc_verify;
#[cfg(feature = "webhook")]
pub use kyc_webhook;
#[cfg(all(feature = "face", feature = "verify"))]
pub use preflight::FacePreflight;
pub use vendors::*;
