//! Scenarios: the outcome of a vendor's operation for a person of the user's choice, in place of a test CPF.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::StatusCode;
use indexmap::IndexMap;
use kyc_core::{Cnpj, Cpf, ValidationError};

use crate::newest;
use crate::outcomes::{Row, chosen};
use crate::reply::Reply;

/// The outcome of an operation for one person or for everyone, for [`Sandbox::set_scenario`](crate::Sandbox::set_scenario).
///
/// It stays until another one about the same thing replaces it, or until it is cleared. A scenario for a person goes
/// before one for everyone, which goes before the outcome of a test CPF.
///
/// ```
/// use kyc_sandbox::Scenario;
/// let refused = Scenario::new("clearsale", "no-match").cpf("52998224725");
/// let down = Scenario::new("cellere", "http-500").operation("cpf");
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
    /// The operation; required for an outcome that several operations have.
    pub operation: Option<String>,
    /// The CPF of the person, or the CNPJ for an operation about a company; `None`: everyone.
    pub cpf: Option<String>,
    /// What the vendor gives as the reason, for outcomes that have one.
    pub reason: Option<String>,
    /// How long the vendor takes: on the sandbox's clock if it decides later, in real time if it responds with the
    /// result.
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

    /// Restricts the scenario to the person with this CPF, or the company with this CNPJ.
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
    Effect(T),
    Status(&'static str, StatusCode),
    Lost(&'static str),
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
    fn set(&self, scenario: Scenario) -> Result<(), ValidationError>;
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
        self.find(subject, |setting| match setting {
            Setting::Effect(effect) if effect.aspect() == aspect => Some(effect),
            _ => None,
        })
        .map(|(effect, scenario)| Applied {
            effect,
            reason: scenario.reason,
            delay: scenario.delay,
        })
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
        let of_operation = |setting| match setting {
            Setting::Status(of, status) if of == operation => Some(Some(status)),
            Setting::Lost(of) if of == operation => Some(None),
            _ => None,
        };
        let Some((status, scenario)) = self.find(subject, of_operation) else { return perform() };
        let reply = match status {
            Some(status) => documented(status).because("a scenario calls for it"),
            None => {
                perform()?;
                Reply::Close
            }
        };
        Ok(reply.late(scenario.delay.unwrap_or_default()))
    }

    /// The newest setting that the subject has, or else everyone.
    fn find<R>(
        &self,
        subject: Option<&str>,
        wanted: impl Fn(Setting<T>) -> Option<R>,
    ) -> Option<(R, Scenario)> {
        let sets = self.lock();
        subject.into_iter().chain([EVERYONE]).find_map(|subject| {
            let found = |set: &Set<T>| Some((wanted(set.setting)?, set.scenario.clone()));
            sets.get(subject)?.iter().rev().find_map(found)
        })
    }

    /// Reads a scenario. The operations are those that it is about.
    fn setting(&self, scenario: &Scenario) -> Result<(Setting<T>, Vec<&'static str>), ValidationError> {
        let named = scenario.operation.as_deref();
        if let Some(row) = self.rows.iter().find(|row| row.name == scenario.outcome) {
            if named.is_some_and(|named| !row.operations.contains(&named)) {
                return Err(one_of("operation", row.operations));
            }
            if scenario.reason.is_some() && !row.has_reason {
                return Err(ValidationError::new(NO_REASON));
            }
            return Ok((Setting::Effect(row.effect), row.operations.to_vec()));
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
        if scenario.reason.is_some() {
            return Err(ValidationError::new(NO_REASON));
        }
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
        let wrong = |rule: &str| ValidationError::new(format!("\"cpf\" {rule}"));
        let subjects: Vec<_> = (self.operations)()
            .into_iter()
            .filter(|(name, _)| about.contains(name))
            .map(|(_, of)| of)
            .collect();
        if subjects.contains(&Subject::Person) {
            return Cpf::parse(text).map(|cpf| cpf.digits().to_owned()).map_err(|error| wrong(error.rule()));
        }
        if subjects.contains(&Subject::Company) {
            return Cnpj::parse(text)
                .map(|cnpj| cnpj.as_str().to_owned())
                .map_err(|error| wrong(error.rule()));
        }
        Err(wrong(
            "must be absent: the requests of this operation name nobody, so the scenario is for everyone",
        ))
    }
}

impl<T: Effect> ScenarioTable for Scenarios<T> {
    fn set(&self, scenario: Scenario) -> Result<(), ValidationError> {
        let (setting, about) = self.setting(&scenario)?;
        let subject = self.subject(scenario.cpf.as_deref(), &about)?;
        let mut sets = self.lock();
        let mut of_subject = sets.shift_remove(&subject).unwrap_or_default();
        of_subject.retain(|set| !set.setting.is_about_the_same(setting));
        of_subject.push(Set { setting, scenario });
        newest::insert(&mut sets, subject, of_subject, &newest::Dropped::default());
        Ok(())
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
    fn is_about_the_same(self, other: Self) -> bool {
        let answers = |setting| match setting {
            Self::Effect(_) => None,
            Self::Status(operation, _) | Self::Lost(operation) => Some(operation),
        };
        match (self, other) {
            (Self::Effect(one), Self::Effect(other)) => one.aspect() == other.aspect(),
            (one, other) => answers(one).is_some() && answers(one) == answers(other),
        }
    }
}

impl<T: Effect> fmt::Debug for Scenarios<T> {
    /// Omits the persons.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scenarios").field("vendor", &self.key).finish_non_exhaustive()
    }
}

/// In place of a CPF. No person has it.
const EVERYONE: &str = "";
const LOST: &str = "response-lost";
const NO_REASON: &str = "\"reason\" must be absent: the vendor gives none with this outcome";

fn error_status(text: &str) -> Result<StatusCode, ValidationError> {
    let status = text.parse().ok().and_then(|status: u16| StatusCode::from_u16(status).ok());
    status
        .filter(|status| status.is_client_error() || status.is_server_error())
        .ok_or_else(|| ValidationError::new("\"outcome\" has an HTTP status that is not from 400 to 599"))
}

fn one_of(field: &str, names: &[&str]) -> ValidationError {
    ValidationError::new(format!("\"{field}\" must be one of {}", names.join(", ")))
}
