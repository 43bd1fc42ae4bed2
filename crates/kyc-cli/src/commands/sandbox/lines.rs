//! A line on standard error for each request, from a thread of its own, so that a terminal that stands still delays no
//! client.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use kyc_sandbox::RequestRecord;
use serde::Serialize;

use crate::failure::Failure;
use crate::messages::{Messages, text};
use crate::output;

/// How many lines may wait to be printed. More are counted.
const WAITING: usize = 1024;
/// How long the last lines may take.
const LAST_LINES: Duration = Duration::from_secs(2);
/// The width of the keys of vendors and of most names of operations.
const VENDOR_WIDTH: usize = 9;
const OPERATION_WIDTH: usize = 16;

/// Takes records.
pub(super) struct Lines {
    sender: SyncSender<RequestRecord>,
    left_out: Arc<AtomicU64>,
}

impl Lines {
    /// Prints a record, unless too many wait.
    pub(super) fn say(&self, record: &RequestRecord) {
        if self.sender.try_send(record.clone()).is_err() {
            self.left_out.fetch_add(1, Ordering::Relaxed);
        }
    }
}

pub(super) struct Printer {
    /// Closed when the thread ends.
    ended: Receiver<()>,
}

impl Printer {
    pub(super) fn start(as_json: bool) -> Result<(Self, Lines), Failure> {
        let (sender, records) = sync_channel(WAITING);
        let (alive, ended) = sync_channel::<()>(0);
        let lines = Lines { sender, left_out: Arc::default() };
        let left_out = Arc::clone(&lines.left_out);
        let thread = move || {
            print(&records, &left_out, as_json);
            drop(alive);
        };
        std::thread::Builder::new().name("requests".to_owned()).spawn(thread)?;
        Ok((Self { ended }, lines))
    }

    /// Waits for the last lines. The sandbox has ended, and with it what took them.
    pub(super) fn stop(self) {
        let _ = self.ended.recv_timeout(LAST_LINES);
    }
}

#[derive(Serialize)]
struct Object<'a> {
    line: &'static str,
    #[serde(flatten)]
    record: &'a RequestRecord,
}

#[derive(Serialize)]
struct LeftOut {
    line: &'static str,
    lines: u64,
}

/// Prints until nobody can say anything any more.
fn print(records: &Receiver<RequestRecord>, left_out: &AtomicU64, as_json: bool) {
    for record in records {
        if as_json {
            output::json_note(&Object { line: "request", record: &record });
        } else {
            output::note(&lines_of(&record, text()));
        }
        match left_out.swap(0, Ordering::Relaxed) {
            0 => {}
            lines if as_json => output::json_note(&LeftOut { line: "left_out", lines }),
            lines => output::note(&(text().listen.left_out)(lines)),
        }
    }
}

/// One line, and another one each with the reason of a refusal and with what was seen on pictures.
fn lines_of(record: &RequestRecord, t: &Messages) -> String {
    let time: String = record.at.to_rfc3339().chars().skip(11).take(8).collect();
    let what = match record.operation {
        Some(operation) => operation.to_owned(),
        None => format!("{} {}", record.method, record.path),
    };
    let status = record.status.map_or_else(|| t.sandbox.closed.to_owned(), |status| status.to_string());
    let milliseconds = record.took.as_millis();
    let mut lines = format!(
        "{time}  {:<VENDOR_WIDTH$}  {what:<OPERATION_WIDTH$}  {status:<7}  {milliseconds} ms",
        record.vendor
    );
    for note in record.reason.iter().chain(&record.simulated) {
        lines.push_str(&format!("\n          {note}"));
    }
    lines
}
