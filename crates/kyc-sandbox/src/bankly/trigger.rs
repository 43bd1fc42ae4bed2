//! Uploads without a client.

use std::sync::Arc;
use std::time::Duration;

use kyc_core::ValidationError;

use super::analysis::Kind::{self, Selfie};
use super::courses::{Course, OUTCOMES};
use super::upload::{ImageType, SELFIE};
use super::{BanklyControl, Operation, TEST_CPFS};
use crate::outcomes::{self, Triggered};
use crate::scenario::{Applied, Scenario};

impl BanklyControl {
    /// A document comes after a selfie, whose analysis ends at once.
    pub(super) fn trigger_outcome(
        self: &Arc<Self>,
        scenario: &Scenario,
        delay: Option<Duration>,
    ) -> Result<Triggered, ValidationError> {
        let effect = outcomes::find(OUTCOMES, &scenario.outcome)?;
        let Course::Analysis(kind, _) = effect else {
            return Err(ValidationError::new("this outcome cannot be triggered"));
        };
        let cpf = scenario.cpf.clone().unwrap_or_else(|| test_cpf_for(effect).to_owned());
        if kind != Selfie {
            let applied = self.course(Operation::Upload, &cpf, Selfie.aspect());
            self.upload_without_client(Operation::Upload, &cpf, Selfie, applied, Some(Duration::ZERO))?;
        }
        let named = scenario.operation.as_deref().and_then(Operation::named);
        let applied = Applied { effect, reason: scenario.reason.clone(), delay: scenario.delay };
        self.upload_without_client(named.unwrap_or(Operation::Upload), &cpf, kind, Some(applied), delay)
    }

    fn upload_without_client(
        self: &Arc<Self>,
        operation: Operation,
        cpf: &str,
        kind: Kind,
        applied: Option<Applied<Course>>,
        delay: Option<Duration>,
    ) -> Result<Triggered, ValidationError> {
        let image_type = ImageType { document_type: if kind == Selfie { SELFIE } else { "RG" }, kind };
        match self.analyse(operation, cpf, image_type, applied, delay, None) {
            Ok((reference, due_in)) => Ok(Triggered { reference, cpf: cpf.to_owned(), due_in }),
            // A document after a selfie is out of order for this reason only.
            Err(_) => Err(ValidationError::new("the previous image of this CPF is still being analysed")),
        }
    }
}

/// The test CPF with that outcome, or else the one whose images are valid.
fn test_cpf_for(course: Course) -> &'static str {
    let with_it = TEST_CPFS.iter().find(|test| test.outcome.courses().contains(&course));
    with_it.or(TEST_CPFS.first()).map_or("", |test| test.cpf)
}
