//! Instants.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::lenient::RedactedText;
use crate::validation::ValidationError;

/// An instant in UTC, with nanosecond precision.
///
/// ```
/// use kyc_core::Timestamp;
/// let created = Timestamp::parse("2023-03-09T17:33:23.4692342+00:00")?;
/// assert_eq!(created.to_rfc3339(), "2023-03-09T17:33:23.4692342Z");
/// # Ok::<(), kyc_core::ValidationError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(pub(super) jiff::Timestamp);

impl Timestamp {
    /// Parses an RFC 3339 date-time with up to nine fraction digits.
    ///
    /// # Errors
    /// The text has another form or no zone. A zone is not guessed, since the result could be wrong by hours.
    pub fn parse(text: &str) -> Result<Self, ValidationError> {
        text.parse().map(Self).map_err(|_| {
            ValidationError::new("must be a date-time with a zone, as 2026-01-31T12:00:00Z")
                .about("timestamp")
        })
    }

    /// Parses a date of an HTTP header, such as `Wed, 21 Oct 2015 07:28:00 GMT`.
    pub(crate) fn parse_http_date(text: &str) -> Option<Self> {
        jiff::fmt::rfc2822::parse(text).ok().map(|zoned| Self(zoned.timestamp()))
    }

    /// Creates an instant from seconds since 1970-01-01T00:00:00Z, if it is in the range of the type.
    #[must_use]
    pub fn from_unix_seconds(seconds: i64) -> Option<Self> {
        jiff::Timestamp::from_second(seconds).ok().map(Self)
    }

    /// Returns the whole seconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn unix_seconds(self) -> i64 {
        self.0.as_second()
    }

    /// Creates an instant from milliseconds since 1970-01-01T00:00:00Z, if it is in the range of the type.
    #[must_use]
    pub fn from_unix_millis(millis: i64) -> Option<Self> {
        jiff::Timestamp::from_millisecond(millis).ok().map(Self)
    }

    /// Returns the whole milliseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn unix_millis(self) -> i64 {
        self.0.as_millisecond()
    }

    /// Returns the instant as RFC 3339, in UTC.
    #[must_use]
    pub fn to_rfc3339(self) -> String {
        self.0.to_string()
    }

    /// Adds a duration; returns the last representable instant if the sum is out of range.
    #[must_use]
    pub fn saturating_add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration).unwrap_or(jiff::Timestamp::MAX))
    }

    /// Returns the time from `earlier` until this instant; zero if `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::try_from(self.0.duration_since(earlier.0)).unwrap_or(Duration::ZERO)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl From<Timestamp> for SystemTime {
    fn from(instant: Timestamp) -> Self {
        instant.0.into()
    }
}

impl TryFrom<SystemTime> for Timestamp {
    type Error = ValidationError;
    fn try_from(instant: SystemTime) -> Result<Self, ValidationError> {
        jiff::Timestamp::try_from(instant)
            .map(Self)
            .map_err(|_| ValidationError::new("must lie within the representable years").about("timestamp"))
    }
}

impl FromStr for Timestamp {
    type Err = ValidationError;

    fn from_str(text: &str) -> Result<Self, ValidationError> {
        Self::parse(text)
    }
}

impl Serialize for Timestamp {
    /// Writes RFC 3339 in UTC.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = RedactedText::deserialize(deserializer)?;
        Self::parse(text.as_str()).map_err(de::Error::custom)
    }
}
