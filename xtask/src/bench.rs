//! `cargo xtask bench`: builds and runs the package in `tests/bench`, and writes its page.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::cargo::cargo;
use crate::outputs::Outputs;

const PAGE: &str = "docs/benchmarks.md";

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Fails with the names of the rows whose bound does not hold. Needs an idle machine.
    #[arg(long)]
    assert: bool,
    /// Skips the builds, which take minutes. The page is then not written.
    #[arg(long)]
    skip_build: bool,
    /// Runs only the comparison of this name. The page is then not written.
    #[arg(long, conflicts_with = "skip_build")]
    only: Option<String>,
}

pub(crate) fn run(root: &Path, args: &Args) -> Result<()> {
    // Both binaries: the main one starts the one that counts allocations.
    let built = cargo(root).args(["build", "--release", "--package", "bench"]).status()?;
    ensure!(built.success(), "the benchmark does not build");
    let mut bench = cargo(root);
    bench.args([
        "run",
        "--quiet",
        "--release",
        "--package",
        "bench",
        "--bin",
        "bench",
        "--",
        "run",
        "--root",
    ]);
    bench.arg(root);
    if args.skip_build {
        bench.arg("--skip-build");
    }
    if let Some(name) = &args.only {
        bench.args(["--only", name]);
    }
    let output = bench.stderr(Stdio::inherit()).output()?;
    ensure!(output.status.success(), "the benchmark failed");
    let report = Report::read(&output.stdout)?;
    println!("{}", report.page);
    if report.is_complete {
        let mut outputs = Outputs::default();
        outputs.file(PAGE, report.page);
        outputs.write(root)?;
    } else {
        println!("{PAGE} is unchanged: not everything was measured");
    }
    if args.assert && !report.missed.is_empty() {
        bail!("bounds that do not hold: {}", report.missed.join(", "));
    }
    Ok(())
}

/// The output of the benchmark.
#[derive(Debug, PartialEq, Eq)]
struct Report {
    page: String,
    missed: Vec<String>,
    is_complete: bool,
}

impl Report {
    fn read(json: &[u8]) -> Result<Self> {
        let report: Value = serde_json::from_slice(json).context("the benchmark's report is not JSON")?;
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let missed = report["missed"].as_array().and_then(|names| names.iter().map(text).collect());
        Ok(Self {
            page: text(&report["page"]).context("the report has no page")?,
            missed: missed.context("the report has no list of missed bounds")?,
            is_complete: report["complete"]
                .as_bool()
                .context("the report does not state whether it is complete")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_are_read() {
        let report =
            Report::read(br##"{"page":"# B\n","missed":["upload-heap"],"complete":false}"##).unwrap();
        let wanted = Report { page: "# B\n".into(), missed: vec!["upload-heap".into()], is_complete: false };
        assert_eq!(report, wanted);
        for bad in ["", "{}", r#"{"page":"","missed":[1],"complete":true}"#] {
            assert!(Report::read(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
