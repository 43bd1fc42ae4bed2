//! `kyc`: identity verification in Brazil from the command line.
#![allow(clippy::print_stderr, clippy::print_stdout)]

mod call;
mod cellere;
mod commands;
mod config;
mod failure;
mod files;
mod input;
mod interrupt;
mod outcome;
mod output;
mod place;
mod private;
mod token_files;
mod variables;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::commands::{background, bankly, certiface, document, facematch, meter, sandbox};

/// The width of the help without a terminal.
const HELP_COLUMNS: usize = 100;

/// Verifies people in Brazil through the vendors you have a contract with. Unofficial.
///
/// Your own images and numbers are sent only to a vendor whose credentials are set. Without credentials, the samples run
/// on an embedded sandbox; with --sandbox, everything does, and the first line of the result says SIMULATED.
#[derive(Debug, Parser)]
#[command(name = "kyc", version, after_help = output::help(), term_width = output::columns().unwrap_or(HELP_COLUMNS))]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Looks up the registration of a person's CPF or a company's CNPJ at the Receita Federal.
    Background(background::Args),
    /// Submits a person's selfie and document to Bankly, and prints the results.
    ///
    /// Without a step, runs a whole onboarding on an embedded sandbox with a sample photograph; nothing leaves this
    /// machine. The steps call the vendor; the file that stores the onboarding between them contains personal data.
    Bankly(bankly::Args),
    /// Runs a person's journey at Certiface: liveness, documents, result.
    ///
    /// Without a step, runs a whole journey on an embedded sandbox with made-up frames; nothing leaves this machine. The
    /// steps call the vendor; the file that stores the journey between them contains personal data.
    Certiface(certiface::Args),
    /// Reads the fields of a document from an image.
    Document(document::Args),
    /// Compares two images: do they show the same person?
    Facematch(facematch::Args),
    /// Reads an energy, water or gas meter from an image.
    Meter(meter::Args),
    /// Runs a local sandbox of the vendors' APIs, for any client, until Ctrl-C.
    Sandbox(sandbox::Args),
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let (as_json, outcome) = match Cli::parse().command {
        Command::Background(args) => (args.json, Box::pin(background::run(args)).await),
        Command::Bankly(args) => (args.as_json(), Box::pin(bankly::run(args)).await),
        Command::Certiface(args) => (args.as_json(), Box::pin(certiface::run(args)).await),
        Command::Document(args) => (args.json, Box::pin(document::run(args)).await),
        Command::Facematch(args) => (args.json, Box::pin(facematch::run(args)).await),
        Command::Meter(args) => (args.json, Box::pin(meter::run(args)).await),
        Command::Sandbox(args) => (false, Box::pin(sandbox::run(args)).await),
    };
    let outcome = outcome.unwrap_or_else(|failure| {
        output::fail(&failure, as_json);
        failure.outcome()
    });
    ExitCode::from(outcome.code())
}
