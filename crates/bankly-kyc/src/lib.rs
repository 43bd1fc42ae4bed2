#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod auth;
mod client;
mod config;
mod error;
mod integration;
mod model;
mod onboarding;
mod operations;
mod verdicts;
mod verifier;
mod webhook;

pub use kyc_core;

pub use auth::token::TokenResponse;
pub use client::{Client, ClientBuilder, certificate_expires};
pub use config::{Config, Credentials, Environment, KeyReading, WebhookConfig};
pub use error::{ErrorBody, ErrorItem};
pub use integration::INTEGRATION;
pub use model::*;
pub use onboarding::Onboarding;
pub use operations::certificate::CertificateResponse;
pub use operations::messages::{Message, MessageState};
pub use operations::register::RegisterResponse;
pub use operations::status::ResultLevel;
pub use operations::upload::{Upload, UploadResponse};
pub use operations::webhooks::{NewWebhook, WebhookConfiguration, WebhookTarget};
pub use verdicts::VERDICT_RULES;
pub use webhook::{Event, EventMetadata, EventName, Webhook};

use kyc_core::Vendor;

/// The vendor name in errors, events and operation ids of this crate.
pub const VENDOR: Vendor = Vendor::new(env!("CARGO_PKG_NAME"));
