//! Tells open pages that something changed.

use std::convert::Infallible;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{RawQuery, State as Shared};
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures_util::{StreamExt as _, stream};
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::{sleep, timeout};

use super::{Console, Fields, Section, State, View, words};

/// How many pages may wait at the same time, so that they leave most of the server's connections to clients.
pub(super) const MAX_VIEWERS: usize = 16;
/// How long a page waits at most; it then asks again. A forgotten tab so frees its place if others wait.
const LIFE: Duration = Duration::from_secs(300);
/// How often changes that nobody reports are looked for, such as decisions as the clock goes on.
const LOOK: Duration = Duration::from_secs(1);
/// The shortest time between two events, however many requests there are.
const PAUSE: Duration = Duration::from_millis(200);

struct Viewer {
    console: Arc<Console>,
    section: Section,
    requests: watch::Receiver<u64>,
    /// Of what the page showed last; `None` before the first look.
    seen: Option<u64>,
    _place: OwnedSemaphorePermit,
}

/// An event for each change of what the section shows. It has no content: the page then asks for its own.
pub(super) async fn events(Shared(console): State, RawQuery(query): RawQuery) -> Response {
    let fields = Fields::read(query.unwrap_or_default().as_bytes());
    let Some(section) = Section::named(fields.text("section")) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let Ok(place) = Arc::clone(&console.viewers).try_acquire_owned() else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let requests = console.context.requests.subscribe();
    let viewer = Viewer { console, section, requests, seen: None, _place: place };
    let events = stream::unfold(viewer, |mut viewer| async {
        let event = viewer.next().await;
        Some((Ok::<_, Infallible>(event), viewer))
    });
    Sse::new(events.take_until(sleep(LIFE))).keep_alive(KeepAlive::default()).into_response()
}

impl Viewer {
    /// Waits for the next change. The first event comes at once, since something may have changed between the page and
    /// this request.
    async fn next(&mut self) -> Event {
        loop {
            if self.seen.is_some() {
                // Whether there was a request or not, the page is looked at.
                let _ = timeout(LOOK, self.requests.changed()).await;
                sleep(PAUSE).await;
            }
            let now = Some(self.shown());
            if self.seen != now {
                self.seen = now;
                return Event::default().event("change").data("1");
            }
        }
    }

    fn shown(&self) -> u64 {
        let fields = Fields::read(b"");
        let view = View { console: &self.console, words: words::Lang::En.words(), fields: &fields };
        let mut hasher = DefaultHasher::new();
        self.section.body(&view).live.content.into_string().hash(&mut hasher);
        hasher.finish()
    }
}
