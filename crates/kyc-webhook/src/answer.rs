//! What is answered to the sender.

use std::time::Duration;

use crate::receiver::Refusal;

/// When a sender is told to come back after a failure that is ours.
const RETRY_AFTER: Duration = Duration::from_secs(10);

/// The response to a request, independent of any web framework. The body of the response is [`reason`](Self::reason), or empty
/// if the request was accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// When the sender may try again, for the header `Retry-After`.
    pub retry_after: Option<Duration>,
    /// The reason in a few words. It says no more than the status, so that a forger learns nothing;
    /// [`Receipt`](crate::Receipt) says more.
    pub reason: &'static str,
}

impl Answer {
    pub(crate) fn accepted(status: u16) -> Self {
        Self { status, retry_after: None, reason: "accepted" }
    }

    pub(crate) fn refused(refusal: &Refusal) -> Self {
        let status = refusal.status();
        let reason = match status {
            401 => "the request is not authenticated",
            404 => "nothing is served at this path",
            405 => "only POST is served at this path",
            408 => "the body did not arrive in time",
            413 => "the body is too large",
            503 => "the request cannot be served now: send it again",
            _ => "the request cannot be read",
        };
        Self { status, retry_after: (status == 503).then_some(RETRY_AFTER), reason }
    }

    pub(crate) fn health(is_healthy: bool) -> Self {
        let (status, reason) = if is_healthy {
            (200, "healthy")
        } else {
            (503, "the inbox does not answer, or events have been due for too long")
        };
        Self { status, retry_after: None, reason }
    }

    /// Returns `true` if the request was accepted.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Returns the headers that belong to the status: `Allow`, `Retry-After`.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, String)> {
        let allow = (self.status == 405).then(|| ("allow", "POST".to_owned()));
        let retry_after = self.retry_after.map(|after| ("retry-after", after.as_secs().to_string()));
        allow.into_iter().chain(retry_after)
    }
}
