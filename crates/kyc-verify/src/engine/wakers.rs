//! Who is woken when something happens in a case.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

use crate::case::CaseId;

/// The cases that are run by this process.
#[derive(Debug, Default)]
pub(super) struct Wakers(Mutex<HashMap<CaseId, Arc<Notify>>>);

/// A case that is run. It is removed when this is dropped.
pub(super) struct Running {
    wakers: Arc<Wakers>,
    case: CaseId,
    pub(super) woken: Arc<Notify>,
}

impl Wakers {
    pub(super) fn run(self: &Arc<Self>, case: CaseId) -> Running {
        let woken = Arc::clone(self.map().entry(case).or_default());
        Running { wakers: Arc::clone(self), case, woken }
    }

    pub(super) fn wake(&self, case: CaseId) {
        if let Some(woken) = self.map().get(&case) {
            woken.notify_waiters();
        }
    }

    pub(super) fn wake_all(&self) {
        self.map().values().for_each(|woken| woken.notify_waiters());
    }

    fn map(&self) -> std::sync::MutexGuard<'_, HashMap<CaseId, Arc<Notify>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut map = self.wakers.map();
        // One is held by the map, one by this.
        if Arc::strong_count(&self.woken) == 2 {
            map.remove(&self.case);
        }
    }
}
