//! Scenarios: the outcome of a vendor's operation for a person of the user's choice, in place of a test CPF.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::StatusCode;
use indexmap::IndexMap;
use kyc_core::{Cnpj, Cpf, ValidationError};

use crate::outcomes::{Row, chosen};
use crate::reply::Reply;
use crate::sandbox::Sandbox;
use crate::vendor::SandboxVendor;

/// The outcome of an operation for one person or for everyone, for [`Sandbox::set_scenario`](crate::Sandbox::set_scenario).
///
/// It applies to the requests that come after it, and stays until another one about the same thing replaces it, or until
/// it is cleared. A scenario for a person goes before one for everyone, which goes before the outcome of a test CPF.
///
/// ```
/// use kyc_sandbox::Scenario;
/// let refused = Scenario::new("vendor", "no-match").cpf("52998224725");
/// let down = Scenario::new("vendor", "http-500").operation("login");
/// # let _ = (refused, down);
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Scenario {
    /// The key of the vendor.
    pub vendor: String,
    /// One of [`Sandbox::outcomes`](crate::Sandbox::outcomes); or, of any operation, `http-STATUS` (the vendor's error
    /// response with that status, without an effect) or `response-lost` (the effect, but the connection closes without
    /// a response).
    pub outcome: String,
    /// The operation; `None`: each one that has the outcome. Required for `http-STATUS` and `response-lost`.
    pub operation: Option<String>,
    /// The CPF of the person, or the CNPJ for an operation about a company; `None`: everyone.
    pub cpf: Option<String>,
    /// What the vendor gives as the reason, for outcomes that have one: at most 500 characters.
    pub reason: Option<String>,
    /// How long the vendor takes: on the sandbox's clock if it decides later; in real time if it responds with the
    /// result, and then ten minutes at most.
    pub delay: Option<Duration>,
}

impl Scenario {
    /// Creates a scenario for everyone.
    #[must_use]
    pub fn new(vendor: impl Into<String>, outcome: impl Into<String>) -> Self {
        let (vendor, outcome) = (vendor.into(), outcome.into());
        Self { vendor, outcome, operation: None, cpf: None, reason: None, delay: None }
    }

    /// Sets the operation.
    #[must_use]
    pub fn operation(mut self, operation: impl Into<String>) -> Self {
        self.operation = Some(operation.into());
        self
    }

    /// Restricts the scenario to the person with this CPF, or to the company with this CNPJ.
    #[must_use]
    pub fn cpf(mut self, cpf: impl Into<String>) -> Self {
        self.cpf = Some(cpf.into());
        self
    }

    /// Sets the vendor's reason.
    #[must_use]
    pub fn reason(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// Sets how long the vendor takes.
    #[must_use]
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = Some(delay);
        self
    }
}

impl fmt::Debug for Scenario {
    /// Omits the person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scenario")
            .field("vendor", &self.vendor)
            .field("operation", &self.operation)
            .field("outcome", &self.outcome)
            .field("delay", &self.delay)
            .finish_non_exhaustive()
    }
}

/// The part of a vendor's answer that an outcome decides, such as the liveness or the document. Outcomes of the same
/// aspect replace one another; those of different aspects hold together.
pub(crate) trait Effect: Copy + Send + Sync + fmt::Debug + 'static {
    fn aspect(self) -> &'static str;
}

/// The subjects of an operation's requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    Person,
    Company,
    /// The requests name nobody.
    Nobody,
}

/// What a scenario does to one aspect, or to the response of one operation.
#[derive(Clone, Copy, Debug)]
enum Setting<T> {
    Effect(T, Operations),
    Status(&'static str, StatusCode),
    Lost(&'static str),
}

/// The operations that an effect is set for.
#[derive(Clone, Copy, Debug)]
enum Operations {
    All(&'static [&'static str]),
    One(&'static str),
}

impl Operations {
    fn as_slice(&self) -> &[&'static str] {
        match self {
            Self::All(all) => all,
            Self::One(one) => std::slice::from_ref(one),
        }
    }
}

/// An effect that applies to a request.
#[derive(Clone, Debug)]
pub(crate) struct Applied<T> {
    pub(crate) effect: T,
    pub(crate) reason: Option<String>,
    pub(crate) delay: Option<Duration>,
}

struct Set<T> {
    setting: Setting<T>,
    scenario: Scenario,
}

/// The scenarios of one vendor.
pub(crate) struct Scenarios<T: Effect> {
    key: &'static str,
    rows: &'static [Row<T>],
    /// Every operation, and what its requests are about.
    operations: fn() -> Vec<(&'static str, Subject)>,
    /// By CPF or CNPJ; those for everyone by the empty text.
    sets: Mutex<IndexMap<String, Vec<Set<T>>>>,
}

/// The scenarios of a vendor for those who do not know its outcomes.
pub(crate) trait ScenarioTable: Send + Sync {
    /// Returns the scenario with its CPF as digits only.
    fn set(&self, scenario: Scenario) -> Result<Scenario, ValidationError>;
    fn check(&self, scenario: &Scenario) -> Result<(), ValidationError>;
    /// Oldest first.
    fn list(&self) -> Vec<Scenario>;
    /// Removes those that are equal to it.
    fn remove(&self, scenario: &Scenario);
    fn clear(&self);
}

impl<T: Effect> Scenarios<T> {
    pub(crate) fn new(
        key: &'static str,
        rows: &'static [Row<T>],
        operations: fn() -> Vec<(&'static str, Subject)>,
    ) -> Self {
        Self { key, rows, operations, sets: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, IndexMap<String, Vec<Set<T>>>> {
        self.sets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The effect that applies to an aspect of the subject's operations; `None`: the usual one.
    pub(crate) fn effect(&self, subject: Option<&str>, aspect: &str) -> Option<Applied<T>> {
        self.applied(subject, |effect, _| effect.aspect() == aspect)
    }

    /// The same for one operation, where the scenarios of an aspect may be set for some of its operations only.
    pub(crate) fn effect_on(
        &self,
        operation: &str,
        subject: Option<&str>,
        aspect: &str,
    ) -> Option<Applied<T>> {
        self.applied(subject, |effect, of| effect.aspect() == aspect && of.contains(&operation))
    }

    fn applied(
        &self,
        subject: Option<&str>,
        wanted: impl Fn(T, &[&'static str]) -> bool,
    ) -> Option<Applied<T>> {
        let found = |setting: &Setting<T>| match setting {
            Setting::Effect(effect, of) if wanted(*effect, of.as_slice()) => Some(*effect),
            _ => None,
        };
        let (effect, scenario) = self.find(subject, found, |_| None)?;
        Some(Applied { effect, reason: scenario.reason, delay: scenario.delay })
    }

    /// Performs an operation whose request is valid, unless a scenario says how it is answered. `documented` returns
    /// the vendor's error response with a status.
    pub(crate) fn answered(
        &self,
        operation: &'static str,
        subject: Option<&str>,
        documented: impl FnOnce(StatusCode) -> Reply,
        perform: impl FnOnce() -> Result<Reply, Reply>,
    ) -> Result<Reply, Reply> {
        let of_operation = |setting: &Setting<T>| match setting {
            Setting::Status(of, _) | Setting::Lost(of) if *of == operation => Some(*setting),
            _ => None,
        };
        // A result for the person goes before a failure for everyone.
        let result = |setting: &Setting<T>| match setting {
            Setting::Effect(_, of) if of.as_slice().contains(&operation) => Some(*setting),
            _ => None,
        };
        let found = self.find(subject, of_operation, result);
        let (reply, scenario) = match found {
            Some((Setting::Status(_, status), scenario)) => (documented(status).because(SCENARIO), scenario),
            Some((Setting::Lost(_), scenario)) => {
                perform()?;
                (Reply::Close, scenario)
            }
            Some((Setting::Effect(..), _)) | None => return perform(),
        };
        Ok(reply.late(scenario.delay.unwrap_or_default()))
    }

    /// The newest wanted setting, or else the newest one that will do: of the subject, or else of everyone.
    fn find<R>(
        &self,
        subject: Option<&str>,
        wanted: impl Fn(&Setting<T>) -> Option<R>,
        or_else: impl Fn(&Setting<T>) -> Option<R>,
    ) -> Option<(R, Scenario)> {
        let sets = self.lock();
        subject.into_iter().chain([EVERYONE]).find_map(|subject| {
            let newest_first = sets.get(subject)?.iter().rev();
            let found = newest_first.clone().find_map(|set| Some((wanted(&set.setting)?, set)));
            let found =
                found.or_else(|| newest_first.clone().find_map(|set| Some((or_else(&set.setting)?, set))));
            found.map(|(found, set)| (found, set.scenario.clone()))
        })
    }

    /// Reads a scenario. The operations are those that it is about.
    fn setting(&self, scenario: &Scenario) -> Result<(Setting<T>, Vec<&'static str>), ValidationError> {
        let named = scenario.operation.as_deref();
        if let Some(row) = self.rows.iter().find(|row| row.name == scenario.outcome) {
            if named.is_some_and(|named| !row.operations.contains(&named)) {
                return Err(one_of("operation", row.operations));
            }
            check_reason(scenario.reason.as_deref(), row.has_reason)?;
            let named = row.operations.iter().find(|operation| Some(**operation) == named);
            let of = named.map_or(Operations::All(row.operations), |named| Operations::One(named));
            return Ok((Setting::Effect(row.effect, of), of.as_slice().to_vec()));
        }
        let status = match scenario.outcome.strip_prefix("http-") {
            Some(status) => Some(error_status(status)?),
            None if scenario.outcome == LOST => None,
            None => {
                let names: Vec<_> =
                    self.rows.iter().map(|row| row.name).chain([LOST, "http-STATUS"]).collect();
                return Err(one_of("outcome", &names));
            }
        };
        check_reason(scenario.reason.as_deref(), false)?;
        let named =
            named.ok_or_else(|| ValidationError::new("\"operation\" is required with this outcome"))?;
        let all: Vec<_> = (self.operations)().into_iter().map(|(name, _)| (name, name)).collect();
        let operation = chosen("operation", &all, named)?;
        let setting = status.map_or(Setting::Lost(operation), |status| Setting::Status(operation, status));
        Ok((setting, vec![operation]))
    }

    /// The subject as the vendor's requests name it.
    fn subject(&self, cpf: Option<&str>, about: &[&'static str]) -> Result<String, ValidationError> {
        let Some(text) = cpf else { return Ok(EVERYONE.to_owned()) };
        let is_about =
            |subject| (self.operations)().iter().any(|(name, of)| *of == subject && about.contains(name));
        let person = || Cpf::parse(text).map(|cpf| cpf.digits().to_owned());
        let company = || Cnpj::parse(text).map(|cnpj| cnpj.as_str().to_owned());
        let subject = match (is_about(Subject::Person), is_about(Subject::Company)) {
            (true, false) => person(),
            (false, true) => company(),
            (true, true) => person().or_else(|wrong| company().map_err(|_| wrong)),
            (false, false) => Err(ValidationError::new(NOBODY)),
        };
        subject.map_err(|error| ValidationError::new(format!("\"cpf\" {}", error.rule())))
    }
}

impl<T: Effect> ScenarioTable for Scenarios<T> {
    fn set(&self, mut scenario: Scenario) -> Result<Scenario, ValidationError> {
        let (setting, about) = self.setting(&scenario)?;
        let subject = self.subject(scenario.cpf.as_deref(), &about)?;
        scenario.cpf = scenario.cpf.map(|_| subject.clone());
        let mut sets = self.lock();
        // Dropping the oldest would bring back an outcome that nobody expects.
        if sets.len() >= MAX_SUBJECTS && !sets.contains_key(&subject) {
            return Err(ValidationError::new(FULL));
        }
        let mut of_subject = sets.shift_remove(&subject).unwrap_or_default();
        of_subject.retain(|set| !setting.replaces(set.setting));
        of_subject.push(Set { setting, scenario: scenario.clone() });
        sets.insert(subject, of_subject);
        Ok(scenario)
    }

    fn check(&self, scenario: &Scenario) -> Result<(), ValidationError> {
        self.setting(scenario).map(drop)
    }

    fn list(&self) -> Vec<Scenario> {
        self.lock().values().flatten().map(|set| set.scenario.clone()).collect()
    }

    fn remove(&self, scenario: &Scenario) {
        let mut sets = self.lock();
        sets.values_mut().for_each(|of_subject| of_subject.retain(|set| set.scenario != *scenario));
        sets.retain(|_, of_subject| !of_subject.is_empty());
    }

    fn clear(&self) {
        self.lock().clear();
    }
}

impl<T: Effect> Setting<T> {
    /// A result also replaces an error response, which would hide it; a lost response does not.
    fn replaces(self, old: Self) -> bool {
        match (self, old) {
            (Self::Effect(new, of), Self::Effect(old, before)) => {
                let covers = |operation| of.as_slice().contains(operation);
                new.aspect() == old.aspect() && before.as_slice().iter().all(covers)
            }
            (Self::Effect(_, of), Self::Status(before, _)) => of.as_slice().contains(&before),
            (Self::Status(of, _) | Self::Lost(of), Self::Status(before, _) | Self::Lost(before)) => {
                of == before
            }
            _ => false,
        }
    }
}

impl Sandbox {
    /// Sets the outcome of an operation, from its next request on.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use kyc_sandbox::{Sandbox, Scenario};
    /// let sandbox = Sandbox::builder().start().await?;
    /// for outcome in Sandbox::outcomes().iter().filter(|outcome| outcome.can_be_triggered) {
    ///     sandbox.set_scenario(Scenario::new(outcome.vendor, outcome.name).cpf("529.982.247-25"))?;
    /// }
    /// assert!(!sandbox.scenarios().is_empty());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// There is no such vendor, outcome or operation; the CPF or CNPJ is not valid, or the operation's requests name
    /// nobody; or the outcome has no reason, or the reason is too long; or 10,000 persons have scenarios already. The error names the field and its rule.
    pub fn set_scenario(&self, scenario: Scenario) -> Result<(), ValidationError> {
        set(&self.control.vendors, scenario).map(drop)
    }

    /// Returns the scenarios that are set.
    #[must_use]
    pub fn scenarios(&self) -> Vec<Scenario> {
        list(&self.control.vendors)
    }

    /// Removes every scenario.
    pub fn clear_scenarios(&self) {
        clear(&self.control.vendors);
    }
}

pub(crate) fn set(
    vendors: &[Arc<dyn SandboxVendor>],
    scenario: Scenario,
) -> Result<Scenario, ValidationError> {
    let keys: Vec<_> = vendors.iter().map(|vendor| (vendor.facts().key, vendor)).collect();
    chosen("vendor", &keys, &scenario.vendor)?.scenarios().set(scenario)
}

pub(crate) fn list(vendors: &[Arc<dyn SandboxVendor>]) -> Vec<Scenario> {
    vendors.iter().flat_map(|vendor| vendor.scenarios().list()).collect()
}

pub(crate) fn clear(vendors: &[Arc<dyn SandboxVendor>]) {
    vendors.iter().for_each(|vendor| vendor.scenarios().clear());
}

impl<T: Effect> fmt::Debug for Scenarios<T> {
    /// Omits the persons.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scenarios").field("vendor", &self.key).finish_non_exhaustive()
    }
}

/// The reason of a refusal.
pub(crate) const SCENARIO: &str = "a scenario calls for it";
/// In place of a CPF. No person has it.
const EVERYONE: &str = "";
const LOST: &str = "response-lost";
const NOBODY: &str =
    "must be absent: the requests of this operation name nobody, so the scenario is for everyone";
const MAX_SUBJECTS: usize = 10_000;
const FULL: &str = "\"cpf\" must be one that has a scenario: 10000 have, and this vendor keeps no more";
const MAX_REASON: usize = 500;

fn check_reason(reason: Option<&str>, has_reason: bool) -> Result<(), ValidationError> {
    let rule = match reason {
        Some(_) if !has_reason => "must be absent: the vendor gives none with this outcome",
        Some(reason) if reason.is_empty() || reason.chars().count() > MAX_REASON => {
            "must have from 1 to 500 characters"
        }
        _ => return Ok(()),
    };
    Err(ValidationError::new(format!("\"reason\" {rule}")))
}

fn error_status(text: &str) -> Result<StatusCode, ValidationError> {
    let status = text.parse().ok().and_then(|status: u16| StatusCode::from_u16(status).ok());
    status
        .filter(|status| status.is_client_error() || status.is_server_error())
        .ok_or_else(|| ValidationError::new("\"outcome\" has an HTTP status that is not from 400 to 599"))
}

fn one_of(field: &str, names: &[&str]) -> ValidationError {
    ValidationError::new(format!("\"{field}\" must be one of {}", names.join(", ")))
}
