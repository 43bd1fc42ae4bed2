#![doc = include_str!("../README.md")]

pub mod bankly;
pub mod cellere;
pub mod certiface;
pub mod clearsale;
pub mod samples;

mod api;
mod client_config;
mod console;
mod control;
mod counters;
mod faces;
mod faults;
mod headers;
mod ids;
mod multipart;
mod newest;
mod openapi;
mod outcomes;
mod receivers;
mod reply;
mod requests;
mod sandbox;
mod scenario;
mod scenario_routes;
mod server;
mod tasks;
mod test_inputs;
mod transaction;
mod vendor;
mod vendors;
mod webhooks;

pub use client_config::{ClientConfig, ConfigValue};
pub use faults::Fault;
pub use outcomes::{Outcome, Triggered};
pub use requests::{RequestFilter, RequestLog, RequestPath, RequestRecord, StatusFilter};
pub use sandbox::{Sandbox, SandboxBuilder};
pub use scenario::Scenario;
pub use vendor::{TestInput, VendorInfo};
pub use vendors::*;
pub use webhooks::{Attempt, Delivery, DeliveryState};
