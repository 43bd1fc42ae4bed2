//! The stream of a body: chunks of a known total length, encoded when they are polled.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;

use super::{Claim, RequestCancelled, Segment};
use crate::media::encode_base64;

/// The number of bytes of a file that are encoded at a time. A multiple of three, so that chunks need no padding between them.
///
/// While a chunk is encoded, the receiver runs out of data and sleeps. Waking it costs more than encoding, so few large writes
/// are cheaper than many small ones. hyper writes once it has queued 8192 + 100 * 4096 bytes. An encoded chunk is slightly
/// smaller than that: two are written at once, and no third one is held in memory.
pub(super) const CHUNK: usize = (8192 + 100 * 4096) / 4 * 3 - 3;

/// The stream of a [`Body`](crate::Body): an [`http_body::Body`] of exact length.
pub struct BodyStream {
    pub(super) segments: Arc<[Segment]>,
    pub(super) place: usize,
    pub(super) offset: usize,
    pub(super) left: u64,
    pub(super) claim: Option<Arc<Claim>>,
    pub(super) spare: Arc<Spare>,
}

/// Sent buffers to reuse. If each chunk were allocated, mapping the pages of its memory would cost more than encoding it.
#[derive(Default)]
pub(super) struct Spare(Mutex<Vec<Vec<u8>>>);

/// A filled buffer, which returns to the spare ones when the HTTP stack drops it.
struct Lent {
    buffer: Vec<u8>,
    length: usize,
    spare: Arc<Spare>,
}

impl Spare {
    /// Returns a buffer of at least that length.
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
    pub(super) fn next_chunk(&mut self) -> Option<Bytes> {
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
            // Some readers take an empty frame for the end of the body.
            if !chunk.is_empty() {
                self.left = self.left.saturating_sub(chunk.len() as u64);
                return Some(chunk);
            }
        }
    }
}

fn encode(raw: &[u8], spare: &Arc<Spare>) -> Bytes {
    let mut buffer = spare.take(raw.len().div_ceil(3) * 4);
    // Encoding fails only if the buffer is too small, and it is not.
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
