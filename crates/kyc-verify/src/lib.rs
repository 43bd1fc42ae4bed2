#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod case;
mod decide;
mod engine;
mod fault;
#[cfg(feature = "html")]
pub mod html;
mod json;
mod judge;
mod ledger;
mod message;
mod model;
mod names;
mod plan;
mod policy;
mod reason;
mod report;
#[cfg(feature = "sqlite")]
mod sqlite;
mod state;
mod steps;
mod value;
mod vault;
mod words;

pub use case::{Asked, CaseId, Entry, Environment, Found, Notice, Record, Sealed, Statement};
pub use decide::{combine, decide, worsened};
pub use engine::{
    CaseState, Checked, KeptBecause, Options, Personal, Preflight, Redecided, RefusedPicture, Retention,
    StepNotice, Verification, VerificationBuilder, VerifyError,
};
#[doc(hidden)]
pub use fault::{FaultPoints, Point};
pub use judge::{Progress, judge};
pub use ledger::{Append, Begun, CaseFilter, CaseInfo, Lease, Ledger, LedgerError, NewCase, Result};
pub use message::{MessageToPerson, Waiting};
pub use model::{CheckResult, CheckState, Decision, Outcome, VendorCheck};
pub use names::{NameMatch, compare_names};
pub use policy::{
    Agreement, Ask, CheckPolicy, CheckRule, Limits, OnFail, OnUncertain, Policy, PolicyError, explain,
};
pub use reason::{Reason, Rule};
pub use report::{CaseReport, Handout};
pub use steps::Unrecorded;
pub use words::{Language, Sentence, check_name};

#[cfg(feature = "sqlite")]
pub use sqlite::{SqliteStore, SqliteStoreBuilder};
pub use vault::{BlobId, BlobInfo, BlobKind, Deleted, Pictures, Vault};

pub use kyc_core;
pub use kyc_store::StoreError;
#[cfg(feature = "sqlite")]
pub use kyc_store::{KeyRing, StoreKey};
