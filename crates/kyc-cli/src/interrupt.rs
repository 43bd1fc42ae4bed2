//! Ctrl-C and termination signals. They are received from the call of [`listen`] on, so that no paid call is lost.

use std::future::Future;
use std::io;

/// Registers the signals. The future completes with the exit code when the program receives a signal to stop.
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

/// Registers the signals. The future completes with the exit code when the program receives a signal to stop.
#[cfg(windows)]
pub(crate) fn listen() -> io::Result<impl Future<Output = u8>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        interrupt.recv().await;
        130
    })
}
