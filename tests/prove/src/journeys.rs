//! `prove journeys`: no call is sent twice unasked, wherever the program that verifies persons ends, and whatever its disk does.
//!
//! The program is a process of its own: this one, with the store, the clients and the engine that a user has. The vendors are
//! another process, which counts what is paid for whom.

mod case;
mod disk;
mod kills;
mod pace;
mod points;
mod search;
mod site;
mod worker;

use std::path::Path;
use std::process::Stdio;

use anyhow::Result;
use tempfile::TempDir;
use tokio::process::Command;

pub(crate) use disk::{Args as DiskArgs, print as print_disk};
pub(crate) use site::{Args as SiteArgs, serve};
pub(crate) use worker::{Args as WorkerArgs, work};

use case::{CONFIG, Place};
use site::Site;

const KILLS: u32 = 100;
const SHORT_KILLS: u32 = 8;
/// ClearSale and Cellere, Bankly, Certiface.
const COUNTS: [u32; 3] = [2_000, 200, 200];
const SHORT_COUNTS: [u32; 3] = [60, 12, 12];

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// How often the program is killed at random: 100 times by default, and 8 times in the short form.
    #[arg(long)]
    kills: Option<u32>,
    /// Within a minute: fewer random kills and cases.
    #[arg(long)]
    short: bool,
    /// What decides when the program is killed. It is printed.
    #[arg(long)]
    seed: Option<u64>,
}

pub(crate) fn run(args: &Args) -> Result<Vec<String>> {
    let seed = args.seed.unwrap_or_else(|| fastrand::u64(..1_000_000));
    fastrand::seed(seed);
    println!("seed: {seed}\n");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let faults = runtime.block_on(proof(args))?;
    if args.short {
        println!(
            "left out by the short form: {KILLS} random kills ({SHORT_KILLS} here), {} cases ({} here), the build with \
             optimisation\n",
            COUNTS.iter().sum::<u32>(),
            SHORT_COUNTS.iter().sum::<u32>(),
        );
    }
    if faults.is_empty() {
        let limits = if args.short { "; the short form" } else { "" };
        println!(
            "verdict: held; no call was sent twice unasked, each case was decided, and the files tell of nobody{limits}"
        );
    }
    Ok(faults)
}

async fn proof(args: &Args) -> Result<Vec<String>> {
    let mut faults = Vec::new();
    points::prove().await?.conclude(args.short, &mut faults);
    disk::prove().await?.conclude(args.short, &mut faults);
    let kills = args.kills.unwrap_or(if args.short { SHORT_KILLS } else { KILLS });
    let counts = if args.short { SHORT_COUNTS } else { COUNTS };
    for part in kills::prove(kills, counts).await? {
        part.conclude(args.short, &mut faults);
    }
    Ok(faults)
}

/// Makes the folder of a program that knows where the vendors are.
fn place(site: &Site) -> Result<(TempDir, Place)> {
    let folder = tempfile::Builder::new().prefix("prove-journeys-").tempdir()?;
    std::fs::write(folder.path().join(CONFIG), &site.config)?;
    let place = Place::new(folder.path(), site.clock);
    Ok((folder, place))
}

/// Returns the command of a program that verifies.
fn program(place: &Place) -> Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("run-journeys").arg(&place.folder).arg(place.clock.to_string());
    command.args(place.is_plain.then_some("--plain-text"));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
    Ok(command)
}

/// Returns the names of a store's files.
fn files(folder: &Path) -> Result<Vec<std::path::PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(case::STORE) {
            files.push(entry.path());
        }
    }
    Ok(files)
}
