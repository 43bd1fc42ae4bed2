#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod address;
mod background;
mod base64_bytes;
mod body;
mod capability;
mod certificate;
mod client_options;
mod config;
mod document;
mod error;
mod face;
mod finite_f64;
mod integration;
mod json;
mod lenient;
mod limiter;
mod mask;
mod media;
mod named;
mod operation;
mod pipeline;
mod poll;
mod response;
mod response_macro;
mod retry;
mod secret;
mod tax_id;
mod time;
mod token;
mod transport;
mod unknown_fields;
mod validation;
mod verdict;
mod verifier;
mod webhook;

pub use address::{BaseUrl, path_segment};
pub use background::{BackgroundChecker, CompanyCheck, CompanyStatus, PersonCheck, PersonStatus};
pub use base64_bytes::{Base64Bytes, decode_base64};
pub use body::{Body, BodyStream, JsonBody, MultipartBody, RequestCancelled, form_urlencoded};
pub use capability::Capability;
pub use certificate::ClientCertificate;
pub use client_options::ClientOptions;
pub use config::{ConfigTable, ConfigValue, HttpConfig, Seconds, nearest_name};
pub use document::{DocumentField, DocumentKind, DocumentPage, DocumentReader, DocumentReading};
pub use error::{Delivery, Error, ErrorKind, FieldViolation};
pub use face::{FaceMatch, FaceMatcher, FacePair, FaceScore, FalseAcceptRate};
pub use finite_f64::FiniteF64;
pub use integration::{
    Advice, Capabilities, Connect, ConnectWebhooks, Destination, DocumentSupport, FaceMatchSupport,
    Integration, PictureCheck, VendorClient,
};
pub use json::{DecodeFailure, Decoded, JsonText, RawJson, Repair, decode};
pub use lenient::{
    JsonType, Lenient, OneOrMany, ParseLenient, RedactedText, RedactedTexts, UnknownValue, required_text,
};
pub use limiter::Limiter;
pub use media::{Media, MediaFormat, MediaRules, encode_base64};
pub use operation::{Operation, OperationClass, OperationId, Submission, Vendor};
pub use pipeline::{Call, Pipeline, Protocol, authorised, request};
pub use poll::{Poller, Wake};
pub use response::{RawResponse, ReadError, Response, ResponseMeta};
pub use secret::{Pii, RawBody, Secret, constant_time_eq};
pub use tax_id::{Cnpj, Cpf};
pub use time::{Clock, Date, DateTime, SystemClock, Timestamp, VirtualClock};
pub use token::{Token, TokenCache, TokenProvider, TokenStore, parse_expiry};
#[cfg(feature = "reqwest")]
pub use transport::ReqwestTransport;
pub use transport::{Transport, TransportError, TransportErrorKind};
pub use unknown_fields::{UnknownField, UnknownFieldHook, UnknownFieldReporter};
pub use validation::ValidationError;
pub use verdict::{DecisiveLeaf, Finding, Judgement, Verdict, VerdictRule};
pub use verifier::{
    Answer, Applicant, CaptureKit, Charge, CheckKind, Evidence, Failure, Genuineness, IdentityDocument,
    Intent, LivenessMethod, LookUp, Next, Notes, Offer, Part, Retake, RetakeCause, RetakeItem, Sent,
    StepRecord, StepState, Verifier,
};
pub use webhook::{Trust, WebhookError, WebhookEvent, WebhookRequest, WebhookSource};

/// Items that the macros of this crate expand to. Not part of the public API.
#[doc(hidden)]
pub mod __private {
    pub use crate::lenient::{number_or_text, plain_number, read_scalar};
    #[cfg(feature = "schema")]
    pub use schemars;
    pub use serde;
    pub use serde_json;
}
