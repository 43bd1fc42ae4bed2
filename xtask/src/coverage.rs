//! `cargo xtask coverage`: docs/coverage.md, a row for each item of a vendor's page.
//!
//! The test `coverage` of each vendor's crate proves the rows of its page and writes its section. It fails, with the row, if
//! one is not proved and the page does not say why: this page can only contain what has been proved.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::outputs::{Args, Outputs};
use crate::{cargo, fixtures};

const PAGE: &str = "docs/coverage.md";

/// Ends with the head of the summary.
const HEADER: &str = include_str!("coverage.md");

pub(crate) fn run(root: &Path, args: &Args) -> Result<()> {
    let (folder, vendors) = prove(root, "coverage::every_row_of_the_page_is_proved")?;
    let written = vendors.iter().map(|vendor| {
        let file = folder.join(format!("{vendor}.md"));
        fs::read_to_string(file).with_context(|| format!("{vendor} has not proved its page"))
    });
    let page = page(&written.collect::<Result<Vec<_>>>()?)?;
    let mut outputs = Outputs::default();
    outputs.file(PAGE, page);
    outputs.finish(root, args, "cargo xtask coverage")
}

/// Runs a test of each vendor's crate, and returns the folder with the files that it wrote, and the vendors.
pub(crate) fn prove(root: &Path, test: &str) -> Result<(PathBuf, Vec<String>)> {
    let vendors = fixtures::read_pages(root)?.into_iter().map(|page| page.vendor);
    let vendors: Vec<_> = vendors.filter(|vendor| root.join("crates").join(vendor).is_dir()).collect();
    let folder = cargo::metadata(root)?.target_directory.into_std_path_buf().join("proofs");
    if folder.exists() {
        fs::remove_dir_all(&folder).context("cannot remove earlier proofs")?;
    }
    let mut command = cargo::cargo(root);
    command.args(["test", "--quiet", "--test", "main"]).env("PROOFS", &folder);
    command.args(vendors.iter().flat_map(|vendor| ["--package", vendor]));
    cargo::run(command.args(["--", "--exact", test]))?;
    Ok((folder, vendors))
}

/// Returns the page. What a vendor has written begins with its row of the summary.
fn page(written: &[String]) -> Result<String> {
    let (mut summary, mut sections) = (HEADER.to_owned(), String::new());
    for text in written {
        let (row, section) = text.split_once('\n').context("a proof is empty")?;
        ensure!(row.matches('|').count() == 10, "a proof has no summary: {row}");
        summary += &format!("{row}\n");
        sections += section;
    }
    Ok(summary + &sections)
}
