//! Why a verification could not go on, in the language of the user.

use std::path::Path;

use kyc_core::Sent;
use kyc_verify::{LedgerError, StoreError, Unrecorded, VerifyError};
use serde::Serialize;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::messages::Messages;
use crate::outcome::Outcome;
use crate::{files, output};

/// Returns the failure of a store that cannot be opened.
pub(super) fn at(path: &Path, error: &StoreError) -> Failure {
    let shown = files::shown(path);
    Failure::local(store_outcome(error), move |t| (t.errors.subject)(&shown, &store_words(t, error)))
}

/// Returns the failure of a store that is in use.
pub(super) fn of_ledger(error: &LedgerError) -> Failure {
    let outcome = ledger_outcome(error);
    Failure::local(outcome, |t| ledger_words(t, error))
}

/// Returns the failure of a verification. An answer that could not be stored is printed: it exists nowhere else.
pub(super) fn of_verification(error: VerifyError) -> Failure {
    if let VerifyError::MayHaveBeenPaid(unrecorded) = &error {
        print(unrecorded);
    }
    let outcome = outcome(&error);
    Failure::local(outcome, |t| words(t, &error))
}

fn outcome(error: &VerifyError) -> Outcome {
    match error {
        VerifyError::Ledger(error) => ledger_outcome(error),
        VerifyError::MayHaveBeenPaid(_) => Outcome::MayHaveBeenPaid,
        VerifyError::Silent(_) => Outcome::Unavailable,
        VerifyError::OtherEnvironment(_) | VerifyError::Policy(_) => Outcome::Configuration,
        _ => Outcome::BadInput,
    }
}

fn words(t: &Messages, error: &VerifyError) -> String {
    let words = &t.verify_errors;
    match error {
        VerifyError::Ledger(error) => ledger_words(t, error),
        VerifyError::DifferentBody(case) => (words.different_body)(&case.to_string()),
        VerifyError::Missing(items) => (words.missing)(&items.join(", ")),
        VerifyError::RefusedPicture(refused) => {
            (words.refused_picture)(refused.item.as_str(), refused.rule.rule())
        }
        VerifyError::PersonHasCase(case) => (words.person_has_case)(&case.to_string()),
        VerifyError::Incomplete(case) => (words.incomplete)(&case.to_string()),
        VerifyError::OtherEnvironment(case) => (words.other_environment)(&case.to_string()),
        VerifyError::Policy(case) => (words.unread_policy)(&case.to_string()),
        VerifyError::Closed(case) => (words.closed)(&case.to_string()),
        VerifyError::Silent(vendor) => (words.silent)(vendor),
        VerifyError::OutOfAttempts => words.out_of_attempts.to_owned(),
        VerifyError::MayHaveBeenPaid(unrecorded) => {
            let (vendor, step) = (&unrecorded.vendor, &unrecorded.step);
            (words.unrecorded)(&format!("{vendor} {step}"), &ledger_words(t, &unrecorded.cause))
        }
        other => other.to_string(),
    }
}

fn ledger_outcome(error: &LedgerError) -> Outcome {
    match error {
        LedgerError::Store(error) => store_outcome(error),
        LedgerError::UnknownCase(_) | LedgerError::Forgotten | LedgerError::IsHeld => Outcome::BadInput,
        LedgerError::Conflict | LedgerError::Leased(_) | LedgerError::PersonBusy => Outcome::Unavailable,
        _ => Outcome::Other,
    }
}

fn ledger_words(t: &Messages, error: &LedgerError) -> String {
    let words = &t.verify_errors;
    match error {
        LedgerError::Store(error) => store_words(t, error),
        LedgerError::UnknownCase(case) => (words.unknown)(&case.to_string()),
        LedgerError::Conflict => words.conflict.to_owned(),
        LedgerError::Leased(until) => (words.leased)(&until.to_rfc3339()),
        LedgerError::Forgotten => words.forgotten.to_owned(),
        LedgerError::IsHeld => words.is_held.to_owned(),
        LedgerError::PersonBusy => words.person_busy.to_owned(),
        LedgerError::Tampered { case, seq } => (words.tampered)(&case.to_string(), *seq),
        other => other.to_string(),
    }
}

fn store_outcome(error: &StoreError) -> Outcome {
    match error {
        StoreError::Busy | StoreError::Overloaded => Outcome::Unavailable,
        StoreError::WrongKey(_)
        | StoreError::NewerSchema { .. }
        | StoreError::NotDurable(_)
        | StoreError::ReadOnly(_) => Outcome::Configuration,
        _ => Outcome::Other,
    }
}

fn store_words(t: &Messages, error: &StoreError) -> String {
    let words = &t.verify_errors;
    match error {
        StoreError::Full => words.full.to_owned(),
        StoreError::Busy => words.busy.to_owned(),
        StoreError::Overloaded => words.overloaded.to_owned(),
        StoreError::ReadOnly(why) => (words.read_only)(why),
        StoreError::WrongKey(why) => (words.wrong_key)(why),
        StoreError::NewerSchema { .. } => words.newer.to_owned(),
        StoreError::NotDurable(why) => (words.not_durable)(why),
        StoreError::Damaged(why) => (words.damaged)(why),
        other => (words.failed)(&other.to_string()),
    }
}

/// The one copy of an answer.
#[derive(Serialize)]
struct Rescued<'a> {
    vendor: &'a str,
    step: &'a str,
    #[serde(flatten)]
    answer: Value,
}

#[derive(Serialize)]
struct Only<'a> {
    unrecorded: Rescued<'a>,
}

/// Prints an answer that could not be stored, whatever the user asked for, as one JSON object.
fn print(unrecorded: &Unrecorded) {
    let answer = match &unrecorded.answer {
        Sent::Answered(answer) => json!({ "answer": answer.expose() }),
        Sent::Pending(id) => json!({ "pending": id.to_token() }),
        _ => json!({}),
    };
    let rescued = Rescued { vendor: &unrecorded.vendor, step: &unrecorded.step, answer };
    // The failure follows and has the exit code, whether this was written or not.
    let _ = output::json_line(&Only { unrecorded: rescued });
}
