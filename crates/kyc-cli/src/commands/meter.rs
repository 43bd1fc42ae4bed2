//! `kyc meter`: what a meter shows in a picture.

use std::path::PathBuf;

use cellere_portal::{
    Conciliation, Confidence, DisplayType, MeterRequest, MeterResponse, MeterService, VENDOR,
};
use clap::ValueEnum;
use kyc_core::{Lenient, Media, RedactedText};
use kyc_sandbox::samples;
use serde::Serialize;

use crate::cellere::{Session, VENDOR_NAME};
use crate::config::Source;
use crate::exit::{self, Failure};
use crate::files;
use crate::output::{self, Rows, percent, printable};
use crate::place::{Input, Place};

const SIMULATED: &str = "no vendor was asked: known sample images choose the result";

#[derive(Debug, clap::Args)]
#[command(after_help = exit::HELP)]
pub(crate) struct Args {
    /// The meter's picture: JPEG, PNG, GIF or HEIC; without one a sample goes to the sandbox
    #[arg(value_name = "PICTURE", requires = "service")]
    picture: Option<PathBuf>,
    /// The address of a picture, which the portal fetches; whoever knows it sees the picture
    #[arg(long, value_name = "URL", requires = "service", conflicts_with = "picture")]
    link: Option<String>,
    /// What the meter measures; energy for a sample
    #[arg(long, value_enum, ignore_case = true)]
    service: Option<Service>,
    /// The customer's own reading, to be held against the picture
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    reading: Option<String>,
    /// Send the picture as base64, not as a file
    #[arg(long, conflicts_with = "link")]
    base64: bool,
    #[command(flatten)]
    source: Source,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Service {
    #[value(alias = "energia")]
    Energy,
    #[value(aliases = ["agua", "água"])]
    Water,
    #[value(alias = "gás")]
    Gas,
}

impl Service {
    fn vendors(self) -> MeterService {
        match self {
            Self::Energy => MeterService::Energy,
            Self::Water => MeterService::Water,
            Self::Gas => MeterService::Gas,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Energy => "energy",
            Self::Water => "water",
            Self::Gas => "gas",
        }
    }

    fn sample(self) -> (&'static str, &'static [u8]) {
        match self {
            Self::Energy => ("sample meter-digital.png", samples::METER_DIGITAL),
            Self::Water => ("sample meter-cyclometric.png", samples::METER_CYCLOMETRIC),
            Self::Gas => ("sample meter-analog.png", samples::METER_ANALOG),
        }
    }
}

pub(crate) async fn run(args: Args) -> Result<u8, Failure> {
    let job = Job::read(&args)?;
    let session = Session::open(&args.source, if job.is_sample { Input::Sample } else { Input::Own }).await?;
    session.check_sample(job.is_sample, "PICTURE or --link")?;
    let reading = Box::pin(session.client.meter(&job.request));
    let answer = session.call("sending the meter's picture", args.json, "meter", reading).await?;
    let report = Report::of(&answer, &job, &session.place);
    if args.json {
        output::json(&report)?
    } else {
        report.print(&job, &session.place)?
    }
    Ok(report.exit_code())
}

/// What is to be read, checked as far as that goes without a client.
struct Job {
    request: MeterRequest,
    service: Service,
    name: String,
    is_sample: bool,
    /// Whether the customer's reading goes along.
    has_reading: bool,
}

impl Job {
    fn read(args: &Args) -> Result<Self, Failure> {
        let service = args.service.unwrap_or(Service::Energy);
        let is_sample = args.picture.is_none() && args.link.is_none();
        let (mut request, name) = match (&args.link, &args.picture) {
            // It may be a key to the picture: not repeated.
            (Some(link), _) => (MeterRequest::link(service.vendors(), link), "a link".to_owned()),
            (None, Some(path)) => {
                let name = files::shown(path);
                let picture = Media::read(path);
                let picture = picture.map_err(|rule| Failure::input(&format!("picture ({name})"), &rule))?;
                (request(service, picture, args.base64), name)
            }
            (None, None) => {
                let (name, bytes) = service.sample();
                let picture = Media::new(bytes).map_err(|rule| Failure::input(name, &rule))?;
                (request(service, picture, args.base64), name.to_owned())
            }
        };
        if let Some(reading) = &args.reading {
            request = request.with_reading(reading);
        }
        let argument = |field: &str| match field {
            "image" => Some(format!("picture ({name})")),
            "link" => Some("--link".to_owned()),
            "reading" => Some("--reading".to_owned()),
            _ => None,
        };
        request.check().map_err(|error| Failure::client(error).in_arguments(argument))?;
        Ok(Self { request, service, name, is_sample, has_reading: args.reading.is_some() })
    }
}

fn request(service: Service, picture: Media, as_base64: bool) -> MeterRequest {
    if as_base64 {
        MeterRequest::base64(service.vendors(), picture)
    } else {
        MeterRequest::file(service.vendors(), picture)
    }
}

/// What was read, as `--json` prints it.
#[derive(Serialize)]
struct Report<'a> {
    vendor: &'static str,
    environment: &'static str,
    service: &'static str,
    /// Zeros in front are kept.
    reading: Option<&'a str>,
    /// How sure the portal is of the reading, from 0 to 1.
    confidence: Option<f64>,
    /// Whether the customer's reading agrees; null without one.
    conciliated: Option<bool>,
    display_type: Option<&'a str>,
    meter_id: Option<&'a str>,
    meter_id_confidence: Option<f64>,
    model: Option<&'a str>,
    model_confidence: Option<f64>,
    power_code: Option<&'a str>,
    /// Whether the pointers of an analog meter contradict each other.
    unbalanced: Option<bool>,
    simulated: bool,
    /// Whether the customer's reading went along, or the response judges one.
    #[serde(skip)]
    is_judged: bool,
}

impl<'a> Report<'a> {
    fn of(answer: &'a MeterResponse, job: &Job, place: &Place) -> Self {
        let conciliated = match answer.conciliation() {
            Some(Conciliation::Conciliated) => Some(true),
            Some(Conciliation::NotConciliated) => Some(false),
            _ => None,
        };
        let is_judged = job.has_reading || answer.conciliation().is_some();
        // Where the fields stand differs: in the response itself or one level deeper.
        let answer = answer.reading();
        Self {
            vendor: VENDOR.name(),
            environment: place.environment,
            service: job.service.name(),
            is_judged,
            reading: answer.read_result.as_ref().map(RedactedText::as_str).filter(|text| !text.is_empty()),
            confidence: share(&answer.confidence_read),
            conciliated,
            display_type: answer.display_type.as_ref().map(display),
            meter_id: text(&answer.read_id_result),
            meter_id_confidence: share(&answer.id_confidence),
            model: text(&answer.model_meter),
            model_confidence: share(&answer.meter_confidence),
            power_code: text(&answer.power_code),
            unbalanced: answer.unbalanced_analogical.as_ref().and_then(Lenient::get).copied(),
            simulated: place.simulated,
        }
    }

    /// With a customer's reading, only a reading that is said to agree is a yes.
    fn exit_code(&self) -> u8 {
        match (self.reading, self.conciliated) {
            (None, _) | (_, Some(false)) => exit::NO,
            (Some(_), Some(true)) => exit::YES,
            (Some(_), None) if self.is_judged => exit::UNCLEAR,
            (Some(_), None) => exit::YES,
        }
    }

    fn print(&self, job: &Job, place: &Place) -> std::io::Result<()> {
        let headline = match (self.reading, self.conciliated) {
            (None, _) => "NOTHING READ",
            (Some(_), None) if self.is_judged => "UNCLEAR",
            (Some(_), None) => "READ",
            (Some(_), Some(true)) => "AGREES",
            (Some(_), Some(false)) => "DISAGREES",
        };
        let display = self.display_type.map(|display| format!(", {}", printable(display)));
        let unbalanced =
            self.unbalanced.map(|it_is| if it_is { "they contradict each other" } else { "they agree" });
        Rows::default()
            .row(headline, self.headline())
            .row("vendor", format!("{VENDOR_NAME} ({})", place.label))
            .row("picture", &job.name)
            .row("meter", format!("{}{}", self.service, display.unwrap_or_default()))
            .optional("number", with_share(self.meter_id, self.meter_id_confidence))
            .optional("model", with_share(self.model, self.model_confidence))
            .optional("power code", self.power_code.map(printable))
            .optional("pointers", unbalanced)
            .simulated(self.simulated.then_some(SIMULATED))
            .print()
    }

    fn headline(&self) -> String {
        let Some(reading) = with_share(self.reading, self.confidence) else {
            return "the response has no reading".to_owned();
        };
        match self.conciliated {
            Some(true) => format!("{reading}, as the customer has it"),
            Some(false) => format!("{reading}; the customer has another reading"),
            None if self.is_judged => {
                format!("{reading}; the response does not say whether the customer's reading agrees")
            }
            None => reading,
        }
    }
}

fn display(kind: &DisplayType) -> &str {
    match kind {
        DisplayType::Cyclometric => "cyclometric",
        DisplayType::Digital => "digital",
        DisplayType::Analog => "analog",
        other => other.as_str(),
    }
}

fn text(text: &Option<RedactedText>) -> Option<&str> {
    text.as_ref().map(RedactedText::as_str)
}

fn share(share: &Option<Lenient<Confidence>>) -> Option<f64> {
    share.as_ref()?.get().map(|share| share.get())
}

fn with_share(text: Option<&str>, share: Option<f64>) -> Option<String> {
    let text = printable(text?);
    Some(match share {
        Some(share) => format!("{text} ({} sure)", percent(share)),
        None => text,
    })
}
