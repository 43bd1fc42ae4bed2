//! Seals what an inbox keeps, and makes the keys by which it finds things again.

use std::collections::BTreeMap;

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use kyc_core::{Cpf, OperationId};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::event::EventId;
use crate::inbox::InboxError;
use crate::keys::{KEY_BYTES, keyed_hash, random};

/// A value by which a row is found, in place of what it stands for: half of an HMAC-SHA256.
pub(crate) type Tag = [u8; 16];

/// The key of the rows that are sealed.
pub(crate) type DataKey = Zeroizing<[u8; KEY_BYTES]>;

const NONCE_BYTES: usize = 24;
const ID_BYTES: usize = 4;

/// Seals and opens values, and computes tags.
pub(crate) struct Cipher {
    index: Hmac<Sha256>,
    /// `None` if the file is in plain text.
    data: Option<DataKeys>,
}

struct DataKeys {
    by_id: BTreeMap<u32, XChaCha20Poly1305>,
    newest: u32,
}

/// What a tag stands for, so that equal texts of different meaning have different tags.
#[derive(Clone, Copy)]
pub(crate) enum Meaning {
    EventId,
    Subject,
    Body,
    Operation,
    Person,
    Case,
}

impl Cipher {
    /// Creates a cipher that seals with the newest of the data keys, or not at all without any.
    pub(crate) fn new(index: &DataKey, data: Vec<(u32, DataKey)>) -> Self {
        let newest = data.iter().map(|(id, _)| *id).max();
        let by_id = data.into_iter().map(|(id, key)| (id, XChaCha20Poly1305::new((&*key).into()))).collect();
        Self { index: keyed_hash(index), data: newest.map(|newest| DataKeys { by_id, newest }) }
    }

    /// Seals a value of an event. `column` says which one, so that no value passes for another.
    pub(crate) fn seal(&self, id: EventId, column: &str, plain: &[u8]) -> Result<Vec<u8>, InboxError> {
        let Some(DataKeys { by_id, newest }) = &self.data else { return Ok(plain.to_vec()) };
        let cipher = by_id.get(newest).ok_or_else(|| unknown_key(*newest))?;
        let mut sealed = newest.to_le_bytes().to_vec();
        sealed.extend(encrypt(cipher, &associated(id, column), plain)?);
        Ok(sealed)
    }

    /// Opens a value that [`seal`](Self::seal) made.
    pub(crate) fn open(&self, id: EventId, column: &str, sealed: Vec<u8>) -> Result<Vec<u8>, InboxError> {
        let Some(DataKeys { by_id, .. }) = &self.data else { return Ok(sealed) };
        let (key, sealed) = sealed.split_first_chunk::<ID_BYTES>().ok_or_else(damaged)?;
        let key = u32::from_le_bytes(*key);
        let cipher = by_id.get(&key).ok_or_else(|| unknown_key(key))?;
        decrypt(cipher, &associated(id, column), sealed)
    }

    /// Opens a value that is text.
    pub(crate) fn open_text(&self, id: EventId, column: &str, sealed: Vec<u8>) -> Result<String, InboxError> {
        String::from_utf8(self.open(id, column, sealed)?).map_err(|_| damaged())
    }

    /// Returns the tag of several parts.
    pub(crate) fn tag(&self, meaning: Meaning, parts: &[&[u8]]) -> Tag {
        let mut hash = self.index.clone();
        hash.update(&[meaning as u8]);
        for part in parts {
            // The lengths keep "ab", "c" and "a", "bc" apart.
            hash.update(&(part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        let mut tag = Tag::default();
        tag.copy_from_slice(&hash.finalize().into_bytes()[..16]);
        tag
    }

    /// Returns the tag of an operation.
    pub(crate) fn operation(&self, id: &OperationId) -> Tag {
        let by = [u8::from(id.is_reference())];
        let parts = [id.vendor().as_bytes(), id.operation().as_bytes(), &by, id.value().as_bytes()];
        self.tag(Meaning::Operation, &parts)
    }

    /// Returns the tag of a person.
    pub(crate) fn person(&self, cpf: &Cpf) -> Tag {
        self.tag(Meaning::Person, &[cpf.digits().as_bytes()])
    }
}

/// Encrypts a key under another one.
pub(crate) fn wrap(
    under: &[u8; KEY_BYTES],
    purpose: &str,
    key: &[u8; KEY_BYTES],
) -> Result<Vec<u8>, InboxError> {
    encrypt(&XChaCha20Poly1305::new(under.into()), purpose.as_bytes(), key)
}

/// Decrypts a key that [`wrap`] encrypted.
pub(crate) fn unwrap(under: &[u8; KEY_BYTES], purpose: &str, wrapped: &[u8]) -> Result<DataKey, InboxError> {
    let key = decrypt(&XChaCha20Poly1305::new(under.into()), purpose.as_bytes(), wrapped)?;
    let key = Zeroizing::new(key);
    key.as_slice().try_into().map(Zeroizing::new).map_err(|_| damaged())
}

fn encrypt(cipher: &XChaCha20Poly1305, aad: &[u8], msg: &[u8]) -> Result<Vec<u8>, InboxError> {
    let nonce = random::<NONCE_BYTES>()?;
    let sealed = cipher.encrypt(&XNonce::from(*nonce), Payload { msg, aad });
    let sealed = sealed.map_err(|_| InboxError::Failed("a value is too long to be encrypted".to_owned()))?;
    Ok([nonce.as_slice(), &sealed].concat())
}

fn decrypt(cipher: &XChaCha20Poly1305, aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, InboxError> {
    let (nonce, msg) = sealed.split_first_chunk::<NONCE_BYTES>().ok_or_else(damaged)?;
    cipher.decrypt(&XNonce::from(*nonce), Payload { msg, aad }).map_err(|_| damaged())
}

fn associated(id: EventId, column: &str) -> Vec<u8> {
    [id.as_bytes(), column.as_bytes()].concat()
}

fn damaged() -> InboxError {
    InboxError::Damaged("an encrypted value was changed".to_owned())
}

fn unknown_key(id: u32) -> InboxError {
    InboxError::WrongKey(format!(
        "data key {id} was added after this process opened the inbox: restart it with the inbox's current key"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cipher() -> Cipher {
        let key = || random().expect("random bytes");
        Cipher::new(&key(), vec![(1, key()), (2, key())])
    }

    #[test]
    fn a_sealed_value_opens_only_where_it_belongs() {
        let (cipher, id) = (cipher(), EventId::random());
        let sealed = cipher.seal(id, "body", b"secret").expect("sealed");
        assert_eq!(sealed[..4], 2_u32.to_le_bytes());
        assert_eq!(cipher.open(id, "body", sealed.clone()), Ok(b"secret".to_vec()));
        let mut changed = sealed.clone();
        changed[30] ^= 1;
        assert_eq!(cipher.open(id, "body", changed), Err(damaged()));
        assert_eq!(cipher.open(id, "query", sealed.clone()), Err(damaged()));
        assert_eq!(cipher.open(EventId::random(), "body", sealed.clone()), Err(damaged()));
        assert_eq!(cipher.open(id, "body", vec![2, 0, 0, 0, 1]), Err(damaged()));
        assert!(matches!(cipher.open(id, "body", vec![9; 60]), Err(InboxError::WrongKey(_))));
    }

    #[test]
    fn tags_keep_meanings_and_parts_apart() {
        let cipher = cipher();
        let tag = cipher.tag(Meaning::Body, &[b"ab", b"c"]);
        assert_eq!(tag, cipher.tag(Meaning::Body, &[b"ab", b"c"]));
        assert_ne!(tag, cipher.tag(Meaning::Body, &[b"a", b"bc"]));
        assert_ne!(tag, cipher.tag(Meaning::Subject, &[b"ab", b"c"]));
    }
}
