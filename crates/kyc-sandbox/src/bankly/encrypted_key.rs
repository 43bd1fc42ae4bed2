//! Encrypts a private key with a passphrase: PKCS#8 with PBES2, PBKDF2 (HMAC-SHA256) and AES-256 in CBC mode.

use aes::Aes256;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeEncrypt as _, KeyIvInit as _};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use uuid::Uuid;

const ROUNDS: u16 = 2048;
const BLOCK: usize = 16;

// Object identifiers, with tag and length.
const PBES2: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d";
const PBKDF2: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0c";
const HMAC_SHA256: &[u8] = b"\x06\x08\x2a\x86\x48\x86\xf7\x0d\x02\x09";
const AES_256_CBC: &[u8] = b"\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01\x2a";
const NULL: &[u8] = b"\x05\x00";

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const OCTETS: u8 = 0x04;

/// Returns PEM with the label `ENCRYPTED PRIVATE KEY`. `None` is impossible for a key that fits in memory.
pub(super) fn encrypted(pkcs8: &[u8], passphrase: &str) -> Option<String> {
    let (salt, iv) = (Uuid::new_v4().into_bytes(), Uuid::new_v4().into_bytes());
    let key = derived(passphrase.as_bytes(), &salt)?;
    let mut buffer = pkcs8.to_vec();
    buffer.resize((pkcs8.len() / BLOCK + 1) * BLOCK, 0);
    let cipher = cbc::Encryptor::<Aes256>::new(&key.into(), &iv.into());
    let secret = cipher.encrypt_padded::<Pkcs7>(&mut buffer, pkcs8.len()).ok()?;

    let rounds = wrapped(INTEGER, &[&ROUNDS.to_be_bytes()])?;
    let hash = wrapped(SEQUENCE, &[HMAC_SHA256, NULL])?;
    let by_passphrase = wrapped(SEQUENCE, &[&wrapped(OCTETS, &[&salt])?, &rounds, &hash])?;
    let derivation = wrapped(SEQUENCE, &[PBKDF2, &by_passphrase])?;
    let encryption = wrapped(SEQUENCE, &[AES_256_CBC, &wrapped(OCTETS, &[&iv])?])?;
    let scheme = wrapped(SEQUENCE, &[PBES2, &wrapped(SEQUENCE, &[&derivation, &encryption])?])?;
    let whole = wrapped(SEQUENCE, &[&scheme, &wrapped(OCTETS, &[secret])?])?;
    Some(pem("ENCRYPTED PRIVATE KEY", &whole))
}

/// One block of PBKDF2, which has the length of the AES key.
fn derived(passphrase: &[u8], salt: &[u8]) -> Option<[u8; 32]> {
    let mac = Hmac::<Sha256>::new_from_slice(passphrase).ok()?;
    let hash = |parts: &[&[u8]]| -> [u8; 32] {
        let mut mac = mac.clone();
        parts.iter().for_each(|part| mac.update(part));
        mac.finalize().into_bytes().into()
    };
    let mut last = hash(&[salt, &1u32.to_be_bytes()]);
    let mut key = last;
    for _ in 1..ROUNDS {
        last = hash(&[&last]);
        key.iter_mut().zip(last).for_each(|(sum, byte)| *sum ^= byte);
    }
    Some(key)
}

/// DER: tag, length, content.
fn wrapped(tag: u8, parts: &[&[u8]]) -> Option<Vec<u8>> {
    let content = parts.concat();
    let mut out = vec![tag];
    match content.len() {
        short @ ..0x80 => out.push(u8::try_from(short).ok()?),
        medium @ ..0x100 => out.extend([0x81, u8::try_from(medium).ok()?]),
        long => {
            out.push(0x82);
            out.extend(u16::try_from(long).ok()?.to_be_bytes());
        }
    }
    out.extend(content);
    Some(out)
}

pub(super) fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let mut pem = format!("-----BEGIN {label}-----\n");
    for (place, character) in text.chars().enumerate() {
        if place > 0 && place % 64 == 0 {
            pem.push('\n');
        }
        pem.push(character);
    }
    pem.push_str(&format!("\n-----END {label}-----\n"));
    pem
}
