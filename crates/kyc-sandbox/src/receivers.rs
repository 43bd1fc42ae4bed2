//! Where the receivers of the webhooks of all vendors are.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket};
use std::sync::Arc;

use kyc_core::ValidationError;
use url::{Host, Url};
use uuid::Uuid;

use crate::client_config::ClientConfig;
use crate::vendor::SandboxVendor;
use crate::webhooks::parse_url;

/// A program that receives the webhooks of every vendor, each below `{root}/webhooks/`.
pub(crate) struct Receivers {
    /// Without a slash at its end, otherwise as given: some vendors sign the exact text.
    root: String,
    /// The addresses that the sandbox sends from, as a receiver there sees them.
    pub(crate) peers: Vec<String>,
}

impl Receivers {
    pub(crate) fn at(root: &str, loopback_only: bool) -> Result<Self, ValidationError> {
        let url = parse_url("root", root, loopback_only)?;
        let is_bare = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
        if !is_bare || url.password().is_some() {
            return Err(ValidationError::new("\"root\" must have no user, no query and no fragment"));
        }
        Ok(Self { root: root.trim().trim_end_matches('/').to_owned(), peers: peers(&url)? })
    }

    /// The URL of the webhook with that name.
    pub(crate) fn url(&self, name: &str) -> String {
        format!("{}/webhooks/{name}", self.root)
    }
}

/// Sends the webhooks of these vendors to receivers below `root`, and returns what the receivers need.
pub(crate) fn send_webhooks_to(
    vendors: &[Arc<dyn SandboxVendor>],
    root: &str,
    loopback_only: bool,
) -> Result<Vec<ClientConfig>, ValidationError> {
    // Everything that a vendor refuses is refused here, so that either all vendors send there or none.
    let receivers = Receivers::at(root, loopback_only)?;
    vendors.iter().filter_map(|vendor| vendor.send_webhooks_to(&receivers).transpose()).collect()
}

fn peers(receiver: &Url) -> Result<Vec<String>, ValidationError> {
    let sender = match receiver.host() {
        Some(Host::Ipv4(ip)) => sender_to(ip.into()),
        Some(Host::Ipv6(ip)) => sender_to(ip.into()),
        Some(Host::Domain("localhost")) => {
            return Ok(vec![Ipv4Addr::LOCALHOST.to_string(), Ipv6Addr::LOCALHOST.to_string()]);
        }
        _ => None,
    };
    sender.map(|ip| vec![ip.to_string()]).ok_or_else(|| {
        ValidationError::new(
            "\"root\" must have localhost or the address of a reachable machine as its host, because the \
             receiver must know which address the sandbox sends from",
        )
    })
}

/// The address from which this machine sends to that one. No packet is sent.
fn sender_to(receiver: IpAddr) -> Option<IpAddr> {
    let any =
        if receiver.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { IpAddr::V6(Ipv6Addr::UNSPECIFIED) };
    let socket = UdpSocket::bind((any, 0)).ok()?;
    // Any port: the route does not depend on it.
    socket.connect((receiver, 9)).ok()?;
    socket.local_addr().ok().map(|address| address.ip())
}

/// A secret for a receiver: 32 bytes, of which 244 bits are random.
pub(crate) fn secret() -> [u8; 32] {
    let halves = [Uuid::new_v4().into_bytes(), Uuid::new_v4().into_bytes()];
    std::array::from_fn(|place| halves[place / 16][place % 16])
}

/// The same as text, for headers and paths.
pub(crate) fn secret_text() -> String {
    secret().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(root: &str) -> Receivers {
        Receivers::at(root, true).expect("a root")
    }

    #[test]
    fn urls_keep_the_text_of_the_root() {
        for root in ["http://127.0.0.1:8760", "http://127.0.0.1:8760/", "http://127.0.0.1:8760//"] {
            assert_eq!(at(root).url("key"), "http://127.0.0.1:8760/webhooks/key");
        }
        assert_eq!(
            at("http://LOCALHOST:1/kyc/").url("key-done/1"),
            "http://LOCALHOST:1/kyc/webhooks/key-done/1"
        );
    }

    #[test]
    fn the_sender_is_this_machine() {
        assert_eq!(at("http://127.0.0.1:8760").peers, ["127.0.0.1"]);
        assert_eq!(at("http://localhost:8760").peers, ["127.0.0.1", "::1"]);
    }

    #[test]
    fn a_root_that_receives_nothing_is_refused() {
        for root in [
            "",
            "127.0.0.1:8760",
            "https://127.0.0.1/",
            "http://example.com/",
            "http://127.0.0.1/?a=b",
            "http://127.0.0.1/#a",
            "http://user@127.0.0.1/",
            "http://:password@127.0.0.1/",
        ] {
            assert!(Receivers::at(root, true).is_err(), "{root}");
        }
        let unknown = Receivers::at("http://example.com/", false).err().expect("its address is unknown");
        assert!(unknown.to_string().contains("which address the sandbox sends from"), "{unknown}");
    }

    #[test]
    fn secrets_differ() {
        assert_ne!(secret(), secret());
        assert_eq!(secret_text().len(), 64);
    }
}
