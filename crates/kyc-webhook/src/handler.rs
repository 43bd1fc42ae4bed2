//! What is done with events.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use crate::event::StoredEvent;

/// Handles events, at least once each: after a crash it may be given an event again. An event tells that something happened,
/// not what is true now; fetch the current state where order matters.
#[async_trait]
pub trait Handler: Send + Sync {
    /// Handles an event. `event.info.attempts` counts this attempt.
    async fn handle(&self, event: StoredEvent) -> Handled;
}

#[async_trait]
impl<F, Fut> Handler for F
where
    F: Fn(StoredEvent) -> Fut + Send + Sync,
    Fut: Future<Output = Handled> + Send,
{
    async fn handle(&self, event: StoredEvent) -> Handled {
        self(event).await
    }
}

/// What became of an event.
#[derive(Clone, PartialEq, Eq)]
#[must_use]
pub enum Handled {
    /// It is done.
    Done,
    /// It failed for now: try again.
    Retry {
        /// After this time, in place of the time that the dispatcher chooses.
        after: Option<Duration>,
        /// Why. It is stored and shown to the operator; keep personal data out of it.
        why: Cow<'static, str>,
    },
    /// It failed for good: no attempt will succeed.
    Dead {
        /// Why. It is stored and shown to the operator; keep personal data out of it.
        why: Cow<'static, str>,
    },
}

impl Handled {
    /// Asks for another attempt, at the time that the dispatcher chooses.
    pub fn retry(why: impl Into<Cow<'static, str>>) -> Self {
        Self::Retry { after: None, why: why.into() }
    }

    /// Gives the event up.
    pub fn dead(why: impl Into<Cow<'static, str>>) -> Self {
        Self::Dead { why: why.into() }
    }
}

impl fmt::Debug for Handled {
    /// Omits the reason.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done => f.write_str("Done"),
            Self::Retry { after, .. } => {
                f.debug_struct("Retry").field("after", after).finish_non_exhaustive()
            }
            Self::Dead { .. } => f.debug_struct("Dead").finish_non_exhaustive(),
        }
    }
}

/// The name of a webhook, a type of its events, and their handler.
type Entry = (Cow<'static, str>, Cow<'static, str>, Arc<dyn Handler>);

/// Handlers by webhook and type of event. An event that none of them takes ends dead, with that reason: register another one and
/// replay it.
///
/// ```
/// use kyc_webhook::{Handled, Handlers, StoredEvent};
///
/// let handlers = Handlers::new()
///     .on("clearsale", "transaction", async |event: StoredEvent| {
///         println!("{} is final: {}", event.info.id, event.info.is_final);
///         Handled::Done
///     })
///     .otherwise(async |_: StoredEvent| Handled::dead("nobody handles this type"));
/// # drop(handlers);
/// ```
#[derive(Clone, Default)]
#[must_use]
pub struct Handlers {
    by_type: Vec<Entry>,
    otherwise: Option<Arc<dyn Handler>>,
}

impl Handlers {
    /// Creates an empty list.
    pub fn new() -> Self {
        Self::default()
    }

    /// Handles one type of event of one webhook. Of two handlers for the same type the first is used.
    pub fn on(
        mut self,
        source: impl Into<Cow<'static, str>>,
        event_type: impl Into<Cow<'static, str>>,
        handler: impl Handler + 'static,
    ) -> Self {
        self.by_type.push((source.into(), event_type.into(), Arc::new(handler)));
        self
    }

    /// Handles all other events.
    pub fn otherwise(mut self, handler: impl Handler + 'static) -> Self {
        self.otherwise = Some(Arc::new(handler));
        self
    }

    fn find(&self, event: &StoredEvent) -> Option<&Arc<dyn Handler>> {
        let takes = |(source, event_type): (&str, &str)| {
            source == event.info.source && event_type == event.info.event_type
        };
        let found = self.by_type.iter().find(|(source, event_type, _)| takes((source, event_type)));
        found.map(|(_, _, handler)| handler).or(self.otherwise.as_ref())
    }
}

#[async_trait]
impl Handler for Handlers {
    async fn handle(&self, event: StoredEvent) -> Handled {
        match self.find(&event) {
            Some(handler) => handler.handle(event).await,
            None => Handled::dead("no handler takes events of this type"),
        }
    }
}

impl fmt::Debug for Handlers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let types = self.by_type.iter().map(|(source, event_type, _)| (source, event_type));
        f.debug_map().entries(types).finish()
    }
}
