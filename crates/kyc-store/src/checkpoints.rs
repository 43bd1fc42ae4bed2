//! The thread that copies the write-ahead log into the file, so that no commit has to wait for it.
//!
//! While others write, it never copies the end of the log, which then could not begin anew. So the writer copies the little that is
//! left after it.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use rusqlite::Connection;

use crate::error::{Result, file_error};
use crate::file;

/// About how many bytes are logged between two checkpoints. The more, the more often a page is copied once for many requests.
const STEP: usize = 16 * 1024 * 1024;

/// About how many bytes a request logs beside its own: a page of each of several indexes.
const REQUEST: usize = 12 * 1024;

/// Starts a checkpoint now and then. The thread ends when this is dropped.
pub(crate) struct Checkpoints {
    start: SyncSender<()>,
    logged: usize,
    is_copied: Arc<AtomicBool>,
}

impl Checkpoints {
    /// Starts the thread.
    pub(crate) fn start(path: PathBuf) -> Result<Self> {
        let (start, started) = sync_channel(1);
        let is_copied = Arc::<AtomicBool>::default();
        let copied = Arc::clone(&is_copied);
        let thread = std::thread::Builder::new().name("kyc-store-checkpoint".to_owned());
        thread
            .spawn(move || serve(path, &started, &copied))
            .map_err(|error| file_error("the store's thread cannot be started", &error))?;
        Ok(Self { start, logged: 0, is_copied })
    }

    /// Notes that requests with so many bytes were committed over that connection.
    pub(crate) fn committed(&mut self, connection: &Connection, requests: usize, bytes: usize) {
        if self.is_copied.swap(false, Ordering::AcqRel) {
            warn_of(file::checkpoint(connection));
        }
        self.logged = self.logged.saturating_add(bytes).saturating_add(requests.saturating_mul(REQUEST));
        // If one is waiting already, that one is enough.
        if self.logged >= STEP && self.start.try_send(()).is_ok() {
            self.logged = 0;
        }
    }
}

fn warn_of(checkpoint: Result<()>) {
    if let Err(error) = checkpoint {
        tracing::warn!(%error, "the write-ahead log of the store cannot be copied for now");
    }
}

fn serve(path: PathBuf, started: &Receiver<()>, is_copied: &AtomicBool) {
    let mut connection: Option<Connection> = None;
    while started.recv().is_ok() {
        let opened = match connection.take() {
            Some(connection) => Ok(connection),
            None => file::open_for_checkpoints(&path),
        };
        let copied = opened.and_then(|opened| {
            file::checkpoint(&opened)?;
            connection = Some(opened);
            Ok(())
        });
        is_copied.store(copied.is_ok(), Ordering::Release);
        warn_of(copied);
    }
}
