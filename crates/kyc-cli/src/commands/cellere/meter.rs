//! `kyc cellere meter`: reads a meter from an image.

use std::path::PathBuf;

use cellere_portal::{
    Conciliation, Confidence, DisplayType, MeterRequest, MeterResponse, MeterService, VENDOR,
};
use clap::ValueEnum;
use kyc_core::{Lenient, Media, RedactedText};
use kyc_sandbox::samples;
use serde::Serialize;

use super::{VENDOR_NAME, open};
use crate::config::Source;
use crate::failure::Failure;
use crate::input;
use crate::messages::{self, Messages, Said};
use crate::outcome::Outcome;
use crate::output::{self, Rows, percent, printable};
use crate::place::{Input, Place};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[arg(value_name = "IMAGE", requires = "service", help = messages::text().meter_help.image)]
    image: Option<PathBuf>,
    #[arg(
        long,
        value_name = "URL",
        requires = "service",
        conflicts_with = "image",
        help = messages::text().meter_help.link
    )]
    link: Option<String>,
    #[arg(long, value_enum, ignore_case = true, help = messages::text().meter_help.service)]
    service: Option<Service>,
    #[arg(long, value_name = "N", allow_hyphen_values = true, help = messages::text().meter_help.reading)]
    reading: Option<String>,
    #[arg(long, conflicts_with = "link", help = messages::text().meter_help.base64)]
    base64: bool,
    #[command(flatten)]
    source: Source,
    #[arg(long, help = messages::text().help.json)]
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

    /// Returns the name in the output for people.
    fn shown(self) -> &'static str {
        let t = &messages::text().meter;
        match self {
            Self::Energy => t.energy,
            Self::Water => t.water,
            Self::Gas => t.gas,
        }
    }

    fn sample(self) -> (&'static str, &'static [u8]) {
        match self {
            Self::Energy => ("meter-digital.png", samples::METER_DIGITAL),
            Self::Water => ("meter-cyclometric.png", samples::METER_CYCLOMETRIC),
            Self::Gas => ("meter-analog.png", samples::METER_ANALOG),
        }
    }
}

pub(crate) async fn run(args: Args) -> Result<Outcome, Failure> {
    let job = Job::read(&args)?;
    let origin = if job.is_sample { Input::Sample } else { Input::Own };
    let (session, client) = open(&args.source, origin).await?;
    session.check_sample(job.is_sample, "IMAGE / --link")?;
    let reading = Box::pin(client.meter(&job.request));
    let response = session.call(messages::text().meter.sending, args.json, "meter", reading).await?;
    let report = Report::of(&response, &job, &session.place);
    let printed =
        if args.json { output::json(report.outcome(), &report) } else { report.print(&job, &session.place) };
    printed.map_err(Failure::unwritten)?;
    Ok(report.outcome())
}

/// The request, validated before there is a client.
struct Job {
    request: MeterRequest,
    service: Service,
    name: Said,
    is_sample: bool,
    /// Whether the request contains the customer's reading.
    has_reading: bool,
}

impl Job {
    fn read(args: &Args) -> Result<Self, Failure> {
        let service = args.service.unwrap_or(Service::Energy);
        let is_sample = args.image.is_none() && args.link.is_none();
        let (mut request, name) = match (&args.link, &args.image) {
            // The URL may grant access to the image, so it is not printed.
            (Some(link), _) => {
                (MeterRequest::link(service.vendors(), link), Said::new(|t| t.meter.link.to_owned()))
            }
            (None, Some(path)) => {
                let named = |t: &Messages| (t.errors.image)(&input::shown(t, path));
                let image = input::image(path).map_err(|rule| Failure::refused(named, rule))?;
                (request(service, image, args.base64), Said::new(|t| input::shown(t, path)))
            }
            (None, None) => {
                let (name, bytes) = service.sample();
                let name = Said::new(|t| (t.place.sample)(name));
                let named = |t: &Messages| name.of(t).to_owned();
                let image = Media::new(bytes).map_err(|rule| Failure::refused(named, rule))?;
                (request(service, image, args.base64), name)
            }
        };
        if let Some(reading) = &args.reading {
            request = request.with_reading(reading);
        }
        let argument = |t: &Messages, field: &str| match field {
            "image" => Some((t.errors.image)(name.of(t))),
            "link" => Some("--link".to_owned()),
            "reading" => Some("--reading".to_owned()),
            _ => None,
        };
        request.check().map_err(|error| Failure::client(error).in_arguments(argument))?;
        Ok(Self { request, service, name, is_sample, has_reading: args.reading.is_some() })
    }
}

fn request(service: Service, image: Media, as_base64: bool) -> MeterRequest {
    if as_base64 {
        MeterRequest::base64(service.vendors(), image)
    } else {
        MeterRequest::file(service.vendors(), image)
    }
}

/// The result in `--json`.
#[derive(Serialize)]
struct Report<'a> {
    vendor: &'static str,
    environment: &'static str,
    service: &'static str,
    /// With leading zeros.
    reading: Option<&'a str>,
    /// The portal's confidence in the reading, from 0 to 1.
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
    /// Whether the request contains the customer's reading, or the response judges one.
    #[serde(skip)]
    is_judged: bool,
}

impl<'a> Report<'a> {
    fn of(response: &'a MeterResponse, job: &Job, place: &Place) -> Self {
        let conciliated = match response.conciliation() {
            Some(Conciliation::Conciliated) => Some(true),
            Some(Conciliation::NotConciliated) => Some(false),
            _ => None,
        };
        let is_judged = job.has_reading || response.conciliation().is_some();
        // The fields are in the response itself or one level deeper.
        let response = response.reading();
        Self {
            vendor: VENDOR.name(),
            environment: place.environment,
            service: job.service.name(),
            is_judged,
            reading: response.read_result.as_ref().map(RedactedText::as_str).filter(|text| !text.is_empty()),
            confidence: share(&response.confidence_read),
            conciliated,
            display_type: response.display_type.as_ref().map(display),
            meter_id: text(&response.read_id_result),
            meter_id_confidence: share(&response.id_confidence),
            model: text(&response.model_meter),
            model_confidence: share(&response.meter_confidence),
            power_code: text(&response.power_code),
            unbalanced: response.unbalanced_analogical.as_ref().and_then(Lenient::get).copied(),
            simulated: place.simulated,
        }
    }

    /// With a customer's reading, only a stated agreement is positive.
    fn outcome(&self) -> Outcome {
        match (self.reading, self.conciliated) {
            (None, _) | (_, Some(false)) => Outcome::No,
            (Some(_), Some(true)) => Outcome::Yes,
            (Some(_), None) if self.is_judged => Outcome::Unclear,
            (Some(_), None) => Outcome::Yes,
        }
    }

    fn print(&self, job: &Job, place: &Place) -> std::io::Result<()> {
        let t = messages::text();
        let headline = match (self.reading, self.conciliated) {
            (None, _) => t.meter.nothing_read,
            (Some(_), None) if self.is_judged => t.meter.unclear,
            (Some(_), None) => t.meter.read,
            (Some(_), Some(true)) => t.meter.agrees,
            (Some(_), Some(false)) => t.meter.disagrees,
        };
        let display = self.display_type.map(|display| format!(", {}", printable(display_words(display))));
        let unbalanced =
            self.unbalanced.map(|it_is| if it_is { t.meter.inconsistent } else { t.meter.consistent });
        Rows::default()
            .headline(self.outcome(), headline, self.headline())
            .row(t.rows.vendor, format!("{VENDOR_NAME} ({})", place.label))
            .row(t.rows.image, job.name.shown())
            .row(t.rows.meter, format!("{}{}", job.service.shown(), display.unwrap_or_default()))
            .optional(t.rows.number, with_share(self.meter_id, self.meter_id_confidence))
            .optional(t.rows.model, with_share(self.model, self.model_confidence))
            .optional(t.rows.power_code, self.power_code.map(printable))
            .optional(t.rows.pointers, unbalanced)
            .simulated(self.simulated.then_some(t.meter.simulated))
            .print()
    }

    fn headline(&self) -> String {
        let t = &messages::text().meter;
        let Some(reading) = with_share(self.reading, self.confidence) else {
            return t.no_reading.to_owned();
        };
        match self.conciliated {
            Some(true) => (t.equal)(&reading),
            Some(false) => (t.different)(&reading),
            None if self.is_judged => (t.not_stated)(&reading),
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

fn display_words(name: &str) -> &str {
    let t = &messages::text().meter;
    match name {
        "cyclometric" => t.cyclometric,
        "digital" => t.digital,
        "analog" => t.analog,
        other => other,
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
        Some(share) => (messages::text().rows.confidence)(&text, &percent(share)),
        None => text,
    })
}
