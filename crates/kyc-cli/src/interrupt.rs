//! Ctrl-C and termination signals. They are received from the call of [`listen`] on, so that no paid call is lost.

use std::future::Future;
use std::io;

use crate::failure::{Failure, io_words};
use crate::messages::Said;
use crate::outcome::Outcome;

/// Registers the signals. The future completes with the outcome when the program receives a signal to stop.
#[cfg(unix)]
pub(crate) fn listen() -> Result<impl Future<Output = Outcome>, Failure> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => Outcome::Interrupted,
            _ = terminate.recv() => Outcome::Terminated,
        }
    })
}

/// Registers the signals. The future completes with the outcome when the program receives a signal to stop.
#[cfg(windows)]
pub(crate) fn listen() -> Result<impl Future<Output = Outcome>, Failure> {
    let mut interrupt = tokio::signal::windows::ctrl_c().map_err(failed)?;
    Ok(async move {
        interrupt.recv().await;
        Outcome::Interrupted
    })
}

fn failed(error: io::Error) -> Failure {
    Failure::System(Said::new(|t| (t.errors.signals)(&io_words(t, error.kind()))))
}
