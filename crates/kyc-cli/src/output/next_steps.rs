//! What to do after a failed call, so that nobody pays twice.

use kyc_core::{Error, ErrorKind, OperationId};

use super::text::printable;

/// For a call that may have been paid for, of a vendor without a query for it.
const MAY_BE_PAID: &str = "the call may have been paid for, and the vendor has no query for it: check the vendor's usage report before you submit it again";

const MAY_HAVE_USED_CREDITS: &str = "the call may have used credits, and the portal has no query for it: check the remaining credits in the portal before you submit it again";

/// For an operation that could have been queried at a vendor.
const IS_OVER: &str = "(not possible here: the embedded sandbox ended with this command; `kyc sandbox` runs one that outlives a command)";

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
        Some(command) => vec![if is_over { IS_OVER } else { command }.to_owned()],
        None if is_over => Vec::new(),
        None => vec![may_be_paid(id.vendor()).to_owned()],
    }
}

fn with_clearsale_id(kind: Option<ErrorKind>, id: &OperationId, is_over: bool) -> Vec<String> {
    if id.is_reference() {
        let reference = printable(id.value());
        return vec![format!(
            "the comparison may have been paid for; only the vendor's webhook reports its result, with the reference {reference}"
        )];
    }
    match kind {
        Some(ErrorKind::InvalidInput | ErrorKind::Unsupported) => Vec::new(),
        Some(ErrorKind::Rejected | ErrorKind::NotFound) => {
            vec![format!("transaction {}", printable(id.value()))]
        }
        _ => {
            let mut lines = vec![
                "do not submit it again; query its result with:".to_owned(),
                format!("  kyc facematch --resume {}", id.to_token()),
            ];
            if is_over {
                lines.push(IS_OVER.to_owned());
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
    if vendor == cellere_portal::VENDOR.name() { MAY_HAVE_USED_CREDITS } else { MAY_BE_PAID }
}

/// Returns the command that queries what a file stores. The id itself is not printed, because Certiface identifies a
/// journey by its appkey, and Bankly an image by its token and the CPF.
fn command_for(id: &OperationId) -> Option<&'static str> {
    if id.vendor() == certiface::VENDOR.name() {
        return Some("to check the journey: `kyc certiface result`");
    }
    let is_bankly = id.vendor() == bankly_kyc::VENDOR.name();
    is_bankly.then_some("to check the images: `kyc bankly status`")
}

/// Returns where to set a path of Cellere's portal: the default path may be wrong for this customer.
pub(super) fn path_hint(error: &Error) -> Option<String> {
    let is_wrong_path = error.vendor() == cellere_portal::VENDOR
        && error.kind() == ErrorKind::Config
        && error.http_status() == Some(404);
    let operation = error.operation().filter(|_| is_wrong_path)?;
    Some(format!("set the path that the portal gave you in kyc.toml: {operation} in [cellere.endpoints]"))
}

#[cfg(test)]
mod tests {
    use kyc_core::Delivery;

    use super::*;

    #[test]
    fn a_vendor_without_its_own_message_has_the_general_one() {
        let toy = kyc_core::Vendor::new("toy-faces");
        let id = OperationId::by_reference(toy, "match", "");
        assert_eq!(with_id(None, &id, false), [MAY_BE_PAID]);
        assert!(with_id(None, &id, true).is_empty());
        let lost = Error::new(toy, ErrorKind::Transport, Delivery::Unknown, "the connection broke");
        assert_eq!(without_id(&lost, false).as_deref(), Some(MAY_BE_PAID));
        assert_eq!(without_id(&lost, true), None);
        let unsent = Error::new(toy, ErrorKind::Transport, Delivery::NotSent, "no connection");
        assert_eq!(without_id(&unsent, false), None);
    }
}
