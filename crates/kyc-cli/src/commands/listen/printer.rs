//! Prints lines from a thread of its own, so that nobody who does not read them delays a vendor.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use kyc_core::{Clock as _, SystemClock, WebhookEvent, WebhookSource};
use kyc_webhook::{Receipt, Stats};
use serde::Serialize;

use super::events::Line;
use crate::failure::Failure;
use crate::messages::text;
use crate::outcome::Outcome;
use crate::output;

/// How many lines may wait to be printed. More are counted.
const WAITING: usize = 1024;
/// How many lines that anybody can cause are printed in each [`PERIOD`], so that nobody fills the disk by a log.
const CHEAP: u32 = 20;
const PERIOD: Duration = Duration::from_secs(10);
/// How long the last lines may take.
const LAST_LINES: Duration = Duration::from_secs(2);

/// How lines are printed.
#[derive(Clone, Copy)]
pub(super) struct Style {
    pub(super) as_json: bool,
    pub(super) simulated: bool,
    /// The width of the names.
    pub(super) width: usize,
}

impl Style {
    pub(super) fn of(sources: &[Arc<dyn WebhookSource>], as_json: bool, simulated: bool) -> Self {
        let names = |source: &Arc<dyn WebhookSource>| {
            let types = source.event_types().iter().chain([&WebhookEvent::UNREADABLE]);
            source.name().len() + 1 + types.map(|name| name.len()).max().unwrap_or_default()
        };
        Self { as_json, simulated, width: sources.iter().map(names).max().unwrap_or_default() }
    }
}

pub(super) struct Printer {
    lines: Lines,
    receiver: Option<Receiver<Line>>,
    style: Style,
    /// Closed when the thread ends.
    ended: Option<Receiver<()>>,
}

/// Takes lines.
#[derive(Clone)]
pub(super) struct Lines {
    sender: SyncSender<Line>,
    left_out: Arc<AtomicU64>,
}

impl Lines {
    /// Prints a line, unless too many wait.
    pub(super) fn say(&self, line: Line) {
        if self.sender.try_send(line).is_err() {
            self.left_out.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(super) fn received(&self, receipt: &Receipt) {
        Line::received(receipt).into_iter().for_each(|line| self.say(line));
    }
}

impl Printer {
    pub(super) fn new(style: Style) -> Self {
        let (sender, receiver) = sync_channel(WAITING);
        let lines = Lines { sender, left_out: Arc::default() };
        Self { lines, receiver: Some(receiver), style, ended: None }
    }

    pub(super) fn sender(&self) -> Lines {
        self.lines.clone()
    }

    /// Begins to print. Lines that came before are kept until then.
    pub(super) fn start(&mut self) -> Result<(), Failure> {
        let Some(receiver) = self.receiver.take() else { return Ok(()) };
        let (alive, ended) = sync_channel::<()>(0);
        let left_out = Arc::clone(&self.lines.left_out);
        let style = self.style;
        let thread = move || {
            Printing { style, left_out, cheap: 0 }.run(&receiver);
            drop(alive);
        };
        std::thread::Builder::new().name("lines".to_owned()).spawn(thread)?;
        self.ended = Some(ended);
        Ok(())
    }

    /// Prints the last lines and that the program was stopped. `lines` that others still hold end with them.
    pub(super) fn stop(self, signal: Outcome, stats: Option<Stats>) {
        let Self { lines, ended, style, .. } = self;
        drop(lines);
        if let Some(ended) = ended {
            let _ = ended.recv_timeout(LAST_LINES);
        }
        let open = stats.map(|stats| stats.new + stats.retrying);
        if style.as_json {
            let _ = output::json(signal, &Stopped { line: "stopped", open, simulated: style.simulated });
        } else {
            output::note(&(text().listen.stopped)(open.unwrap_or_default()));
        }
    }
}

#[derive(Serialize)]
struct Stopped {
    line: &'static str,
    /// How many events are neither handled nor dead.
    open: Option<u64>,
    simulated: bool,
}

#[derive(Serialize)]
struct LeftOut {
    line: &'static str,
    lines: u64,
    simulated: bool,
}

struct Printing {
    style: Style,
    left_out: Arc<AtomicU64>,
    /// How many cheap lines were printed in this period.
    cheap: u32,
}

impl Printing {
    /// Prints until nobody can say anything any more. A closed standard output does not stop it.
    fn run(&mut self, lines: &Receiver<Line>) {
        let mut end = SystemClock.elapsed() + PERIOD;
        loop {
            let line = lines.recv_timeout(end.saturating_sub(SystemClock.elapsed()));
            let now = SystemClock.elapsed();
            if now >= end || matches!(line, Err(RecvTimeoutError::Disconnected)) {
                self.count();
                (self.cheap, end) = (0, now + PERIOD);
            }
            match line {
                Ok(line) => self.print(&line),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn print(&mut self, line: &Line) {
        if line.is_cheap() {
            self.cheap += 1;
            if self.cheap > CHEAP {
                self.left_out.fetch_add(1, Ordering::Relaxed);
                return;
            }
        }
        let _ =
            if self.style.as_json { line.json(self.style.simulated) } else { line.print(self.style.width) };
    }

    /// Says how many lines were left out.
    fn count(&self) {
        let lines = self.left_out.swap(0, Ordering::Relaxed);
        if lines == 0 {
            return;
        }
        let _ = if self.style.as_json {
            output::json_line(&LeftOut { line: "left_out", lines, simulated: self.style.simulated })
        } else {
            output::result(&format!("{}\n", (text().listen.left_out)(lines)))
        };
    }
}
