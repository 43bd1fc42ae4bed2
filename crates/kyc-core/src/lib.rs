#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod address;
mod background;
mod body;
mod certificate;
mod decimal;
mod decode;
mod document;
mod encoded;
mod error;
mod face;
mod ignored;
mod invalid;
mod lenient;
mod limiter;
mod media;
mod operation;
mod pipeline;
mod poll;
mod reply;
mod retry;
mod secret;
mod settings;
mod tax_id;
mod time;
mod token;
mod transport;
mod variables;
mod webhook;

pub use address::BaseUrl;
pub use background::{BackgroundChecker, CompanyCheck, CompanyStatus, PersonCheck, PersonStatus};
pub use body::{Abandoned, Body, BodyStream, JsonBody, MultipartBody, form_urlencoded};
pub use certificate::ClientCertificate;
pub use decimal::Decimal;
pub use decode::{DecodeFailure, Decoded, Drift, DriftHook, DriftLog, decode};
pub use document::{DocumentField, DocumentKind, DocumentPage, DocumentReader, DocumentReading};
pub use encoded::Encoded;
pub use error::{Delivery, Error, Issue, Kind};
pub use face::{FaceMatch, FaceMatcher, FacePair, FaceScore, FalseAcceptRate};
pub use invalid::Invalid;
pub use lenient::{FromText, Lenient, OneOrMany, Shape, Text, Texts, UnknownValue};
pub use limiter::Limiter;
pub use media::{Media, MediaFormat, MediaRules, encode_base64};
pub use operation::{Operation, OperationClass, OperationId, Submission, Vendor};
pub use pipeline::{Call, Pipeline, Protocol, ReadError, authorised, request};
pub use poll::{Poller, Wake};
pub use reply::{Answer, Meta, Reply};
pub use secret::{Pii, RawBody, Secret, constant_time_eq};
pub use settings::Settings;
pub use tax_id::{Cnpj, Cpf};
pub use time::{Clock, Date, DateTime, SystemClock, Timestamp, VirtualClock};
pub use token::{Login, Token, TokenCache, TokenStore, token_end};
#[cfg(feature = "reqwest")]
pub use transport::ReqwestTransport;
pub use transport::{Stage, Transport, TransportError};
pub use variables::Variables;
pub use webhook::{Trust, WebhookError, WebhookEvent, WebhookRequest, WebhookSource};

/// What the macros of this crate expand to. Not part of the API.
#[doc(hidden)]
pub mod __private {
    pub use crate::lenient::{number_or_text, plain_number, read_scalar};
    #[cfg(feature = "schema")]
    pub use schemars;
    pub use serde;
}
