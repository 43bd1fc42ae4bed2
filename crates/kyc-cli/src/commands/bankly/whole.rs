//! `kyc bankly`: a whole onboarding on a sandbox within this program. It never goes to the vendor: a sample photograph is
//! nobody's document.

use std::io;
use std::time::Duration;

use bankly_kyc::{
    Client, Credentials, DocumentSide, DocumentType, Onboarding, Place as Slot, Upload, VENDOR,
};
use kyc_core::{ClientCertificate, Cpf, Error, Media, ValidationError};
use kyc_sandbox::bankly::{TestOutcome, test_cpf};
use kyc_sandbox::{BanklyTls, Sandbox, samples};
use serde::Serialize;

use super::report::{Picture, Show};
use super::{Lang, SLOTS, VENDOR_NAME, call, name};
use crate::exit::{self, Failure};
use crate::output::{self, Rows};
use crate::place::{Place, SANDBOX_INTERVAL, SIMULATED};

const DELAY: Duration = Duration::from_secs(1);
const DEADLINE: Duration = Duration::from_secs(20);

/// How often a picture is sent until it is given up.
const ATTEMPTS: usize = 2;

/// Without TLS the token comes by secret.
const HAS_TLS: bool = cfg!(any(feature = "rustls", feature = "native-tls"));

#[derive(Debug, clap::Args)]
#[group(skip)]
pub(super) struct Args {
    /// A test CPF, which chooses what is found: `kyc sandbox` lists them
    #[arg(long)]
    cpf: Option<String>,
    /// The language of the advice to the person; by default that of LANG, else English
    #[arg(long, value_enum)]
    lang: Option<Lang>,
    /// Print one JSON object
    #[arg(long)]
    pub(super) json: bool,
}

/// How it went, as `--json` prints it.
#[derive(Serialize)]
struct Report {
    vendor: &'static str,
    environment: &'static str,
    complete: bool,
    mutual_tls: bool,
    /// Each that was sent, in turn.
    pictures: Vec<Picture>,
    simulated: bool,
}

pub(super) async fn run(args: &Args) -> Result<u8, Failure> {
    let cpf = args.cpf.as_deref().or(test_cpf(TestOutcome::Approved)).unwrap_or_default();
    let cpf = Cpf::parse(cpf).map_err(|rule| Failure::input("--cpf", &rule))?;
    let how = if HAS_TLS { "by mutual TLS, " } else { "" };
    output::note(&format!(
        "an onboarding on the embedded sandbox, {how}with a sample photograph: nothing leaves this machine"
    ));
    let sandbox = Sandbox::builder()
        .bankly_mutual_tls(HAS_TLS)
        .bankly_analysis_delay(DELAY)
        .start()
        .await
        .map_err(|error| Failure::Setup(format!("the embedded sandbox cannot start: {error}")))?;
    let client = client(&sandbox).map_err(Failure::client)?;
    let mut onboarding = client.onboarding(cpf);
    let show = Show { lang: Lang::or_usual(args.lang), personal_data: false, tokens: false };
    let steps = Box::pin(steps(&mut onboarding, show, args.json));
    let pictures = call("", true, None, steps).await.map_err(over)?;
    let report = Report {
        vendor: VENDOR.name(),
        environment: Place::embedded().environment,
        complete: onboarding.is_complete(),
        mutual_tls: HAS_TLS,
        pictures,
        simulated: true,
    };
    if args.json {
        output::json(&report)?;
    } else {
        report.print()?;
    }
    Ok(if report.complete { exit::YES } else { exit::NO })
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

/// The sandbox ends with this command, and the pictures with it.
fn over(failure: Failure) -> Failure {
    match failure {
        Failure::Client { error, .. } => Failure::Client { error, is_over: true },
        other => other,
    }
}

/// Picture by picture, until one is not valid however often it is sent.
async fn steps(onboarding: &mut Onboarding, show: Show, json: bool) -> Result<Vec<Picture>, Error> {
    let say = |rows: Rows| {
        if !json {
            // A closed stdout shows when the result is printed.
            let _ = rows.print();
        }
    };
    let mut pictures: Vec<Picture> = Vec::new();
    for slot in SLOTS {
        for _ in 0..ATTEMPTS {
            if hand_in(onboarding, slot).await? {
                let words =
                    format!("the answer to the {}; Bankly was asked, and has the picture", name(slot));
                say(Rows::default().row("lost", words));
            }
            let analysis = onboarding.wait(slot, DEADLINE)?.await?;
            let verdict = onboarding.note(&analysis);
            let Some(token) = onboarding.token(slot) else { continue };
            let picture = Picture::of(slot, token, Some((&analysis, verdict)), show);
            say(picture.rows(Rows::default()));
            let is_valid = picture.is_valid();
            pictures.push(picture);
            if is_valid {
                break;
            }
        }
        if !pictures.last().is_some_and(Picture::is_valid) {
            break;
        }
    }
    Ok(pictures)
}

/// `true` if the answer was lost and the picture found again.
async fn hand_in(onboarding: &mut Onboarding, slot: Slot) -> Result<bool, Error> {
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
    fn print(&self) -> io::Result<()> {
        let (headline, words) = match self.pictures.last() {
            _ if self.complete => ("COMPLETE", "all three are valid: the account may be opened".to_owned()),
            Some(last) => ("NOT VALID", format!("the {}, sent {ATTEMPTS} times", name(last.slot))),
            None => ("NO PICTURE", "none was sent".to_owned()),
        };
        Rows::default()
            .row(headline, words)
            .row("vendor", format!("{VENDOR_NAME} (sandbox)"))
            .simulated(self.simulated.then_some(SIMULATED))
            .print()
    }
}
