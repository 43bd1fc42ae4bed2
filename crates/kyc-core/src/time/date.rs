//! Days, and date-times that may lack a zone.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::Timestamp;
use crate::lenient::RedactedText;
use crate::validation::ValidationError;

/// A day of the calendar, without a zone.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Date(jiff::civil::Date);

impl Date {
    /// The day of that year, month (1 to 12) and day (1 to 31), if the calendar has it.
    #[must_use]
    pub fn from_ymd(year: i16, month: i8, day: i8) -> Option<Self> {
        jiff::civil::Date::new(year, month, day).ok().map(Self)
    }

    /// Reads `yyyy-mm-dd` or the Brazilian `dd/mm/yyyy`.
    ///
    /// # Errors
    /// Any other form, or a day that the calendar lacks.
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

    /// Returns the day as `yyyy-mm-dd`. `Display` is missing on purpose, since most days in this domain are birthdays.
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
    /// Hidden: most days in this domain are birthdays.
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
    /// Writes `yyyy-mm-dd`: serialising exposes the day.
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

/// A date-time as a vendor prints it, with or without a zone. One without is the vendor's local time, and which that is
/// the vendor rarely says.
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
    /// Reads RFC 3339, the same without a zone or with a blank for the `T`, and `dd/mm/yyyy hh:mm:ss`.
    ///
    /// # Errors
    /// Any other form, or a day or time that does not exist.
    pub fn parse(text: &str) -> Result<Self, ValidationError> {
        let text = text.trim();
        let local = match text.split_once(' ') {
            Some((date, time)) if date.contains('/') => {
                let time: Option<jiff::civil::Time> = time.trim().parse().ok();
                Date::parse(date).ok().zip(time).map(|(date, time)| date.0.to_datetime(time))
            }
            // A bare day would be read as its midnight.
            _ if !text.contains(':') => None,
            // A civil date-time may not end in Z.
            _ => text.trim_end_matches(['Z', 'z']).parse().ok(),
        };
        let local = local.ok_or_else(|| {
            ValidationError::new("must be a date-time, as 2026-01-31T12:00:00 or 31/01/2026 12:00:00")
                .about("date-time")
        })?;
        Ok(Self { local, timestamp: Timestamp::parse(text).ok() })
    }

    /// The instant, if the text named a zone.
    #[must_use]
    pub fn timestamp(self) -> Option<Timestamp> {
        self.timestamp
    }

    /// The instant, taken for UTC if the text named no zone.
    #[must_use]
    pub fn assume_utc(self) -> Timestamp {
        let utc = || jiff::tz::Offset::UTC.to_timestamp(self.local).map(Timestamp);
        // Only within a day of the type's last years is there no such instant.
        self.timestamp.or_else(|| utc().ok()).unwrap_or(Timestamp(jiff::Timestamp::MAX))
    }

    /// The day, where the vendor wrote it.
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
