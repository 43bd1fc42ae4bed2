//! Asks the package `drift`, which runs the vendors' crates. This one does not depend on them, so that it stays quick
//! to build and its features stay out of theirs.

use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// Builds and runs it, and reads its answer.
pub(crate) fn ask(root: &Path, command: &str, question: &Value) -> Result<Value> {
    let mut child = crate::cargo::cargo(root)
        .args(["run", "--quiet", "--package", "drift", "--", command])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start cargo")?;
    if let Some(mut stdin) = child.stdin.take() {
        // One that does not read has failed and says so itself.
        let _ = stdin.write_all(question.to_string().as_bytes());
    }
    let output = child.wait_with_output().context("drift did not end well")?;
    if !output.status.success() {
        bail!("`drift {command}` failed");
    }
    serde_json::from_slice(&output.stdout).context("drift did not answer in JSON")
}
