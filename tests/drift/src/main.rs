//! Runs the crates and prints what came of it, as JSON on standard output. `cargo xtask` is who asks:
//!
//! | command | standard input | standard output |
//! | --- | --- | --- |
//! | `drift coverage` | the rows of a vendor's page ([`coverage::Question`]) | a verdict for each row, in the same order |
//! | `drift schemas` | | the schema of every body, and the fixtures that do not fit theirs |
//!
//! A vendor is one file in `vendors/` and one line in [`vendors::all`].

// A command-line tool speaks through its standard streams.
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
                serde_json::from_reader(std::io::stdin().lock()).context("the question is not readable")?;
            serde_json::to_value(coverage::prove(&question).await?)?
        }
        Some("schemas") => serde_json::to_value(schemas::report(&vendors::all()).await?)?,
        _ => bail!("say `coverage` or `schemas`"),
    };
    println!("{answer}");
    Ok(())
}
