//! Ctrl-C and termination signals. They are received from the call of [`listen`] on, so that no paid call is lost.

use std::future::Future;
use std::io;

use crate::outcome::Outcome;

/// Registers the signals. The future completes with the outcome when the program receives a signal to stop.
#[cfg(unix)]
pub(crate) fn listen() -> io::Result<impl Future<Output = Outcome>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => Outcome::Interrupted,
            _ = terminate.recv() => Outcome::Terminated,
        }
    })
}

/// Registers the signals. The future completes with the outcome when the program receives a signal to stop.
#[cfg(windows)]
pub(crate) fn listen() -> io::Result<impl Future<Output = Outcome>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        interrupt.recv().await;
        Outcome::Interrupted
    })
}
