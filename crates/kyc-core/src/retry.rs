//! What is tried again: one table, fault by class of operation.

use std::time::Duration;

use backon::BackoffBuilder as _;

use crate::error::{Delivery, Error, ErrorKind};
use crate::operation::OperationClass;

/// What an attempt came to, as far as trying again is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// It never left: no connection.
    NotSent,
    /// HTTP 401: the token is not, or no longer, accepted.
    TurnedAway,
    /// HTTP 429.
    RateLimited,
    /// It left and no whole answer came.
    Interrupted,
    /// The vendor answered that it failed.
    Unavailable,
    /// Anything that a repetition cannot change.
    Settled,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Return the error.
    Stop,
    /// Wait, then send again.
    Again,
    /// Fetch a new token, then send again; at most once in a call.
    LogIn,
}

impl Fault {
    fn of(error: &Error) -> Self {
        match (error.delivery(), error.kind()) {
            (Delivery::NotSent, ErrorKind::Transport | ErrorKind::Timeout) => Self::NotSent,
            (Delivery::Refused, ErrorKind::Unauthenticated) => Self::TurnedAway,
            (Delivery::Refused, ErrorKind::RateLimited) => Self::RateLimited,
            (Delivery::Unknown, _) => Self::Interrupted,
            (Delivery::Answered, ErrorKind::Unavailable) => Self::Unavailable,
            _ => Self::Settled,
        }
    }
}

/// The table. A paid operation goes again only when the request had no effect for certain.
pub(crate) fn decide(error: &Error, class: OperationClass) -> Decision {
    use OperationClass::{Idempotent, Paid, Read};
    match (Fault::of(error), class) {
        (Fault::NotSent, Read | Idempotent | Paid) => Decision::Again,
        (Fault::TurnedAway, Read | Idempotent | Paid) => Decision::LogIn,
        (Fault::RateLimited, Read | Idempotent | Paid) => Decision::Again,
        (Fault::Interrupted, Read | Idempotent) => Decision::Again,
        (Fault::Interrupted, Paid) => Decision::Stop,
        (Fault::Unavailable, Read | Idempotent) => Decision::Again,
        (Fault::Unavailable, Paid) => Decision::Stop,
        (Fault::Settled, Read | Idempotent | Paid) => Decision::Stop,
    }
}

/// The pauses between attempts: about 0.2 s, 0.4 s, 0.8 s … with jitter, never over 5 s.
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
    fn the_table_row_by_row() {
        use Decision::{Again, LogIn, Stop};
        use Delivery::{Answered, NotSent, Refused, Unknown};
        let rows = [
            // fault                              Read   Idempotent  Paid
            ((NotSent, ErrorKind::Transport), [Again, Again, Again]),
            ((NotSent, ErrorKind::Timeout), [Again, Again, Again]),
            ((NotSent, ErrorKind::InvalidInput), [Stop, Stop, Stop]),
            ((NotSent, ErrorKind::Config), [Stop, Stop, Stop]),
            ((NotSent, ErrorKind::Unauthenticated), [Stop, Stop, Stop]),
            ((Refused, ErrorKind::Unauthenticated), [LogIn, LogIn, LogIn]),
            ((Refused, ErrorKind::RateLimited), [Again, Again, Again]),
            ((Unknown, ErrorKind::Timeout), [Again, Again, Stop]),
            ((Unknown, ErrorKind::Transport), [Again, Again, Stop]),
            ((Answered, ErrorKind::Unavailable), [Again, Again, Stop]),
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
    fn pauses_grow_to_a_ceiling() {
        let all: Vec<_> = pauses().take(20).collect();
        assert_eq!(all.len(), 20, "they do not run out");
        assert!(all.iter().all(|pause| *pause <= Duration::from_secs(10)), "{all:?}");
    }
}
