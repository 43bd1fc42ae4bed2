//! The log of the requests to the vendors' APIs.

mod path;
mod recorder;

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kyc_core::Timestamp;
use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};
use tokio::sync::watch;

pub use path::RequestPath;
pub(crate) use recorder::{PaidHook, Recorder, note_bytes, note_fault, note_operation, note_paid};

/// How many records are kept.
pub(crate) const MAX_RECORDS: usize = 1000;

/// A request to the API of a vendor, and how it was answered. It holds nothing that the client sent except its method
/// and a path without personal data.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RequestRecord {
    /// The number of the request, counted from 1 since the sandbox started.
    pub number: u64,
    /// When the request arrived, on the sandbox's clock.
    pub at: Timestamp,
    /// The key of the vendor.
    pub vendor: &'static str,
    /// The name of the operation; `None` if the request did not reach one.
    pub operation: Option<&'static str>,
    /// The HTTP method; `OTHER` if HTTP does not define it.
    pub method: &'static str,
    /// The path, without what a client wrote into it.
    pub path: RequestPath,
    /// The HTTP status; `None` if the connection was closed without a response, by the sandbox or by the client.
    pub status: Option<u16>,
    /// Why the request was refused, as in the header `X-Sandbox-Reason`.
    pub reason: Option<String>,
    /// What the pictures of the request show, if the answer was computed from them, as in the header `X-Sandbox-Simulated`.
    pub simulated: Option<String>,
    /// Whether a queued fault was applied.
    pub faulty: bool,
    /// Whether the vendor would charge for it.
    pub paid: bool,
    /// How long it took until the response, in real time.
    pub took: Duration,
    /// The length of the body as far as it was read.
    pub request_bytes: u64,
}

impl Serialize for RequestRecord {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut record = serializer.serialize_struct("RequestRecord", 13)?;
        record.serialize_field("number", &self.number)?;
        record.serialize_field("at", &self.at.to_rfc3339())?;
        record.serialize_field("vendor", self.vendor)?;
        record.serialize_field("operation", &self.operation)?;
        record.serialize_field("method", self.method)?;
        record.serialize_field("path", self.path.as_str())?;
        record.serialize_field("status", &self.status)?;
        record.serialize_field("reason", &self.reason)?;
        record.serialize_field("simulated", &self.simulated)?;
        record.serialize_field("faulty", &self.faulty)?;
        record.serialize_field("paid", &self.paid)?;
        // Tenths are enough, and a client of JSON reads milliseconds more easily than seconds and nanoseconds.
        record.serialize_field("took_ms", &((self.took.as_secs_f64() * 10_000.0).round() / 10.0))?;
        record.serialize_field("request_bytes", &self.request_bytes)?;
        record.end()
    }
}

/// Which records to return. The default is all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestFilter {
    /// The key of a vendor.
    pub vendor: Option<String>,
    /// The name of an operation.
    pub operation: Option<String>,
    /// How the request was answered.
    pub status: Option<StatusFilter>,
    /// Only records after the one with this number.
    pub since: Option<u64>,
}

/// How a request was answered, for a [`RequestFilter`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StatusFilter {
    /// With this HTTP status.
    Is(u16),
    /// The connection was closed without a response.
    Closed,
}

impl RequestFilter {
    fn admits(&self, record: &RequestRecord) -> bool {
        self.vendor.as_ref().is_none_or(|vendor| vendor == record.vendor)
            && self.operation.as_ref().is_none_or(|wanted| record.operation == Some(wanted))
            && self.since.is_none_or(|since| record.number > since)
            && self.status.is_none_or(|wanted| match wanted {
                StatusFilter::Is(status) => record.status == Some(status),
                StatusFilter::Closed => record.status.is_none(),
            })
    }
}

/// The newest 1000 requests. Returned by [`Sandbox::requests`](crate::Sandbox::requests); a clone is the same log.
#[derive(Clone)]
pub struct RequestLog(Arc<Log>);

struct Log {
    state: Mutex<State>,
    newest: watch::Sender<u64>,
    hook: Option<Hook>,
}

#[derive(Default)]
struct State {
    kept: VecDeque<RequestRecord>,
    total: u64,
    dropped: u64,
}

/// Called for each record.
#[derive(Clone)]
pub(crate) struct Hook(pub(crate) Arc<dyn Fn(&RequestRecord) + Send + Sync>);

impl fmt::Debug for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hook")
    }
}

impl RequestLog {
    pub(crate) fn new(hook: Option<Hook>) -> Self {
        Self(Arc::new(Log { state: Mutex::default(), newest: watch::Sender::new(0), hook }))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the newest records that the filter admits, at most `most` of them, in the order of their numbers.
    #[must_use]
    pub fn newest(&self, filter: &RequestFilter, most: usize) -> Vec<RequestRecord> {
        let state = self.lock();
        let admitted = state.kept.iter().rev().filter(|record| filter.admits(record)).take(most).cloned();
        let mut records: Vec<_> = admitted.collect();
        drop(state);
        records.reverse();
        records
    }

    /// Returns the number of requests since the sandbox started.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.lock().total
    }

    /// Returns how many records were dropped because newer ones took their place.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.lock().dropped
    }

    /// Returns a receiver that changes with each record, and when the log is cleared. Its value is the number of the
    /// newest record; after many requests at once it is that of the last one.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.0.newest.subscribe()
    }

    /// Drops every record. The numbers go on, so that a reader who asks for records since one of them misses none.
    pub(crate) fn clear(&self) {
        let mut state = self.lock();
        state.kept.clear();
        state.dropped = 0;
        self.0.newest.send_replace(state.total);
    }

    fn push(&self, mut record: RequestRecord) {
        let shown = {
            let mut state = self.lock();
            state.total += 1;
            record.number = state.total;
            let shown = self.0.hook.as_ref().map(|hook| (hook, record.clone()));
            if state.kept.len() == MAX_RECORDS {
                state.kept.pop_front();
                state.dropped += 1;
            }
            state.kept.push_back(record);
            // Within the lock, so that the number never goes back.
            self.0.newest.send_replace(state.total);
            shown
        };
        // Outside the lock, because a hook may write to a slow terminal, or read this log.
        // A panic of the hook during another one would abort the process.
        if let Some((hook, record)) = shown
            && !std::thread::panicking()
        {
            (hook.0)(&record);
        }
    }
}

impl fmt::Debug for RequestLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestLog").field("total", &self.total()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use kyc_core::{Clock as _, VirtualClock};

    use super::*;

    fn record(status: Option<u16>) -> RequestRecord {
        RequestRecord {
            number: 0,
            at: VirtualClock::frozen().now(),
            vendor: "example",
            operation: Some("match"),
            method: "GET",
            path: RequestPath::redacted("/example/match"),
            status,
            reason: None,
            simulated: None,
            faulty: false,
            paid: false,
            took: Duration::from_micros(1234),
            request_bytes: 0,
        }
    }

    fn numbers(log: &RequestLog, filter: &RequestFilter, most: usize) -> Vec<u64> {
        log.newest(filter, most).iter().map(|record| record.number).collect()
    }

    #[test]
    fn the_newest_records_are_kept() {
        let log = RequestLog::new(None);
        let newest = log.subscribe();
        for _ in 0..MAX_RECORDS + 2 {
            log.push(record(None));
        }
        let all = RequestFilter::default();
        let kept = numbers(&log, &all, usize::MAX);
        assert_eq!((kept.len(), kept[0], kept[MAX_RECORDS - 1]), (MAX_RECORDS, 3, 1002));
        assert_eq!((log.total(), log.dropped(), *newest.borrow()), (1002, 2, 1002));
        assert_eq!(numbers(&log, &all, 2), [1001, 1002]);
        log.clear();
        assert_eq!((log.total(), log.dropped()), (1002, 0));
        log.push(record(None));
        assert_eq!(numbers(&log, &all, 5), [1003]);
    }

    #[test]
    fn records_are_filtered() {
        let log = RequestLog::new(None);
        for status in [Some(200), Some(404), None, Some(200)] {
            log.push(record(status));
        }
        let with = |change: fn(&mut RequestFilter)| {
            let mut filter = RequestFilter::default();
            change(&mut filter);
            numbers(&log, &filter, 10)
        };
        assert_eq!(with(|filter| filter.status = Some(StatusFilter::Is(200))), [1, 4]);
        assert_eq!(with(|filter| filter.status = Some(StatusFilter::Closed)), [3]);
        assert_eq!(with(|filter| filter.since = Some(2)), [3, 4]);
        assert_eq!(with(|filter| filter.vendor = Some("example".to_owned())), [1, 2, 3, 4]);
        assert!(with(|filter| filter.vendor = Some("other".to_owned())).is_empty());
        assert_eq!(with(|filter| filter.operation = Some("match".to_owned())), [1, 2, 3, 4]);
        assert!(with(|filter| filter.operation = Some("query".to_owned())).is_empty());
    }

    #[test]
    fn a_hook_sees_each_record_and_may_read_the_log() {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let hook = {
            let seen = Arc::clone(&seen);
            Hook(Arc::new(move |record| seen.lock().expect("no panic").push(record.number)))
        };
        let log = RequestLog::new(Some(hook));
        log.push(record(None));
        log.push(record(Some(200)));
        assert_eq!(*seen.lock().expect("no panic"), [1, 2]);
    }
}
