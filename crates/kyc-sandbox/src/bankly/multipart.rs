//! `multipart/form-data`, read without copying the files in it.

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use bytes::Bytes;
use memchr::memmem;

use super::answers::{invalid, missing, refusal};
use super::request::Request;
use crate::answer::Answer;

/// The parts of a body, by name.
pub(super) struct Multipart(Vec<(String, Bytes)>);

impl Multipart {
    pub(super) fn of(request: &Request) -> Result<Self, Answer> {
        let boundary = request.header(CONTENT_TYPE.as_str()).and_then(boundary).ok_or_else(|| {
            refusal(StatusCode::UNSUPPORTED_MEDIA_TYPE, "multipart/form-data with a boundary is wanted")
        })?;
        let parts = parts(&request.body, boundary);
        parts.map(Self).ok_or_else(|| invalid("body", "The body is not the multipart that it says it is."))
    }

    pub(super) fn file(&self, name: &str) -> Result<&Bytes, Answer> {
        self.optional(name).filter(|content| !content.is_empty()).ok_or_else(|| missing(name))
    }

    pub(super) fn optional(&self, name: &str) -> Option<&Bytes> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, content)| content)
    }

    /// A text that must be one of these.
    pub(super) fn one_of(&self, name: &str, words: &[&'static str]) -> Result<&'static str, Answer> {
        let content = self.file(name)?;
        let known = words.iter().find(|word| word.as_bytes() == content);
        known.copied().ok_or_else(|| invalid(name, format!("The field {name} must be one of {words:?}.")))
    }
}

fn boundary(content_type: &str) -> Option<&str> {
    let (essence, parameters) = content_type.split_once(';')?;
    if !essence.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let value = parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("boundary").then_some(value)
    })?;
    Some(value.trim().trim_matches('"')).filter(|boundary| !boundary.is_empty())
}

/// `None` if the body breaks the form at any point.
fn parts(body: &Bytes, boundary: &str) -> Option<Vec<(String, Bytes)>> {
    let opening = format!("--{boundary}");
    let delimiter = format!("\r\n{opening}");
    let mut rest = body.slice(memmem::find(body, opening.as_bytes())? + opening.len()..);
    let mut parts = Vec::new();
    loop {
        if rest.starts_with(b"--") {
            return Some(parts);
        }
        let content = rest.strip_prefix(b"\r\n").map(|content| rest.slice_ref(content))?;
        // Only a part without headers could begin with the blank line, and such a part has no name.
        let headers = memmem::find(&content, b"\r\n\r\n")?;
        let end = memmem::find(&content, delimiter.as_bytes()).filter(|&end| end >= headers + 4)?;
        let name = name(std::str::from_utf8(content.get(..headers)?).ok()?)?;
        parts.push((name, content.slice(headers + 4..end)));
        rest = content.slice(end + delimiter.len()..);
    }
}

/// `name` of the header `Content-Disposition`.
fn name(headers: &str) -> Option<String> {
    let disposition = headers.split("\r\n").find_map(|header| {
        let (key, value) = header.split_once(':')?;
        key.trim().eq_ignore_ascii_case("content-disposition").then_some(value)
    })?;
    disposition.split(';').find_map(|parameter| {
        let (key, value) = parameter.split_once('=')?;
        (key.trim() == "name").then(|| value.trim().trim_matches('"').to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = "preamble\r\n--b\r\nContent-Disposition: form-data; name=\"documentType\"\r\n\r\nRG\r\n\
        --b\r\ncontent-type: image/png\r\ncontent-disposition: form-data; filename=\"a.png\"; name=\"image\"\r\n\r\n\
        \r\n-bytes\r\n\r\n--b--\r\n";

    #[test]
    fn parts_are_found() {
        let read = parts(&Bytes::from(BODY), "b").expect("well-formed");
        assert_eq!(read[0], ("documentType".to_owned(), Bytes::from("RG")));
        assert_eq!(read[1], ("image".to_owned(), Bytes::from("\r\n-bytes\r\n")));
        assert_eq!(read.len(), 2);
    }

    #[test]
    fn whatever_is_cut_off_is_no_multipart() {
        for end in 0..BODY.len() - 4 {
            assert!(parts(&Bytes::from(&BODY[..end]), "b").is_none(), "{end}");
        }
        assert!(parts(&Bytes::from(BODY), "c").is_none());
    }

    #[test]
    fn boundaries() {
        assert_eq!(boundary("multipart/form-data; boundary=\"a b\""), Some("a b"));
        assert_eq!(boundary("Multipart/Form-Data;charset=utf-8;Boundary=x"), Some("x"));
        for wrong in ["multipart/form-data", "multipart/form-data; boundary=", "multipart/mixed; boundary=x"]
        {
            assert_eq!(boundary(wrong), None, "{wrong}");
        }
    }
}
