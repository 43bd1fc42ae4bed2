//! Ctrl-C and the like: heard from the moment of asking on, so that a paid call is not forgotten.

use std::future::Future;
use std::io;

/// Ends when the program is asked to stop, with the exit code for that.
#[cfg(unix)]
pub(crate) fn listen() -> io::Result<impl Future<Output = u8>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => 130,
            _ = terminate.recv() => 143,
        }
    })
}

/// Ends when the program is asked to stop, with the exit code for that.
#[cfg(windows)]
pub(crate) fn listen() -> io::Result<impl Future<Output = u8>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        interrupt.recv().await;
        130
    })
}
