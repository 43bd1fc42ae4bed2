//! The results: one line for each applicant, as CSV or as JSON, written as they finish.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, BufWriter, Read as _, Write};
use std::path::{Path, PathBuf};

use kyc_core::CheckKind;
use kyc_verify::CaseReport;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::failure::Failure;
use crate::files;

/// A line of results is far shorter.
const MAX_LINE: u64 = 64 * 1024;

/// The columns before and after those of the checks.
const BEFORE: [&str; 5] = ["line", "reference", "case", "state", "rule"];
const AFTER: [&str; 2] = ["paid_calls", "uncertain_calls"];

/// The states that nothing but a person's review would change, so that the line of an earlier run stays.
const FINAL: [&str; 2] = ["approved", "refused"];

/// What the results are written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Csv,
    JsonLines,
}

/// References, each as a hash of a fixed size.
#[derive(Default)]
pub(super) struct References(HashSet<[u8; 16]>);

impl References {
    /// Adds a reference. Returns whether it is new.
    pub(super) fn insert(&mut self, reference: &str) -> bool {
        self.0.insert(hash(reference))
    }

    pub(super) fn remove(&mut self, reference: &str) {
        self.0.remove(&hash(reference));
    }
}

fn hash(reference: &str) -> [u8; 16] {
    let hash = Sha256::digest(reference.as_bytes());
    let mut start = [0; 16];
    start.copy_from_slice(&hash[..16]);
    start
}

/// Where the results are written.
pub(super) struct Results {
    format: Format,
    output: Box<dyn Write + Send>,
}

impl Results {
    /// Writes to standard output.
    pub(super) fn to_stdout(format: Format) -> io::Result<Self> {
        let mut results = Self { format, output: Box::new(io::stdout()) };
        results.head()?;
        Ok(results)
    }

    /// Writes to a file. What an earlier run wrote there stays if it is final; the other applicants are told anew. Returns the
    /// references that stay, and one of their cases.
    pub(super) fn to_file(
        path: &Path,
        format: Format,
    ) -> Result<(Self, References, Option<String>), Failure> {
        let failed = |error: io::Error| files::cannot_write(path, &error);
        let mut part = path.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        let mut kept = Kept::default();
        let file = files::create_private(&part).map_err(failed)?;
        let mut results = Self { format, output: Box::new(BufWriter::new(file)) };
        results.head().map_err(failed)?;
        match File::open(path) {
            Ok(old) => results.keep(old, &mut kept).map_err(|error| match error.kind() {
                io::ErrorKind::InvalidData => Failure::refused(|_| files::shown(path), not_results()),
                _ => failed(error),
            })?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed(error)),
        }
        drop(results);
        let opened = || {
            fs::rename(&part, path)?;
            fs::OpenOptions::new().append(true).open(path)
        };
        let output = Box::new(opened().map_err(failed)?);
        Ok((Self { format, output }, kept.references, kept.case))
    }

    fn head(&mut self) -> io::Result<()> {
        match self.format {
            Format::Csv => self.record(&headings()),
            Format::JsonLines => Ok(()),
        }
    }

    /// Copies the lines that stay. The last one may be incomplete, because the program was killed.
    fn keep(&mut self, old: File, kept: &mut Kept) -> io::Result<()> {
        let mut input = BufReader::new(old);
        let (mut is_first, mut line) = (true, Vec::new());
        loop {
            line.clear();
            let read = input.by_ref().take(MAX_LINE).read_until(b'\n', &mut line)?;
            if read == 0 {
                return self.output.flush();
            }
            if std::mem::take(&mut is_first) && !self.is_own(&line) {
                return Err(io::ErrorKind::InvalidData.into());
            }
            if line.last() == Some(&b'\n')
                && let Some(row) = Row::of(self.format, &line)
                && FINAL.contains(&row.state.as_str())
                && kept.references.insert(&row.reference)
            {
                self.output.write_all(&line)?;
                kept.case = Some(row.case);
            }
        }
    }

    /// Whether a first line is one that this program writes. A file of anything else must not be replaced.
    fn is_own(&self, line: &[u8]) -> bool {
        match self.format {
            Format::Csv => cells(line).is_some_and(|cells| cells == headings()),
            Format::JsonLines => Row::of(self.format, line).is_some(),
        }
    }

    /// Writes the line of an applicant, whole.
    pub(super) fn write(&mut self, line: u64, reference: &str, report: &CaseReport) -> io::Result<()> {
        match self.format {
            Format::Csv => self.record(&row(line, reference, report)),
            Format::JsonLines => {
                let mut object = report.to_json();
                object["line"] = line.into();
                object["reference"] = reference.into();
                self.whole(format!("{object}\n").as_bytes())
            }
        }
    }

    fn record<T: AsRef<[u8]>>(&mut self, cells: &[T]) -> io::Result<()> {
        let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
        writer.write_record(cells)?;
        let line = writer.into_inner().map_err(|_| io::ErrorKind::Other)?;
        self.whole(&line)
    }

    /// One write, so that a program that is killed leaves one incomplete line at most.
    fn whole(&mut self, line: &[u8]) -> io::Result<()> {
        self.output.write_all(line)?;
        self.output.flush()
    }
}

/// What stays of an earlier run.
#[derive(Default)]
struct Kept {
    references: References,
    case: Option<String>,
}

/// A line of results, as far as a later run needs it.
struct Row {
    reference: String,
    case: String,
    state: String,
}

impl Row {
    fn of(format: Format, line: &[u8]) -> Option<Self> {
        let cell = |place: usize| cells(line)?.get(place).cloned();
        let member = |name: &str| {
            let object: Value = serde_json::from_slice(line).ok()?;
            object.get(name)?.as_str().map(str::to_owned)
        };
        match format {
            Format::Csv => Some(Self { reference: literal(&cell(1)?), case: cell(2)?, state: cell(3)? }),
            Format::JsonLines => {
                Some(Self { reference: member("reference")?, case: member("case")?, state: member("state")? })
            }
        }
    }
}

fn cells(line: &[u8]) -> Option<Vec<String>> {
    let reader = csv::ReaderBuilder::new().has_headers(false).from_reader(line);
    let record = reader.into_records().next()?.ok()?;
    Some(record.iter().map(str::to_owned).collect())
}

fn headings() -> Vec<&'static str> {
    let checks = CheckKind::ALL.map(|check| check.as_str());
    BEFORE.into_iter().chain(checks).chain(AFTER).collect()
}

fn row(line: u64, reference: &str, report: &CaseReport) -> Vec<String> {
    let rule = report.decision.as_ref().map_or("", |decision| decision.rule.as_str());
    let check = |kind: CheckKind| {
        let result = report.checks.iter().find(|result| result.check == kind);
        result.map_or("", |result| result.state.as_str()).to_owned()
    };
    let before = [
        line.to_string(),
        harmless(reference),
        report.case.to_string(),
        report.state.as_str().to_owned(),
        rule.to_owned(),
    ];
    let after = [report.paid_calls.to_string(), report.uncertain_calls.to_string()];
    before.into_iter().chain(CheckKind::ALL.map(check)).chain(after).collect()
}

/// Characters with which a spreadsheet's formula begins, and the one that tells it that there is none.
const FORMULA: [char; 7] = ['=', '+', '-', '@', '\t', '\r', '\''];

/// Writes a text so that no spreadsheet takes it for a formula. [`literal`] takes it back.
fn harmless(text: &str) -> String {
    if text.starts_with(FORMULA) { format!("'{text}") } else { text.to_owned() }
}

fn literal(cell: &str) -> String {
    cell.strip_prefix('\'').filter(|text| text.starts_with(FORMULA)).unwrap_or(cell).to_owned()
}

fn not_results() -> crate::messages::Said {
    crate::messages::Said::new(|t| t.batch.not_results.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADINGS: &str = "line,reference,case,state,rule,registration,document,face_document,\
        face_register,liveness,risk,paid_calls,uncertain_calls\n";

    fn line(reference: &str, state: &str) -> String {
        format!("2,{reference},v_0123456789ABCDEF,{state},all_passed,passed,,,,,,1,0\n")
    }

    /// Returns what stays of a file, and how many references.
    fn kept(format: Format, content: &str) -> Result<(String, usize), String> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("results");
        fs::write(&path, content).expect("written");
        let opened = Results::to_file(&path, format);
        let told = |failure: Failure| match failure {
            Failure::Input(said) => said.english().split_once(": ").unwrap_or_default().1.to_owned(),
            other => format!("{other:?}"),
        };
        let (results, references, _) = opened.map_err(told)?;
        drop(results);
        assert!(!folder.path().join("results.part").exists());
        Ok((fs::read_to_string(&path).expect("read"), references.0.len()))
    }

    #[test]
    fn a_formula_is_quoted_and_every_text_is_taken_back() {
        for (text, cell) in [("a-1", "a-1"), ("=1+1", "'=1+1"), ("-a", "'-a"), ("@a", "'@a"), ("+a", "'+a")] {
            assert_eq!(harmless(text), cell);
        }
        for text in ["a", "=a", "'=a", "''=a", "'a", "'", "", "\ta", "\r", "ação"] {
            assert_eq!(literal(&harmless(text)), text);
        }
        assert_eq!(harmless("'=a"), "''=a");
    }

    #[test]
    fn what_is_final_stays_once_and_a_line_that_was_cut_off_goes() {
        let stays = line("a", "approved") + &line("\"b,c\"", "refused") + &line("'=d", "approved");
        let goes =
            line("e", "review") + &line("f", "waits_for_vendor") + "garbage\n" + &line("a", "approved");
        let cut = &line("g", "approved")[..20];
        let (text, references) = kept(Format::Csv, &format!("{HEADINGS}{stays}{goes}{cut}")).expect("kept");
        assert_eq!((text, references), (format!("{HEADINGS}{stays}"), 3));
        assert_eq!(kept(Format::Csv, "").expect("kept"), (HEADINGS.to_owned(), 0));
        assert_eq!(kept(Format::Csv, HEADINGS).expect("kept"), (HEADINGS.to_owned(), 0));
    }

    #[test]
    fn lines_of_json_stay_as_well() {
        let line = |reference: &str, state: &str| {
            format!("{{\"reference\":\"{reference}\",\"case\":\"v_0\",\"state\":\"{state}\"}}\n")
        };
        let content = line("a", "approved") + &line("b", "review") + "{\"reference\":";
        let (text, references) = kept(Format::JsonLines, &content).expect("kept");
        assert_eq!((text, references), (line("a", "approved"), 1));
    }

    #[test]
    fn a_file_of_something_else_is_not_replaced() {
        let told = "exists and does not hold results of this format: name another file";
        assert_eq!(kept(Format::Csv, "reference,cpf\na,1\n").expect_err("refused"), told);
        assert_eq!(kept(Format::JsonLines, HEADINGS).expect_err("refused"), told);
        assert_eq!(kept(Format::Csv, &line("a", "approved")).expect_err("refused"), told);
    }
}
