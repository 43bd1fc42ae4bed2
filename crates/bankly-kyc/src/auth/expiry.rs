//! When the client certificate expires. TLS decides what is a certificate: this reading is more tolerant, and stops nothing.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use kyc_core::{ClientCertificate, Timestamp};
use x509_cert::Certificate;
use x509_cert::der::Decode as _;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Returns the end of the certificate that belongs to the key, or else the earliest end of the chain.
pub(crate) fn certificate_end(certificate: &ClientCertificate) -> Option<Timestamp> {
    let chain = blocks(certificate.chain(), "CERTIFICATE");
    let chain: Vec<_> = chain.iter().filter_map(|der| Certificate::from_der(der).ok()).collect();
    let keys = blocks(certificate.key().expose(), "PRIVATE KEY");
    let own = chain.iter().find(|certificate| keys.iter().any(|key| belongs_to(certificate, key)));
    own.or_else(|| only_leaf(&chain)).and_then(end).or_else(|| chain.iter().filter_map(end).min())
}

fn end(certificate: &Certificate) -> Option<Timestamp> {
    let end = certificate.tbs_certificate().validity().not_after.to_unix_duration();
    i64::try_from(end.as_secs()).ok().and_then(Timestamp::from_unix_seconds)
}

/// Returns the contents of the PEM blocks whose label ends with `kind`, in lines of any length and with any white space.
fn blocks(pem: &str, kind: &str) -> Vec<Vec<u8>> {
    let mut blocks = Vec::new();
    let mut rest = pem;
    while let Some((_, after)) = rest.split_once("-----BEGIN ") {
        let Some((label, after)) = after.split_once("-----") else { break };
        let Some((content, after)) = after.split_once("-----END ") else { break };
        rest = after;
        if label.trim().ends_with(kind) {
            let text: String = content.chars().filter(|character| !character.is_whitespace()).collect();
            blocks.extend(BASE64.decode(text));
        }
    }
    blocks
}

/// Returns whether the key holds the certificate's public key, as RSA keys always do and others usually.
fn belongs_to(certificate: &Certificate, key: &[u8]) -> bool {
    let public = certificate.tbs_certificate().subject_public_key_info().subject_public_key.raw_bytes();
    // Of an RSA key it is a sequence of two numbers, which stand side by side in the private key, too.
    let public = match public {
        [0x30, length, rest @ ..] if *length < 0x80 => rest,
        [0x30, length, rest @ ..] => rest.get(usize::from(length & 0x7F)..).unwrap_or_default(),
        other => other,
    };
    public.len() >= 32 && key.windows(public.len()).any(|part| part == public)
}

/// Returns the only certificate that has not issued another one.
fn only_leaf(chain: &[Certificate]) -> Option<&Certificate> {
    let has_issued = |one: &Certificate| {
        let (subject, mut others) = (one.tbs_certificate().subject(), chain.iter());
        others.any(|other| other != one && other.tbs_certificate().issuer() == subject)
    };
    let mut leaves = chain.iter().filter(|one| !has_issued(one));
    leaves.next().filter(|_| leaves.next().is_none())
}
