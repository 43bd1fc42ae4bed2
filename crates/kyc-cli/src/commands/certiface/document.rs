//! `kyc certiface document`: submits images of a document.

use std::path::{Path, PathBuf};

use certiface::{DocumentOutcome, VENDOR};
use kyc_core::{Media, MediaFormat, MediaRules, RedactedText, ValidationError};
use serde::Serialize;

use super::stored::Stored;
use super::{Common, VENDOR_NAME, call};
use crate::failure::Failure;
use crate::input;
use crate::outcome::Outcome;
use crate::output::{self, Rows, scrub};
use crate::place::SIMULATED;

/// The library's rules, checked here because the library does not know the file names.
const IMAGE: MediaRules = MediaRules {
    formats: &[MediaFormat::Jpeg, MediaFormat::Png, MediaFormat::Pdf],
    max_bytes: None,
    min_pixels: None,
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// One side of the document or both: JPEG, PNG, or the PDF of a digital driving licence
    #[arg(value_name = "FILE", num_args = 1..=2, required_unless_present = "qr_code")]
    files: Vec<PathBuf>,
    /// The QR code of a digital driving licence, instead of the document
    #[arg(long, value_name = "FILE", conflicts_with = "files")]
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
    #[serde(skip)]
    is_retake: bool,
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
    let outcome = call("submitting the document", args.common.json, id, sending).await?.into_inner();
    let reason = retake(&outcome);
    let accepted = matches!(outcome, DocumentOutcome::Accepted(_));
    let is_retake = matches!(outcome, DocumentOutcome::Retake(_));
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
        is_retake,
    };
    let printed = if args.common.json {
        output::json(result, &submitted)
    } else {
        submitted.print(&stored.place.label)
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
    let invalid =
        |rule: ValidationError| Failure::input(&format!("document ({})", input::shown(path)), &rule);
    let media = input::image(path).map_err(invalid)?;
    media.check(&IMAGE).map_err(invalid)?;
    Ok(media)
}

impl Submitted {
    fn print(&self, label: &str) -> std::io::Result<()> {
        let rows = if self.accepted {
            Rows::default().row("ACCEPTED", "the vendor is reading it")
        } else if !self.is_retake {
            Rows::default().row(
                "UNCLEAR",
                "the response does not say whether it was accepted: do not submit it again yet",
            )
        } else {
            Rows::default()
                .row("RETAKE", "no document was found: take new images and submit them with the same key")
        };
        let next = if !self.is_retake {
            "kyc certiface result --wait 300"
        } else {
            "kyc certiface document FILE [FILE]"
        };
        rows.row("vendor", format!("{VENDOR_NAME} ({label})"))
            .optional("reason", self.reason.as_deref())
            .row("next", next)
            .simulated(self.simulated.then_some(SIMULATED))
            .print()
    }
}
