//! `multipart/form-data` bodies.

use std::fmt;

use bytes::Bytes;
use http::HeaderValue;

use super::{Body, Segment};
use crate::media::Media;
use crate::validation::ValidationError;

/// Builds a `multipart/form-data` body. Names are the vendor's field names: printable ASCII without quotes and backslashes.
pub struct MultipartBody {
    pub(super) boundary: String,
    pub(super) segments: Vec<Segment>,
    pub(super) has_bad_name: bool,
}

impl MultipartBody {
    /// Adds a text part.
    #[must_use]
    pub fn text(mut self, name: &str, value: &str) -> Self {
        self.check_name(name);
        let boundary = &self.boundary;
        let part =
            format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        self.segments.push(Segment::Plain(part.into()));
        self
    }

    /// Adds a text part that contains a file in base64, encoded while it is sent.
    #[must_use]
    pub fn base64(mut self, name: &str, media: &Media) -> Self {
        self.check_name(name);
        let boundary = &self.boundary;
        let head = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
        self.segments.push(Segment::Plain(head.into()));
        self.segments.push(Segment::Base64(media.bytes().clone()));
        self.segments.push(Segment::Plain(Bytes::from_static(b"\r\n")));
        self
    }

    /// Adds a file part. The file name is made of the field name and the format, so that it contains no personal data.
    #[must_use]
    pub fn file(mut self, name: &str, media: &Media) -> Self {
        self.check_name(name);
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

    /// Builds the body.
    ///
    /// # Errors
    /// A name contains characters that could end its header.
    pub fn build(mut self) -> Result<Body, ValidationError> {
        if self.has_bad_name {
            return Err(ValidationError::new("has a field name that is not printable ASCII without quotes"));
        }
        let boundary = &self.boundary;
        self.segments.push(Segment::Plain(format!("--{boundary}--\r\n").into()));
        let content_type = HeaderValue::try_from(format!("multipart/form-data; boundary={boundary}"))
            .map_err(|_| ValidationError::new("has a boundary that is not a valid header value"))?;
        Ok(Body::of(content_type, self.segments))
    }
}

impl MultipartBody {
    fn check_name(&mut self, name: &str) {
        let is_valid = |byte: u8| (byte.is_ascii_graphic() || byte == b' ') && !matches!(byte, b'"' | b'\\');
        self.has_bad_name |= name.is_empty() || !name.bytes().all(is_valid);
    }
}

impl fmt::Debug for MultipartBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MultipartBody([redacted])")
    }
}
