//! The keys under which a user encrypts a store.

use std::fmt;

use chacha20poly1305::aead::Generate;
use hmac::{Hmac, KeyInit, Mac};
use kyc_core::{Secret, ValidationError, decode_base64, encode_base64};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::error::StoreError;

/// The length of every key, in bytes.
pub(crate) const KEY_BYTES: usize = 32;

/// A key under which a store is encrypted: 32 random bytes. It is wiped from memory when dropped.
///
/// ```
/// use kyc_store::StoreKey;
///
/// let key = StoreKey::parse("mZ0eVT1d0FQ2tAgoI1bFYzv0dxMWj4T6o1wM3cWGf1Y=")?;
/// assert_eq!(format!("{key:?}"), format!("StoreKey({})", key.id()));
/// # Ok::<(), kyc_core::ValidationError>(())
/// ```
#[derive(Clone)]
pub struct StoreKey(Zeroizing<[u8; KEY_BYTES]>);

impl StoreKey {
    /// Parses the base64 of 32 bytes, such as `openssl rand -base64 32` prints.
    ///
    /// # Errors
    /// The text is not base64, or has another length.
    pub fn parse(text: &str) -> Result<Self, ValidationError> {
        let bytes = decode_base64(text.trim()).map(Zeroizing::new);
        bytes
            .and_then(|bytes| bytes.as_slice().try_into().ok())
            .map(|key| Self(Zeroizing::new(key)))
            .ok_or_else(|| {
                ValidationError::new("must be 32 bytes in base64, as `openssl rand -base64 32` prints")
                    .about("store key")
            })
    }

    /// Creates a random key.
    ///
    /// # Errors
    /// The operating system gave no random bytes.
    pub fn generate() -> Result<Self, StoreError> {
        random().map(Self)
    }

    /// Returns the key as base64, to be kept where secrets are kept. Who loses it loses the content of the store.
    #[must_use]
    pub fn to_base64(&self) -> Secret<String> {
        // 32 bytes become 44 characters.
        let mut buffer = Zeroizing::new([0; 44]);
        let length = encode_base64(&*self.0, &mut *buffer).unwrap_or_default();
        Secret::new(std::str::from_utf8(&buffer[..length]).unwrap_or_default().to_owned())
    }

    /// Returns the id of the key, which tells keys apart and tells nothing of the key.
    #[must_use]
    pub fn id(&self) -> String {
        let hash = keyed_hash(&self.0).chain_update(b"kyc-store key id").finalize().into_bytes();
        hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    pub(crate) fn bytes(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }
}

impl fmt::Debug for StoreKey {
    /// Shows the id alone.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoreKey({})", self.id())
    }
}

/// The key of a store, and those that it had before.
///
/// To change the key, open the store once with the new key and [the old one](Self::with_previous): what the store keeps is
/// then readable under the new key alone, and later content is encrypted under a new data key.
#[derive(Clone, Debug)]
#[must_use]
pub struct KeyRing {
    current: StoreKey,
    previous: Vec<StoreKey>,
}

impl KeyRing {
    /// Creates a ring of one key.
    pub fn new(current: StoreKey) -> Self {
        Self { current, previous: Vec::new() }
    }

    /// Adds a key that the store had before.
    pub fn with_previous(mut self, key: StoreKey) -> Self {
        self.previous.push(key);
        self
    }

    pub(crate) fn current(&self) -> &StoreKey {
        &self.current
    }

    /// Returns the key with that id.
    pub(crate) fn find(&self, id: &str) -> Option<&StoreKey> {
        std::iter::once(&self.current).chain(&self.previous).find(|key| key.id() == id)
    }

    /// Returns the ids of all keys, for messages.
    pub(crate) fn ids(&self) -> String {
        let ids: Vec<_> = std::iter::once(&self.current).chain(&self.previous).map(StoreKey::id).collect();
        ids.join(", ")
    }
}

/// Returns random bytes of the operating system.
///
/// # Errors
/// The system gave none.
pub fn random<const N: usize>() -> Result<Zeroizing<[u8; N]>, StoreError> {
    let bytes = <[u8; N]>::try_generate();
    bytes.map(Zeroizing::new).map_err(|_| StoreError::Failed("the system gives no random bytes".to_owned()))
}

/// Begins an HMAC-SHA256.
pub(crate) fn keyed_hash(key: &[u8; KEY_BYTES]) -> Hmac<Sha256> {
    // HMAC fills a key up to a block with zeros.
    let mut block = Zeroizing::new([0; 64]);
    block[..KEY_BYTES].copy_from_slice(key);
    Hmac::<Sha256>::new((&*block).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_back_from_its_text_and_never_shown() {
        let key = StoreKey::generate().expect("random bytes");
        let text = key.to_base64();
        let read = StoreKey::parse(text.expose()).expect("its own text");
        assert_eq!(read.bytes(), key.bytes());
        let shown = format!("{:?}", KeyRing::new(key.clone()));
        assert!(shown.contains(&key.id()) && !shown.contains(text.expose()), "{shown}");
        for bad in ["", "AAAA", "not base64", &text.expose()[..40]] {
            assert!(StoreKey::parse(bad).is_err(), "{bad}");
        }
    }
}
