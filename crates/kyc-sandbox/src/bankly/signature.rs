//! The signature of an event. It follows a published client, because the vendor does not document its own.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// How a webhook's private key becomes the key of the HMAC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyReading {
    /// The bytes that the base64 encodes, which is the likelier reading.
    #[default]
    Decoded,
    /// The bytes of the text itself.
    Raw,
}

impl KeyReading {
    /// Returns `None` if the key is not valid base64.
    fn read(self, private_key: &str) -> Option<Vec<u8>> {
        match self {
            Self::Decoded => STANDARD.decode(private_key).ok(),
            Self::Raw => Some(private_key.as_bytes().to_vec()),
        }
    }

    /// The name in the configuration of a receiver.
    pub(super) fn in_config(self) -> &'static str {
        match self {
            Self::Decoded => "decoded",
            Self::Raw => "text",
        }
    }
}

// The names on the control routes.
kyc_core::named!(KeyReading, "key_reading", Decoded = "decoded", Raw = "raw");

/// The signed values.
pub(super) struct Signed<'a> {
    pub(super) public_key: &'a str,
    pub(super) url: &'a str,
    /// In Unix seconds.
    pub(super) time: i64,
    pub(super) nonce: &'a str,
    pub(super) body: &'a [u8],
}

impl Signed<'_> {
    fn text(&self) -> String {
        let (url, body) = (encoded(self.url).to_lowercase(), STANDARD.encode(self.body));
        format!("{}&{url}&{}&{}&{body}", self.public_key, self.time, self.nonce)
    }

    /// The value of the `authorization` header.
    pub(super) fn authorization(&self, private_key: &str, reading: KeyReading) -> Option<String> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&reading.read(private_key)?).ok()?;
        mac.update(self.text().as_bytes());
        Some(format!("hmac {}", STANDARD.encode(mac.finalize().into_bytes())))
    }
}

/// Percent-encodes everything except letters, digits, `-`, `_` and `.`; a space becomes a plus.
fn encoded(url: &str) -> String {
    let mut text = String::with_capacity(url.len() * 2);
    for byte in url.bytes() {
        match byte {
            b'-' | b'_' | b'.' => text.push(char::from(byte)),
            b' ' => text.push('+'),
            _ if byte.is_ascii_alphanumeric() => text.push(char::from(byte)),
            // Writing to a String cannot fail.
            _ => drop(write!(text, "%{byte:02X}")),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vector() {
        let signed = Signed {
            public_key: "NWUyNjgwZDMtNmE2Ni00YWYzLWJkNjUtMGM2ODMzYzczYzI1",
            url: "https://hooks.example.com/bankly?x=1",
            time: 1_615_331_979,
            nonce: "972004b06b6b443d8ed71630c9430048",
            body: br#"{"name":"DOCUMENT_WAS_RECEIVED"}"#,
        };
        let text = "NWUyNjgwZDMtNmE2Ni00YWYzLWJkNjUtMGM2ODMzYzczYzI1\
                    &https%3a%2f%2fhooks.example.com%2fbankly%3fx%3d1&1615331979\
                    &972004b06b6b443d8ed71630c9430048&eyJuYW1lIjoiRE9DVU1FTlRfV0FTX1JFQ0VJVkVEIn0=";
        assert_eq!(signed.text(), text);
        for (reading, signature) in [
            (KeyReading::Decoded, "hmac YEQfoqbJlrco8VgsFvnP5mLsdH1+7ZfoErTa3pk0k+c="),
            (KeyReading::Raw, "hmac iWau8AAMgONgHisSS3UEnf3B5zbPesQn0Cm427oft3s="),
        ] {
            assert_eq!(signed.authorization("dGVzdGU=", reading).as_deref(), Some(signature));
        }
        assert_eq!(signed.authorization("%", KeyReading::Decoded), None);
    }
}
