#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod decide;
mod judge;
mod message;
mod model;
mod names;
mod policy;
mod reason;
mod words;

pub use decide::{combine, decide, is_alert};
pub use judge::{Progress, judge};
pub use message::{MessageToPerson, Waiting};
pub use model::{CheckResult, CheckState, Decision, Outcome, VendorCheck};
pub use names::{NameMatch, compare_names};
pub use policy::{
    Agreement, Ask, CheckPolicy, CheckRule, Limits, OnFail, OnUncertain, Policy, PolicyError, explain,
};
pub use reason::{Reason, Rule};
pub use words::{Language, Sentence, check_name};

pub use kyc_core;
