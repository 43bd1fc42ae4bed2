//! Calls that a person may interrupt.

use std::future::Future;

use kyc_core::{Delivery, Error, OperationId, Vendor};

use crate::exit::Failure;
use crate::interrupt;
use crate::output::Progress;

/// Makes a call, unless Ctrl-C comes first. `paid`: what is on its way, if sending it again may cost.
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
                "interrupted while it was on its way: it may have been taken all the same"
            } else {
                "interrupted"
            };
            Err(Failure::Stopped { code, what, delivery: Delivery::Unknown, id: paid, is_over: false })
        }
    }
}

/// What may have been taken, and has no name by which anybody could ask about it.
pub(crate) fn nameless(vendor: Vendor, operation: &'static str) -> OperationId {
    OperationId::by_reference(vendor, operation, "")
}
