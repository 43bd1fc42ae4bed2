//! Faults of the disk: full, read-only, locked. Events are refused meanwhile, and accepted again when the fault ends, without a
//! restart.

mod faults;
mod trial;

use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, Result, ensure};
use tokio::process::Command;

pub(crate) use faults::fill;

use super::{Part, folders};

const TITLE: &str = "Faults of the disk: full (2 MB), read-only, locked by another process";

/// The arguments of the process that may mount.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    folder: PathBuf,
}

pub(super) async fn prove(short: bool) -> Result<Part> {
    let mut part = empty();
    let (outer, _) = folders()?;
    match unshared("true").stderr(Stdio::null()).status().await {
        Ok(status) if status.success() => {
            let mut locked = empty();
            let waiting = faults::locked(&mut locked, outer.path(), short);
            part = tokio::try_join!(mounted(outer.path()), waiting)?.0;
            part.rows.extend(locked.rows);
            part.faults.extend(locked.faults);
        }
        _ => {
            part.untried.push("a full and a read-only disk: mounts are not allowed here".to_owned());
            faults::locked(&mut part, outer.path(), short).await?;
        }
    }
    Ok(part)
}

fn empty() -> Part {
    Part::new(TITLE, ["fault", "answers meanwhile", "answers afterwards", "acknowledged", "lost"])
}

/// Returns the command of a program whose mounts nobody else sees, and which vanish with it.
pub(crate) fn unshared(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new("unshare");
    command.arg("--mount").args((!nix::unistd::geteuid().is_root()).then_some("--map-root-user"));
    command.arg("--").arg(program);
    command
}

/// Runs what needs mounts in a process of its own.
async fn mounted(folder: &Path) -> Result<Part> {
    let mut command = unshared(std::env::current_exe()?);
    let output = command.arg("prove-disk").arg(folder).stderr(Stdio::inherit()).output().await?;
    ensure!(output.status.success(), "the proof of mounted disks failed");
    serde_json::from_slice(&output.stdout).context("cannot read what the proof of mounted disks found")
}

/// Proves what needs mounts, and prints what it found as JSON.
pub(crate) fn print(args: &Args) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let mut part = empty();
    runtime.block_on(async {
        faults::full(&mut part, &args.folder).await?;
        faults::read_only(&mut part, &args.folder).await?;
        faults::read_only_from_the_start(&mut part, &args.folder).await
    })?;
    println!("{}", serde_json::to_string(&part)?);
    Ok(())
}
