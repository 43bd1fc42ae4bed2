//! `kyc document`: reads the fields of a document from an image, with any vendor.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use kyc_core::{
    DocumentKind, DocumentPage, DocumentReader, DocumentReading, Integration, Media, OperationId, Poller,
    Response, Submission,
};
use kyc_sandbox::samples;
use serde::Serialize;

use super::vendor::{self, missing_capability};
use crate::call::call;
use crate::config::Source;
use crate::failure::Failure;
use crate::input;
use crate::messages::{Messages, Said, text};
use crate::outcome::Outcome;
use crate::output::{self, Rows, percent, printable};
use crate::place::Input;
use crate::session::Session;

const SAMPLE: &str = "a-2025.jpg";

/// The kinds that a user may name.
const KINDS: [&str; 11] = [
    "rg",
    "cnh",
    "cin",
    "dni",
    "rne",
    "crnm",
    "passport",
    "proof_of_address",
    "birth_certificate",
    "marriage_certificate",
    "company_registration",
];

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[arg(value_name = "IMAGE", requires = "kind", help = text().document_help.image)]
    image: Option<PathBuf>,
    #[arg(
        long = "type",
        value_name = "TYPE",
        ignore_case = true,
        value_parser = kinds(),
        help = text().document_help.kind
    )]
    kind: Option<DocumentKind>,
    #[arg(long, value_parser = vendor::with(|able| able.document_reading.is_some()), help = text().help.vendor)]
    vendor: Option<&'static Integration>,
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 60,
        value_parser = clap::value_parser!(u64).range(1..=86_400),
        help = text().facematch_help.timeout
    )]
    timeout: u64,
    #[command(flatten)]
    source: Source,
    #[arg(long, help = text().help.json)]
    pub(crate) json: bool,
}

fn kinds() -> impl clap::builder::TypedValueParser<Value = DocumentKind> {
    PossibleValuesParser::new(KINDS).map(|word| DocumentKind::from(word.to_lowercase().as_str()))
}

pub(crate) async fn run(args: Args) -> Result<Outcome, Failure> {
    let (image, name) = image(args.image.as_deref())?;
    let page = DocumentPage::new(args.kind.clone().unwrap_or(DocumentKind::Cnh), image);
    let source = args.image.is_some().then_some(&args.source);
    let integration = vendor::or_usual(args.vendor, source, |able| able.document_reading.is_some())?;
    let origin = if args.image.is_some() { Input::Own } else { Input::Sample };
    let session = Session::open(integration, &args.source, origin).await?;
    session.check_sample(args.image.is_none(), "IMAGE")?;
    let reader = session.client.clone().document_reader();
    let reader = reader.ok_or_else(|| missing_capability(integration))?;
    let reading = read(&session, &*reader, &page, &args).await;
    let reading = reading.map_err(|failure| {
        failure.in_arguments(|t, field| (field == "image").then(|| (t.errors.image)(name.of(t))))
    })?;
    let report = Report::of(&reading, &page, &session);
    let printed =
        if args.json { output::json(report.outcome(), &report) } else { report.print(&name, &session) };
    printed.map_err(Failure::unwritten)?;
    Ok(report.outcome())
}

/// Reads the image, or takes the sample.
pub(super) fn image(path: Option<&Path>) -> Result<(Media, Said), Failure> {
    match path {
        Some(path) => {
            let named = |t: &Messages| (t.errors.image)(&input::shown(t, path));
            let image = input::image(path).map_err(|rule| Failure::refused(named, rule))?;
            Ok((image, Said::new(|t| input::shown(t, path))))
        }
        None => {
            let name = Said::new(|t| (t.place.sample_photograph)(SAMPLE));
            let sample = Media::new(samples::A_2025);
            Ok((sample.map_err(|rule| Failure::refused(|t| name.of(t).to_owned(), rule))?, name))
        }
    }
}

/// Submits the page, and waits for the reading if the vendor does not return it at once.
async fn read(
    session: &Session,
    reader: &dyn DocumentReader,
    page: &DocumentPage,
    args: &Args,
) -> Result<DocumentReading, Failure> {
    let t = &text().document;
    let submitted = session.call(t.sending, args.json, "document", reader.submit_document(page)).await?;
    let id: OperationId = match submitted {
        Submission::Ready(reading) => return Ok(reading),
        Submission::Pending(id) => id,
    };
    let (timeout, interval) = (Duration::from_secs(args.timeout), reader.poll_interval());
    let query = || async { reader.document_reading_result(&id).await.map(Response::into_inner) };
    let wait = Poller::new(reader.vendor(), id.clone(), reader.clock(), timeout, interval, query);
    let waited = call(t.waiting, args.json, Some(id.clone()), async { wait.await }).await;
    waited.map_err(|failure| {
        let is_paid = !failure.is_refused();
        failure.over(session.embedded.is_some()).paid(is_paid)
    })
}

/// The result in `--json`.
#[derive(Serialize)]
struct Report<'a> {
    vendor: &'static str,
    environment: &'static str,
    /// Whether at least one field was read.
    read: bool,
    asked_for: &'a str,
    /// The kind that the vendor recognised.
    kind: Option<&'a str>,
    fields: Vec<Line<'a>>,
    reading_id: Option<&'a str>,
    simulated: bool,
}

#[derive(Serialize)]
struct Line<'a> {
    name: &'a str,
    value: &'a str,
    /// From 0 to 1.
    confidence: Option<f64>,
}

impl<'a> Report<'a> {
    fn of(reading: &'a DocumentReading, page: &'a DocumentPage, session: &Session) -> Self {
        let line = |field: &'a kyc_core::DocumentField| Line {
            name: &field.name,
            value: field.value.expose(),
            confidence: field.confidence,
        };
        Self {
            vendor: session.integration.vendor().name(),
            environment: session.place.environment,
            read: !reading.fields.is_empty(),
            asked_for: page.kind.as_str(),
            kind: reading.kind.as_ref().map(DocumentKind::as_str),
            fields: reading.fields.iter().map(line).collect(),
            reading_id: reading.id.as_ref().map(OperationId::value),
            simulated: session.place.simulated,
        }
    }

    fn outcome(&self) -> Outcome {
        if self.read { Outcome::Yes } else { Outcome::No }
    }

    fn print(&self, name: &Said, session: &Session) -> std::io::Result<()> {
        let t = text();
        let headline = if self.read { t.document.read } else { t.document.nothing_read };
        let summary = (t.document.fields)(self.fields.len(), &self.asked_for.to_uppercase());
        let kind =
            self.kind.map_or_else(|| t.rows.no_kind.to_owned(), |kind| printable(&kind.to_uppercase()));
        let lines: Vec<_> = self.fields.iter().map(Line::cells).collect();
        Rows::default()
            .headline(self.outcome(), headline, summary)
            .row(t.rows.vendor, session.whom())
            .row(t.rows.image, name.shown())
            .row(t.rows.document, kind)
            .table(&lines)
            .optional(t.rows.query, self.reading_id.map(printable))
            .simulated(self.simulated.then_some(t.document.simulated))
            .print()
    }
}

impl Line<'_> {
    fn cells(&self) -> [String; 3] {
        let value = printable(&self.value.replace('\n', " / "));
        [printable(self.name), value, self.confidence.map(percent).unwrap_or_default()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_one_of_the_librarys() {
        for word in KINDS {
            assert!(!matches!(DocumentKind::from(word), DocumentKind::Unknown(_)), "{word}");
        }
    }
}
