//! JSON objects whose images are encoded while they are sent.

use std::fmt;

use http::HeaderValue;
use serde::Serialize;

use super::{Body, Segment};
use crate::media::Media;
use crate::validation::ValidationError;

/// Builds a JSON object whose pictures are streamed. Keys keep their order.
pub struct JsonBody {
    pub(super) segments: Vec<Segment>,
    /// Text that is not yet a segment.
    pub(super) open: Vec<u8>,
    pub(super) failed: bool,
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
