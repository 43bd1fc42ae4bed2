//! `cargo xtask bench` and `cargo xtask prove`: build and run the packages in `tests`. The bench writes `docs/benchmarks.md`; the
//! last line of a proof is a verdict, and so is its exit code.

use std::path::Path;

use anyhow::Result;

use crate::cargo::{cargo, run};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The program's own arguments; `--help` after `--` explains them.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

pub(crate) fn bench(root: &Path, args: &Args) -> Result<()> {
    // Both binaries: the main one starts the one that counts allocations.
    run(cargo(root).args(["build", "--release", "--package", "bench"]))?;
    let bench = ["run", "--quiet", "--release", "--package", "bench", "--bin", "bench", "--"];
    run(cargo(root).args(bench).args(&args.arguments))
}

pub(crate) fn prove(root: &Path, args: &Args) -> Result<()> {
    // The short form uses the build of the tests.
    let is_short = args.arguments.iter().any(|argument| argument == "--short");
    if args.arguments.first().is_some_and(|proof| proof == "batch") {
        // It proves the command itself.
        run(cargo(root)
            .args(["build", "--quiet", "--package", "kyc-cli"])
            .args((!is_short).then_some("--release")))?;
    }
    let mut command = cargo(root);
    command.args(["run", "--quiet", "--package", "prove"]).args((!is_short).then_some("--release"));
    run(command.arg("--").args(&args.arguments))
}
