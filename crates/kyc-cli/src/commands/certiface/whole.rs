//! `kyc certiface`: a whole journey on a sandbox within this program. It never goes to the vendor: made-up frames are no
//! capture of a person.

use std::time::Duration;

use certiface::{Client, Config, DocumentOutcome, Journey, JourneyResult, Person};
use kyc_core::{Cpf, Date, Error, Media, ValidationError};
use kyc_sandbox::certiface::{TestOutcome, test_cpf};
use kyc_sandbox::{Sandbox, samples};

use super::call;
use super::document::retake;
use super::liveness::Verdict;
use super::report::Report;
use crate::exit::Failure;
use crate::output::{self, Rows};
use crate::place::{Place, SANDBOX_INTERVAL};

const DOCUMENT_DELAY: Duration = Duration::from_secs(1);
const DEADLINE: Duration = Duration::from_secs(20);

#[derive(Debug, clap::Args)]
#[group(skip)]
pub(super) struct Args {
    /// A test CPF, which chooses what happens: `kyc sandbox` lists them
    #[arg(long)]
    cpf: Option<String>,
    /// Print one JSON object
    #[arg(long)]
    pub(super) json: bool,
}

pub(super) async fn run(args: &Args) -> Result<u8, Failure> {
    let person = person(args)?;
    output::note("a journey on the embedded sandbox, with made-up frames: nothing leaves this machine");
    let sandbox = Sandbox::builder()
        .certiface_document_delay(DOCUMENT_DELAY)
        .start()
        .await
        .map_err(|error| Failure::Setup(format!("the embedded sandbox cannot start: {error}")))?;
    let client = client(&sandbox).map_err(Failure::client)?;
    let steps = Box::pin(steps(&client, &person, args.json));
    let result = call("", true, None, steps).await.map_err(over)?;
    let place = Place::embedded();
    let report = Report::of(&result, &place, false);
    report.tell(args.json, None)?;
    Ok(report.exit_code())
}

fn person(args: &Args) -> Result<Person, Failure> {
    let cpf = args.cpf.as_deref().or(test_cpf(TestOutcome::Approved)).unwrap_or_default();
    let cpf = Cpf::parse(cpf).map_err(|rule| Failure::input("--cpf", &rule))?;
    let birth_date = Date::parse("2001-11-15").map_err(|rule| Failure::input("the birth date", &rule))?;
    Ok(Person::new(cpf, "Maria da Silva", birth_date))
}

fn client(sandbox: &Sandbox) -> Result<Client, Error> {
    let mut config = Config::new(Sandbox::CERTIFACE_USER, Sandbox::CERTIFACE_PASSWORD);
    config.base_url = Some(sandbox.certiface_url());
    config.result_base_url = Some(sandbox.certiface_result_url());
    Client::builder_from(&config).poll_interval(SANDBOX_INTERVAL).build()
}

/// The sandbox ends with this command, and the journey with it.
fn over(failure: Failure) -> Failure {
    match failure {
        Failure::Client { error, .. } => Failure::Client { error, is_over: true },
        other => other,
    }
}

async fn steps(client: &Client, person: &Person, json: bool) -> Result<JourneyResult, Error> {
    let say = |name: &str, text: String| {
        if !json {
            // A closed stdout shows when the result is printed.
            let _ = Rows::default().row(name, text).print();
        }
    };
    let mut journey = client.journey(person).await?;
    say("appkey", "made for one person".to_owned());
    let challenge = journey.challenge().await?;
    let faces = challenge.value().challenges.as_ref().map_or(0, Vec::len);
    let frames = challenge.value().snap_number.as_ref().and_then(|count| count.get().copied()).unwrap_or(1);
    say("challenge", format!("{faces} faces to make, {frames} frames of each"));
    let frames =
        made_up(faces, frames).map_err(|rule| Error::invalid_input(certiface::VENDOR, "frames", &rule))?;
    let verdict = Verdict::of(journey.captcha(&frames).await?.value(), &Place::embedded());
    let word = if verdict.is_approved() { "approved" } else { "not approved" };
    say("captcha", format!("{word}, {}", verdict.summary()));
    send_document(&journey, say).await?;
    journey.wait(DEADLINE)?.await
}

async fn send_document(journey: &Journey, say: impl Fn(&str, String)) -> Result<(), Error> {
    let picture = Media::new(samples::A_2025);
    let picture = picture.map_err(|rule| Error::invalid_input(certiface::VENDOR, "images", &rule))?;
    let images = [picture];
    loop {
        let outcome = journey.document(&images).await?.into_inner();
        if !matches!(outcome, DocumentOutcome::Retake(_)) {
            say("document", "accepted (a sample photograph stands in for it)".to_owned());
            return Ok(());
        }
        let reason = retake(&outcome).unwrap_or_else(|| "no reason was told".to_owned());
        say("document", format!("to be taken again: {reason}"));
    }
}

/// One sample photograph, each time with another comment in it: a camera takes no two equal frames.
fn made_up(faces: usize, frames: i64) -> Result<Vec<Vec<Media>>, ValidationError> {
    let (start, rest) = samples::A_2014.split_at(2);
    let frame = |face: usize, number: i64| {
        let comment = format!("frame {number} of face {face:02}");
        let length = u16::try_from(comment.len() + 2).unwrap_or(u16::MAX).to_be_bytes();
        Media::new([start, &[0xFF, 0xFE], &length, comment.as_bytes(), rest].concat())
    };
    (1..=faces).map(|face| (1..=frames).map(|number| frame(face, number)).collect()).collect()
}
