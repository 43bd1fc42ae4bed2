//! Instants, days and the clock. The only file in the workspace's libraries that reads a clock.

use std::fmt;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;

use crate::validation::ValidationError;

/// An instant in UTC, to the nanosecond.
///
/// ```
/// use kyc_core::Timestamp;
/// let created = Timestamp::parse("2023-03-09T17:33:23.4692342+00:00")?;
/// assert_eq!(created.to_rfc3339(), "2023-03-09T17:33:23.4692342Z");
/// # Ok::<(), kyc_core::ValidationError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(jiff::Timestamp);

impl Timestamp {
    /// Reads an RFC 3339 date-time with any number of fraction digits up to nine.
    ///
    /// # Errors
    /// Anything else; a date-time without a zone too, since guessing one would be wrong by hours.
    pub fn parse(text: &str) -> Result<Self, ValidationError> {
        text.parse()
            .map(Self)
            .map_err(|_| ValidationError::new("must be a date-time with a zone, as 2026-01-31T12:00:00Z"))
    }

    /// Reads a date as HTTP headers write it: `Wed, 21 Oct 2015 07:28:00 GMT`.
    pub(crate) fn parse_http_date(text: &str) -> Option<Self> {
        jiff::fmt::rfc2822::parse(text).ok().map(|zoned| Self(zoned.timestamp()))
    }

    /// The instant so many seconds after 1970-01-01T00:00:00Z, if it lies in the years that the type holds.
    #[must_use]
    pub fn from_unix_seconds(seconds: i64) -> Option<Self> {
        jiff::Timestamp::from_second(seconds).ok().map(Self)
    }

    /// Whole seconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn unix_seconds(self) -> i64 {
        self.0.as_second()
    }

    /// The instant as RFC 3339, in UTC.
    #[must_use]
    pub fn to_rfc3339(self) -> String {
        self.0.to_string()
    }

    /// This instant and then some; the last representable instant when that is too far.
    #[must_use]
    pub fn saturating_add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration).unwrap_or(jiff::Timestamp::MAX))
    }

    /// The time from `earlier` until this instant; zero when it is not earlier.
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
            .map_err(|_| ValidationError::new("lies outside the representable years"))
    }
}

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
            .ok_or_else(|| ValidationError::new("must be a day, as 2026-01-31 or 31/01/2026"))
    }

    /// Year, month (1 to 12) and day (1 to 31).
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

impl fmt::Display for Date {
    /// `yyyy-mm-dd`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
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

/// What time it is, and waiting. Injected through every builder, so that a test or the sandbox can drive a client.
///
/// Token life, pauses, polling and limits go by this clock. The timeouts of an attempt and of a call do not: a socket
/// lives in real time.
#[async_trait]
pub trait Clock: fmt::Debug + Send + Sync {
    /// The present instant: for what has a date, such as the end of a token.
    fn now(&self) -> Timestamp;
    /// The time since some fixed moment: for durations. It never goes back, even when somebody sets the date.
    fn elapsed(&self) -> Duration;
    /// Waits until `duration` has passed on this clock.
    async fn sleep(&self, duration: Duration);
}

#[async_trait]
impl<T: Clock + ?Sized> Clock for Arc<T> {
    fn now(&self) -> Timestamp {
        (**self).now()
    }

    fn elapsed(&self) -> Duration {
        (**self).elapsed()
    }

    async fn sleep(&self, duration: Duration) {
        (**self).sleep(duration).await;
    }
}

/// The clock of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is where the clock is read")]
    fn now(&self) -> Timestamp {
        Timestamp(jiff::Timestamp::now())
    }

    #[expect(clippy::disallowed_methods, reason = "this is where the clock is read")]
    fn elapsed(&self) -> Duration {
        static START: LazyLock<tokio::time::Instant> = LazyLock::new(tokio::time::Instant::now);
        START.elapsed()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

/// The real end of a call's time. Sockets live in real time, so this does not go by a [`Clock`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline(tokio::time::Instant);

impl Deadline {
    #[expect(clippy::disallowed_methods, reason = "this is where the clock is read")]
    pub(crate) fn after(limit: Duration) -> Self {
        let now = tokio::time::Instant::now();
        // A limit beyond the machine's reckoning is as good as a year.
        Self(now.checked_add(limit).unwrap_or(now + Duration::from_secs(365 * 24 * 3600)))
    }

    #[expect(clippy::disallowed_methods, reason = "this is where the clock is read")]
    pub(crate) fn left(self) -> Duration {
        self.0.saturating_duration_since(tokio::time::Instant::now())
    }

    /// What the work brought, or nothing when time ran out.
    pub(crate) async fn within<T>(self, work: impl Future<Output = T>) -> Option<T> {
        tokio::time::timeout_at(self.0, work).await.ok()
    }
}

/// A clock that is moved by hand; clones move together.
///
/// ```
/// use std::time::Duration;
/// use kyc_core::{Clock, VirtualClock};
/// let clock = VirtualClock::frozen();
/// let before = clock.now();
/// clock.advance(Duration::from_secs(60));
/// assert_eq!(clock.now().since(before), Duration::from_secs(60));
/// ```
#[derive(Clone, Debug)]
pub struct VirtualClock(Arc<VirtualState>);

#[derive(Debug)]
struct VirtualState {
    /// `Some`: stands still there. `None`: runs with the machine's clock.
    frozen_at: Option<Timestamp>,
    ahead: Mutex<Duration>,
    moved: tokio::sync::Notify,
}

impl VirtualClock {
    /// A clock that stands still until it is advanced.
    #[must_use]
    pub fn frozen() -> Self {
        Self::starting(Some(SystemClock.now()))
    }

    /// A clock that runs with the machine's and can be advanced beyond it.
    #[must_use]
    pub fn running() -> Self {
        Self::starting(None)
    }

    fn starting(frozen_at: Option<Timestamp>) -> Self {
        Self(Arc::new(VirtualState { frozen_at, ahead: Mutex::default(), moved: tokio::sync::Notify::new() }))
    }

    /// Moves the clock forward and wakes every sleeper whose time has come.
    pub fn advance(&self, duration: Duration) {
        {
            let mut ahead = self.0.ahead.lock().unwrap_or_else(PoisonError::into_inner);
            *ahead = ahead.saturating_add(duration);
        }
        self.0.moved.notify_waiters();
    }

    /// Waits until this clock shows `until`. An advance that comes before the wait begins counts, too.
    pub async fn sleep_until(&self, until: Timestamp) {
        loop {
            // Registered before the look at the clock, or an advance between the two would be missed.
            let moved = self.0.moved.notified();
            tokio::pin!(moved);
            moved.as_mut().enable();
            let left = until.since(self.now());
            if left.is_zero() {
                return;
            }
            if self.0.frozen_at.is_some() {
                moved.await;
            } else {
                // Running: whichever comes first. An expired timer only leads to another look at the clock.
                let _ = tokio::time::timeout(left, moved).await;
            }
        }
    }

    fn ahead(&self) -> Duration {
        *self.0.ahead.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        self.0.frozen_at.unwrap_or_else(|| SystemClock.now()).saturating_add(self.ahead())
    }

    fn elapsed(&self) -> Duration {
        let real = if self.0.frozen_at.is_some() { Duration::ZERO } else { SystemClock.elapsed() };
        real.saturating_add(self.ahead())
    }

    async fn sleep(&self, duration: Duration) {
        self.sleep_until(self.now().saturating_add(duration)).await;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn date_times_with_and_without_a_zone() {
        let parse = |text| DateTime::parse(text).expect(text);
        assert_eq!(parse("2021-07-30 21:44:16").to_string(), "2021-07-30T21:44:16");
        assert_eq!(parse("2021-07-30T18:45:05").timestamp(), None);
        let zoned = parse("2021-07-30T18:45:37.5926823-03:00");
        assert_eq!(zoned.to_string(), "2021-07-30T18:45:37.5926823");
        assert_eq!(zoned.assume_utc().to_rfc3339(), "2021-07-30T21:45:37.5926823Z");
        assert_eq!(zoned.date().ymd(), (2021, 7, 30));
        assert_eq!(parse("2021-07-30T18:45:05Z").assume_utc().to_rfc3339(), "2021-07-30T18:45:05Z");
        assert!(parse("2021-07-30T18:45:05Z").timestamp().is_some());
        assert_eq!(parse("27/09/2019 19:09:00").assume_utc().unix_seconds(), 1_569_611_340);
        for text in ["", "2021-07-30", "30/07/2021", "31/02/2021 10:00:00", "30/07/2021 25:00:00", "soon"] {
            assert!(DateTime::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn days_in_both_forms() {
        assert_eq!(Date::parse("1990-01-20").map(Date::ymd), Ok((1990, 1, 20)));
        assert_eq!(Date::parse("20/01/1990").map(Date::ymd), Ok((1990, 1, 20)));
        for bad in ["20/O1/1990", "31/02/1990", "1990/01/20", "20-01-1990", "", "INDETERMINADA", "+990-01-20"]
        {
            assert!(Date::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_instant_needs_a_zone() {
        assert!(Timestamp::parse("2021-07-30T18:45:37.5926823-03:00").is_ok());
        assert!(Timestamp::parse("2021-07-30 21:44:16").is_err());
    }

    #[tokio::test]
    async fn a_sleeper_wakes_when_the_clock_is_moved() {
        let clock = VirtualClock::frozen();
        let sleeper = tokio::spawn({
            let clock = clock.clone();
            async move { clock.sleep(Duration::from_secs(10)).await }
        });
        tokio::task::yield_now().await;
        clock.advance(Duration::from_secs(9));
        tokio::task::yield_now().await;
        assert!(!sleeper.is_finished());
        clock.advance(Duration::from_secs(1));
        sleeper.await.expect("the sleeper ends");
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "\\PC{0,40}") {
            let _ = Date::parse(&text);
            let _ = Timestamp::parse(&text);
        }
    }
}
