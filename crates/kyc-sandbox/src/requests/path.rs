//! Paths without what a client wrote into them.

use std::fmt;

use axum::extract::MatchedPath;

/// How long a segment may be that is shown as it is.
const MAX_SEGMENT: usize = 40;
/// From how many digits on a segment may be a CPF or a part of a key.
const MANY_DIGITS: usize = 5;
/// How many segments are shown.
const MAX_SEGMENTS: usize = 16;
const HIDDEN: &str = "…";

/// The path of a request: that of the route, such as `/vendor/transactions/{id}`; for an unknown path its segments,
/// with `…` in place of each one that may hold an id or a key.
#[derive(Clone)]
pub struct RequestPath(Path);

#[derive(Clone)]
enum Path {
    /// Shared with the route, so that a record costs no copy.
    Matched(MatchedPath),
    Redacted(String),
}

impl RequestPath {
    pub(crate) fn matched(path: MatchedPath) -> Self {
        Self(Path::Matched(path))
    }

    pub(crate) fn redacted(path: &str) -> Self {
        let mut shown = String::new();
        for (number, segment) in path.split('/').enumerate() {
            if number > 0 {
                shown.push('/');
            }
            if number > MAX_SEGMENTS {
                shown.push_str(HIDDEN);
                break;
            }
            shown.push_str(if is_harmless(segment) { segment } else { HIDDEN });
        }
        Self(Path::Redacted(shown))
    }

    /// Returns the path as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Path::Matched(path) => path.as_str(),
            Path::Redacted(path) => path,
        }
    }
}

fn is_harmless(segment: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
    segment.len() <= MAX_SEGMENT
        && segment.bytes().all(is_plain)
        && segment.bytes().filter(u8::is_ascii_digit).count() < MANY_DIGITS
}

impl fmt::Display for RequestPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for RequestPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_a_cpf_or_a_key_is_hidden() {
        for (path, shown) in [
            ("/", "/"),
            ("", ""),
            ("/vendor/api/v2/faces/", "/vendor/api/v2/faces/"),
            ("/vendor/52998224725/selfie", "/vendor/…/selfie"),
            ("/vendor/529.982.247-25", "/vendor/…"),
            ("/vendor/1234", "/vendor/1234"),
            ("/vendor/a1b2c3d4e5", "/vendor/…"),
            ("/vendor/maria%20da%20silva", "/vendor/…"),
            ("/vendor/a@b.com/x", "/vendor/…/x"),
            ("//a", "//a"),
        ] {
            assert_eq!(RequestPath::redacted(path).as_str(), shown, "{path}");
        }
        let long = "a".repeat(MAX_SEGMENT);
        assert_eq!(RequestPath::redacted(&format!("/{long}/{long}a")).as_str(), format!("/{long}/…"));
    }

    #[test]
    fn a_path_of_any_length_is_short() {
        let path = RequestPath::redacted(&"/abc".repeat(20_000));
        assert_eq!(path.as_str(), "/abc".repeat(MAX_SEGMENTS) + "/…");
    }
}
