//! One step of a vendor, so that it is never sent twice unasked: the intent is committed before the call, and the answer before
//! anything else is done with it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use kyc_core::{
    Charge, Clock, Delivery, Error, ErrorKind, Failure, Intent, LookUp, Part, Sent, StepState, Vendor,
    Verifier,
};

use crate::case::{Found, Record, Sealed};
use crate::engine::VerifyError;
use crate::fault::{FaultPoints, Point};
use crate::ledger::{Append, Lease, Ledger, LedgerError, Result};
use crate::state::Step;

/// How long a process may run a case without saying that it still does.
const LEASE: Duration = Duration::from_secs(60);

/// How often an answer is written again while the store is busy.
const WRITES: u32 = 3;

/// An answer that arrived but could not be stored. It may have been paid: keep it.
pub struct Unrecorded {
    /// The key of the vendor.
    pub vendor: String,
    /// The step.
    pub step: String,
    /// The answer. It holds data of the person.
    pub answer: Sent,
    /// Why it could not be stored.
    pub cause: LedgerError,
}

impl fmt::Debug for Unrecorded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Unrecorded");
        shown.field("vendor", &self.vendor).field("step", &self.step).field("cause", &self.cause);
        shown.finish_non_exhaustive()
    }
}

/// Sends the steps of one case.
pub(crate) struct Steps {
    pub(crate) ledger: Arc<dyn Ledger>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) points: Option<Arc<dyn FaultPoints>>,
    pub(crate) lease: Lease,
}

/// What came of a look-up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum LookedUp {
    /// Something that is written.
    Written,
    /// Nothing yet.
    NotYet,
    /// Nothing, as before.
    Never,
}

/// A step that is to be sent.
pub(crate) struct ToSend<'a> {
    pub(crate) vendor: &'a str,
    pub(crate) verifier: &'a dyn Verifier,
    pub(crate) step: &'static str,
    pub(crate) charge: Charge,
    /// The uncertain step that it repeats.
    pub(crate) repeats: Option<u64>,
    /// The position from which it was decided.
    pub(crate) after: u64,
}

impl Steps {
    /// Takes the right to run a case.
    pub(crate) async fn new(
        ledger: Arc<dyn Ledger>,
        clock: Arc<dyn Clock>,
        points: Option<Arc<dyn FaultPoints>>,
        case: crate::case::CaseId,
    ) -> Result<Self> {
        let lease = ledger.lease(case, None, LEASE).await?;
        Ok(Self { ledger, clock, points, lease })
    }

    /// Renews the lease if a third of it is over.
    pub(crate) async fn keep(&mut self) -> Result<()> {
        let is_fresh = self.lease.until.since(self.clock.now()) > LEASE * 2 / 3;
        if is_fresh { Ok(()) } else { self.renew().await }
    }

    async fn renew(&mut self) -> Result<()> {
        self.lease = self.ledger.lease(self.lease.case, Some(&self.lease), LEASE).await?;
        Ok(())
    }

    fn reach(&self, vendor: &str, step: &str, point: Point) {
        if let Some(points) = &self.points {
            points.reach(vendor, step, point);
        }
    }

    /// Appends a decision.
    pub(crate) async fn decide(&self, after: u64, record: &Record) -> Result<u64> {
        self.ledger.append(self.lease.case, Append::After(&self.lease, after), record).await
    }

    /// Appends a fact.
    pub(crate) async fn note(&self, record: &Record) -> Result<u64> {
        self.ledger.append(self.lease.case, Append::Fact, record).await
    }

    /// Sends a step, and writes what became of it. Afterwards the case is to be read again.
    pub(crate) async fn run(
        &mut self,
        send: &ToSend<'_>,
        part: &Part<'_>,
    ) -> std::result::Result<(), VerifyError> {
        self.reach(send.vendor, send.step, Point::BeforeIntent);
        let prepared = self.alive(send.verifier.prepare(send.step, part)).await;
        let (notes, refusal) = match prepared {
            Ok(notes) => (notes, None),
            Err(error) => (kyc_core::Notes::default(), Some(Failure::of(&error))),
        };
        self.keep().await?;
        let intent = Intent::new(uuid::Uuid::new_v4().to_string(), self.clock.now(), notes);
        let intended = Record::intended(send.vendor, send.step, send.charge, send.repeats, intent.clone());
        let of = self.decide(send.after, &intended).await?;
        if let Some(failure) = refusal {
            self.note(&Record::Failed { of, failure }).await?;
            return Ok(());
        }
        self.reach(send.vendor, send.step, Point::AfterIntent);
        if self.clock.now() >= self.lease.until {
            // The process was held up for so long that another one may have taken the case over.
            self.note(&Record::Failed { of, failure: not_sent(send.verifier.vendor()) }).await?;
            return Ok(());
        }
        let sent = self.alive(send.verifier.send(send.step, part, &intent)).await;
        self.reach(send.vendor, send.step, Point::AfterAnswer);
        match sent {
            Ok(sent) => self.record(send, of, sent).await?,
            Err(error) if send.charge == Charge::Paid && error.may_have_landed() => {
                // The intent stays open: a look-up follows.
                return Ok(());
            }
            Err(error) => drop(self.note(&Record::Failed { of, failure: Failure::of(&error) }).await?),
        }
        self.reach(send.vendor, send.step, Point::AfterResult);
        Ok(())
    }

    async fn record(&self, send: &ToSend<'_>, of: u64, sent: Sent) -> std::result::Result<(), VerifyError> {
        let record = match &sent {
            Sent::Answered(answer) => Record::Answered { of, private: Sealed::new(answer.clone()) },
            Sent::Pending(id) => Record::Pending { of, private: Sealed::new(id.clone()) },
            // A later kind of answer, which this release cannot keep.
            _ => Record::Uncertain { of, failure: unknown(send.verifier.vendor()) },
        };
        self.reach(send.vendor, send.step, Point::BeforeResult);
        let mut attempt = 1;
        loop {
            let Err(cause) = self.note(&record).await else { return Ok(()) };
            if attempt >= WRITES || !is_passing(&cause) {
                let (vendor, step) = (send.vendor.to_owned(), send.step.to_owned());
                let unrecorded = Unrecorded { vendor, step, answer: sent, cause };
                return Err(VerifyError::MayHaveBeenPaid(Box::new(unrecorded)));
            }
            attempt += 1;
            self.clock.sleep(Duration::from_millis(200)).await;
        }
    }

    /// Renews the lease while a call is under way. If that fails, the call goes on: it may have been paid.
    async fn alive<T>(&mut self, call: impl Future<Output = T>) -> T {
        let mut call = std::pin::pin!(call);
        loop {
            let clock = Arc::clone(&self.clock);
            tokio::select! {
                value = &mut call => return value,
                () = clock.sleep(LEASE / 3) => {}
            }
            drop(self.renew().await);
        }
    }

    /// Looks once for a step that may have been sent, and writes what became of it. One that nobody can tell of is uncertain; so
    /// is one that is not known yet, if the look-up is given up.
    pub(crate) async fn look_up(
        &mut self,
        verifier: &dyn Verifier,
        part: &Part<'_>,
        step: &Step,
        after: u64,
        gives_up: bool,
    ) -> std::result::Result<LookedUp, VerifyError> {
        let of = step.seq;
        if !step.is_paid {
            self.decide(after, &Record::Failed { of, failure: not_sent(verifier.vendor()) }).await?;
            return Ok(LookedUp::Written);
        }
        let looked = self.alive(verifier.look_up(&step.record.step, part, &step.record.intent)).await;
        let uncertain = |failure| Record::Uncertain { of, failure };
        let (found, record) = match looked {
            Ok(LookUp::Answered(answer)) => {
                (Found::Answered, Record::Answered { of, private: Sealed::new(answer) })
            }
            Ok(LookUp::Pending(id)) => (Found::Pending, Record::Pending { of, private: Sealed::new(id) }),
            Ok(LookUp::NotReceived) => {
                (Found::NotReceived, Record::Failed { of, failure: not_sent(verifier.vendor()) })
            }
            Ok(LookUp::NotYetKnown) if !gives_up => return Ok(LookedUp::NotYet),
            Ok(LookUp::NotYetKnown) => (Found::NotYetKnown, uncertain(unknown(verifier.vendor()))),
            Err(error) if error.is_transient() && !gives_up => return Ok(LookedUp::NotYet),
            Err(error) => (Found::NotYetKnown, uncertain(Failure::of(&error))),
            Ok(_) => (Found::Unknowable, uncertain(unknown(verifier.vendor()))),
        };
        if matches!((&record, &step.record.state), (Record::Uncertain { .. }, StepState::Uncertain(_))) {
            return Ok(LookedUp::Never);
        }
        // By the holder of the lease alone: one who was held up must not say that nothing was sent.
        self.reach(&step.vendor, &step.record.step, Point::BeforeResult);
        let after = self.decide(after, &Record::LookedUp { of, found }).await?;
        self.decide(after, &record).await?;
        self.reach(&step.vendor, &step.record.step, Point::AfterResult);
        Ok(LookedUp::Written)
    }

    /// Queries a step that is pending, and writes its answer. Returns whether there was one.
    pub(crate) async fn query(
        &mut self,
        verifier: &dyn Verifier,
        part: &Part<'_>,
        step: &str,
        of: u64,
    ) -> std::result::Result<bool, VerifyError> {
        match self.alive(verifier.query(step, part)).await {
            Ok(Some(answer)) => {
                self.note(&Record::Answered { of, private: Sealed::new(answer) }).await?;
                Ok(true)
            }
            // It is still pending: the wait of the case bounds how long.
            Ok(None) | Err(_) => Ok(false),
        }
    }

    /// Queries a capture, and writes its result.
    pub(crate) async fn query_capture(
        &mut self,
        vendor: &str,
        verifier: &dyn Verifier,
        part: &Part<'_>,
        step: &str,
    ) -> std::result::Result<bool, VerifyError> {
        let Ok(Some(answer)) = self.alive(verifier.query(step, part)).await else { return Ok(false) };
        let (vendor, step) = (vendor.to_owned(), step.to_owned());
        self.note(&Record::Captured { vendor, step, private: Sealed::new(answer) }).await?;
        Ok(true)
    }

    /// Queries a step that is answered, and writes the answer if it is another one now. Returns whether the vendor could be asked.
    /// Then the events that are the reason count as seen.
    pub(crate) async fn query_anew(
        &mut self,
        verifier: &dyn Verifier,
        part: &Part<'_>,
        step: &Step,
        news: &[u64],
    ) -> std::result::Result<bool, VerifyError> {
        let Ok(answer) = self.alive(verifier.query(&step.record.step, part)).await else { return Ok(false) };
        if let Some(answer) = answer
            && !matches!(&step.record.state, StepState::Answered(known) if *known == answer)
        {
            self.note(&Record::Answered { of: step.seq, private: Sealed::new(answer) }).await?;
        }
        for of in news {
            self.note(&Record::LookedUp { of: *of, found: Found::Answered }).await?;
        }
        Ok(true)
    }
}

fn is_passing(error: &LedgerError) -> bool {
    use kyc_store::StoreError;
    matches!(error, LedgerError::Store(StoreError::Busy | StoreError::Overloaded))
}

fn not_sent(vendor: Vendor) -> Failure {
    let what = "the vendor did not get the request";
    Failure::of(&Error::new(vendor, ErrorKind::Transport, Delivery::NotSent, what))
}

fn unknown(vendor: Vendor) -> Failure {
    let what = "it is not known whether the vendor got the request";
    Failure::of(&Error::new(vendor, ErrorKind::Transport, Delivery::Unknown, what))
}
