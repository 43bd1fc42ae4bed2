//! The records of a CSV file as spreadsheets save it, one after the other, in memory that does not grow with the file.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Seek as _};
use std::path::Path;

use csv_core::{ReadRecordResult, Reader, ReaderBuilder, Terminator};
use encoding_rs_io::{DecodeReaderBytes, DecodeReaderBytesBuilder};

use super::columns;
use crate::messages::{Messages, Said};

/// The most bytes of a line: no applicant needs more.
const MAX_LINE: usize = 16 * 1024;
/// The most lines of a record, whose cells may hold line breaks. Without a limit one quote too many would swallow the rest of the
/// file, and a file of such quotes would be read again and again.
const MAX_LINES: usize = 10;
/// The most cells of a record.
const MAX_CELLS: usize = 100;

/// A line of the file that holds no applicant, or not one that can be used.
pub(super) struct Bad {
    pub(super) line: u64,
    /// The name of the column.
    pub(super) field: Option<&'static str>,
    pub(super) rule: Said,
}

impl Bad {
    pub(super) fn new(line: u64, rule: fn(&Messages) -> &'static str) -> Self {
        Self { line, field: None, rule: Said::new(|t| rule(t).to_owned()) }
    }
}

/// The cells of a record, and the line on which it begins.
pub(super) struct Record {
    pub(super) line: u64,
    pub(super) cells: Vec<String>,
}

/// What the file is written in, and how much it holds.
pub(super) struct Survey {
    is_utf8: bool,
    delimiter: u8,
    /// The number of records below the headings.
    pub(super) records: u64,
}

impl Survey {
    /// Reads the whole file once. Text that is not UTF-8 is Windows-1252, which includes Latin-1.
    pub(super) fn of(file: &mut File) -> io::Result<Self> {
        let mut survey = Self { is_utf8: true, delimiter: b',', records: 0 };
        let mut records = survey.records(file)?;
        while records.advance()?.is_some() {
            survey.records += 1;
        }
        (survey.is_utf8, survey.delimiter) = (records.lines.is_utf8, records.delimiter);
        survey.records = survey.records.saturating_sub(1);
        Ok(survey)
    }

    /// Reads the records from the beginning.
    pub(super) fn records<'a>(&self, file: &'a mut File) -> io::Result<Records<'a>> {
        file.rewind()?;
        let mut decoder = DecodeReaderBytesBuilder::new();
        decoder.bom_override(true);
        if !self.is_utf8 {
            decoder.encoding(Some(encoding_rs::WINDOWS_1252));
        }
        let lines = Lines {
            input: BufReader::new(decoder.build(file)),
            again: VecDeque::new(),
            number: 0,
            is_utf8: true,
        };
        Ok(Records {
            lines,
            delimiter: self.delimiter,
            parser: Box::new(parser(self.delimiter)),
            is_first: true,
        })
    }
}

/// Opens a file that can be read twice.
pub(super) fn open(path: &Path) -> Result<File, Said> {
    let words = |rule: fn(&Messages) -> &'static str| Said::new(|t| rule(t).to_owned());
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => Err(words(|t| t.errors.is_directory)),
        Ok(metadata) if !metadata.is_file() => Err(words(|t| t.errors.is_not_file)),
        Ok(metadata) if metadata.len() > MAX_FILE => Err(words(|t| t.errors.is_too_large)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(words(|t| t.errors.does_not_exist)),
        _ => File::open(path).map_err(|error| crate::files::unreadable(&error)),
    }
}

/// More than a million applicants.
const MAX_FILE: u64 = 1024 * 1024 * 1024;

struct Line {
    number: u64,
    /// `None`: it is too long.
    text: Option<Vec<u8>>,
}

/// The lines of the file without their ends.
struct Lines<'a> {
    input: BufReader<DecodeReaderBytes<&'a mut File, Vec<u8>>>,
    /// Lines that are to be read once more.
    again: VecDeque<Line>,
    number: u64,
    is_utf8: bool,
}

impl Lines<'_> {
    fn next(&mut self) -> io::Result<Option<Line>> {
        if let Some(line) = self.again.pop_front() {
            return Ok(Some(line));
        }
        let (mut text, mut is_too_long, mut is_there) = (Vec::new(), false, false);
        loop {
            let chunk = self.input.fill_buf()?;
            if chunk.is_empty() {
                break;
            }
            is_there = true;
            let end = chunk.iter().position(|byte| *byte == b'\n');
            let part = &chunk[..end.unwrap_or(chunk.len())];
            is_too_long |= text.len() + part.len() > MAX_LINE;
            if !is_too_long {
                text.extend_from_slice(part);
            }
            let used = end.map_or(chunk.len(), |end| end + 1);
            self.input.consume(used);
            if end.is_some() {
                break;
            }
        }
        if !is_there {
            return Ok(None);
        }
        self.number += 1;
        if text.last() == Some(&b'\r') {
            text.pop();
        }
        self.is_utf8 &= std::str::from_utf8(&text).is_ok();
        Ok(Some(Line { number: self.number, text: (!is_too_long).then_some(text) }))
    }
}

/// Reads one record after the other, the headings first.
pub(super) struct Records<'a> {
    lines: Lines<'a>,
    delimiter: u8,
    parser: Box<Reader>,
    is_first: bool,
}

/// The cells of a record as they stand in the file, and the line on which it begins.
type Raw = (u64, Vec<Vec<u8>>);

impl Records<'_> {
    /// Returns the next record, or a line that is none; `None` at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Result<Record, Bad>>> {
        let Some(read) = self.advance()? else { return Ok(None) };
        Ok(Some(read.and_then(|(line, cells)| {
            let text = |cell| String::from_utf8(cell).ok().filter(|text| !text.contains('\u{FFFD}'));
            let cells: Option<Vec<_>> = cells.into_iter().map(text).collect();
            let cells = cells.ok_or_else(|| Bad::new(line, |t| t.batch.not_text))?;
            Ok(Record { line, cells })
        })))
    }

    fn advance(&mut self) -> io::Result<Option<Result<Raw, Bad>>> {
        loop {
            let Some(line) = self.lines.next()? else { return Ok(None) };
            let number = line.number;
            let Some(text) = line.text else {
                return Ok(Some(Err(Bad::new(number, |t| t.batch.line_too_long))));
            };
            if std::mem::take(&mut self.is_first) {
                if text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case(b"sep=")) {
                    // Some spreadsheets write it before the headings.
                    self.is_first = true;
                    continue;
                }
                self.delimiter = columns::delimiter(&text);
                *self.parser = parser(self.delimiter);
            }
            match self.record(number, text)? {
                Ok(cells) if cells.iter().all(|cell| cell.trim_ascii().is_empty()) => {}
                record => return Ok(Some(record.map(|cells| (number, cells)))),
            }
        }
    }

    /// Reads the record that begins with this line.
    fn record(&mut self, number: u64, first: Vec<u8>) -> io::Result<Result<Vec<Vec<u8>>, Bad>> {
        let (mut text, mut more) = (first, Vec::new());
        loop {
            text.push(b'\n');
            match split(&mut self.parser, &text) {
                Split::Cells(cells) => return Ok(Ok(cells)),
                Split::TooMany => return Ok(Err(Bad::new(number, |t| t.batch.too_many_cells))),
                Split::Open => {}
            }
            let line = if more.len() + 1 < MAX_LINES { self.lines.next()? } else { None };
            let next = line.as_ref().and_then(|line| line.text.as_ref());
            match next.filter(|next| text.len() + next.len() <= MAX_LINE) {
                Some(next) => text.extend_from_slice(next),
                None => {
                    // The quote is one too many: the lines after it are applicants of their own.
                    more.extend(line);
                    self.lines.again.extend(more);
                    return Ok(Err(Bad::new(number, |t| t.batch.open_quote)));
                }
            }
            more.extend(line);
        }
    }
}

enum Split {
    Cells(Vec<Vec<u8>>),
    /// It ends within quotes.
    Open,
    TooMany,
}

/// Creates a parser, which takes longer than to split a record by it.
fn parser(delimiter: u8) -> Reader {
    ReaderBuilder::new().delimiter(delimiter).terminator(Terminator::Any(b'\n')).build()
}

/// Splits a record, which ends with a line feed.
fn split(parser: &mut Reader, text: &[u8]) -> Split {
    parser.reset();
    let (mut output, mut ends) = (vec![0; text.len()], [0; MAX_CELLS]);
    let (result, _, _, cells) = parser.read_record(text, &mut output, &mut ends);
    match result {
        ReadRecordResult::Record => {
            let starts = std::iter::once(&0).chain(&ends);
            Split::Cells(
                starts.zip(&ends).take(cells).map(|(start, end)| output[*start..*end].to_vec()).collect(),
            )
        }
        ReadRecordResult::OutputEndsFull => Split::TooMany,
        // A line without any cell.
        _ if text == b"\n" => Split::Cells(Vec::new()),
        _ => Split::Open,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    /// Returns the records below the headings, each as its line and its cells, and the rules that bad lines violate.
    fn read(content: &[u8]) -> Vec<(u64, String)> {
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(content).expect("written");
        let survey = Survey::of(&mut file).expect("read");
        let mut records = survey.records(&mut file).expect("read");
        let mut found = Vec::new();
        while let Some(record) = records.next().expect("read") {
            found.push(match record {
                Ok(record) => (record.line, record.cells.join("|")),
                Err(bad) => (bad.line, bad.rule.english().to_owned()),
            });
        }
        assert_eq!(survey.records, found.len() as u64 - 1, "the survey counts them");
        found.remove(0);
        found
    }

    fn one(content: &[u8]) -> String {
        let mut found = read(content);
        assert_eq!(found.len(), 1, "{found:?}");
        found.remove(0).1
    }

    #[test]
    fn spreadsheets_choose_the_delimiter_and_the_ends_of_lines() {
        assert_eq!(one(b"reference,cpf\na,1\n"), "a|1");
        assert_eq!(one(b"reference;cpf\r\na;1,5\r\n"), "a|1,5");
        assert_eq!(one(b"reference\tcpf\na\t1"), "a|1");
        assert_eq!(one(b"sep=;\r\nreference;cpf\r\na;1\r\n"), "a|1");
    }

    #[test]
    fn text_is_read_in_the_encoding_of_the_file() {
        let (utf8, latin) = ("cpf;nome\n1;João\n", b"cpf;nome\n1;Jo\xE3o \x80\n");
        assert_eq!(one(utf8.as_bytes()), "1|João");
        assert_eq!(one(&[b"\xEF\xBB\xBF", utf8.as_bytes()].concat()), "1|João");
        assert_eq!(one(latin), "1|João €");
        let utf16: Vec<u8> = format!("\u{FEFF}{utf8}").encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(one(&utf16), "1|João");
        assert_eq!(one(b"\xEF\xBB\xBFcpf;nome\n1;Jo\xE3o\n"), "must be text");
    }

    #[test]
    fn a_quoted_cell_may_hold_anything() {
        assert_eq!(one(b"a,b\n\"1,\n\"\"2\"\"\r\n\",x\n"), "1,\n\"2\"\n|x");
        let found = read(b"cpf,b\n\"1\n2\",x\n3,y\n");
        assert_eq!(found, [(2, "1\n2|x".to_owned()), (4, "3|y".to_owned())]);
    }

    #[test]
    fn blank_lines_and_rows_hold_nobody_but_are_counted_as_lines() {
        assert_eq!(read(b"a,b\n\n1,x\n,\n  , \n\r\n2,y\n\n"), [(3, "1|x".to_owned()), (7, "2|y".to_owned())]);
    }

    #[test]
    fn one_quote_too_many_costs_one_line() {
        let found = read(b"a,b\n\"1,x\n2,y\n3,z\n");
        let open = "a quote is not closed".to_owned();
        assert_eq!(found, [(2, open.clone()), (3, "2|y".to_owned()), (4, "3|z".to_owned())]);
        // No more than ten lines belong together.
        let many: String = (0..40).map(|number| format!("{number},x\n")).collect();
        let found = read(format!("a,b\n\"1,x\n{many}").as_bytes());
        assert_eq!((found.len(), &found[0], &found[1]), (41, &(2, open), &(3, "0|x".to_owned())));
        // Files of such quotes are read in time that is proportional to their size.
        let quotes = format!("\"1,x\n{}", "2,y\n".repeat(10)).repeat(10_000);
        assert_eq!(read(format!("a,b\n{quotes}").as_bytes()).len(), 110_000);
    }

    #[test]
    fn a_line_that_is_too_long_is_not_kept() {
        let long = "x".repeat(3 * MAX_LINE);
        let found = read(format!("a,b\n{long}\n1,{}\n2,y\n", "x".repeat(MAX_LINE - 2)).as_bytes());
        assert_eq!((found.len(), &found[0]), (3, &(2, "is longer than 16 KiB".to_owned())));
        assert_eq!(found[2], (4, "2|y".to_owned()));
        assert_eq!(one(format!("a,b\n{}\n", ",".repeat(MAX_CELLS)).as_bytes()), "has more than 100 cells");
    }
}
