//! Background tasks: the listeners, pending decisions and webhooks.

use std::future::Future;
use std::sync::{Mutex, PoisonError};

use tokio::task::JoinSet;

/// Tasks that end with the sandbox. After [`stop`](Self::stop) no new task starts.
#[derive(Debug)]
pub(crate) struct Tasks(Mutex<Option<JoinSet<()>>>);

impl Tasks {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Some(JoinSet::new())))
    }

    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        if let Some(running) = self.0.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            // Removes tasks that have ended; otherwise a sandbox that runs for days would keep them all.
            while running.try_join_next().is_some() {}
            running.spawn(task);
        }
    }

    /// Aborts every task. They have ended once the returned set is shut down or empty.
    pub(crate) fn stop(&self) -> JoinSet<()> {
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner).take().unwrap_or_default();
        running.abort_all();
        running
    }
}
