//! The error for a value that breaks a documented rule, independent of a call and a vendor.

use std::borrow::Cow;
use std::fmt;
use std::path::Path;

use crate::error::{Delivery, Error, ErrorKind, FieldViolation};
use crate::operation::Vendor;

/// A rule that a value breaks. The text names the value's subject and the rule, never the value itself.
///
/// ```
/// use kyc_core::Cpf;
/// let error = Cpf::parse("529.982.247-24").expect_err("a typing error");
/// assert_eq!(error.to_string(), "CPF: check digits do not match");
/// assert_eq!(error.about("holder").to_string(), "holder: check digits do not match");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValidationError {
    subject: Option<Cow<'static, str>>,
    rule: Cow<'static, str>,
}

impl ValidationError {
    /// Creates an error for a broken rule, worded as a clause: `"must have 11 digits"`.
    #[must_use]
    pub fn new(rule: impl Into<Cow<'static, str>>) -> Self {
        Self { subject: None, rule: rule.into() }
    }

    /// Names what the rule is about, such as a field or a file, in place of an earlier name. It must hold no personal data.
    #[must_use]
    pub fn about(mut self, subject: impl Into<Cow<'static, str>>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// Returns what the rule is about, if it is known.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// Returns the rule alone.
    #[must_use]
    pub fn rule(&self) -> &str {
        &self.rule
    }

    /// Checks that a text has one to `max` characters.
    ///
    /// # Errors
    /// The text is empty or longer.
    pub fn check_length(text: &str, max: usize) -> Result<(), Self> {
        match text.chars().count() {
            0 => Err(Self::new("must not be empty")),
            length if length > max => {
                Err(Self::new(format!("must have at most {max} characters, but has {length}")))
            }
            _ => Ok(()),
        }
    }

    /// Finds the value of a name in a list of names. Names are compared exactly.
    ///
    /// # Errors
    /// The name is not in the list; the rule states the whole list.
    pub fn find_name<T: Copy>(names: &[(&str, T)], name: &str) -> Result<T, Self> {
        match names.iter().find(|(known, _)| *known == name) {
            Some((_, value)) => Ok(*value),
            None => {
                let list: Vec<_> = names.iter().map(|(known, _)| *known).collect();
                Err(Self::new(format!("must be {}", list.join(" or "))))
            }
        }
    }
}

/// Names a file in an error by the last part of its path; a name with a long number in it, which may be a CPF, is left out.
pub(crate) fn file_subject(path: &Path) -> Cow<'static, str> {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    let digits = name.chars().filter(|character| character.is_numeric()).count();
    let is_printable = !name.is_empty() && !name.chars().any(char::is_control) && name.chars().count() <= 80;
    if is_printable && digits < 6 { name.into_owned().into() } else { "file".into() }
}

/// Describes why a file could not be read. The system's own text may hold the whole path, so only the kind is kept.
pub(crate) fn unreadable(error: &std::io::Error) -> ValidationError {
    ValidationError::new(match error.kind() {
        std::io::ErrorKind::NotFound => "does not exist",
        std::io::ErrorKind::PermissionDenied => "cannot be read: permission denied",
        std::io::ErrorKind::IsADirectory => "is a directory, not a file",
        std::io::ErrorKind::InvalidData => "is not a text file",
        _ => "cannot be read",
    })
}

impl fmt::Display for ValidationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.subject {
            Some(subject) => write!(f, "{subject}: {}", self.rule),
            None => f.write_str(&self.rule),
        }
    }
}

impl std::error::Error for ValidationError {}

impl From<ValidationError> for Error {
    /// Converts into an error of kind `InvalidInput` with the vendor `kyc`: the value was refused before a call was made.
    fn from(invalid: ValidationError) -> Self {
        let field = invalid.subject.clone().unwrap_or(Cow::Borrowed("value"));
        Self::new(Vendor::new("kyc"), ErrorKind::InvalidInput, Delivery::NotSent, invalid.to_string())
            .with_violations(vec![FieldViolation::new(field, invalid.rule)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BaseUrl, Cpf, Date, Media};

    #[test]
    fn a_file_name_that_may_be_a_cpf_is_omitted() {
        let read = |path: &str| Media::read(path).expect_err("nowhere").to_string();
        assert_eq!(read("/nowhere/nope.jpg"), "nope.jpg: does not exist");
        assert_eq!(read("/nowhere/529.982.247-25.jpg"), "file: does not exist");
        assert!(read("/").starts_with("file: "));
    }

    #[test]
    fn a_validation_error_has_a_subject_and_converts_into_an_error() {
        fn parse(text: &str) -> Result<Cpf, Error> {
            Ok(Cpf::parse(text)?)
        }
        let error = parse("52998224724").expect_err("wrong check digits");
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::InvalidInput, Delivery::NotSent));
        assert_eq!(
            error.to_string(),
            "kyc: CPF: check digits do not match; nothing was sent; correct the value"
        );
        assert_eq!(error.violations()[0].field, "CPF");
        assert!(Date::parse("soon").expect_err("not a day").to_string().starts_with("date: "));
        assert!(BaseUrl::parse("nowhere").expect_err("not a URL").to_string().starts_with("URL: "));
    }
}
