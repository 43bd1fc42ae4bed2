//! `kyc cellere document`: reads the fields of a document from an image.

use std::path::{Path, PathBuf};

use cellere_portal::{Block, Confidence, DocumentRequest, DocumentResponse, DocumentType, Field, VENDOR};
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use kyc_core::{FiniteF64, Lenient, RawJson, RedactedText};
use serde::Serialize;
use serde_json::Value;

use super::{VENDOR_NAME, open};
use crate::commands;
use crate::config::Source;
use crate::failure::Failure;
use crate::files;
use crate::messages::{self, Said};
use crate::outcome::Outcome;
use crate::output::{self, Rows, percent, printable};
use crate::place::{Input, Place};

/// The portal's document types.
const TYPES: [&str; 16] = [
    "rg",
    "cnh",
    "comp_endereco",
    "certidao-casamento",
    "certidao-nascimento",
    "art",
    "cnpj",
    "trt",
    "cadastro-unico",
    "cadesp",
    "passaporte",
    "inss",
    "rne",
    "ccir",
    "itr",
    "contrato-locacao",
];

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[arg(value_name = "IMAGE", requires = "what", help = messages::text().document_help.image)]
    image: Option<PathBuf>,
    #[arg(
        long = "type",
        value_name = "TYPE",
        group = "what",
        ignore_case = true,
        value_parser = types(),
        help = messages::text().cellere_help.kind
    )]
    document: Option<DocumentType>,
    #[arg(
        long,
        value_name = "SEGMENT",
        group = "what",
        conflicts_with = "document",
        help = messages::text().document_help.other_type
    )]
    other_type: Option<String>,
    #[arg(long, value_name = "FILE", help = messages::text().document_help.deskewed)]
    deskewed: Option<PathBuf>,
    #[command(flatten)]
    source: Source,
    #[arg(long, help = messages::text().help.json)]
    pub(crate) json: bool,
}

fn types() -> impl clap::builder::TypedValueParser<Value = DocumentType> {
    PossibleValuesParser::new(TYPES).map(|word| DocumentType::from(word.to_lowercase().as_str()))
}

pub(crate) async fn run(args: Args) -> Result<Outcome, Failure> {
    let job = Job::read(&args)?;
    let (session, client) = open(&args.source, job.origin).await?;
    session.check_sample(args.image.is_none(), "IMAGE")?;
    let reading = Box::pin(client.document(&job.request));
    let response = session.call(messages::text().document.sending, args.json, "document", reading).await;
    let response = response.map_err(|failure| job.explain(failure))?;
    let written = match &args.deskewed {
        Some(path) => write_deskewed(path, &response),
        None => Ok(Vec::new()),
    };
    let mut report = Report::of(&response, &job, &session.place, written.as_deref().unwrap_or_default());
    if written.is_err() {
        report.outcome = Outcome::MayHaveBeenPaid;
    }
    let printed =
        if args.json { output::json(report.outcome, &report) } else { report.print(&job, &session.place) };
    printed.map_err(Failure::unwritten)?;
    let outcome = report.outcome;
    // The paid result is printed first, whether or not the files could be written.
    output::unsaved(written.map(drop));
    Ok(outcome)
}

/// The request, validated before there is a client.
struct Job {
    request: DocumentRequest,
    document: DocumentType,
    name: Said,
    wants_deskewed: bool,
    origin: Input,
}

impl Job {
    fn read(args: &Args) -> Result<Self, Failure> {
        let (image, name) = commands::document::image(args.image.as_deref())?;
        let named = args.other_type.as_deref().map(DocumentType::from);
        let document = args.document.clone().or(named).unwrap_or(DocumentType::Cnh);
        let mut request = DocumentRequest::new(document.clone(), image);
        if let Some(path) = &args.deskewed {
            files::check_place("--deskewed", path)?;
            request = request.with_deskewed_image();
        }
        let origin = if args.image.is_some() { Input::Own } else { Input::Sample };
        let job = Self { request, document, name, wants_deskewed: args.deskewed.is_some(), origin };
        job.request.check().map_err(|error| job.explain(Failure::client(error)))?;
        Ok(job)
    }

    fn explain(&self, failure: Failure) -> Failure {
        failure.in_arguments(|t, field| match field {
            "image" => Some((t.errors.image)(self.name.of(t))),
            "document" => Some("--other-type".to_owned()),
            _ => None,
        })
    }
}

/// Writes each straightened image to a file and returns the file names. There is one for each document that the portal
/// found.
fn write_deskewed(path: &Path, response: &DocumentResponse) -> Result<Vec<String>, Failure> {
    let documents = response.documents();
    let images = documents.iter().filter_map(|document| document.deskew_image.as_ref()?.bytes());
    let mut written = Vec::new();
    for (place, image) in images.enumerate() {
        let path = numbered(path, place + 1);
        files::write_private(&path, image)?;
        written.push(files::shown(&path));
    }
    Ok(written)
}

/// Returns `straight.jpg`, `straight-2.jpg` and so on.
fn numbered(path: &Path, number: usize) -> PathBuf {
    if number == 1 {
        return path.to_owned();
    }
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push(format!("-{number}"));
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    path.with_file_name(name)
}

/// The result in `--json`.
#[derive(Serialize)]
struct Report<'a> {
    vendor: &'static str,
    environment: &'static str,
    /// Whether at least one field was read.
    read: bool,
    asked_for: &'a str,
    documents: Vec<Document<'a>>,
    query_id: Option<&'a str>,
    /// The files that contain the straightened images.
    deskewed: &'a [String],
    simulated: bool,
    #[serde(skip)]
    outcome: Outcome,
}

#[derive(Serialize)]
struct Document<'a> {
    document_type: Option<&'a str>,
    /// On a scale that the vendor does not document.
    quality: Option<&'a Lenient<FiniteF64>>,
    page_index: Option<&'a Lenient<i64>>,
    tags: Option<&'a RawJson>,
    fields: Vec<Line<'a>>,
}

#[derive(Serialize)]
struct Line<'a> {
    name: Option<&'a str>,
    value: Option<&'a RawJson>,
    /// From 0 to 1.
    score: Option<f64>,
}

impl<'a> Report<'a> {
    fn of(response: &'a DocumentResponse, job: &'a Job, place: &Place, deskewed: &'a [String]) -> Self {
        let documents: Vec<_> = response.documents().into_iter().map(Document::of).collect();
        let read = documents.iter().any(|document| !document.fields.is_empty());
        Self {
            vendor: VENDOR.name(),
            environment: place.environment,
            read,
            asked_for: job.document.as_str(),
            documents,
            query_id: response.query_id(),
            deskewed,
            simulated: place.simulated,
            outcome: if read { Outcome::Yes } else { Outcome::No },
        }
    }

    fn print(&self, job: &Job, place: &Place) -> std::io::Result<()> {
        let t = messages::text();
        let count: usize = self.documents.iter().map(|document| document.fields.len()).sum();
        let headline = if self.read { t.document.read } else { t.document.nothing_read };
        let summary = (t.document.fields)(count, &printable(self.asked_for));
        let mut rows = Rows::default()
            .headline(self.outcome, headline, summary)
            .row(t.rows.vendor, format!("{VENDOR_NAME} ({})", place.label))
            .row(t.rows.image, job.name.shown());
        for document in &self.documents {
            rows = document.rows(rows);
        }
        let deskewed = job.wants_deskewed.then(|| match self.deskewed {
            [] => t.document.no_file.to_owned(),
            files => (t.document.personal_files)(&files.join(", ")),
        });
        rows.optional(t.rows.deskewed, deskewed)
            .optional(t.rows.query, self.query_id.map(printable))
            .simulated(self.simulated.then_some(t.document.simulated))
            .print()
    }
}

impl<'a> Document<'a> {
    fn of(document: &'a DocumentResponse) -> Self {
        let fields = document.fields.iter().flat_map(Block::records);
        Self {
            document_type: document.doc_type.as_ref().map(DocumentType::as_str),
            quality: document.doc_quality_score.as_ref(),
            page_index: document.page_index.as_ref(),
            tags: document.tags.as_ref(),
            fields: fields.map(Line::of).collect(),
        }
    }

    fn rows(&self, rows: Rows) -> Rows {
        let t = messages::text();
        let kind = self.document_type.map_or_else(|| t.rows.no_kind.to_owned(), printable);
        let quality = self.quality.map(|quality| (t.document.quality)(&printable(quality.text())));
        let page = self.page_index.map(|page| (t.document.page)(&printable(page.text())));
        let facts: Vec<_> = [Some(kind), quality, page].into_iter().flatten().collect();
        let lines: Vec<_> = self.fields.iter().map(Line::cells).collect();
        rows.row(t.rows.document, facts.join(", "))
            .optional(t.rows.tags, self.tags.and_then(tags))
            .table(&lines)
    }
}

/// Returns the tags, separated by commas.
fn tags(tags: &RawJson) -> Option<String> {
    let words = match tags.to_value() {
        Value::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(", "),
        other => text(&other),
    };
    (!words.is_empty()).then(|| printable(&words))
}

impl<'a> Line<'a> {
    fn of(field: &'a Field) -> Self {
        let score = field.score.as_ref().and_then(Lenient::get).copied();
        Self {
            name: field.name.as_ref().map(RedactedText::as_str),
            value: field.value.as_ref(),
            score: score.map(Confidence::get),
        }
    }

    fn cells(&self) -> [String; 3] {
        [
            self.name.map(printable).unwrap_or_default(),
            self.value.map(|value| printable(&text(&value.to_value()))).unwrap_or_default(),
            self.score.map(percent).unwrap_or_default(),
        ]
    }
}

/// Returns the value on one line.
fn text(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    text.replace('\n', " / ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_file_for_each_document() {
        for (path, second) in [("a/b.jpg", "a/b-2.jpg"), ("b", "b-2"), ("a.x/b", "a.x/b-2")] {
            assert_eq!(numbered(Path::new(path), 1), Path::new(path));
            assert_eq!(numbered(Path::new(path), 2), Path::new(second));
        }
    }

    #[test]
    fn each_type_on_the_list_is_one_of_the_librarys() {
        for word in TYPES {
            assert!(!matches!(DocumentType::from(word), DocumentType::Unknown(_)), "{word}");
        }
    }
}
