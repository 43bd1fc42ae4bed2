//! Runs cases in the background, each in one task.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kyc_br::certiface::Appkey;
use kyc_br::kyc_core::{Clock as _, RetakeItem, SystemClock};
use kyc_br::kyc_verify::{
    CaseFilter, CaseId, CaseReport, CaseState, Handout, Ledger as _, LedgerError, Options, SqliteStore,
    Verification, VerifyError,
};
use kyc_br::kyc_webhook::{Inbox as _, SqliteInbox};
use kyc_br::prelude::*;
use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::CancellationToken;

use super::Failure;
use super::customer::Customer;

/// How many cases are worked on at a time, and how many may be open.
const AT_A_TIME: usize = 32;
const MAX_OPEN: usize = 10_000;

/// The pauses between two looks at a case that waits.
const SHORTEST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// How many cases are read from the list at a time.
const PAGE: u32 = 100;

/// For how long a vendor's hint about the end of a capture is handled, if the capture has no end of its own.
const CAPTURE: Duration = Duration::from_secs(60 * 60);

pub(crate) struct Cases {
    pub(crate) verification: Verification,
    store: SqliteStore,
    inbox: SqliteInbox,
    customer: Arc<Customer>,
    tasks: Mutex<HashMap<CaseId, Task>>,
    permits: Semaphore,
    /// What is handed in twice at the same time counts once.
    handing_in: tokio::sync::Mutex<()>,
    stop: CancellationToken,
}

/// The task of a case.
struct Task {
    wake: Arc<Notify>,
    /// Whether it was woken since it looked at the case last.
    is_due: bool,
}

/// What became of something that was handed in.
pub(crate) enum HandedIn {
    Taken,
    /// The case does not wait for it.
    NotWanted,
}

impl Cases {
    pub(crate) fn new(
        verification: Verification,
        store: SqliteStore,
        inbox: SqliteInbox,
        customer: Arc<Customer>,
        stop: CancellationToken,
    ) -> Arc<Self> {
        Arc::new(Self {
            verification,
            store,
            inbox,
            customer,
            tasks: Mutex::default(),
            permits: Semaphore::new(AT_A_TIME),
            handing_in: tokio::sync::Mutex::default(),
            stop,
        })
    }

    fn tasks(&self) -> MutexGuard<'_, HashMap<CaseId, Task>> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn is_full(&self) -> bool {
        self.tasks().len() >= MAX_OPEN
    }

    /// Runs open cases on, and tells of closed ones what a process that ended may not have told.
    pub(crate) async fn resume_all(self: &Arc<Self>) -> Result<(), Failure> {
        let mut filter = CaseFilter::default();
        loop {
            let page = self.store.list(&filter, PAGE).await?;
            let Some(last) = page.last() else { return Ok(()) };
            filter.before = Some(last.id);
            for case in page.iter().filter(|case| !case.is_forgotten) {
                if case.is_open {
                    self.run(case.id);
                } else {
                    self.customer.tell(&self.verification.show(case.id).await?).await?;
                }
            }
        }
    }

    /// Runs a case in the background, or wakes the task that does so already.
    pub(crate) fn run(self: &Arc<Self>, case: CaseId) {
        match self.tasks().entry(case) {
            Entry::Occupied(mut task) => {
                task.get_mut().is_due = true;
                task.get().wake.notify_one();
            }
            Entry::Vacant(place) => {
                let wake = Arc::new(Notify::new());
                place.insert(Task { wake: Arc::clone(&wake), is_due: false });
                tokio::spawn(Arc::clone(self).work(case, wake));
            }
        }
    }

    async fn work(self: Arc<Self>, case: CaseId, wake: Arc<Notify>) {
        let mut pause = SHORTEST_PAUSE;
        loop {
            match self.go_on(case).await {
                Ok(true) if self.ends(case) => return,
                Ok(_) => {}
                Err(error) => eprintln!("case {case}: {error}"),
            }
            tokio::select! {
                () = self.stop.cancelled() => return,
                () = wake.notified() => pause = SHORTEST_PAUSE,
                () = tokio::time::sleep(pause) => pause = (2 * pause).min(LONGEST_PAUSE),
            }
        }
    }

    /// Ends the task of a case, unless it was woken meanwhile.
    fn ends(&self, case: CaseId) -> bool {
        let mut tasks = self.tasks();
        if tasks.get(&case).is_some_and(|task| !task.is_due) {
            tasks.remove(&case);
            return true;
        }
        false
    }

    /// Does for a case what can be done now. Returns whether nothing more is to be done.
    async fn go_on(&self, case: CaseId) -> Result<bool, Failure> {
        let _permit = self.permits.acquire().await?;
        if let Some(task) = self.tasks().get_mut(&case) {
            task.is_due = false;
        }
        let report = match self.report(case).await {
            Err(VerifyError::Ledger(LedgerError::Forgotten)) => return Ok(true),
            // The caller is told nothing yet, and sends the applicant again under the same key.
            Err(VerifyError::Incomplete(_)) => return Ok(true),
            report => report?,
        };
        self.expect_captures(&report).await?;
        self.customer.tell(&report).await?;
        let waits = [CaseState::Running, CaseState::WaitsForPerson, CaseState::WaitsForVendor];
        Ok(!waits.contains(&report.state))
    }

    /// A case that is decided is only asked for bad news: an event brought it here.
    async fn report(&self, case: CaseId) -> Result<CaseReport, VerifyError> {
        if !self.store.info(case).await?.is_open {
            return self.verification.watch(case).await;
        }
        let mut options = Options::default();
        options.wait = Duration::ZERO;
        self.verification.resume(case, options).await
    }

    /// Nothing authenticates the end of a capture at Certiface: only hints about expected ones are handled.
    async fn expect_captures(&self, report: &CaseReport) -> Result<(), Failure> {
        for handout in &report.handouts {
            if let Handout::Capture { vendor, kit } = handout
                && vendor == "certiface"
            {
                let until = kit.expires.unwrap_or_else(|| SystemClock.now().saturating_add(CAPTURE));
                let appkey = Appkey::new(kit.value.expose().as_str());
                self.inbox.expect(&appkey.operation_id(), until).await?;
            }
        }
        Ok(())
    }

    /// Takes what a case waits for. The same thing sent twice is taken once: after the first time the case does not wait for it.
    pub(crate) async fn hand_in(
        self: &Arc<Self>,
        case: CaseId,
        item: RetakeItem,
        media: Option<Media>,
    ) -> Result<HandedIn, VerifyError> {
        let _one_at_a_time = self.handing_in.lock().await;
        let report = self.verification.show(case).await?;
        let is_wanted = |handout: &Handout| matches!(handout, Handout::Retake(retake) if retake.item == item);
        if !report.handouts.iter().any(is_wanted) {
            return Ok(HandedIn::NotWanted);
        }
        self.verification.submit_again(case, item, media).await?;
        self.run(case);
        Ok(HandedIn::Taken)
    }
}
