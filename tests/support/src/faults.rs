//! Faults of the network and of the vendor: the expected kind of error, delivery and number of requests.

use kyc_core::{Delivery, Error, ErrorKind};
use kyc_sandbox::Fault;

/// A permanent fault and the error that it causes. `O` is the vendor's list of operations in the sandbox.
#[derive(Clone, Debug)]
pub struct Row<O> {
    /// The name of the fault, for messages.
    pub name: &'static str,
    /// The fault to inject into the sandbox.
    pub fault: Fault<O>,
    /// The expected kind of error.
    pub kind: ErrorKind,
    /// The expected delivery of the last request.
    pub delivery: Delivery,
    /// The expected number of requests of a paid call.
    pub paid: u64,
    /// The expected number of requests of a free call.
    pub free: u64,
}

impl<O> Row<O> {
    /// Creates a row; `[paid, free]` are the requests of a paid call and of a free one.
    pub fn new(
        name: &'static str,
        fault: Fault<O>,
        kind: ErrorKind,
        delivery: Delivery,
        [paid, free]: [u64; 2],
    ) -> Self {
        Self { name, fault, kind, delivery, paid, free }
    }

    /// Checks the error of a paid call. A call that may have landed must not be reported as transient.
    pub fn check_paid(&self, error: &Error) {
        // A redirect does not say what became of a submission.
        let delivery = if self.name == "redirect" { Delivery::Unknown } else { self.delivery };
        check(self.name, error, self.kind, delivery, self.paid);
        assert!(!error.is_transient() || !error.may_have_landed(), "{}: must not be transient", self.name);
    }

    /// Checks the error of a free call.
    pub fn check_free(&self, error: &Error) {
        check(self.name, error, self.kind, self.delivery, self.free);
    }
}

/// Checks an error's kind, delivery and attempts, and that its message is one line without the HTTP client's text.
pub fn check(name: &str, error: &Error, kind: ErrorKind, delivery: Delivery, requests: u64) {
    assert_eq!((error.kind(), error.delivery()), (kind, delivery), "{name}: {error}");
    assert_eq!(u64::from(error.attempts()), requests, "{name}: {error}");
    let line = error.to_string();
    assert!(!line.contains('\n') && !line.contains("error sending request"), "{name}: {line}");
}

/// Returns the faults that mean the same for every vendor. The meaning of 401, 403 or a plain 429 depends on the vendor.
pub fn usual<O>() -> Vec<Row<O>> {
    use Delivery::{Answered, Refused, Unknown};
    use ErrorKind::{Config, Decode, RateLimited, Timeout, Transport, Unavailable};
    let soon = Fault::status(429).retry_after(1);
    let late = Fault::status(429).retry_after(3600);
    vec![
        Row::new("attempt timeout", Fault::hang(), Timeout, Unknown, [1, 3]),
        Row::new("connection closed", Fault::close(), Transport, Unknown, [1, 3]),
        Row::new("cut in the body", Fault::cut_body(), Transport, Unknown, [1, 3]),
        Row::new("429, Retry-After", soon, RateLimited, Refused, [3, 3]),
        Row::new("429, Retry-After beyond the deadline", late, RateLimited, Refused, [1, 1]),
        Row::new("500", Fault::status(500), Unavailable, Answered, [1, 3]),
        Row::new("503", Fault::status(503), Unavailable, Answered, [1, 3]),
        Row::new("HTML page", Fault::html(502), Unavailable, Answered, [1, 3]),
        Row::new("HTML page with 200", Fault::html(200), Decode, Answered, [1, 1]),
        Row::new("truncated JSON", Fault::truncated_json(), Decode, Answered, [1, 1]),
        Row::new("redirect", Fault::empty(307), Config, Answered, [1, 1]),
    ]
}

/// Returns the faults from which a free call recovers when they occur once.
pub fn passing<O>() -> [Fault<O>; 5] {
    [Fault::status(500), Fault::hang(), Fault::close(), Fault::cut_body(), Fault::html(503)]
}

/// Returns the faults that may occur after the request has taken effect.
pub fn lost_answers<O>() -> [Fault<O>; 7] {
    [
        Fault::hang(),
        Fault::close(),
        Fault::cut_body(),
        Fault::truncated_json(),
        Fault::html(200),
        Fault::html(502),
        Fault::status(500),
    ]
}
