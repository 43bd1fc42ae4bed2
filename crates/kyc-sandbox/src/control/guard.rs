//! Closes the control routes to web pages of other origins, whose scripts could otherwise steer a sandbox on the machine
//! of a developer. The vendors' own APIs stay as the vendors have them.

use axum::extract::Request;
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderName, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use url::Host;

use super::ControlError;

const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const DESTINATION: HeaderName = HeaderName::from_static("sec-fetch-dest");

/// Serves a request unless a page of another origin may have sent it.
pub(super) async fn admit(loopback_only: bool, request: Request, next: Next) -> Response {
    match check(loopback_only, &request) {
        Ok(()) => next.run(request).await,
        Err(rule) => ControlError(StatusCode::FORBIDDEN, rule.to_owned()).into_response(),
    }
}

fn check(loopback_only: bool, request: &Request) -> Result<(), &'static str> {
    let headers = request.headers();
    // A name of an attacker may resolve to this machine; then the origin is the attacker's, and equal to the host.
    if loopback_only && !all(headers, HOST, is_local) {
        return Err("the Host must be an IP address or localhost, since the sandbox was started without \
                    --allow-non-loopback");
    }
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let is_own = |origin: &str| {
        let authority = origin.strip_prefix("http://");
        authority.zip(host).is_some_and(|(authority, host)| authority.eq_ignore_ascii_case(host))
    };
    if !all(headers, ORIGIN, is_own) {
        return Err(
            "the Origin must be that of this server: pages of other origins must not use the control routes",
        );
    }
    if !all(headers, SITE, |site| matches!(site, "same-origin" | "none")) && !is_visit(request) {
        return Err(
            "Sec-Fetch-Site must be same-origin or none: pages of other sites must not use the control routes",
        );
    }
    Ok(())
}

/// Whether every such header, if any, is admitted.
fn all(headers: &HeaderMap, name: HeaderName, admits: impl Fn(&str) -> bool) -> bool {
    headers.get_all(name).iter().all(|value| value.to_str().is_ok_and(&admits))
}

/// Whether a host, with or without a port, is an IP address or `localhost`.
fn is_local(host: &str) -> bool {
    // Without a port first, because a colon ends the name but not an IPv6 address in brackets.
    let name = match host.rfind(':') {
        Some(colon) if !host.ends_with(']') => &host[..colon],
        _ => host,
    };
    match Host::parse(name) {
        Ok(Host::Domain(name)) => name == "localhost",
        Ok(Host::Ipv4(_) | Host::Ipv6(_)) => true,
        Err(_) => false,
    }
}

/// Whether a person followed a link to the first page, in a window of its own.
fn is_visit(request: &Request) -> bool {
    let headers = request.headers();
    let is = |name, wanted: &str| headers.get(name).is_some_and(|value| value == wanted);
    request.method() == Method::GET
        && request.uri().path() == "/"
        && is(MODE, "navigate")
        && is(DESTINATION, "document")
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn checked(loopback_only: bool, path: &str, headers: &[(&str, &str)]) -> bool {
        let mut request = Request::builder().uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        check(loopback_only, &request.body(Body::empty()).expect("a request")).is_ok()
    }

    const OWN: (&str, &str) = ("host", "127.0.0.1:8750");

    #[test]
    fn only_local_names_are_hosts() {
        for host in [
            "127.0.0.1:8750",
            "127.0.0.1",
            "localhost:8750",
            "LOCALHOST",
            "[::1]:8750",
            "[::1]",
            "10.0.0.7:1",
        ] {
            assert!(checked(true, "/", &[("host", host)]), "{host}");
        }
        for host in [
            "",
            "example.com",
            "example.com:8750",
            "localhost.example.com",
            "127.0.0.1.example.com:8750",
            "a b",
        ] {
            assert!(!checked(true, "/", &[("host", host)]), "{host}");
        }
        assert!(!checked(true, "/", &[OWN, ("host", "example.com")]));
        assert!(checked(false, "/", &[("host", "example.com:8750")]));
        // A program in HTTP/1.0, not a browser.
        assert!(checked(true, "/", &[]));
    }

    #[test]
    fn only_the_own_origin_may_steer() {
        let path = "/_sandbox/reset";
        assert!(checked(true, path, &[OWN]));
        assert!(checked(true, path, &[OWN, ("origin", "http://127.0.0.1:8750")]));
        assert!(checked(
            true,
            path,
            &[OWN, ("origin", "http://127.0.0.1:8750"), ("sec-fetch-site", "same-origin")]
        ));
        assert!(checked(true, path, &[OWN, ("sec-fetch-site", "none")]));
        for origin in [
            "http://127.0.0.1:8751",
            "https://127.0.0.1:8750",
            "http://localhost:8750",
            "null",
            "",
            "http://evil.example",
        ] {
            assert!(!checked(true, path, &[OWN, ("origin", origin)]), "{origin}");
            assert!(!checked(true, "/", &[OWN, ("origin", origin)]), "{origin}");
        }
        assert!(!checked(true, path, &[("origin", "http://127.0.0.1:8750")]), "without a host");
        for site in ["cross-site", "same-site", "SAME-ORIGIN", ""] {
            assert!(!checked(true, path, &[OWN, ("sec-fetch-site", site)]), "{site}");
        }
    }

    #[test]
    fn a_link_from_elsewhere_leads_to_the_first_page_only() {
        let link = [OWN, ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")];
        let window = [&link[..], &[("sec-fetch-dest", "document")]].concat();
        let frame = [&link[..], &[("sec-fetch-dest", "iframe")]].concat();
        assert!(checked(true, "/", &window));
        assert!(
            !checked(true, "/_sandbox/", &window)
                && !checked(true, "/", &frame)
                && !checked(true, "/", &link)
        );
    }
}
