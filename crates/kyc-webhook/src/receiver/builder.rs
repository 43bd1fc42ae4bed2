//! How a receiver is set up.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, Once};
use std::time::Duration;

use kyc_core::{Clock, SystemClock, ValidationError, WebhookSource};
use url::Url;

use super::{Hook, Receipt, Receiver, Shared};
use crate::inbox::Inbox;
use crate::proxies::Proxies;

/// The limits of a receiver. The largest body is that of the source's trust:
/// [`Trust::max_body_bytes`](kyc_core::Trust::max_body_bytes).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReceiverLimits {
    /// How long the inbox may take to store the events of a request: ten seconds by default. Then the sender is told to send
    /// them again, and the inbox tells that they are duplicates if it stored them nevertheless.
    pub store_timeout: Duration,
    /// How long the router reads a body: ten seconds by default.
    pub body_timeout: Duration,
    /// How many bytes of requests the router holds in memory at a time: 64 MiB by default. Only bytes that arrived count.
    pub buffered_bytes: usize,
    /// For how long an event may have been due before the receiver calls itself unhealthy: five minutes by default.
    pub oldest_due: Duration,
}

impl Default for ReceiverLimits {
    fn default() -> Self {
        Self {
            store_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(10),
            buffered_bytes: 64 * 1024 * 1024,
            oldest_due: Duration::from_secs(5 * 60),
        }
    }
}

/// Sets a [`Receiver`] up.
#[must_use]
pub struct ReceiverBuilder {
    inbox: Arc<dyn Inbox>,
    sources: Vec<Arc<dyn WebhookSource>>,
    public_url: Option<String>,
    proxies: Proxies,
    hook: Option<Hook>,
    limits: ReceiverLimits,
    clock: Arc<dyn Clock>,
}

impl ReceiverBuilder {
    pub(super) fn new(inbox: Arc<dyn Inbox>) -> Self {
        Self {
            inbox,
            sources: Vec::new(),
            public_url: None,
            proxies: Proxies::default(),
            hook: None,
            limits: ReceiverLimits::default(),
            clock: Arc::new(SystemClock),
        }
    }

    /// Adds a webhook. It is served at `/webhooks/` and its [name](WebhookSource::name), and below that, for a secret path.
    pub fn source(mut self, source: Arc<dyn WebhookSource>) -> Self {
        self.sources.push(source);
        self
    }

    /// Adds webhooks, such as all that are configured.
    pub fn sources(mut self, sources: impl IntoIterator<Item = Arc<dyn WebhookSource>>) -> Self {
        self.sources.extend(sources);
        self
    }

    /// Sets the URL at which the vendors reach the receiver, spelt as it is registered with them: what stands before
    /// `/webhooks/` there, such as `https://hooks.example.com/kyc`. A proxy may remove its path, and a router may be nested
    /// under its end.
    ///
    /// Sources that check the URL refuse every request without it: those with a signature over it, or with a secret path.
    ///
    /// # Errors
    /// It is not an `http` or `https` URL, or it has a user, a query or a fragment.
    pub fn public_url(mut self, url: &str) -> Result<Self, ValidationError> {
        self.public_url = Some(parse_public_url(url.trim()).map_err(|rule| rule.about("public_url"))?);
        Ok(self)
    }

    /// Believes the header `X-Forwarded-For` of requests from these addresses or networks, such as `10.0.0.7` or `10.0.0.0/8`.
    /// The header must be single, so let the proxy join or replace those that it is sent. Without trusted proxies the sender is
    /// whoever opened the connection.
    ///
    /// # Errors
    /// An entry is neither an address nor a network, can never match, or the entries match every sender, which would let anyone
    /// choose the address that he comes from.
    pub fn trusted_proxies<P: AsRef<str>>(
        mut self,
        proxies: impl IntoIterator<Item = P>,
    ) -> Result<Self, ValidationError> {
        self.proxies = Proxies::parse(proxies)?;
        Ok(self)
    }

    /// Sets a hook that is called once for each request, after its events are stored or the request is refused. It must not
    /// block.
    pub fn on_receipt(mut self, hook: impl Fn(&Receipt) + Send + Sync + 'static) -> Self {
        self.hook = Some(Arc::new(hook));
        self
    }

    /// Sets the limits.
    pub fn limits(mut self, limits: ReceiverLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets the clock that dates events: the system's by default.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Creates the receiver.
    ///
    /// # Errors
    /// There is no source, two of them have the same name, or a name cannot be part of a URL.
    pub fn build(self) -> Result<Receiver, ValidationError> {
        if self.sources.is_empty() {
            return Err(ValidationError::new("must not be empty").about("sources"));
        }
        let mut names = HashSet::new();
        for name in self.sources.iter().map(|source| source.name()) {
            let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
            if name.is_empty() || !name.bytes().all(is_plain) {
                let rule = "must consist of letters, digits, - and _";
                return Err(ValidationError::new(rule).about("name of a source"));
            }
            if !names.insert(name) {
                return Err(ValidationError::new(format!("must be unique: {name} is not")).about("sources"));
            }
        }
        Ok(Receiver(Arc::new(Shared {
            inbox: self.inbox,
            sources: self.sources,
            public_url: self.public_url,
            proxies: self.proxies,
            hook: self.hook,
            limits: self.limits,
            clock: self.clock,
            health: tokio::sync::Mutex::default(),
            warned_of_url: Once::new(),
            warned_of_peer: Once::new(),
        })))
    }
}

impl fmt::Debug for ReceiverBuilder {
    /// Omits the public URL, which may hold a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.sources.iter().map(|source| source.name()).collect();
        f.debug_struct("ReceiverBuilder")
            .field("sources", &names)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// Returns the URL as it is spelt, since vendors sign it so, without a slash at its end.
fn parse_public_url(text: &str) -> Result<String, ValidationError> {
    let url = Url::parse(text).map_err(|_| ValidationError::new("must be a URL"))?;
    let is_literal = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let rule = if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        "must begin with https:// or http://"
    } else if !is_literal {
        "must be escaped, as it is in requests"
    } else if !url.username().is_empty() || url.password().is_some() {
        "must not have a user or a password"
    } else if text.contains(['?', '#']) {
        "must not have a query or a fragment"
    } else {
        return Ok(text.trim_end_matches('/').to_owned());
    };
    Err(ValidationError::new(rule))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_is_kept_as_it_is_spelt() {
        for (url, expected) in [
            ("https://hooks.example.com", "https://hooks.example.com"),
            ("https://Hooks.Example.com:443/", "https://Hooks.Example.com:443"),
            ("http://127.0.0.1:8080/KYC/a%20b/", "http://127.0.0.1:8080/KYC/a%20b"),
        ] {
            assert_eq!(parse_public_url(url).as_deref(), Ok(expected));
        }
    }

    #[test]
    fn what_is_no_public_url_is_refused() {
        for url in [
            "",
            "hooks.example.com",
            "ftp://hooks.example.com",
            "https://user:word@hooks.example.com",
            "https://hooks.example.com/?a=b",
            "https://hooks.example.com/#a",
            "https://hooks.example.com/a b",
            "https://hooks.example.com\\a",
            "https://exämple.com",
        ] {
            assert!(parse_public_url(url).is_err(), "{url}");
        }
    }
}
