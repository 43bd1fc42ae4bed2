//! Waits that end earlier when an event arrives in the inbox of the configuration.

use std::sync::Arc;
use std::time::Duration;

use kyc_core::{Clock as _, OperationId, Poller, SystemClock, Wake};
use kyc_webhook::{Arrivals, Inbox};

use crate::config::Source;
use crate::store::Store;

/// Lets events about an operation make a wait query the vendor at once, if `kyc listen` receives them into the inbox of the
/// configuration. Without an inbox, or if it cannot be used, the wait queries at its intervals alone.
pub(crate) async fn by_events<'a, T: Send + 'a>(
    wait: Poller<'a, T>,
    source: &Source,
    id: &OperationId,
    timeout: Duration,
) -> Poller<'a, T> {
    let is_real = !source.wants_sandbox();
    let Some(inbox) = is_real.then(|| Store::default().open(source.files()).ok()).flatten() else {
        return wait;
    };
    let until = SystemClock.now().saturating_add(timeout);
    if inbox.expect(id, until).await.is_err() {
        return wait;
    }
    let arrivals = Arrivals::new(Arc::new(inbox), id.clone());
    wait.wake_on_each(arrivals.wakes(|_| Some(Wake::Query)))
}
