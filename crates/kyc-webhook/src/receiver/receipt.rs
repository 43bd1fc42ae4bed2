//! What the operator learns of a request.

use kyc_core::WebhookError;

use crate::inbox::{InboxError, Put};

/// What became of a request, without its content: for logs and for the operator's eyes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Receipt {
    /// The name of the webhook, if one is served at the path.
    pub source: Option<&'static str>,
    /// What became of the request.
    pub outcome: Outcome,
}

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// It was accepted, and its events are stored. A request may hold none.
    Accepted(Vec<ReceivedEvent>),
    /// It was refused.
    Refused(Refusal),
}

/// An event of an accepted request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReceivedEvent {
    /// What happened, by the name that the vendor's crate gives it.
    pub event_type: &'static str,
    /// What the inbox did with it.
    pub put: Put,
    /// Whether the operation is complete.
    pub is_final: bool,
}

/// Why a request was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// No webhook is served at the path.
    #[error("no webhook is served at this path")]
    Route,
    /// The method is not POST.
    #[error("the method is not POST")]
    Method,
    /// The source refused the request.
    #[error(transparent)]
    Source(#[from] WebhookError),
    /// The body, or the size that was declared, exceeds the limit.
    #[error("the body is too large")]
    TooLarge,
    /// The body did not arrive in time.
    #[error("the body did not arrive in time")]
    Slow,
    /// The body ended too early or was malformed.
    #[error("the body ended too early or was malformed")]
    Incomplete,
    /// The requests that are being received hold as much memory as they may.
    #[error("too many bytes of requests are in memory")]
    Busy,
    /// The inbox failed.
    #[error(transparent)]
    Store(#[from] InboxError),
    /// The inbox did not store the events in time.
    #[error("the inbox did not store the events in time")]
    StoreSlow,
}

impl Refusal {
    /// Returns the HTTP status to respond with.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::Route => 404,
            Self::Method => 405,
            Self::Source(error) => error.http_status(),
            Self::TooLarge => 413,
            Self::Slow => 408,
            Self::Incomplete => 400,
            Self::Busy | Self::Store(_) | Self::StoreSlow => 503,
        }
    }

    /// Returns the reason in one word, for counters.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Route => "route",
            Self::Method => "method",
            Self::Source(error) => error.reason(),
            Self::TooLarge => "too_large",
            Self::Slow => "slow",
            Self::Incomplete => "incomplete",
            Self::Busy => "busy",
            Self::Store(_) => "store",
            Self::StoreSlow => "store_slow",
        }
    }
}
