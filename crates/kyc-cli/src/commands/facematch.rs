//! `kyc facematch`: whether two pictures show one person.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::ValueEnum;
use clearsale_facematch::{
    Client, Config, Environment, MatchLevel, MatchRequest, Outcome, Transaction, TransactionId, VENDOR,
};
use kyc_core::{Clock as _, Cpf, Delivery, Error, Media, OperationId, SystemClock, Timestamp};
use kyc_sandbox::Sandbox;
use serde::Serialize;

use crate::config::{self, Source};
use crate::exit::{self, Failure};
use crate::interrupt;
use crate::output::{self, Progress, Rows, printable};
use crate::place::{Place, SIMULATED};

const VENDOR_NAME: &str = "ClearSale Facematch";

const INTERRUPTED_SENDING: &str = "interrupted while the pictures were on their way: do not send them again";
const INTERRUPTED_WAITING: &str = "interrupted; the vendor goes on with the comparison";

const SAMPLES: [(&str, &[u8]); 2] = [
    ("sample a-2014.jpg", kyc_sandbox::samples::A_2014),
    ("sample a-2025.jpg", kyc_sandbox::samples::A_2025),
];

#[derive(Debug, clap::Args)]
#[command(after_help = exit::HELP)]
pub(crate) struct Args {
    /// The first picture, JPEG or PNG; without pictures two samples of one person are compared
    #[arg(value_name = "A", requires = "second")]
    first: Option<PathBuf>,
    /// The second picture
    #[arg(value_name = "B")]
    second: Option<PathBuf>,
    /// Who compares
    #[arg(long, value_enum, default_value_t = VendorName::Clearsale)]
    vendor: VendorName,
    /// Whose face it should be; on the sandbox a test CPF chooses the answer
    #[arg(long)]
    cpf: Option<String>,
    /// The least level that counts as a match, 1 to 6
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    min_level: Option<String>,
    /// Your own reference of the comparison; a random one by default
    #[arg(long, value_name = "TEXT")]
    reference: Option<String>,
    /// Send other formats than JPEG and PNG, and pictures less than 150 pixels wide
    #[arg(long)]
    any_picture: bool,
    /// Ask for the result of an earlier comparison, by the token that was printed
    #[arg(
        long,
        value_name = "TOKEN",
        conflicts_with_all = ["first", "cpf", "min_level", "reference", "any_picture"]
    )]
    resume: Option<String>,
    /// How many seconds to wait for the result
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    deadline: u64,
    #[command(flatten)]
    source: Source,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum VendorName {
    Clearsale,
}

pub(crate) async fn run(args: Args) -> Result<u8, Failure> {
    let VendorName::Clearsale = args.vendor;
    let job = Job::read(&args)?;
    let session = Session::open(&args, &job).await?;
    let started = SystemClock.now();
    let (id, transaction) = session.perform(&job, &args).await?;
    let verdict = Verdict::of(&transaction, &id, &session.place, started)
        .map_err(|error| Failure::Client { error, is_over: session.is_over() })?;
    let written = if args.json { output::json(&verdict) } else { verdict.print(&job, &session.place) };
    written
        .map_err(|_| session.stopped(exit::OTHER, "the result cannot be written to standard output", &id))?;
    Ok(if verdict.matched { exit::YES } else { exit::NO })
}

/// What is to be done, read and checked as far as that goes without a client.
enum Job {
    Compare { request: MatchRequest, names: [String; 2], min_level: Option<String> },
    Resume(OperationId),
}

impl Job {
    fn read(args: &Args) -> Result<Self, Failure> {
        if let Some(token) = &args.resume {
            let id = OperationId::from_token(token).map_err(|rule| Failure::input("--resume", &rule))?;
            if id.is_reference() {
                let what = "the answer was lost, and there is no query by reference";
                let error = Error::unsupported(VENDOR, what).with_operation_id(id);
                return Err(Failure::client(error));
            }
            return Ok(Self::Resume(id));
        }
        let [(first, first_name), (second, second_name)] = match (&args.first, &args.second) {
            (Some(first), Some(second)) => [picture("first", first)?, picture("second", second)?],
            _ => [sample(0)?, sample(1)?],
        };
        let mut request = MatchRequest::new(first, second);
        if let Some(text) = &args.cpf {
            request = request.with_cpf(Cpf::parse(text).map_err(|rule| Failure::input("--cpf", &rule))?);
        }
        if let Some(level) = &args.min_level {
            request = request.with_min_match_level(MatchLevel::from(level.as_str()));
        }
        if let Some(reference) = &args.reference {
            request = request.with_identifier_id(reference);
        }
        let names = [first_name, second_name];
        request
            .check(args.any_picture)
            .map_err(|error| Failure::client(error).in_arguments(|field| argument(field, &names)))?;
        Ok(Self::Compare { request, names, min_level: args.min_level.clone() })
    }
}

fn picture(place: &str, path: &Path) -> Result<(Media, String), Failure> {
    let name = printable(&path.to_string_lossy());
    let picture =
        Media::read(path).map_err(|rule| Failure::input(&format!("{place} picture ({name})"), &rule))?;
    Ok((picture, name))
}

fn sample(place: usize) -> Result<(Media, String), Failure> {
    let (name, bytes) = SAMPLES[place];
    Ok((Media::new(bytes).map_err(|rule| Failure::input(name, &rule))?, name.to_owned()))
}

/// The argument behind a field of the library's.
fn argument(field: &str, names: &[String; 2]) -> Option<String> {
    Some(match field {
        "image0" => format!("first picture ({})", names[0]),
        "image1" => format!("second picture ({})", names[1]),
        "min_match_level" => "--min-level".to_owned(),
        "identifier_id" => "--reference".to_owned(),
        _ => return None,
    })
}

struct Session {
    client: Client,
    place: Place,
    /// The sandbox within this program, if there are no credentials.
    embedded: Option<Sandbox>,
}

impl Session {
    async fn open(args: &Args, job: &Job) -> Result<Self, Failure> {
        let (config, embedded) = match config::clearsale(&args.source)? {
            Some(config) => (config, None),
            None if matches!(job, Job::Resume(_)) => {
                return Err(Failure::Setup(
                    "--resume needs the credentials of the earlier run (KYC_CLEARSALE_* or kyc.toml)"
                        .to_owned(),
                ));
            }
            None => {
                output::note(
                    "no ClearSale credentials (KYC_CLEARSALE_* or kyc.toml): \
                     running on the embedded sandbox, nothing leaves this machine",
                );
                let sandbox = Sandbox::builder()
                    .start()
                    .await
                    .map_err(|error| Failure::Setup(format!("the embedded sandbox cannot start: {error}")))?;
                (config_of(&sandbox), Some(sandbox))
            }
        };
        let client = Client::builder_from(&config)
            .accept_any_picture(args.any_picture)
            .build()
            .map_err(Failure::client)?;
        let place = if embedded.is_some() { Place::embedded() } else { place_of(&config) };
        Ok(Self { client, place, embedded })
    }

    /// Whether what was started ends with this program.
    fn is_over(&self) -> bool {
        self.embedded.is_some()
    }

    async fn perform(&self, job: &Job, args: &Args) -> Result<(OperationId, Transaction), Failure> {
        let progress = Progress::new(!args.json);
        let mut interrupted = std::pin::pin!(interrupt::listen()?);
        let id = match job {
            Job::Resume(id) => id.clone(),
            Job::Compare { request, .. } => {
                progress.say(format!("sending two pictures to {VENDOR_NAME} ({})", self.place.label));
                tokio::select! {
                    reply = Box::pin(self.client.match2d_2d(request)) => match reply {
                        Ok(reply) => reply.operation_id(),
                        Err(error) => return Err(self.failed(Failure::client(error))),
                    },
                    code = interrupted.as_mut() => {
                        return Err(self.stopped(code, INTERRUPTED_SENDING, &request.operation_id()));
                    }
                }
            }
        };
        let waited = |waited: Duration| {
            progress.say(format!(
                "{VENDOR_NAME} ({}) compares: {} s of at most {} s",
                self.place.label,
                waited.as_secs(),
                args.deadline
            ));
        };
        waited(Duration::ZERO);
        let failed = |error: Error| self.failed(Failure::client(error));
        let mut wait = self.client.wait(&id, Duration::from_secs(args.deadline)).map_err(failed)?;
        if self.embedded.is_some() {
            // A sandbox within the same program may be asked as often as one likes.
            wait = wait.every(Duration::from_millis(200));
        }
        tokio::select! {
            result = wait.on_pending(waited).into_future() => {
                let transaction = result.map_err(failed)?;
                Ok((id.clone(), transaction))
            }
            code = interrupted => Err(self.stopped(code, INTERRUPTED_WAITING, &id)),
        }
    }

    fn stopped(&self, code: u8, what: &'static str, id: &OperationId) -> Failure {
        let delivery = if id.is_reference() { Delivery::Unknown } else { Delivery::Answered };
        Failure::Stopped { code, what, delivery, id: Some(id.clone()), is_over: self.is_over() }
    }

    fn failed(&self, failure: Failure) -> Failure {
        match failure {
            Failure::Client { error, .. } => Failure::Client { error, is_over: self.is_over() },
            other => other,
        }
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

/// The result, as `--json` prints it.
#[derive(Serialize)]
struct Verdict {
    vendor: &'static str,
    environment: &'static str,
    matched: bool,
    level: Option<u8>,
    false_accept_rate: Option<String>,
    /// The same rate as a number: one false accept in so many comparisons.
    comparisons: Option<u32>,
    transaction_id: String,
    reference: Option<String>,
    status: Option<String>,
    elapsed_seconds: f64,
    simulated: bool,
    #[serde(skip)]
    rate: Option<kyc_core::FalseAcceptRate>,
}

impl Verdict {
    fn of(
        transaction: &Transaction,
        id: &OperationId,
        place: &Place,
        started: Timestamp,
    ) -> Result<Self, Error> {
        if let Some(error) = transaction.failure(id) {
            return Err(error);
        }
        let (matched, level) = match transaction.outcome() {
            Outcome::Match(level) => (true, level),
            Outcome::NoMatch(level) => (false, level),
            // The wait ends only with a result.
            other => return Err(Error::unsupported(VENDOR, format!("this program does not know {other:?}"))),
        };
        let rate = level.as_ref().and_then(MatchLevel::false_accept_rate);
        let elapsed = SystemClock.now().since(started).as_secs_f64();
        Ok(Self {
            vendor: VENDOR.name(),
            environment: place.environment,
            matched,
            level: level.as_ref().and_then(MatchLevel::number),
            false_accept_rate: rate.map(|rate| format!("1/{}", rate.comparisons())),
            comparisons: rate.map(kyc_core::FalseAcceptRate::comparisons),
            transaction_id: transaction
                .transaction_id
                .as_ref()
                .map_or_else(|| id.value().to_owned(), TransactionId::canonical),
            reference: transaction.identifier_id.as_ref().map(|text| text.as_str().to_owned()),
            status: transaction.transaction_status.as_ref().map(|status| status.as_str().to_owned()),
            elapsed_seconds: (elapsed * 10.0).round() / 10.0,
            simulated: place.simulated,
            rate,
        })
    }

    fn print(&self, job: &Job, place: &Place) -> std::io::Result<()> {
        let (names, asked_for) = match job {
            Job::Compare { names, min_level, .. } => (Some(names), min_level.as_deref()),
            Job::Resume(_) => (None, None),
        };
        Rows::default()
            .row(if self.matched { "MATCH" } else { "NO MATCH" }, self.headline(asked_for))
            .row("vendor", format!("{VENDOR_NAME} ({})", place.label))
            .optional("pictures", names.map(|names| names.join(", ")))
            .row("time", format!("{:.1} s", self.elapsed_seconds))
            .row("transaction", printable(&self.transaction_id))
            .optional("reference", self.reference.as_deref().map(printable))
            .optional("note", self.simulated.then_some(SIMULATED))
            .print()
    }

    fn headline(&self, asked_for: Option<&str>) -> String {
        let Some(level) = self.level else { return "the vendor told no level".to_owned() };
        let mut text = format!("level {level} of 6");
        if let Some(rate) = self.rate {
            text.push_str(&format!(": {rate}"));
        }
        if !self.matched && level > 0 {
            match asked_for {
                Some(least) => text.push_str(&format!("; level {} was asked for", least.trim())),
                None => text.push_str("; a higher level was asked for"),
            }
        }
        text
    }
}
