//! One file for each vendor.

mod clearsale_facematch;

use crate::vendor::Vendor;

/// Every vendor whose crate is run.
pub(crate) fn all() -> Vec<Box<dyn Vendor>> {
    vec![Box::new(clearsale_facematch::Clearsale)]
}
