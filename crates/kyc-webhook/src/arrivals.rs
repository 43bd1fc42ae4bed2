//! Wakes those who wait for an operation.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use kyc_core::{OperationId, Wake};

use crate::event::StoredEvent;
use crate::inbox::{Inbox, InboxError};

/// How long to wait after the inbox failed. Meanwhile the poller queries the vendor at its intervals.
const PAUSE: Duration = Duration::from_secs(1);

/// The events about one operation, one after another, as they are stored by this process or another. Those that are stored
/// already come first.
///
/// ```
/// # use std::sync::Arc;
/// # use kyc_webhook::{Arrivals, Inbox};
/// # use kyc_webhook::kyc_core::{OperationId, Poller, Wake};
/// # fn example<'a, T: Send + 'a>(inbox: Arc<dyn Inbox>, id: OperationId, poller: Poller<'a, T>) {
/// let arrivals = Arrivals::new(inbox, id);
/// // Any event about the operation makes the poller query the vendor at once.
/// let poller = poller.wake_on_each(arrivals.wakes(|_| Some(Wake::Query)));
/// # drop(poller);
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Arrivals {
    inbox: Arc<dyn Inbox>,
    operation: OperationId,
    position: Arc<AtomicU64>,
}

impl Arrivals {
    /// Creates the arrivals of an operation. Say with [`Inbox::expect`] that the operation is yours, once, as soon as you know its
    /// id.
    #[must_use]
    pub fn new(inbox: Arc<dyn Inbox>, operation: OperationId) -> Self {
        Self { inbox, operation, position: Arc::default() }
    }

    /// Waits for the next event. Clones share the position, so that each event is returned once.
    ///
    /// # Errors
    /// The inbox failed. The next call goes on where this one was.
    pub async fn next(&self) -> Result<StoredEvent, InboxError> {
        let arrival = self.inbox.arrival(&self.operation, self.position.load(Ordering::SeqCst)).await?;
        self.position.fetch_max(arrival.position, Ordering::SeqCst);
        Ok(arrival.event)
    }

    /// Returns the function for [`Poller::wake_on_each`](kyc_core::Poller::wake_on_each). `read` says what an event means for the
    /// waiter; events for which it returns `None` are skipped.
    ///
    /// An event whose sender is not [authenticated](kyc_core::Trust::is_authenticated) never carries the result, whatever `read`
    /// says: it makes the poller query the vendor.
    pub fn wakes<'a, T, R>(
        self,
        read: R,
    ) -> impl FnMut() -> Pin<Box<dyn Future<Output = Wake<T>> + Send + 'a>> + Send + 'a
    where
        T: Send + 'a,
        R: Fn(&StoredEvent) -> Option<Wake<T>> + Send + Sync + 'a,
    {
        let read = Arc::new(read);
        move || {
            let (arrivals, read) = (self.clone(), Arc::clone(&read));
            Box::pin(async move { arrivals.next_wake(&*read).await })
        }
    }

    async fn next_wake<T>(&self, read: &(impl Fn(&StoredEvent) -> Option<Wake<T>> + Sync)) -> Wake<T> {
        loop {
            match self.next().await {
                Ok(event) => match read(&event) {
                    Some(Wake::Result(_)) if !event.info.trust.is_authenticated() => return Wake::Query,
                    Some(wake) => return wake,
                    None => {}
                },
                Err(error) => {
                    tracing::warn!(%error, "the inbox cannot wake a waiter: it polls the vendor until it can");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }
}
