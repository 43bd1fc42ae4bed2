//! Outgoing webhooks: what is public of a delivery. [`sender`] does the work, [`endpoint`] says where to.

mod endpoint;
mod sender;

use kyc_core::Timestamp;

use crate::text_form::text_form;

pub(crate) use endpoint::{Authenticator, BearerToken, Event, NoAuthentication};
pub(crate) use sender::{DeliveryPolicy, FirstAttempt, PAUSES, Record, WebhookSender, http_client};

/// One event for one webhook receiver, with every attempt so far.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Delivery {
    /// The vendor that the event imitates.
    pub vendor: &'static str,
    /// What the event is about: for ClearSale the transaction id, with dashes; for Certiface the protocol; for
    /// Bankly the event's idempotency key, which a resend takes.
    pub reference: String,
    /// What happened: for ClearSale the new status; for Certiface `Completo`, `Error` or `status-update`; for
    /// Bankly the event's name.
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

impl DeliveryState {
    /// The name on the control routes: `pending`, `delivered` or `given_up`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::GivenUp => "given_up",
        }
    }
}

text_form!(DeliveryState, &[Self::Pending, Self::Delivered, Self::GivenUp]);

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
