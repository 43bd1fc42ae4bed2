//! The retry rules: a table of faults and operation classes.

use std::time::Duration;

use backon::BackoffBuilder as _;

use crate::error::{Delivery, Error, ErrorKind};
use crate::operation::OperationClass;

/// The outcome of a failed attempt, as far as retries are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// There was no connection, and nothing was sent.
    NotSent,
    /// HTTP 401: the token is not accepted, or no longer.
    TokenRefused,
    /// HTTP 429.
    RateLimited,
    /// The request was sent, and no complete response arrived.
    Interrupted,
    /// The vendor responded that it failed.
    Unavailable,
    /// A repetition cannot change the outcome.
    Permanent,
}

/// The next step after a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Return the error.
    Stop,
    /// Wait, then send again.
    Retry,
    /// Fetch a new token, then send again; at most once in a call.
    LogIn,
}

impl Fault {
    fn of(error: &Error) -> Self {
        match (error.delivery(), error.kind()) {
            (Delivery::NotSent, ErrorKind::Transport | ErrorKind::Timeout) => Self::NotSent,
            (Delivery::Refused, ErrorKind::Unauthenticated) => Self::TokenRefused,
            (Delivery::Refused, ErrorKind::RateLimited) => Self::RateLimited,
            (Delivery::Unknown, _) => Self::Interrupted,
            (Delivery::Answered, ErrorKind::Unavailable) => Self::Unavailable,
            _ => Self::Permanent,
        }
    }
}

/// Looks up the next step. A paid operation is sent again only if its request certainly had no effect.
pub(crate) fn decide(error: &Error, class: OperationClass) -> Decision {
    use OperationClass::{Idempotent, Paid, Read};
    match (Fault::of(error), class) {
        (Fault::NotSent, Read | Idempotent | Paid) => Decision::Retry,
        (Fault::TokenRefused, Read | Idempotent | Paid) => Decision::LogIn,
        (Fault::RateLimited, Read | Idempotent | Paid) => Decision::Retry,
        (Fault::Interrupted, Read | Idempotent) => Decision::Retry,
        (Fault::Interrupted, Paid) => Decision::Stop,
        (Fault::Unavailable, Read | Idempotent) => Decision::Retry,
        (Fault::Unavailable, Paid) => Decision::Stop,
        (Fault::Permanent, Read | Idempotent | Paid) => Decision::Stop,
    }
}

/// Returns the pauses between attempts: about 0.2 s, 0.4 s, 0.8 s …, with jitter; the base grows to at most 5 s.
pub(crate) fn pauses() -> impl Iterator<Item = Duration> + Send {
    backon::ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(200))
        .with_max_delay(Duration::from_secs(5))
        .with_jitter()
        .without_max_times()
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::Vendor;

    #[test]
    fn every_row_of_the_table() {
        use Decision::{LogIn, Retry, Stop};
        use Delivery::{Answered, NotSent, Refused, Unknown};
        let rows = [
            // fault                              Read   Idempotent  Paid
            ((NotSent, ErrorKind::Transport), [Retry, Retry, Retry]),
            ((NotSent, ErrorKind::Timeout), [Retry, Retry, Retry]),
            ((NotSent, ErrorKind::InvalidInput), [Stop, Stop, Stop]),
            ((NotSent, ErrorKind::Config), [Stop, Stop, Stop]),
            ((NotSent, ErrorKind::Unauthenticated), [Stop, Stop, Stop]),
            ((Refused, ErrorKind::Unauthenticated), [LogIn, LogIn, LogIn]),
            ((Refused, ErrorKind::RateLimited), [Retry, Retry, Retry]),
            ((Unknown, ErrorKind::Timeout), [Retry, Retry, Stop]),
            ((Unknown, ErrorKind::Transport), [Retry, Retry, Stop]),
            ((Answered, ErrorKind::Unavailable), [Retry, Retry, Stop]),
            ((Answered, ErrorKind::Decode), [Stop, Stop, Stop]),
            ((Answered, ErrorKind::Rejected), [Stop, Stop, Stop]),
            ((Answered, ErrorKind::NotFound), [Stop, Stop, Stop]),
            ((Answered, ErrorKind::Forbidden), [Stop, Stop, Stop]),
            ((Answered, ErrorKind::QuotaExhausted), [Stop, Stop, Stop]),
            ((Answered, ErrorKind::Expired), [Stop, Stop, Stop]),
        ];
        for ((delivery, kind), wanted) in rows {
            let error = Error::new(Vendor::new("toy"), kind, delivery, "");
            let found = [OperationClass::Read, OperationClass::Idempotent, OperationClass::Paid]
                .map(|class| decide(&error, class));
            assert_eq!(found, wanted, "{kind:?} {delivery:?}");
        }
    }

    #[test]
    fn pauses_have_an_upper_bound() {
        let all: Vec<_> = pauses().take(20).collect();
        assert_eq!(all.len(), 20, "they do not run out");
        assert!(all.iter().all(|pause| *pause <= Duration::from_secs(10)), "{all:?}");
    }
}
