//! The repository's own chores. Each subcommand is a file of its own beside this one.

// A command-line tool speaks through its standard streams.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod api;
mod bench;
mod cargo;
mod consumers;
mod coverage;
mod drift;
mod features;
mod fixtures;
mod licences;
mod outputs;
mod release;
mod schemas;
mod tidy;

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
    /// Lists the public items of each published library in docs/api.
    Api(api::Args),
    /// Measures what our clients cost beside clients written by hand, and writes docs/benchmarks.md.
    Bench(bench::Args),
    /// Builds and runs the programs in tests/consumers, and checks what each pulls in.
    Consumers(consumers::Args),
    /// Proves what the vendors' pages name by running the crates, and writes docs/coverage.md.
    Coverage(coverage::Args),
    /// Checks each published crate with no feature, each alone, and all.
    Features(features::Args),
    /// Generates crates/kyc-fixtures from the payloads in docs/vendors.
    Fixtures(fixtures::Args),
    /// Checks the licences and names of all that the published crates depend on.
    Licences,
    /// Makes and looks into the packages as a release would; publishes nothing.
    Release(release::Args),
    /// Writes the JSON Schema of every body to docs/schemas, and holds every fixture against it.
    Schemas(schemas::Args),
    /// Checks file names, manifests, sources and links, without building.
    Tidy,
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
        Command::Api(args) => api::run(&repository(), &args),
        Command::Bench(args) => bench::run(&repository(), &args),
        Command::Consumers(args) => consumers::run(&repository(), &args),
        Command::Coverage(args) => coverage::run(&repository(), &args),
        Command::Features(args) => features::run(&repository(), &args),
        Command::Fixtures(args) => fixtures::run(&repository(), &args),
        Command::Licences => licences::run(&repository()),
        Command::Release(args) => release::run(&repository(), &args),
        Command::Schemas(args) => schemas::run(&repository(), &args),
        Command::Tidy => tidy::run(&repository()),
    }
}

/// The repository's root, wherever the command was started from.
fn repository() -> PathBuf {
    // Told by cargo at the start, not when it was built: two checkouts may share a target folder.
    let told = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let xtask = told.as_deref().unwrap_or(Path::new(env!("CARGO_MANIFEST_DIR")));
    xtask.parent().unwrap_or(xtask).to_path_buf()
}
