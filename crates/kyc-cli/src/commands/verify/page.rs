//! `--report`: a case as a page for a person in compliance.

use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use kyc_core::{Clock as _, SystemClock};
use kyc_verify::html::{PageOptions, page};
use kyc_verify::{CaseReport, Ledger as _, SqliteStore};

use super::connect::Named;
use super::{failures, screen};
use crate::failure::Failure;
use crate::files;
use crate::messages::text;
use crate::output;

/// What is shown of a case beside the screen.
#[derive(Debug, Default, clap::Args)]
pub(super) struct Shown {
    #[arg(long, help = text().verify_help.show_kit)]
    pub(super) show_kit: bool,
    #[command(flatten)]
    pub(super) report: Report,
}

/// Where the page goes.
#[derive(Debug, Default, clap::Args)]
pub(super) struct Report {
    #[arg(long, value_name = "FILE", help = text().verify_help.report)]
    report: Option<PathBuf>,
    #[arg(long, requires = "report", help = text().verify_help.pictures)]
    pictures: bool,
    #[arg(long, requires = "report", help = text().verify_help.replace)]
    replace: bool,
}

impl Report {
    /// Checks in advance that the page can be written, so that no case is paid for in vain.
    pub(super) fn check(&self) -> Result<(), Failure> {
        let Some(path) = &self.report else { return Ok(()) };
        files::check_place("--report", path)?;
        if !self.replace && path.symlink_metadata().is_ok() {
            return Err(exists(path));
        }
        Ok(())
    }

    /// Writes the page, if one is wanted. Only its owner can read it.
    pub(super) async fn write(
        &self,
        report: &CaseReport,
        store: &SqliteStore,
        vendors: &[Named],
    ) -> Result<(), Failure> {
        let Some(path) = &self.report else { return Ok(()) };
        let hash = store.verify(report.case).await.map_err(|error| failures::of_ledger(&error))?;
        let offers: Vec<_> = vendors.iter().map(|(key, verifier)| (*key, verifier.offers())).collect();
        let options = PageOptions::new(screen::language())
            .pictures(self.pictures)
            .offers(&offers)
            .program("kyc", env!("CARGO_PKG_VERSION"))
            .generated_at(SystemClock.now())
            .chain_hash(hash);
        let content = page(report, &options);
        if self.replace {
            // Replaces a link instead of writing through it.
            files::write_private(path, content.as_bytes())?;
        } else {
            create(path, content.as_bytes())?;
        }
        output::note(&(text().verify.written)(&files::shown(path)));
        Ok(())
    }
}

fn create(path: &Path, content: &[u8]) -> Result<(), Failure> {
    let written = files::create_new_private(path).and_then(|mut file| file.write_all(content));
    written.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => exists(path),
        _ => files::cannot_write(path, &error),
    })
}

fn exists(path: &Path) -> Failure {
    let named = format!("--report ({})", files::shown(path));
    Failure::input(|t| (t.errors.subject)(&named, t.verify.exists))
}
