//! The sandbox, in a process of its own, and that process seen from here.

use std::fs;
use std::io::{BufRead as _, Write as _};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result};
use kyc_sandbox::Sandbox;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(60);

/// Prints its URL, and the number of its tasks for each line that it reads. It serves until the standard input ends, so
/// that it never outlives its parent process. Each request is made a line of JSON, as the command does.
pub(crate) fn serve() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let builder = Sandbox::builder().on_request(|record| {
        let _ = serde_json::to_writer(std::io::sink(), record);
    });
    let sandbox = runtime.block_on(builder.start())?;
    println!("{}", sandbox.url());
    for line in std::io::stdin().lock().lines() {
        line?;
        println!("{}", runtime.metrics().num_alive_tasks());
        std::io::stdout().flush()?;
    }
    runtime.block_on(sandbox.shutdown());
    Ok(())
}

/// A sandbox. It ends when it is dropped.
pub(super) struct Running {
    process: Child,
    stdin: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    pub(super) url: String,
}

impl Running {
    pub(super) async fn start() -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("serve-sandbox").stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut process = command.spawn().context("cannot start the sandbox")?;
        let stdin = process.stdin.take().context("no input")?;
        let output = BufReader::new(process.stdout.take().context("no output")?).lines();
        let mut running = Self { process, stdin, output, url: String::new() };
        running.url = running.line().await?;
        Ok(running)
    }

    async fn line(&mut self) -> Result<String> {
        let line = timeout(PATIENCE, self.output.next_line()).await.context("the sandbox says nothing")??;
        line.context("the sandbox has ended")
    }

    /// Returns the number of its tasks.
    pub(super) async fn tasks(&mut self) -> Result<u64> {
        self.stdin.write_all(b"\n").await?;
        Ok(self.line().await?.parse()?)
    }

    /// Returns its resident memory in KiB.
    pub(super) fn memory_kib(&self) -> Result<u64> {
        let status = fs::read_to_string(format!("{}/status", self.proc()?))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
        Ok(line.trim().trim_end_matches(" kB").parse()?)
    }

    /// Returns the number of its open files, sockets among them.
    pub(super) fn open_files(&self) -> Result<usize> {
        Ok(fs::read_dir(format!("{}/fd", self.proc()?))?.count())
    }

    fn proc(&self) -> Result<String> {
        Ok(format!("/proc/{}", self.process.id().context("the sandbox has ended")?))
    }
}
