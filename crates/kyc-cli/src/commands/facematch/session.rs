//! The comparison: the same for every vendor, through one trait.

use std::time::Duration;

use clearsale_facematch::{Config, Environment, MatchRequest, TransactionId};
use kyc_core::{
    Delivery, FaceMatch, FaceMatcher, FacePair, OperationId, Poller, RedactedText, Response, Submission,
};
use kyc_sandbox::Sandbox;

use super::job::Job;
use super::{Args, VendorName};
use crate::call;
use crate::cellere;
use crate::config;
use crate::exit::{self, Failure};
use crate::interrupt;
use crate::output::Progress;
use crate::place::{self, Input, Place, SANDBOX_INTERVAL};

const LABEL_WAIT: Duration = Duration::from_secs(5);

const INTERRUPTED_SENDING: &str = "interrupted while the images were being sent: do not submit them again";
const INTERRUPTED_WAITING: &str = "interrupted; the vendor is still processing";
const UNWRITTEN: &str = "the result cannot be written to standard output";

pub(super) struct Session {
    client: Client,
    pub(super) place: Place,
    /// The sandbox within this program, if there are no credentials.
    embedded: Option<Sandbox>,
}

enum Client {
    Clearsale(clearsale_facematch::Client),
    Cellere(cellere_portal::Client),
}

/// The verdict, and what it is known by.
pub(super) struct Found {
    pub(super) verdict: FaceMatch,
    pub(super) reference: Option<String>,
}

impl Session {
    pub(super) async fn open(args: &Args, job: &Job) -> Result<Self, Failure> {
        let session = Self::connect(args, job).await?;
        if job.input() == Input::Sample && !session.place.simulated {
            let what = "A and B are missing: the samples are compared on the sandbox only, and this comparison is paid";
            return Err(Failure::Input(what.to_owned()));
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
                return Err(Failure::Setup(
                    "--resume needs the credentials of the earlier run (KYC_CLEARSALE_* or kyc.toml)"
                        .to_owned(),
                ));
            }
            None => {
                let sandbox =
                    place::embedded_sandbox("ClearSale", "KYC_CLEARSALE_*", &args.source, job.input())
                        .await?;
                (config_of(&sandbox), Some(sandbox))
            }
        };
        let client = clearsale_facematch::Client::builder_from(&config)
            .accept_any_picture(args.any_picture)
            .build()
            .map_err(Failure::client)?;
        let place = if embedded.is_some() { Place::embedded() } else { place_of(&config) };
        Ok(Self { client: Client::Clearsale(client), place, embedded })
    }

    pub(super) fn vendor(&self) -> VendorName {
        match &self.client {
            Client::Clearsale(_) => VendorName::Clearsale,
            Client::Cellere(_) => VendorName::Cellere,
        }
    }

    /// Who compares, to everything below.
    pub(super) fn matcher(&self) -> &dyn FaceMatcher {
        match &self.client {
            Client::Clearsale(client) => client,
            Client::Cellere(client) => client,
        }
    }

    pub(super) async fn perform(&self, job: &Job, args: &Args) -> Result<Found, Failure> {
        let progress = Progress::new(!args.json);
        let whom = format!("{} ({})", self.vendor().shown(), self.place.label);
        let mut interrupted = std::pin::pin!(interrupt::listen()?);
        let (id, reference) = match job {
            Job::Resume(id) => (id.clone(), None),
            Job::Compare { pair, .. } => {
                progress.say(format!("sending two pictures to {whom}"));
                let submitted = tokio::select! {
                    reply = self.matcher().submit_faces(pair) => reply.map(Response::into_inner),
                    code = interrupted.as_mut() => {
                        return Err(self.stopped(code, INTERRUPTED_SENDING, self.in_doubt(pair)));
                    }
                };
                let reference = self.repeats_references().then(|| pair.reference.expose().clone());
                match submitted.map_err(|error| self.failed(error))? {
                    Submission::Ready(verdict) => return Ok(Found { verdict, reference }),
                    Submission::Pending(id) => (id, reference),
                }
            }
        };
        let waited = |waited: Duration| {
            progress.say(format!("{whom} compares: {} s of at most {} s", waited.as_secs(), args.timeout));
        };
        waited(Duration::ZERO);
        tokio::select! {
            found = Box::pin(self.wait(&id, reference, Duration::from_secs(args.timeout), waited)) => found,
            code = interrupted => Err(self.stopped(code, INTERRUPTED_WAITING, id.clone())),
        }
    }

    async fn wait(
        &self,
        id: &OperationId,
        reference: Option<String>,
        timeout: Duration,
        waited: impl FnMut(Duration) + Send,
    ) -> Result<Found, Failure> {
        let matcher = self.matcher();
        // A sandbox within the same program may be asked as often as one likes.
        let interval = if self.embedded.is_some() { SANDBOX_INTERVAL } else { matcher.poll_interval() };
        let ask = || async { matcher.face_match_result(id).await.map(Response::into_inner) };
        let wait = Poller::new(matcher.vendor(), id.clone(), matcher.clock(), timeout, interval, ask);
        let verdict = wait.on_pending(waited).await.map_err(|error| self.failed(error))?;
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

    /// The reference of a comparison that another run began: the trait has no word for it. The question is free, and a
    /// verdict does not wait long for its label.
    async fn reference(&self, id: &OperationId) -> Option<String> {
        let client = match &self.client {
            Client::Clearsale(client) => client,
            Client::Cellere(_) => return None,
        };
        let id = TransactionId::new(id.value());
        let asked = tokio::time::timeout(LABEL_WAIT, Box::pin(client.transaction(&id))).await;
        let transaction = asked.ok()?.ok()?;
        transaction.value().identifier_id.as_ref().map(RedactedText::as_str).map(str::to_owned)
    }

    /// What may have been taken, if the answer does not come any more.
    fn in_doubt(&self, pair: &FacePair) -> OperationId {
        match &self.client {
            Client::Clearsale(_) => MatchRequest::new(pair.first.clone(), pair.second.clone())
                .with_identifier_id(pair.reference.expose().as_str())
                .operation_id(),
            Client::Cellere(_) => self.nameless(),
        }
    }

    /// A verdict that nobody can read.
    pub(super) fn unwritten(&self, found: &Found) -> Failure {
        let id = found.verdict.id.clone().unwrap_or_else(|| self.nameless());
        self.stopped(exit::OTHER, UNWRITTEN, id)
    }

    fn nameless(&self) -> OperationId {
        call::nameless(self.matcher().vendor(), "facematch")
    }

    fn stopped(&self, code: u8, what: &'static str, id: OperationId) -> Failure {
        let delivery = if id.is_reference() { Delivery::Unknown } else { Delivery::Answered };
        Failure::Stopped { code, what, delivery, id: Some(id), is_over: self.embedded.is_some() }
    }

    fn failed(&self, error: kyc_core::Error) -> Failure {
        Failure::client(error).over(self.embedded.is_some())
    }
}

fn config_of(sandbox: &Sandbox) -> Config {
    let mut config = Config::new(Sandbox::CLEARSALE_CLIENT_ID, Sandbox::CLEARSALE_CLIENT_SECRET);
    config.base_url = Some(sandbox.clearsale_url());
    config
}

fn place_of(config: &Config) -> Place {
    let is_production = config.environment == Environment::Production;
    // The sandbox's user is public and no customer's.
    let is_sandbox = config.client_id.expose() == Sandbox::CLEARSALE_CLIENT_ID;
    Place::of(config.base_url.as_deref(), is_production, is_sandbox)
}
