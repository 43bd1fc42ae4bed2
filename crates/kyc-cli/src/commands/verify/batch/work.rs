//! One applicant of a batch.

use std::path::Path;
use std::sync::Arc;

use kyc_core::Timestamp;
use kyc_verify::{
    CaseReport, CaseState, CheckState, LedgerError, Options, Reason, StoreError, Verification, VerifyError,
};

use super::columns::Column;
use super::records::Bad;
use super::row::Row;
use crate::commands::verify::failures;
use crate::failure::Failure;
use crate::messages::Said;

/// What became of an applicant.
pub(super) enum Done {
    Answer(Box<CaseReport>),
    /// The case is that of a result that stands, or of an earlier line.
    Known,
    Bad(Bad),
    /// A picture cannot be read, so that there is no case.
    Unusable(Bad),
    /// Another process runs the case until then, or until it ends.
    Leased(Timestamp),
    /// Nothing can go on.
    Broken(Box<VerifyError>),
}

/// What all applicants share.
#[derive(Clone)]
pub(super) struct Desk {
    pub(super) verification: Verification,
    pub(super) options: Options,
    /// The folder of the file, below which the pictures are.
    pub(super) folder: Arc<Path>,
}

impl Desk {
    /// Begins the case of an applicant, and runs it unless its result is known.
    pub(super) async fn serve(self, row: Row, is_known: bool) -> (Row, Done) {
        let line = row.line;
        let done = self.run(&row, is_known).await;
        (row, done.unwrap_or_else(|error| of_error(line, error)))
    }

    async fn run(self, row: &Row, is_known: bool) -> Result<Done, VerifyError> {
        let case = {
            let (folder, reading) = (Arc::clone(&self.folder), row.clone());
            let read = tokio::task::spawn_blocking(move || reading.applicant(&folder)).await;
            let applicant = match read {
                Ok(Ok(applicant)) => applicant,
                Ok(Err(bad)) if is_known => return Ok(Done::Bad(bad)),
                Ok(Err(bad)) => return Ok(Done::Unusable(bad)),
                Err(cut_off) => std::panic::resume_unwind(cut_off.into_panic()),
            };
            self.verification.begin(&row.reference, &applicant, self.options.is_forced).await?
        };
        if is_known {
            return Ok(Done::Known);
        }
        let report = self.verification.resume(case, self.options).await?;
        Ok(Done::Answer(Box::new(report)))
    }
}

fn of_error(line: u64, error: VerifyError) -> Done {
    let column = match &error {
        VerifyError::Ledger(LedgerError::Leased(until)) => return Done::Leased(*until),
        VerifyError::DifferentBody(_) => Column::Reference,
        VerifyError::PersonHasCase(_) => Column::Cpf,
        VerifyError::Incomplete(_)
        | VerifyError::Policy(_)
        | VerifyError::OtherEnvironment(_)
        | VerifyError::Ledger(LedgerError::Forgotten) => Column::Reference,
        VerifyError::Missing(items) => {
            let field = items.first().copied();
            return Done::Bad(Bad { line, field, rule: words(error) });
        }
        VerifyError::RefusedPicture(refused) => {
            let field = Some(refused.item.as_str());
            return Done::Bad(Bad { line, field, rule: words(error) });
        }
        _ => return Done::Broken(Box::new(error)),
    };
    Done::Bad(Bad { line, field: Some(column.name()), rule: words(error) })
}

fn words(error: VerifyError) -> Said {
    match failures::of_verification(error) {
        Failure::Local { what, .. } => what,
        other => Said::new(|_| format!("{other:?}")),
    }
}

/// Whether the store may do on another attempt what it did not do now.
pub(super) fn is_passing(error: &VerifyError) -> bool {
    matches!(error, VerifyError::Ledger(LedgerError::Store(StoreError::Busy | StoreError::Overloaded)))
}

/// Returns the vendor whose failing calls left a case to a person.
pub(super) fn failing_vendor(report: &CaseReport) -> Option<&str> {
    let open = report.checks.iter().filter(|check| check.is_required && check.state != CheckState::Passed);
    let mut failed =
        open.flat_map(|check| &check.vendors).filter(|vendor| vendor.reason == Reason::CallFailed);
    let failed = failed.next().filter(|_| report.state == CaseState::Review);
    failed.map(|check| check.vendor.as_str())
}
