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
pub use config::{Config, Credentials, Environment, WebhookConfig};
pub use error::{ErrorBody, Errors};
pub use integration::INTEGRATION;
pub use model::{MatchLevel, TransactionId, TransactionStatus};
pub use operations::match2d_2d::{MatchRequest, MatchResponse};
pub use operations::match2d_2d_query::{Outcome, Transaction};
pub use verdicts::VERDICT_RULES;
pub use webhook::{Notification, Webhook};

use kyc_core::Vendor;

/// The vendor id in the errors, events and operation ids of this crate.
pub const VENDOR: Vendor = Vendor::new(env!("CARGO_PKG_NAME"));
