//! Makes the comparison, through the trait.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use kyc_core::{Delivery, FaceMatch, FaceMatcher, FacePair, OperationId, Poller, Response, Submission};

use kyc_sandbox::RequestFilter;

use super::Args;
use super::job::{Job, argument};
use crate::call;
use crate::commands::vendor::missing_capability;
use crate::config::required_variables;
use crate::failure::{self, Failure};
use crate::interrupt;
use crate::messages::{Said, text};
use crate::outcome::Outcome;
use crate::output::{self, Progress};
use crate::place::{Input, SANDBOX_INTERVAL};
use crate::session::Session;
use crate::{vendors, wakes};

/// The newest requests, among which is the one that brought the verdict.
const SEEN_LATELY: usize = 10;

pub(super) struct Comparison {
    pub(super) session: Session,
    matcher: Arc<dyn FaceMatcher>,
}

/// The verdict and its reference.
pub(super) struct Found {
    pub(super) verdict: FaceMatch,
    pub(super) reference: Option<String>,
}

impl Comparison {
    pub(super) async fn open(args: &Args, job: &Job) -> Result<Self, Failure> {
        let session = match job {
            Job::Compare { integration, origin, .. } => {
                Session::open(integration, &args.source, *origin).await?
            }
            Job::Resume { integration, .. } if args.source.wants_sandbox() => {
                Session::open(integration, &args.source, Input::Own).await?
            }
            Job::Resume { integration, .. } => {
                let table = args.source.table(integration)?.ok_or_else(|| {
                    let variables = required_variables(integration);
                    Failure::setup(|t| (t.setup.no_credentials_to_resume)(&variables))
                })?;
                Session::of(integration, &table)?
            }
        };
        session.check_sample(job.has_sample_images(), "A, B")?;
        let matcher = session.client.clone().face_matcher();
        let matcher = matcher.ok_or_else(|| missing_capability(job.integration()))?;
        Ok(Self { session, matcher })
    }

    pub(super) async fn perform(&self, job: &Job, args: &Args) -> Result<Found, Failure> {
        let whom = self.session.whom();
        let progress = Progress::new(!args.json, (text().facematch.submitting)(&whom));
        let mut interrupted = std::pin::pin!(interrupt::listen()?);
        let (id, reference) = match job {
            Job::Resume { id, .. } => (id.clone(), None),
            Job::Compare { pair, names, .. } => {
                let submitted = tokio::select! {
                    reply = self.matcher.submit_faces(pair) => reply.map(Response::into_inner),
                    _ = interrupted.as_mut() => {
                        let what = Said::new(|t| t.facematch.interrupted_sending.to_owned());
                        return Err(self.stopped(Outcome::MayHaveBeenPaid, what, self.in_doubt(pair)));
                    }
                };
                let reference = self.repeats_references().then(|| pair.reference.expose().clone());
                let submitted = submitted.map_err(|error| {
                    let is_paid = error.may_have_landed() || error.operation_id().is_some();
                    self.failed(error).paid(is_paid).in_arguments(|t, field| argument(t, field, names))
                });
                match submitted? {
                    Submission::Ready(verdict) => return Ok(Found { verdict, reference }),
                    Submission::Pending(id) => (id, reference),
                }
            }
        };
        let is_new = matches!(job, Job::Compare { .. });
        progress.say((text().facematch.waiting)(&whom, args.timeout));
        tokio::select! {
            found = Box::pin(self.wait(&id, reference, args)) => {
                found.map_err(|failure| {
                    let is_paid = is_new && !failure.is_refused();
                    failure.paid(is_paid)
                })
            }
            signal = interrupted => {
                let what = Said::new(|t| t.facematch.interrupted_waiting.to_owned());
                Err(self.stopped(after_submission(job, signal), what, id.clone()))
            }
        }
    }

    async fn wait(&self, id: &OperationId, reference: Option<String>, args: &Args) -> Result<Found, Failure> {
        let timeout = Duration::from_secs(args.timeout);
        let matcher = &*self.matcher;
        // The embedded sandbox has no rate limit.
        let is_embedded = self.session.embedded.is_some();
        let interval = if is_embedded { SANDBOX_INTERVAL } else { matcher.poll_interval() };
        let query = || async { matcher.face_match_result(id).await.map(Response::into_inner) };
        let wait = Poller::new(matcher.vendor(), id.clone(), matcher.clock(), timeout, interval, query);
        let wait = match is_embedded {
            true => wait,
            false => wakes::by_events(wait, &args.source, id, timeout).await,
        };
        let verdict = wait.await.map_err(|error| self.failed(error))?;
        let reference = match reference {
            Some(reference) => Some(reference),
            None => self.reference(id).await,
        };
        Ok(Found { verdict, reference })
    }

    /// Returns what the embedded sandbox saw on the pictures.
    pub(super) fn seen(&self) -> Option<String> {
        let requests =
            self.session.embedded.as_ref()?.requests().newest(&RequestFilter::default(), SEEN_LATELY);
        requests.into_iter().find_map(|request| request.simulated)
    }

    /// Says what is wrong with the pictures, which a vendor's words may leave open.
    pub(super) fn say_what_was_seen(&self, as_json: bool) {
        if let Some(seen) = self.seen().filter(|_| !as_json) {
            output::note(&(text().facematch.saw)(&seen));
        }
    }

    fn repeats_references(&self) -> bool {
        self.session.integration.capabilities().face_match.is_some_and(|able| able.reference)
    }

    /// Returns the reference of a comparison that an earlier run started.
    async fn reference(&self, id: &OperationId) -> Option<String> {
        let reference = vendors::own(self.session.integration)?.reference?;
        reference(self.session.client.clone(), id.clone()).await
    }

    /// Returns the id of a comparison whose response is lost.
    fn in_doubt(&self, pair: &FacePair) -> OperationId {
        if !self.repeats_references() {
            return self.nameless();
        }
        OperationId::by_reference(self.matcher.vendor(), "facematch", pair.reference.expose().as_str())
    }

    /// Returns the failure for a verdict that could not be written.
    pub(super) fn unwritten(&self, job: &Job, found: &Found, error: &io::Error) -> Failure {
        let id = found.verdict.id.clone().unwrap_or_else(|| self.nameless());
        self.stopped(after_submission(job, Outcome::Other), failure::unwritten(error), id)
    }

    fn nameless(&self) -> OperationId {
        call::nameless(self.matcher.vendor(), "facematch")
    }

    fn stopped(&self, outcome: Outcome, what: Said, id: OperationId) -> Failure {
        let delivery = if id.is_reference() { Delivery::Unknown } else { Delivery::Answered };
        Failure::Stopped { outcome, what, delivery, id: Some(id), is_over: self.session.embedded.is_some() }
    }

    fn failed(&self, error: kyc_core::Error) -> Failure {
        Failure::client(error).over(self.session.embedded.is_some())
    }
}

/// Returns the outcome of a failure after the submission of the same run; another for a query of an earlier one.
fn after_submission(job: &Job, other: Outcome) -> Outcome {
    match job {
        Job::Compare { .. } => Outcome::MayHaveBeenPaid,
        Job::Resume { .. } => other,
    }
}
