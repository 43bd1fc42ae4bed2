//! The applicant: what the user hands in, or the sample.

use std::path::{Path, PathBuf};

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use kyc_core::{
    Applicant, Date, DocumentKind, IdentityDocument, Media, MediaFormat, MediaRules, Pii, RetakeItem,
};
use kyc_sandbox::samples;

use crate::failure::Failure;
use crate::messages::{Messages, text};
use crate::person::Person;
use crate::{input, private};

/// The kinds of identity documents that vendors know.
const KINDS: [&str; 7] = ["rg", "cnh", "cin", "dni", "rne", "crnm", "passport"];

/// The formats in which any vendor takes a picture; a digital document is a PDF.
const PICTURES: MediaRules = MediaRules {
    formats: &[
        MediaFormat::Jpeg,
        MediaFormat::Png,
        MediaFormat::Bmp,
        MediaFormat::Webp,
        MediaFormat::Heic,
        MediaFormat::Pdf,
    ],
    max_bytes: None,
    min_pixels: None,
};

/// The most frames of one capture.
const MAX_FRAMES: usize = 64;

/// What the applicant hands in.
#[derive(Debug, Default, clap::Args)]
pub(super) struct Given {
    #[arg(long, help = text().verify_help.cpf)]
    cpf: Option<String>,
    #[arg(long, help = text().verify_help.name)]
    name: Option<String>,
    #[arg(long, value_name = "DAY", help = text().verify_help.birth_date)]
    birth_date: Option<String>,
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["cpf", "name", "birth_date"],
        help = text().help.person
    )]
    person: Option<PathBuf>,
    #[arg(long, value_name = "IMAGE", help = text().verify_help.selfie)]
    selfie: Option<PathBuf>,
    #[arg(long, value_name = "IMAGE", help = text().verify_help.front)]
    front: Option<PathBuf>,
    #[arg(long, value_name = "IMAGE", help = text().verify_help.back)]
    back: Option<PathBuf>,
    #[arg(long, value_name = "TYPE", ignore_case = true, value_parser = kinds(), help = text().verify_help.kind)]
    document_kind: Option<DocumentKind>,
    #[arg(long, value_name = "IMAGE", num_args = 1.., help = text().verify_help.capture)]
    capture: Vec<PathBuf>,
}

pub(in crate::commands) fn kinds() -> impl clap::builder::TypedValueParser<Value = DocumentKind> {
    PossibleValuesParser::new(KINDS).map(|word| DocumentKind::from(word.to_lowercase().as_str()))
}

impl Given {
    /// Whether nothing was handed in, so that the sample stands for the applicant.
    pub(super) fn is_nothing(&self) -> bool {
        let texts = [&self.cpf, &self.name, &self.birth_date];
        let says_nothing = texts.iter().all(|text| text.is_none()) && self.person.is_none();
        says_nothing && self.document_kind.is_none() && !self.has_pictures()
    }

    fn has_pictures(&self) -> bool {
        let pictures = [&self.selfie, &self.front, &self.back];
        pictures.iter().any(|picture| picture.is_some()) || !self.capture.is_empty()
    }

    /// Reads the applicant. Whatever is private is kept out of every later message.
    pub(super) fn read(&self) -> Result<Applicant, Failure> {
        let mut applicant = self.said()?;
        applicant.selfie = self.selfie.as_ref().map(|path| picture("--selfie", path)).transpose()?;
        applicant.document = self.document()?;
        applicant.capture = self.frames()?;
        Ok(applicant)
    }

    fn said(&self) -> Result<Applicant, Failure> {
        if let Some(path) = &self.person {
            let person = Person::read(path)?;
            let mut applicant = Applicant::new(person.cpf);
            applicant.name = Some(person.name);
            applicant.birth_date = Some(Pii::new(person.birth_date));
            return Ok(applicant);
        }
        let Some(cpf) = &self.cpf else { return Err(Failure::input(|t| (t.errors.missing)("--cpf"))) };
        let mut applicant = Applicant::new(input::cpf("--cpf", cpf)?);
        applicant.name = self.name.as_deref().map(name).transpose()?;
        applicant.birth_date = self.birth_date.as_deref().map(birth_date).transpose()?;
        Ok(applicant)
    }

    fn document(&self) -> Result<Option<IdentityDocument>, Failure> {
        let missing = |what: &'static str| Failure::input(|t| (t.errors.missing)(what));
        let Some(front) = &self.front else {
            return match (&self.back, &self.document_kind) {
                (None, None) => Ok(None),
                _ => Err(missing("--front")),
            };
        };
        let kind = self.document_kind.clone().ok_or_else(|| missing("--document-kind"))?;
        let mut document = IdentityDocument::new(kind, picture("--front", front)?);
        document.back = self.back.as_ref().map(|path| picture("--back", path)).transpose()?;
        Ok(Some(document))
    }

    fn frames(&self) -> Result<Vec<Media>, Failure> {
        if self.capture.len() > MAX_FRAMES {
            return Err(Failure::input(|t| {
                (t.errors.subject)("--capture", &(t.verify.too_many_frames)(MAX_FRAMES))
            }));
        }
        self.capture.iter().map(|path| picture("--capture", path)).collect()
    }

    /// Reads what is handed in again: one picture, or all frames of a capture. What a person says cannot be changed afterwards.
    pub(super) fn again(&self) -> Result<Vec<(RetakeItem, Vec<Media>)>, Failure> {
        let said = [("--cpf", &self.cpf), ("--name", &self.name), ("--birth-date", &self.birth_date)];
        let said = said.iter().find(|(_, text)| text.is_some()).map(|(option, _)| *option);
        if let Some(option) = said.or(self.person.is_some().then_some("--person")) {
            return Err(Failure::input(|t| (t.errors.subject)(option, t.verify.only_pictures_again)));
        }
        let pictures = [
            (RetakeItem::Selfie, "--selfie", &self.selfie),
            (RetakeItem::Front, "--front", &self.front),
            (RetakeItem::Back, "--back", &self.back),
        ];
        let given =
            pictures.into_iter().filter_map(|(item, option, path)| Some((item, option, path.as_ref()?)));
        let mut again = Vec::new();
        for (item, option, path) in given {
            again.push((item, vec![picture(option, path)?]));
        }
        let frames = self.frames()?;
        if !frames.is_empty() {
            again.push((RetakeItem::Capture, frames));
        }
        Ok(again)
    }
}

fn name(name: &str) -> Result<Pii<String>, Failure> {
    let name = name.trim();
    if name.is_empty() {
        return Err(Failure::input(|t| (t.errors.subject)("--name", t.verify.empty)));
    }
    private::add_name(name);
    Ok(Pii::new(name.to_owned()))
}

fn birth_date(day: &str) -> Result<Pii<Date>, Failure> {
    private::add(day);
    let date = Date::parse(day.trim());
    date.map(Pii::new).map_err(|rule| Failure::refused(|_| "--birth-date".to_owned(), rule))
}

/// Reads a picture. What each vendor accepts of these formats is the vendor's rule.
fn picture(option: &str, path: &Path) -> Result<Media, Failure> {
    let named = |t: &Messages| format!("{option} ({})", input::shown(t, path));
    let picture = input::image(path).map_err(|rule| Failure::refused(named, rule))?;
    picture.check(&PICTURES).map_err(|rule| Failure::refused(named, rule))?;
    Ok(picture)
}

/// Returns the sample applicant, whom every vendor of the sandbox knows.
pub(super) fn sample() -> Result<Applicant, Failure> {
    samples::applicant().map_err(|rule| Failure::refused(|_| "sample".to_owned(), rule))
}
