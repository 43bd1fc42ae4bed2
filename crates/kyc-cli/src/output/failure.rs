//! A failure: on standard error for people, and on standard output as JSON.

use std::error::Error as _;

use kyc_core::{Delivery, Error, ErrorKind, FieldViolation, OperationId};
use serde::Serialize;

use super::next_steps::{after_failed_call, hint, is_public, with_id};
use super::stream::{ERROR, json, note, note_styled};
use super::text::scrub;
use crate::failure::Failure;
use crate::messages::{Lang, in_language, library_error, text};

/// The maximum number of field violations in the output.
const MAX_VIOLATIONS: usize = 5;

/// Prints that a file could not be written, after the result was printed.
pub(crate) fn unsaved(saved: Result<(), Failure>) {
    if let Err(failure) = saved {
        fail(&failure, false);
    }
}

/// Prints why there is no result, on standard error and, if requested, as JSON on standard output.
pub(crate) fn fail(failure: &Failure, as_json: bool) {
    wrong(&lines(failure));
    if as_json {
        // Without a standard output, the exit code still reports the failure.
        let _ = json(failure.outcome(), &Report { error: ErrorReport::of(failure) });
    }
}

/// Prints lines of which the first starts with the word for an error.
pub(crate) fn wrong(lines: &[String]) {
    for (place, line) in lines.iter().enumerate() {
        match line.split_once(':') {
            Some((word, _)) if place == 0 => note_styled(line, word, ERROR),
            _ => note(line),
        }
    }
}

fn lines(failure: &Failure) -> Vec<String> {
    let t = text();
    let mut lines = Vec::new();
    match failure {
        Failure::Client { error, is_over, is_paid } => {
            match library_error(error) {
                Some(words) => {
                    lines.push((t.errors.error)(&words));
                    lines.push((t.errors.detail)(&error.to_string()));
                }
                None => lines.push((t.errors.error)(&error.to_string())),
            }
            lines.extend(details(error));
            lines.extend(after_failed_call(error, *is_over, *is_paid));
        }
        Failure::Input(what) => lines.push((t.errors.error)(&(t.errors.not_sent)(what.shown()))),
        Failure::Setup(what) | Failure::System(what) | Failure::Local { what, .. } => {
            lines.push((t.errors.error)(what.shown()));
        }
        Failure::Stopped { what, id, is_over, .. } => {
            lines.push((t.errors.error)(what.shown()));
            lines.extend(id.iter().flat_map(|id| with_id(None, id, *is_over)));
        }
    }
    lines
}

/// Returns the cause, the vendor's messages and a hint for a wrong configuration.
fn details(error: &Error) -> Vec<String> {
    let t = text();
    let mut lines = Vec::new();
    lines.extend(error.source().map(|cause| (t.errors.cause)(&scrub(&cause.to_string()))));
    lines.extend(error.vendor_message().map(|message| (t.errors.vendor_message)(&scrub(message))));
    lines.extend(hint(error));
    if error.kind() == ErrorKind::Rejected {
        let is_new = |violation: &&FieldViolation| error.vendor_message() != Some(&violation.message);
        lines.extend(
            error.violations().iter().filter(is_new).take(MAX_VIOLATIONS).map(|violation| {
                (t.errors.vendor_field)(&scrub(&violation.field), &scrub(&violation.message))
            }),
        );
    }
    lines
}

/// Returns the message for people, without what to do next.
pub(crate) fn message_for_people(failure: &Failure) -> String {
    match failure {
        Failure::Client { error, .. } => library_error(error).unwrap_or_else(|| error.to_string()),
        Failure::Input(what)
        | Failure::Setup(what)
        | Failure::System(what)
        | Failure::Local { what, .. }
        | Failure::Stopped { what, .. } => what.shown().to_owned(),
    }
}

/// Returns the message in `--json`, which does not depend on the language.
fn message(failure: &Failure) -> String {
    match failure {
        Failure::Client { error, .. } => error.to_string(),
        Failure::Input(what) => (in_language(Lang::En).errors.not_sent)(what.english()),
        Failure::Setup(what)
        | Failure::System(what)
        | Failure::Local { what, .. }
        | Failure::Stopped { what, .. } => what.english().to_owned(),
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
            Failure::Local { outcome, .. } => (outcome.name(), Delivery::NotSent.name(), None, None),
        };
        let id = id.filter(|id| is_public(id));
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
