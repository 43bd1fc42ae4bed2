//! JSON objects whose images are encoded while they are sent.

use std::fmt;

use http::HeaderValue;
use serde::Serialize;

use super::{Body, Segment};
use crate::media::Media;
use crate::validation::ValidationError;

/// Builds a JSON object whose images are streamed as base64. Keys keep their order.
pub struct JsonBody {
    pub(super) segments: Vec<Segment>,
    /// The text after the last segment.
    pub(super) open: Vec<u8>,
    pub(super) failed: bool,
}

impl JsonBody {
    /// Adds a key with a small value.
    #[must_use]
    pub fn field(mut self, key: &str, value: &(impl Serialize + ?Sized)) -> Self {
        self.key(key);
        self.failed |= serde_json::to_writer(&mut self.open, value).is_err();
        self
    }

    /// Adds a key with a small value, if there is one.
    #[must_use]
    pub fn optional(self, key: &str, value: Option<&(impl Serialize + ?Sized)>) -> Self {
        match value {
            Some(value) => self.field(key, value),
            None => self,
        }
    }

    /// Adds a key with an image in base64.
    #[must_use]
    pub fn image(mut self, key: &str, image: &Media) -> Self {
        self.key(key);
        self.base64(image);
        self
    }

    /// Adds a key with an array of images in base64.
    #[must_use]
    pub fn images(mut self, key: &str, images: &[Media]) -> Self {
        self.key(key);
        self.open.push(b'[');
        for (place, image) in images.iter().enumerate() {
            if place > 0 {
                self.open.push(b',');
            }
            self.base64(image);
        }
        self.open.push(b']');
        self
    }

    /// Builds the body.
    ///
    /// # Errors
    /// A value cannot be represented in JSON, such as a map whose keys are not strings.
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

    fn base64(&mut self, image: &Media) {
        self.open.push(b'"');
        self.close_text();
        self.segments.push(Segment::Base64(image.bytes().clone()));
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
