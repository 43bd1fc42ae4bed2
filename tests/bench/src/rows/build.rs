//! The cost of compiling our crate, compared with its main dependencies.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike as _;

use super::{Bound, Comparison, Part, Quantity, Row};
use crate::meter::Pairs;

pub(crate) const COMPARISON: Comparison = Comparison {
    name: "build",
    method: "\
Clean debug builds, offline, of two libraries without code. One depends on `clearsale-facematch` with its default features;
the other on `reqwest` with the features that ours enables by default (`gzip`, `http2`, `rustls`), `serde` with `derive`, and
`serde_json`; both on `tokio` with `macros` and `rt-multi-thread`, as a program would. Each has a copy of this workspace's
`Cargo.lock` and a new target folder, `CARGO_INCREMENTAL=0`, and Cargo's default profile instead of the workspace's. User and
system time are those of `cargo` and its child processes; two builds of each, in turns.",
    rows: &[Row {
        what: "Clean build of `clearsale-facematch`: user + system, vs. `reqwest`, `serde_json` and `tokio`",
        quantity: Quantity::Cpu,
        bound: Bound::Ratio(1.25),
    }],
    measure,
};

const RUNS: usize = 2;

fn measure(_: &Part) -> Result<Pairs> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let crates = root.join("crates/clearsale-facematch");
    // A TOML literal string has no escapes: the path may contain backslashes.
    let ours = format!("clearsale-facematch = {{ path = '{}' }}\n", crates.display());
    let theirs = "\
        reqwest = { version = \"0.13\", default-features = false, features = [\"gzip\", \"http2\", \"rustls\"] }\n\
        serde = { version = \"1\", features = [\"derive\"] }\n\
        serde_json = \"1\"\n";
    (0..RUNS).map(|_| Ok([build(&root, &ours)?, build(&root, theirs)?])).collect()
}

/// Returns the user and system time in seconds.
fn build(root: &Path, dependencies: &str) -> Result<f64> {
    let folder = tempfile::tempdir()?;
    let manifest = format!(
        "[package]\nname = \"empty\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n\
         {dependencies}tokio = {{ version = \"1\", features = [\"macros\", \"rt-multi-thread\"] }}\n"
    );
    fs::write(folder.path().join("Cargo.toml"), manifest)?;
    fs::create_dir(folder.path().join("src"))?;
    fs::write(folder.path().join("src/lib.rs"), "")?;
    fs::copy(root.join("Cargo.lock"), folder.path().join("Cargo.lock")).context("cannot copy Cargo.lock")?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    // What the comparison needs is not all among the workspace's own dependencies.
    let fetched = Command::new(&cargo).args(["fetch", "--quiet"]).current_dir(folder.path()).status();
    ensure!(fetched.context("cannot start cargo")?.success(), "the dependencies cannot be fetched");
    let before = cpu_of_children()?;
    let output = Command::new(cargo)
        .args(["build", "--quiet", "--offline"])
        .current_dir(folder.path())
        .env("CARGO_TARGET_DIR", folder.path().join("target"))
        .env("CARGO_INCREMENTAL", "0")
        .env("RUSTC_WRAPPER", "")
        .stderr(Stdio::inherit())
        .output()
        .context("cannot start cargo")?;
    ensure!(output.status.success(), "the build failed");
    Ok(cpu_of_children()?.saturating_sub(before).as_secs_f64())
}

/// Returns the user and system time so far of the child processes that have ended, and theirs.
fn cpu_of_children() -> Result<Duration> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let microseconds = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Ok(Duration::from_micros(u64::try_from(microseconds)?))
}
