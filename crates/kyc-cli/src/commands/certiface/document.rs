//! `kyc certiface document`: submits images of a document.

use std::path::{Path, PathBuf};

use certiface::{DocumentOutcome, VENDOR};
use kyc_core::{Media, MediaFormat, MediaRules, RedactedText};
use serde::Serialize;

use super::stored::Stored;
use super::{Common, VENDOR_NAME, call};
use crate::failure::Failure;
use crate::input;
use crate::messages::{Said, text};
use crate::outcome::Outcome;
use crate::output::{self, Rows, scrub};

/// The library's rules, checked here because the library does not know the file names.
const IMAGE: MediaRules = MediaRules {
    formats: &[MediaFormat::Jpeg, MediaFormat::Png, MediaFormat::Pdf],
    max_bytes: None,
    min_pixels: None,
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[arg(value_name = "FILE", num_args = 1..=2, required_unless_present = "qr_code", help = text().certiface_help.files)]
    files: Vec<PathBuf>,
    #[arg(long, value_name = "FILE", conflicts_with = "files", help = text().certiface_help.qr_code)]
    qr_code: Option<PathBuf>,
    #[command(flatten)]
    pub(super) common: Common,
}

#[derive(Serialize)]
struct Submitted {
    vendor: &'static str,
    environment: &'static str,
    accepted: bool,
    reason: Option<String>,
    simulated: bool,
}

pub(super) async fn run(args: &Args) -> Result<Outcome, Failure> {
    let stored = Stored::open(&args.common)?;
    let files = args.files.iter().map(|path| read(path)).collect::<Result<Vec<_>, _>>()?;
    let code = args.qr_code.as_deref().map(read).transpose()?;
    let id = Some(stored.journey.appkey().operation_id());
    let sending = Box::pin(async {
        match &code {
            Some(code) => stored.journey.document_qr_code(code).await,
            None => stored.journey.document(&files).await,
        }
    });
    let outcome =
        call(text().certiface.submitting_document, args.common.json, id, sending).await?.into_inner();
    let reason = retake(&outcome);
    let accepted = matches!(outcome, DocumentOutcome::Accepted(_));
    let result = match outcome {
        DocumentOutcome::Accepted(_) => Outcome::Yes,
        DocumentOutcome::Retake(_) => Outcome::Retake,
        _ => Outcome::Unclear,
    };
    let submitted = Submitted {
        vendor: VENDOR.name(),
        environment: stored.place.environment,
        accepted,
        reason,
        simulated: stored.place.simulated,
    };
    let printed = if args.common.json {
        output::json(result, &submitted)
    } else {
        submitted.print(result, &stored.place.label)
    };
    printed.map_err(Failure::unwritten)?;
    Ok(result)
}

/// Returns the vendor's reason for a retake, if it states one.
pub(super) fn retake(outcome: &DocumentOutcome) -> Option<String> {
    match outcome {
        DocumentOutcome::Retake(retake) => retake.reason.as_ref().map(RedactedText::as_str).map(scrub),
        _ => None,
    }
}

fn read(path: &Path) -> Result<Media, Failure> {
    let invalid = |rule: Said| Failure::refused(|t| (t.errors.document)(&input::shown(t, path)), rule);
    let media = input::image(path).map_err(invalid)?;
    media.check(&IMAGE).map_err(|rule| invalid(rule.into()))?;
    Ok(media)
}

impl Submitted {
    fn print(&self, outcome: Outcome, label: &str) -> std::io::Result<()> {
        let t = text();
        let words = &t.certiface;
        let (headline, what) = match outcome {
            Outcome::Yes => (words.accepted, words.being_read),
            Outcome::Retake => (words.retake, words.take_again),
            _ => (words.unclear, words.unclear_document),
        };
        let next = if outcome == Outcome::Retake {
            words.next_document
        } else {
            "`kyc certiface result --wait 300`"
        };
        Rows::default()
            .headline(outcome, headline, what)
            .row(t.rows.vendor, format!("{VENDOR_NAME} ({label})"))
            .optional(t.rows.reason, self.reason.as_deref())
            .row(t.rows.next, next)
            .simulated(self.simulated.then_some(t.place.simulated))
            .print()
    }
}
