//! A program that looks at a picture before it is sent anywhere.

use std::error::Error;

use kyc_face::kyc_core::{Media, RetakeCause, RetakeItem};
use kyc_face::{Detector, Purpose};

/// Returns what may keep a vendor from reading a selfie.
pub fn advice(picture: Vec<u8>) -> Result<Vec<RetakeCause>, Box<dyn Error>> {
    let report = Detector::new()?.report(&Media::new(picture)?, &Purpose::new(RetakeItem::Selfie));
    Ok(report.advice)
}
