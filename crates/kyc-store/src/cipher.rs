//! Seals what a store keeps, and makes the keys by which it finds things again.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use kyc_core::{Cpf, OperationId};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::error::{Result, StoreError};
use crate::keys::{KEY_BYTES, keyed_hash, random};

/// A value by which a row is found, in place of what it stands for: half of an HMAC-SHA256.
pub type Tag = [u8; 16];

/// The key of the rows that are sealed.
pub(crate) type DataKey = Zeroizing<[u8; KEY_BYTES]>;

const NONCE_BYTES: usize = 24;
const ID_BYTES: usize = 4;

/// Seals and opens values, and computes tags.
pub struct Cipher {
    index: Hmac<Sha256>,
    /// `None` if the file is in plain text.
    data: Option<DataKeys>,
}

struct DataKeys {
    by_id: BTreeMap<u32, XChaCha20Poly1305>,
    newest: u32,
}

impl fmt::Debug for Cipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cipher").field("is_encrypted", &self.data.is_some()).finish_non_exhaustive()
    }
}

/// What a tag stands for, so that equal texts of different meaning have different tags.
#[derive(Clone, Copy, Debug)]
pub enum Meaning {
    /// A vendor's id of an event.
    EventId,
    /// What an event is about.
    Subject,
    /// The content of an event.
    Body,
    /// An operation of a vendor.
    Operation,
    /// A person.
    Person,
    /// A case.
    Case,
    /// The caller's reference of a case.
    Reference,
    /// Everything that an applicant handed in.
    Applicant,
}

impl Cipher {
    /// Creates a cipher that seals with the newest of the data keys, or not at all without any.
    pub(crate) fn new(index: &DataKey, data: Vec<(u32, DataKey)>) -> Self {
        let newest = data.iter().map(|(id, _)| *id).max();
        let by_id = data.into_iter().map(|(id, key)| (id, XChaCha20Poly1305::new((&*key).into()))).collect();
        Self { index: keyed_hash(index), data: newest.map(|newest| DataKeys { by_id, newest }) }
    }

    /// Seals a value of an owner, such as an event. `column` says which one, so that no value passes for another.
    ///
    /// # Errors
    /// The system gave no random bytes.
    pub fn seal(&self, owner: &[u8], column: &str, plain: &[u8]) -> Result<Vec<u8>> {
        let Some(DataKeys { by_id, newest }) = &self.data else { return Ok(plain.to_vec()) };
        let cipher = by_id.get(newest).ok_or_else(|| unknown_key(*newest))?;
        let mut sealed = newest.to_le_bytes().to_vec();
        sealed.extend(encrypt(cipher, &associated(owner, column), plain)?);
        Ok(sealed)
    }

    /// Opens a value that [`seal`](Self::seal) made.
    ///
    /// # Errors
    /// It was changed, belongs elsewhere, or is under a newer key.
    pub fn open(&self, owner: &[u8], column: &str, sealed: Vec<u8>) -> Result<Vec<u8>> {
        let Some(DataKeys { by_id, .. }) = &self.data else { return Ok(sealed) };
        let (key, sealed) = sealed.split_first_chunk::<ID_BYTES>().ok_or_else(damaged)?;
        let key = u32::from_le_bytes(*key);
        let cipher = by_id.get(&key).ok_or_else(|| unknown_key(key))?;
        decrypt(cipher, &associated(owner, column), sealed)
    }

    /// Opens a value that is text.
    ///
    /// # Errors
    /// As [`open`](Self::open), or it is no text.
    pub fn open_text(&self, owner: &[u8], column: &str, sealed: Vec<u8>) -> Result<String> {
        String::from_utf8(self.open(owner, column, sealed)?).map_err(|_| damaged())
    }

    /// Returns the tag of several parts.
    #[must_use]
    pub fn tag(&self, meaning: Meaning, parts: &[&[u8]]) -> Tag {
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
    #[must_use]
    pub fn operation(&self, id: &OperationId) -> Tag {
        let by = [u8::from(id.is_reference())];
        let parts = [id.vendor().as_bytes(), id.operation().as_bytes(), &by, id.value().as_bytes()];
        self.tag(Meaning::Operation, &parts)
    }

    /// Returns the tag of a person.
    #[must_use]
    pub fn person(&self, cpf: &Cpf) -> Tag {
        self.tag(Meaning::Person, &[cpf.digits().as_bytes()])
    }
}

/// Seals what belongs to one owner, such as a case, under a key of its own: who deletes the key deletes the content, in every
/// copy of the file.
#[derive(Clone)]
pub struct Sealer {
    owner: Arc<[u8]>,
    /// `None` if the file is in plain text.
    key: Option<XChaCha20Poly1305>,
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealer").finish_non_exhaustive()
    }
}

const OWN_KEY: &str = "own key";

impl Cipher {
    /// Creates the key of an owner, sealed, from which [`sealer`](Self::sealer) makes its sealer.
    ///
    /// # Errors
    /// The system gave no random bytes.
    pub fn new_own_key(&self, owner: &[u8]) -> Result<Vec<u8>> {
        self.seal(owner, OWN_KEY, random::<KEY_BYTES>()?.as_slice())
    }

    /// Opens the key of an owner.
    ///
    /// # Errors
    /// It was changed, or belongs to another owner.
    pub fn sealer(&self, owner: &[u8], own_key: Vec<u8>) -> Result<Sealer> {
        let key = Zeroizing::new(self.open(owner, OWN_KEY, own_key)?);
        let key: &[u8; KEY_BYTES] = key.as_slice().try_into().map_err(|_| damaged())?;
        let key = self.data.is_some().then(|| XChaCha20Poly1305::new(key.into()));
        Ok(Sealer { owner: owner.into(), key })
    }
}

impl Sealer {
    /// Seals a value. The result is another one each time, in plain text too: a hash of it tells nothing of the value once it is
    /// deleted.
    ///
    /// # Errors
    /// The system gave no random bytes.
    pub fn seal(&self, column: &str, plain: &[u8]) -> Result<Vec<u8>> {
        match &self.key {
            Some(key) => encrypt(key, &associated(&self.owner, column), plain),
            None => Ok([random::<NONCE_BYTES>()?.as_slice(), plain].concat()),
        }
    }

    /// Opens a value that [`seal`](Self::seal) made under the same name.
    ///
    /// # Errors
    /// It was changed, or belongs elsewhere.
    pub fn open(&self, column: &str, sealed: &[u8]) -> Result<Vec<u8>> {
        match &self.key {
            Some(key) => decrypt(key, &associated(&self.owner, column), sealed),
            None => sealed.get(NONCE_BYTES..).map(<[u8]>::to_vec).ok_or_else(damaged),
        }
    }
}

/// Encrypts a key under another one.
pub(crate) fn wrap(under: &[u8; KEY_BYTES], purpose: &str, key: &[u8; KEY_BYTES]) -> Result<Vec<u8>> {
    encrypt(&XChaCha20Poly1305::new(under.into()), purpose.as_bytes(), key)
}

/// Decrypts a key that [`wrap`] encrypted.
pub(crate) fn unwrap(under: &[u8; KEY_BYTES], purpose: &str, wrapped: &[u8]) -> Result<DataKey> {
    let key = decrypt(&XChaCha20Poly1305::new(under.into()), purpose.as_bytes(), wrapped)?;
    let key = Zeroizing::new(key);
    key.as_slice().try_into().map(Zeroizing::new).map_err(|_| damaged())
}

fn encrypt(cipher: &XChaCha20Poly1305, aad: &[u8], msg: &[u8]) -> Result<Vec<u8>> {
    let nonce = random::<NONCE_BYTES>()?;
    let sealed = cipher.encrypt(&XNonce::from(*nonce), Payload { msg, aad });
    let sealed = sealed.map_err(|_| StoreError::Failed("a value is too long to be encrypted".to_owned()))?;
    Ok([nonce.as_slice(), &sealed].concat())
}

fn decrypt(cipher: &XChaCha20Poly1305, aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>> {
    let (nonce, msg) = sealed.split_first_chunk::<NONCE_BYTES>().ok_or_else(damaged)?;
    cipher.decrypt(&XNonce::from(*nonce), Payload { msg, aad }).map_err(|_| damaged())
}

fn associated(owner: &[u8], column: &str) -> Vec<u8> {
    [owner, column.as_bytes()].concat()
}

fn damaged() -> StoreError {
    StoreError::Damaged("an encrypted value was changed".to_owned())
}

fn unknown_key(id: u32) -> StoreError {
    StoreError::WrongKey(format!(
        "data key {id} was added after this process opened the store: restart it with the store's current key"
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
        let (cipher, id) = (cipher(), b"one".as_slice());
        let sealed = cipher.seal(id, "body", b"secret").expect("sealed");
        assert_eq!(sealed[..4], 2_u32.to_le_bytes());
        assert_eq!(cipher.open(id, "body", sealed.clone()), Ok(b"secret".to_vec()));
        let mut changed = sealed.clone();
        changed[30] ^= 1;
        assert_eq!(cipher.open(id, "body", changed), Err(damaged()));
        assert_eq!(cipher.open(id, "query", sealed.clone()), Err(damaged()));
        assert_eq!(cipher.open(b"other", "body", sealed.clone()), Err(damaged()));
        assert_eq!(cipher.open(id, "body", vec![2, 0, 0, 0, 1]), Err(damaged()));
        assert!(matches!(cipher.open(id, "body", vec![9; 60]), Err(StoreError::WrongKey(_))));
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
