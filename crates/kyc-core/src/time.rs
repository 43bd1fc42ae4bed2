//! Instants, dates, and the clock that calls use.

mod clock;
mod date;
mod timestamp;
mod virtual_clock;

use std::time::Duration;

pub(crate) use clock::Deadline;
pub use clock::{Clock, SystemClock};
pub use date::{Date, DateTime};
pub use timestamp::Timestamp;
pub use virtual_clock::VirtualClock;

/// Formats a duration for messages: `3 s`, or `0.3 s` for a fraction.
pub(crate) fn in_seconds(duration: Duration) -> String {
    if duration.subsec_nanos() == 0 {
        format!("{} s", duration.as_secs())
    } else {
        format!("{:.1} s", duration.as_secs_f64())
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
    fn durations_in_messages() {
        assert_eq!(in_seconds(Duration::from_secs(3)), "3 s");
        assert_eq!(in_seconds(Duration::from_millis(300)), "0.3 s");
        assert_eq!(in_seconds(Duration::ZERO), "0 s");
    }

    #[test]
    fn dates_in_both_forms() {
        assert_eq!(Date::parse("1990-01-20").map(Date::ymd), Ok((1990, 1, 20)));
        assert_eq!(Date::parse("20/01/1990").map(Date::ymd), Ok((1990, 1, 20)));
        for bad in ["20/O1/1990", "31/02/1990", "1990/01/20", "20-01-1990", "", "INDETERMINADA", "+990-01-20"]
        {
            assert!(Date::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_timestamp_requires_a_zone() {
        assert!(Timestamp::parse("2021-07-30T18:45:37.5926823-03:00").is_ok());
        assert!(Timestamp::parse("2021-07-30 21:44:16").is_err());
    }

    #[tokio::test]
    async fn a_sleep_ends_when_the_clock_is_advanced() {
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
        fn parsing_any_text_does_not_panic(text in "\\PC{0,40}") {
            let _ = Date::parse(&text);
            let _ = Timestamp::parse(&text);
        }
    }
}
