//! The head of a request.

use std::fmt;
use std::net::IpAddr;

use bytes::Bytes;

/// The head of an HTTP request, independent of any web framework.
///
/// ```
/// use kyc_webhook::RequestHead;
/// let headers = [("content-type", "application/json")];
/// let head = RequestHead::new("POST", "/webhooks/clearsale?shop=7", headers)
///     .from_peer("192.0.2.7".parse()?);
/// assert!(!format!("{head:?}").contains("shop"));
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
#[derive(Clone)]
pub struct RequestHead {
    pub(super) method: String,
    pub(super) target: String,
    pub(super) headers: Vec<(String, Bytes)>,
    pub(super) peer: Option<IpAddr>,
}

impl RequestHead {
    /// Creates a head from the method, the path with its query, both as received, and the headers.
    #[must_use]
    pub fn new<N, V>(
        method: impl Into<String>,
        target: impl Into<String>,
        headers: impl IntoIterator<Item = (N, V)>,
    ) -> Self
    where
        N: AsRef<str>,
        V: AsRef<[u8]>,
    {
        let owned =
            |(name, value): (N, V)| (name.as_ref().to_owned(), Bytes::copy_from_slice(value.as_ref()));
        let headers = headers.into_iter().map(owned).collect();
        Self { method: method.into(), target: target.into(), headers, peer: None }
    }

    /// Sets the address at the other end of the connection, whether it is the vendor's or a proxy's.
    #[must_use]
    pub fn from_peer(mut self, peer: IpAddr) -> Self {
        self.peer = Some(peer);
        self
    }

    pub(super) fn path(&self) -> &str {
        self.target.split_once('?').map_or(&*self.target, |(path, _)| path)
    }

    pub(super) fn query(&self) -> Option<&str> {
        self.target.split_once('?').map(|(_, query)| query)
    }

    /// Returns the values of a header, in order, ignoring the case of its name.
    pub(super) fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        let named = self.headers.iter().filter(move |(header, _)| header.eq_ignore_ascii_case(name));
        named.map(|(_, value)| &**value)
    }

    /// Returns about how much memory the head takes.
    #[cfg(feature = "axum")]
    pub(crate) fn bytes(&self) -> usize {
        /// Of a header besides its text.
        const OVERHEAD: usize = size_of::<(String, Bytes)>();
        let headers = self.headers.iter().map(|(name, value)| name.len() + value.len() + OVERHEAD);
        self.target.len() + self.method.len() + headers.sum::<usize>()
    }
}

impl fmt::Debug for RequestHead {
    /// Omits everything that the sender wrote. The path may hold a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestHead").field("headers", &self.headers.len()).finish_non_exhaustive()
    }
}
