//! The kinds of failure and the delivery of a request.

use std::fmt;

/// The kind of a failure, as far as a program can act on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The client is configured incorrectly: an invalid address or certificate, or a missing credential.
    Config,
    /// A value breaks a documented rule; nothing was sent.
    InvalidInput,
    /// The vendor does not accept the credentials or the token.
    Unauthenticated,
    /// The credentials are valid but do not permit the operation.
    Forbidden,
    /// The contract's credits or volume are used up.
    QuotaExhausted,
    /// A key or session of limited lifetime has expired or is used up: start again with the operation that creates it.
    Expired,
    /// The vendor does not know the requested resource.
    NotFound,
    /// The vendor rejected the request; [`Error::violations`](crate::Error::violations) may name the fields.
    Rejected,
    /// Too many requests; [`Error::retry_after`](crate::Error::retry_after) may say how long to wait.
    RateLimited,
    /// The vendor failed on its side.
    Unavailable,
    /// The network failed before a complete response arrived.
    Transport,
    /// A deadline passed.
    Timeout,
    /// The response does not match the vendor's documentation; [`Error::body`](crate::Error::body) keeps it.
    Decode,
    /// The vendor does not offer what was requested.
    Unsupported,
}

impl ErrorKind {
    /// Returns the name of the kind for logs, metrics and JSON, such as `rate_limited`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::InvalidInput => "invalid_input",
            Self::Unauthenticated => "unauthenticated",
            Self::Forbidden => "forbidden",
            Self::QuotaExhausted => "quota_exhausted",
            Self::Expired => "expired",
            Self::NotFound => "not_found",
            Self::Rejected => "rejected",
            Self::RateLimited => "rate_limited",
            Self::Unavailable => "unavailable",
            Self::Transport => "transport",
            Self::Timeout => "timeout",
            Self::Decode => "decode",
            Self::Unsupported => "unsupported",
        }
    }

    /// Returns the kind for an HTTP status, or for a status that a vendor repeats in its body; `None` for 2xx.
    #[must_use]
    pub fn of_status(status: u16) -> Option<Self> {
        match status {
            200..300 => None,
            300..400 => Some(Self::Config),
            401 => Some(Self::Unauthenticated),
            402 => Some(Self::QuotaExhausted),
            403 => Some(Self::Forbidden),
            404 | 410 => Some(Self::NotFound),
            408 => Some(Self::Unavailable),
            429 => Some(Self::RateLimited),
            400..500 => Some(Self::Rejected),
            _ => Some(Self::Unavailable),
        }
    }
}

/// What is known about the delivery of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Delivery {
    /// Nothing reached the vendor.
    NotSent,
    /// The vendor refused the request without processing it (HTTP 401 or 429, or a rejected TLS certificate): it had
    /// no effect.
    Refused,
    /// The vendor's complete response arrived.
    Answered,
    /// The request was sent in part or completely, and no complete response arrived: it may have been processed.
    Unknown,
}

impl Delivery {
    /// Returns the name of the state for logs, metrics and JSON, such as `not_sent`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NotSent => "not_sent",
            Self::Refused => "refused",
            Self::Answered => "answered",
            Self::Unknown => "unknown",
        }
    }

    pub(super) fn clause(self) -> &'static str {
        match self {
            Self::NotSent => "nothing was sent",
            Self::Refused => "the vendor refused it without processing it",
            Self::Answered => "the vendor responded",
            Self::Unknown => "it was sent but no complete response arrived",
        }
    }
}

impl fmt::Display for ErrorKind {
    /// Writes the [`name`](Self::name).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Delivery {
    /// Writes the [`name`](Self::name).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
