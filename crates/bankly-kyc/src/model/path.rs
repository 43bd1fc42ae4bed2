//! The path that operations share, and the check of ids that are part of a path.

use kyc_core::{Cpf, ValidationError};

/// Returns the path of a person's document analysis.
pub(crate) fn analysis_path(cpf: &Cpf) -> String {
    format!("/document-analysis/{}", cpf.digits())
}

/// Checks an id that becomes a segment of a path: no character may end the segment.
pub(crate) fn check_segment(id: &str) -> Result<(), ValidationError> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if (1..=100).contains(&id.len()) && id.bytes().all(fits) {
        Ok(())
    } else {
        Err(ValidationError::new("must be letters, digits, dashes and underscores, at most 100"))
    }
}
