#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod auth;
mod client;
mod config;
mod connection;
mod crypto;
mod error;
mod integration;
mod journey;
mod model;
mod operations;
mod verdicts;
mod verifier;
mod webhook;

pub use kyc_core;

pub use auth::credencial::CredentialResponse;
pub use client::{Client, ClientBuilder};
pub use config::{Config, Credentials, Environment, WebhookConfig};
pub use error::{ErrorBody, Refusal};
pub use integration::INTEGRATION;
pub use journey::{Journey, JourneyState};
pub use model::*;
pub use operations::appkey::{AppkeyResponse, Person};
pub use operations::challenge::{Challenge, FaceType, Pose};
pub use operations::document::{DocumentOutcome, DocumentResponse, Retake};
pub use operations::fortface::{FortfaceScan, FortfaceSession};
pub use operations::initialize::Initialization;
pub use operations::liveness::FaceTecScan;
pub use operations::session_token::{Provider, SessionToken};
pub use verdicts::VERDICT_RULES;
pub use webhook::{Completion, CompletionWebhook, StatusUpdate, StatusWebhook};

use kyc_core::Vendor;

/// The vendor name in errors, events and operation ids of this crate.
pub const VENDOR: Vendor = Vendor::new(env!("CARGO_PKG_NAME"));
