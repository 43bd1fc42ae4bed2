//! A body while it is sent: chunks of exact total length, encoded as they are asked for.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;

use super::{Claim, RequestCancelled, Segment};
use crate::media::encode_base64;

/// How much of a picture is encoded at a time. A multiple of three, so that chunks join without padding.
///
/// While one chunk is encoded, the reader at the other end runs dry and sleeps; to wake it costs more than to encode, so
/// few large writes are cheaper than many small ones. hyper writes once it has queued 8192 + 100 * 4096 bytes. Base64Bytes,
/// a chunk is just short of that: two go out at once, and no third joins them in memory.
pub(super) const CHUNK: usize = (8192 + 100 * 4096) / 4 * 3 - 3;

/// A [`Body`](crate::Body) while it is sent: an [`http_body::Body`] of exact length.
pub struct BodyStream {
    pub(super) segments: Arc<[Segment]>,
    pub(super) place: usize,
    pub(super) offset: usize,
    pub(super) left: u64,
    pub(super) claim: Option<Arc<Claim>>,
    pub(super) spare: Arc<Spare>,
}

/// Buffers that went over the wire and can be filled again. Without them each chunk would be fresh memory, and handing
/// that out page by page costs the system more than the encoding.
#[derive(Default)]
pub(super) struct Spare(Mutex<Vec<Vec<u8>>>);

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
