//! `cargo xtask schemas`: the JSON Schema of every body of every vendor, under docs/schemas.
//!
//! The test `coverage` of each vendor's crate makes the schemas, and validates every fixture, read and written again, against
//! its own.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::coverage;
use crate::outputs::{Args, Outputs};

const FOLDER: &str = "docs/schemas";

pub(crate) fn run(root: &Path, args: &Args) -> Result<()> {
    let (proofs, vendors) = coverage::prove(root, "coverage::every_body_matches_its_schema")?;
    let mut outputs = Outputs::default();
    outputs.own(FOLDER);
    for vendor in &vendors {
        let folder = proofs.join("schemas").join(vendor);
        for entry in fs::read_dir(&folder).with_context(|| format!("{vendor} has written no schema"))? {
            let path = entry.context("cannot list the schemas")?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let text = fs::read_to_string(&path).with_context(|| format!("cannot read {name}"))?;
            outputs.file(format!("{FOLDER}/{vendor}/{name}"), text);
        }
    }
    outputs.finish(root, args, "cargo xtask schemas")
}
