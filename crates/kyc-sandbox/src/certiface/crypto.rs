//! The encryption of bodies: AES-128 in CBC mode, with a key and an IV taken from the appkey. It implements the scheme
//! of the vendor's browser code independently of the client crate, so that a mistake in the client is detected.

use std::borrow::Cow;

use aes::Aes128;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cbc::cipher::block_padding::NoPadding;
use cbc::cipher::{BlockModeDecrypt as _, BlockModeEncrypt as _, KeyIvInit as _};

const BLOCK: usize = 16;

/// The cipher of one appkey.
pub(super) struct Cipher {
    key: [u8; BLOCK],
    iv: [u8; BLOCK],
}

impl Cipher {
    /// The key is the start of the appkey, the IV its end, reversed.
    pub(super) fn of(appkey: &str) -> Option<Self> {
        let key = *appkey.as_bytes().first_chunk()?;
        let mut iv: [u8; BLOCK] = *appkey.as_bytes().last_chunk()?;
        iv.reverse();
        Some(Self { key, iv })
    }

    /// Pads the text with at least one space up to a whole block, adds a block of PKCS#7, encrypts it, and returns
    /// base64.
    pub(super) fn encrypt(&self, text: &str) -> String {
        let mut buffer = text.as_bytes().to_vec();
        buffer.resize((text.len() / BLOCK + 1) * BLOCK, b' ');
        buffer.resize(buffer.len() + BLOCK, 16);
        let length = buffer.len();
        let encryptor = cbc::Encryptor::<Aes128>::new(&self.key.into(), &self.iv.into());
        // Cannot fail, since the text consists of whole blocks.
        encryptor
            .encrypt_padded::<NoPadding>(&mut buffer, length)
            .map(|out| STANDARD.encode(out))
            .unwrap_or_default()
    }

    /// Decrypts a request field: base64, percent-encoded or not, of a text that was encrypted as in
    /// [`encrypt`](Self::encrypt). Checks and removes the padding.
    pub(super) fn open(&self, field: &str) -> Result<Vec<u8>, &'static str> {
        let text = percent_decoded(field).ok_or("a % is not followed by two hexadecimal digits")?;
        if text.contains(' ') {
            return Err("the base64 contains a space: + must be percent-encoded in a form");
        }
        let mut buffer =
            STANDARD.decode(&*text).map_err(|_| "not valid base64 in the standard alphabet, with padding")?;
        let decryptor = cbc::Decryptor::<Aes128>::new(&self.key.into(), &self.iv.into());
        let length = decryptor
            .decrypt_padded::<NoPadding>(&mut buffer)
            .map(<[u8]>::len)
            .map_err(|_| "not whole blocks of 16 bytes")?;
        buffer.truncate(length);
        unpadded(buffer)
    }
}

/// Removes a whole block of PKCS#7, then the 1 to 16 spaces that fill up the last block of the text.
fn unpadded(mut buffer: Vec<u8>) -> Result<Vec<u8>, &'static str> {
    let Some(spaced) = buffer.strip_suffix(&[16; BLOCK]) else {
        return Err("decrypted, it does not end with 16 bytes of 16 (PKCS#7 after spaces): \
                    the key is the appkey's first 16 characters");
    };
    let bare = spaced.iter().rposition(|&byte| byte != b' ').map_or(0, |last| last + 1);
    if !(1..=BLOCK).contains(&(spaced.len() - bare)) {
        return Err("before PKCS#7 there must be 1 to 16 spaces, up to a whole block");
    }
    buffer.truncate(bare);
    Ok(buffer)
}

/// Returns `None` if a `%` is not followed by two hexadecimal digits.
fn percent_decoded(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('%') {
        return Some(text.into());
    }
    let mut parts = text.split('%');
    let mut decoded = parts.next()?.to_owned();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2)?;
        let byte = digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then_some(digits)?;
        decoded.push(char::from(u8::from_str_radix(byte, 16).ok()?));
        decoded.push_str(rest);
    }
    Some(decoded.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    // Created with OpenSSL and Python, and verified with the JavaScript library that the vendor's samples use.
    const APPKEY: &str = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjZXJ0aWZhY2UiLCJjcGYiOiIwMDAwMDAxNDE0MSJ9.WdoUN2LA7Ved3DyrXL3NIT2J1Qq10A8enQeygiZPeek";
    const VECTORS: &[(&str, &str)] = &[
        ("", "OdC98iPKq6F9G0UhP4HBRALgKWlRFs3pt0TlEpWhgnQ="),
        ("a", "3RndZJEYqdqUKj5PQKxBSzK+3m7E5j8TIPZRxm6JTIc="),
        ("0123456789abcde", "cob6MZOA7NDYncHDSCOe1MsAqoDJTh2AjOh0tiCbNUU="),
        ("0123456789abcdef", "elpT0TGFSq3uKqT/D52Zd8Yi1DUeSAUue79OWi/oEGKrn9O8stAUJZ8rcLolWnN0"),
        ("0123456789abcdefg", "elpT0TGFSq3uKqT/D52Zd7EtWsbmQDuXRA2A9lLI/Xwzx50lvOz0LnaFOL2m+wYa"),
        (
            "data:image/jpeg;base64,type:COD1,/9j/4EE=data:image/jpeg;base64,type:COD1,/9j/4EI=data:image/jpeg;base64,type:COD2,/9j/4EM=",
            "ccMQ/a1IUuw0kh6ql7wvFYYOOMXg515EPmI4NLe6LLVPrKO3YbOEP2T1XyY7iuZY16GAMvQTsohte/nnJmJAgW0Qe9o88/pdo0B6z7/Gp+bzxaafDnqiqiOTCvB9qKXfnK3flgUPA8eRt3ValceQ3HW+pT6wJcrMQvaS0tUKJ7TzqrCfnIOQeGCXgZGGPvyk",
        ),
        (
            "{\"sessionToken\":\"TOKEN123\"}",
            "UktkdtBPFwVYBE3vJ5+7b5xjWeGNuHQxqSm10YSVwFVefPUiT/jO9LWYCqgFpkEG",
        ),
        (
            "{\"chkey\":\"CHKEY\",\"snapFrequenceInMillis\":1490,\"snapNumber\":2,\"totalTime\":6,\"numberOfChallenges\":1,\"challenges\":[{\"mensagem\":\"bXNn\",\"tempoEmSegundos\":3,\"tipoFace\":{\"codigo\":\"COD1\",\"imagem\":\"aW1n\"}}]}",
            "9kgnU4vuC2zfRteEOeqzsDcxFT419wQ7+h7tdViLAmDs6sJEM2Ie4ijfZK8EV45y5X60E2TbH9bKpKoWK+9VukepSBEvO5LW/l9Vi+kwiNtB3Ii5xv5fEXSOFuTZIYbyJNEa6kGNMxaLg08BUKG8S1kFYtIYD7py3vRji0Qm8fIltoESgh2LA67tOA3m3ipdu+Feg7A8AyTa/uW+oaraFlrzHUz4QHrJY1AFMnKL5ks8TNRJFe3gzUezjkcvlcKq3tABmpG9MBSEAVFN39IfVSsw7nmzCMUIJMRDWH5jRGU=",
        ),
    ];

    fn cipher() -> Cipher {
        Cipher::of(APPKEY).expect("long enough")
    }

    #[test]
    fn key_and_iv() {
        assert_eq!((cipher().key, cipher().iv), (*b"eyJhbGciOiJIUzI1", *b"keePZigyeQne8A01"));
        assert!(Cipher::of("fifteen letters").is_none());
    }

    #[test]
    fn vectors_in_both_directions() {
        for (plain, encrypted) in VECTORS {
            assert_eq!(cipher().encrypt(plain), *encrypted);
            assert_eq!(cipher().open(encrypted), Ok(plain.as_bytes().to_vec()));
            let percent = encrypted.replace('+', "%2B").replace('/', "%2f").replace('=', "%3D");
            assert_eq!(cipher().open(&percent), Ok(plain.as_bytes().to_vec()));
        }
        let image = cipher().open("XLpOEIsuweSXo%2BdR9cKzQ6fSMSk7axhSJtg%2Br8RfxX4%3D");
        assert_eq!(image.as_deref(), Ok(&b"/9j/4EFVRElU"[..]));
    }

    #[test]
    fn wrong_fields_are_explained() {
        // Spaces without PKCS#7.
        let spaces_only = "UktkdtBPFwVYBE3vJ5+7b5xjWeGNuHQxqSm10YSVwFU=";
        for (field, word) in [
            (spaces_only, "PKCS#7"),
            ("OdC9%2", "%"),
            ("OdC98iPKq6F9G0UhP4HB RALgKWlRFs3pt0TlEpWhgnQ=", "space"),
            ("OdC98iPK", "blocks"),
            ("OdC98iPKq6F9G0UhP4HBRALgKWlRFs3pt0TlEpWhgnQ", "padding"),
            ("", "PKCS#7"),
        ] {
            let wrong = cipher().open(field).expect_err("refused");
            assert!(wrong.contains(word), "{field}: {wrong}");
        }
        for wrong in [&[][..], &[16; 16], &[b'x'; 32]] {
            assert!(unpadded(wrong.to_vec()).is_err());
        }
    }
}
