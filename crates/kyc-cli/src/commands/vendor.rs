//! The option `--vendor`: the vendors with a capability.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use kyc_br::INTEGRATIONS;
use kyc_core::{Capabilities, Error, Integration};

use crate::config::Source;
use crate::failure::Failure;
use crate::vendors;

/// Returns a parser of the keys of the vendors with a capability.
pub(super) fn with(has: fn(Capabilities) -> bool) -> impl TypedValueParser<Value = &'static Integration> {
    let value = |integration: &Integration| PossibleValue::new(integration.key()).help(integration.title());
    let values: Vec<_> = vendors::with(has).map(value).collect();
    PossibleValuesParser::new(values).try_map(|key| {
        INTEGRATIONS.iter().find(|integration| integration.key() == key).ok_or("unknown vendor")
    })
}

/// Returns the named vendor, or the one that honours most options: of those that are configured, if there are any. Without a
/// source, whatever is configured does not count, as for samples.
pub(super) fn or_usual(
    named: Option<&'static Integration>,
    source: Option<&Source>,
    has: fn(Capabilities) -> bool,
) -> Result<&'static Integration, Failure> {
    if let Some(named) = named {
        return Ok(named);
    }
    let honoured = |integration: &&Integration| {
        let able = integration.capabilities().face_match.unwrap_or_default();
        [able.cpf, able.reference, able.max_false_accept_rate, able.query].map(u8::from).iter().sum::<u8>()
    };
    let mut able: Vec<_> = vendors::with(has).collect();
    if let Some(source) = source.filter(|source| !source.wants_sandbox()) {
        let mut configured = Vec::new();
        for integration in &able {
            configured.extend(source.table_if_any(integration)?.map(|_| *integration));
        }
        if !configured.is_empty() {
            able = configured;
        }
    }
    let usual = able.into_iter().max_by_key(honoured);
    usual.ok_or_else(|| Failure::setup(|t| t.setup.no_vendor.to_owned()))
}

/// Returns the failure of a client that lacks what its integration promises.
pub(super) fn missing_capability(integration: &Integration) -> Failure {
    Failure::client(Error::unsupported(integration.vendor(), "the client lacks this capability"))
}
