//! Uploads of images and documents.

use std::sync::Arc;
use std::time::Duration;

use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use kyc_core::{Clock as _, Cnpj, Cpf};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::analysis::{Finding, Image, Kind, Stage};
use super::courses::{ACCEPTED, Acceptance, Course};
use super::errors::{invalid, missing, refusal};
use super::images::{check_image, check_pdf};
use super::multipart::Multipart;
use super::request::Request;
use super::test_cpfs::is_known;
use super::{BanklyControl, Operation, PREFIX};
use crate::faces::Comparison;
use crate::newest;
use crate::reply::Reply;
use crate::scenario::Applied;

pub(super) const SELFIE: &str = "SELFIE";
const TYPES: &[&str] = &["RG", "CNH", "RNE", "CRNM", "DNI", SELFIE];
const SIDES: &[&str] = &["FRONT", "BACK"];
const PROVIDERS: &[&str] = &["UNICO_CHECK", "BANKLY"];
const COMPANY_TYPES: &[&str] =
    &["ARTICLES_OF_INCORPORATION", "LAST_CONTRACT_CHANGE", "BALANCE_SHEET", "POWER_OF_ATTORNEY"];

/// How many persons' selfies are kept for a comparison, of one megabyte at most.
const SELFIES: usize = 100;
/// How many of a person's newest images are kept.
const MAX_IMAGES: usize = 1000;
/// How many images of all persons are kept.
const MAX_ALL_IMAGES: usize = 10_000;

/// The declared document type and side of an image.
#[derive(Clone, Copy)]
pub(super) struct ImageType {
    pub(super) document_type: &'static str,
    pub(super) kind: Kind,
}

impl BanklyControl {
    /// What the picture of an upload shows, beside the person's selfie if it is of a document, and if that decides the findings.
    pub(super) async fn see(&self, request: &Request) -> Option<Comparison> {
        let is_upload = matches!(request.operation, Operation::Upload | Operation::UploadDeepface);
        if !is_upload || !self.eyes.are_open() {
            return None;
        }
        self.check_token(&request.headers, request.operation.scope()?).ok()?;
        let (cpf, parts) = (cpf(request).ok()?, Multipart::of(request).ok()?);
        let kind = image_type(&parts).ok()?.kind;
        let is_decided = self.course(request.operation, cpf.digits(), kind.aspect()).is_some();
        if is_decided || is_known(cpf.digits()) {
            return None;
        }
        let picture = parts.file("image").ok()?;
        let other = match kind {
            Kind::Selfie => picture.clone(),
            Kind::Front => self.lock().selfies.get(cpf.digits())?.clone(),
            Kind::Back => return None,
        };
        self.eyes.compare(&other, picture).await
    }

    pub(super) fn upload(
        self: &Arc<Self>,
        request: &Request,
        seen: Option<Comparison>,
    ) -> Result<Reply, Reply> {
        let cpf = cpf(request)?;
        let parts = Multipart::of(request)?;
        let image_type = image_type(&parts)?;
        self.accept(request.operation, &cpf, image_type, &parts, seen)
    }

    pub(super) fn upload_deepface(
        self: &Arc<Self>,
        request: &Request,
        seen: Option<Comparison>,
    ) -> Result<Reply, Reply> {
        let cpf = cpf(request)?;
        let id = request.header("x-correlation-id").ok_or_else(|| missing("x-correlation-id"))?;
        if Uuid::parse_str(id).is_err() {
            return Err(invalid("x-correlation-id", "The header x-correlation-id must be a GUID."));
        }
        let parts = Multipart::of(request)?;
        let image_type = image_type(&parts)?;
        let provider = parts.one_of("provider", PROVIDERS)?;
        let wanted = if image_type.kind == Kind::Selfie { "UNICO_CHECK" } else { "BANKLY" };
        if provider != wanted {
            return Err(invalid("provider", format!("The provider of this image is {wanted}.")));
        }
        if image_type.kind == Kind::Selfie {
            check_metadata(parts.file("providerMetadata")?)?;
        } else if parts.optional("providerMetadata").is_some() {
            return Err(invalid("providerMetadata", "Only UNICO_CHECK has providerMetadata."));
        }
        self.accept(request.operation, &cpf, image_type, &parts, seen)
    }

    pub(super) fn upload_company(&self, request: &Request) -> Result<Reply, Reply> {
        let is_bare = request.id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !is_bare || Cnpj::parse(&request.id).is_err() {
            return Err(invalid("documentNumber", "The documentNumber must be a CNPJ of 14 characters."));
        }
        let parts = Multipart::of(request)?;
        parts.one_of("documentType", COMPANY_TYPES)?;
        check_pdf(parts.file("file")?)?;
        self.counters.pay(request.operation.name(), None);
        let body = json!({ "token": self.ids.uuid().simple().to_string() });
        Ok(Reply::json(StatusCode::CREATED, &body))
    }

    fn accept(
        self: &Arc<Self>,
        operation: Operation,
        cpf: &Cpf,
        image_type: ImageType,
        parts: &Multipart,
        seen: Option<Comparison>,
    ) -> Result<Reply, Reply> {
        let cpf = cpf.digits();
        let applied = self.course(operation, cpf, image_type.kind.aspect());
        let delay = applied.as_ref().and_then(|applied| applied.delay);
        let token = self.analyse(operation, cpf, image_type, applied, delay, seen)?.0;
        if image_type.kind == Kind::Selfie && self.eyes.are_open() {
            self.keep_selfie(cpf, parts.file("image")?);
        }
        let reply = self.course(operation, cpf, ACCEPTED);
        let late = reply.as_ref().and_then(|applied| applied.delay).unwrap_or_default();
        Ok(accepted(reply.map(|applied| applied.effect), cpf, &token).late(late))
    }

    /// Keeps a selfie, since the documents that follow are compared with it.
    fn keep_selfie(&self, cpf: &str, picture: &[u8]) {
        // A copy does not keep the rest of the request.
        let picture = Bytes::copy_from_slice(picture);
        let selfies = &mut self.lock().selfies;
        newest::insert_within(SELFIES, selfies, cpf.to_owned(), picture, &self.counters.dropped);
    }

    /// Accepts an image if the order of uploads allows it, and starts its analysis, which takes `delay` or the usual
    /// time and ends as is `applied` or as usual. Returns the image's token and how long the analysis takes.
    pub(super) fn analyse(
        self: &Arc<Self>,
        operation: Operation,
        cpf: &str,
        image_type: ImageType,
        applied: Option<Applied<Course>>,
        delay: Option<Duration>,
        seen: Option<Comparison>,
    ) -> Result<(String, Duration), Reply> {
        let cpf = cpf.to_owned();
        let (end, reason) = match applied {
            Some(Applied { effect: Course::Analysis(_, end), reason, .. }) => (Some(end), reason),
            _ => (None, None),
        };
        let mut state = self.lock();
        let now = self.clock.now();
        let earlier = state.images.get(&cpf).map(Vec::as_slice).unwrap_or_default();
        if earlier.iter().any(|image| image.stage(now) != Stage::Ended) {
            return Err(refusal(StatusCode::CONFLICT, "the previous image is still being analysed"));
        }
        if image_type.kind != Kind::Selfie && !earlier.iter().any(|image| image.kind == Kind::Selfie) {
            return Err(refusal(StatusCode::UNPROCESSABLE_ENTITY, "a selfie must be uploaded first"));
        }
        let delay = delay.unwrap_or_else(|| Self::usual_delay(&cpf, state.analysis_delay));
        // A scenario may have been set meanwhile.
        let seen = seen.filter(|_| end.is_none());
        let finding = Finding::new(end, image_type.kind, earlier).seen(seen, image_type.kind);
        if image_type.kind == Kind::Selfie {
            // One that a client uploads replaces it; one without a client has no picture.
            state.selfies.shift_remove(&cpf);
        }
        state.uploads += 1;
        let image = Image {
            number: state.uploads,
            token: self.new_token(),
            operation: operation.name(),
            kind: image_type.kind,
            document_type: image_type.document_type,
            received: now,
            ends: now.saturating_add(delay),
            finding,
            seen,
            reason,
            arrival_announced: false,
            end_announced: false,
            last_event: None,
        };
        let (token, ends) = (image.token.clone(), image.ends);
        self.counters.pay(operation.name(), Some(&cpf));
        let mut images = state.images.shift_remove(&cpf).unwrap_or_default();
        images.push(image);
        let excess = images.len().saturating_sub(MAX_IMAGES);
        images.drain(..excess);
        self.counters.dropped.add(excess);
        newest::insert(&mut state.images, cpf.clone(), images, &self.counters.dropped);
        while state.images.values().map(Vec::len).sum::<usize>() > MAX_ALL_IMAGES
            && let Some((_, oldest)) = state.images.shift_remove_index(0)
        {
            self.counters.dropped.add(oldest.len());
        }
        if !state.reorder {
            self.announce_arrival(&mut state, &cpf, &token);
        }
        drop(state);
        let (vendor, image) = (Arc::clone(self), token.clone());
        self.tasks.spawn(async move {
            vendor.clock.sleep_until(ends).await;
            vendor.announce_end(&mut vendor.lock(), &cpf, &image);
        });
        Ok((token, delay))
    }

    fn new_token(&self) -> String {
        let mut bytes = [0; 24];
        self.ids.fill(&mut bytes);
        URL_SAFE_NO_PAD.encode(bytes)
    }
}

fn accepted(course: Option<Course>, cpf: &str, token: &str) -> Reply {
    let reply = match course {
        Some(Course::Accepted(Acceptance::Lost)) => return Reply::Close,
        Some(Course::Accepted(Acceptance::LocationOnly)) => Reply::empty(StatusCode::ACCEPTED),
        _ => Reply::json(StatusCode::ACCEPTED, &json!({ "token": token })),
    };
    match HeaderValue::try_from(format!("{PREFIX}/document-analysis/{cpf}?token={token}")) {
        Ok(location) => reply.with_header(LOCATION, location),
        Err(_) => reply,
    }
}

/// The CPF in the path: eleven digits without punctuation.
pub(super) fn cpf(request: &Request) -> Result<Cpf, Reply> {
    let is_bare = request.id.bytes().all(|byte| byte.is_ascii_digit());
    let cpf = Cpf::parse(&request.id).ok().filter(|_| is_bare);
    cpf.ok_or_else(|| invalid("documentNumber", "The documentNumber must be a CPF of 11 digits."))
}

fn image_type(parts: &Multipart) -> Result<ImageType, Reply> {
    let document_type = parts.one_of("documentType", TYPES)?;
    let side = parts.one_of("documentSide", SIDES)?;
    check_image(parts.file("image")?)?;
    let kind = match (document_type, side) {
        (SELFIE, _) => Kind::Selfie,
        (_, "BACK") => Kind::Back,
        _ => Kind::Front,
    };
    Ok(ImageType { document_type, kind })
}

/// `{"isLastDocument": true, "encrypted": "…"}`, in one part of the body.
fn check_metadata(content: &[u8]) -> Result<(), Reply> {
    let refused = |what: &str| invalid("providerMetadata", what);
    let metadata: Map<String, Value> = serde_json::from_slice(content)
        .map_err(|_| refused("The providerMetadata must be a JSON object."))?;
    if metadata.get("isLastDocument") != Some(&Value::Bool(true)) {
        return Err(refused("isLastDocument must be true."));
    }
    match metadata.get("encrypted").and_then(Value::as_str) {
        Some(text) if !text.is_empty() => Ok(()),
        _ => Err(refused("encrypted must be a text.")),
    }
}
