//! The network and the vendor on a bad day: the kind of error, what is known of delivery, how many requests there were.

use kyc_core::{Delivery, Error, ErrorKind};
use kyc_sandbox::Fault;

/// A fault that does not pass, and what a client knows after it. `O` is the vendor's list of operations in the sandbox.
#[derive(Clone, Debug)]
pub struct Row<O> {
    /// What happens.
    pub name: &'static str,
    /// The same, for the sandbox.
    pub fault: Fault<O>,
    /// The kind of error.
    pub kind: ErrorKind,
    /// What is known of the last request.
    pub delivery: Delivery,
    /// How many requests there are of a call that costs money.
    pub paid: u64,
    /// How many there are of one that does not.
    pub free: u64,
}

impl<O> Row<O> {
    /// A fault, kind, delivery, requests of a paid call, requests of a free one.
    #[must_use]
    pub fn new(
        name: &'static str,
        fault: Fault<O>,
        kind: ErrorKind,
        delivery: Delivery,
        [paid, free]: [u64; 2],
    ) -> Self {
        Self { name, fault, kind, delivery, paid, free }
    }

    /// Holds the error of a paid call against the row. Nobody is told to simply send again what may have landed.
    ///
    /// # Panics
    /// It is another one.
    pub fn check_paid(&self, error: &Error) {
        // A redirect does not say what became of a submission.
        let delivery = if self.kind == ErrorKind::Config { Delivery::Unknown } else { self.delivery };
        check(self.name, error, self.kind, delivery, self.paid);
        assert!(!error.is_transient() || !error.may_have_landed(), "{}: not simply again", self.name);
    }

    /// Holds the error of a free call against the row.
    ///
    /// # Panics
    /// It is another one.
    pub fn check_free(&self, error: &Error) {
        check(self.name, error, self.kind, self.delivery, self.free);
    }
}

/// What an error must say, and that it is one line in words of our own.
///
/// # Panics
/// It does not say it.
pub fn check(name: &str, error: &Error, kind: ErrorKind, delivery: Delivery, requests: u64) {
    assert_eq!((error.kind(), error.delivery()), (kind, delivery), "{name}: {error}");
    assert_eq!(u64::from(error.attempts()), requests, "{name}: {error}");
    let line = error.to_string();
    assert!(!line.contains('\n') && !line.contains("error sending request"), "{name}: {line}");
}

/// What means the same whoever the vendor is. What 401, 403 or a plain 429 mean is each vendor's own affair.
#[must_use]
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

/// What a free call does not even notice when it happens once.
#[must_use]
pub fn passing<O>() -> [Fault<O>; 5] {
    [Fault::status(500), Fault::hang(), Fault::close(), Fault::cut_body(), Fault::html(503)]
}

/// What may go wrong once the request has had its effect.
#[must_use]
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
