//! Runs the vendors' crates and prints the results as JSON on standard output. Called by `cargo xtask`:
//!
//! | command | standard input | standard output |
//! | --- | --- | --- |
//! | `drift coverage` | the rows of a vendor's page ([`coverage::Question`]) | a verdict per row, in the same order |
//! | `drift schemas` | | the schema of every body, and the fixtures that do not match it |
//!
//! A vendor has one file in `vendors/` and one entry in [`vendors::all`].

// A command-line tool prints to its standard streams.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod coverage;
mod reader;
mod schemas;
mod vendor;
mod vendors;

use std::process::ExitCode;

use anyhow::{Context, Result, bail};

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<()> {
    let answer = match std::env::args().nth(1).as_deref() {
        Some("coverage") => {
            let question =
                serde_json::from_reader(std::io::stdin().lock()).context("cannot read the rows")?;
            serde_json::to_value(coverage::prove(&question).await?)?
        }
        Some("schemas") => serde_json::to_value(schemas::report(&vendors::all()).await?)?,
        _ => bail!("usage: drift coverage|schemas"),
    };
    println!("{answer}");
    Ok(())
}
