//! The fields of a query or of a form.

use std::str::FromStr;
use std::time::Duration;

use kyc_core::ValidationError;
use url::form_urlencoded;

/// How many fields are read; no form has as many.
const MAX_FIELDS: usize = 64;

/// Fields by name. An empty field counts as absent, as browsers send every field of a form.
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    pub(super) fn read(encoded: &[u8]) -> Self {
        let pairs = form_urlencoded::parse(encoded).take(MAX_FIELDS);
        Self(pairs.map(|(name, value)| (name.into_owned(), value.trim().to_owned())).collect())
    }

    /// The first value; empty if there is none.
    pub(super) fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    pub(super) fn given(&self, name: &str) -> Option<&str> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.given(name).is_some()
    }

    pub(super) fn number<T: FromStr>(&self, name: &str) -> Result<Option<T>, ValidationError> {
        let number = self.given(name).map(str::parse).transpose();
        number.map_err(|_| ValidationError::new(format!("\"{name}\" is not a number, or too large")))
    }

    pub(super) fn seconds(&self, name: &str) -> Result<Option<Duration>, ValidationError> {
        let seconds = self.number::<f64>(name)?.map(Duration::try_from_secs_f64).transpose();
        seconds.map_err(|_| ValidationError::new(format!("\"{name}\" must be zero or more")))
    }
}
