//! The encryption of some bodies. (Our page: "Encrypted bodies".)
//!
//! Obfuscation, not security: the key is derived from the appkey, whose first characters are the same for everybody. TLS
//! protects the bodies.

use std::borrow::Cow;

use aes::Aes128;
use aes::cipher::{Array, BlockModeDecrypt as _, BlockModeEncrypt as _, KeyIvInit as _};
use kyc_core::{JsonText, RedactedText, ValidationError, decode_base64, encode_base64};

type Encryptor = cbc::Encryptor<Aes128>;
type Decryptor = cbc::Decryptor<Aes128>;

const BLOCK: usize = 16;

/// A multiple of a cipher block and of a base64 group.
const UNIT: usize = 48;

/// How many bytes are encrypted and encoded at a time: few enough to stay in the L1 cache.
const CHUNK: usize = 256 * UNIT;

/// AES-128-CBC with key and IV derived from the appkey.
pub(crate) struct Cipher {
    key: [u8; BLOCK],
    iv: [u8; BLOCK],
}

impl Cipher {
    /// Derives the key from the first 16 characters and the IV from the last 16, reversed.
    ///
    /// # Errors
    /// An appkey that is too short or not ASCII.
    pub(crate) fn new(appkey: &str) -> Result<Self, ValidationError> {
        let invalid = || ValidationError::new("must be at least 17 ASCII characters");
        let bytes = appkey.as_bytes();
        if !appkey.is_ascii() || bytes.len() <= BLOCK {
            return Err(invalid());
        }
        let key = *bytes.first_chunk::<BLOCK>().ok_or_else(invalid)?;
        let mut iv = *bytes.last_chunk::<BLOCK>().ok_or_else(invalid)?;
        iv.reverse();
        Ok(Self { key, iv })
    }

    /// Returns a writer that encrypts its input and appends it to `out`.
    pub(crate) fn encrypt(&self, out: Vec<u8>, escape: Escape) -> BodyEncryptor {
        BodyEncryptor {
            encryptor: Encryptor::new(&self.key.into(), &self.iv.into()),
            plain: vec![0; CHUNK + UNIT],
            filled: 0,
            encoded: vec![0; (CHUNK + UNIT) / 3 * 4],
            out,
            escape,
        }
    }

    /// Returns the JSON object of a response, which may be encrypted in a JSON string or plain. `None` if it is neither.
    pub(crate) fn decrypt<'a>(&self, body: &'a [u8]) -> Option<Cow<'a, [u8]>> {
        let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body).trim_ascii();
        if body.first() == Some(&b'{') {
            return Some(body.into());
        }
        let text = match JsonText::new(body, None).decode::<RedactedText>() {
            Ok(decoded) => String::from(decoded.value),
            // Some servers send the string without quotes.
            Err(_) => std::str::from_utf8(body).ok()?.to_owned(),
        };
        let mut bytes = decode_base64(&text)?;
        let (blocks, rest) = Array::slice_as_chunks_mut(&mut bytes);
        if !rest.is_empty() {
            return None;
        }
        Decryptor::new(&self.key.into(), &self.iv.into()).decrypt_blocks(blocks);
        // The object ends with its brace, whatever the padding is: spaces, PKCS#7, zeros.
        let end = bytes.iter().rposition(|&byte| byte == b'}')?;
        bytes.truncate(end + 1);
        Some(bytes.into())
    }
}

/// How the base64 is percent-encoded. A value of a form is encoded twice, like in the vendor's own clients.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Escape {
    /// For a JSON string.
    Once,
    /// For a form.
    Twice,
}

impl Escape {
    fn sequence(self, byte: u8) -> &'static [u8] {
        match (self, byte) {
            (Self::Once, b'+') => b"%2B",
            (Self::Once, b'/') => b"%2F",
            (Self::Once, _) => b"%3D",
            (Self::Twice, b'+') => b"%252B",
            (Self::Twice, b'/') => b"%252F",
            (Self::Twice, _) => b"%253D",
        }
    }
}

/// Encrypts, encodes and escapes in one pass: the input goes through one small buffer into the body.
pub(crate) struct BodyEncryptor {
    encryptor: Encryptor,
    /// Input that is not yet encrypted.
    plain: Vec<u8>,
    filled: usize,
    /// Encrypted and base64-encoded, not yet escaped.
    encoded: Vec<u8>,
    out: Vec<u8>,
    escape: Escape,
}

impl BodyEncryptor {
    /// Writes bytes.
    pub(crate) fn write(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let room = self.room();
            let (now, later) = bytes.split_at(bytes.len().min(room.len()));
            room[..now.len()].copy_from_slice(now);
            self.filled += now.len();
            bytes = later;
            self.flush_if_full();
        }
    }

    /// Writes bytes as base64.
    pub(crate) fn write_base64(&mut self, mut raw: &[u8]) {
        while !raw.is_empty() {
            let room = self.room();
            let (now, later) = raw.split_at(raw.len().min(room.len() / 4 * 3));
            // Encoding fails only without enough room, and the input was cut to fit.
            self.filled += encode_base64(now, room).unwrap_or(0);
            raw = later;
            self.flush_if_full();
        }
    }

    /// Pads and encrypts the rest, and returns the body.
    ///
    /// Spaces fill the last block, or a whole block if the last one is full; then follows PKCS#7 padding, which is
    /// therefore always a block of its own.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        let spaces = BLOCK - self.filled % BLOCK;
        self.write(&b" ".repeat(spaces));
        self.write(&[BLOCK as u8; BLOCK]);
        let rest = self.filled;
        self.flush(rest);
        self.out
    }

    /// Returns the free part of the buffer, which holds at least a base64 group.
    fn room(&mut self) -> &mut [u8] {
        self.plain.get_mut(self.filled..).unwrap_or_default()
    }

    fn flush_if_full(&mut self) {
        if self.filled >= CHUNK {
            let whole = self.filled / UNIT * UNIT;
            self.flush(whole);
        }
    }

    /// Encrypts, encodes and escapes the first `length` bytes, which are whole blocks.
    fn flush(&mut self, length: usize) {
        let (ready, _) = self.plain.split_at_mut(length);
        let (blocks, _) = Array::slice_as_chunks_mut(ready);
        self.encryptor.encrypt_blocks(blocks);
        let encoded = encode_base64(&self.plain[..length], &mut self.encoded).unwrap_or(0);
        escape_into(&mut self.out, &self.encoded[..encoded], self.escape);
        self.plain.copy_within(length..self.filled, 0);
        self.filled -= length;
    }
}

fn escape_into(out: &mut Vec<u8>, encoded: &[u8], escape: Escape) {
    let mut from = 0;
    for position in memchr::memchr3_iter(b'+', b'/', b'=', encoded) {
        out.extend_from_slice(&encoded[from..position]);
        out.extend_from_slice(escape.sequence(encoded[position]));
        from = position + 1;
    }
    out.extend_from_slice(&encoded[from..]);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const APPKEY: &str = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjZXJ0aWZhY2UiLCJjcGYiOiIwMDAwMDAxNDE0MSJ9.WdoUN2LA7Ved3DyrXL3NIT2J1Qq10A8enQeygiZPeek";

    fn cipher() -> Cipher {
        Cipher::new(APPKEY).expect("long enough")
    }

    fn encrypted(text: &str, escape: Escape) -> String {
        let mut encryptor = cipher().encrypt(Vec::new(), escape);
        encryptor.write(text.as_bytes());
        String::from_utf8(encryptor.finish()).expect("ASCII")
    }

    #[test]
    fn key_and_iv() {
        assert_eq!(&cipher().key, b"eyJhbGciOiJIUzI1");
        assert_eq!(&cipher().iv, b"keePZigyeQne8A01");
        assert!(Cipher::new("sixteen letters!").is_err());
        assert!(Cipher::new(&"é".repeat(20)).is_err());
    }

    #[test]
    fn known_ciphertexts() {
        for (plain, wanted) in [
            ("", "OdC98iPKq6F9G0UhP4HBRALgKWlRFs3pt0TlEpWhgnQ%3D"),
            ("a", "3RndZJEYqdqUKj5PQKxBSzK%2B3m7E5j8TIPZRxm6JTIc%3D"),
            ("0123456789abcde", "cob6MZOA7NDYncHDSCOe1MsAqoDJTh2AjOh0tiCbNUU%3D"),
            ("0123456789abcdef", "elpT0TGFSq3uKqT%2FD52Zd8Yi1DUeSAUue79OWi%2FoEGKrn9O8stAUJZ8rcLolWnN0"),
            ("0123456789abcdefg", "elpT0TGFSq3uKqT%2FD52Zd7EtWsbmQDuXRA2A9lLI%2FXwzx50lvOz0LnaFOL2m%2BwYa"),
            ("/9j/4EFVRElU", "XLpOEIsuweSXo%2BdR9cKzQ6fSMSk7axhSJtg%2Br8RfxX4%3D"),
        ] {
            assert_eq!(encrypted(plain, Escape::Once), wanted, "{plain}");
            assert_eq!(encrypted(plain, Escape::Twice), wanted.replace('%', "%25"), "{plain}");
        }
    }

    #[test]
    fn known_responses() {
        for body in [
            &b"\"UktkdtBPFwVYBE3vJ5+7b5xjWeGNuHQxqSm10YSVwFVefPUiT/jO9LWYCqgFpkEG\""[..],
            b"UktkdtBPFwVYBE3vJ5+7b5xjWeGNuHQxqSm10YSVwFVefPUiT/jO9LWYCqgFpkEG",
            // Without PKCS#7.
            b"\"UktkdtBPFwVYBE3vJ5+7b5xjWeGNuHQxqSm10YSVwFU=\"",
        ] {
            assert_eq!(cipher().decrypt(body).as_deref(), Some(&br#"{"sessionToken":"TOKEN123"}"#[..]));
        }
        assert_eq!(cipher().decrypt(b" {\"token\":1} ").as_deref(), Some(&b"{\"token\":1}"[..]));
        let challenge = br#""9kgnU4vuC2zfRteEOeqzsDcxFT419wQ7+h7tdViLAmDs6sJEM2Ie4ijfZK8EV45y5X60E2TbH9bKpKoWK+9VukepSBEvO5LW/l9Vi+kwiNtB3Ii5xv5fEXSOFuTZIYbyJNEa6kGNMxaLg08BUKG8S1kFYtIYD7py3vRji0Qm8fIltoESgh2LA67tOA3m3ipdu+Feg7A8AyTa/uW+oaraFlrzHUz4QHrJY1AFMnKL5ks8TNRJFe3gzUezjkcvlcKq3tABmpG9MBSEAVFN39IfVSsw7nmzCMUIJMRDWH5jRGU=""#;
        let decrypted = cipher().decrypt(challenge).expect("an object");
        assert_eq!(
            std::str::from_utf8(&decrypted).expect("UTF-8"),
            r#"{"chkey":"CHKEY","snapFrequenceInMillis":1490,"snapNumber":2,"totalTime":6,"numberOfChallenges":1,"challenges":[{"mensagem":"bXNn","tempoEmSegundos":3,"tipoFace":{"codigo":"COD1","imagem":"aW1n"}}]}"#
        );
    }

    #[test]
    fn other_bodies_are_refused() {
        for body in [&b""[..], b"\"\"", b"null", b"[1]", b"<html>", b"\"QUJD\"", b"\"\xFF\""] {
            assert_eq!(cipher().decrypt(body), None);
        }
    }

    proptest! {
        #[test]
        fn pieces_give_the_same_as_one_text(
            pieces in proptest::collection::vec((any::<bool>(), proptest::collection::vec(any::<u8>(), 0..20_000)), 0..6)
        ) {
            use base64::Engine as _;
            let engine = base64::engine::general_purpose::STANDARD;
            let mut encryptor = cipher().encrypt(Vec::new(), Escape::Once);
            let mut plain = Vec::new();
            for (as_base64, piece) in &pieces {
                if *as_base64 {
                    encryptor.write_base64(piece);
                    plain.extend_from_slice(engine.encode(piece).as_bytes());
                } else {
                    encryptor.write(piece);
                    plain.extend_from_slice(piece);
                }
            }
            let found = String::from_utf8(encryptor.finish()).expect("ASCII");
            plain.extend(std::iter::repeat_n(b' ', BLOCK - plain.len() % BLOCK));
            plain.extend([16; BLOCK]);
            let (blocks, _) = Array::slice_as_chunks_mut(&mut plain);
            Encryptor::new(&cipher().key.into(), &cipher().iv.into()).encrypt_blocks(blocks);
            let wanted = engine.encode(&plain).replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
            prop_assert_eq!(found, wanted);
        }
    }
}
