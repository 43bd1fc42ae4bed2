//! The vendor's formats of date and time.

use kyc_core::Timestamp;

/// `2021-08-31T21:20:58.754Z`, as in responses.
pub(super) fn millis(instant: Timestamp) -> String {
    format!("{}Z", digits(instant, 3))
}

/// `2022-06-29T15:10:24.1631484Z`, as in events.
pub(super) fn sevenths(instant: Timestamp) -> String {
    format!("{}Z", digits(instant, 7))
}

/// `2022-06-29T15:10:21.0585476+00:00`, as in other events.
pub(super) fn with_offset(instant: Timestamp) -> String {
    format!("{}+00:00", digits(instant, 7))
}

/// In UTC, with this many fraction digits, truncated rather than rounded.
fn digits(instant: Timestamp, count: usize) -> String {
    let text = instant.to_rfc3339();
    let bare = text.trim_end_matches('Z');
    let (whole, fraction) = bare.split_once('.').unwrap_or((bare, ""));
    format!("{whole}.{fraction:0<count$.count$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form() {
        let instant = Timestamp::parse("2022-06-29T15:10:24.16314845Z").expect("an instant");
        assert_eq!(millis(instant), "2022-06-29T15:10:24.163Z");
        assert_eq!(sevenths(instant), "2022-06-29T15:10:24.1631484Z");
        let whole = Timestamp::parse("2022-06-29T15:10:24Z").expect("an instant");
        assert_eq!(with_offset(whole), "2022-06-29T15:10:24.0000000+00:00");
    }
}
