//! `kyc certiface`: a whole journey on the embedded sandbox. It never calls the vendor, because its made-up frames are not
//! the capture of a person.

use std::time::Duration;

use certiface::{Client, Config, DocumentOutcome, Journey, JourneyResult, Person};
use kyc_core::{Date, Error, Media, ValidationError};
use kyc_sandbox::certiface::{TEST_CPFS, TestOutcome, test_cpf};
use kyc_sandbox::{Sandbox, samples};

use super::call;
use super::document::retake;
use super::liveness::Verdict;
use super::report::Report;
use crate::config;
use crate::failure::Failure;
use crate::input;
use crate::messages::text;
use crate::outcome::Outcome;
use crate::output::{self, Rows};
use crate::place::{self, Place, SANDBOX_INTERVAL};

/// Long enough for one query that finds the journey unfinished.
const DOCUMENT_DELAY: Duration = Duration::from_millis(100);
const DEADLINE: Duration = Duration::from_secs(20);

#[derive(Debug, clap::Args)]
#[group(skip)]
pub(super) struct Args {
    #[arg(long, help = text().help.simulated_cpf)]
    cpf: Option<String>,
    #[arg(long, help = text().help.own_simulated_cpf)]
    sandbox: bool,
    #[arg(long, help = text().help.json)]
    pub(super) json: bool,
}

pub(super) async fn run(args: &Args) -> Result<Outcome, Failure> {
    let person = person(args)?;
    output::note(text().certiface.whole);
    let sandbox = Sandbox::builder()
        .look_at_pictures(true)
        .certiface_document_delay(DOCUMENT_DELAY)
        .start()
        .await
        .map_err(place::cannot_start)?;
    let client = client(&sandbox).map_err(Failure::client)?;
    if !args.json {
        Rows::default().simulated(Some(text().place.simulated)).print()?;
    }
    let steps = Box::pin(steps(&client, &person, args.json));
    let result = call(text().certiface.running, args.json, None, steps).await.map_err(over)?;
    let place = Place::embedded();
    let report = Report::of(&result, &place, false).without_simulated_row();
    report.print(args.json, None)?;
    Ok(report.outcome())
}

fn person(args: &Args) -> Result<Person, Failure> {
    let cpf = args.cpf.as_deref().or(test_cpf(TestOutcome::Approved)).unwrap_or_default();
    let cpf = input::cpf("--cpf", cpf)?;
    let is_test_cpf = TEST_CPFS.iter().any(|test| test.cpf == cpf.digits());
    place::check_simulated_cpf(is_test_cpf, config::wants_sandbox(args.sandbox), "kyc certiface appkey")?;
    let birth_date =
        Date::parse("2001-11-15").map_err(|rule| Failure::refused(|_| "2001-11-15".to_owned(), rule))?;
    Ok(Person::new(cpf, "Maria da Silva", birth_date))
}

fn client(sandbox: &Sandbox) -> Result<Client, Error> {
    let mut config = Config::new(Sandbox::CERTIFACE_USER, Sandbox::CERTIFACE_PASSWORD);
    config.base_url = Some(sandbox.certiface_url());
    config.result_base_url = Some(sandbox.certiface_result_url());
    Client::builder_from(&config).poll_interval(SANDBOX_INTERVAL).build()
}

/// The journey ends with the embedded sandbox.
fn over(failure: Failure) -> Failure {
    match failure {
        Failure::Client { error, .. } => {
            let is_paid = error.may_have_landed();
            Failure::Client { error, is_over: true, is_paid }
        }
        other => other,
    }
}

async fn steps(client: &Client, person: &Person, json: bool) -> Result<JourneyResult, Error> {
    let say = |name: &str, text: String| {
        if !json {
            // A closed standard output is reported when the result is printed.
            let _ = Rows::default().row(name, text).print();
        }
    };
    let t = text();
    let mut journey = client.journey(person).await?;
    say(t.rows.key, t.certiface.whole_key.to_owned());
    let challenge = journey.challenge().await?;
    let faces = challenge.value().challenges.as_ref().map_or(0, Vec::len);
    let frames = challenge.value().snap_number.as_ref().and_then(|count| count.get().copied()).unwrap_or(1);
    say(t.rows.challenge, (t.certiface.whole_challenge)(faces, frames));
    let frames =
        made_up(faces, frames).map_err(|rule| Error::invalid_input(certiface::VENDOR, "frames", &rule))?;
    let verdict = Verdict::of(journey.captcha(&frames).await?.value(), &Place::embedded());
    let words =
        if verdict.is_approved() { t.certiface.whole_approved } else { t.certiface.whole_not_approved };
    say(t.rows.captcha, words(&verdict.summary()));
    send_document(&journey, say).await?;
    journey.wait(DEADLINE)?.await
}

async fn send_document(journey: &Journey, say: impl Fn(&str, String)) -> Result<(), Error> {
    let t = text();
    let image = Media::new(samples::A_2025);
    let image = image.map_err(|rule| Error::invalid_input(certiface::VENDOR, "images", &rule))?;
    let images = [image];
    loop {
        let outcome = journey.document(&images).await?.into_inner();
        if !matches!(outcome, DocumentOutcome::Retake(_)) {
            say(t.rows.document, t.certiface.whole_document.to_owned());
            return Ok(());
        }
        let reason = retake(&outcome).unwrap_or_else(|| t.certiface.no_reason.to_owned());
        say(t.rows.document, (t.certiface.whole_retake)(&reason));
    }
}

/// Returns one sample photograph with a different comment for each frame, because no two frames of a camera are equal.
fn made_up(faces: usize, frames: i64) -> Result<Vec<Vec<Media>>, ValidationError> {
    let (start, rest) = samples::A_2014.split_at(2);
    let frame = |face: usize, number: i64| {
        let comment = format!("frame {number} of face {face:02}");
        let length = u16::try_from(comment.len() + 2).unwrap_or(u16::MAX).to_be_bytes();
        Media::new([start, &[0xFF, 0xFE], &length, comment.as_bytes(), rest].concat())
    };
    (1..=faces).map(|face| (1..=frames).map(|number| frame(face, number)).collect()).collect()
}
