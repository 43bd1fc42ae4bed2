//! A value that breaks a rule, before there is a call and a vendor.

use std::borrow::Cow;

/// A rule that a value breaks. The text names the rule and never the value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Invalid(Cow<'static, str>);

impl Invalid {
    /// A rule, in words that end a sentence beginning with the field's name: `"must be 11 digits"`.
    #[must_use]
    pub fn new(rule: impl Into<Cow<'static, str>>) -> Self {
        Self(rule.into())
    }
}
