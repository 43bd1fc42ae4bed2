//! Converts bytes to text: byte order marks, declared charsets, and bytes that are not valid UTF-8.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// Returns the text, and `true` if it contains bytes whose charset was guessed.
pub(super) fn decode<'a>(body: &'a [u8], content_type: Option<&[u8]>) -> (Cow<'a, str>, bool) {
    if let Some((encoding, mark)) = Encoding::for_bom(body) {
        return with(encoding, &body[mark..]);
    }
    let declared = content_type.and_then(charset).and_then(Encoding::for_label);
    with(declared.unwrap_or(UTF_8), body)
}

fn with<'a>(encoding: &'static Encoding, body: &'a [u8]) -> (Cow<'a, str>, bool) {
    if encoding == UTF_8 {
        return match str::from_utf8(body) {
            Ok(text) => (Cow::Borrowed(text), false),
            Err(_) => (Cow::Owned(guess(body)), true),
        };
    }
    // Most bodies are ASCII, which nearly all charsets contain unchanged; borrowing them avoids a copy.
    if body.is_ascii() && encoding.is_ascii_compatible() {
        return with(UTF_8, body);
    }
    let (text, has_errors) = encoding.decode_without_bom_handling(body);
    (text, has_errors)
}

/// Decodes valid UTF-8 as such and all other bytes as windows-1252, the usual charset of Brazilian systems that declare a wrong
/// charset or none. No byte is lost.
fn guess(body: &[u8]) -> String {
    let mut text = String::with_capacity(body.len() + body.len() / 8);
    for chunk in body.utf8_chunks() {
        text.push_str(chunk.valid());
        text.push_str(&WINDOWS_1252.decode_without_bom_handling(chunk.invalid()).0);
    }
    text
}

/// Returns the parameter `charset` of a `Content-Type`.
fn charset(content_type: &[u8]) -> Option<&[u8]> {
    content_type.split(|byte| *byte == b';').skip(1).find_map(|parameter| {
        let equals = parameter.iter().position(|byte| *byte == b'=')?;
        let (name, value) = (&parameter[..equals], &parameter[equals + 1..]);
        let is_charset = name.trim_ascii().eq_ignore_ascii_case(b"charset");
        is_charset.then(|| value.trim_ascii().trim_ascii_quotes())
    })
}

trait TrimQuotes {
    fn trim_ascii_quotes(&self) -> &[u8];
}

impl TrimQuotes for [u8] {
    fn trim_ascii_quotes(&self) -> &[u8] {
        let inside = self.strip_prefix(b"\"").unwrap_or(self);
        inside.strip_suffix(b"\"").unwrap_or(inside)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declared_marked_and_guessed_charsets() {
        let read = |body: &[u8], content_type: &str| {
            let (text, guessed) = decode(body, Some(content_type.as_bytes()));
            (text.into_owned(), guessed)
        };
        assert_eq!(read(b"JO\xC3O", "application/json;charset=ISO-8859-1"), ("JOÃO".into(), false));
        assert_eq!(read(b"JO\xC3O", "application/json; Charset=\"latin1\""), ("JOÃO".into(), false));
        assert_eq!(read("JOÃO".as_bytes(), "application/json; charset=utf-8"), ("JOÃO".into(), false));
        assert_eq!(read(b"CPF inv\xE1lido", "application/json"), ("CPF inválido".into(), true));
        assert_eq!(read(b"inv\xE1lido, S\xC3\xA3o", "text/plain; charset=x"), ("inválido, São".into(), true));
        assert_eq!(read(b"\xEF\xBB\xBF[]", ""), ("[]".into(), false));
        assert_eq!(read(b"\xFF\xFE[\0]\0", ""), ("[]".into(), false));
    }
}
