//! A value that breaks a rule, before there is a call and a vendor.

use std::borrow::Cow;

/// A rule that a value breaks. The text names the rule and never the value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ValidationError(Cow<'static, str>);

impl ValidationError {
    /// A rule, in words that end a sentence beginning with the field's name: `"must be 11 digits"`.
    #[must_use]
    pub fn new(rule: impl Into<Cow<'static, str>>) -> Self {
        Self(rule.into())
    }

    /// The rule on a text of one to `most` characters, if the text breaks it.
    ///
    /// # Errors
    /// Empty or longer.
    pub fn check_length(text: &str, most: usize) -> Result<(), Self> {
        match text.chars().count() {
            0 => Err(Self::new("must not be empty")),
            length if length > most => {
                Err(Self::new(format!("must have at most {most} characters, but has {length}")))
            }
            _ => Ok(()),
        }
    }
}
