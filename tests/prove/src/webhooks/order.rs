//! Observes that the file is synchronised before an event is acknowledged.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use super::child::Args;
use super::requests::clearsale;
use super::running::Running;
use super::sender::{ACCEPTED, Sender};
use super::{Part, folders};

const SEQUENTIAL: usize = 300;
const BURST: usize = 64;

pub(super) async fn prove() -> Result<Part> {
    let mut part = Part::new(
        "fsync before each acknowledgement, observed at the system calls; nothing is dispatched meanwhile",
        [
            "requests",
            "acknowledged",
            "syncs of the log",
            "acknowledged without a sync of their own",
            "syncs before the first acknowledgement",
        ],
    );
    if !cfg!(target_os = "linux") {
        part.untried.push("the order of synchronisations: only on Linux".to_owned());
        return Ok(part);
    }
    let (outer, folder) = folders()?;
    let library = compile(outer.path())?;
    let notes = outer.path().join("notes");
    let mut receiver = Running::start_watched(&Args::new(&folder), &library, &notes).await?;

    let started = read(&notes, 0)?.1;
    let sender = Sender::new()?;
    for number in 0..SEQUENTIAL {
        let reference = format!("sequential-{number}");
        let answer = sender.post(receiver.address, &clearsale(&reference, "Success", &reference)).await;
        ensure!(answer == ACCEPTED, "a request was answered: {answer}");
    }
    let (sequential, length) = read(&notes, started)?;
    judge(&mut part, &format!("{SEQUENTIAL}, one after another"), SEQUENTIAL, sequential);

    burst(&receiver).await?;
    let (burst, _) = read(&notes, length)?;
    judge(&mut part, &format!("{BURST} at once"), BURST, burst);
    receiver.stop().await?;
    Ok(part)
}

/// Sends requests over as many connections at once.
async fn burst(receiver: &Running) -> Result<()> {
    let (barrier, address) = (Arc::new(Barrier::new(BURST)), receiver.address);
    let mut running = JoinSet::new();
    for number in 0..BURST {
        let barrier = Arc::clone(&barrier);
        running.spawn(async move {
            let (sender, reference) = (Sender::new()?, format!("burst-{number}"));
            barrier.wait().await;
            let answer = sender.post(address, &clearsale(&reference, "Success", &reference)).await;
            ensure!(answer == ACCEPTED, "a request was answered: {answer}");
            Ok(())
        });
    }
    while let Some(ended) = running.join_next().await {
        ended??;
    }
    Ok(())
}

fn judge(part: &mut Part, name: &str, requests: usize, seen: Order) {
    part.row([
        name.to_owned(),
        seen.acknowledged.to_string(),
        seen.syncs.to_string(),
        seen.unsynced.to_string(),
        seen.before_first.to_string(),
    ]);
    let all = seen.acknowledged == requests && seen.requests == requests;
    part.check(all, format!("{name}: {} of {requests} acknowledgements were seen", seen.acknowledged));
    part.check(seen.unsynced == 0, format!("{name}: {} acknowledged without a sync", seen.unsynced));
    part.check(seen.before_first >= 1, format!("{name}: no sync before the first acknowledgement"));
}

/// Compiles the library that takes the notes.
fn compile(folder: &Path) -> Result<PathBuf> {
    let (source, library) = (folder.join("order.c"), folder.join("order.so"));
    fs::write(&source, include_str!("order.c"))?;
    let mut cc = Command::new(std::env::var_os("CC").unwrap_or_else(|| "cc".into()));
    let output = cc.args(["-shared", "-fPIC", "-O1", "-o"]).args([&library, &source]).arg("-ldl").output();
    let output = output.context("cannot start the C compiler")?;
    ensure!(output.status.success(), "cannot compile: {}", String::from_utf8_lossy(&output.stderr));
    Ok(library)
}

/// Reads the notes from an offset on. Returns what they tell, and where they end.
fn read(notes: &Path, from: usize) -> Result<(Order, usize)> {
    let text = fs::read_to_string(notes).unwrap_or_default();
    Ok((Order::read(&text[from..])?, text.len()))
}

/// What the notes of the library tell.
#[derive(Debug, Default, PartialEq, Eq)]
struct Order {
    requests: usize,
    acknowledged: usize,
    syncs: usize,
    /// Acknowledgements without a sync that began after the request was read and ended before.
    unsynced: usize,
    before_first: usize,
}

impl Order {
    fn read(notes: &str) -> Result<Self> {
        let mut order = Self::default();
        let (mut asked, mut begun) = (HashMap::new(), HashMap::new());
        let mut synced_from = None;
        for (at, line) in notes.lines().enumerate() {
            let (what, file) = line.split_once(' ').context("a note is malformed")?;
            match what {
                "R" => {
                    order.requests += 1;
                    asked.insert(file, at);
                }
                "B" => drop(begun.insert(file, at)),
                "S" => {
                    order.syncs += 1;
                    // Of syncs that overlap, the one that began last covers most.
                    synced_from = synced_from.max(begun.remove(file));
                }
                "A" => {
                    let asked = asked.remove(file);
                    let is_synced = asked.is_some() && synced_from > asked;
                    order.unsynced += usize::from(!is_synced);
                    if order.acknowledged == 0 {
                        order.before_first = order.syncs;
                    }
                    order.acknowledged += 1;
                }
                _ => {}
            }
        }
        Ok(order)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unsynced(notes: &str) -> usize {
        Order::read(&notes.replace(", ", "\n")).unwrap().unsynced
    }

    #[test]
    fn a_sync_counts_that_began_after_the_request_and_ended_before_the_acknowledgement() {
        assert_eq!(unsynced("R 9, B 5, S 5, A 9"), 0);
        assert_eq!(unsynced("R 9, R 10, B 5, S 5, A 9, A 10"), 0);
        assert_eq!(unsynced("R 9, A 9, B 5, S 5"), 1);
        assert_eq!(unsynced("B 5, S 5, R 9, A 9"), 1);
        assert_eq!(unsynced("B 5, R 9, S 5, A 9"), 1);
        assert_eq!(unsynced("R 9, B 5, A 9, S 5"), 1);
        assert_eq!(unsynced("R 9, b 5, s 5, A 9"), 1);
        assert_eq!(unsynced("R 9, B 5, S 5, A 9, R 9, A 9"), 1);
    }

    #[test]
    fn syncs_before_the_first_acknowledgement_are_counted() {
        let order = Order::read("R 9\nR 10\nB 5\nS 5\nA 9\nA 10\nB 5\nS 5").unwrap();
        let wanted = Order { requests: 2, acknowledged: 2, syncs: 2, unsynced: 0, before_first: 1 };
        assert_eq!(order, wanted);
    }
}
