//! Parses `multipart/form-data`.

use std::convert::Infallible;

use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use bytes::Bytes;
use futures_util::{FutureExt as _, future, stream};
use multer::Multipart;

use crate::headers;

/// More than any vendor has fields.
const MAX_PARTS: usize = 32;

/// One part of a body.
#[derive(Debug, PartialEq)]
pub(crate) struct Part {
    pub(crate) name: String,
    /// The file name that the client sent; `None` for a plain field.
    pub(crate) file_name: Option<String>,
    pub(crate) content: Bytes,
}

/// The boundary between the parts; `None` if the body is not declared as multipart.
pub(crate) fn boundary(headers: &HeaderMap) -> Option<String> {
    boundary_in(headers::text(headers, &CONTENT_TYPE)?)
}

/// Accepts what clients send and `multer::parse_boundary` does not: blanks around `;`, and characters that should be in
/// quotation marks.
fn boundary_in(content_type: &str) -> Option<String> {
    let (essence, mut parameters) = content_type.split_once(';')?;
    if !essence.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    loop {
        let (name, value) = parameters.split_once('=')?;
        let value = value.trim_start();
        let (value, rest) = match value.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => value.split_once(';').unwrap_or((value, "")),
        };
        if name.trim_matches([' ', '\t', ';']).eq_ignore_ascii_case("boundary") {
            return Some(value.trim_end().to_owned()).filter(|boundary| !boundary.is_empty());
        }
        parameters = rest;
    }
}

/// Returns `None` if the body is malformed anywhere.
pub(crate) fn parts(body: &Bytes, boundary: &str) -> Option<Vec<Part>> {
    let whole = stream::once(future::ready(Ok::<_, Infallible>(body.clone())));
    // Nothing is waited for, since the body is here already.
    read(Multipart::new(whole, boundary)).now_or_never().flatten()
}

async fn read(mut body: Multipart<'_>) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    while let Some(field) = body.next_field().await.ok()? {
        if parts.len() == MAX_PARTS {
            return None;
        }
        let name = field.name()?.to_owned();
        let file_name = field.file_name().map(str::to_owned);
        parts.push(Part { name, file_name, content: field.bytes().await.ok()? });
    }
    Some(parts)
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
        for (content_type, boundary) in [
            ("multipart/form-data; boundary=\"a b\"", "a b"),
            ("Multipart/Form-Data;charset=utf-8;Boundary=x", "x"),
            ("multipart/form-data; boundary=x ", "x"),
            ("multipart/form-data ; boundary=x ; charset=utf-8", "x"),
            ("multipart/form-data; boundary=\"x;y\"", "x;y"),
            (
                "multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW",
                "----WebKitFormBoundary7MA4YWxkTrZu0gW",
            ),
            ("multipart/form-data; boundary=a/b:c=d?e", "a/b:c=d?e"),
            ("multipart/form-data;boundary=x;", "x"),
        ] {
            assert_eq!(boundary_in(content_type).as_deref(), Some(boundary), "{content_type}");
        }
        for wrong in ["multipart/form-data", "multipart/form-data; boundary=", "multipart/mixed; boundary=x"]
        {
            assert_eq!(boundary_in(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn file_names_and_blanks_as_clients_send_them() {
        for name in ["a;b.png", "a; filename=b.png", "name=\"x", "a=b.png", "foto João.png", "", " "] {
            let quoted = name.replace('"', "\\\"");
            let body = format!(
                "--b \t\r\nContent-Disposition: form-data; name=\"image\"; filename=\"{quoted}\"\r\n\r\n1\r\n--b--  \r\n"
            );
            let parts = parts(&Bytes::from(body), "b").expect("well-formed");
            let part = parts.first().expect("a part");
            assert_eq!((part.name.as_str(), part.file_name.as_deref()), ("image", Some(name)));
            assert_eq!(part.content, "1");
        }
    }

    #[test]
    fn the_number_of_parts_is_limited() {
        let part = "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n";
        let body = |count| Bytes::from(format!("{}--b--\r\n", part.repeat(count)));
        assert_eq!(parts(&body(MAX_PARTS), "b").map(|parts| parts.len()), Some(MAX_PARTS));
        assert_eq!(parts(&body(MAX_PARTS + 1), "b"), None);
    }
}
