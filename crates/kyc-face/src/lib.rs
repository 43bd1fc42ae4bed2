#![doc = include_str!("../README.md")]

mod detector;
mod face;
mod picture;
mod preflight;

/// Not for users: the layers of which this crate and the sandbox build their networks.
#[doc(hidden)]
pub mod network;

pub use kyc_core;

pub use detector::Detector;
pub use face::{Face, Landmarks, Point};
pub use network::WeightsError;
pub use picture::{Picture, PictureError};
pub use preflight::{Measures, Purpose, Report};
