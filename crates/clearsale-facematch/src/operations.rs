//! One file for each operation of the vendor: its path, its class, what is sent and what comes back.

pub(crate) mod login;
pub(crate) mod match2d_2d;
pub(crate) mod match2d_2d_query;

use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Uri};
use kyc_core::Body;

/// A request that asks for JSON and names the type of its body.
pub(crate) fn request(method: Method, address: Uri, body: Body) -> Request<Body> {
    let content_type = body.content_type().cloned();
    let mut request = Request::new(body);
    *request.method_mut() = method;
    *request.uri_mut() = address;
    let headers = request.headers_mut();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    if let Some(content_type) = content_type {
        headers.insert(CONTENT_TYPE, content_type);
    }
    request
}
