//! The console: pages for a browser that show what happens in the sandbox and steer it.
//!
//! Each page works without JavaScript: a form posts to the page of its section and is answered with a redirect. The
//! script only brings the live part of a page up to date and copies texts.

mod assets;
mod clock;
mod connect;
mod faults;
mod fields;
mod frame;
mod live;
mod parts;
mod requests;
mod reset;
mod scenarios;
mod section;
mod transactions;
mod webhooks;
mod words;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::{Path, RawQuery, State as Shared};
use axum::http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ORIGIN, REFERRER_POLICY, SET_COOKIE,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::middleware::map_response;
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use axum::routing::get;
use bytes::Bytes;
use kyc_core::ValidationError;
use tokio::sync::Semaphore;

use crate::client_config::ClientConfig;
use crate::control::ControlContext;
use crate::headers;
use crate::vendor::{SandboxVendor, VendorInfo};
use fields::Fields;
use section::Section;
use words::Words;

/// How many rows a table has at most; the control routes return more.
const MAX_ROWS: usize = 200;

const HEADERS: [(HeaderName, &str); 5] = [
    (
        CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; \
         form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    ),
    (X_FRAME_OPTIONS, "DENY"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (CACHE_CONTROL, "no-store"),
    // Not `no-referrer`, with which browsers hide the origin of a form.
    (REFERRER_POLICY, "same-origin"),
];

/// What the pages show and steer.
struct Console {
    context: ControlContext,
    /// The settings of the receiver that was registered last on the page of the webhooks.
    receiver: Mutex<Option<Registered>>,
    /// Places for pages that wait for changes.
    viewers: Arc<Semaphore>,
}

struct Registered {
    root: String,
    tables: Vec<ClientConfig>,
}

/// What a page is made from.
struct View<'a> {
    console: &'a Console,
    words: &'static Words,
    /// The query; or the form that was refused, so that nothing must be typed again.
    fields: &'a Fields,
}

/// A form that was accepted: where to go next, and what to say there.
struct Done {
    to: Section,
    /// The key of the vendor that the page is about.
    vendor: Option<&'static str>,
    /// The name of a text of [`words::Done`].
    said: &'static str,
}

pub(crate) fn routes(context: ControlContext) -> Router {
    let viewers = Arc::new(Semaphore::new(live::MAX_VIEWERS));
    let console = Arc::new(Console { context, receiver: Mutex::default(), viewers });
    Router::new()
        .route("/", get(front))
        .route("/console/events", get(live::events))
        .route("/console/assets/{name}", get(assets::asset))
        .route("/console/samples/{name}", get(assets::sample))
        .route("/console/{section}", get(show).post(act))
        .layer(map_response(with_headers))
        .with_state(console)
}

async fn with_headers(mut response: Response) -> Response {
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

impl Console {
    fn vendors(&self) -> impl Iterator<Item = &dyn SandboxVendor> {
        self.context.vendors.iter().map(|vendor| &**vendor)
    }

    /// The vendor with that key, or the first one.
    fn vendor_or_first(&self, key: &str) -> Option<&dyn SandboxVendor> {
        self.vendors().find(|vendor| vendor.facts().key == key).or_else(|| self.vendors().next())
    }

    fn registered(&self) -> MutexGuard<'_, Option<Registered>> {
        self.receiver.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

type State = Shared<Arc<Console>>;

/// The requests, for a browser. A person with curl gets a text.
async fn front(Shared(console): State, RawQuery(query): RawQuery, request_headers: HeaderMap) -> Response {
    let accepts = headers::text(&request_headers, &ACCEPT).unwrap_or_default();
    if accepts.contains("text/html") {
        visit(&console, Section::Requests, query.as_deref(), &request_headers)
    } else {
        introduction(&console.context).into_response()
    }
}

async fn show(
    Shared(console): State,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    match Section::named(&name) {
        Some(section) => visit(&console, section, query.as_deref(), &headers),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn visit(console: &Console, section: Section, query: Option<&str>, headers: &HeaderMap) -> Response {
    let fields = Fields::read(query.unwrap_or_default().as_bytes());
    let (lang, was_chosen) = words::language(&fields, headers);
    let view = View { console, words: lang.words(), fields: &fields };
    let mut response = Html(frame::page(&view, section, None).into_string()).into_response();
    if was_chosen && let Ok(cookie) = HeaderValue::try_from(lang.cookie()) {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
    response
}

async fn act(Shared(console): State, Path(name): Path<String>, headers: HeaderMap, body: Bytes) -> Response {
    let Some(section) = Section::named(&name) else { return StatusCode::NOT_FOUND.into_response() };
    // Each browser states the origin of a form, and that of another page was refused before.
    if !headers.contains_key(ORIGIN) {
        return (StatusCode::FORBIDDEN, "a form needs the header Origin, as browsers send it")
            .into_response();
    }
    let fields = Fields::read(&body);
    match section.perform(&console, &fields) {
        Ok(done) => Redirect::to(&done.address()).into_response(),
        Err(error) => {
            let (lang, _) = words::language(&fields, &headers);
            let view = View { console: &console, words: lang.words(), fields: &fields };
            let page = frame::page(&view, section, Some(&error)).into_string();
            (StatusCode::BAD_REQUEST, Html(page)).into_response()
        }
    }
}

impl Done {
    fn new(to: Section, said: &'static str) -> Self {
        Self { to, vendor: None, said }
    }

    fn address(&self) -> String {
        let vendor = self.vendor.map(|key| format!("&vendor={key}")).unwrap_or_default();
        format!("{}?done={}{vendor}", self.to.path(), self.said)
    }
}

/// A button's action that the page does not have.
fn unknown_action() -> ValidationError {
    ValidationError::new("\"action\" is not one of this page's")
}

/// What a person sees who opens the address with another program than a browser.
fn introduction(context: &ControlContext) -> String {
    let url = &context.url;
    let vendors = context.vendors.iter().map(|vendor| VendorInfo::of(&**vendor, url));
    let addresses: String = vendors.map(|vendor| format!("  {}  {}\n", vendor.url, vendor.title)).collect();
    format!(
        "kyc-sandbox: a local sandbox of identity-verification vendors' APIs, for development and tests.\n\
         It is unofficial, and nothing that it says is about a real person.\n\n\
         {addresses}\n\
         In a browser this address is a console that shows the requests and steers the sandbox.\n\
         Configuration of a client, test inputs and control routes: {url}/_sandbox/\n\
         Documentation: {}/blob/main/crates/kyc-sandbox/README.md\n",
        env!("CARGO_PKG_REPOSITORY"),
    )
}

/// The media type of a response whose body is not a page.
fn typed(media: &'static str, body: impl Into<Bytes>) -> Response {
    ([(CONTENT_TYPE, HeaderValue::from_static(media))], body.into()).into_response()
}
