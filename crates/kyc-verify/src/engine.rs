//! Verifications: cases are begun, run, resumed, reviewed.

mod builder;
mod export;
mod keep;
mod later;
mod needs;
mod news;
mod pace;
mod preflight;
mod redecide;
mod run;
mod wakers;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use kyc_core::{Applicant, Clock, Cpf, Offer, SystemClock};

pub use self::builder::VerificationBuilder;
pub use self::export::Personal;
pub use self::keep::{Checked, KeptBecause, Retention};
pub use self::preflight::{Preflight, RefusedPicture};
pub use self::redecide::Redecided;
use self::wakers::Wakers;
use crate::case::{CaseId, Entry, Environment, Notice, Record, Sealed};
use crate::fault::FaultPoints;
use crate::ledger::{Append, Begun, Ledger, LedgerError, NewCase};
use crate::model::Outcome;
use crate::plan::{Case, Vendor};
use crate::policy::Policy;
use crate::report::CaseReport;
use crate::state::State;
use crate::steps::Unrecorded;
use crate::vault::{self, Vault};

/// The state of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CaseState {
    /// It is at work, or was interrupted.
    Running,
    /// The person has to capture or to hand something in again.
    WaitsForPerson,
    /// A vendor has not answered yet.
    WaitsForVendor,
    /// A person has to decide.
    Review,
    /// It is decided.
    Decided(Outcome),
    /// Bad news came after the decision.
    Alert,
    /// What is personal is deleted.
    Forgotten,
}

/// Why a verification could not go on. The case can be resumed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// The ledger or the vault failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The reference is known, with another applicant.
    #[error("the reference is used already, for case {0} with another applicant or other pictures")]
    DifferentBody(CaseId),
    /// Another case of the same person is open.
    #[error("case {0} of the same person is still open")]
    PersonHasCase(CaseId),
    /// The policy can be met by no vendor without what the applicant did not hand in. Nothing was sent.
    #[error("the policy needs what the applicant did not hand in: {}", .0.join(", "))]
    Missing(Vec<&'static str>),
    /// No vendor that could make a required check takes a picture. Nothing was sent.
    #[error("no vendor takes the {} for the check {}: it {}", .0.item, .0.check, .0.rule)]
    RefusedPicture(RefusedPicture),
    /// The case began, but the program ended before everything was stored: begin it again under the same reference.
    #[error("case {0} is incomplete: begin it again with the same reference")]
    Incomplete(CaseId),
    /// The case was begun with the sandbox and is continued with real vendors, or the other way round.
    #[error("case {0} belongs to the other environment: a case never mixes sandbox and vendors")]
    OtherEnvironment(CaseId),
    /// The policy of the case can no longer be read.
    #[error("the policy of case {0} cannot be read by this release")]
    Policy(CaseId),
    /// The person has handed this in as often as the policy allows.
    #[error("the person has handed this in as often as the policy allows")]
    OutOfAttempts,
    /// The case is decided or forgotten: nothing more is handed in.
    #[error("case {0} is decided or forgotten: nothing more is handed in")]
    Closed(CaseId),
    /// A vendor that may still report bad news could not be asked: watch the case again.
    #[error("{0} could not be asked for news")]
    Silent(String),
    /// A vendor answered, but its answer could not be stored.
    #[error("an answer arrived but could not be stored ({}): the call may have been paid", .0.cause)]
    MayHaveBeenPaid(Box<Unrecorded>),
}

type Result<T> = std::result::Result<T, VerifyError>;

/// How one call runs a case.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Options {
    /// How long the call waits for the person and for vendors before it returns the case as it is: 60 s by default.
    pub wait: Duration,
    /// Whether to begin although another case of the same person is open.
    pub is_forced: bool,
    /// Whether uncertain calls are sent once more, because a person wants it. They may be paid twice.
    pub repeats_uncertain: bool,
    /// Whether vendors are asked at the same time; by default one after the other. It is faster; but an answer that refuses the
    /// person then saves no call to another vendor, and a crash may leave one uncertain call at each.
    pub side_by_side: bool,
    /// Whether the case goes on with the pictures as they are, though [`Preflight`] has advice about them.
    pub ignores_advice: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            wait: Duration::from_secs(60),
            is_forced: false,
            repeats_uncertain: false,
            side_by_side: false,
            ignores_advice: false,
        }
    }
}

/// That a vendor's step begins or ended. It tells nothing of the person.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct StepNotice<'a> {
    /// The case.
    pub case: CaseId,
    /// The key of the vendor.
    pub vendor: &'a str,
    /// The step.
    pub step: &'a str,
    /// Whether it ended.
    pub has_ended: bool,
}

type Observer = Arc<dyn Fn(&StepNotice<'_>) + Send + Sync>;

/// Runs verifications.
#[derive(Clone)]
pub struct Verification {
    ledger: Arc<dyn Ledger>,
    vault: Arc<dyn Vault>,
    vendors: Arc<[Vendor]>,
    policy: Policy,
    environment: Environment,
    clock: Arc<dyn Clock>,
    observer: Option<Observer>,
    notice: Option<Notice>,
    preflight: Option<Arc<dyn Preflight>>,
    points: Option<Arc<dyn FaultPoints>>,
    wakers: Arc<Wakers>,
    is_stopped: Arc<AtomicBool>,
}

impl fmt::Debug for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<_> = self.vendors.iter().map(|vendor| &vendor.key).collect();
        f.debug_struct("Verification")
            .field("vendors", &keys)
            .field("environment", &self.environment)
            .finish_non_exhaustive()
    }
}

/// What is read of a case.
struct Read {
    policy: Policy,
    applicant: Applicant,
    state: State,
    entries: Vec<Entry>,
    /// The position up to which failures no longer count.
    forgives: u64,
}

impl Verification {
    /// Begins to create a verification on a store that keeps both cases and pictures.
    pub fn builder<S: Ledger + Vault + 'static>(store: S, environment: Environment) -> VerificationBuilder {
        let store = Arc::new(store);
        VerificationBuilder {
            ledger: Arc::clone(&store) as Arc<dyn Ledger>,
            vault: store,
            vendors: Vec::new(),
            policy: Policy::built_in(),
            environment,
            clock: Arc::new(SystemClock),
            observer: None,
            preflight: None,
            points: None,
        }
    }

    /// Returns what each vendor offers, by its key.
    #[must_use]
    pub fn offers(&self) -> Vec<(&str, &[Offer])> {
        self.vendors.iter().map(|vendor| (vendor.key.as_str(), vendor.verifier.offers())).collect()
    }

    /// Returns the verification with the privacy notice that the next person was shown, which its new cases record.
    #[must_use]
    pub fn with_notice(&self, notice: Notice) -> Self {
        Self { notice: Some(notice), ..self.clone() }
    }

    /// Begins a case and runs it. The same reference with the same applicant is the same case: nothing is paid again.
    ///
    /// # Errors
    /// The case cannot be begun, or could not go on.
    pub async fn verify(
        &self,
        reference: &str,
        applicant: &Applicant,
        options: Options,
    ) -> Result<CaseReport> {
        let case = self.begin(reference, applicant, options.is_forced).await?;
        self.resume(case, options).await
    }

    /// Begins a case without running it.
    ///
    /// # Errors
    /// Something is [`Missing`](VerifyError::Missing), a picture is [refused](VerifyError::RefusedPicture), the reference is used for another applicant, another case of the person is
    /// open, or the store failed.
    pub async fn begin(&self, reference: &str, applicant: &Applicant, is_forced: bool) -> Result<CaseId> {
        let missing = self.missing(applicant);
        if !missing.is_empty() {
            return Err(VerifyError::Missing(missing));
        }
        if let Some(refused) = self.refused(applicant) {
            return Err(VerifyError::RefusedPicture(refused));
        }
        let mut new = NewCase::new(reference, applicant, self.policy.text());
        new.is_forced = is_forced;
        let case = match self.ledger.begin(&new).await? {
            Begun::Fresh(case) | Begun::Existing(case) => case,
            Begun::DifferentBody(case) => return Err(VerifyError::DifferentBody(case)),
            Begun::PersonHasCase(case) => return Err(VerifyError::PersonHasCase(case)),
        };
        let info = self.ledger.info(case).await?;
        // A case that was cut off may have records of other kinds, such as that it is held.
        let has_begun = info.records > 0 && State::of(&self.ledger.records(case).await?).started.is_some();
        if info.is_forgotten || has_begun {
            return Ok(case);
        }
        vault::put_applicant(&*self.vault, case, applicant).await?;
        let started = Record::Started {
            policy_version: self.policy.version.clone(),
            policy_sha256: self.policy.sha256_hex(),
            environment: self.environment,
            notice: self.notice.clone(),
            private: Sealed::new(reference.to_owned()),
        };
        self.ledger.append(case, Append::Fact, &started).await?;
        Ok(case)
    }

    /// Runs a case from where it stands, until it is decided, waits for the person, or the wait is over. Of a case that is
    /// decided it asks only for what events are about that came since.
    ///
    /// # Errors
    /// Another process runs the case, or it could not go on.
    pub async fn resume(&self, case: CaseId, options: Options) -> Result<CaseReport> {
        let info = self.ledger.info(case).await?;
        if info.is_forgotten {
            return self.show(case).await;
        }
        if !info.is_open {
            let state = State::of(&self.ledger.records(case).await?);
            return if state.news.is_empty() {
                self.show(case).await
            } else {
                self.look_at_late_events(case).await
            };
        }
        let mut steps = self.steps(case).await?;
        let outcome = self.drive(case, &mut steps, options).await;
        let report = match outcome {
            Ok(()) => self.show(case).await,
            Err(error) => Err(error),
        };
        // Without this another process has to wait until the lease expires.
        let state = report.as_ref().ok().map(|report| report.state);
        let ended = self.ledger.end_lease(&steps.lease, state).await;
        let report = report?;
        ended?;
        Ok(report)
    }

    /// Lets each case that runs return as it stands after the step that is under way, here and in clones. No case runs any more.
    pub fn stop(&self) {
        self.is_stopped.store(true, Ordering::Relaxed);
        self.wakers.wake_all();
    }

    /// Returns a case as it stands, from the store alone.
    ///
    /// # Errors
    /// There is no such case, or the store failed.
    pub async fn show(&self, case: CaseId) -> Result<CaseReport> {
        let read = self.read(case).await?;
        let plan = self.of(&read, false).plan();
        let known = self.of(&read, false);
        let blobs = self.vault.blobs(case).await?;
        Ok(CaseReport::new(case, &known, &plan, read.entries.clone(), blobs))
    }

    fn of<'a>(&'a self, read: &'a Read, repeats: bool) -> Case<'a> {
        let Read { policy, applicant, state, forgives, .. } = read;
        Case { policy, vendors: &self.vendors, state, applicant, repeats, forgives: *forgives }
    }

    async fn read(&self, case: CaseId) -> Result<Read> {
        let entries = self.ledger.records(case).await?;
        let state = State::of(&entries);
        let policy = self.ledger.policy(case).await?;
        let policy = Policy::from_toml(&policy).map_err(|_| VerifyError::Policy(case))?;
        let applicant =
            if state.is_forgotten { nobody() } else { vault::applicant(&*self.vault, case).await? };
        let applicant = applicant.ok_or(VerifyError::Incomplete(case))?;
        if state.started.is_none() {
            return Err(VerifyError::Incomplete(case));
        }
        Ok(Read { policy, applicant, state, entries, forgives: 0 })
    }
}

/// Returns an applicant of whom nothing is known, for cases that are forgotten.
fn nobody() -> Option<Applicant> {
    Cpf::parse("00000000191").ok().map(Applicant::new)
}
