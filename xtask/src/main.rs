//! The repository's tasks. Each subcommand has a file of its own.

// A command-line tool prints to its standard streams.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod api;
mod cargo;
mod consumers;
mod coverage;
mod features;
mod fixtures;
mod licences;
mod new_vendor;
mod openapi;
mod outputs;
mod prove;
mod release;
mod schemas;
mod tidy;

use std::path::{Path, PathBuf};

use clap::{Parser, Subcommand};

#[derive(Debug, Parser)]
#[command(name = "cargo xtask", about = "The repository's tasks")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Lists the public items of each published library in docs/api.
    Api(outputs::Args),
    /// Compares our clients with clients written by hand, and writes docs/benchmarks.md.
    Bench(prove::Args),
    /// Tests the programs in tests/consumers and checks their dependency trees.
    Consumers(consumers::Args),
    /// Proves the items of the vendors' pages by the tests of their crates, and writes docs/coverage.md.
    Coverage(outputs::Args),
    /// Checks each published crate with no feature, with each feature alone, and with all.
    Features(features::Args),
    /// Generates crates/kyc-fixtures from the payloads in docs/vendors.
    Fixtures(outputs::Args),
    /// Checks licences, bans and duplicate versions among the dependencies of the published crates.
    Licences,
    /// Writes the skeleton of a vendor from xtask/templates.
    NewVendor(new_vendor::Args),
    /// Describes what the sandbox serves of each vendor as OpenAPI, in the sandbox's package and in docs/openapi.
    Openapi(outputs::Args),
    /// Runs a long proof over all vendors, such as `verdicts`, `hostile`, `webhooks` or `sandbox`, and prints its figures and a verdict.
    Prove(prove::Args),
    /// Makes, inspects and builds the packages of a release; publishes nothing.
    Release(release::Args),
    /// Writes the JSON Schema of every body to docs/schemas, and validates every fixture.
    Schemas(outputs::Args),
    /// Checks file names, manifests, attributes and links without building.
    Tidy,
}

fn main() -> anyhow::Result<()> {
    match Cli::parse().command {
        Command::Api(args) => api::run(&repository(), &args),
        Command::Bench(args) => prove::bench(&repository(), &args),
        Command::Consumers(args) => consumers::run(&repository(), &args),
        Command::Coverage(args) => coverage::run(&repository(), &args),
        Command::Features(args) => features::run(&repository(), &args),
        Command::Fixtures(args) => fixtures::run(&repository(), &args),
        Command::Licences => licences::run(&repository()),
        Command::NewVendor(args) => new_vendor::run(&repository(), &args),
        Command::Openapi(args) => openapi::run(&repository(), &args),
        Command::Prove(args) => prove::prove(&repository(), &args),
        Command::Release(args) => release::run(&repository(), &args),
        Command::Schemas(args) => schemas::run(&repository(), &args),
        Command::Tidy => tidy::run(&repository()),
    }
}

/// Returns the root of the repository, whatever the current folder is.
fn repository() -> PathBuf {
    // Set by cargo at the start, not at the build: two checkouts may share a target folder.
    let started = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let xtask = started.as_deref().unwrap_or(Path::new(env!("CARGO_MANIFEST_DIR")));
    xtask.parent().unwrap_or(xtask).to_path_buf()
}
