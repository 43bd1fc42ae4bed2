//! The command line: `run` starts the server and the measurements, each in a process of its own.

// A command-line tool prints to its standard streams.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use clap::{Parser, Subcommand};

use crate::meter::Pairs;
use crate::page::Page;
use crate::rows::{self, Comparison, Part, Quantity};
use crate::{Heap, server};

/// The repository.
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

#[derive(Debug, Parser)]
#[command(name = "cargo xtask bench", about = "Measures our clients and writes docs/benchmarks.md")]
struct Cli {
    /// Fails with the names of the rows whose bound does not hold. Needs an idle machine.
    #[arg(long)]
    assert: bool,
    /// Runs only the comparison of this name, and does not write the page.
    #[arg(long)]
    only: Option<String>,
    #[command(subcommand)]
    command: Option<Internal>,
}

#[derive(Debug, Subcommand)]
enum Internal {
    /// Prints its address and serves the vendors' APIs until its standard input ends.
    #[command(hide = true)]
    Serve,
    /// Measures a comparison and prints its pairs as JSON.
    #[command(hide = true)]
    Part { comparison: String, quantity: Quantity, server: String },
}

/// Runs the program. `heap` is present if the binary counts its allocations.
///
/// # Errors
///
/// If a measurement fails, or with `--assert` a bound does not hold.
pub fn run(heap: Option<Heap>) -> Result<()> {
    let cli = Cli::parse();
    match cli.command {
        None => measure(cli.only.as_deref(), cli.assert),
        Some(Internal::Serve) => server::serve(),
        Some(Internal::Part { comparison, quantity, server }) => {
            let pairs = (rows::find(&comparison)?.measure)(&Part { server, heap, quantity })?;
            println!("{}", serde_json::to_string(&pairs)?);
            Ok(())
        }
    }
}

fn measure(only: Option<&str>, is_asserted: bool) -> Result<()> {
    let chosen = match only {
        Some(name) => vec![rows::find(name)?],
        None => rows::ALL.iter().collect(),
    };
    let mut page = Page::default();
    for comparison in chosen {
        eprintln!("measuring: {}", comparison.name);
        let server = Server::start()?;
        let mut pairs = Vec::new();
        for row in comparison.rows {
            pairs.push(server.part(comparison, row.quantity)?);
        }
        if pairs.iter().any(Vec::is_empty) {
            eprintln!("left out: {}, whose reference is not on this machine", comparison.name);
            continue;
        }
        page.add(comparison, &pairs)?;
    }
    let text = page.render()?;
    println!("{text}");
    if only.is_none() {
        fs::write(Path::new(ROOT).join("docs/benchmarks.md"), text).context("cannot write the page")?;
    }
    if is_asserted && !page.missed.is_empty() {
        bail!("bounds that do not hold: {}", page.missed.join(", "));
    }
    Ok(())
}

/// The server in a process of its own, which ends when this value is dropped or this process ends.
struct Server {
    process: Child,
    address: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Server {
    fn start() -> Result<Self> {
        let mut process =
            program("bench")?.arg("serve").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let output = process.stdout.take().context("the server has no output")?;
        let mut server = Self { process, address: String::new() };
        BufReader::new(output).read_line(&mut server.address)?;
        ensure!(!server.address.is_empty(), "the server did not start");
        Ok(server)
    }

    fn part(&self, comparison: &Comparison, quantity: Quantity) -> Result<Pairs> {
        let binary = match quantity {
            Quantity::Heap => "bench-heap",
            _ => "bench",
        };
        let mut part = program(binary)?;
        let output = part
            .args(["part", comparison.name, quantity.name(), self.address.trim_end()])
            .stderr(Stdio::inherit())
            .output()?;
        ensure!(output.status.success(), "the measurement of {} failed", comparison.name);
        serde_json::from_slice(&output.stdout).context("cannot read the measurements")
    }
}

/// Returns the command of this binary or the other one.
fn program(name: &str) -> Result<Command> {
    let this = std::env::current_exe().context("cannot find this program")?;
    Ok(Command::new(this.with_file_name(format!("{name}{}", std::env::consts::EXE_SUFFIX))))
}
