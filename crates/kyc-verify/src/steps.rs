//! One step of a vendor, so that it is never sent twice unasked: the intent is committed before the call, and the answer before
//! anything else is done with it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use kyc_core::{
    Charge, Clock, Delivery, Error, ErrorKind, Failure, Intent, LookUp, Part, Sent, StepState, Vendor,
    Verifier,
};

use crate::case::{CaseId, Found, Record, Sealed};
use crate::engine::VerifyError;
use crate::fault::{FaultPoints, Point};
use crate::ledger::{Append, Lease, Ledger, LedgerError, Result};
use crate::state::Step;

/// How long a process may run a case without saying that it still does.
const LEASE: Duration = Duration::from_secs(60);

/// How often an answer is written again while the store is busy.
const WRITES: u32 = 3;

/// An answer that arrived but could not be stored. It may have been paid: keep it.
#[non_exhaustive]
pub struct Unrecorded {
    /// The key of the vendor.
    pub vendor: String,
    /// The step.
    pub step: String,
    /// The answer. It holds data of the person.
    pub answer: Sent,
    /// Why it could not be stored.
    pub cause: LedgerError,
    /// Answers of other vendors, asked at the same time, that could not be stored either.
    pub others: Vec<Unrecorded>,
}

impl Unrecorded {
    /// Creates what is handed to the caller.
    #[must_use]
    pub fn new(vendor: impl Into<String>, step: impl Into<String>, answer: Sent, cause: LedgerError) -> Self {
        Self { vendor: vendor.into(), step: step.into(), answer, cause, others: Vec::new() }
    }
}

impl fmt::Debug for Unrecorded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Unrecorded");
        shown.field("vendor", &self.vendor).field("step", &self.step).field("cause", &self.cause);
        shown.field("others", &self.others).finish_non_exhaustive()
    }
}

/// Sends the steps of one case.
pub(crate) struct Steps {
    sender: Sender,
    pub(crate) lease: Lease,
}

/// What several calls that are under way at the same time share.
#[derive(Clone)]
struct Sender {
    ledger: Arc<dyn Ledger>,
    clock: Arc<dyn Clock>,
    points: Option<Arc<dyn FaultPoints>>,
    case: CaseId,
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
}

impl Sender {
    fn reach(&self, vendor: &str, step: &str, point: Point) {
        if let Some(points) = &self.points {
            points.reach(vendor, step, point);
        }
    }

    async fn note(&self, record: &Record) -> Result<u64> {
        self.ledger.append(self.case, Append::Fact, record).await
    }

    /// Sends a step, and writes what became of it.
    async fn send(
        &self,
        send: &ToSend<'_>,
        part: &Part<'_>,
        of: u64,
        intent: &Intent,
    ) -> std::result::Result<(), VerifyError> {
        let sent = send.verifier.send(send.step, part, intent).await;
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
                let unrecorded = Unrecorded::new(send.vendor, send.step, sent, cause);
                return Err(VerifyError::MayHaveBeenPaid(Box::new(unrecorded)));
            }
            attempt += 1;
            self.clock.sleep(Duration::from_millis(200)).await;
        }
    }
}

impl Steps {
    /// Takes the right to run a case.
    pub(crate) async fn new(
        ledger: Arc<dyn Ledger>,
        clock: Arc<dyn Clock>,
        points: Option<Arc<dyn FaultPoints>>,
        case: CaseId,
    ) -> Result<Self> {
        let lease = ledger.lease(case, None, LEASE).await?;
        Ok(Self { sender: Sender { ledger, clock, points, case }, lease })
    }

    /// Renews the lease if a third of it is over.
    pub(crate) async fn keep(&mut self) -> Result<()> {
        let is_fresh = self.lease.until.since(self.sender.clock.now()) > LEASE * 2 / 3;
        if is_fresh { Ok(()) } else { self.renew().await }
    }

    async fn renew(&mut self) -> Result<()> {
        self.lease = self.sender.ledger.lease(self.lease.case, Some(&self.lease), LEASE).await?;
        Ok(())
    }

    /// Appends a decision.
    pub(crate) async fn decide(&self, after: u64, record: &Record) -> Result<u64> {
        self.sender.ledger.append(self.lease.case, Append::After(&self.lease, after), record).await
    }

    /// Appends a fact.
    pub(crate) async fn note(&self, record: &Record) -> Result<u64> {
        self.sender.note(record).await
    }

    /// Commits the intent of a step. Returns it with its position, unless the step cannot be sent: then that is written. The second
    /// value is the position of the newest record.
    pub(crate) async fn intend(
        &mut self,
        send: &ToSend<'_>,
        part: &Part<'_>,
        after: u64,
    ) -> Result<(Option<(u64, Intent)>, u64)> {
        self.sender.reach(send.vendor, send.step, Point::BeforeIntent);
        let prepared = self.alive(send.verifier.prepare(send.step, part)).await;
        let (notes, refusal) = match prepared {
            Ok(notes) => (notes, None),
            Err(error) => (kyc_core::Notes::default(), Some(Failure::of(&error))),
        };
        self.keep().await?;
        let intent = Intent::new(uuid::Uuid::new_v4().to_string(), self.sender.clock.now(), notes);
        let intended = Record::intended(send.vendor, send.step, send.charge, send.repeats, intent.clone());
        let of = self.decide(after, &intended).await?;
        if let Some(failure) = refusal {
            return Ok((None, self.note(&Record::Failed { of, failure }).await?));
        }
        self.sender.reach(send.vendor, send.step, Point::AfterIntent);
        Ok((Some((of, intent)), of))
    }

    /// Sends steps whose intents are committed, all at the same time, and writes what became of each.
    pub(crate) async fn send(
        &mut self,
        begun: &[(&ToSend<'_>, Part<'_>, u64, Intent)],
    ) -> std::result::Result<(), VerifyError> {
        if self.sender.clock.now() >= self.lease.until {
            // The process was held up for so long that another one may have taken the case over.
            for (send, _, of, _) in begun {
                self.note(&Record::Failed { of: *of, failure: not_sent(send.verifier.vendor()) }).await?;
            }
            return Ok(());
        }
        let sender = self.sender.clone();
        let calls = begun.iter().map(|(send, part, of, intent)| sender.send(send, part, *of, intent));
        let ended = self.alive(join_all(calls)).await;
        let mut unrecorded: Option<Box<Unrecorded>> = None;
        let mut failed = Ok(());
        for end in ended {
            match (end, &mut unrecorded) {
                (Err(VerifyError::MayHaveBeenPaid(other)), Some(first)) => first.others.push(*other),
                (Err(VerifyError::MayHaveBeenPaid(first)), None) => unrecorded = Some(first),
                (Err(error), _) => failed = Err(error),
                (Ok(()), _) => {}
            }
        }
        unrecorded.map_or(failed, |unrecorded| Err(VerifyError::MayHaveBeenPaid(unrecorded)))
    }

    /// Renews the lease while a call is under way. If that fails, the call goes on: it may have been paid.
    async fn alive<T>(&mut self, call: impl Future<Output = T>) -> T {
        let mut call = std::pin::pin!(call);
        loop {
            let clock = Arc::clone(&self.sender.clock);
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
        self.sender.reach(&step.vendor, &step.record.step, Point::BeforeResult);
        let after = self.decide(after, &Record::LookedUp { of, found }).await?;
        self.decide(after, &record).await?;
        self.sender.reach(&step.vendor, &step.record.step, Point::AfterResult);
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
