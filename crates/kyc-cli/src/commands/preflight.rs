//! `kyc preflight`: looks at pictures on this machine, before a vendor is paid for them.

use std::path::{Path, PathBuf};

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use kyc_br::INTEGRATIONS;
use kyc_core::{CheckKind, DocumentKind, Integration, Media, MediaFormat, Retake, RetakeCause, RetakeItem};
use kyc_face::{Detector, PictureError, Purpose, Report};
use kyc_verify::{Language, MessageToPerson, check_name};
use serde::Serialize;

use super::vendor;
use super::verify::{kinds, language};
use crate::config::Files;
use crate::failure::Failure;
use crate::input;
use crate::messages::{Messages, text};
use crate::outcome::Outcome;
use crate::output::{self, Rows};

/// The most pictures of one run.
const MAX_PICTURES: usize = 64;

const ITEMS: [&str; 4] = ["selfie", "front", "back", "capture"];

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[arg(value_name = "FILE", required = true, help = text().preflight_help.files)]
    files: Vec<PathBuf>,
    #[arg(
        long = "as",
        value_name = "WHAT",
        ignore_case = true,
        default_value = "selfie",
        value_parser = items(),
        help = text().preflight_help.item
    )]
    items: Vec<RetakeItem>,
    #[arg(
        long = "type",
        value_name = "TYPE",
        ignore_case = true,
        value_parser = kinds(),
        help = text().preflight_help.kind
    )]
    kind: Option<DocumentKind>,
    #[arg(long, value_parser = vendor::with(|_| true), help = text().preflight_help.vendor)]
    vendor: Vec<&'static Integration>,
    #[command(flatten)]
    source: Files,
    #[arg(long, help = text().help.json)]
    pub(crate) json: bool,
}

fn items() -> impl clap::builder::TypedValueParser<Value = RetakeItem> {
    PossibleValuesParser::new(ITEMS).try_map(|word| word.to_lowercase().parse::<RetakeItem>())
}

pub(crate) fn run(args: &Args) -> Result<Outcome, Failure> {
    if args.files.len() > MAX_PICTURES {
        return Err(Failure::input(|t| (t.errors.subject)("FILE", &(t.preflight.too_many)(MAX_PICTURES))));
    }
    let vendors = args.vendors()?;
    let pictures = args.pictures()?;
    let detector = Detector::new().map_err(|error| Failure::local(Outcome::Other, |_| error.to_string()))?;
    let reports = detector.reports(&pictures);
    let seen: Vec<_> = (args.files.iter().zip(&pictures).zip(&reports))
        .map(|((path, (purpose, media)), report)| Seen::of(path, purpose, media, report, &vendors))
        .collect();
    let outcome = outcome(&seen);
    let printed = if args.json {
        output::json(outcome, &Printed { simulated: false, pictures: &seen })
    } else {
        print(&seen)
    };
    printed.map_err(|error| Failure::local(Outcome::Other, |t| (t.errors.unwritten)(&error.to_string())))?;
    Ok(outcome)
}

impl Args {
    /// Returns the vendors that are named, or else those that are configured, or else all.
    fn vendors(&self) -> Result<Vec<&'static Integration>, Failure> {
        if !self.vendor.is_empty() {
            return Ok(self.vendor.clone());
        }
        let configured: Vec<_> = self.source.tables()?.into_iter().map(|(known, _)| known).collect();
        Ok(if configured.is_empty() { INTEGRATIONS.iter().collect() } else { configured })
    }

    fn pictures(&self) -> Result<Vec<(Purpose, Media)>, Failure> {
        let read = |(place, path): (usize, &PathBuf)| {
            let named = |t: &Messages| (t.errors.image)(&input::shown(t, path));
            let media = input::image(path).map_err(|rule| Failure::refused(named, rule))?;
            Ok((self.purpose(place), media))
        };
        self.files.iter().enumerate().map(read).collect()
    }

    /// Returns what a file is meant to be: the last that is named stands for the rest.
    fn purpose(&self, place: usize) -> Purpose {
        let item = self.items.get(place).or(self.items.last()).copied().unwrap_or(RetakeItem::Selfie);
        match &self.kind {
            Some(kind) => Purpose::of_document(item, kind.clone()),
            None => Purpose::new(item),
        }
    }
}

/// A refusal outweighs advice, and advice what could not be looked at.
fn outcome(seen: &[Seen<'_>]) -> Outcome {
    let order = [Outcome::No, Outcome::Retake, Outcome::Unclear];
    let found = order.into_iter().find(|outcome| seen.iter().any(|seen| seen.outcome() == *outcome));
    found.unwrap_or(Outcome::Yes)
}

/// The result in `--json`.
#[derive(Serialize)]
struct Printed<'a> {
    simulated: bool,
    pictures: &'a [Seen<'a>],
}

/// What was seen on one picture.
#[derive(Serialize)]
struct Seen<'a> {
    file: String,
    #[serde(rename = "as")]
    item: &'static str,
    format: &'static str,
    bytes: usize,
    width: Option<u32>,
    height: Option<u32>,
    /// Why it could not be looked at.
    unseen: Option<String>,
    faces: Vec<SeenFace>,
    sharpness: Option<f32>,
    median: Option<u8>,
    brightest: Option<u8>,
    /// The vendors whose limits count.
    vendors: Vec<&'static str>,
    refused: Vec<Refusal>,
    advice: Vec<&'static str>,
    message: Option<Words>,
    #[serde(skip)]
    report: &'a Report,
}

#[derive(Serialize)]
struct SeenFace {
    x: f32,
    y: f32,
    width: f32,
    height: f32,
    roll: f32,
    turn: f32,
}

#[derive(Serialize)]
struct Refusal {
    vendor: &'static str,
    checks: Vec<&'static str>,
    rule: String,
    #[serde(skip)]
    title: &'static str,
    #[serde(skip)]
    kinds: Vec<CheckKind>,
}

/// What the person may be told.
#[derive(Serialize)]
struct Words {
    pt: String,
    en: String,
}

impl<'a> Seen<'a> {
    fn of(
        path: &Path,
        purpose: &Purpose,
        media: &Media,
        report: &'a Report,
        vendors: &[&'static Integration],
    ) -> Self {
        let (width, height) = report.dimensions.unzip();
        let refused = vendors.iter().flat_map(|vendor| refusals(vendor, purpose.item, media)).collect();
        Self {
            file: input::shown(text(), path),
            item: purpose.item.as_str(),
            format: media.format().name(),
            bytes: media.len(),
            width,
            height,
            unseen: report.unseen.map(|error| error.to_string()),
            faces: report.faces.iter().map(SeenFace::of).collect(),
            sharpness: report.measures.map(|measures| measures.sharpness),
            median: report.measures.map(|measures| measures.median),
            brightest: report.measures.map(|measures| measures.brightest),
            vendors: vendors.iter().map(|vendor| vendor.vendor().name()).collect(),
            refused,
            advice: report.advice.iter().map(|cause| cause.as_str()).collect(),
            message: message(purpose.item, &report.advice),
            report,
        }
    }

    fn outcome(&self) -> Outcome {
        if !self.refused.is_empty() {
            Outcome::No
        } else if !self.report.advice.is_empty() {
            Outcome::Retake
        } else if self.report.unseen.is_some() {
            Outcome::Unclear
        } else {
            Outcome::Yes
        }
    }

    fn add_to(&self, rows: Rows) -> Rows {
        let t = &text().preflight;
        let word = match self.outcome() {
            Outcome::No => t.refused,
            Outcome::Retake => t.retake,
            Outcome::Unclear => t.unseen,
            _ => t.good,
        };
        let rows = rows.headline(self.outcome(), word, (t.file)(&self.file, item_name(self.item)));
        let pixels = self.width.zip(self.height).map(|(width, height)| (t.pixels)(width, height));
        let format = (self.format != MediaFormat::Unknown.name()).then(|| self.format.to_owned());
        let picture = [format, pixels, Some((t.size)(self.bytes.div_ceil(1024)))];
        let rows = rows.row(t.row_picture, picture.into_iter().flatten().collect::<Vec<_>>().join(", "));
        let rows = match self.report.unseen {
            Some(error) => rows.row(t.row_unseen, reason(error)),
            None => rows.row(t.row_faces, self.faces_in_words()).optional(t.row_measures, self.measures()),
        };
        let refuses = |rows: Rows, refusal: &Refusal| {
            let language = language();
            let checks: Vec<_> = refusal.kinds.iter().map(|check| check_name(*check, language)).collect();
            rows.row(t.row_refused, (t.refusal)(refusal.title, &checks.join(", "), &refusal.rule))
        };
        let rows = self.refused.iter().fold(rows, refuses);
        let causes: Vec<_> = self.report.advice.iter().map(|cause| cause_name(*cause)).collect();
        let causes = (!causes.is_empty()).then(|| causes.join(", "));
        let shown = |words: &Words| match language() {
            Language::Portuguese => words.pt.clone(),
            Language::English => words.en.clone(),
        };
        rows.optional(t.row_advice, causes).optional(t.row_say, self.message.as_ref().map(shown))
    }

    fn faces_in_words(&self) -> String {
        let t = &text().preflight;
        match self.faces.as_slice() {
            [] if self.item == RetakeItem::Back.as_str() => t.not_searched.to_owned(),
            [] => t.no_face.to_owned(),
            #[expect(clippy::cast_possible_truncation, reason = "they are shown without decimals")]
            [face, ..] => (t.faces)(self.faces.len(), face.width as i64, face.roll as i64),
        }
    }

    fn measures(&self) -> Option<String> {
        // Of a page its sharpness says nothing.
        let is_page = [RetakeItem::Front, RetakeItem::Back].iter().any(|item| item.as_str() == self.item);
        let measures = self.report.measures.filter(|_| !is_page)?;
        Some((text().preflight.measures)(&format!("{:.3}", measures.sharpness), measures.brightest))
    }
}

impl SeenFace {
    fn of(face: &kyc_face::Face) -> Self {
        Self {
            x: face.corner.x,
            y: face.corner.y,
            width: face.width,
            height: face.height,
            roll: face.roll(),
            turn: face.turn(),
        }
    }
}

/// Returns what a vendor refuses, each rule once with the checks that it is broken for.
fn refusals(vendor: &Integration, item: RetakeItem, media: &Media) -> Vec<Refusal> {
    let mut found: Vec<Refusal> = Vec::new();
    for check in CheckKind::ALL {
        let Err(broken) = vendor.check_picture(check, item, media) else { continue };
        match found.iter_mut().find(|refusal| refusal.rule == broken.rule()) {
            Some(refusal) => {
                refusal.checks.push(check.as_str());
                refusal.kinds.push(check);
            }
            None => found.push(Refusal {
                vendor: vendor.vendor().name(),
                checks: vec![check.as_str()],
                rule: broken.rule().to_owned(),
                title: vendor.title(),
                kinds: vec![check],
            }),
        }
    }
    found
}

fn message(item: RetakeItem, advice: &[RetakeCause]) -> Option<Words> {
    let retakes: Vec<_> = advice.iter().map(|cause| Retake::new(item, *cause)).collect();
    let message = (!retakes.is_empty()).then(|| MessageToPerson::retake(&retakes))?;
    let words = |language| message.in_language(language).to_owned();
    Some(Words { pt: words(Language::Portuguese), en: words(Language::English) })
}

fn print(seen: &[Seen<'_>]) -> std::io::Result<()> {
    let t = &text().preflight;
    let rows = Rows::default().row(t.row_note, t.note);
    seen.iter().fold(rows, |rows, seen| seen.add_to(rows.text(String::new()))).print()
}

/// Says why a picture could not be looked at.
fn reason(error: PictureError) -> String {
    let t = &text().preflight;
    match error {
        PictureError::Format(MediaFormat::Unknown) => t.no_picture.to_owned(),
        PictureError::Format(format) => (t.other_format)(format.name()),
        PictureError::Animated => t.animated.to_owned(),
        PictureError::TooLarge { width, height } => (t.too_large)(width, height),
        PictureError::Truncated => t.truncated.to_owned(),
        PictureError::Damaged(format) => (t.damaged)(format.name()),
        other => other.to_string(),
    }
}

fn item_name(item: &str) -> &'static str {
    let t = &text().preflight;
    match item {
        "front" => t.front,
        "back" => t.back,
        "capture" => t.capture,
        _ => t.selfie,
    }
}

fn cause_name(cause: RetakeCause) -> &'static str {
    let t = &text().preflight;
    match cause {
        RetakeCause::NoFace => t.no_face,
        RetakeCause::ManyFaces => t.many_faces,
        RetakeCause::SmallFace => t.small_face,
        RetakeCause::Turned => t.turned,
        RetakeCause::CutOff => t.cut_off,
        RetakeCause::Blurred => t.blurred,
        RetakeCause::TooDark => t.too_dark,
        RetakeCause::TooBright => t.too_bright,
        RetakeCause::SamePicture => t.same_picture,
        RetakeCause::Unviewable => t.unviewable,
        other => other.as_str(),
    }
}
