#![doc = include_str!("../README.md")]

pub mod bankly;
pub mod cellere;
pub mod certiface;
pub mod clearsale;
pub mod samples;

mod api;
mod client_config;
mod control;
mod counters;
mod faults;
mod headers;
mod multipart;
mod newest;
mod openapi;
mod outcomes;
mod receivers;
mod reply;
mod sandbox;
mod server;
mod tasks;
mod test_inputs;
mod vendor;
mod vendors;
mod webhooks;

pub use client_config::{ClientConfig, ConfigValue};
pub use faults::Fault;
pub use outcomes::{Outcome, Triggered};
pub use sandbox::{Sandbox, SandboxBuilder};
pub use vendor::{TestInput, VendorInfo};
pub use vendors::*;
pub use webhooks::{Attempt, Delivery, DeliveryState};
