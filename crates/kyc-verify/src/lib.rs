#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod model;

pub use model::{CheckResult, CheckState, Decision, Outcome, Reason, VendorCheck};

pub use kyc_core;
