//! Reads, outside the runtime's threads.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use tokio::sync::Semaphore;

use crate::error::{Result, StoreError};
use crate::file;

/// How many reads run at a time.
const CONNECTIONS: usize = 4;

/// A few connections that read.
#[derive(Clone)]
pub struct Readers {
    path: Arc<PathBuf>,
    turns: Arc<Semaphore>,
    idle: Arc<Mutex<Vec<Connection>>>,
}

impl fmt::Debug for Readers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Readers").finish_non_exhaustive()
    }
}

impl Readers {
    /// Creates readers of a file that was prepared.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self { path: Arc::new(path), turns: Arc::new(Semaphore::new(CONNECTIONS)), idle: Arc::default() }
    }

    /// Reads on a thread for blocking work.
    ///
    /// # Errors
    /// The read failed.
    pub async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let failed = |_| StoreError::Failed("a read of the store was cut off".to_owned());
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        let readers = self.clone();
        let work = move || {
            let _turn = turn;
            readers.read_now(read)
        };
        tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(failed(error)))
    }

    fn read_now<T>(&self, read: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = idle.map_or_else(|| file::open_reader(&self.path), Ok)?;
        let value = read(&connection)?;
        // After a fault it is opened again.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        Ok(value)
    }
}
