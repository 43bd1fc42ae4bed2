//! The command line: `run` starts `serve` and `part`, each in a process of its own.

// A command-line tool prints to its standard streams.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow};
use clap::{Parser, Subcommand};

use crate::page::Page;
use crate::stage::{Part, Stage};
use crate::{Heap, rows, server};

#[derive(Debug, Parser)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the comparisons and prints a report as JSON.
    Run {
        /// The repository, whose crates are built.
        #[arg(long)]
        root: PathBuf,
        /// Skips the comparison of builds, which takes minutes.
        #[arg(long)]
        skip_build: bool,
        /// Runs only the comparison of this name.
        #[arg(long)]
        only: Option<String>,
    },
    /// Prints its address and serves the vendor's API until its standard input ends.
    Serve {
        /// Reads no upload before this many have arrived.
        #[arg(long, default_value_t = 0)]
        hold: usize,
        /// Requires a client certificate: the folder of the certificates.
        #[arg(long)]
        certificates: Option<PathBuf>,
    },
    /// Measures one part of a comparison and prints its samples as JSON.
    Part {
        comparison: String,
        part: String,
        #[arg(long)]
        server: Option<String>,
        #[arg(long)]
        certificates: Option<PathBuf>,
    },
}

/// Runs the program. `heap` is present if the binary counts its allocations.
#[must_use]
pub fn run(heap: Option<Heap>) -> ExitCode {
    match obey(Cli::parse().command, heap) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn obey(command: Command, heap: Option<Heap>) -> Result<()> {
    match command {
        Command::Run { root, skip_build, only } => conduct(root, skip_build, only.as_deref()),
        Command::Serve { hold, certificates } => server::serve(hold, certificates.as_deref()),
        Command::Part { comparison, part, server, certificates } => {
            let found = rows::find(&comparison)?.parts.iter().find(|known| known.0 == part);
            let (_, measure) = found.ok_or_else(|| anyhow!("{comparison} has no part {part}"))?;
            let samples = measure(&Part { server, certificates, heap })?;
            println!("{}", serde_json::to_string(&samples)?);
            Ok(())
        }
    }
}

fn conduct(root: PathBuf, skip_build: bool, only: Option<&str>) -> Result<()> {
    let chosen: Vec<_> = match only {
        Some(name) => vec![rows::find(name)?],
        None => rows::ALL.iter().filter(|comparison| !(skip_build && comparison.builds)).collect(),
    };
    let mut page = Page::default();
    for comparison in &chosen {
        eprintln!("measuring: {}", comparison.name);
        let stage = Stage { comparison, root: root.clone() };
        let rows = (comparison.conduct)(&stage).with_context(|| format!("in {}", comparison.name))?;
        page.add(comparison, rows);
    }
    let report = serde_json::json!({
        "page": page.render()?,
        "missed": page.missed(),
        "complete": chosen.len() == rows::ALL.len(),
    });
    println!("{report}");
    Ok(())
}
