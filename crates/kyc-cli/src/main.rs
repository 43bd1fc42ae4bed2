//! `kyc`: verifying people in Brazil, from the command line.
#![allow(clippy::print_stderr, clippy::print_stdout)]

mod commands;
mod config;
mod exit;
mod interrupt;
mod output;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::commands::{facematch, sandbox};

/// Verifies people in Brazil with the vendors you have a contract with. Unofficial.
///
/// Without credentials it works on a sandbox of its own, and nothing leaves this machine.
#[derive(Debug, Parser)]
#[command(name = "kyc", version, after_help = exit::HELP)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Says whether two pictures show one person.
    Facematch(facematch::Args),
    /// Stands in for the vendors on this machine, for any client, until Ctrl-C.
    Sandbox(sandbox::Args),
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let (as_json, outcome) = match Cli::parse().command {
        Command::Facematch(args) => (args.json, Box::pin(facematch::run(args)).await),
        Command::Sandbox(args) => (false, Box::pin(sandbox::run(args)).await),
    };
    ExitCode::from(outcome.unwrap_or_else(|failure| {
        output::fail(&failure, as_json);
        failure.exit_code()
    }))
}
