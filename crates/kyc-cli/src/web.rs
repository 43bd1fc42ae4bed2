//! URLs of programs that are no vendors.

use kyc_core::{BaseUrl, ValidationError};
use reqwest::Url;

/// Parses a URL, which may have a query. It must use https, or http on this machine, unless unencrypted http is allowed.
pub(crate) fn parse(text: &str, allow_http: bool) -> Result<Url, ValidationError> {
    let check = if allow_http { BaseUrl::parse_insecure } else { BaseUrl::parse };
    let text = text.trim();
    check(text.split(['?', '#']).next().unwrap_or_default())?;
    let mut url = Url::parse(text).map_err(|_| ValidationError::new("must be a URL"))?;
    // It is never sent.
    url.set_fragment(None);
    Ok(url)
}

/// Returns whether the host is this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    BaseUrl::parse_insecure(&without_query(url)).is_ok_and(|base| base.is_loopback())
}

/// Returns the URL without what may be a secret: the query, and on other machines the path.
pub(crate) fn shown(url: &Url) -> String {
    if is_loopback(url) || url.path() == "/" {
        return without_query(url);
    }
    format!("{}/…", url.origin().ascii_serialization())
}

fn without_query(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.to_string()
}

/// Returns the last cause, which says most: "Connection refused".
pub(crate) fn cause(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "timeout".to_owned();
    }
    let first = std::error::Error::source(error);
    let causes = std::iter::successors(first, |cause| cause.source());
    let words = causes.last().map_or_else(|| "no response".to_owned(), ToString::to_string);
    match words.split_once(" (os error") {
        Some((words, _)) => words.to_owned(),
        None => words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unencrypted_http_stays_on_this_machine() {
        for (text, is_allowed) in [
            ("http://127.0.0.1:3000/hooks?a=b", true),
            ("http://localhost/", true),
            ("http://[::1]:1/", true),
            ("https://example.com/hooks?token=1", true),
            ("http://example.com/", false),
            ("http://127.0.0.1.example.com/", false),
        ] {
            assert_eq!(parse(text, false).is_ok(), is_allowed, "{text}");
            assert!(parse(text, true).is_ok(), "{text}");
        }
        for text in ["", "hooks", "ftp://127.0.0.1/", "https://me:word@example.com/", "http://"] {
            assert!(parse(text, true).is_err(), "{text}");
        }
    }

    #[test]
    fn what_may_be_a_secret_is_kept_and_not_shown() {
        let url = parse("https://example.com/a?token=hunter2#b", false).expect("valid");
        assert_eq!((url.query(), url.fragment()), (Some("token=hunter2"), None));
        for (url, expected) in [
            ("https://example.com/a?token=hunter2", "https://example.com/…"),
            ("https://example.com:8443?token=hunter2", "https://example.com:8443/"),
            ("http://127.0.0.1:3000/hooks?token=hunter2", "http://127.0.0.1:3000/hooks"),
        ] {
            assert_eq!(shown(&parse(url, false).expect("valid")), expected);
        }
        assert!(!is_loopback(&url));
    }
}
