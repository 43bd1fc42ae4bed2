//! Request bodies: JSON with pictures streamed as base64, forms, multipart. Exact length, constant memory.

use std::fmt;
use std::pin::Pin;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::HeaderValue;
use serde::Serialize;

use crate::media::{Media, encode_base64};
use crate::validation::ValidationError;

/// How much of a picture is encoded at a time. A multiple of three, so that chunks join without padding.
///
/// While one chunk is encoded, the reader at the other end runs dry and sleeps; to wake it costs more than to encode, so
/// few large writes are cheaper than many small ones. hyper writes once it has queued 8192 + 100 * 4096 bytes. Base64Bytes,
/// a chunk is just short of that: two go out at once, and no third joins them in memory.
const CHUNK: usize = (8192 + 100 * 4096) / 4 * 3 - 3;

/// A request body. Cloning shares the bytes, so that a retry costs nothing.
#[derive(Clone, Default)]
pub struct Body {
    content_type: Option<HeaderValue>,
    segments: Arc<[Segment]>,
    length: u64,
    /// Of the attempt that sends it. Without one, whoever asks for the body gets it.
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

/// Builds a JSON object whose pictures are streamed. Keys keep their order.
pub struct JsonBody {
    segments: Vec<Segment>,
    /// Text that is not yet a segment.
    open: Vec<u8>,
    failed: bool,
}

impl JsonBody {
    /// A key with a small value.
    #[must_use]
    pub fn field(mut self, key: &str, value: &(impl Serialize + ?Sized)) -> Self {
        self.key(key);
        self.failed |= serde_json::to_writer(&mut self.open, value).is_err();
        self
    }

    /// A key with a small value, left out when there is none.
    #[must_use]
    pub fn optional(self, key: &str, value: Option<&(impl Serialize + ?Sized)>) -> Self {
        match value {
            Some(value) => self.field(key, value),
            None => self,
        }
    }

    /// A key with a picture in base64.
    #[must_use]
    pub fn picture(mut self, key: &str, picture: &Media) -> Self {
        self.key(key);
        self.base64(picture);
        self
    }

    /// A key with an array of pictures in base64.
    #[must_use]
    pub fn pictures(mut self, key: &str, pictures: &[Media]) -> Self {
        self.key(key);
        self.open.push(b'[');
        for (place, picture) in pictures.iter().enumerate() {
            if place > 0 {
                self.open.push(b',');
            }
            self.base64(picture);
        }
        self.open.push(b']');
        self
    }

    /// The body.
    ///
    /// # Errors
    /// A value that JSON cannot hold, such as a map with keys that are no text.
    pub fn build(mut self) -> Result<Body, ValidationError> {
        self.open.push(b'}');
        if self.failed {
            return Err(ValidationError::new("holds a value that JSON cannot express"));
        }
        self.close_text();
        Ok(Body::of(HeaderValue::from_static("application/json"), self.segments))
    }

    fn key(&mut self, key: &str) {
        if self.open.last() != Some(&b'{') || !self.segments.is_empty() {
            self.open.push(b',');
        }
        self.failed |= serde_json::to_writer(&mut self.open, key).is_err();
        self.open.push(b':');
    }

    fn base64(&mut self, picture: &Media) {
        self.open.push(b'"');
        self.close_text();
        self.segments.push(Segment::Base64(picture.bytes().clone()));
        self.open.push(b'"');
    }

    fn close_text(&mut self) {
        self.segments.push(Segment::Plain(std::mem::take(&mut self.open).into()));
    }
}

impl fmt::Debug for JsonBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JsonBody([redacted])")
    }
}

/// Builds a `multipart/form-data` body. Names are the vendor's field names: printable ASCII without quotes.
pub struct MultipartBody {
    boundary: String,
    segments: Vec<Segment>,
    has_bad_name: bool,
}

impl MultipartBody {
    /// A part that is text.
    #[must_use]
    pub fn text(mut self, name: &str, value: &str) -> Self {
        self.look_at(name);
        let boundary = &self.boundary;
        let part =
            format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        self.segments.push(Segment::Plain(part.into()));
        self
    }

    /// A part that is text: a file in base64, made while it is sent.
    #[must_use]
    pub fn base64(mut self, name: &str, media: &Media) -> Self {
        self.look_at(name);
        let boundary = &self.boundary;
        let head = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
        self.segments.push(Segment::Plain(head.into()));
        self.segments.push(Segment::Base64(media.bytes().clone()));
        self.segments.push(Segment::Plain(Bytes::from_static(b"\r\n")));
        self
    }

    /// A part that is a file. Its name tells the format and nothing of the person.
    #[must_use]
    pub fn file(mut self, name: &str, media: &Media) -> Self {
        self.look_at(name);
        let boundary = &self.boundary;
        let mime = media.format().mime();
        let extension = mime.rsplit('/').next().unwrap_or("bin");
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{name}.{extension}\"\r\n\
             Content-Type: {mime}\r\n\r\n"
        );
        self.segments.push(Segment::Plain(head.into()));
        self.segments.push(Segment::Plain(media.bytes().clone()));
        self.segments.push(Segment::Plain(Bytes::from_static(b"\r\n")));
        self
    }

    /// The body.
    ///
    /// # Errors
    /// A name that could end its own header.
    pub fn build(mut self) -> Result<Body, ValidationError> {
        if self.has_bad_name {
            return Err(ValidationError::new("has a field name that is not printable ASCII without quotes"));
        }
        let boundary = &self.boundary;
        self.segments.push(Segment::Plain(format!("--{boundary}--\r\n").into()));
        let content_type = HeaderValue::try_from(format!("multipart/form-data; boundary={boundary}"))
            .map_err(|_| ValidationError::new("has a boundary that is no header text"))?;
        Ok(Body::of(content_type, self.segments))
    }
}

impl MultipartBody {
    fn look_at(&mut self, name: &str) {
        let is_good = |byte: u8| (byte.is_ascii_graphic() || byte == b' ') && !matches!(byte, b'"' | b'\\');
        self.has_bad_name |= name.is_empty() || !name.bytes().all(is_good);
    }
}

impl fmt::Debug for MultipartBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MultipartBody([redacted])")
    }
}

/// Fields as a form or a query writes them, in the given order.
#[must_use]
pub fn form_urlencoded<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// A [`Body`] on its way: an [`http_body::Body`] of exact length.
pub struct BodyStream {
    segments: Arc<[Segment]>,
    place: usize,
    offset: usize,
    left: u64,
    claim: Option<Arc<Claim>>,
    spare: Arc<Spare>,
}

/// Buffers that went over the wire and can be filled again. Without them each chunk would be fresh memory, and handing
/// that out page by page costs the system more than the encoding.
#[derive(Default)]
struct Spare(Mutex<Vec<Vec<u8>>>);

/// A filled buffer that comes back when the network stack lets go of it.
struct Lent {
    buffer: Vec<u8>,
    length: usize,
    spare: Arc<Spare>,
}

impl Spare {
    /// A buffer of that length or longer. A small picture gets a small one.
    fn take(&self, length: usize) -> Vec<u8> {
        let spare = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        spare.filter(|buffer| buffer.len() >= length).unwrap_or_else(|| vec![0; length])
    }
}

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        &self.buffer[..self.length]
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let buffer = std::mem::take(&mut self.buffer);
        self.spare.0.lock().unwrap_or_else(PoisonError::into_inner).push(buffer);
    }
}

impl BodyStream {
    fn next_chunk(&mut self) -> Option<Bytes> {
        loop {
            let chunk = match self.segments.get(self.place)? {
                Segment::Plain(bytes) => {
                    self.place += 1;
                    bytes.clone()
                }
                Segment::Base64(bytes) => {
                    let end = bytes.len().min(self.offset + CHUNK);
                    let chunk = encode(&bytes[self.offset..end], &self.spare);
                    if end == bytes.len() {
                        self.place += 1;
                        self.offset = 0;
                    } else {
                        self.offset = end;
                    }
                    chunk
                }
            };
            // An empty frame would look like the end to some readers.
            if !chunk.is_empty() {
                self.left = self.left.saturating_sub(chunk.len() as u64);
                return Some(chunk);
            }
        }
    }
}

fn encode(raw: &[u8], spare: &Arc<Spare>) -> Bytes {
    let mut buffer = spare.take(raw.len().div_ceil(3) * 4);
    // It fits, which is all that can go wrong.
    let length = encode_base64(raw, &mut buffer).unwrap_or(0);
    Bytes::from_owner(Lent { buffer, length, spare: Arc::clone(spare) })
}

impl http_body::Body for BodyStream {
    type Data = Bytes;
    type Error = RequestCancelled;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, RequestCancelled>>> {
        if self.claim.as_ref().is_some_and(|claim| !claim.take()) {
            return Poll::Ready(Some(Err(RequestCancelled)));
        }
        Poll::Ready(self.next_chunk().map(|chunk| Ok(http_body::Frame::data(chunk))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> http_body::SizeHint {
        http_body::SizeHint::with_exact(self.left)
    }
}

impl fmt::Debug for BodyStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BodyStream({} bytes left)", self.left)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

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
