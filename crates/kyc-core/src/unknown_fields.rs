//! Reports fields of responses that this release does not know.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use crate::json::Decoded;
use crate::operation::Vendor;

/// A path in a response that this release does not know, because the vendor added or renamed a field.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct UnknownField {
    /// The vendor.
    pub vendor: Vendor,
    /// The operation.
    pub operation: &'static str,
    /// The JSON path. The value is never reported.
    pub path: String,
}

/// A function that is called for each unknown field.
pub type UnknownFieldHook = Arc<dyn Fn(&UnknownField) + Send + Sync>;

/// Reports each unknown path once per operation: as a `tracing` event and to a hook.
#[derive(Clone)]
pub struct UnknownFieldReporter {
    vendor: Vendor,
    hook: Option<UnknownFieldHook>,
    seen: Arc<Mutex<HashMap<&'static str, HashSet<String>>>>,
    is_unauthenticated: bool,
}

/// The maximum number of paths that are remembered per operation, so that payloads with ever new keys do not fill the memory.
const MAX_PATHS: usize = 200;

impl UnknownFieldReporter {
    /// Creates a reporter. `hook` is called in addition to the `tracing` event.
    #[must_use]
    pub fn new(vendor: Vendor, hook: Option<UnknownFieldHook>) -> Self {
        Self { vendor, hook, seen: Arc::default(), is_unauthenticated: false }
    }

    /// Configures the reporter for payloads of unauthenticated senders. If there are too many paths, the earlier ones are
    /// forgotten, so that a sender cannot suppress the report of a real change. A path may then be reported again.
    #[must_use]
    pub fn for_unauthenticated(mut self) -> Self {
        self.is_unauthenticated = true;
        self
    }

    /// Reports the repairs and the ignored paths of a decoded document, and returns its value.
    pub fn observe<T>(&self, operation: &'static str, decoded: Decoded<T>) -> T {
        if !decoded.repairs.is_empty() {
            let repairs = &decoded.repairs;
            tracing::warn!(vendor = %self.vendor, operation, ?repairs, "malformed JSON was repaired");
        }
        self.report(operation, decoded.ignored);
        decoded.value
    }

    /// Reports those paths that were not reported before.
    pub fn report(&self, operation: &'static str, paths: Vec<String>) {
        for path in paths.into_iter().filter(|path| self.is_new(operation, path)) {
            tracing::warn!(vendor = %self.vendor, operation, path, "unknown field in a response");
            if let Some(hook) = &self.hook {
                hook(&UnknownField { vendor: self.vendor, operation, path });
            }
        }
    }

    fn is_new(&self, operation: &'static str, path: &str) -> bool {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = seen.entry(operation).or_default();
        if seen.len() >= MAX_PATHS {
            if !self.is_unauthenticated {
                return false;
            }
            seen.clear();
        }
        seen.insert(path.to_owned())
    }
}

impl fmt::Debug for UnknownFieldReporter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnknownFieldReporter").field("vendor", &self.vendor).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_reported_once() {
        let count = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&count);
        let hook: UnknownFieldHook = Arc::new(move |unknown: &UnknownField| {
            sink.lock().expect("no panic before").push(unknown.path.clone())
        });
        let log = UnknownFieldReporter::new(Vendor::new("toy"), Some(hook));
        log.report("read_status", vec!["a".into(), "b".into()]);
        log.clone().report("read_status", vec!["a".into()]);
        assert_eq!(*count.lock().expect("no panic before"), ["a", "b"]);
    }

    #[test]
    fn an_unauthenticated_sender_cannot_suppress_reports() {
        let reported = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&reported);
        let hook: UnknownFieldHook = Arc::new(move |unknown: &UnknownField| {
            sink.lock().expect("no panic before").push(unknown.path.clone())
        });
        let reporter = UnknownFieldReporter::new(Vendor::new("toy"), Some(hook));
        reporter.report("read_status", (0..1000).map(|key| key.to_string()).collect());
        assert_eq!(reported.lock().expect("no panic before").len(), MAX_PATHS);
        reporter.report("other", vec!["a".into()]);
        assert_eq!(
            reported.lock().expect("no panic before").len(),
            MAX_PATHS + 1,
            "each operation has its own"
        );
        let open = reporter.for_unauthenticated();
        open.report("read_status", vec!["news".into()]);
        assert_eq!(reported.lock().expect("no panic before").last().map(String::as_str), Some("news"));
    }
}
