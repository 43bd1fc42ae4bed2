//! `kyc bankly upload`: hands in a picture.

use std::path::{Path, PathBuf};

use bankly_kyc::{DocumentSide, DocumentType, Place as Slot, Upload, VENDOR};
use clap::ValueEnum;
use kyc_core::{Cpf, Media, OperationId};
use serde::Serialize;

use super::kept::Kept;
use super::{Common, VENDOR_NAME, call, name};
use crate::exit::{self, Failure};
use crate::files;
use crate::output::{self, Rows};
use crate::place::SIMULATED;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The person's CPF, which begins an onboarding; on the sandbox a test CPF chooses what is found
    #[arg(long)]
    cpf: Option<String>,
    #[command(flatten)]
    picture: Picture,
    /// Which document the picture shows
    #[arg(long = "type", value_name = "TYPE", value_enum, ignore_case = true)]
    document_type: Option<Document>,
    /// Begin anew, whatever the file keeps
    #[arg(long, requires = "cpf")]
    force: bool,
    /// A picture whose answer was lost did not arrive at Bankly: end the doubt, and send one again
    #[arg(long)]
    not_received: bool,
    #[command(flatten)]
    pub(super) common: Common,
}

/// Which picture, a JPEG or PNG of VGA at least and 1 MB at most.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct Picture {
    /// A selfie: JPEG or PNG, 640 by 480 pixels or more in either orientation, at most 1 MB
    #[arg(long, value_name = "FILE", conflicts_with = "document_type")]
    selfie: Option<PathBuf>,
    /// The front of the document
    #[arg(long, value_name = "FILE", requires = "document_type")]
    front: Option<PathBuf>,
    /// The back of the document
    #[arg(long, value_name = "FILE", requires = "document_type")]
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
struct Taken {
    vendor: &'static str,
    environment: &'static str,
    accepted: bool,
    picture: &'static str,
    onboarding: String,
    simulated: bool,
}

pub(super) async fn run(args: &Args) -> Result<u8, Failure> {
    let cpf = args.cpf.as_deref().map(Cpf::parse).transpose();
    let cpf = cpf.map_err(|rule| Failure::input("--cpf", &rule))?;
    let (slot, upload) = read(args)?;
    let mut kept = Kept::open_or_begin(&args.common, cpf, args.force)?;
    if args.not_received {
        kept.onboarding.assume_not_received();
    }
    let sending = Box::pin(kept.onboarding.upload(&upload));
    let sent = call("sending the picture", args.common.json, Some(in_doubt()), sending).await;
    // Whatever came of it: it may be with Bankly.
    let saved = kept.save();
    let is_in_doubt = kept.has_news();
    sent.map_err(|failure| match failure {
        Failure::Client { error, is_over } if is_in_doubt => {
            Failure::Client { error: error.with_operation_id(in_doubt()), is_over }
        }
        other => other.in_arguments(|_| Some(format!("--{}", name(slot)))),
    })?;
    let taken = Taken {
        vendor: VENDOR.name(),
        environment: kept.place.environment,
        accepted: true,
        picture: name(slot),
        onboarding: kept.shown(),
        simulated: kept.place.simulated,
    };
    if args.common.json {
        output::json(&taken)?;
    } else {
        taken.print(&kept.place.label)?;
    }
    saved.map(|()| exit::DONE)
}

/// The picture whose answer was lost, or may be: the onboarding's file knows which.
fn in_doubt() -> OperationId {
    OperationId::by_id(VENDOR, "upload", "")
}

fn read(args: &Args) -> Result<(Slot, Upload), Failure> {
    let Picture { selfie, front, back } = &args.picture;
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
        // The command line is not taken without one of them.
        _ => return Err(Failure::Input("--selfie, --front or --back must be given".to_owned())),
    };
    let (slot, path, upload) = upload;
    upload.check().map_err(|error| Failure::client(error).in_arguments(|_| Some(argument(slot, path))))?;
    Ok((slot, upload))
}

fn media(slot: Slot, path: &Path) -> Result<Media, Failure> {
    Media::read(path).map_err(|rule| Failure::input(&argument(slot, path), &rule))
}

fn argument(slot: Slot, path: &Path) -> String {
    format!("--{} ({})", name(slot), files::shown(path))
}

impl Taken {
    fn print(&self, label: &str) -> std::io::Result<()> {
        Rows::default()
            .row("ACCEPTED", format!("the {}: it is being analysed", self.picture))
            .row("vendor", format!("{VENDOR_NAME} ({label})"))
            .row("kept in", format!("{}: it holds personal data, delete it in the end", self.onboarding))
            .row("next", "kyc bankly status --wait 900")
            .simulated(self.simulated.then_some(SIMULATED))
            .print()
    }
}
