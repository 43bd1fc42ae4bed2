//! Background tasks: the listeners, pending decisions and webhooks.

use std::future::Future;
use std::sync::{Mutex, PoisonError};

use tokio::runtime::Handle;
use tokio::task::{AbortHandle, JoinSet};

/// Tasks that end with the sandbox. After [`stop`](Self::stop) no new task starts.
#[derive(Debug)]
pub(crate) struct Tasks {
    running: Mutex<Option<JoinSet<()>>>,
    /// The runtime of the sandbox, so that a task may also be started from any other thread.
    runtime: Handle,
}

impl Tasks {
    /// For tasks on this runtime.
    pub(crate) fn new(runtime: Handle) -> Self {
        Self { running: Mutex::new(Some(JoinSet::new())), runtime }
    }

    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.start(task);
    }

    /// Starts a task that ends when the returned value is dropped, for what nobody waits for any longer.
    pub(crate) fn spawn_owned(&self, task: impl Future<Output = ()> + Send + 'static) -> OwnedTask {
        OwnedTask(self.start(task))
    }

    fn start(&self, task: impl Future<Output = ()> + Send + 'static) -> Option<AbortHandle> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let running = running.as_mut()?;
        // Removes tasks that have ended; otherwise a sandbox that runs for days would keep them all.
        while running.try_join_next().is_some() {}
        Some(running.spawn_on(task, &self.runtime))
    }

    /// Aborts every task. They have ended once the returned set is shut down or empty.
    pub(crate) fn stop(&self) -> JoinSet<()> {
        let mut running =
            self.running.lock().unwrap_or_else(PoisonError::into_inner).take().unwrap_or_default();
        running.abort_all();
        running
    }
}

/// A task that ends when this is dropped.
#[derive(Debug)]
pub(crate) struct OwnedTask(Option<AbortHandle>);

impl Drop for OwnedTask {
    fn drop(&mut self) {
        if let Some(task) = &self.0 {
            task.abort();
        }
    }
}
