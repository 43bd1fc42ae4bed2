//! `prove webhooks`: no acknowledged event is lost or stored twice, whatever happens to the receiver, its disk and its senders.
//!
//! The receiver is a process of its own: this program, with the file, the sources, the router and the server that a user has.

mod attacks;
mod child;
mod dedupe;
mod disk;
mod kills;
mod order;
mod requests;
mod running;
mod sender;
mod store;

use std::fs;
use std::path::PathBuf;

use anyhow::Result;
use tempfile::TempDir;

use crate::part::Part;

pub(crate) use child::{Args as ReceiverArgs, serve};
pub(crate) use disk::{Args as DiskArgs, fill, print as print_disk, unshared};

const KILLS: u32 = 200;
const SHORT_KILLS: u32 = 8;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// How often the receiver is killed: 200 times by default, and 8 times in the short form.
    #[arg(long)]
    kills: Option<u32>,
    /// Within a minute: fewer kills and requests, a shorter lock, and what cannot be tried here is only said.
    #[arg(long)]
    short: bool,
    /// What decides when the receiver is killed. It is printed.
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
            "left out by the short form: {KILLS} kills ({SHORT_KILLS} here), the build with optimisation, a lock of 15 s \
             (12 s here), 5,000 idle connections (2,000 here), 100,000 hints and the default cap of 10,000 rows (10,000 hints \
             and 2,000 rows here)\n"
        );
    }
    if faults.is_empty() {
        let limits = if args.short { "; the short form" } else { "" };
        println!(
            "verdict: held; nothing acknowledged was lost, nothing was stored twice, all was bounded{limits}"
        );
    }
    Ok(faults)
}

async fn proof(args: &Args) -> Result<Vec<String>> {
    let mut faults = Vec::new();
    let kills = args.kills.unwrap_or(if args.short { SHORT_KILLS } else { KILLS });
    kills::prove(kills).await?.conclude(args.short, &mut faults);
    order::prove().await?.conclude(args.short, &mut faults);
    disk::prove(args.short).await?.conclude(args.short, &mut faults);
    dedupe::prove().await?.conclude(args.short, &mut faults);
    attacks::prove(args.short).await?.conclude(args.short, &mut faults);
    Ok(faults)
}

/// A temporary folder with one for the inbox in it.
fn folders() -> Result<(TempDir, PathBuf)> {
    let outer = tempfile::Builder::new().prefix("prove-webhooks-").tempdir()?;
    let inbox = outer.path().join("inbox");
    fs::create_dir(&inbox)?;
    Ok((outer, inbox))
}
