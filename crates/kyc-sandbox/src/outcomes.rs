//! Outcomes that can be triggered: operations that happen without a client.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use kyc_core::ValidationError;

use crate::vendor::SandboxVendor;

/// An outcome for [`Sandbox::trigger`](crate::Sandbox::trigger).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Outcome {
    /// The key of the vendor.
    pub vendor: &'static str,
    /// The name of the outcome.
    pub name: &'static str,
    /// A description of it.
    pub what: &'static str,
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

/// A row of a vendor's table of outcomes: the name, what the vendor needs to make it, and a description.
pub(crate) type Row<T> = (&'static str, T, &'static str);

/// Describes the rows of a vendor's table.
pub(crate) fn described<T>(vendor: &'static str, rows: &[Row<T>]) -> Vec<Outcome> {
    rows.iter().map(|(name, _, what)| Outcome { vendor, name, what }).collect()
}

/// Finds the row of a vendor's table with that name.
pub(crate) fn find<T: Copy>(rows: &[Row<T>], name: &str) -> Result<T, ValidationError> {
    let names: Vec<_> = rows.iter().map(|(known, made_by, _)| (*known, *made_by)).collect();
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

/// Triggers an outcome of one of these vendors.
pub(crate) fn trigger(
    vendors: &[Arc<dyn SandboxVendor>],
    vendor: &str,
    outcome: &str,
    delay: Option<Duration>,
) -> Result<Triggered, ValidationError> {
    let able = vendors.iter().filter(|vendor| !(vendor.facts().outcomes)().is_empty());
    let able: Vec<_> = able.map(|vendor| (vendor.facts().key, vendor)).collect();
    Arc::clone(chosen("vendor", &able, vendor)?).trigger(outcome, delay)
}
