//! The faults.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Result, ensure};
use nix::mount::{MsFlags, mount};
use tokio::time::{sleep, timeout};

use super::Part;
use super::trial::Trial;
use crate::webhooks::child::{Args, FILE};
use crate::webhooks::running::refusal_to_start;

const NONE: Option<&str> = None;

/// A disk of 2 MB that something else fills.
pub(super) async fn full(part: &mut Part, outer: &Path) -> Result<()> {
    let folder = new_folder(outer, "full")?;
    if let Err(error) = mount(Some("none"), &folder, Some("tmpfs"), MsFlags::empty(), Some("size=2m")) {
        part.untried.push(format!("a full disk: {error}"));
        return Ok(());
    }
    let mut trial = Trial::begin("full", &folder).await?;
    let filler = folder.join("filler");
    fill(&filler)?;
    trial.send_until_refused().await?;
    fs::remove_file(&filler)?;
    trial.conclude(part).await
}

/// Writes a file until nothing fits any more.
pub(crate) fn fill(path: &Path) -> Result<()> {
    let mut file = File::create(path)?;
    for piece in [4096, 1] {
        while file.write_all(&vec![0; piece]).is_ok() {}
    }
    ensure!(file.metadata()?.len() > 0, "the disk was full before");
    Ok(())
}

/// Files that become immutable while they are open. An open file stays writable when its mount becomes read-only, which
/// the kernel refuses anyway, and root ignores modes.
pub(super) async fn read_only(part: &mut Part, outer: &Path) -> Result<()> {
    let folder = new_folder(outer, "immutable")?;
    let mut trial = Trial::begin("immutable files", &folder).await?;
    let Some(immutable) = Immutable::set(&folder) else {
        part.untried.push("read-only files: chattr +i is not allowed here".to_owned());
        return Ok(());
    };
    trial.send_until_refused().await?;
    trial.send_until_refused().await?;
    let accepted = trial.accepted_meanwhile();
    part.check(accepted == 0, format!("{accepted} events accepted into immutable files"));
    drop(immutable);
    trial.conclude(part).await
}

/// Makes the files writable again when it is dropped.
struct Immutable(Vec<PathBuf>);

impl Immutable {
    fn set(folder: &Path) -> Option<Self> {
        let files = Self(vec![folder.join(FILE), folder.join(format!("{FILE}-wal"))]);
        files.change("+i").then_some(files)
    }

    fn change(&self, how: &str) -> bool {
        let status = Command::new("chattr").arg(how).args(&self.0).stderr(Stdio::null()).status();
        status.is_ok_and(|status| status.success())
    }
}

impl Drop for Immutable {
    fn drop(&mut self) {
        self.change("-i");
    }
}

/// A folder that cannot be written when the receiver starts: without an inbox in it, and with one.
pub(super) async fn read_only_from_the_start(part: &mut Part, outer: &Path) -> Result<()> {
    let folder = new_folder(outer, "read-only")?;
    let bound = mount(Some(&folder), &folder, NONE, MsFlags::MS_BIND, NONE);
    if let Err(error) = bound.map_err(Into::into).and_then(|()| remount(&folder, MsFlags::MS_RDONLY)) {
        part.untried.push(format!("a read-only folder: {error}"));
        return Ok(());
    }
    let said = timeout(Duration::from_secs(30), refusal_to_start(&Args::new(&folder))).await??;
    let [name, none] = ["read-only at the start, and no inbox", ""].map(str::to_owned);
    part.row([name, format!("does not start: {said}"), none.clone(), none.clone(), none]);
    remount(&folder, MsFlags::empty())?;

    let mut trial = Trial::begin("read-only at the start", &folder).await?;
    trial.restart(|| remount(&folder, MsFlags::MS_RDONLY)).await?;
    trial.send_until_refused().await?;
    let accepted = trial.accepted_meanwhile();
    part.check(accepted == 0, format!("{accepted} events accepted into a read-only folder"));
    remount(&folder, MsFlags::empty())?;
    trial.conclude(part).await
}

/// Makes the folder's own mount read-only or writable.
fn remount(folder: &Path, flags: MsFlags) -> Result<()> {
    Ok(mount(NONE, folder, NONE, flags | MsFlags::MS_BIND | MsFlags::MS_REMOUNT, NONE)?)
}

/// Another process that holds the file's lock for writing, for 15 seconds, or 12 in the short form: longer than the
/// receiver waits for its inbox.
pub(super) async fn locked(part: &mut Part, outer: &Path, short: bool) -> Result<()> {
    let folder = new_folder(outer, "locked")?;
    let mut trial = Trial::begin("locked", &folder).await?;
    let holder = rusqlite::Connection::open(folder.join(FILE))?;
    holder.busy_timeout(Duration::from_secs(10))?;
    holder.execute_batch("BEGIN IMMEDIATE")?;
    let held_for = sleep(Duration::from_secs(if short { 12 } else { 15 }));
    tokio::pin!(held_for);
    loop {
        // The last round is given up: it would be answered after the lock has ended.
        tokio::select! {
            biased;
            () = &mut held_for => break,
            answers = trial.send(16) => drop(answers?),
        }
    }
    let accepted = trial.accepted_meanwhile();
    part.check(accepted == 0, format!("{accepted} events accepted into a locked file"));
    holder.execute_batch("ROLLBACK")?;
    drop(holder);
    trial.conclude(part).await
}

fn new_folder(outer: &Path, name: &str) -> Result<PathBuf> {
    let folder = outer.join(name);
    fs::create_dir(&folder)?;
    Ok(folder)
}
