//! The vendor's formats of date and time.

use kyc_core::Timestamp;

/// `27/09/2019 19:09:00`, in UTC.
pub(super) fn day_first(instant: Timestamp) -> String {
    let (day, time) = parts(instant);
    let mut numbers: Vec<&str> = day.split('-').collect();
    numbers.reverse();
    format!("{} {time}", numbers.join("/"))
}

/// `2021-07-30 21:44:16`, in UTC.
pub(super) fn spaced(instant: Timestamp) -> String {
    let (day, time) = parts(instant);
    format!("{day} {time}")
}

/// `2021-07-30T18:45:05`, in Brasília time without an offset.
pub(super) fn local(instant: Timestamp) -> String {
    let (day, time) = parts(brasilia(instant));
    format!("{day}T{time}")
}

/// `2021-07-30T18:45:37.0000000-03:00`.
pub(super) fn zoned(instant: Timestamp) -> String {
    format!("{}.0000000-03:00", local(instant))
}

/// The year in UTC, the first part of a protocol.
pub(super) fn year(instant: Timestamp) -> String {
    parts(instant).0.chars().take(4).collect()
}

fn brasilia(instant: Timestamp) -> Timestamp {
    const BEHIND: i64 = 3 * 3600;
    Timestamp::from_unix_seconds(instant.unix_seconds() - BEHIND).unwrap_or(instant)
}

/// Date and time, in whole seconds.
fn parts(instant: Timestamp) -> (String, String) {
    let text = instant.to_rfc3339();
    let (day, time) = text.split_once('T').unwrap_or((&text, ""));
    (day.to_owned(), time.chars().take(8).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form() {
        let instant = Timestamp::parse("2021-07-31T01:44:16.59Z").expect("an instant");
        assert_eq!(day_first(instant), "31/07/2021 01:44:16");
        assert_eq!(spaced(instant), "2021-07-31 01:44:16");
        assert_eq!(local(instant), "2021-07-30T22:44:16");
        assert_eq!(zoned(instant), "2021-07-30T22:44:16.0000000-03:00");
        assert_eq!(year(instant), "2021");
    }
}
