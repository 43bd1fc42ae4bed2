//! `kyc bankly`: a whole onboarding on the embedded sandbox. It never calls the vendor, because its sample photograph is
//! not a document.

use std::io;
use std::time::Duration;

use bankly_kyc::{
    Client, Credentials, DocumentSide, DocumentType, Onboarding, Place as Slot, Upload, VENDOR,
};
use kyc_core::{ClientCertificate, Error, Media, ValidationError};
use kyc_sandbox::bankly::{TEST_CPFS, TestOutcome, test_cpf};
use kyc_sandbox::{BanklyTls, Sandbox, samples};
use serde::Serialize;

use super::report::{ImageReport, Show};
use super::{SLOTS, VENDOR_NAME, call, shown};
use crate::config;
use crate::failure::Failure;
use crate::input;
use crate::messages::text;
use crate::outcome::Outcome;
use crate::output::{self, Rows};
use crate::place::{self, Place, SANDBOX_INTERVAL};

/// Long enough for one query that finds the analysis unfinished.
const DELAY: Duration = Duration::from_millis(100);
const DEADLINE: Duration = Duration::from_secs(20);

/// How often an image is submitted before the onboarding stops.
const ATTEMPTS: usize = 2;

/// Without TLS the login uses a secret instead of a certificate.
const HAS_TLS: bool = cfg!(any(feature = "rustls", feature = "native-tls"));

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

/// The result in `--json`.
#[derive(Serialize)]
struct Report {
    vendor: &'static str,
    environment: &'static str,
    complete: bool,
    mutual_tls: bool,
    /// Each submitted image, in order.
    pictures: Vec<ImageReport>,
    simulated: bool,
}

pub(super) async fn run(args: &Args) -> Result<Outcome, Failure> {
    let cpf = args.cpf.as_deref().or(test_cpf(TestOutcome::Approved)).unwrap_or_default();
    let cpf = input::cpf("--cpf", cpf)?;
    let is_test_cpf = TEST_CPFS.iter().any(|test| test.cpf == cpf.digits());
    place::check_simulated_cpf(is_test_cpf, config::wants_sandbox(args.sandbox), "kyc bankly upload")?;
    let t = text();
    output::note(&(t.bankly.whole)(if HAS_TLS { t.bankly.mutual_tls } else { "" }));
    let sandbox = Sandbox::builder()
        .look_at_pictures(true)
        .bankly_mutual_tls(HAS_TLS)
        .bankly_analysis_delay(DELAY)
        .start()
        .await
        .map_err(place::cannot_start)?;
    let client = client(&sandbox).map_err(Failure::client)?;
    let mut onboarding = client.onboarding(cpf);
    if !args.json {
        Rows::default().simulated(Some(t.place.simulated)).print()?;
    }
    let show = Show { personal_data: false, tokens: false };
    let steps = Box::pin(steps(&mut onboarding, show, args.json));
    let pictures = call(t.bankly.running, args.json, None, steps).await.map_err(over)?;
    let report = Report {
        vendor: VENDOR.name(),
        environment: Place::embedded().environment,
        complete: onboarding.is_complete(),
        mutual_tls: HAS_TLS,
        pictures,
        simulated: true,
    };
    if args.json {
        output::json(report.outcome(), &report)?;
    } else {
        report.print()?;
    }
    Ok(report.outcome())
}

fn client(sandbox: &Sandbox) -> Result<Client, Error> {
    let builder = match sandbox.bankly_tls() {
        Some(tls) => {
            let certificate = certificate(tls).map_err(|rule| Error::config(VENDOR, rule.to_string()))?;
            Client::builder(Credentials::by_certificate(Sandbox::BANKLY_CLIENT_ID))
                .base_url(tls.url())
                .auth_url(tls.url())
                .certificate(certificate)
        }
        None => {
            let (id, secret) = (Sandbox::BANKLY_CLIENT_ID, Sandbox::BANKLY_CLIENT_SECRET);
            Client::builder(Credentials::by_secret(id, secret))
                .base_url(&sandbox.bankly_url())
                .auth_url(&sandbox.bankly_url())
        }
    };
    builder.poll_interval(SANDBOX_INTERVAL).build()
}

fn certificate(tls: &BanklyTls) -> Result<ClientCertificate, ValidationError> {
    let pem = tls.client_certificate();
    ClientCertificate::from_pem(pem.chain, pem.key)?.with_authority(tls.authority_pem())
}

/// The onboarding ends with the embedded sandbox.
fn over(failure: Failure) -> Failure {
    match failure {
        Failure::Client { error, .. } => {
            let is_paid = error.may_have_landed();
            Failure::Client { error, is_over: true, is_paid }
        }
        other => other,
    }
}

/// Submits image by image until one is not valid after [`ATTEMPTS`].
async fn steps(onboarding: &mut Onboarding, show: Show, json: bool) -> Result<Vec<ImageReport>, Error> {
    let say = |rows: Rows| {
        if !json {
            // A closed standard output is reported when the result is printed.
            let _ = rows.print();
        }
    };
    let mut pictures: Vec<ImageReport> = Vec::new();
    for slot in SLOTS {
        for _ in 0..ATTEMPTS {
            if submit(onboarding, slot).await? {
                let t = text();
                say(Rows::default().row(t.rows.lost, (t.bankly.whole_lost)(shown(slot))));
            }
            let analysis = onboarding.wait(slot, DEADLINE)?.await?;
            let verdict = onboarding.note(&analysis);
            let Some(token) = onboarding.token(slot) else { continue };
            let picture = ImageReport::of(slot, token, Some((&analysis, verdict)), show);
            say(picture.rows(Rows::default()));
            let is_valid = picture.is_valid();
            pictures.push(picture);
            if is_valid {
                break;
            }
        }
        if !pictures.last().is_some_and(ImageReport::is_valid) {
            break;
        }
    }
    Ok(pictures)
}

/// Submits a sample. Returns `true` if the response was lost and a query found the image.
async fn submit(onboarding: &mut Onboarding, slot: Slot) -> Result<bool, Error> {
    let invalid = |rule: ValidationError| Error::invalid_input(VENDOR, "image", &rule);
    let image = Media::new(samples::A_2025).map_err(invalid)?;
    let upload = match slot {
        Slot::Selfie => Upload::selfie(image),
        Slot::Back => Upload::document(DocumentType::Rg, DocumentSide::Back, image),
        _ => Upload::document(DocumentType::Rg, DocumentSide::Front, image),
    };
    match onboarding.upload(&upload).await {
        Ok(_) => Ok(false),
        Err(error) if error.may_have_landed() && onboarding.look_up().await? => Ok(true),
        Err(error) => Err(error),
    }
}

impl Report {
    fn outcome(&self) -> Outcome {
        match self.pictures.last() {
            _ if self.complete => Outcome::Yes,
            Some(last) => last.outcome(),
            None => Outcome::No,
        }
    }

    fn print(&self) -> io::Result<()> {
        let t = text();
        let (headline, words) = match self.pictures.last() {
            _ if self.complete => (t.bankly.complete, t.bankly.may_open.to_owned()),
            Some(last) => (t.bankly.headline_invalid, (t.bankly.submitted_times)(shown(last.slot), ATTEMPTS)),
            None => (t.bankly.headline_none, t.bankly.none_submitted.to_owned()),
        };
        Rows::default()
            .headline(self.outcome(), headline, words)
            .row(t.rows.vendor, format!("{VENDOR_NAME} ({})", t.place.sandbox))
            .print()
    }
}
