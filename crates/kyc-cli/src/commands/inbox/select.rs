//! The options that choose events.

use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use kyc_core::{Clock as _, Date, SystemClock, Timestamp, ValidationError};
use kyc_webhook::{EventState, Filter};

use crate::messages::text;

const STATES: [EventState; 5] =
    [EventState::New, EventState::Retrying, EventState::Done, EventState::Dead, EventState::Unexpected];

#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct Which {
    #[arg(long, value_name = "NAME", help = text().inbox_help.source)]
    pub(super) source: Option<String>,
    #[arg(long = "type", value_name = "NAME", help = text().inbox_help.event_type)]
    pub(super) event_type: Option<String>,
    #[arg(long, value_name = "TIME", value_parser = moment, help = text().inbox_help.since)]
    pub(super) since: Option<Timestamp>,
}

impl Which {
    pub(super) fn is_everything(&self) -> bool {
        self.source.is_none() && self.event_type.is_none() && self.since.is_none()
    }

    pub(super) fn filter(&self, states: Vec<EventState>) -> Filter {
        let mut filter = Filter::default();
        filter.states = states;
        filter.source = self.source.clone();
        filter.event_type = self.event_type.clone();
        filter.received_from = self.since;
        filter
    }
}

/// Returns the parser of `--state`.
pub(super) fn state() -> impl TypedValueParser<Value = EventState> {
    PossibleValuesParser::new(STATES.map(EventState::as_str)).try_map(|name| name.parse::<EventState>())
}

/// Parses a span of time before now, as `90d`, or a day or an instant.
pub(super) fn moment(text: &str) -> Result<Timestamp, ValidationError> {
    if let Ok(span) = span(text) {
        return Ok(before_now(span));
    }
    let day = || Timestamp::parse(&format!("{}T00:00:00Z", Date::parse(text).ok()?.to_iso8601())).ok();
    let instant = Timestamp::parse(text).ok().or_else(day);
    instant.ok_or_else(|| ValidationError::new("must be as 90d, 12h, 2026-01-31 or 2026-01-31T08:00:00Z"))
}

/// Parses a span of time: a whole number of seconds, minutes, hours, days or weeks.
pub(super) fn span(text: &str) -> Result<Duration, ValidationError> {
    let wrong = || ValidationError::new("must be as 90d, 12h, 30m or 2w");
    let unit = text.chars().next_back().ok_or_else(wrong)?;
    let seconds: u64 = match unit {
        's' => 1,
        'm' => 60,
        'h' => 60 * 60,
        'd' => 24 * 60 * 60,
        'w' => 7 * 24 * 60 * 60,
        _ => return Err(wrong()),
    };
    let number: u32 = text.strip_suffix(unit).and_then(|digits| digits.parse().ok()).ok_or_else(wrong)?;
    Ok(Duration::from_secs(seconds * u64::from(number)))
}

pub(super) fn before_now(span: Duration) -> Timestamp {
    let now = SystemClock.now();
    let millis = i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
    // What is too long ago for a timestamp is before every event.
    Timestamp::from_unix_millis(now.unix_millis().saturating_sub(millis).max(0)).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_and_moments() {
        assert_eq!(span("90d").expect("valid"), Duration::from_secs(90 * 86400));
        assert_eq!(span("0s").expect("valid"), Duration::ZERO);
        for wrong in ["", "d", "90", "-1d", "1.5h", "1y", "99999999999d", "é", "1dd"] {
            assert!(span(wrong).is_err() && moment(wrong).is_err(), "{wrong}");
        }
        let day = moment("2026-01-31").expect("a day");
        assert_eq!(day.to_rfc3339(), "2026-01-31T00:00:00Z");
        assert!(moment("4294967295w").expect("long ago") < day);
        assert!(moment("1h").expect("a span") < SystemClock.now());
    }
}
