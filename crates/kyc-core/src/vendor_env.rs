//! A vendor's configuration from the environment.

use std::ffi::OsString;
use std::fmt;

use crate::error::Error;
use crate::operation::Vendor;
use crate::validation::ValidationError;

/// The environment variables of one vendor, which share a prefix such as `KYC_CLEARSALE_`. One that is empty counts as
/// unset.
///
/// ```
/// use kyc_core::{VendorEnv, Vendor};
/// let set = |name: &str| (name == "KYC_TOY_LOGIN").then(|| "me".into());
/// let variables = VendorEnv::new(Vendor::new("toy"), "KYC_TOY_", &set);
/// assert_eq!(variables.text("LOGIN")?.as_deref(), Some("me"));
/// assert!(variables.pair("LOGIN", "PASSWORD").is_err(), "half of a pair is none");
/// # Ok::<(), kyc_core::Error>(())
/// ```
pub struct VendorEnv<'a> {
    vendor: Vendor,
    prefix: &'static str,
    read: &'a dyn Fn(&str) -> Option<OsString>,
}

impl<'a> VendorEnv<'a> {
    /// VendorEnv that `read` finds by their whole name; [`std::env::var_os`] as a rule.
    #[must_use]
    pub fn new(vendor: Vendor, prefix: &'static str, read: &'a dyn Fn(&str) -> Option<OsString>) -> Self {
        Self { vendor, prefix, read }
    }

    /// One of them, by the rest of its name.
    ///
    /// # Errors
    /// `Config`: it is not UTF-8.
    pub fn text(&self, name: &str) -> Result<Option<String>, Error> {
        match (self.read)(&self.whole(name)).map(OsString::into_string) {
            Some(Ok(text)) => Ok(Some(text).filter(|text| !text.is_empty())),
            Some(Err(_)) => Err(self.refuse(name, "is not UTF-8")),
            None => Ok(None),
        }
    }

    /// Two that are set together or not at all, such as a user and a password.
    ///
    /// # Errors
    /// `Config`: only one of them is set.
    pub fn pair(&self, first: &str, second: &str) -> Result<Option<(String, String)>, Error> {
        match (self.text(first)?, self.text(second)?) {
            (None, None) => Ok(None),
            (Some(first), Some(second)) => Ok(Some((first, second))),
            (None, Some(_)) => Err(self.refuse(first, "is not set")),
            (Some(_), None) => Err(self.refuse(second, "is not set")),
        }
    }

    /// Returns the value of a variable that holds a name from a list.
    ///
    /// # Errors
    /// `Config`: another name; the error states the list.
    pub fn one_of<T: Copy>(&self, name: &str, names: &[(&str, T)]) -> Result<Option<T>, Error> {
        let value = self.text(name)?.map(|text| ValidationError::find_name(names, &text)).transpose();
        value.map_err(|error| self.refuse(name, error.rule()))
    }

    fn whole(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    fn refuse(&self, name: &str, what: &str) -> Error {
        Error::config(self.vendor, format!("{} {what}", self.whole(name)))
    }
}

impl fmt::Debug for VendorEnv<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VendorEnv").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}
