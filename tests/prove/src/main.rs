//! Long proofs over all vendors. Each prints its figures as a table. Its last line and its exit code state the verdict.

// A command-line tool prints to its standard streams.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool")]

mod batch;
mod hostile;
mod journeys;
mod meter;
mod part;
mod sandbox;
mod scenarios;
mod verdicts;
mod webhooks;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Debug, Parser)]
#[command(name = "cargo xtask prove", about = "Long proofs over all vendors")]
struct Cli {
    #[command(subcommand)]
    proof: Proof,
}

#[derive(Debug, Subcommand)]
enum Proof {
    /// Changes every leaf of every documented payload and checks each capability's judgement.
    Verdicts {
        /// The same without optimisation.
        #[arg(long)]
        short: bool,
    },
    /// Attacks all clients and receivers as a hostile vendor would, and limits time, CPU and memory.
    Hostile(hostile::Args),
    /// The hostile vendor itself, in a process of its own.
    #[command(hide = true)]
    ServeHostile,
    /// Sets every outcome of every operation of the sandbox for one person, and shows what the typed clients return.
    Scenarios {
        /// The same without optimisation.
        #[arg(long)]
        short: bool,
    },
    /// Loads a sandbox beyond every cap, and limits its memory, sockets and tasks.
    Sandbox(sandbox::Args),
    /// The sandbox itself, in a process of its own.
    #[command(hide = true)]
    ServeSandbox,
    /// Kills the receiver of webhooks, fills its disk and attacks it, and counts what is lost or stored twice.
    Webhooks(webhooks::Args),
    /// The receiver itself, in a process of its own.
    #[command(hide = true)]
    ServeWebhooks(webhooks::ReceiverArgs),
    /// Kills a program that verifies persons, fills its disk, and counts what is paid twice.
    Journeys(journeys::Args),
    /// The vendors, in a process of their own.
    #[command(hide = true)]
    ServeJourneys(journeys::SiteArgs),
    /// The program that verifies persons.
    #[command(hide = true)]
    RunJourneys(journeys::WorkerArgs),
    /// The part that needs a small disk.
    #[command(hide = true)]
    ProveJourneysDisk(journeys::DiskArgs),
    /// Kills `kyc verify --batch` while vendors fail, and counts who is answered, what is paid twice, and what it uses.
    Batch(batch::Args),
    /// The part that mounts disks.
    #[command(hide = true)]
    ProveDisk(webhooks::DiskArgs),
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().proof {
        Proof::Verdicts { .. } => Ok(verdicts::run()),
        Proof::Hostile(args) => hostile::run(&args),
        Proof::ServeHostile => hostile::serve().map(|()| Vec::new()),
        Proof::Scenarios { .. } => scenarios::run(),
        Proof::Sandbox(args) => sandbox::run(&args),
        Proof::ServeSandbox => sandbox::serve().map(|()| Vec::new()),
        Proof::Webhooks(args) => webhooks::run(&args),
        Proof::ServeWebhooks(args) => webhooks::serve(&args).map(|()| Vec::new()),
        Proof::Journeys(args) => journeys::run(&args),
        Proof::ServeJourneys(args) => journeys::serve(&args).map(|()| Vec::new()),
        Proof::RunJourneys(args) => journeys::work(&args).map(|()| Vec::new()),
        Proof::ProveJourneysDisk(args) => journeys::print_disk(&args).map(|()| Vec::new()),
        Proof::Batch(args) => batch::run(&args),
        Proof::ProveDisk(args) => webhooks::print_disk(&args).map(|()| Vec::new()),
    };
    match outcome {
        Ok(faults) if faults.is_empty() => ExitCode::SUCCESS,
        Ok(faults) => {
            faults.iter().for_each(|fault| eprintln!("{fault}"));
            println!("verdict: {} faults", faults.len());
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
