//! Outgoing webhooks: what is public of a delivery. [`sender`] does the work, [`endpoint`] says where to.

mod endpoint;
mod sender;

use kyc_core::Timestamp;

pub(crate) use endpoint::{Authenticator, BearerToken, Endpoint, Event, NoAuthentication, parse_url};
pub(crate) use sender::{DeliveryPolicy, FirstAttempt, PAUSES, Record, WebhookSender, http_client};

/// One event for one webhook receiver, with every attempt so far.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Delivery {
    /// The key of the vendor that the event imitates.
    pub vendor: &'static str,
    /// What the event is about, such as the id of a transaction; or the event's own key, if the vendor gives it one.
    pub reference: String,
    /// What happened: the vendor's name of the event, or the new status.
    pub event: &'static str,
    /// Whether it repeats the delivery before it, because duplicates were requested.
    pub duplicate: bool,
    /// The current state.
    pub state: DeliveryState,
    /// The attempts, in order.
    pub attempts: Vec<Attempt>,
}

/// The state of a [`Delivery`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DeliveryState {
    /// Not attempted yet, or to be retried.
    Pending,
    /// Accepted by the receiver, with an HTTP status that the vendor counts as success.
    Delivered,
    /// The last attempt failed.
    GivenUp,
}

// The names on the control routes.
kyc_core::named!(DeliveryState, "state", Pending = "pending", Delivered = "delivered", GivenUp = "given_up");

/// One attempt to deliver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attempt {
    /// When it ended, on the sandbox's clock.
    pub at: Timestamp,
    /// The HTTP status of the response; `None` if there was none: the connection was refused or cut, or no response
    /// came within five seconds.
    pub http_status: Option<u16>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_read_back_from_their_names() {
        for (name, state) in DeliveryState::NAMES {
            assert_eq!((state.to_string().as_str(), name.parse()), (name, Ok(state)));
        }
        let error = "sent".parse::<DeliveryState>().expect_err("an unknown name");
        assert_eq!(error.rule(), "must be pending or delivered or given_up");
        assert_eq!(format!("{:>10}", DeliveryState::Pending), "   pending");
    }
}
