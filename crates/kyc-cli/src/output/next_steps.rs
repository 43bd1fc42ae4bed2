//! What to do after a failure, so that nobody pays twice. The vendors' integrations know what; the words are here.

use kyc_core::{Advice, Error, ErrorKind, Integration, OperationId};

use super::text::printable;
use crate::call::nameless;
use crate::messages::text;
use crate::vendors;

/// Returns what to do after an error of a client. `is_paid`: of a submission that may have been paid for.
pub(super) fn after_failed_call(error: &Error, is_over: bool, is_paid: bool) -> Vec<String> {
    match error.operation_id() {
        Some(id) => with_id(Some(error.kind()), id, is_over),
        None if is_paid => with_id(Some(error.kind()), &nameless(error.vendor(), ""), is_over),
        None => Vec::new(),
    }
}

/// Returns how to find out what became of a paid call.
pub(super) fn with_id(kind: Option<ErrorKind>, id: &OperationId, is_over: bool) -> Vec<String> {
    let t = &text().next;
    let integration = vendors::by_id(id.vendor());
    match integration.map_or(Advice::CheckUsage, |integration| integration.after_lost_response(id)) {
        Advice::Query => query(kind, id, is_over),
        Advice::AwaitWebhook => vec![(t.webhook)(&printable(id.value()))],
        Advice::ResumeJourney if is_over => vec![t.over.to_owned()],
        Advice::ResumeJourney => resume(integration).into_iter().map(str::to_owned).collect(),
        _ if is_over => Vec::new(),
        Advice::CheckCredits => vec![t.credits.to_owned()],
        _ => vec![t.paid.to_owned()],
    }
}

fn query(kind: Option<ErrorKind>, id: &OperationId, is_over: bool) -> Vec<String> {
    let t = &text().next;
    match kind {
        Some(ErrorKind::InvalidInput | ErrorKind::Unsupported) => Vec::new(),
        Some(ErrorKind::Rejected | ErrorKind::NotFound) => vec![(t.transaction)(&printable(id.value()))],
        _ => {
            let command = format!("  kyc facematch --resume {}", id.to_token());
            let over = is_over.then(|| t.over.to_owned());
            [t.resume.to_owned(), command].into_iter().chain(over).collect()
        }
    }
}

/// Returns the command that queries what a file stores. The id itself is not printed: it may contain personal data.
fn resume(integration: Option<&Integration>) -> Option<&'static str> {
    Some(vendors::own(integration?)?.resume?(text()))
}

/// Returns what the vendor's integration says about an error.
pub(super) fn hint(error: &Error) -> Option<String> {
    let integration = vendors::by_id(error.vendor().name())?;
    let t = &text().setup;
    match integration.advice(error)? {
        Advice::SetCertificate { keys } => {
            let variable = |key: &&str| format!("KYC_{}_{key}", integration.key()).to_ascii_uppercase();
            let variables: Vec<_> = keys.iter().map(variable).collect();
            Some((t.set_certificate)(integration.title(), &variables.join(", "), &keys.join(", ")))
        }
        Advice::SetPath { key } => {
            let (table, key) = match key.rsplit_once('.') {
                Some((table, key)) => (format!("{}.{table}", integration.key()), key.to_owned()),
                None => (integration.key().to_owned(), key),
            };
            Some((t.path)(&key, &table))
        }
        _ => None,
    }
}

/// Returns whether the id may be printed as a token: where it identifies an operation and no person.
pub(crate) fn is_public(id: &OperationId) -> bool {
    vendors::by_id(id.vendor()).is_some_and(vendors::has_public_ids)
}

#[cfg(test)]
mod tests {
    use kyc_core::Delivery;

    use super::*;

    #[test]
    fn a_vendor_without_its_own_message_has_the_general_one() {
        let toy = kyc_core::Vendor::new("toy-faces");
        let id = OperationId::by_reference(toy, "match", "");
        assert_eq!(with_id(None, &id, false), [text().next.paid]);
        assert!(with_id(None, &id, true).is_empty() && !is_public(&id));
        let lost = Error::new(toy, ErrorKind::Transport, Delivery::Unknown, "the connection broke");
        assert_eq!(after_failed_call(&lost, false, true), [text().next.paid]);
        assert!(after_failed_call(&lost, true, true).is_empty());
        assert!(after_failed_call(&lost, false, false).is_empty());
    }
}
