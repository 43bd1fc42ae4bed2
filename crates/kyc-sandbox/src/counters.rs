//! What all vendors share: named operations, their counters, and the faults that are queued for them.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use crate::faults::FaultQueue;
use crate::newest::Dropped;
use crate::reply::Reply;
use crate::requests;
use crate::vendor::VendorFacts;

/// Declares a vendor's `Operation` enum, with each operation's name on the control routes, and its section of the vendor's
/// page in the documentation.
macro_rules! operations {
    (
        $(#[$meta:meta])*
        pub enum Operation { $($(#[$path:meta])* $operation:ident = $name:literal in $section:literal,)+ }
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

            /// Names and sections.
            pub(crate) const SECTIONS: &[(&'static str, &'static str)] = &[$(($name, concat!("#", $section))),+];

            /// Returns the name on the control routes.
            #[must_use]
            pub fn name(self) -> &'static str {
                self.as_str()
            }

            /// Returns the operation with that [`name`](Self::name).
            #[must_use]
            pub fn named(name: &str) -> Option<Self> {
                name.parse().ok()
            }
        }

        kyc_core::named!(Operation, "operation", $($operation = $name),+);

        #[cfg(test)]
        #[test]
        fn operations_are_read_back_from_their_names() {
            assert_eq!(Operation::ALL.len(), Operation::NAMES.len());
            for operation in Operation::ALL {
                assert_eq!(operation.to_string().parse(), Ok(*operation));
            }
            assert!("unknown".parse::<Operation>().is_err());
        }
    };
}
pub(crate) use operations;

/// The methods that every vendor's control has for its `counters`. Each vendor documents its own `paid_calls`.
macro_rules! counter_methods {
    ($(#[$paid:meta])* paid_calls) => {
        $(#[$paid])*
        #[must_use]
        pub fn paid_calls(&self) -> u64 {
            self.counters.paid()
        }

        /// Returns the number of paid calls of one operation.
        #[must_use]
        pub fn paid_calls_of(&self, operation: Operation) -> u64 {
            self.counters.of(operation.name()).paid
        }

        /// Returns the number of requests of an operation, whatever the response.
        #[must_use]
        pub fn requests(&self, operation: Operation) -> u64 {
            self.counters.of(operation.name()).requests
        }

        /// Queues a fault. Each request takes the first fault in the queue that applies to its operation.
        ///
        /// Returns whether it was queued: a thousand faults wait at most.
        pub fn fault(&self, fault: $crate::Fault<Operation>) -> bool {
            self.counters.faults.push(fault.by_name(Operation::name))
        }

        /// Returns how many requests the queued faults still apply to.
        #[must_use]
        pub fn waiting_faults(&self) -> u64 {
            self.counters.faults.waiting()
        }
    };
}
pub(crate) use counter_methods;

/// The counters of one vendor, by the names of its operations.
#[derive(Debug)]
pub(crate) struct Counters {
    vendor: &'static VendorFacts,
    /// The names of the operations, and their sections of the vendor's page.
    operations: &'static [(&'static str, &'static str)],
    pub(crate) faults: FaultQueue,
    /// What the tables of the vendor's state had no room for.
    pub(crate) dropped: Dropped,
    counts: Mutex<BTreeMap<&'static str, Count>>,
}

/// The counts of one operation.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Count {
    pub(crate) requests: u64,
    pub(crate) paid: u64,
}

impl Counters {
    pub(crate) fn new(
        vendor: &'static VendorFacts,
        operations: &'static [(&'static str, &'static str)],
    ) -> Self {
        Self {
            vendor,
            operations,
            faults: FaultQueue::default(),
            dropped: Dropped::default(),
            counts: Mutex::default(),
        }
    }

    pub(crate) fn operations(&self) -> impl Iterator<Item = &'static str> {
        self.operations.iter().map(|(name, _)| *name)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<&'static str, Count>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes everything that of the start.
    pub(crate) fn reset(&self) {
        self.faults.clear();
        self.dropped.reset();
        self.lock().clear();
    }

    pub(crate) fn of(&self, operation: &str) -> Count {
        self.lock().get(operation).copied().unwrap_or_default()
    }

    pub(crate) fn paid(&self) -> u64 {
        self.lock().values().map(|count| count.paid).sum()
    }

    /// Counts a paid call, with the digits of the CPF that it is about, if the request states one.
    pub(crate) fn pay(&self, operation: &'static str, cpf: Option<&str>) {
        requests::note_paid(operation, cpf);
        self.lock().entry(operation).or_default().paid += 1;
    }

    /// Counts a request.
    pub(crate) fn arrived(&self, operation: &'static str) {
        requests::note_operation(operation);
        self.lock().entry(operation).or_default().requests += 1;
    }

    /// Serves one request: counts it, and applies the first matching fault, for which see `Fault::apply`. An `Err` of
    /// `perform` is an error response of the vendor.
    pub(crate) async fn serve(
        &self,
        operation: &'static str,
        perform: impl FnOnce() -> Result<Reply, Reply>,
        sample: &'static str,
        error: impl FnOnce(StatusCode) -> Option<Reply>,
    ) -> Response {
        self.arrived(operation);
        let fault = self.faults.take(operation);
        tracing::debug!(vendor = self.vendor.key, operation, faulty = fault.is_some(), "request");
        let perform = || perform().unwrap_or_else(|refused| refused);
        let response = match fault {
            None => perform().due().await.into_response(),
            Some(fault) => {
                requests::note_fault();
                fault.apply(perform, sample, error).await
            }
        };
        let section = self.operations.iter().find(|(name, _)| *name == operation);
        self.vendor.refer(response, section.map_or("", |(_, section)| section))
    }
}
