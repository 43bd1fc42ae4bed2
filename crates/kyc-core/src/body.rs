//! Request bodies: JSON with pictures streamed as base64, forms, multipart. Exact length, constant memory.

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

/// A request body. Cloning shares the bytes, so that a retry costs nothing.
#[derive(Clone, Default)]
pub struct Body {
    content_type: Option<HeaderValue>,
    segments: Arc<[Segment]>,
    length: u64,
    /// The attempt that sends it. Without one, any caller gets the body.
    claim: Option<Arc<Claim>>,
}

/// Who has the body: nobody yet, the network stack, or a caller who gave up before the stack asked for it.
///
/// A stack asks for a body once it is connected. So a body nobody asked for was not sent; and that must stay true after
/// the caller has been told so, whatever the connection's task does meanwhile.
#[derive(Debug, Default)]
pub(crate) struct Claim(AtomicU8);

const FREE: u8 = 0;
const TAKEN: u8 = 1;
const GIVEN_UP: u8 = 2;

impl Claim {
    /// Whether the body may be sent: for the stack.
    fn take(&self) -> bool {
        self.0.compare_exchange(FREE, TAKEN, Ordering::SeqCst, Ordering::SeqCst).unwrap_or_else(|now| now)
            != GIVEN_UP
    }

    /// Whether the body was not and will not be sent: for the caller.
    pub(crate) fn give_up(&self) -> bool {
        self.0.compare_exchange(FREE, GIVEN_UP, Ordering::SeqCst, Ordering::SeqCst).unwrap_or_else(|now| now)
            != TAKEN
    }
}

/// The caller gave up before the body was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the request was given up before it was sent")]
pub struct RequestCancelled;

#[derive(Clone)]
enum Segment {
    /// Sent as it is.
    Plain(Bytes),
    /// Sent as base64, made chunk by chunk.
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
    /// No body.
    #[must_use]
    pub fn empty() -> Self {
        Self::default()
    }

    /// Bytes that are ready.
    #[must_use]
    pub fn full(content_type: &'static str, bytes: impl Into<Bytes>) -> Self {
        Self::of(HeaderValue::from_static(content_type), vec![Segment::Plain(bytes.into())])
    }

    /// `application/x-www-form-urlencoded`, in the given order.
    #[must_use]
    pub fn form<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        Self::full("application/x-www-form-urlencoded", form_urlencoded(fields))
    }

    /// A JSON object; its pictures become base64 while they are sent.
    #[must_use]
    pub fn json() -> JsonBody {
        JsonBody { segments: Vec::new(), open: b"{".to_vec(), failed: false }
    }

    /// `multipart/form-data`; its files are sent as they are.
    #[must_use]
    pub fn multipart() -> MultipartBody {
        // 122 random bits: no file holds them by chance, so that none has to be searched for the boundary.
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

    /// The value of `Content-Type`, unless there is no body.
    #[must_use]
    pub fn content_type(&self) -> Option<&HeaderValue> {
        self.content_type.as_ref()
    }

    /// The exact number of bytes that will be sent.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.length
    }

    /// Whether nothing will be sent.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// The body as a stream, from its beginning.
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

    /// Begins an attempt, which can give up this body; nothing if there is nothing to send.
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

/// Fields as a form or a query writes them, in the given order.
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
        fn a_streamed_object_is_what_serde_json_writes(
            size in 1usize..3 * CHUNK,
            text in "\\PC{0,20}",
            pictures in 0usize..3,
        ) {
            let picture = Media::new(vec![0xA5; size]).expect("a small file");
            let list = vec![picture.clone(); pictures];
            let body = Body::json()
                .picture("first", &picture)
                .field("text", &text)
                .optional("none", None::<&str>)
                .pictures("list", &list)
                .build()
                .expect("plain values");
            let found: serde_json::Value = serde_json::from_slice(&collect(&body)).expect("valid JSON");
            let wanted = serde_json::json!({ "first": picture, "text": text, "list": list });
            prop_assert_eq!(found, wanted);
        }
    }

    #[test]
    fn an_empty_object_and_a_form() {
        assert_eq!(collect(&Body::json().build().expect("nothing to fail")), b"{}");
        assert_eq!(
            collect(&Body::form([("a b", "1&2"), ("token", "{\"t\":\"á\"}")])),
            b"a+b=1%262&token=%7B%22t%22%3A%22%C3%A1%22%7D"
        );
    }

    #[test]
    fn multipart_has_parts_and_an_end() {
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
    }

    #[test]
    fn a_body_is_sent_or_given_up_never_both() {
        use http_body::Body as _;
        let mut context = Context::from_waker(std::task::Waker::noop());
        let mut body = Body::full("text/plain", "x");
        let claim = body.claim().expect("it holds something");
        assert!(claim.give_up(), "nobody asked for it");
        let first = Pin::new(&mut body.stream()).poll_frame(&mut context);
        assert!(matches!(first, Poll::Ready(Some(Err(RequestCancelled)))));
        let mut body = Body::full("text/plain", "x");
        let claim = body.claim().expect("it holds something");
        assert!(matches!(Pin::new(&mut body.stream()).poll_frame(&mut context), Poll::Ready(Some(Ok(_)))));
        assert!(!claim.give_up(), "it is on its way");
    }
}
