//! `cargo xtask tidy`: checks that no compiler makes, without building anything. A violation is a line `file:line: what`.
//!
//! A crate in `crates` whose name does not begin with `kyc-` is a vendor's crate.

mod layout;
mod links;
mod manifests;
mod sources;

use std::fmt;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::outputs::files_below;

pub(crate) fn run(root: &Path) -> Result<()> {
    let violations = violations(root)?;
    for violation in &violations {
        eprintln!("{violation}");
    }
    if !violations.is_empty() {
        bail!("{} violation(s)", violations.len());
    }
    Ok(())
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Violation {
    /// Relative to the repository.
    file: String,
    line: usize,
    what: String,
}

impl Violation {
    fn new(file: impl Into<String>, line: usize, what: impl Into<String>) -> Self {
        Self { file: file.into(), line, what: what.into() }
    }

    /// Creates a violation by a whole file.
    fn of_file(file: impl Into<String>, what: impl Into<String>) -> Self {
        Self::new(file, 1, what)
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.what)
    }
}

fn violations(root: &Path) -> Result<Vec<Violation>> {
    let files = files_below(root, "")?;
    let mut violations = Vec::new();
    layout::check(root, &files, &mut violations)?;
    manifests::check(root, &files, &mut violations)?;
    sources::check(root, &files, &mut violations)?;
    links::check(root, &files, &mut violations)?;
    violations.sort();
    Ok(violations)
}

/// Returns the crates in `crates` that have a manifest.
fn crates(files: &[String]) -> impl Iterator<Item = &str> {
    files
        .iter()
        .filter_map(|file| file.strip_prefix("crates/")?.strip_suffix("/Cargo.toml"))
        .filter(|name| !name.contains('/'))
}

fn is_vendor(name: &str) -> bool {
    !name.starts_with("kyc-")
}

fn read(root: &Path, file: &str) -> Result<String> {
    fs::read_to_string(root.join(file)).with_context(|| format!("cannot read {file}"))
}

#[cfg(test)]
mod tests;
