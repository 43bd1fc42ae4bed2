//! What to do after a failed call, so that nobody pays twice.

use kyc_core::{Error, ErrorKind, OperationId};

use super::text::printable;
use crate::messages::text;

/// Returns what to do after an error of a client.
pub(super) fn after_failed_call(error: &Error, is_over: bool) -> Vec<String> {
    match error.operation_id() {
        Some(id) => with_id(Some(error.kind()), id, is_over),
        None => without_id(error, is_over).into_iter().collect(),
    }
}

/// Returns how to continue a paid call.
pub(super) fn with_id(kind: Option<ErrorKind>, id: &OperationId, is_over: bool) -> Vec<String> {
    if id.vendor() == clearsale_facematch::VENDOR.name() {
        return with_clearsale_id(kind, id, is_over);
    }
    match command_for(id) {
        Some(command) => vec![if is_over { text().next.over } else { command }.to_owned()],
        None if is_over => Vec::new(),
        None => vec![may_be_paid(id.vendor()).to_owned()],
    }
}

fn with_clearsale_id(kind: Option<ErrorKind>, id: &OperationId, is_over: bool) -> Vec<String> {
    if id.is_reference() {
        let reference = printable(id.value());
        return vec![(text().next.webhook)(&reference)];
    }
    match kind {
        Some(ErrorKind::InvalidInput | ErrorKind::Unsupported) => Vec::new(),
        Some(ErrorKind::Rejected | ErrorKind::NotFound) => {
            vec![(text().next.transaction)(&printable(id.value()))]
        }
        _ => {
            let mut lines =
                vec![text().next.resume.to_owned(), format!("  kyc facematch --resume {}", id.to_token())];
            if is_over {
                lines.push(text().next.over.to_owned());
            }
            lines
        }
    }
}

/// Returns what to do after a call without an operation id. At the three vendors below, a paid call always has one.
fn without_id(error: &Error, is_over: bool) -> Option<String> {
    let has_ids =
        [certiface::VENDOR, bankly_kyc::VENDOR, clearsale_facematch::VENDOR].contains(&error.vendor());
    (!has_ids && error.may_have_landed() && !is_over).then(|| may_be_paid(error.vendor().name()).to_owned())
}

fn may_be_paid(vendor: &str) -> &'static str {
    let t = &text().next;
    if vendor == cellere_portal::VENDOR.name() { t.credits } else { t.paid }
}

/// Returns the command that queries what a file stores. The id itself is not printed, because Certiface identifies a
/// journey by its appkey, and Bankly an image by its token and the CPF.
fn command_for(id: &OperationId) -> Option<&'static str> {
    if id.vendor() == certiface::VENDOR.name() {
        return Some(text().next.journey);
    }
    let is_bankly = id.vendor() == bankly_kyc::VENDOR.name();
    is_bankly.then_some(text().next.images)
}

/// Returns where to set a path of Cellere's portal: the default path may be wrong for this customer.
pub(super) fn path_hint(error: &Error) -> Option<String> {
    let is_wrong_path = error.vendor() == cellere_portal::VENDOR
        && error.kind() == ErrorKind::Config
        && error.http_status() == Some(404);
    let operation = error.operation().filter(|_| is_wrong_path)?;
    Some((text().setup.path)(operation))
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
        assert!(with_id(None, &id, true).is_empty());
        let lost = Error::new(toy, ErrorKind::Transport, Delivery::Unknown, "the connection broke");
        assert_eq!(without_id(&lost, false).as_deref(), Some(text().next.paid));
        assert_eq!(without_id(&lost, true), None);
        let unsent = Error::new(toy, ErrorKind::Transport, Delivery::NotSent, "no connection");
        assert_eq!(without_id(&unsent, false), None);
    }
}
