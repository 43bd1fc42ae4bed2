//! `kyc sandbox`: runs the sandbox for clients in any language.

mod lines;

use std::io;
use std::net::SocketAddr;

use kyc_sandbox::{Sandbox, SandboxBuilder, VendorInfo};
use serde::Serialize;

use self::lines::Printer;
use crate::failure::Failure;
use crate::messages::text;
use crate::outcome::Outcome;
use crate::{interrupt, output};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    sandbox: SandboxBuilder,
    #[arg(long, conflicts_with_all = ["quiet", "json"], help = text().sandbox_help.env)]
    env: bool,
    #[arg(long, help = text().sandbox_help.quiet)]
    quiet: bool,
    #[arg(long, help = text().sandbox_help.json)]
    pub(crate) json: bool,
}

pub(crate) async fn run(args: Args) -> Result<Outcome, Failure> {
    let Args { sandbox: builder, env, quiet, json } = args;
    if env {
        let variables = builder.env().ok_or_else(|| Failure::input(|t| t.sandbox.no_port.to_owned()))?;
        output::result(&variables).map_err(Failure::unwritten)?;
        return Ok(Outcome::Yes);
    }
    let address = builder.address();
    let (builder, printer) = if quiet {
        (builder, None)
    } else {
        let (printer, say) = Printer::start(json)?;
        (builder.on_request(move |record| say.say(record)), Some(printer))
    };
    let sandbox = builder.start().await.map_err(|error| cannot_start(address, &error))?;
    // Before the ready line, because a program that waits for it may stop the sandbox immediately afterwards.
    let interrupted = interrupt::listen()?;
    ready(&sandbox, json);
    interrupted.await;
    sandbox.shutdown().await;
    if let Some(printer) = printer {
        printer.stop();
    }
    Ok(Outcome::Yes)
}

fn cannot_start(address: SocketAddr, error: &io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::AddrInUse => {
            Failure::setup(|t| (t.sandbox.port_in_use)(&address.ip().to_string(), address.port()))
        }
        _ => Failure::setup(|_| error.to_string()),
    }
}

/// The ready line in `--json`.
#[derive(Serialize)]
struct Ready {
    line: &'static str,
    url: String,
    vendors: Vec<Served>,
}

#[derive(Serialize)]
struct Served {
    vendor: &'static str,
    url: String,
}

/// Prints the ready line, and for people what to do next. A closed standard output must not stop the sandbox.
fn ready(sandbox: &Sandbox, as_json: bool) {
    if as_json {
        let served = |VendorInfo { key, url, .. }: VendorInfo| Served { vendor: key, url };
        let vendors = sandbox.vendors().into_iter().map(served).collect();
        let _ = output::json_line(&Ready { line: "ready", url: sandbox.url(), vendors });
    } else {
        let _ = output::result(&format!("{}\n", sandbox.ready_line()));
        output::note(&introduction(sandbox));
    }
}

/// Returns where everything is, in a few lines.
fn introduction(sandbox: &Sandbox) -> String {
    let t = &text().sandbox;
    let (url, vendors) = (sandbox.url(), sandbox.vendors());
    let mut rows = vec![(t.console, format!("{url}/"))];
    for vendor in &vendors {
        rows.push((vendor.title, vendor.url.clone()));
        // What no table of configuration has, such as the address of a listener of its own.
        let addresses = vendor.notes.iter().filter(|note| note.contains("://"));
        rows.extend(addresses.map(|note| ("", note.clone())));
    }
    let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
    let mut lines: Vec<_> = rows.iter().map(|(name, what)| format!("  {name:<width$}  {what}")).collect();
    lines.push((t.inputs)(&format!("{url}/_sandbox/")));
    lines.push((t.variables)(&format!("kyc sandbox --env{}", options(sandbox.addr()))));
    lines.push(text().listen.times.to_owned());
    lines.join("\n")
}

/// The options with which another run prints the variables of this one.
fn options(address: SocketAddr) -> String {
    let mut options = String::new();
    if !address.ip().is_loopback() || address.is_ipv6() {
        options.push_str(&format!(" --bind {}", address.ip()));
    }
    if address.port() != SandboxBuilder::COMMAND_PORT {
        options.push_str(&format!(" --port {}", address.port()));
    }
    options
}
