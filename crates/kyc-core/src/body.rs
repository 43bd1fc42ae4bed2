//! Request bodies of known length: JSON with images streamed as base64, forms, multipart. Streaming needs constant memory.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use bytes::Bytes;
use http::HeaderValue;

mod json;
mod multipart;
mod stream;

pub use json::JsonBody;
pub use multipart::MultipartBody;
pub use stream::BodyStream;

/// A request body. Clones share the bytes, so that a retry copies nothing.
#[derive(Clone, Default)]
pub struct Body {
    content_type: Option<HeaderValue>,
    segments: Arc<[Segment]>,
    length: u64,
    /// The claim of the attempt that sends the body. Without a claim the body is always sent.
    claim: Option<Arc<Claim>>,
}

/// The state of a body in an attempt: free, taken by the HTTP stack, or given up by the caller before the stack polled it.
///
/// An HTTP stack polls a body once it is connected, so a body that was never polled was not sent. Giving the body up keeps
/// that true after the caller has returned `NotSent`, even if the connection's task continues.
#[derive(Debug, Default)]
pub(crate) struct Claim(AtomicU8);

const FREE: u8 = 0;
const TAKEN: u8 = 1;
const GIVEN_UP: u8 = 2;

impl Claim {
    /// Takes the body for the HTTP stack. Returns `false` if the caller gave it up.
    fn take(&self) -> bool {
        self.0.compare_exchange(FREE, TAKEN, Ordering::SeqCst, Ordering::SeqCst).unwrap_or_else(|now| now)
            != GIVEN_UP
    }

    /// Gives the body up for the caller. Returns `false` if the HTTP stack took it already.
    pub(crate) fn give_up(&self) -> bool {
        self.0.compare_exchange(FREE, GIVEN_UP, Ordering::SeqCst, Ordering::SeqCst).unwrap_or_else(|now| now)
            != TAKEN
    }
}

/// The error of polling a body whose request was cancelled before it was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the request was cancelled before it was sent")]
pub struct RequestCancelled;

#[derive(Clone)]
enum Segment {
    /// Bytes to send unchanged.
    Plain(Bytes),
    /// Bytes to encode as base64, chunk by chunk.
    Base64(Bytes),
}

impl Segment {
    fn encoded_len(&self) -> u64 {
        match self {
            Self::Plain(bytes) => bytes.len() as u64,
            Self::Base64(bytes) => bytes.len().div_ceil(3) as u64 * 4,
        }
    }
}

impl Body {
    /// Creates an empty body without `Content-Type`.
    #[must_use]
    pub fn empty() -> Self {
        Self::default()
    }

    /// Creates a body from bytes.
    #[must_use]
    pub fn full(content_type: &'static str, bytes: impl Into<Bytes>) -> Self {
        Self::of(HeaderValue::from_static(content_type), vec![Segment::Plain(bytes.into())])
    }

    /// Creates an `application/x-www-form-urlencoded` body with the fields in the given order.
    #[must_use]
    pub fn form<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        Self::full("application/x-www-form-urlencoded", form_urlencoded(fields))
    }

    /// Starts a JSON object whose images are encoded as base64 while they are sent.
    #[must_use]
    pub fn json() -> JsonBody {
        JsonBody { segments: Vec::new(), open: b"{".to_vec(), failed: false }
    }

    /// Starts a `multipart/form-data` body.
    #[must_use]
    pub fn multipart() -> MultipartBody {
        // A file contains 122 random bits by chance so rarely that none has to be searched for the boundary.
        MultipartBody {
            boundary: format!("kyc-{}", uuid::Uuid::new_v4().simple()),
            segments: Vec::new(),
            has_bad_name: false,
        }
    }

    fn of(content_type: HeaderValue, segments: Vec<Segment>) -> Self {
        let length = segments.iter().map(Segment::encoded_len).sum();
        Self { content_type: Some(content_type), segments: segments.into(), length, claim: None }
    }

    /// Returns the value of `Content-Type`; `None` for an empty body.
    #[must_use]
    pub fn content_type(&self) -> Option<&HeaderValue> {
        self.content_type.as_ref()
    }

    /// Returns the exact number of bytes that will be sent.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.length
    }

    /// Returns `true` if the length is zero.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Returns a stream of the whole body.
    #[must_use]
    pub fn stream(&self) -> BodyStream {
        BodyStream {
            segments: Arc::clone(&self.segments),
            place: 0,
            offset: 0,
            left: self.length,
            claim: self.claim.clone(),
            spare: Arc::default(),
        }
    }

    /// Starts an attempt and returns its claim on the body; `None` if the body is empty.
    pub(crate) fn claim(&mut self) -> Option<Arc<Claim>> {
        self.claim = (!self.is_empty()).then(Arc::default);
        self.claim.clone()
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Body({} bytes)", self.length)
    }
}

/// Encodes fields as `application/x-www-form-urlencoded`, in the given order, for forms and query strings.
#[must_use]
pub fn form_urlencoded<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use std::pin::Pin;
    use std::task::{Context, Poll};

    use super::stream::CHUNK;
    use super::*;
    use crate::media::Media;

    fn collect(body: &Body) -> Vec<u8> {
        let mut stream = body.stream();
        let mut all = Vec::new();
        while let Some(chunk) = stream.next_chunk() {
            all.extend_from_slice(&chunk);
        }
        assert_eq!(all.len() as u64, body.len(), "the announced length is exact");
        all
    }

    proptest! {
        #[test]
        fn a_streamed_object_equals_that_of_serde_json(
            size in 1usize..3 * CHUNK,
            text in "\\PC{0,20}",
            count in 0usize..3,
        ) {
            let image = Media::new(vec![0xA5; size]).expect("a small file");
            let list = vec![image.clone(); count];
            let body = Body::json()
                .image("first", &image)
                .field("text", &text)
                .optional("none", None::<&str>)
                .images("list", &list)
                .build()
                .expect("plain values");
            let found: serde_json::Value = serde_json::from_slice(&collect(&body)).expect("valid JSON");
            let wanted = serde_json::json!({ "first": image, "text": text, "list": list });
            prop_assert_eq!(found, wanted);
        }
    }

    #[test]
    fn an_empty_object_and_a_form_are_encoded() {
        assert_eq!(collect(&Body::json().build().expect("nothing to fail")), b"{}");
        assert_eq!(
            collect(&Body::form([("a b", "1&2"), ("token", "{\"t\":\"á\"}")])),
            b"a+b=1%262&token=%7B%22t%22%3A%22%C3%A1%22%7D"
        );
    }

    #[test]
    fn multipart_has_parts_and_a_final_boundary() {
        let media = Media::new(&b"\xFF\xD8\xFF\xE0\0\x10JFIF\0\x01\xFF\xD9"[..]).expect("a small file");
        let body = Body::multipart()
            .text("documentType", "SELFIE")
            .file("image", &media)
            .base64("base64", &media)
            .build()
            .expect("ASCII");
        let content_type =
            body.content_type().and_then(|value| value.to_str().ok()).expect("a type").to_owned();
        let boundary = content_type.strip_prefix("multipart/form-data; boundary=").expect("a boundary");
        let text = String::from_utf8_lossy(&collect(&body)).into_owned();
        assert_eq!(text.matches(boundary).count(), 4);
        assert!(text.contains("name=\"image\"; filename=\"image.jpeg\"\r\nContent-Type: image/jpeg\r\n\r\n"));
        assert!(text.contains("name=\"base64\"\r\n\r\n/9j/4AAQSkZJRgAB/9k=\r\n"), "{text}");
        assert!(text.ends_with(&format!("--{boundary}--\r\n")));
        assert!(Body::multipart().text("a\"\r\nX: y", "").build().is_err());
        let mut stream = body.stream();
        let mut chunks = std::iter::from_fn(|| stream.next_chunk());
        assert!(
            chunks.any(|chunk| chunk.as_ptr() == media.bytes().as_ptr()),
            "a file is sent without a copy"
        );
    }

    #[test]
    fn a_body_is_either_sent_or_given_up() {
        use http_body::Body as _;
        let mut context = Context::from_waker(std::task::Waker::noop());
        let mut body = Body::full("text/plain", "x");
        let claim = body.claim().expect("it holds something");
        assert!(claim.give_up(), "it was not polled");
        let first = Pin::new(&mut body.stream()).poll_frame(&mut context);
        assert!(matches!(first, Poll::Ready(Some(Err(RequestCancelled)))));
        let mut body = Body::full("text/plain", "x");
        let claim = body.claim().expect("it holds something");
        assert!(matches!(Pin::new(&mut body.stream()).poll_frame(&mut context), Poll::Ready(Some(Ok(_)))));
        assert!(!claim.give_up(), "it was polled");
    }
}
