//! `kyc`: verifying people in Brazil, from the command line.
#![allow(clippy::print_stderr, clippy::print_stdout)]

mod call;
mod cellere;
mod commands;
mod config;
mod exit;
mod files;
mod interrupt;
mod output;
mod place;
mod variables;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::commands::{background, bankly, certiface, document, facematch, meter, sandbox};

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
    /// Says how a person's CPF or a company's CNPJ stands with the Receita Federal.
    Background(background::Args),
    /// Hands in a person's selfie and document to Bankly, and tells what was found.
    ///
    /// Without a step: a whole onboarding on a sandbox of its own, with a sample photograph; nothing leaves this machine.
    /// The steps go to the vendor, and what an onboarding is kept in between them holds personal data.
    Bankly(bankly::Args),
    /// Leads a person through Certiface: liveness, documents, result.
    ///
    /// Without a step: a whole journey on a sandbox of its own, with made-up frames; nothing leaves this machine. The
    /// steps go to the vendor, and what a journey is kept in between them holds personal data.
    Certiface(certiface::Args),
    /// Reads the fields off a picture of a document.
    Document(document::Args),
    /// Says whether two pictures show one person.
    Facematch(facematch::Args),
    /// Reads a meter of energy, water or gas off a picture.
    Meter(meter::Args),
    /// Stands in for the vendors on this machine, for any client, until Ctrl-C.
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
    ExitCode::from(outcome.unwrap_or_else(|failure| {
        output::fail(&failure, as_json);
        failure.exit_code()
    }))
}
