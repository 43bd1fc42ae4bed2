//! What the page looks like, and what it may load: nothing.

use kyc_core::encode_base64;
use sha2::{Digest as _, Sha256};

pub(super) const CSS: &str = include_str!("report.css");

/// Returns the content security policy: the page's own style and pictures within the page, and nothing else.
pub(super) fn policy() -> String {
    let hash = base64(&Sha256::digest(CSS));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; img-src data:; base-uri 'none'; form-action 'none'"
    )
}

pub(super) fn base64(bytes: &[u8]) -> String {
    let mut text = vec![0; bytes.len().div_ceil(3) * 4];
    let written = encode_base64(bytes, &mut text).unwrap_or_default();
    text.truncate(written);
    String::from_utf8(text).unwrap_or_default()
}
