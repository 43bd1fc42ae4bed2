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

pub use kyc_core;

pub use auth::TokenFacts;
pub use client::{Client, ClientBuilder};
pub use config::{Config, Credentials, Endpoint, Endpoints, Form, MeterNames};
pub use error::{ErrorBody, ResponseText};
pub use integration::INTEGRATION;
pub use model::codes::{BaseStatus, Conciliation, DisplayType, DocumentType, MeterService, TaxIdStatus};
pub use model::{Block, Confidence, Status};
pub use operations::balance::BalanceResponse;
pub use operations::cnpj::CnpjResponse;
pub use operations::cpf::{Address, CadastroPessoaFisica, CpfResponse, Phone, ReceitaFederalCpf};
pub use operations::document::{DocumentRequest, DocumentResponse, Field};
pub use operations::facematch::{FaceMatchRequest, FaceMatchResponse};
pub use operations::meter::{MeterRequest, MeterResponse};
pub use verdicts::VERDICT_RULES;

use kyc_core::Vendor;

/// The vendor id in the errors and operation ids of this crate.
pub const VENDOR: Vendor = Vendor::new(env!("CARGO_PKG_NAME"));
