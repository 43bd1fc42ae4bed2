//! Starts servers, and parts of comparisons in processes of their own.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use crate::rows::Comparison;
use crate::samples::Samples;
use crate::{Heap, certificates};

/// The environment of a comparison.
pub(crate) struct Stage<'a> {
    pub(crate) comparison: &'a Comparison,
    pub(crate) root: PathBuf,
}

/// The environment of a part, in its process.
pub(crate) struct Part {
    pub(crate) server: Option<String>,
    /// The folder of certificates, if the server requires one of the client.
    pub(crate) certificates: Option<PathBuf>,
    pub(crate) heap: Option<Heap>,
}

impl Part {
    pub(crate) fn server(&self) -> Result<&str> {
        self.server.as_deref().context("this part needs --server")
    }

    pub(crate) fn heap(&self) -> Result<Heap> {
        self.heap.context("this part needs the binary that counts allocations")
    }
}

/// The binary that a part runs in.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Binary {
    Plain,
    /// The binary that counts allocations.
    Counting,
}

/// A server in a process of its own, which ends when this value is dropped or this process ends.
pub(crate) struct Server {
    process: Child,
    address: String,
    certificates: Option<TempDir>,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Stage<'_> {
    /// Starts a server that reads no upload before `hold` of them have arrived.
    pub(crate) fn server(&self, hold: usize) -> Result<Server> {
        start(program(Binary::Plain)?.args(["serve", "--hold", &hold.to_string()]), None)
    }

    /// Starts a server with TLS that requires a client certificate.
    pub(crate) fn server_by_certificate(&self) -> Result<Server> {
        let folder = tempfile::tempdir()?;
        certificates::make(folder.path())?;
        start(program(Binary::Plain)?.arg("serve").arg("--certificates").arg(folder.path()), Some(folder))
    }

    /// Runs a part of this comparison in a new process.
    pub(crate) fn part(&self, name: &str, binary: Binary, server: Option<&Server>) -> Result<Samples> {
        let mut command = program(binary)?;
        command.args(["part", self.comparison.name, name]);
        if let Some(server) = server {
            command.args(["--server", &server.address]);
            if let Some(folder) = &server.certificates {
                command.arg("--certificates").arg(folder.path());
            }
        }
        let output = command.stderr(Stdio::inherit()).output().context("cannot start a part")?;
        ensure!(output.status.success(), "the part {name} failed");
        serde_json::from_slice(&output.stdout).context("cannot read the measurements of the part")
    }
}

fn start(command: &mut Command, certificates: Option<TempDir>) -> Result<Server> {
    let mut process =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().context("cannot start the server")?;
    let output = process.stdout.take().context("the server has no output")?;
    let mut server = Server { process, address: String::new(), certificates };
    BufReader::new(output).read_line(&mut server.address)?;
    server.address.truncate(server.address.trim_end().len());
    ensure!(!server.address.is_empty(), "the server did not start");
    Ok(server)
}

/// Returns the command of this binary or the other one.
fn program(binary: Binary) -> Result<Command> {
    let this = std::env::current_exe().context("cannot find this program")?;
    let name = match binary {
        Binary::Plain => "bench",
        Binary::Counting => "bench-heap",
    };
    Ok(Command::new(this.with_file_name(format!("{name}{}", std::env::consts::EXE_SUFFIX))))
}
