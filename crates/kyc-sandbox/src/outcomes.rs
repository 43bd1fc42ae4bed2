//! The outcomes of the vendors' operations, and operations that happen without a client.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use kyc_core::ValidationError;

use crate::scenario::Scenario;
use crate::vendor::SandboxVendor;

/// An outcome for a [`Scenario`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Outcome {
    /// The key of the vendor.
    pub vendor: &'static str,
    /// The name of the outcome.
    pub name: &'static str,
    /// A description of it.
    pub what: &'static str,
    /// The operations that it is the outcome of.
    pub operations: &'static [&'static str],
    /// Whether a scenario may set the vendor's reason.
    pub has_reason: bool,
    /// Whether [`Sandbox::trigger`](crate::Sandbox::trigger) knows it.
    pub can_be_triggered: bool,
}

/// An operation that was triggered.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Triggered {
    /// The vendor's id of the operation, with which a client can query it.
    pub reference: String,
    /// The CPF of the person, which some vendors ask for in a query.
    pub cpf: String,
    /// How long, on the sandbox's clock, until its last webhook is due.
    pub due_in: Duration,
}

impl fmt::Debug for Triggered {
    /// Omits the CPF, and the id, since some vendors write the person's data into it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Triggered").field("due_in", &self.due_in).finish_non_exhaustive()
    }
}

/// A row of a vendor's table of outcomes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row<T: 'static> {
    pub(crate) name: &'static str,
    /// What the vendor's module does.
    pub(crate) effect: T,
    pub(crate) what: &'static str,
    /// The operations that it is the outcome of.
    pub(crate) operations: &'static [&'static str],
    pub(crate) has_reason: bool,
    pub(crate) can_be_triggered: bool,
}

impl<T: Copy> Row<T> {
    /// A row without a reason, which can be triggered.
    pub(crate) const fn new(
        operations: &'static [&'static str],
        name: &'static str,
        effect: T,
        what: &'static str,
    ) -> Self {
        Self { name, effect, what, operations, has_reason: false, can_be_triggered: true }
    }

    pub(crate) const fn with_reason(self) -> Self {
        Self { has_reason: true, ..self }
    }

    pub(crate) const fn for_scenarios_only(self) -> Self {
        Self { can_be_triggered: false, ..self }
    }
}

/// Describes the rows of a vendor's table.
pub(crate) fn described<T>(vendor: &'static str, rows: &[Row<T>]) -> Vec<Outcome> {
    let described = |row: &Row<T>| Outcome {
        vendor,
        name: row.name,
        what: row.what,
        operations: row.operations,
        has_reason: row.has_reason,
        can_be_triggered: row.can_be_triggered,
    };
    rows.iter().map(described).collect()
}

/// Finds the outcome with that name that can be triggered.
pub(crate) fn find<T: Copy>(rows: &[Row<T>], name: &str) -> Result<T, ValidationError> {
    let names: Vec<_> =
        rows.iter().filter(|row| row.can_be_triggered).map(|row| (row.name, row.effect)).collect();
    chosen("outcome", &names, name)
}

/// Finds the value of a name. The error says which field has a wrong name, and lists the right ones.
pub(crate) fn chosen<T: Clone>(
    field: &str,
    names: &[(&'static str, T)],
    name: &str,
) -> Result<T, ValidationError> {
    match names.iter().find(|(known, _)| *known == name) {
        Some((_, value)) => Ok(value.clone()),
        None => {
            let names: Vec<_> = names.iter().map(|(known, _)| *known).collect();
            Err(ValidationError::new(format!("\"{field}\" must be one of {}", names.join(", "))))
        }
    }
}

/// Triggers an outcome of one of these vendors. With a CPF, it becomes the scenario of that person.
pub(crate) fn trigger(
    vendors: &[Arc<dyn SandboxVendor>],
    scenario: Scenario,
    delay: Option<Duration>,
) -> Result<Triggered, ValidationError> {
    let names = |vendor: &Arc<dyn SandboxVendor>| -> Vec<_> {
        let all = (vendor.facts().outcomes)().into_iter();
        all.filter(|outcome| outcome.can_be_triggered).map(|outcome| (outcome.name, ())).collect()
    };
    let able = vendors.iter().filter(|vendor| !names(vendor).is_empty());
    let able: Vec<_> = able.map(|vendor| (vendor.facts().key, vendor)).collect();
    let vendor = chosen("vendor", &able, &scenario.vendor)?;
    chosen("outcome", &names(vendor), &scenario.outcome)?;
    let delay = scenario.delay.or(delay);
    let scenario = match scenario.cpf {
        Some(_) => vendor.scenarios().set(scenario)?,
        None => vendor.scenarios().check(&scenario).map(|()| scenario)?,
    };
    Arc::clone(vendor).trigger(&scenario, delay)
}
