//! Whom a request comes from, where proxies forward it.

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;
use kyc_core::ValidationError;

/// The proxies whose header `X-Forwarded-For` is believed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Proxies(Vec<IpNet>);

impl Proxies {
    pub(crate) fn parse<P: AsRef<str>>(
        entries: impl IntoIterator<Item = P>,
    ) -> Result<Self, ValidationError> {
        let entries = entries.into_iter().zip(1..).map(|(entry, number)| {
            network(entry.as_ref()).map_err(|rule| rule.about(format!("trusted_proxies, entry {number}")))
        });
        let proxies = entries.collect::<Result<Vec<_>, _>>()?;
        // Such as 0.0.0.0/1 and 128.0.0.0/1.
        if IpNet::aggregate(&proxies).iter().any(|network| network.prefix_len() == 0) {
            let rule = "must not match every sender: its entries do together";
            return Err(ValidationError::new(rule).about("trusted_proxies"));
        }
        Ok(Self(proxies))
    }

    fn trusts(&self, address: &IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }

    /// Returns the sender's address: the one at the other end of the connection, or, if that is a trusted proxy's, the last one
    /// of `X-Forwarded-For` that is not a trusted proxy's. `None` if anything is doubtful: an address must never be a wrong one.
    pub(crate) fn sender<'a>(
        &self,
        connection: Option<IpAddr>,
        mut forwarded_for: impl Iterator<Item = &'a [u8]>,
    ) -> Option<IpAddr> {
        let connection = connection?.to_canonical();
        if !self.trusts(&connection) {
            return Some(connection);
        }
        let header = std::str::from_utf8(forwarded_for.next()?).ok()?;
        // Of two headers, the sender may have written either.
        if forwarded_for.next().is_some() {
            return None;
        }
        for entry in header.rsplit(',') {
            let address = address(entry.trim())?;
            if !self.trusts(&address) {
                return Some(address);
            }
        }
        None
    }
}

/// Reads an address, or an address and a port.
fn address(text: &str) -> Option<IpAddr> {
    let address = text.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()));
    address.map(|address: IpAddr| address.to_canonical())
}

fn network(text: &str) -> Result<IpNet, ValidationError> {
    let text = text.trim();
    let network: Option<IpNet> = text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
    let network = network.ok_or_else(|| ValidationError::new("must be an IP address or a network"))?;
    let is_mapped =
        matches!(network, IpNet::V6(v6) if v6.prefix_len() >= 96 && v6.network().to_ipv4_mapped().is_some());
    if network.prefix_len() == 0 {
        Err(ValidationError::new("must not match every sender"))
    } else if is_mapped {
        Err(ValidationError::new("can never match: write an IPv4-mapped address as IPv4"))
    } else {
        Ok(network)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sender(connection: &str, headers: &[&str]) -> Option<String> {
        let proxies = Proxies::parse(["10.0.0.0/8", "2001:db8::1"]).expect("valid");
        let headers = headers.iter().map(|header| header.as_bytes());
        let sender = proxies.sender(connection.parse().ok(), headers);
        sender.map(|sender| sender.to_string())
    }

    #[test]
    fn only_a_trusted_proxy_says_whom_it_forwards() {
        for (connection, headers, expected) in [
            ("192.0.2.7", &["203.0.113.9"][..], Some("192.0.2.7")),
            ("::ffff:192.0.2.7", &["203.0.113.9"], Some("192.0.2.7")),
            ("2001:db8::2", &["203.0.113.9"], Some("2001:db8::2")),
            ("10.1.2.3", &["203.0.113.9"], Some("203.0.113.9")),
            ("2001:db8::1", &["203.0.113.9"], Some("203.0.113.9")),
            ("::ffff:10.1.2.3", &["::ffff:203.0.113.9"], Some("203.0.113.9")),
            // What the sender wrote itself stands on the left.
            ("10.1.2.3", &["198.51.100.1, 203.0.113.9"], Some("203.0.113.9")),
            ("10.1.2.3", &["198.51.100.1, 203.0.113.9 , 10.9.9.9,10.8.8.8"], Some("203.0.113.9")),
            ("10.1.2.3", &["garbage, 203.0.113.9"], Some("203.0.113.9")),
            ("10.1.2.3", &["203.0.113.9:4711"], Some("203.0.113.9")),
            ("10.1.2.3", &["[2001:db8::9]:4711"], Some("2001:db8::9")),
        ] {
            assert_eq!(sender(connection, headers).as_deref(), expected, "{connection} {headers:?}");
        }
    }

    #[test]
    fn a_doubtful_header_names_nobody() {
        for headers in [
            &[][..],
            &[""],
            &["10.9.9.9"],
            &["203.0.113.9,"],
            &["203.0.113.9, ,10.9.9.9"],
            &["203.0.113.9, unknown"],
            &["203.0.113.9, unknown, 10.9.9.9"],
            &["[2001:db8::9]"],
            &["203.0.113.9", "203.0.113.9"],
            &["203.0.113.9:port"],
            &["203.0.113.09"],
        ] {
            assert_eq!(sender("10.1.2.3", headers), None, "{headers:?}");
        }
        assert_eq!(sender("no address", &["203.0.113.9"]), None);
    }

    #[test]
    fn proxies_that_are_everybody_are_refused() {
        for (entries, expected) in [
            (&["10.0.0.1", "0.0.0.0/0"][..], "trusted_proxies, entry 2: must not match every sender"),
            (&["::/0"], "trusted_proxies, entry 1: must not match every sender"),
            (
                &["0.0.0.0/1", "128.0.0.0/1"],
                "trusted_proxies: must not match every sender: its entries do together",
            ),
            (
                &["::ffff:10.0.0.0/104"],
                "trusted_proxies, entry 1: can never match: write an IPv4-mapped address as IPv4",
            ),
            (&["localhost"], "trusted_proxies, entry 1: must be an IP address or a network"),
        ] {
            let error = Proxies::parse(entries).expect_err("refused");
            assert_eq!(error.to_string().replace('`', ""), expected);
        }
    }
}
