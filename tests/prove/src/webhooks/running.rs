//! A receiver that runs in a process of its own, seen from here.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::{Child, ChildStdin, Command};
use tokio::time::timeout;

use super::child::Args;

const PATIENCE: Duration = Duration::from_secs(60);

/// A receiver. It ends when it is dropped.
pub(super) struct Running {
    process: Child,
    stdin: Option<ChildStdin>,
    pub(super) address: SocketAddr,
}

impl Running {
    pub(super) async fn start(args: &Args) -> Result<Self> {
        Self::spawn(&mut command(args)?).await
    }

    /// Starts a receiver into which a library is loaded that takes notes.
    pub(super) async fn start_watched(args: &Args, library: &Path, notes: &Path) -> Result<Self> {
        Self::spawn(command(args)?.env("LD_PRELOAD", library).env("WEBHOOK_ORDER_NOTES", notes)).await
    }

    async fn spawn(command: &mut Command) -> Result<Self> {
        let mut process = command.spawn().context("cannot start the receiver")?;
        let (stdin, output) = (process.stdin.take(), process.stdout.take().context("no output")?);
        let mut port = String::new();
        timeout(PATIENCE, BufReader::new(output).read_line(&mut port)).await??;
        let port = port.trim().parse().context("the receiver did not start")?;
        Ok(Self { process, stdin, address: (Ipv4Addr::LOCALHOST, port).into() })
    }

    /// Sends it SIGKILL.
    pub(super) async fn kill(mut self) -> Result<()> {
        Ok(self.process.kill().await?)
    }

    /// Tells it to stop, and waits until it has.
    pub(super) async fn stop(&mut self) -> Result<()> {
        drop(self.stdin.take());
        let status = self.ended().await?;
        ensure!(status.success(), "the receiver ended by {status}");
        Ok(())
    }

    /// Waits until it has ended by itself.
    pub(super) async fn ended(&mut self) -> Result<ExitStatus> {
        Ok(timeout(PATIENCE, self.process.wait()).await.context("the receiver does not end")??)
    }

    /// Makes the kernel forget the peak of its memory.
    pub(super) fn forget_peak(&self) -> Result<()> {
        fs::write(format!("{}/clear_refs", self.proc()?), "5").context("cannot reset the peak of its memory")
    }

    /// Returns the peak of its resident memory in MiB.
    pub(super) fn peak_mib(&self) -> Result<u64> {
        let status = fs::read_to_string(format!("{}/status", self.proc()?))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no VmHWM")?;
        Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? / 1024)
    }

    /// Returns the number of its open files, connections among them.
    pub(super) fn open_files(&self) -> Result<usize> {
        Ok(fs::read_dir(format!("{}/fd", self.proc()?))?.count())
    }

    fn proc(&self) -> Result<String> {
        Ok(format!("/proc/{}", self.process.id().context("the receiver has ended")?))
    }
}

/// Returns what a receiver says that cannot start.
pub(super) async fn refusal_to_start(args: &Args) -> Result<String> {
    let mut process = command(args)?.stderr(Stdio::piped()).spawn()?;
    let (mut said, mut errors) = (String::new(), process.stderr.take().context("no errors")?);
    timeout(PATIENCE, errors.read_to_string(&mut said)).await.context("the receiver started")??;
    ensure!(!process.wait().await?.success(), "the receiver started");
    Ok(said.trim().trim_start_matches("error: ").to_owned())
}

fn command(args: &Args) -> Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("serve-webhooks").args(args.to_arguments());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
    Ok(command)
}
