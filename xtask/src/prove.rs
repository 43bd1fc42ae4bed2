//! `cargo xtask prove`: builds and runs the package in `tests/prove`. Its last line is a verdict, and so is the exit code.

use std::path::Path;

use anyhow::Result;

use crate::cargo::{cargo, run};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The name of the proof and its arguments; `--help` lists the proofs.
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    proof: Vec<String>,
}

pub(crate) fn prove(root: &Path, args: &Args) -> Result<()> {
    let mut command = cargo(root);
    command.args(["run", "--quiet", "--package", "prove"]);
    // The short form uses the build of the tests.
    if !args.proof.iter().any(|argument| argument == "--short") {
        command.arg("--release");
    }
    run(command.arg("--").args(&args.proof))
}
