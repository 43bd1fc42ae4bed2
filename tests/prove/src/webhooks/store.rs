//! What the inbox holds in the end.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use kyc_webhook::{EventInfo, EventState, Filter, Inbox as _, SqliteInbox, Stats};
use tokio::time::sleep;

use super::child::{self, FILE};

const PAGE: u32 = 500;
const PATIENCE: Duration = Duration::from_secs(600);

/// Opens the inbox of a folder beside the receiver.
pub(super) fn open(folder: &Path) -> Result<SqliteInbox> {
    child::open(folder, 10_000)
}

/// The stored events by their references.
#[derive(Default)]
pub(super) struct Stored(pub(super) BTreeMap<String, Vec<EventInfo>>);

impl Stored {
    pub(super) async fn read(inbox: &SqliteInbox) -> Result<Self> {
        let (mut stored, mut before) = (Self::default(), None);
        loop {
            let page = inbox.list(&Filter::default(), before, PAGE).await?;
            let Some(last) = page.last() else { return Ok(stored) };
            before = Some(last.id);
            for info in page {
                let event = inbox.get(info.id).await?.context("an event has gone")?;
                let reference = child::reference(&event).unwrap_or_default();
                stored.0.entry(reference).or_default().push(info);
            }
        }
    }

    pub(super) fn total(&self) -> usize {
        self.0.values().map(Vec::len).sum()
    }

    /// Returns how many events were stored more than once.
    pub(super) fn twice(&self) -> usize {
        self.0.values().filter(|events| events.len() > 1).count()
    }

    pub(super) fn is_stored(&self, reference: &str) -> bool {
        self.0.contains_key(reference)
    }

    pub(super) fn is_done(&self, reference: &str) -> bool {
        let events = self.0.get(reference).into_iter().flatten();
        events.map(|info| info.state).any(|state| state == EventState::Done)
    }
}

/// Waits until nothing is due any more.
pub(super) async fn drained(inbox: &SqliteInbox) -> Result<()> {
    const PAUSE: Duration = Duration::from_millis(50);
    for _ in 0..PATIENCE.as_millis() / PAUSE.as_millis() {
        let stats = inbox.stats().await?;
        if stats.new + stats.retrying == 0 {
            return Ok(());
        }
        sleep(PAUSE).await;
    }
    bail!("the dispatcher does not come to an end: {:?}", inbox.stats().await?)
}

pub(super) fn rows(stats: &Stats) -> u64 {
    stats.new + stats.retrying + stats.done + stats.dead + stats.unexpected
}

/// Returns what SQLite says about the file: `ok`.
pub(super) fn integrity(folder: &Path) -> Result<String> {
    let connection = rusqlite::Connection::open(folder.join(FILE))?;
    Ok(connection.query_row("PRAGMA integrity_check", [], |row| row.get(0))?)
}

/// Returns the size in KiB of the file and of those beside it.
pub(super) fn size_kib(folder: &Path) -> Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(FILE) {
            bytes += entry.metadata()?.len();
        }
    }
    Ok(bytes / 1024)
}

/// The events that were handled, by their references.
#[derive(Default)]
pub(super) struct HandledList {
    pub(super) once: BTreeSet<String>,
    pub(super) twice: BTreeSet<String>,
}

impl HandledList {
    pub(super) fn read(path: &Path) -> Result<Self> {
        let mut list = Self::default();
        for reference in fs::read_to_string(path).unwrap_or_default().lines() {
            if !list.once.insert(reference.to_owned()) {
                list.twice.insert(reference.to_owned());
            }
        }
        Ok(list)
    }
}
