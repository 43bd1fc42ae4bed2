#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod answer;
mod arrivals;
mod dispatcher;
mod event;
mod handler;
mod inbox;
mod proxies;
mod receiver;
#[cfg(feature = "axum")]
mod router;
#[cfg(feature = "server")]
mod server;
#[cfg(feature = "sqlite")]
mod sqlite;

pub use answer::Answer;
pub use arrivals::Arrivals;
pub use dispatcher::{DispatchOptions, Dispatcher};
pub use event::{Content, EventId, EventInfo, EventState, NewEvent, StoredEvent};
pub use handler::{Handled, Handler, Handlers};
pub use inbox::{Arrival, Filter, Forgotten, Inbox, InboxError, Purged, Put, Stats};
#[cfg(feature = "sqlite")]
pub use kyc_store::{KeyRing, StoreKey as InboxKey};
pub use receiver::{
    Outcome, Receipt, ReceivedEvent, Receiver, ReceiverBuilder, ReceiverLimits, Refusal, RequestHead,
};
#[cfg(feature = "axum")]
pub use router::router;
#[cfg(feature = "server")]
pub use server::{Server, ServerLimits};
#[cfg(feature = "sqlite")]
pub use sqlite::{SqliteInbox, SqliteInboxBuilder};

pub use kyc_core;
