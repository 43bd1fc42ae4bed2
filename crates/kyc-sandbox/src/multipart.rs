//! Parses `multipart/form-data` without copying the files in it.

use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use bytes::Bytes;
use memchr::memmem;

use crate::headers;

/// One part of a body.
#[derive(Debug, PartialEq)]
pub(crate) struct Part {
    pub(crate) name: String,
    /// The file name that the client sent; `None` for a plain field.
    pub(crate) file_name: Option<String>,
    pub(crate) content: Bytes,
}

/// The boundary between the parts; `None` if the body is not declared as multipart.
pub(crate) fn boundary(headers: &HeaderMap) -> Option<&str> {
    boundary_in(headers::text(headers, &CONTENT_TYPE)?)
}

fn boundary_in(content_type: &str) -> Option<&str> {
    let (essence, parameters) = content_type.split_once(';')?;
    if !essence.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    parameter(parameters, "boundary").filter(|boundary| !boundary.is_empty())
}

/// Returns `None` if the body is malformed anywhere.
pub(crate) fn parts(body: &Bytes, boundary: &str) -> Option<Vec<Part>> {
    let opening = format!("--{boundary}");
    let delimiter = format!("\r\n{opening}");
    let mut rest = body.slice(memmem::find(body, opening.as_bytes())? + opening.len()..);
    let mut parts = Vec::new();
    loop {
        if rest.starts_with(b"--") {
            return Some(parts);
        }
        let content = rest.strip_prefix(b"\r\n").map(|content| rest.slice_ref(content))?;
        // A part without headers would begin with the blank line; it has no name and is malformed.
        let headers = memmem::find(&content, b"\r\n\r\n")?;
        let end = memmem::find(&content, delimiter.as_bytes()).filter(|&end| end >= headers + 4)?;
        let disposition = disposition(std::str::from_utf8(content.get(..headers)?).ok()?)?;
        parts.push(Part {
            name: parameter(disposition, "name")?.to_owned(),
            file_name: parameter(disposition, "filename").map(str::to_owned),
            content: content.slice(headers + 4..end),
        });
        rest = content.slice(end + delimiter.len()..);
    }
}

/// The value of the `Content-Disposition` header.
fn disposition(headers: &str) -> Option<&str> {
    headers.split("\r\n").find_map(|header| {
        let (key, value) = header.split_once(':')?;
        key.trim().eq_ignore_ascii_case("content-disposition").then_some(value)
    })
}

fn parameter<'a>(parameters: &'a str, wanted: &str) -> Option<&'a str> {
    parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case(wanted).then(|| value.trim().trim_matches('"'))
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
        let part = |name: &str, file_name: Option<&str>, content: &'static str| Part {
            name: name.to_owned(),
            file_name: file_name.map(str::to_owned),
            content: Bytes::from(content),
        };
        let expected = vec![part("documentType", None, "RG"), part("image", Some("a.png"), "\r\n-bytes\r\n")];
        assert_eq!(parts(&Bytes::from(BODY), "b"), Some(expected));
    }

    #[test]
    fn a_truncated_body_is_malformed() {
        for end in 0..BODY.len() - 4 {
            assert!(parts(&Bytes::from(&BODY[..end]), "b").is_none(), "{end}");
        }
        assert!(parts(&Bytes::from(BODY), "c").is_none());
    }

    #[test]
    fn boundaries() {
        assert_eq!(boundary_in("multipart/form-data; boundary=\"a b\""), Some("a b"));
        assert_eq!(boundary_in("Multipart/Form-Data;charset=utf-8;Boundary=x"), Some("x"));
        for wrong in ["multipart/form-data", "multipart/form-data; boundary=", "multipart/mixed; boundary=x"]
        {
            assert_eq!(boundary_in(wrong), None, "{wrong}");
        }
    }
}
