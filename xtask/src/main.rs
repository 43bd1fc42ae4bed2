//! The repository's own chores. Each subcommand is a file of its own beside this one.

// A command-line tool speaks through its standard streams.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod fixtures;
mod outputs;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Debug, Parser)]
#[command(name = "cargo xtask", about = "The repository's own chores")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Generates crates/kyc-fixtures from the payloads in docs/vendors.
    Fixtures(fixtures::Args),
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Fixtures(args) => fixtures::run(&repository(), &args),
    }
}

/// The repository's root, wherever the command was started from.
fn repository() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask).to_path_buf()
}
