#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod case;
mod ledger;
mod model;
#[cfg(feature = "sqlite")]
mod sqlite;
mod vault;

pub use case::{CaseId, Entry, Environment, Found, Record, Sealed, Statement};
pub use ledger::{Append, Begun, CaseFilter, CaseInfo, Lease, Ledger, LedgerError, NewCase, Result};
pub use model::{CheckResult, CheckState, Decision, Outcome, Reason, VendorCheck};

#[cfg(feature = "sqlite")]
pub use sqlite::{SqliteStore, SqliteStoreBuilder};
pub use vault::{BlobId, BlobInfo, BlobKind, Deleted, Vault};

pub use kyc_core;
pub use kyc_store::StoreError;
#[cfg(feature = "sqlite")]
pub use kyc_store::{KeyRing, StoreKey};
