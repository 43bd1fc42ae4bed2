#![doc = include_str!("../README.md")]

pub mod bankly;
pub mod cellere;
pub mod certiface;
pub mod clearsale;
pub mod samples;

mod control;
mod counters;
mod faults;
mod headers;
mod multipart;
mod reply;
mod sandbox;
mod server;
mod tasks;
mod test_inputs;
mod text_form;
mod webhooks;

pub use bankly::{BanklyControl, BanklyTls};
pub use cellere::CellereControl;
pub use certiface::CertifaceControl;
pub use clearsale::ClearsaleControl;
pub use faults::Fault;
pub use sandbox::{Sandbox, SandboxBuilder};
pub use webhooks::{Attempt, Delivery, DeliveryState};
