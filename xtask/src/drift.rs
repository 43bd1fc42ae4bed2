//! Runs the package `drift`, which runs the vendors' crates. This package does not depend on them, so that it is quick to
//! build and does not change their features.

use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// Builds and runs a command of it, and returns its output.
pub(crate) fn run(root: &Path, command: &str, input: &Value) -> Result<Value> {
    let mut child = crate::cargo::cargo(root)
        .args(["run", "--quiet", "--package", "drift", "--", command])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start cargo")?;
    if let Some(mut stdin) = child.stdin.take() {
        // A process that does not read has failed and reports why itself.
        let _ = stdin.write_all(input.to_string().as_bytes());
    }
    let output = child.wait_with_output().context("cannot read drift's output")?;
    if !output.status.success() {
        bail!("`drift {command}` failed");
    }
    serde_json::from_slice(&output.stdout).context("drift's output is not JSON")
}
