//! An applicant as a record of the file states it.

use std::path::{Component, Path, PathBuf};

use kyc_core::{Applicant, Cpf, Date, DocumentKind, IdentityDocument, Media, Pii};

use super::columns::{Column, Columns};
use super::records::{Bad, Record};
use crate::messages::{Messages, Said};

/// The most characters of a reference and of a name.
const MAX_CHARS: usize = 200;

/// The fewest digits of a CPF that a spreadsheet took for a number: more leading zeros than three are lost hardly ever.
const MIN_DIGITS: usize = 8;

/// The words of a rule.
type Rule = fn(&Messages) -> &'static str;

/// An applicant, whose pictures are still to be read.
#[derive(Clone)]
pub(super) struct Row {
    pub(super) line: u64,
    pub(super) reference: String,
    /// Whether the CPF had lost its leading zeros.
    pub(super) has_lost_zeros: bool,
    applicant: Applicant,
    selfie: Option<PathBuf>,
    document: Option<DocumentKind>,
    front: Option<PathBuf>,
    back: Option<PathBuf>,
}

impl Row {
    pub(super) fn of(columns: &Columns, record: &Record) -> Result<Self, Bad> {
        Cells { columns, record }.row()
    }

    /// Reads the pictures, which are below `folder`. It blocks for a short time.
    pub(super) fn applicant(&self, folder: &Path) -> Result<Applicant, Bad> {
        let read = |path: &Option<PathBuf>, column: Column| {
            let picture = path.as_ref().map(|path| picture(folder, path)).transpose();
            picture.map_err(|rule| Bad { line: self.line, field: Some(column.name()), rule })
        };
        let mut applicant = self.applicant.clone();
        applicant.selfie = read(&self.selfie, Column::Selfie)?;
        if let (Some(kind), Some(front)) = (&self.document, read(&self.front, Column::Front)?) {
            let mut document = IdentityDocument::new(kind.clone(), front);
            document.back = read(&self.back, Column::Back)?;
            applicant.document = Some(document);
        }
        Ok(applicant)
    }
}

/// Reads a picture, unless a symbolic link leads out of the folder, which has no links in its own path.
fn picture(folder: &Path, path: &Path) -> Result<Media, Said> {
    let path = match folder.join(path).canonicalize() {
        Ok(path) => path,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(said(|t| t.errors.does_not_exist));
        }
        Err(error) => return Err(crate::files::unreadable(&error)),
    };
    if !path.starts_with(folder) {
        return Err(said(|t| t.batch.outside));
    }
    Ok(Media::read(path)?)
}

struct Cells<'a> {
    columns: &'a Columns,
    record: &'a Record,
}

impl Cells<'_> {
    fn row(&self) -> Result<Row, Bad> {
        let required = |column| self.text(column)?.ok_or_else(|| self.bad(column, |t| t.batch.is_required));
        let reference = required(Column::Reference)?;
        let (cpf, has_lost_zeros) =
            cpf(required(Column::Cpf)?).map_err(|rule| self.bad(Column::Cpf, rule))?;
        let mut applicant = Applicant::new(cpf);
        let name = self.text(Column::Name)?;
        applicant.name = name.map(|name| Pii::new(name.split_whitespace().collect::<Vec<_>>().join(" ")));
        if let Some(text) = self.text(Column::BirthDate)? {
            let date = date(text).ok_or_else(|| self.bad(Column::BirthDate, |t| t.batch.no_date))?;
            applicant.birth_date = Some(Pii::new(date));
        }
        let kind = self.text(Column::DocumentKind)?;
        let document = kind.map(|text| kind_of(text).ok_or(text)).transpose();
        let document = document.map_err(|_| self.bad(Column::DocumentKind, |t| t.batch.no_kind))?;
        let [selfie, front, back] = [Column::Selfie, Column::Front, Column::Back].map(|at| self.path(at));
        let (selfie, front, back) = (selfie?, front?, back?);
        if front.is_some() && document.is_none() {
            return Err(self.bad(Column::DocumentKind, |t| t.batch.required_with_front));
        }
        if back.is_some() && front.is_none() {
            return Err(self.bad(Column::Front, |t| t.batch.required_with_back));
        }
        let (line, reference) = (self.record.line, reference.to_owned());
        Ok(Row { line, reference, has_lost_zeros, applicant, selfie, document, front, back })
    }

    fn bad(&self, column: Column, rule: Rule) -> Bad {
        Bad { field: Some(column.name()), ..Bad::new(self.record.line, rule) }
    }

    fn text(&self, column: Column) -> Result<Option<&str>, Bad> {
        let Some(text) = self.columns.text(&self.record.cells, column) else { return Ok(None) };
        // A cell of a spreadsheet may hold a line break, as a name that is written on two lines.
        let is_break = |character| column == Column::Name && matches!(character, '\n' | '\r' | '\t');
        if text.chars().any(|character| character.is_control() && !is_break(character)) {
            return Err(self.bad(column, |t| t.batch.not_text));
        }
        if text.chars().count() > MAX_CHARS {
            return Err(self.bad(column, |t| t.batch.too_long));
        }
        Ok(Some(text))
    }

    /// Returns a path below the folder, as far as its text tells.
    fn path(&self, column: Column) -> Result<Option<PathBuf>, Bad> {
        let Some(text) = self.text(column)? else { return Ok(None) };
        // As Windows writes it: no name of a picture holds one.
        let path = PathBuf::from(text.replace('\\', "/"));
        let mut parts = path.components();
        let is_below = parts.all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        // `C:` is a name on other systems.
        if is_below && !text.contains(':') {
            Ok(Some(path))
        } else {
            Err(self.bad(column, |t| t.batch.outside))
        }
    }
}

/// Parses a CPF, and tells whether it had lost its leading zeros as a number of a spreadsheet does.
fn cpf(text: &str) -> Result<(Cpf, bool), Rule> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    let is_short = is_number && (MIN_DIGITS..11).contains(&text.len());
    let whole = if is_short { format!("{text:0>11}") } else { text.to_owned() };
    match Cpf::parse(&whole) {
        Ok(cpf) => Ok((cpf, is_short)),
        Err(_) if is_number && text.len() == 11 => Err(|t| t.batch.check_digits),
        Err(_) if is_short => Err(|t| t.batch.check_digits),
        Err(_) => Err(|t| t.batch.no_cpf),
    }
}

/// Parses a date, also with a day and a month of one digit.
fn date(text: &str) -> Option<Date> {
    let parts: Vec<_> = text.split('/').collect();
    let padded = match parts.as_slice() {
        [day, month, year] if !day.is_empty() && !month.is_empty() => format!("{day:0>2}/{month:0>2}/{year}"),
        _ => text.to_owned(),
    };
    let date = Date::parse(&padded).ok()?;
    // Neither a year that was typed wrong nor one of a spreadsheet's dates that begin at zero.
    (date.ymd().0 >= 1900).then_some(date)
}

/// Returns a kind of document that identifies a person.
fn kind_of(text: &str) -> Option<DocumentKind> {
    Some(match text.to_lowercase().as_str() {
        "rg" => DocumentKind::Rg,
        "cnh" => DocumentKind::Cnh,
        "cin" => DocumentKind::Cin,
        "dni" => DocumentKind::Dni,
        "rne" => DocumentKind::Rne,
        "crnm" => DocumentKind::Crnm,
        "passport" | "passaporte" => DocumentKind::Passport,
        _ => return None,
    })
}

fn said(rule: Rule) -> Said {
    Said::new(|t| rule(t).to_owned())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const HEADINGS: [&str; 8] =
        ["reference", "cpf", "name", "birth_date", "document_kind", "selfie", "front", "back"];

    fn row(cells: &[&str]) -> Result<Row, String> {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let columns = Columns::of(&texts(&HEADINGS)).expect("columns");
        Row::of(&columns, &Record { line: 7, cells: texts(cells) }).map_err(|bad| told(&bad))
    }

    fn told(bad: &Bad) -> String {
        assert_eq!(bad.line, 7);
        format!("{}: {}", bad.field.unwrap_or_default(), bad.rule.english())
    }

    fn refusal(cells: &[&str]) -> String {
        row(cells).err().expect("refused")
    }

    #[test]
    fn an_applicant_is_read() {
        let row =
            row(&[" r-1 ", "529.982.247-25", "Maria\n da  Silva", "1/2/1990", "CNH", "a.png", "b\\c.png"]);
        let row = row.expect("a row");
        assert_eq!((row.line, row.reference.as_str(), row.has_lost_zeros), (7, "r-1", false));
        let Applicant { cpf, name, birth_date, .. } = &row.applicant;
        assert_eq!(
            (cpf.digits(), name.as_ref().map(Pii::expose)),
            ("52998224725", Some(&"Maria da Silva".into()))
        );
        assert_eq!(birth_date.as_ref().map(|date| date.expose().to_iso8601()).as_deref(), Some("1990-02-01"));
        assert_eq!((row.document, row.front), (Some(DocumentKind::Cnh), Some("b/c.png".into())));
    }

    #[test]
    fn lost_zeros_are_accepted_only_if_the_check_digits_hold() {
        assert!(!row(&["r", "93000000127"]).expect("a row").has_lost_zeros);
        for (number, digits) in [("1020304057", "01020304057"), ("20304030", "00020304030")] {
            let Ok(found) = row(&["r", number]) else { panic!("{number} is refused") };
            assert_eq!((found.applicant.cpf.digits(), found.has_lost_zeros), (digits, true));
        }
        assert_eq!(refusal(&["r", "1020304058"]), "cpf: the check digits do not match");
        assert_eq!(refusal(&["r", "52998224726"]), "cpf: the check digits do not match");
        for other in ["191", "1,02E+10", "010.203.040", "1020304057x"] {
            assert_eq!(refusal(&["r", other]), "cpf: must have 11 digits", "{other}");
        }
    }

    #[test]
    fn each_bad_cell_is_told_by_its_rule() {
        const CPF: &str = "52998224725";
        for (cells, told) in [
            (&["", CPF][..], "reference: is required"),
            (&["r"], "cpf: is required"),
            (&["a\u{7}b", CPF], "reference: must be text"),
            (&[&"x".repeat(201), CPF], "reference: is longer than 200 characters"),
            (&["r", CPF, "", "31/02/1990"], "birth_date: must be a date, as 31/01/1990"),
            (&["r", CPF, "", "1/2/90"], "birth_date: must be a date, as 31/01/1990"),
            (&["r", CPF, "", "01/02/0090"], "birth_date: must be a date, as 31/01/1990"),
            (
                &["r", CPF, "", "", "card"],
                "document_kind: must be one of rg, cnh, cin, dni, rne, crnm, passport",
            ),
            (&["r", CPF, "", "", "", "", "f.png"], "document_kind: is required with front"),
            (&["r", CPF, "", "", "rg", "", "", "b.png"], "front: is required with back"),
        ] {
            assert_eq!(refusal(cells), told);
        }
    }

    #[test]
    fn pictures_are_below_the_folder_of_the_file() {
        for path in ["../a.png", "/etc/passwd", "a/../../b", "C:\\a.png", "\\\\server\\a", "..\\a.png"] {
            let told = refusal(&["r", "52998224725", "", "", "", path]);
            assert_eq!(told, "selfie: must be below the folder of the file", "{path}");
        }
    }

    #[test]
    fn a_link_leads_nowhere_else() {
        let outer = tempfile::tempdir().expect("a folder");
        let folder = outer.path().canonicalize().expect("a folder").join("in");
        fs::create_dir(&folder).expect("a folder");
        let png = kyc_sandbox::samples::A_2014;
        fs::write(folder.join("a.png"), png).expect("written");
        fs::write(outer.path().join("out.png"), png).expect("written");
        let read = |path: &str| {
            let applicant = row(&["r", "52998224725", "", "", "", path]).expect("a row").applicant(&folder);
            applicant.map(|applicant| applicant.selfie.is_some()).map_err(|bad| told(&bad))
        };
        assert_eq!(read("./a.png"), Ok(true));
        assert_eq!(read("b.png").expect_err("missing"), "selfie: does not exist");
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink("../out.png", folder.join("link.png")).expect("a link");
            std::os::unix::fs::symlink("a.png", folder.join("inner.png")).expect("a link");
            assert_eq!(read("inner.png"), Ok(true));
            assert_eq!(
                read("link.png").expect_err("outside"),
                "selfie: must be below the folder of the file"
            );
        }
    }
}
