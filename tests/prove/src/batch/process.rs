//! The command as a process, watched until it ends or is killed.

use std::fs;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use kyc_core::{Clock as _, SystemClock};
use tokio::process::{Child, Command};
use tokio::time::sleep;

use super::command;
use super::people::Folder;
use super::vendors::Vendors;

/// Nothing is answered for that long.
const PATIENCE: Duration = Duration::from_secs(120);
const PAUSE: Duration = Duration::from_millis(50);

/// How it ended.
#[derive(Debug)]
pub(super) enum Ended {
    Killed,
    Exit(i32),
}

/// What the process had.
#[derive(Debug, Default)]
pub(super) struct Most {
    /// The memory after its first applicants.
    pub(super) first_kib: u64,
    /// The largest afterwards.
    pub(super) memory_kib: u64,
    pub(super) sockets: usize,
}

pub(super) struct Running<'a> {
    process: Child,
    folder: &'a Folder,
    pub(super) most: Most,
}

impl<'a> Running<'a> {
    /// Starts the command, the same one each time.
    pub(super) fn start(folder: &'a Folder, vendors: &Vendors, concurrency: usize) -> Result<Self> {
        let mut command = Command::new(command()?);
        command
            .args(["verify", "--batch", "people.csv", "--output", "results.csv", "--policy", "policy.toml"])
            .args(["--plain-text", "--concurrency", &concurrency.to_string()])
            .current_dir(folder.root())
            .env_clear()
            .envs(vendors.variables())
            .env("KYC_TOKEN_CACHE", folder.path("tokens"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(folder.path("stderr"))?)
            .kill_on_drop(true);
        let process = command.spawn().context("cannot start the command")?;
        Ok(Self { process, folder, most: Most::default() })
    }

    /// Watches it until it ends, or kills it once there are that many more results. Its memory is compared with that after its
    /// `first` results.
    pub(super) async fn watch(&mut self, first: usize, kill_after: Option<usize>) -> Result<Ended> {
        let start = self.folder.lines();
        let (mut known, mut changed) = (start, SystemClock.elapsed());
        loop {
            if let Some(status) = self.process.try_wait()? {
                return Ok(Ended::Exit(status.code().unwrap_or(-1)));
            }
            let lines = self.folder.lines();
            if lines != known {
                (known, changed) = (lines, SystemClock.elapsed());
            } else if SystemClock.elapsed().saturating_sub(changed) > PATIENCE {
                bail!("nothing was answered for {PATIENCE:?}: {}", self.folder.last_words());
            }
            if kill_after.is_some_and(|more| lines >= start + more) {
                self.process.kill().await?;
                return Ok(Ended::Killed);
            }
            self.measure(lines >= start + first);
            sleep(PAUSE).await;
        }
    }

    fn measure(&mut self, is_later: bool) {
        let Some(id) = self.process.id() else { return };
        // It may end meanwhile.
        let Ok(status) = fs::read_to_string(format!("/proc/{id}/status")) else { return };
        let memory = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let memory = memory.and_then(|text| text.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0);
        if is_later {
            self.most.memory_kib = self.most.memory_kib.max(memory);
        } else {
            self.most.first_kib = self.most.first_kib.max(memory);
        }
        let files = fs::read_dir(format!("/proc/{id}/fd")).into_iter().flatten().flatten();
        let links = files.filter_map(|file| fs::read_link(file.path()).ok());
        let sockets = links.filter(|link| link.to_string_lossy().starts_with("socket:")).count();
        self.most.sockets = self.most.sockets.max(sockets);
    }
}
