//! Calls that Ctrl-C can interrupt.

use std::future::Future;

use kyc_core::{Delivery, Error, OperationId, Vendor};

use crate::exit::Failure;
use crate::interrupt;
use crate::output::Progress;

/// Awaits a call, or stops at Ctrl-C. `paid` is the operation being sent, if sending it again may cost money.
pub(crate) async fn call<T>(
    doing: &'static str,
    quiet: bool,
    paid: Option<OperationId>,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Failure> {
    let progress = Progress::new(!quiet);
    progress.say(doing);
    let interrupted = interrupt::listen()?;
    tokio::select! {
        done = work => done.map_err(Failure::client),
        code = interrupted => {
            let what = if paid.is_some() {
                "interrupted during the call: the vendor may have processed it"
            } else {
                "interrupted"
            };
            Err(Failure::Stopped { code, what, delivery: Delivery::Unknown, id: paid, is_over: false })
        }
    }
}

/// Returns the id of a paid call for which the vendor has no query.
pub(crate) fn nameless(vendor: Vendor, operation: &'static str) -> OperationId {
    OperationId::by_reference(vendor, operation, "")
}
