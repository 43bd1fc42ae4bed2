//! What is the same at every vendor: operations with names, what is counted of them, and the faults that wait for them.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use crate::faults::FaultQueue;
use crate::reply::Reply;

/// Declares a vendor's `Operation`, each with its name on the control routes.
macro_rules! operations {
    (
        $(#[$meta:meta])*
        pub enum Operation { $($(#[$path:meta])* $operation:ident = $name:literal,)+ }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Operation {
            $(
                $(#[$path])*
                #[doc = concat!("\n\nOn the control routes: `", $name, "`.")]
                $operation,
            )+
        }

        impl Operation {
            /// Every operation.
            pub const ALL: &[Self] = &[$(Self::$operation),+];

            pub(crate) const NAMES: &[&'static str] = &[$($name),+];

            /// The name on the control routes.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$operation => $name,)+
                }
            }

            /// The operation of that [`name`](Self::name).
            #[must_use]
            pub fn named(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|operation| operation.name() == name)
            }
        }
    };
}
pub(crate) use operations;

/// The methods that every vendor's control has for its `counters`. What `paid_calls` means, the vendor says.
macro_rules! counter_methods {
    ($(#[$paid:meta])* paid_calls) => {
        $(#[$paid])*
        #[must_use]
        pub fn paid_calls(&self) -> u64 {
            self.counters.paid()
        }

        /// The same of one operation.
        #[must_use]
        pub fn paid_calls_of(&self, operation: Operation) -> u64 {
            self.counters.of(operation.name()).paid
        }

        /// How many requests of an operation arrived, whatever their answer.
        #[must_use]
        pub fn requests(&self, operation: Operation) -> u64 {
            self.counters.of(operation.name()).requests
        }

        /// Orders a fault. Faults wait in line: each request takes the first one that is meant for its operation.
        pub fn fault(&self, fault: $crate::Fault<Operation>) {
            self.counters.faults.push(fault.by_name(Operation::name));
        }

        /// How many requests the waiting faults will still spoil.
        #[must_use]
        pub fn waiting_faults(&self) -> u64 {
            self.counters.faults.waiting()
        }
    };
}
pub(crate) use counter_methods;

/// Of one vendor; its operations go by their names.
#[derive(Debug)]
pub(crate) struct Counters {
    pub(crate) vendor: &'static str,
    pub(crate) operations: &'static [&'static str],
    pub(crate) faults: FaultQueue,
    counts: Mutex<BTreeMap<&'static str, Count>>,
}

/// Of one operation.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Count {
    pub(crate) requests: u64,
    pub(crate) paid: u64,
}

impl Counters {
    pub(crate) fn new(vendor: &'static str, operations: &'static [&'static str]) -> Self {
        Self { vendor, operations, faults: FaultQueue::default(), counts: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<&'static str, Count>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn of(&self, operation: &str) -> Count {
        self.lock().get(operation).copied().unwrap_or_default()
    }

    pub(crate) fn paid(&self) -> u64 {
        self.lock().values().map(|count| count.paid).sum()
    }

    pub(crate) fn pay(&self, operation: &'static str) {
        self.lock().entry(operation).or_default().paid += 1;
    }

    /// A request arrived.
    pub(crate) fn arrived(&self, operation: &'static str) {
        self.lock().entry(operation).or_default().requests += 1;
    }

    /// Answers one request: counts it, and lets a waiting fault have its way, for which see `Fault::spoil`. An `Err` of
    /// `perform` is a refusal.
    pub(crate) async fn serve(
        &self,
        operation: &'static str,
        perform: impl FnOnce() -> Result<Reply, Reply>,
        sample: &'static str,
        error: impl FnOnce(StatusCode) -> Option<Reply>,
    ) -> Response {
        self.arrived(operation);
        let fault = self.faults.take(operation);
        tracing::debug!(vendor = self.vendor, operation, faulty = fault.is_some(), "request");
        let perform = || perform().unwrap_or_else(|refused| refused);
        match fault {
            None => perform().into_response(),
            Some(fault) => fault.apply(perform, sample, error).await,
        }
    }
}
