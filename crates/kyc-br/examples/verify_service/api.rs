//! What the callers of the service see.
//!
//! | request | answer |
//! | --- | --- |
//! | `POST /verifications`, an applicant as JSON, `Idempotency-Key` | 202 and the case, once it is on the disk |
//! | `GET /verifications/{case}` | the case as it stands |
//! | `GET /verifications/{case}/capture` | what the vendor's kit on the person's device needs |
//! | `POST /verifications/{case}/selfie` (`front`, `back`, `capture`) | 202: what the case waits for, as bytes of a picture |

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Path, Request, State};
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use kyc_br::kyc_core::{RetakeItem, Timestamp, ValidationError, constant_time_eq};
use kyc_br::kyc_verify::{CaseId, Handout, LedgerError, StoreError, VerifyError};
use kyc_br::prelude::*;
use serde_json::{Value, json};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use super::applicant;
use super::cases::{Cases, HandedIn};

/// The largest body, how many are read at a time, and how long that may take.
const MAX_BYTES: usize = 24 * 1024 * 1024;
const BODIES: usize = 8;
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// The longest reference of a caller.
const MAX_REFERENCE: usize = 255;

struct Api {
    cases: Arc<Cases>,
    token: Secret<String>,
    bodies: Semaphore,
}

pub(crate) fn router(cases: Arc<Cases>, token: Secret<String>) -> Router {
    let api = Arc::new(Api { cases, token, bodies: Semaphore::new(BODIES) });
    Router::new()
        .route("/verifications", post(begin))
        .route("/verifications/{case}", get(show))
        .route("/verifications/{case}/capture", get(capture).post(retake_capture))
        .route("/verifications/{case}/{item}", post(retake))
        .layer(from_fn_with_state(Arc::clone(&api), authenticate))
        .with_state(api)
}

async fn authenticate(State(api): State<Arc<Api>>, request: Request, next: Next) -> Response {
    let mut given = request.headers().get_all(AUTHORIZATION).iter();
    let token = given.next().and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
    let is_known = token.is_some_and(|token| constant_time_eq(token, api.token.expose().as_bytes()));
    if !is_known || given.next().is_some() {
        return Refusal::new(StatusCode::UNAUTHORIZED, "the bearer token is missing or wrong")
            .into_response();
    }
    let mut response = next.run(request).await;
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn begin(State(api): State<Arc<Api>>, headers: HeaderMap, body: Body) -> Result<Response, Refusal> {
    let reference = reference(&headers)?;
    if api.cases.is_full() {
        return Err(Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "too many cases are open"));
    }
    let case = {
        let (body, _permit) = api.read(body).await?;
        let applicant = applicant::read(&body)?;
        drop(body);
        api.cases.verification.begin(reference, &applicant, false).await?
    };
    api.cases.run(case);
    let location = [(LOCATION, format!("/verifications/{case}"))];
    Ok((StatusCode::ACCEPTED, location, json_of(&json!({ "case": case }))).into_response())
}

fn reference(headers: &HeaderMap) -> Result<&str, Refusal> {
    let mut given = headers.get_all("idempotency-key").iter();
    let reference = given.next().and_then(|value| value.to_str().ok()).unwrap_or_default();
    if reference.is_empty() || reference.len() > MAX_REFERENCE || given.next().is_some() {
        return Err(Refusal::new(
            StatusCode::BAD_REQUEST,
            "Idempotency-Key must be sent once, with 1 to 255 characters",
        ));
    }
    Ok(reference)
}

async fn show(State(api): State<Arc<Api>>, Path(case): Path<String>) -> Result<Response, Refusal> {
    Ok(json_of(&api.cases.verification.show(parse(&case)?).await?.to_json()).into_response())
}

async fn capture(State(api): State<Arc<Api>>, Path(case): Path<String>) -> Result<Response, Refusal> {
    let report = api.cases.verification.show(parse(&case)?).await?;
    let kit = report.handouts.iter().find_map(|handout| match handout {
        Handout::Capture { vendor, kit } => Some(json!({
            "vendor": vendor,
            "name": kit.name,
            "value": kit.value.expose(),
            "expires": kit.expires.map(Timestamp::to_rfc3339),
        })),
        _ => None,
    });
    let kit = kit.ok_or_else(|| Refusal::new(StatusCode::NOT_FOUND, "the case waits for no capture"))?;
    Ok(json_of(&kit).into_response())
}

async fn retake_capture(State(api): State<Arc<Api>>, Path(case): Path<String>) -> Result<Response, Refusal> {
    api.hand_in(parse(&case)?, RetakeItem::Capture, None).await
}

async fn retake(
    State(api): State<Arc<Api>>,
    Path((case, item)): Path<(String, String)>,
    body: Body,
) -> Result<Response, Refusal> {
    let (case, item) = (parse(&case)?, item.parse::<RetakeItem>());
    let item = item.map_err(|_| Refusal::new(StatusCode::NOT_FOUND, "there is no such picture"))?;
    let (body, _permit) = api.read(body).await?;
    let media = Media::new(body)?;
    api.hand_in(case, item, Some(media)).await
}

impl Api {
    /// Reads a body. The permit bounds how many are in memory.
    async fn read(&self, body: Body) -> Result<(Bytes, SemaphorePermit<'_>), Refusal> {
        let busy = |_| Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "too many requests are being read");
        let permit = self.bodies.try_acquire().map_err(busy)?;
        let slow = |_| Refusal::new(StatusCode::REQUEST_TIMEOUT, "the body took too long");
        let large = |_| Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large or incomplete");
        let body = timeout(BODY_TIMEOUT, to_bytes(body, MAX_BYTES)).await.map_err(slow)?.map_err(large)?;
        Ok((body, permit))
    }

    async fn hand_in(
        &self,
        case: CaseId,
        item: RetakeItem,
        media: Option<Media>,
    ) -> Result<Response, Refusal> {
        match self.cases.hand_in(case, item, media).await? {
            HandedIn::Taken => Ok(StatusCode::ACCEPTED.into_response()),
            HandedIn::NotWanted => Err(Refusal::new(StatusCode::CONFLICT, "the case does not wait for that")),
        }
    }
}

fn parse(case: &str) -> Result<CaseId, Refusal> {
    case.parse().map_err(|_| Refusal::new(StatusCode::NOT_FOUND, "there is no such case"))
}

fn json_of(value: &Value) -> impl IntoResponse + use<> {
    ([(CONTENT_TYPE, "application/json")], value.to_string())
}

/// Why a request is refused, in words that hold nothing of the person.
struct Refusal {
    status: StatusCode,
    text: String,
}

impl Refusal {
    fn new(status: StatusCode, text: impl Into<String>) -> Self {
        Self { status, text: text.into() }
    }
}

impl From<ValidationError> for Refusal {
    fn from(error: ValidationError) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, error.to_string())
    }
}

impl From<VerifyError> for Refusal {
    fn from(error: VerifyError) -> Self {
        let status = match &error {
            VerifyError::Ledger(LedgerError::UnknownCase(_)) => StatusCode::NOT_FOUND,
            VerifyError::Ledger(LedgerError::Forgotten) => StatusCode::GONE,
            VerifyError::Ledger(LedgerError::Store(StoreError::Busy | StoreError::Overloaded)) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            VerifyError::Missing(_) => StatusCode::UNPROCESSABLE_ENTITY,
            VerifyError::Closed(_)
            | VerifyError::DifferentBody(_)
            | VerifyError::PersonHasCase(_)
            | VerifyError::Incomplete(_)
            | VerifyError::OutOfAttempts => StatusCode::CONFLICT,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self::new(status, error.to_string())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = (self.status, json_of(&json!({ "error": self.text }))).into_response();
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("5"));
        }
        response
    }
}
