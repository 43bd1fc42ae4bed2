//! Calls that Ctrl-C can interrupt.

use std::future::Future;

use kyc_core::{Delivery, Error, OperationId, Vendor};

use crate::failure::Failure;
use crate::interrupt;
use crate::messages::Said;
use crate::outcome::Outcome;
use crate::output::Progress;

/// Awaits a call, or stops at Ctrl-C. `paid` is the operation being sent, if sending it again may cost money.
pub(crate) async fn call<T>(
    doing: &str,
    quiet: bool,
    paid: Option<OperationId>,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Failure> {
    let _progress = Progress::new(!quiet, doing.to_owned());
    let interrupted = interrupt::listen()?;
    tokio::select! {
        done = work => done.map_err(|error| {
            let is_paid = paid.is_some() && error.may_have_landed();
            Failure::client(error).paid(is_paid)
        }),
        signal = interrupted => {
            let (outcome, what) = if paid.is_some() {
                (Outcome::MayHaveBeenPaid, Said::new(|t| t.errors.interrupted_call.to_owned()))
            } else {
                (signal, Said::new(|t| t.errors.interrupted.to_owned()))
            };
            Err(Failure::Stopped { outcome, what, delivery: Delivery::Unknown, id: paid, is_over: false })
        }
    }
}

/// Returns the id of a paid call for which the vendor has no query.
pub(crate) fn nameless(vendor: Vendor, operation: &'static str) -> OperationId {
    OperationId::by_reference(vendor, operation, "")
}
