//! The cost of compiling our crate, compared with its main dependencies.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use super::Comparison;
use crate::meter::{Whose, cpu, now};
use crate::page::{Row, Unit};
use crate::samples::Samples;
use crate::stage::Stage;

pub(crate) const COMPARISON: Comparison = Comparison {
    name: "build",
    method: "\
Clean debug builds, offline, of two libraries without code. One depends on `clearsale-facematch` with its default features;
the other on `reqwest` with the features that ours enables by default (`gzip`, `http2`, `rustls`), `serde` with `derive`, and
`serde_json`; both on `tokio` with `macros` and `rt-multi-thread`, as a program would. Each has a copy of this workspace's
`Cargo.lock` and a new target folder, `CARGO_INCREMENTAL=0`, and Cargo's default profile instead of the workspace's. User and
system time are those of `cargo` and its child processes; two builds of each, in turns.",
    builds: true,
    conduct,
    parts: &[],
};

const RUNS: usize = 2;

fn conduct(stage: &Stage<'_>) -> Result<Vec<Row>> {
    let crates = stage.root.join("crates/clearsale-facematch");
    // A TOML literal string has no escapes: the path may contain backslashes.
    let ours = format!("clearsale-facematch = {{ path = '{}' }}\n", crates.display());
    let theirs = "\
        reqwest = { version = \"0.13\", default-features = false, features = [\"gzip\", \"http2\", \"rustls\"] }\n\
        serde = { version = \"1\", features = [\"derive\"] }\n\
        serde_json = \"1\"\n";
    let mut samples = Samples::default();
    for _ in 0..RUNS {
        for (side, dependencies) in [("ours", ours.as_str()), ("theirs", theirs)] {
            build(&stage.root, side, dependencies, &mut samples)?;
        }
    }
    let series = |name| samples.series(name);
    Ok(vec![
        Row::ratio(
            "build-cpu",
            "Clean build of `clearsale-facematch`: user + system, vs. `reqwest`, `serde_json` and `tokio`",
            Unit::Seconds,
            series("ours.cpu")?,
            series("theirs.cpu")?,
            1.25,
        )?,
        Row::compared(
            "build-wall",
            "The same: wall time",
            Unit::Seconds,
            series("ours.wall")?,
            series("theirs.wall")?,
        )?,
    ])
}

fn build(root: &Path, side: &str, dependencies: &str, samples: &mut Samples) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let manifest = format!(
        "[package]\nname = \"empty\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n\
         {dependencies}tokio = {{ version = \"1\", features = [\"macros\", \"rt-multi-thread\"] }}\n"
    );
    fs::write(folder.path().join("Cargo.toml"), manifest)?;
    fs::create_dir(folder.path().join("src"))?;
    fs::write(folder.path().join("src/lib.rs"), "")?;
    fs::copy(root.join("Cargo.lock"), folder.path().join("Cargo.lock")).context("cannot copy Cargo.lock")?;
    let (started, used) = (now(), cpu(Whose::Children)?);
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["build", "--quiet", "--offline"])
        .current_dir(folder.path())
        .env("CARGO_TARGET_DIR", folder.path().join("target"))
        .env("CARGO_INCREMENTAL", "0")
        .env("RUSTC_WRAPPER", "")
        .stderr(Stdio::inherit())
        .output()
        .context("cannot start cargo")?;
    ensure!(output.status.success(), "the build of {side} failed");
    samples.push(format!("{side}.wall"), started.elapsed().as_secs_f64());
    samples.push(format!("{side}.cpu"), cpu(Whose::Children)?.saturating_sub(used).as_secs_f64());
    Ok(())
}
