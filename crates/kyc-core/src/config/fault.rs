//! Why a table cannot be read.

use std::fmt;

/// An error that never holds a value. The path is built from the inside outwards.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) path: Vec<String>,
    pub(crate) line: Option<usize>,
    pub(crate) rule: String,
    /// The known key that an unknown one resembles.
    pub(crate) suggestion: Option<&'static str>,
    /// Whether a type's own words may repeat the value.
    may_hold_value: bool,
}

impl Fault {
    const NOT_SET: &str = "is not set";

    pub(crate) fn is_missing(&self) -> bool {
        self.rule == Self::NOT_SET
    }

    pub(crate) fn new(rule: impl Into<String>) -> Self {
        Self { path: Vec::new(), line: None, rule: rule.into(), suggestion: None, may_hold_value: false }
    }

    /// A key that is not known. It is named only if it resembles a known one.
    pub(crate) fn unknown(name: &str, known: &'static [&'static str]) -> Self {
        match nearest_name(name, known.iter().copied()) {
            Some(near) => {
                Self { suggestion: Some(near), ..Self::new("is not known") }.under(&name.to_ascii_lowercase())
            }
            None if known.is_empty() => Self::new("must be a single value"),
            None => Self::new(format!("has a key that is not known; known are {}", known.join(", "))),
        }
    }

    /// Adds the key of the table that the fault is in.
    pub(crate) fn under(mut self, key: &str) -> Self {
        self.path.push(key.to_owned());
        self
    }

    /// Sets the line unless an inner one is known.
    pub(crate) fn at(mut self, line: Option<usize>) -> Self {
        self.line = self.line.or(line);
        self
    }

    /// Replaces words that repeat one of the values that were read.
    pub(crate) fn without<'a>(mut self, values: impl IntoIterator<Item = &'a str>) -> Self {
        let is_repeated = |value: &str| !value.is_empty() && self.rule.contains(value);
        if self.may_hold_value && values.into_iter().map(str::trim).any(is_repeated) {
            self.rule = "is not valid".to_owned();
        }
        self.may_hold_value = false;
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rule)
    }
}

impl std::error::Error for Fault {}

impl serde::de::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self { may_hold_value: true, ..Self::new(message.to_string()) }
    }

    fn invalid_type(_: serde::de::Unexpected<'_>, expected: &dyn serde::de::Expected) -> Self {
        Self::new(format!("must be {expected}"))
    }

    fn invalid_value(_: serde::de::Unexpected<'_>, expected: &dyn serde::de::Expected) -> Self {
        Self::new(format!("must be {expected}"))
    }

    fn invalid_length(_: usize, expected: &dyn serde::de::Expected) -> Self {
        Self::new(format!("must be {expected}"))
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self::new(format!("must be {}", expected.join(" or ")))
    }

    fn unknown_field(name: &str, expected: &'static [&'static str]) -> Self {
        Self::unknown(name, expected)
    }

    fn missing_field(name: &'static str) -> Self {
        Self::new(Self::NOT_SET).under(name)
    }
}

/// Returns the name among `known` that a misspelt one resembles: it differs in case, separators or a few letters, or it
/// lacks a part of the known name.
///
/// ```
/// use kyc_core::nearest_name;
/// let known = ["client_id", "client_secret"];
/// assert_eq!(nearest_name("CLIENTID", known), Some("client_id"));
/// assert_eq!(nearest_name("secret", known), Some("client_secret"));
/// assert_eq!(nearest_name("hunter2", known), None);
/// ```
#[must_use]
pub fn nearest_name<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    const MAX_LENGTH: usize = 64;
    if name.len() > MAX_LENGTH {
        return None;
    }
    let plain = |text: &str| text.to_ascii_lowercase().replace(['_', '-'], "");
    let (lower, wanted) = (name.to_ascii_lowercase(), plain(name));
    let candidates = known.into_iter().filter_map(|known| {
        let distance = strsim::levenshtein(&wanted, &plain(known));
        let is_part = known.split('_').any(|part| part == lower);
        // A third of a short name would be another name.
        let is_near = distance <= 2 && distance * 3 < known.len();
        (is_near || is_part).then_some((distance, known))
    });
    candidates.min().map(|(_, known)| known)
}
