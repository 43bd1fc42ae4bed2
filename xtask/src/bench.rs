//! `cargo xtask bench`: builds and runs the package in `tests/bench`, which writes `docs/benchmarks.md`.

use std::path::Path;

use anyhow::Result;

use crate::cargo::{cargo, run};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The arguments of the benchmark: `--only ROW`, `--assert`; `--help` explains them.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

pub(crate) fn bench(root: &Path, args: &Args) -> Result<()> {
    // Both binaries: the main one starts the one that counts allocations.
    run(cargo(root).args(["build", "--release", "--package", "bench"]))?;
    run(cargo(root)
        .args(["run", "--quiet", "--release", "--package", "bench", "--bin", "bench", "--"])
        .args(&args.arguments))
}
