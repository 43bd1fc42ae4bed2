//! Paths that operations share, and what may be part of a path.

use kyc_core::{Cpf, ValidationError};

pub(crate) fn analysis_path(cpf: &Cpf) -> String {
    format!("/document-analysis/{}", cpf.digits())
}

/// An id stands in a path: nothing in it may end the segment.
pub(crate) fn check_segment(id: &str) -> Result<(), ValidationError> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if (1..=100).contains(&id.len()) && id.bytes().all(fits) {
        Ok(())
    } else {
        Err(ValidationError::new("must be letters, digits, dashes and underlines, at most 100"))
    }
}
