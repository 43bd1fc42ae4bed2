#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod arrivals;
mod dispatcher;
mod event;
mod handler;
mod inbox;

pub use arrivals::Arrivals;
pub use dispatcher::{DispatchOptions, Dispatcher};
pub use event::{Content, EventId, EventInfo, EventState, NewEvent, StoredEvent};
pub use handler::{Handled, Handler, Handlers};
pub use inbox::{Arrival, Filter, Forgotten, Inbox, InboxError, Purged, Put, Stats};

pub use kyc_core;
