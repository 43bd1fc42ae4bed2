//! Base URLs of vendors.

use std::fmt;

use http::Uri;
use http::uri::{Authority, Scheme};
use url::{Host, Url};

use crate::body::form_urlencoded;
use crate::validation::ValidationError;

/// The URL that a vendor's paths are appended to. It must use https, or http on a loopback address.
///
/// ```
/// use kyc_core::BaseUrl;
/// let base = BaseUrl::parse("http://127.0.0.1:8080/clearsale/")?;
/// assert_eq!(base.join("/api/login")?.to_string(), "http://127.0.0.1:8080/clearsale/api/login");
/// assert!(BaseUrl::parse("http://example.com").is_err(), "credentials would be sent unencrypted");
/// # Ok::<(), kyc_core::ValidationError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct BaseUrl {
    text: String,
    scheme: Scheme,
    authority: Authority,
    /// The length of the text before the path.
    origin: usize,
}

impl BaseUrl {
    /// Parses a base URL.
    ///
    /// # Errors
    /// The text is not a URL, its scheme is not https (or http on a loopback address), or it contains a user name, password, query
    /// or fragment.
    pub fn parse(text: &str) -> Result<Self, ValidationError> {
        let base = Self::parse_insecure(text)?;
        if base.text.starts_with("https:") || base.is_loopback() {
            Ok(base)
        } else {
            Err(ValidationError::new("must begin with https:// (http:// only on this machine)").about("URL"))
        }
    }

    /// Parses a base URL that may use http with any host. Use it for a sandbox in a closed test network, never for a vendor.
    ///
    /// # Errors
    /// The text is not an http or https URL, or it contains a user name, password, query or fragment.
    pub fn parse_insecure(text: &str) -> Result<Self, ValidationError> {
        let url = Url::parse(text.trim())
            .map_err(|_| ValidationError::new("must be a URL, as https://example.com").about("URL"))?;
        if !matches!(url.scheme(), "https" | "http") || !url.has_host() {
            return Err(ValidationError::new("must be a URL that begins with https://").about("URL"));
        }
        if !url.username().is_empty()
            || url.password().is_some()
            || url.query().is_some()
            || url.fragment().is_some()
        {
            return Err(
                ValidationError::new("must be a URL without user name, query and fragment").about("URL")
            );
        }
        let text = url.as_str().trim_end_matches('/').to_owned();
        let parts = Uri::try_from(text.as_str()).map(Uri::into_parts).ok();
        match parts.map(|parts| (parts.scheme, parts.authority)) {
            Some((Some(scheme), Some(authority))) => {
                let origin = scheme.as_str().len() + "://".len() + authority.as_str().len();
                Ok(Self { text, scheme, authority, origin })
            }
            _ => Err(ValidationError::new("must be a URL, as https://example.com").about("URL")),
        }
    }

    /// Appends a path, which must begin with a slash and be percent-encoded.
    ///
    /// # Errors
    /// The path is not valid in a URL, or does not begin with a slash: it would become part of the host name.
    pub fn join(&self, path: &str) -> Result<Uri, ValidationError> {
        if !path.starts_with('/') {
            return Err(ValidationError::new("must be a path that begins with /").about("path"));
        }
        let invalid = || ValidationError::new("must be a path that a URL can hold").about("path");
        // A fragment is never sent.
        if path.contains('#') {
            return Err(invalid());
        }
        let base = &self.text[self.origin..];
        let mut parts = http::uri::Parts::default();
        parts.scheme = Some(self.scheme.clone());
        parts.authority = Some(self.authority.clone());
        parts.path_and_query = Some(format!("{base}{path}").try_into().map_err(|_| invalid())?);
        Uri::from_parts(parts).map_err(|_| invalid())
    }

    /// Appends a path and a query. This method encodes keys and values; keys may repeat.
    ///
    /// # Errors
    /// As for [`join`](Self::join).
    pub fn join_query(&self, path: &str, query: &[(&str, &str)]) -> Result<Uri, ValidationError> {
        let query = form_urlencoded(query.iter().copied());
        let mark = if path.contains('?') { '&' } else { '?' };
        self.join(&format!("{path}{mark}{query}"))
    }

    /// Returns `true` if the host is `localhost` or a loopback address.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        match Url::parse(&self.text).ok().as_ref().and_then(Url::host) {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
    }

    /// Returns the URL, without a slash at its end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// Percent-encodes text for use as one segment of a path. Returns `None` for text that no path can hold as a segment: empty
/// text, `.`, `..`, slashes and backslashes (which some servers decode before they route), control characters, or more than
/// 200 bytes.
///
/// ```
/// use kyc_core::path_segment;
/// assert_eq!(path_segment("tx_01HZX7").as_deref(), Some("tx_01HZX7"));
/// assert_eq!(path_segment("a b?").as_deref(), Some("a%20b%3F"));
/// assert_eq!(path_segment("../a"), None);
/// ```
#[must_use]
pub fn path_segment(text: &str) -> Option<String> {
    let is_split = |character: char| character.is_control() || matches!(character, '/' | '\\');
    let is_segment = !matches!(text, "" | "." | "..") && text.len() <= 200 && !text.contains(is_split);
    is_segment.then(|| {
        url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
    })
}

impl std::str::FromStr for BaseUrl {
    type Err = ValidationError;

    /// Parses as [`parse`](Self::parse) does.
    fn from_str(text: &str) -> Result<Self, ValidationError> {
        Self::parse(text)
    }
}

impl fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_never_leaves_the_host() {
        let base = BaseUrl::parse("https://good.example/base").expect("https");
        for path in ["x", "@evil.example/x", ".evil.example", ""] {
            assert!(base.join(path).is_err(), "{path}");
        }
        for path in ["/x", "//evil.example/x", "/@evil.example"] {
            assert_eq!(base.join(path).expect("a path").host(), Some("good.example"), "{path}");
        }
    }

    #[test]
    fn unusable_urls_are_refused() {
        for bad in [
            "",
            "example.com",
            "ftp://a",
            "http://10.0.0.1",
            "https://u:p@a",
            "https://a?b",
            "https://a#b",
            "data:x",
        ] {
            assert!(BaseUrl::parse(bad).is_err(), "{bad}");
        }
        for good in
            ["https://a", "https://a:8443/b/", "http://localhost:1", "http://[::1]:2", "http://127.0.0.2"]
        {
            assert!(BaseUrl::parse(good).is_ok(), "{good}");
        }
    }
}
