//! A failure: on standard error for people, and on standard output as JSON.

use std::error::Error as _;

use kyc_core::{Delivery, Error, ErrorKind, FieldViolation, OperationId};
use serde::Serialize;

use super::next_steps::{after_failed_call, path_hint, with_id};
use super::stream::{json, note};
use super::text::scrub;
use crate::failure::Failure;

/// The maximum number of field violations in the output.
const MAX_VIOLATIONS: usize = 5;

const BANKLY_CERTIFICATE: &str = "Bankly requires the certificate that it issued to this client, and its key: set KYC_BANKLY_CERTIFICATE and \
                                  KYC_BANKLY_KEY, or certificate and key in kyc.toml";

/// Prints that a file could not be written, after the result was printed.
pub(crate) fn unsaved(saved: Result<(), Failure>) {
    if let Err(failure) = saved {
        fail(&failure, false);
    }
}

/// Prints why there is no result, on standard error and, if requested, as JSON on standard output.
pub(crate) fn fail(failure: &Failure, as_json: bool) {
    for line in lines(failure) {
        note(&line);
    }
    if as_json {
        // Without a standard output, the exit code still reports the failure.
        let _ = json(failure.outcome(), &Report { error: ErrorReport::of(failure) });
    }
}

fn lines(failure: &Failure) -> Vec<String> {
    let mut lines = vec![format!("error: {}", message(failure))];
    match failure {
        Failure::Client { error, is_over, .. } => {
            lines.extend(details(error));
            lines.extend(after_failed_call(error, *is_over));
        }
        Failure::Stopped { id: Some(id), is_over, .. } => lines.extend(with_id(None, id, *is_over)),
        Failure::Stopped { id: None, .. } => {}
        Failure::Input(_) | Failure::Setup(_) | Failure::System(_) => {}
    }
    lines
}

/// Returns the cause, the vendor's messages and a hint for a wrong configuration.
fn details(error: &Error) -> Vec<String> {
    let mut lines = Vec::new();
    lines.extend(error.source().map(|cause| format!("cause: {}", scrub(&cause.to_string()))));
    lines.extend(error.vendor_message().map(|message| format!("vendor message: {}", scrub(message))));
    // A certificate that the server refuses or the TLS library cannot use: the error does not say where it is configured.
    if error.kind() == ErrorKind::Config && error.vendor() == bankly_kyc::VENDOR {
        lines.extend(error.source().map(|_| BANKLY_CERTIFICATE.to_owned()));
    }
    lines.extend(path_hint(error));
    if error.kind() == ErrorKind::Rejected {
        let is_new = |violation: &&FieldViolation| error.vendor_message() != Some(&violation.message);
        lines.extend(error.violations().iter().filter(is_new).take(MAX_VIOLATIONS).map(|violation| {
            format!("vendor message: {}: {}", scrub(&violation.field), scrub(&violation.message))
        }));
    }
    lines
}

fn message(failure: &Failure) -> String {
    match failure {
        Failure::Client { error, .. } => error.to_string(),
        Failure::Input(what) => format!("{what}; nothing was sent"),
        Failure::Setup(what) => what.clone(),
        Failure::Stopped { what, .. } => (*what).to_owned(),
        Failure::System(error) => error.to_string(),
    }
}

#[derive(Serialize)]
struct Report {
    error: ErrorReport,
}

#[derive(Serialize)]
struct ErrorReport {
    kind: &'static str,
    delivery: &'static str,
    message: String,
    vendor_message: Option<String>,
    reference: Option<String>,
    operation_token: Option<String>,
}

impl ErrorReport {
    fn of(failure: &Failure) -> Self {
        let (kind, delivery, error, id) = match failure {
            Failure::Client { error, .. } => {
                (error.kind().name(), error.delivery().name(), Some(error), error.operation_id())
            }
            Failure::Input(_) => (ErrorKind::InvalidInput.name(), Delivery::NotSent.name(), None, None),
            Failure::Setup(_) => (ErrorKind::Config.name(), Delivery::NotSent.name(), None, None),
            Failure::Stopped { id, delivery, .. } => ("interrupted", delivery.name(), None, id.as_ref()),
            Failure::System(_) => ("other", Delivery::Unknown.name(), None, None),
        };
        let id = id.filter(|id| id.vendor() == clearsale_facematch::VENDOR.name());
        Self {
            kind,
            delivery,
            message: message(failure),
            vendor_message: error.and_then(Error::vendor_message).map(scrub),
            reference: id.filter(|id| id.is_reference()).map(|id| id.value().to_owned()),
            operation_token: id.map(OperationId::to_token),
        }
    }
}
