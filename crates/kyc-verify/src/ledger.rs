//! The trait of the ledger: what happened in each case, in an order that cannot be changed unnoticed.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use kyc_core::{Applicant, Cpf, OperationId, Timestamp};
use kyc_store::StoreError;

use crate::case::{CaseId, Entry, Record};
use crate::engine::CaseState;

/// Why the ledger or the vault could not do something. The text never holds anything of a person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no such case.
    #[error("there is no case {0}")]
    UnknownCase(CaseId),
    /// Another process wrote to the case meanwhile: read it again.
    #[error("another process wrote to the case meanwhile")]
    Conflict,
    /// Another process runs the case.
    #[error("another process runs the case until {0}, or until it ends")]
    Leased(Timestamp),
    /// What is personal in the case is deleted.
    #[error("the case is forgotten")]
    Forgotten,
    /// The case is held: nothing of it is deleted.
    #[error("the case is held: release it first")]
    IsHeld,
    /// Another case of the same person waits for an answer of the same vendor, whose look-up could not tell the two apart.
    #[error("another case of the same person has a call to the same vendor under way")]
    PersonBusy,
    /// The records of a case were changed.
    #[error("the records of case {case} were changed at position {seq}")]
    Tampered {
        /// The case.
        case: CaseId,
        /// The first position that is wrong.
        seq: u64,
    },
}

/// Work with the ledger or the vault.
pub type Result<T> = std::result::Result<T, LedgerError>;

/// What a case begins with.
#[derive(Clone)]
#[non_exhaustive]
pub struct NewCase<'a> {
    /// The caller's reference: the same reference is the same case.
    pub reference: &'a str,
    /// The person.
    pub applicant: &'a Applicant,
    /// The text of the policy.
    pub policy: &'a str,
    /// Whether another open case of the same person is no obstacle.
    pub is_forced: bool,
}

impl<'a> NewCase<'a> {
    /// Creates the beginning of a case.
    #[must_use]
    pub fn new(reference: &'a str, applicant: &'a Applicant, policy: &'a str) -> Self {
        Self { reference, applicant, policy, is_forced: false }
    }

    /// Begins the case even if another one of the same person is open.
    #[must_use]
    pub fn forced(mut self) -> Self {
        self.is_forced = true;
        self
    }
}

impl fmt::Debug for NewCase<'_> {
    /// Omits the reference, which may hold anything.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewCase").field("is_forced", &self.is_forced).finish_non_exhaustive()
    }
}

/// What became of the beginning of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Begun {
    /// The case is new.
    Fresh(CaseId),
    /// The reference is known, with the same applicant: it is the same case.
    Existing(CaseId),
    /// The reference is known, with another applicant.
    DifferentBody(CaseId),
    /// Another case of the same person is open.
    PersonHasCase(CaseId),
}

/// The right to run a case, until it expires. Without it no step is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lease {
    /// The case.
    pub case: CaseId,
    /// What tells this lease from others.
    pub token: [u8; 16],
    /// When it expires.
    pub until: Timestamp,
}

impl Lease {
    /// Creates a lease.
    #[must_use]
    pub fn new(case: CaseId, token: [u8; 16], until: Timestamp) -> Self {
        Self { case, token, until }
    }
}

/// Who appends a record, and under which condition.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Append<'a> {
    /// A decision of the one who runs the case, made from everything up to this position.
    After(&'a Lease, u64),
    /// A fact, which is true whoever runs the case.
    Fact,
    /// A fact that was found from everything up to this position.
    FactAfter(u64),
}

/// A case, in lists.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CaseInfo {
    /// The id.
    pub id: CaseId,
    /// When it began.
    pub started: Timestamp,
    /// When its newest record was written.
    pub changed: Timestamp,
    /// The number of its records.
    pub records: u64,
    /// Whether it is still to be decided.
    pub is_open: bool,
    /// Whether it is held.
    pub is_held: bool,
    /// Whether it is forgotten.
    pub is_forgotten: bool,
    /// Whether the person asked for a review that nobody has made.
    pub is_review_requested: bool,
    /// The state, as far as the one who ran the case last could tell.
    pub state: CaseState,
}

/// Which cases to list.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct CaseFilter {
    /// Only the cases of this person.
    pub person: Option<Cpf>,
    /// Only open cases, or only others.
    pub is_open: Option<bool>,
    /// Only cases in this state.
    pub state: Option<CaseState>,
    /// Only cases whose person asked for a review that nobody has made.
    pub is_review_requested: bool,
    /// Only cases that began before this one in the list, which is newest first.
    pub before: Option<CaseId>,
}

impl CaseFilter {
    /// Chooses the cases of a person.
    #[must_use]
    pub fn of(person: Cpf) -> Self {
        Self { person: Some(person), ..Self::default() }
    }

    /// Chooses open cases.
    #[must_use]
    pub fn open() -> Self {
        Self { is_open: Some(true), ..Self::default() }
    }

    /// Chooses cases in a state.
    #[must_use]
    pub fn in_state(state: CaseState) -> Self {
        Self { state: Some(state), ..Self::default() }
    }

    /// Chooses cases whose person asked for a review that nobody has made.
    #[must_use]
    pub fn with_open_request() -> Self {
        Self { is_review_requested: true, ..Self::default() }
    }

    /// Chooses only those that come after a case in the list.
    #[must_use]
    pub fn after(mut self, case: CaseId) -> Self {
        self.before = Some(case);
        self
    }
}

/// What happened in each case. Records are appended, never changed: each holds the hash of the one before.
///
/// The hashes tell that somebody changed or removed a record who could not compute them all anew. Keep the hash of the newest
/// record elsewhere if you have to prove more.
#[async_trait]
pub trait Ledger: fmt::Debug + Send + Sync {
    /// Begins a case, or finds the one of that reference. It is durable when this returns.
    ///
    /// # Errors
    /// The store failed.
    async fn begin(&self, case: &NewCase<'_>) -> Result<Begun>;

    /// Takes or renews the right to run a case.
    ///
    /// # Errors
    /// `Leased` while another process has it, `UnknownCase`, `Forgotten`, or the store failed.
    async fn lease(&self, case: CaseId, renews: Option<&Lease>, time: Duration) -> Result<Lease>;

    /// Gives the right back, and notes for lists what an open case waits for, if it is known.
    ///
    /// # Errors
    /// The store failed.
    async fn end_lease(&self, lease: &Lease, state: Option<CaseState>) -> Result<()>;

    /// Appends a record and returns its position. It is durable when this returns.
    ///
    /// # Errors
    /// `Conflict` if the condition does not hold, `Leased` if another process has taken the case over, `PersonBusy` for a paid
    /// intent, `Forgotten`, or the store failed.
    async fn append(&self, case: CaseId, by: Append<'_>, record: &Record) -> Result<u64>;

    /// Returns all records of a case, oldest first.
    ///
    /// # Errors
    /// `UnknownCase`, or the store failed.
    async fn records(&self, case: CaseId) -> Result<Vec<Entry>>;

    /// Returns a case as it stands in lists.
    ///
    /// # Errors
    /// `UnknownCase`, or the store failed.
    async fn info(&self, case: CaseId) -> Result<CaseInfo>;

    /// Returns cases, newest first.
    ///
    /// # Errors
    /// The store failed.
    async fn list(&self, filter: &CaseFilter, limit: u32) -> Result<Vec<CaseInfo>>;

    /// Returns the text of the policy under which the case began.
    ///
    /// # Errors
    /// `UnknownCase`, or the store failed.
    async fn policy(&self, case: CaseId) -> Result<String>;

    /// Returns the texts of all policies under which cases began.
    ///
    /// # Errors
    /// The store failed.
    async fn policies(&self) -> Result<Vec<String>>;

    /// Returns the case and the position of the intent that an operation belongs to: by the reference of an intent, or by the
    /// id of a pending operation.
    ///
    /// # Errors
    /// The store failed.
    async fn find(&self, operation: &OperationId) -> Result<Option<(CaseId, u64)>>;

    /// Checks the hashes of a case, and returns that of its newest record.
    ///
    /// # Errors
    /// `Tampered`, `UnknownCase`, or the store failed.
    async fn verify(&self, case: CaseId) -> Result<[u8; 32]>;
}
