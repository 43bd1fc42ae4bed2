//! A case as one page for a person in compliance: to be read, printed and kept.
//!
//! The page is complete in itself. It has no script, loads nothing, and shows no CPF. What is said to the person stands on a
//! page of its own, without reasons.

mod calls;
mod checks;
mod data;
mod evidence;
mod frame;
mod mask;
mod parts;
mod people;
mod rest;
mod style;
mod timeline;
mod why;
mod words;

use kyc_core::{Offer, Timestamp};

use self::words::Words;
use crate::engine::CaseState;
use crate::report::CaseReport;
use crate::words::Language;

/// What the page is made with, besides the case.
#[derive(Clone, Debug)]
#[must_use]
pub struct PageOptions {
    language: Language,
    has_pictures: bool,
    offers: Option<Vec<(String, Vec<Offer>)>>,
    program: (String, String),
    generated: Option<Timestamp>,
    chain_hash: Option<[u8; 32]>,
}

impl PageOptions {
    /// Creates options for a page in this language, without pictures.
    pub fn new(language: Language) -> Self {
        Self {
            language,
            has_pictures: false,
            offers: None,
            program: (env!("CARGO_PKG_NAME").to_owned(), env!("CARGO_PKG_VERSION").to_owned()),
            generated: None,
            chain_hash: None,
        }
    }

    /// Sets whether the page ends with the pictures that the applicant handed in last.
    pub fn pictures(mut self, has_pictures: bool) -> Self {
        self.has_pictures = has_pictures;
        self
    }

    /// Tells what the configured vendors offer, as [`Verification::offers`](crate::Verification::offers) returns it, so that the
    /// page can say what nobody offers and what the policy does with them.
    pub fn offers(mut self, offers: &[(&str, &[Offer])]) -> Self {
        let own = |(vendor, offers): &(&str, &[Offer])| ((*vendor).to_owned(), offers.to_vec());
        self.offers = Some(offers.iter().map(own).collect());
        self
    }

    /// Names the program that made the page: this crate by default.
    pub fn program(mut self, name: impl Into<String>, version: impl Into<String>) -> Self {
        self.program = (name.into(), version.into());
        self
    }

    /// Tells when the page is made.
    pub fn generated_at(mut self, at: Timestamp) -> Self {
        self.generated = Some(at);
        self
    }

    /// Tells the hash of the newest record, as [`Ledger::verify`](crate::Ledger::verify) returns it once it has checked them all.
    pub fn chain_hash(mut self, hash: [u8; 32]) -> Self {
        self.chain_hash = Some(hash);
        self
    }
}

/// Writes the case as a page of HTML.
///
/// It names the person and shows what vendors answered: it is an export of personal data, to be kept like the case itself.
///
/// ```no_run
/// use kyc_verify::html::{PageOptions, page};
/// use kyc_verify::{CaseId, Language, Ledger as _, SqliteStore, Verification};
///
/// # async fn export(
/// #     verification: Verification, store: SqliteStore, case: CaseId,
/// # ) -> Result<(), Box<dyn std::error::Error>> {
/// let report = verification.show(case).await?;
/// let options = PageOptions::new(Language::Portuguese)
///     .offers(&verification.offers())
///     .chain_hash(store.verify(case).await?);
/// std::fs::write("report.html", page(&report, &options))?;
/// # Ok(())
/// # }
/// ```
#[must_use]
pub fn page(report: &CaseReport, options: &PageOptions) -> String {
    frame::page(&Page { report, options, words: Words(options.language) }).into_string()
}

/// What every section is made of.
struct Page<'a> {
    report: &'a CaseReport,
    options: &'a PageOptions,
    words: Words,
}

impl Page<'_> {
    fn is_forgotten(&self) -> bool {
        self.report.state == CaseState::Forgotten
    }
}
