//! Dates, and date-times that may lack a zone.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::Timestamp;
use crate::lenient::RedactedText;
use crate::validation::ValidationError;

/// A calendar date, without a zone.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Date(jiff::civil::Date);

impl Date {
    /// Creates a date from year, month (1 to 12) and day (1 to 31), if it exists.
    #[must_use]
    pub fn from_ymd(year: i16, month: i8, day: i8) -> Option<Self> {
        jiff::civil::Date::new(year, month, day).ok().map(Self)
    }

    /// Parses `yyyy-mm-dd` or the Brazilian `dd/mm/yyyy`.
    ///
    /// # Errors
    /// The text has another form, or the date does not exist.
    pub fn parse(text: &str) -> Result<Self, ValidationError> {
        let bytes = text.as_bytes();
        let (year, month, day) = match bytes {
            [_, _, _, _, b'-', _, _, b'-', _, _] => (text.get(0..4), text.get(5..7), text.get(8..10)),
            [_, _, b'/', _, _, b'/', _, _, _, _] => (text.get(6..10), text.get(3..5), text.get(0..2)),
            _ => (None, None, None),
        };
        let number = |part: Option<&str>| {
            part?
                .bytes()
                .try_fold(0i16, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + i16::from(byte - b'0')))
        };
        let small = |part| number(part).and_then(|value| i8::try_from(value).ok());
        number(year)
            .zip(small(month))
            .zip(small(day))
            .and_then(|((year, month), day)| Self::from_ymd(year, month, day))
            .ok_or_else(|| {
                ValidationError::new("must be a calendar day, as 2026-01-31 or 31/01/2026").about("date")
            })
    }

    /// Returns the date as `yyyy-mm-dd`. There is no `Display`, since most dates in this domain are dates of birth.
    #[must_use]
    pub fn to_iso8601(self) -> String {
        self.0.to_string()
    }

    /// Returns year, month (1 to 12) and day (1 to 31).
    #[must_use]
    pub fn ymd(self) -> (i16, i8, i8) {
        (self.0.year(), self.0.month(), self.0.day())
    }
}

impl fmt::Debug for Date {
    /// Hides the date, since most dates in this domain are dates of birth.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Date([redacted])")
    }
}

impl FromStr for Date {
    type Err = ValidationError;

    fn from_str(text: &str) -> Result<Self, ValidationError> {
        Self::parse(text)
    }
}

impl Serialize for Date {
    /// Writes `yyyy-mm-dd`, which exposes the date.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = RedactedText::deserialize(deserializer)?;
        Self::parse(text.as_str()).map_err(de::Error::custom)
    }
}

/// A date-time as a vendor prints it, with or without a zone. Without one it is the vendor's local time, whose zone is rarely
/// documented.
///
/// ```
/// use kyc_core::DateTime;
/// let local = DateTime::parse("27/09/2019 19:09:00")?;
/// assert!(local.timestamp().is_none(), "no zone");
/// assert_eq!(local.assume_utc().to_rfc3339(), "2019-09-27T19:09:00Z");
/// # Ok::<(), kyc_core::ValidationError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DateTime {
    local: jiff::civil::DateTime,
    timestamp: Option<Timestamp>,
}

impl DateTime {
    /// Parses RFC 3339, also without a zone or with a space instead of the `T`, and `dd/mm/yyyy hh:mm:ss`.
    ///
    /// # Errors
    /// The text has another form, or the date or time does not exist.
    pub fn parse(text: &str) -> Result<Self, ValidationError> {
        let text = text.trim();
        let local = match text.split_once(' ') {
            Some((date, time)) if date.contains('/') => {
                let time: Option<jiff::civil::Time> = time.trim().parse().ok();
                Date::parse(date).ok().zip(time).map(|(date, time)| date.0.to_datetime(time))
            }
            // A date without a time would be parsed as its midnight.
            _ if !text.contains(':') => None,
            // jiff's civil date-time does not accept a trailing Z.
            _ => text.trim_end_matches(['Z', 'z']).parse().ok(),
        };
        let local = local.ok_or_else(|| {
            ValidationError::new("must be a date-time, as 2026-01-31T12:00:00 or 31/01/2026 12:00:00")
                .about("date-time")
        })?;
        Ok(Self { local, timestamp: Timestamp::parse(text).ok() })
    }

    /// Returns the instant, if the text contained a zone.
    #[must_use]
    pub fn timestamp(self) -> Option<Timestamp> {
        self.timestamp
    }

    /// Returns the instant; a text without a zone is assumed to be UTC.
    #[must_use]
    pub fn assume_utc(self) -> Timestamp {
        let utc = || jiff::tz::Offset::UTC.to_timestamp(self.local).map(Timestamp);
        // The conversion fails only within a day of the limits of the type.
        self.timestamp.or_else(|| utc().ok()).unwrap_or(Timestamp(jiff::Timestamp::MAX))
    }

    /// Returns the date as the vendor wrote it, without conversion to UTC.
    #[must_use]
    pub fn date(self) -> Date {
        Date(self.local.date())
    }
}

impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.local, f)
    }
}

impl FromStr for DateTime {
    type Err = ValidationError;

    fn from_str(text: &str) -> Result<Self, ValidationError> {
        Self::parse(text)
    }
}
