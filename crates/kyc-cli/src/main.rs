//! `kyc`: identity verification in Brazil from the command line.
#![allow(clippy::print_stderr, clippy::print_stdout)]

mod call;
mod commands;
mod config;
mod failure;
mod files;
mod forward;
mod input;
mod interrupt;
mod messages;
mod outcome;
mod output;
mod own;
mod person;
mod place;
mod private;
mod session;
mod store;
mod token_files;
mod usage;
mod variables;
mod vendors;
mod wakes;
mod web;

use std::process::ExitCode;

use clap::{ColorChoice, FromArgMatches as _, Parser, Subcommand};

use crate::commands::{
    background, completions, config as config_command, doctor, document, facematch, inbox, init, listen, man,
    preflight, sandbox, trigger, verify,
};
use crate::messages::{Lang, text};

#[derive(Debug, Parser)]
#[command(
    name = "kyc",
    version,
    about = text().help.about,
    long_about = text().help.long_about,
    term_width = output::help_columns()
)]
struct Cli {
    // Read before the arguments are parsed, because their help depends on it.
    #[arg(long, global = true, value_enum, ignore_case = true, display_order = 900, help = text().help.lang)]
    lang: Option<Lang>,
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t = ColorChoice::Auto,
        display_order = 901,
        help = text().help.color
    )]
    color: ColorChoice,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(about = text().help.background)]
    Background(background::Args),
    #[command(flatten)]
    Vendor(vendors::Command),
    #[command(about = text().help.completions)]
    Completions(completions::Args),
    #[command(about = text().config_help.about, subcommand_value_name = "COMMAND")]
    Config(config_command::Args),
    #[command(about = text().config_help.doctor)]
    Doctor(doctor::Args),
    #[command(about = text().help.document)]
    Document(document::Args),
    #[command(about = text().help.facematch)]
    Facematch(facematch::Args),
    #[command(about = text().help.inbox, subcommand_value_name = "COMMAND")]
    Inbox(inbox::Args),
    #[command(about = text().config_help.init)]
    Init(init::Args),
    #[command(about = text().help.listen, long_about = text().help.listen_long)]
    Listen(listen::Args),
    #[command(about = text().help.man)]
    Man(man::Args),
    #[command(about = text().preflight_help.about, long_about = text().preflight_help.long_about)]
    Preflight(preflight::Args),
    // Otherwise the documentation of the builder would be the long form.
    #[command(about = text().help.sandbox, long_about = text().help.sandbox)]
    Sandbox(sandbox::Args),
    #[command(about = text().help.trigger, long_about = text().help.trigger_long)]
    Trigger(trigger::Args),
    #[command(about = text().verify_help.about, long_about = text().verify_help.long_about)]
    Verify(Box<verify::Args>),
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    usage::prepare();
    let matches = match usage::command().try_get_matches() {
        Ok(matches) => matches,
        Err(error) => return usage::exit(&error),
    };
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => return usage::exit(&error),
    };
    let (as_json, outcome) = match cli.command {
        Command::Background(args) => (args.json, Box::pin(background::run(args)).await),
        Command::Vendor(command) => (command.as_json(), Box::pin(vendors::run(command)).await),
        Command::Completions(args) => (false, completions::run(&args)),
        Command::Config(args) => (args.as_json(), config_command::run(&args)),
        Command::Doctor(args) => (args.json, Box::pin(doctor::run(args)).await),
        Command::Document(args) => (args.json, Box::pin(document::run(args)).await),
        Command::Facematch(args) => (args.json, Box::pin(facematch::run(args)).await),
        Command::Inbox(args) => (args.as_json(), Box::pin(inbox::run(args)).await),
        Command::Init(args) => (false, init::run(&args)),
        Command::Listen(args) => (args.json, Box::pin(listen::run(args)).await),
        Command::Man(args) => (false, man::run(&args)),
        Command::Preflight(args) => (args.json, preflight::run(&args)),
        Command::Sandbox(args) => (args.json, Box::pin(sandbox::run(args)).await),
        Command::Trigger(args) => (args.json, Box::pin(trigger::run(args)).await),
        Command::Verify(args) => (args.as_json(), Box::pin(verify::run(*args)).await),
    };
    let outcome = outcome.unwrap_or_else(|failure| {
        output::fail(&failure, as_json);
        failure.outcome()
    });
    ExitCode::from(outcome.code())
}
