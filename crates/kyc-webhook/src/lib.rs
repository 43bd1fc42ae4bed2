#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod arrivals;
#[cfg(feature = "sqlite")]
mod cipher;
mod dispatcher;
mod event;
mod handler;
mod inbox;
#[cfg(feature = "sqlite")]
mod keys;
#[cfg(feature = "sqlite")]
mod sqlite;

pub use arrivals::Arrivals;
pub use dispatcher::{DispatchOptions, Dispatcher};
pub use event::{Content, EventId, EventInfo, EventState, NewEvent, StoredEvent};
pub use handler::{Handled, Handler, Handlers};
pub use inbox::{Arrival, Filter, Forgotten, Inbox, InboxError, Purged, Put, Stats};
#[cfg(feature = "sqlite")]
pub use keys::{InboxKey, KeyRing};
#[cfg(feature = "sqlite")]
pub use sqlite::{SqliteInbox, SqliteInboxBuilder};

pub use kyc_core;
