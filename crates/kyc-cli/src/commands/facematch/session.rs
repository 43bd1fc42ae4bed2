//! Makes the comparison with any vendor, through one trait.

use std::io;
use std::time::Duration;

use clearsale_facematch::{Config, Environment, MatchRequest, TransactionId};
use kyc_core::{
    Delivery, ErrorKind, FaceMatch, FaceMatcher, FacePair, OperationId, Poller, RedactedText, Response,
    Submission,
};
use kyc_sandbox::Sandbox;

use super::job::Job;
use super::{Args, VendorName};
use crate::call;
use crate::cellere;
use crate::config;
use crate::failure::{self, Failure};
use crate::interrupt;
use crate::messages::{Said, text};
use crate::outcome::Outcome;
use crate::output::Progress;
use crate::place::{self, Place, SANDBOX_INTERVAL};
use crate::token_files;

/// The variables of the credentials.
const VARIABLES: &str = "KYC_CLEARSALE_CLIENT_ID and KYC_CLEARSALE_CLIENT_SECRET";

const LABEL_WAIT: Duration = Duration::from_secs(5);

pub(super) struct Session {
    client: Client,
    pub(super) place: Place,
    /// The embedded sandbox, if it is in use.
    embedded: Option<Sandbox>,
}

enum Client {
    Clearsale(clearsale_facematch::Client),
    Cellere(cellere_portal::Client),
}

/// The verdict and its reference.
pub(super) struct Found {
    pub(super) verdict: FaceMatch,
    pub(super) reference: Option<String>,
}

impl Session {
    pub(super) async fn open(args: &Args, job: &Job) -> Result<Self, Failure> {
        let session = Self::connect(args, job).await?;
        if job.has_sample_images() && !session.place.simulated {
            return Err(Failure::input(|t| (t.place.samples_are_free)("A, B")));
        }
        Ok(session)
    }

    async fn connect(args: &Args, job: &Job) -> Result<Self, Failure> {
        match args.vendor {
            VendorName::Clearsale => Self::clearsale(args, job).await,
            VendorName::Cellere => {
                let cellere::Session { client, place, embedded } =
                    cellere::Session::open(&args.source, job.input()).await?;
                Ok(Self { client: Client::Cellere(client), place, embedded })
            }
        }
    }

    async fn clearsale(args: &Args, job: &Job) -> Result<Self, Failure> {
        let (config, embedded) = match config::clearsale(&args.source)? {
            Some(config) => (config, None),
            None if matches!(job, Job::Resume(_)) => {
                return Err(Failure::setup(|t| (t.setup.no_credentials_to_resume)(VARIABLES)));
            }
            None => {
                let sandbox =
                    place::embedded_sandbox("ClearSale", VARIABLES, &args.source, job.input()).await?;
                (config_of(&sandbox), Some(sandbox))
            }
        };
        let mut builder = clearsale_facematch::Client::builder_from(&config).accept_any_image(args.any_image);
        if embedded.is_none() {
            builder = builder.options(token_files::client_options());
        }
        let client = builder.build().map_err(Failure::client)?;
        let place = if embedded.is_some() { Place::embedded() } else { place_of(&config) };
        Ok(Self { client: Client::Clearsale(client), place, embedded })
    }

    pub(super) fn vendor(&self) -> VendorName {
        match &self.client {
            Client::Clearsale(_) => VendorName::Clearsale,
            Client::Cellere(_) => VendorName::Cellere,
        }
    }

    /// Returns the client as the trait.
    pub(super) fn matcher(&self) -> &dyn FaceMatcher {
        match &self.client {
            Client::Clearsale(client) => client,
            Client::Cellere(client) => client,
        }
    }

    pub(super) async fn perform(&self, job: &Job, args: &Args) -> Result<Found, Failure> {
        let whom = format!("{} ({})", self.vendor().shown(), self.place.label);
        let progress = Progress::new(!args.json, (text().facematch.submitting)(&whom));
        let mut interrupted = std::pin::pin!(interrupt::listen()?);
        let (id, reference) = match job {
            Job::Resume(id) => (id.clone(), None),
            Job::Compare { pair, .. } => {
                let submitted = tokio::select! {
                    reply = self.matcher().submit_faces(pair) => reply.map(Response::into_inner),
                    _ = interrupted.as_mut() => {
                        let outcome = Outcome::MayHaveBeenPaid;
                        return Err({
                            let what = Said::new(|t| t.facematch.interrupted_sending.to_owned());
                            self.stopped(outcome, what, self.in_doubt(pair))
                        });
                    }
                };
                let reference = self.repeats_references().then(|| pair.reference.expose().clone());
                match submitted.map_err(|error| {
                    let is_paid = error.may_have_landed() || error.operation_id().is_some();
                    self.failed(error).paid(is_paid)
                })? {
                    Submission::Ready(verdict) => return Ok(Found { verdict, reference }),
                    Submission::Pending(id) => (id, reference),
                }
            }
        };
        let is_new = matches!(job, Job::Compare { .. });
        progress.say((text().facematch.waiting)(&whom, args.timeout));
        tokio::select! {
            found = Box::pin(self.wait(&id, reference, Duration::from_secs(args.timeout))) => {
                found.map_err(|failure| {
                    let is_paid = is_new && !is_refused(&failure);
                    failure.paid(is_paid)
                })
            }
            signal = interrupted => {
                let what = Said::new(|t| t.facematch.interrupted_waiting.to_owned());
                Err(self.stopped(after_submission(job, signal), what, id.clone()))
            }
        }
    }

    async fn wait(
        &self,
        id: &OperationId,
        reference: Option<String>,
        timeout: Duration,
    ) -> Result<Found, Failure> {
        let matcher = self.matcher();
        // The embedded sandbox has no rate limit.
        let interval = if self.embedded.is_some() { SANDBOX_INTERVAL } else { matcher.poll_interval() };
        let query = || async { matcher.face_match_result(id).await.map(Response::into_inner) };
        let wait = Poller::new(matcher.vendor(), id.clone(), matcher.clock(), timeout, interval, query);
        let verdict = wait.await.map_err(|error| self.failed(error))?;
        let reference = match reference {
            Some(reference) => Some(reference),
            None => self.reference(id).await,
        };
        Ok(Found { verdict, reference })
    }

    fn repeats_references(&self) -> bool {
        match self.client {
            Client::Clearsale(_) => true,
            Client::Cellere(_) => false,
        }
    }

    /// Returns the reference of a comparison that an earlier run started, which the trait does not cover. The query is free,
    /// and its timeout is short because the verdict is known already.
    async fn reference(&self, id: &OperationId) -> Option<String> {
        let client = match &self.client {
            Client::Clearsale(client) => client,
            Client::Cellere(_) => return None,
        };
        let id = TransactionId::new(id.value());
        let queried = tokio::time::timeout(LABEL_WAIT, Box::pin(client.transaction(&id))).await;
        let transaction = queried.ok()?.ok()?;
        transaction.value().identifier_id.as_ref().map(RedactedText::as_str).map(str::to_owned)
    }

    /// Returns the id of a comparison whose response is lost.
    fn in_doubt(&self, pair: &FacePair) -> OperationId {
        match &self.client {
            Client::Clearsale(_) => MatchRequest::new(pair.first.clone(), pair.second.clone())
                .with_identifier_id(pair.reference.expose().as_str())
                .operation_id(),
            Client::Cellere(_) => self.nameless(),
        }
    }

    /// Returns the failure for a verdict that could not be written.
    pub(super) fn unwritten(&self, job: &Job, found: &Found, error: &io::Error) -> Failure {
        let id = found.verdict.id.clone().unwrap_or_else(|| self.nameless());
        self.stopped(after_submission(job, Outcome::Other), failure::unwritten(error), id)
    }

    fn nameless(&self) -> OperationId {
        call::nameless(self.matcher().vendor(), "facematch")
    }

    fn stopped(&self, outcome: Outcome, what: Said, id: OperationId) -> Failure {
        let delivery = if id.is_reference() { Delivery::Unknown } else { Delivery::Answered };
        Failure::Stopped { outcome, what, delivery, id: Some(id), is_over: self.embedded.is_some() }
    }

    fn failed(&self, error: kyc_core::Error) -> Failure {
        Failure::client(error).over(self.embedded.is_some())
    }
}

/// Returns the outcome of a failure after the submission of the same run; another for a query of an earlier one.
fn after_submission(job: &Job, other: Outcome) -> Outcome {
    match job {
        Job::Compare { .. } => Outcome::MayHaveBeenPaid,
        Job::Resume(_) => other,
    }
}

/// Returns whether the vendor ended the comparison without a verdict, so that there is nothing to query.
fn is_refused(failure: &Failure) -> bool {
    matches!(failure, Failure::Client { error, .. } if error.kind() == ErrorKind::Rejected)
}

fn config_of(sandbox: &Sandbox) -> Config {
    let mut config = Config::new(Sandbox::CLEARSALE_CLIENT_ID, Sandbox::CLEARSALE_CLIENT_SECRET);
    config.base_url = Some(sandbox.clearsale_url());
    config
}

fn place_of(config: &Config) -> Place {
    let is_production = config.environment == Environment::Production;
    // The sandbox's user is public and belongs to no customer.
    let is_sandbox = config.client_id.expose() == Sandbox::CLEARSALE_CLIENT_ID;
    Place::of(config.base_url.as_deref(), is_production, is_sandbox)
}
