//! The configuration of a vendor from environment variables.

use std::ffi::OsString;
use std::fmt;

use crate::error::Error;
use crate::operation::Vendor;
use crate::validation::ValidationError;

/// The environment variables of one vendor, which share a prefix such as `KYC_CLEARSALE_`. Whitespace around a
/// value is removed, because a variable that is read from a file often ends with a line break; an empty one counts as unset.
///
/// ```
/// use kyc_core::{VendorEnv, Vendor};
/// let set = |name: &str| (name == "KYC_TOY_LOGIN").then(|| "me\n".into());
/// let variables = VendorEnv::new(Vendor::new("toy"), "KYC_TOY_", &set);
/// assert_eq!(variables.text("LOGIN")?.as_deref(), Some("me"));
/// assert!(variables.pair("LOGIN", "PASSWORD").is_err(), "the password is missing");
/// # Ok::<(), kyc_core::Error>(())
/// ```
pub struct VendorEnv<'a> {
    vendor: Vendor,
    prefix: &'static str,
    read: &'a dyn Fn(&str) -> Option<OsString>,
}

impl<'a> VendorEnv<'a> {
    /// Creates the variables of a vendor. `read` returns a variable by its full name, as [`std::env::var_os`] does.
    #[must_use]
    pub fn new(vendor: Vendor, prefix: &'static str, read: &'a dyn Fn(&str) -> Option<OsString>) -> Self {
        Self { vendor, prefix, read }
    }

    /// Returns a variable by its name without the prefix.
    ///
    /// # Errors
    /// `Config` if the value is not UTF-8.
    pub fn text(&self, name: &str) -> Result<Option<String>, Error> {
        match (self.read)(&self.full_name(name)).map(OsString::into_string) {
            Some(Ok(text)) => Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty())),
            Some(Err(_)) => Err(self.invalid(name, "is not UTF-8")),
            None => Ok(None),
        }
    }

    /// Returns two variables that must be set together, such as a user and a password.
    ///
    /// # Errors
    /// `Config` if only one of them is set, or if a value is not UTF-8.
    pub fn pair(&self, first: &str, second: &str) -> Result<Option<(String, String)>, Error> {
        match (self.text(first)?, self.text(second)?) {
            (None, None) => Ok(None),
            (Some(first), Some(second)) => Ok(Some((first, second))),
            (None, Some(_)) => Err(self.invalid(first, "is not set")),
            (Some(_), None) => Err(self.invalid(second, "is not set")),
        }
    }

    /// Returns the value for the name that a variable holds, from a list of names.
    ///
    /// # Errors
    /// `Config` if the variable holds another name; the error states the list.
    pub fn one_of<T: Copy>(&self, name: &str, names: &[(&str, T)]) -> Result<Option<T>, Error> {
        let value = self.text(name)?.map(|text| ValidationError::find_name(names, &text)).transpose();
        value.map_err(|error| self.invalid(name, error.rule()))
    }

    fn full_name(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    fn invalid(&self, name: &str, what: &str) -> Error {
        Error::config(self.vendor, format!("{} {what}", self.full_name(name)))
    }
}

impl fmt::Debug for VendorEnv<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VendorEnv").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}
