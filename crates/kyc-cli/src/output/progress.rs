//! Progress on a terminal.

use std::borrow::Cow;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// The spinner on the terminal, which the lines of results and messages must not be mixed with.
static CURRENT: Mutex<Option<ProgressBar>> = Mutex::new(None);

/// A spinner on a terminal, and nothing elsewhere. It is erased at the end.
#[derive(Debug)]
pub(crate) struct Progress(ProgressBar);

impl Progress {
    pub(crate) fn new(is_wanted: bool, what: impl Into<Cow<'static, str>>) -> Self {
        let target = if is_wanted { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(None, target);
        // A line wider than the terminal could not be erased.
        if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg} {elapsed}") {
            bar.set_style(style);
        }
        bar.set_message(what);
        bar.enable_steady_tick(Duration::from_millis(100));
        set_current(Some(bar.clone()));
        Self(bar)
    }

    pub(crate) fn say(&self, what: impl Into<Cow<'static, str>>) {
        self.0.set_message(what);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
        set_current(None);
    }
}

fn set_current(bar: Option<ProgressBar>) {
    *CURRENT.lock().unwrap_or_else(PoisonError::into_inner) = bar;
}

/// Writes to the terminal while the spinner is erased.
pub(super) fn without_spinner<T>(write: impl FnOnce() -> T) -> T {
    let bar = CURRENT.lock().unwrap_or_else(PoisonError::into_inner).clone();
    match bar {
        Some(bar) => bar.suspend(write),
        None => write(),
    }
}
