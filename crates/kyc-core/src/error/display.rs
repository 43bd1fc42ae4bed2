//! `Display` and `Debug` of [`Error`], without personal data, secrets or the vendor's message.

use std::borrow::Cow;
use std::fmt;

use super::{Delivery, Error, ErrorKind};
use crate::mask::mask;

impl Error {
    fn advice(&self) -> Cow<'static, str> {
        if let Some(advice) = self.advice_on_unknown_outcome() {
            return advice.into();
        }
        match self.0.kind {
            ErrorKind::Config => "correct the configuration".into(),
            ErrorKind::InvalidInput => "correct the value".into(),
            ErrorKind::Unauthenticated => "check the credentials".into(),
            ErrorKind::Forbidden => "request the permission from the vendor".into(),
            ErrorKind::QuotaExhausted => "buy credits or raise the contract's volume".into(),
            ErrorKind::Expired => "start again with a new key".into(),
            ErrorKind::NotFound => "check the id and the environment".into(),
            ErrorKind::Rejected if self.0.violations.is_empty() => "read the vendor's message".into(),
            ErrorKind::Rejected => "correct the fields named by the violations".into(),
            ErrorKind::RateLimited => match self.0.retry_after {
                Some(wait) => format!("retry after {} s", wait.as_secs_f64().ceil()).into(),
                None => "reduce the request rate".into(),
            },
            ErrorKind::Unavailable | ErrorKind::Transport | ErrorKind::Timeout => "retry later".into(),
            ErrorKind::Decode => "report the JSON path to the maintainers of this crate".into(),
            ErrorKind::Unsupported => "use another vendor or operation".into(),
        }
    }

    /// Returns the advice for a submission that may have been processed, which is never to send it again.
    fn advice_on_unknown_outcome(&self) -> Option<&'static str> {
        match &self.0.operation_id {
            Some(id) if id.is_reference() => Some(
                "do not submit it again: it may have been processed, and its webhook will carry the reference",
            ),
            Some(_) if self.may_have_landed() || self.0.delivery != Delivery::Answered => {
                Some("do not submit it again: query it by its operation id")
            }
            None if self.0.may_be_paid => {
                Some("do not submit it again before you have checked whether it was processed")
            }
            _ => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &self.0;
        write!(f, "{}", inner.vendor)?;
        if let Some(operation) = inner.operation {
            write!(f, " {operation}")?;
        }
        write!(f, ": {}", inner.what)?;
        if let Some(status) = inner.http_status {
            write!(f, " (HTTP {status})")?;
        }
        if inner.kind == ErrorKind::Rejected {
            for (place, violation) in inner.violations.iter().enumerate() {
                write!(f, "{}{}", if place == 0 { ": " } else { ", " }, mask(&violation.field))?;
            }
        }
        if let Some(path) = &inner.json_path {
            write!(f, " at {path}")?;
        }
        // A wait that ended without a result names no response: the vendor is still processing.
        if (inner.kind, inner.delivery) != (ErrorKind::Timeout, Delivery::Answered) {
            write!(f, "; {}", inner.delivery.clause())?;
        }
        if inner.attempts > 1 {
            write!(f, " after {} attempts", inner.attempts)?;
        }
        write!(f, "; {}", self.advice())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &self.0;
        f.debug_struct("Error")
            .field("kind", &inner.kind)
            .field("vendor", &inner.vendor)
            .field("operation", &inner.operation)
            .field("delivery", &inner.delivery)
            .field("what", &inner.what)
            .field("http_status", &inner.http_status)
            .field("attempts", &inner.attempts)
            .field("retry_after", &inner.retry_after)
            .field("json_path", &inner.json_path)
            .field("violations", &inner.violations)
            .field("operation_id", &inner.operation_id)
            .field("body", &inner.body)
            .field("cause", &inner.cause)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.cause.as_deref().map(|cause| cause as _)
    }
}
