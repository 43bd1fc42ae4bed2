//! Reports the fields of responses that this release does not know.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use crate::operation::Vendor;

/// A path in an answer that this release does not know: the vendor added a field, or renamed one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct UnknownField {
    /// Whose answer.
    pub vendor: Vendor,
    /// To which operation.
    pub operation: &'static str,
    /// The path, never the value.
    pub path: String,
}

/// What is told of each unknown.
pub type UnknownFieldHook = Arc<dyn Fn(&UnknownField) + Send + Sync>;

/// Reports each unknown path once per operation: as a `tracing` event and to a hook.
#[derive(Clone)]
pub struct UnknownFieldReporter {
    vendor: Vendor,
    hook: Option<UnknownFieldHook>,
    seen: Arc<Mutex<HashSet<UnknownField>>>,
}

/// A payload with ever new keys must not fill the memory.
const MAX_PATHS: usize = 1000;

impl UnknownFieldReporter {
    /// A log that has reported nothing yet. `hook` is told besides the `tracing` event.
    #[must_use]
    pub fn new(vendor: Vendor, hook: Option<UnknownFieldHook>) -> Self {
        Self { vendor, hook, seen: Arc::default() }
    }

    /// Reports the paths that were not reported before.
    pub fn report(&self, operation: &'static str, paths: Vec<String>) {
        for path in paths {
            let unknown = UnknownField { vendor: self.vendor, operation, path };
            {
                let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
                if seen.len() >= MAX_PATHS || !seen.insert(unknown.clone()) {
                    continue;
                }
            }
            tracing::warn!(vendor = %unknown.vendor, operation, path = %unknown.path, "unknown field in an answer");
            if let Some(hook) = &self.hook {
                hook(&unknown);
            }
        }
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
    fn unknown_is_reported_once() {
        let count = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&count);
        let hook: UnknownFieldHook = Arc::new(move |unknown: &UnknownField| {
            sink.lock().expect("no panic before").push(unknown.path.clone())
        });
        let log = UnknownFieldReporter::new(Vendor::new("toy"), Some(hook));
        log.report("look", vec!["a".into(), "b".into()]);
        log.clone().report("look", vec!["a".into()]);
        assert_eq!(*count.lock().expect("no panic before"), ["a", "b"]);
    }
}
