//! One file for each operation of the vendor: its path, its class, what is sent and what comes back.

pub(crate) mod login;
pub(crate) mod match2d_2d;
pub(crate) mod match2d_2d_query;

use http::{Method, Request, Uri};
use kyc_core::Body;

/// A request as every operation begins it. The pipeline adds what is the same for all.
pub(crate) fn request(method: Method, address: Uri, body: Body) -> Request<Body> {
    let mut request = Request::new(body);
    *request.method_mut() = method;
    *request.uri_mut() = address;
    request
}
