#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(all(feature = "config", feature = "_vendor"))]
pub mod config;
pub mod prelude;

pub use kyc_core;

#[cfg(feature = "bankly")]
pub use bankly_kyc;
#[cfg(feature = "cellere")]
pub use cellere_portal;
#[cfg(feature = "certiface")]
pub use certiface;
#[cfg(feature = "clearsale")]
pub use clearsale_facematch;
