//! `kyc bankly upload`: submits an image.

use std::path::{Path, PathBuf};

use bankly_kyc::{DocumentSide, DocumentType, Place as Slot, Upload, VENDOR};
use clap::ValueEnum;
use kyc_core::{Media, OperationId};
use serde::Serialize;

use super::stored::Stored;
use super::{Common, VENDOR_NAME, call, name, shown};
use crate::failure::Failure;
use crate::input;
use crate::messages::{Messages, text};
use crate::outcome::Outcome;
use crate::output::{self, Rows};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[arg(long, help = text().bankly_help.cpf)]
    cpf: Option<String>,
    #[command(flatten)]
    image: Image,
    #[arg(long = "type", value_name = "TYPE", value_enum, ignore_case = true, help = text().bankly_help.kind)]
    document_type: Option<Document>,
    #[arg(long, requires = "cpf", help = text().bankly_help.force)]
    force: bool,
    #[arg(long, help = text().bankly_help.not_received)]
    not_received: bool,
    #[command(flatten)]
    pub(super) common: Common,
}

/// The image: JPEG or PNG, at least VGA, at most 1 MB.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct Image {
    #[arg(long, value_name = "FILE", conflicts_with = "document_type", help = text().bankly_help.selfie)]
    selfie: Option<PathBuf>,
    #[arg(long, value_name = "FILE", requires = "document_type", help = text().bankly_help.front)]
    front: Option<PathBuf>,
    #[arg(long, value_name = "FILE", requires = "document_type", help = text().bankly_help.back)]
    back: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Document {
    #[value(name = "RG")]
    Rg,
    #[value(name = "CNH")]
    Cnh,
    #[value(name = "RNE")]
    Rne,
    #[value(name = "CRNM")]
    Crnm,
    #[value(name = "DNI")]
    Dni,
}

impl Document {
    fn vendors(self) -> DocumentType {
        match self {
            Self::Rg => DocumentType::Rg,
            Self::Cnh => DocumentType::Cnh,
            Self::Rne => DocumentType::Rne,
            Self::Crnm => DocumentType::Crnm,
            Self::Dni => DocumentType::Dni,
        }
    }
}

#[derive(Serialize)]
struct Submitted {
    vendor: &'static str,
    environment: &'static str,
    accepted: bool,
    picture: &'static str,
    onboarding: String,
    simulated: bool,
}

pub(super) async fn run(args: &Args) -> Result<Outcome, Failure> {
    let cpf = args.cpf.as_deref().map(|cpf| input::cpf("--cpf", cpf)).transpose()?;
    let (slot, upload) = read(args)?;
    let mut stored = Stored::open_or_begin(&args.common, cpf, args.force)?;
    if args.not_received {
        stored.onboarding.assume_not_received();
    }
    let sending = Box::pin(stored.onboarding.upload(&upload));
    let sent = call(text().bankly.submitting, args.common.json, Some(in_doubt()), sending).await;
    // Saved after a failure, too, because Bankly may have the image.
    let saved = stored.save();
    let is_in_doubt = stored.has_changed();
    sent.map_err(|failure| match failure {
        Failure::Client { error, is_over, .. } if is_in_doubt => {
            Failure::Client { error: error.with_operation_id(in_doubt()), is_over, is_paid: true }
        }
        other => other.in_arguments(|_, _| Some(format!("--{}", name(slot)))),
    })?;
    let submitted = Submitted {
        vendor: VENDOR.name(),
        environment: stored.place.environment,
        accepted: true,
        picture: name(slot),
        onboarding: stored.shown(),
        simulated: stored.place.simulated,
    };
    let outcome = if saved.is_ok() { Outcome::Yes } else { Outcome::MayHaveBeenPaid };
    let printed = if args.common.json {
        output::json(outcome, &submitted)
    } else {
        submitted.print(slot, &stored.place.label)
    };
    printed.map_err(Failure::unwritten)?;
    output::unsaved(saved);
    Ok(outcome)
}

/// The id of an image whose response may be lost. The onboarding's file says which image it is.
fn in_doubt() -> OperationId {
    OperationId::by_id(VENDOR, "upload", "")
}

fn read(args: &Args) -> Result<(Slot, Upload), Failure> {
    let Image { selfie, front, back } = &args.image;
    let document = args.document_type.map(Document::vendors);
    let upload = match (selfie, front, back, document) {
        (Some(path), ..) => (Slot::Selfie, path, Upload::selfie(media(Slot::Selfie, path)?)),
        (_, Some(path), _, Some(kind)) => {
            let media = media(Slot::Front, path)?;
            (Slot::Front, path, Upload::document(kind, DocumentSide::Front, media))
        }
        (_, _, Some(path), Some(kind)) => {
            let media = media(Slot::Back, path)?;
            (Slot::Back, path, Upload::document(kind, DocumentSide::Back, media))
        }
        // The parser requires one of them.
        _ => return Err(Failure::input(|t| (t.errors.missing)("--selfie / --front / --back"))),
    };
    let (slot, path, upload) = upload;
    upload
        .check()
        .map_err(|error| Failure::client(error).in_arguments(|t, _| Some(argument(t, slot, path))))?;
    Ok((slot, upload))
}

fn media(slot: Slot, path: &Path) -> Result<Media, Failure> {
    input::image(path).map_err(|rule| Failure::refused(|t| argument(t, slot, path), rule))
}

fn argument(t: &Messages, slot: Slot, path: &Path) -> String {
    format!("--{} ({})", name(slot), input::shown(t, path))
}

impl Submitted {
    fn print(&self, slot: Slot, label: &str) -> std::io::Result<()> {
        let t = text();
        Rows::default()
            .headline(Outcome::Yes, t.bankly.accepted, (t.bankly.in_progress)(shown(slot)))
            .row(t.rows.vendor, format!("{VENDOR_NAME} ({label})"))
            .row(t.rows.stored_in, (t.rows.kept)(&self.onboarding))
            .row(t.rows.next, "`kyc bankly status --wait 900`")
            .simulated(self.simulated.then_some(t.place.simulated))
            .print()
    }
}
