//! The applicants, and the results about them.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use tempfile::TempDir;

/// One paid call at each vendor, each of which names the person.
pub(super) const TWO_VENDORS: &str = r#"
version = "two vendors"
[check.registration]
by = ["cellere"]
pass = ["regular"]
[check.face_document]
by = ["clearsale"]
max_false_accept = "1/10000"
"#;

/// Two pictures are uploaded, and each is queried until it is analysed.
pub(super) const LIMITED_VENDOR: &str = r#"
version = "one vendor"
[check.liveness]
by = ["bankly"]
method = "still"
[check.face_document]
by = ["bankly"]
min_similarity = { bankly = 0.90 }
"#;

/// A folder with a file of applicants, who share two pictures.
pub(super) struct Folder(TempDir);

impl Folder {
    pub(super) fn new(people: usize, policy: &str) -> Result<Self> {
        let folder = Self(tempfile::Builder::new().prefix("prove-batch-").tempdir()?);
        fs::write(folder.path("policy.toml"), policy)?;
        fs::write(folder.path("selfie.png"), picture(640))?;
        fs::write(folder.path("front.png"), picture(800))?;
        let mut file = std::io::BufWriter::new(fs::File::create(folder.path("people.csv"))?);
        writeln!(file, "reference;cpf;name;birth_date;document_kind;selfie;front")?;
        for number in 0..people {
            // Distinct, and far from the numbers that choose an outcome.
            let cpf = cpf(100_000_000 + 37 * number);
            writeln!(file, "r-{number};{cpf};Pessoa Exemplo;31/01/1990;cnh;selfie.png;front.png")?;
        }
        file.flush()?;
        Ok(folder)
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(super) fn root(&self) -> &Path {
        self.0.path()
    }

    /// Returns the number of results so far.
    pub(super) fn lines(&self) -> usize {
        let Ok(text) = fs::read(self.path("results.csv")) else { return 0 };
        text.iter().filter(|byte| **byte == b'\n').count().saturating_sub(1)
    }

    /// Returns what the command said at last.
    pub(super) fn last_words(&self) -> String {
        let text = fs::read_to_string(self.path("stderr")).unwrap_or_default();
        let lines: Vec<_> = text.lines().rev().take(5).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join(" / ")
    }

    pub(super) fn results(&self) -> Result<Results> {
        let file = BufReader::new(fs::File::open(self.path("results.csv"))?);
        let mut results = Results { rows: BTreeMap::new(), twice: 0 };
        for line in file.lines().skip(1) {
            let line = line?;
            let cells: Vec<_> = line.split(',').collect();
            let cell = |at: usize| cells.get(at).copied().context("a line of results is incomplete");
            let row =
                Row { state: cell(3)?.to_owned(), paid: cell(11)?.parse()?, uncertain: cell(12)?.parse()? };
            results.twice += usize::from(results.rows.insert(cell(1)?.to_owned(), row).is_some());
        }
        Ok(results)
    }
}

/// The results by reference.
pub(super) struct Results {
    pub(super) rows: BTreeMap<String, Row>,
    /// How many references have another line before.
    pub(super) twice: usize,
}

pub(super) struct Row {
    pub(super) state: String,
    pub(super) paid: u64,
    pub(super) uncertain: u64,
}

/// Returns a valid CPF for a number of nine digits.
fn cpf(number: usize) -> String {
    let mut digits: Vec<u32> =
        format!("{number:09}").chars().filter_map(|digit| digit.to_digit(10)).collect();
    for weight in [10, 11] {
        let sum: u32 = digits.iter().zip(0..).map(|(digit, place)| digit * (weight - place)).sum();
        digits.push(sum * 10 % 11 % 10);
    }
    digits.iter().map(u32::to_string).collect()
}

/// Returns a PNG without content that is large enough for every vendor.
fn picture(width: u32) -> Vec<u8> {
    let mut bytes = test_support::png(width);
    // The height follows the width.
    bytes[20..24].copy_from_slice(&(width * 3 / 4).to_be_bytes());
    bytes
}
