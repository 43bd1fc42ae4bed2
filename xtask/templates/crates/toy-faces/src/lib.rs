#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod auth;
mod capabilities;
mod client;
mod config;
mod error;
mod integration;
mod model;
mod operations;
mod verdicts;
mod verifier;
mod webhook;

pub use kyc_core;

pub use auth::login::LoginResponse;
pub use client::{Client, ClientBuilder};
pub use config::{Config, Credentials, WebhookConfig};
pub use error::ErrorBody;
pub use integration::INTEGRATION;
pub use model::ComparisonId;
pub use operations::compare::{CompareRequest, Comparison};
pub use verdicts::VERDICT_RULES;
pub use webhook::{Notification, Webhook};

use kyc_core::Vendor;

/// The vendor id in the errors, events and operation ids of this crate.
pub const VENDOR: Vendor = Vendor::new(env!("CARGO_PKG_NAME"));
