//! The kinds of failure, and what is known of the request.

use std::fmt;

/// What went wrong, in kinds that a program can act on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The client was set up wrongly: an address, a certificate, a missing credential.
    Config,
    /// A value breaks a documented rule; nothing was sent.
    InvalidInput,
    /// The vendor does not accept the credentials or the token.
    Unauthenticated,
    /// The credentials are good but do not allow this.
    Forbidden,
    /// The contract's credits or volume are used up.
    QuotaExhausted,
    /// A key or session of limited life is spent: start again from where it is made.
    Expired,
    /// The vendor does not know what was asked for.
    NotFound,
    /// The vendor rejected the request; [`Error::violations`](crate::Error::violations) may name the fields.
    Rejected,
    /// Too many requests; [`Error::retry_after`](crate::Error::retry_after) may say how long to wait.
    RateLimited,
    /// The vendor failed on its side.
    Unavailable,
    /// The network failed before a whole answer arrived.
    Transport,
    /// A deadline passed.
    Timeout,
    /// The response is not what the vendor documents; [`Error::body`](crate::Error::body) keeps it.
    Decode,
    /// This vendor cannot do that.
    Unsupported,
}

impl ErrorKind {
    /// The kind as a word for logs, metrics and JSON: `rate_limited`.
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

    /// What an HTTP status says, or the status that a vendor repeats in its body; `None` for 2xx.
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

/// What is known of the request on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Delivery {
    /// Nothing reached the vendor.
    NotSent,
    /// The vendor refused the request without processing it (HTTP 401 or 429, a TLS refusal): it had no effect.
    Refused,
    /// The vendor's whole answer arrived.
    Answered,
    /// Sent in part or whole, and no whole answer came: it may have had its effect.
    Unknown,
}

impl Delivery {
    /// What is known, as a word for logs, metrics and JSON: `not_sent`.
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
