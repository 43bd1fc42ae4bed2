//! How far the batch is: one line, rewritten on a terminal, and told now and then elsewhere.

use std::io::{self, IsTerminal as _};
use std::time::Duration;

use kyc_core::{Clock as _, SystemClock};
use kyc_verify::{CaseReport, CaseState, Outcome as Decided};
use serde::Serialize;

use crate::messages::text;
use crate::outcome::Outcome;
use crate::output::{self, Progress, grouped};

/// How often the line is written where it cannot be rewritten.
const PAUSE: Duration = Duration::from_secs(30);

/// What became of the applicants so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Counts {
    pub(super) approved: u64,
    pub(super) refused: u64,
    pub(super) review: u64,
    pub(super) waiting_for_person: u64,
    pub(super) waiting_for_vendor: u64,
    /// Their results stand from an earlier run, or they are the same as an earlier line.
    pub(super) known: u64,
    pub(super) bad_lines: u64,
    pub(super) cpfs_without_zeros: u64,
    pub(super) uncertain_calls: u64,
}

impl Counts {
    pub(super) fn count(&mut self, report: &CaseReport) {
        self.uncertain_calls += u64::from(report.uncertain_calls);
        let of_state = match report.state {
            CaseState::Decided(Decided::Approved) => &mut self.approved,
            CaseState::Decided(Decided::Refused) => &mut self.refused,
            CaseState::WaitsForPerson => &mut self.waiting_for_person,
            CaseState::WaitsForVendor | CaseState::Running => &mut self.waiting_for_vendor,
            _ => &mut self.review,
        };
        *of_state += 1;
    }

    fn answered(&self) -> u64 {
        self.approved + self.refused + self.review + self.waiting_for_person + self.waiting_for_vendor
    }

    fn done(&self) -> u64 {
        self.answered() + self.known + self.bad_lines
    }

    /// Returns the outcome of a batch that came to its end: what the user has to do next, the most urgent first.
    pub(super) fn outcome(&self) -> Outcome {
        [
            (self.bad_lines, Outcome::BadInput),
            (self.waiting_for_vendor, Outcome::NotYet),
            (self.waiting_for_person, Outcome::Retake),
            (self.review, Outcome::Unclear),
        ]
        .into_iter()
        .find_map(|(count, outcome)| (count > 0).then_some(outcome))
        .unwrap_or(Outcome::Yes)
    }
}

/// Tells how far the batch is.
pub(super) struct Ticker {
    line: Progress,
    is_terminal: bool,
    is_wanted: bool,
    total: u64,
    began: Duration,
    told: Duration,
}

impl Ticker {
    pub(super) fn new(is_wanted: bool, total: u64) -> Self {
        let line = Progress::new(is_wanted, text().batch.reading);
        let (is_terminal, now) = (io::stderr().is_terminal(), SystemClock.elapsed());
        Self { line, is_terminal, is_wanted, total, began: now, told: now }
    }

    pub(super) fn tell(&mut self, counts: &Counts) {
        let now = SystemClock.elapsed();
        if self.is_terminal {
            self.line.say(progress(counts, self.total, now.saturating_sub(self.began)));
        } else if self.is_wanted && now.saturating_sub(self.told) >= PAUSE {
            self.told = now;
            output::note(&progress(counts, self.total, now.saturating_sub(self.began)));
        }
    }

    /// Tells what became of all applicants.
    pub(super) fn conclude(self, counts: &Counts) {
        let took = SystemClock.elapsed().saturating_sub(self.began);
        drop(self.line);
        if self.is_wanted {
            output::note(&summary(counts, took));
        } else {
            output::json_note(&Summary { batch: counts, seconds: took.as_secs() });
        }
    }
}

#[derive(Serialize)]
struct Summary<'a> {
    batch: &'a Counts,
    seconds: u64,
}

fn number(count: u64) -> String {
    grouped(u32::try_from(count).unwrap_or(u32::MAX))
}

fn progress(counts: &Counts, total: u64, took: Duration) -> String {
    let t = &text().batch;
    let (done, answered) = (counts.done(), counts.answered());
    let so_far = (t.so_far)(&number(done), &number(total));
    let seconds = took.as_secs_f64();
    if answered == 0 || seconds < 1.0 {
        return so_far;
    }
    // What was known before took no call, so that it tells nothing of the rate.
    let rate = answered as f64 / seconds;
    let left = Duration::try_from_secs_f64(total.saturating_sub(done) as f64 / rate).unwrap_or(Duration::MAX);
    let rate = if rate >= 1.0 { format!("{rate:.0}/s") } else { format!("{:.0}/min", rate * 60.0) };
    (t.at_rate)(&so_far, &rate, &duration(left))
}

fn summary(counts: &Counts, took: Duration) -> String {
    let t = &text().batch;
    let waiting = counts.waiting_for_person + counts.waiting_for_vendor;
    let numbers = [counts.approved, counts.refused, counts.review, waiting].map(number);
    let [approved, refused, review, waiting] = &numbers;
    let mut lines = vec![(t.summary)(approved, refused, review, waiting, &duration(took))];
    let more = [
        (counts.known, t.known as fn(&str) -> String),
        (counts.bad_lines, t.bad_lines),
        (counts.cpfs_without_zeros, t.lost_zeros),
        (counts.uncertain_calls, t.uncertain),
    ];
    lines.extend(more.into_iter().filter(|(count, _)| *count > 0).map(|(count, say)| say(&number(count))));
    lines.join("\n")
}

/// Writes a duration in its two largest units, which are the same in both languages.
fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_counts_what_was_answered_in_this_run() {
        let counts = Counts { approved: 90, review: 10, known: 800, bad_lines: 100, ..Counts::default() };
        let told = progress(&counts, 2000, Duration::from_secs(10));
        assert_eq!(told, "1 000 of 2 000; 10/s, 1 min 40 s left");
        assert_eq!(progress(&counts, 2000, Duration::ZERO), "1 000 of 2 000");
        let slow = Counts { refused: 1, ..Counts::default() };
        assert_eq!(progress(&slow, 61, Duration::from_secs(60)), "1 of 61; 1/min, 1 h 0 min left");
        assert_eq!(progress(&Counts::default(), 0, Duration::from_secs(9)), "0 of 0");
    }

    #[test]
    fn the_outcome_is_what_is_to_be_done_next() {
        let mut counts = Counts { approved: 1, refused: 1, known: 1, ..Counts::default() };
        assert_eq!(counts.outcome(), Outcome::Yes);
        counts.review = 1;
        assert_eq!(counts.outcome(), Outcome::Unclear);
        counts.waiting_for_person = 1;
        assert_eq!(counts.outcome(), Outcome::Retake);
        counts.waiting_for_vendor = 1;
        assert_eq!(counts.outcome(), Outcome::NotYet);
        counts.bad_lines = 1;
        assert_eq!(counts.outcome(), Outcome::BadInput);
    }

    #[test]
    fn the_summary_tells_only_what_there_is() {
        let counts = Counts { approved: 3, review: 1, ..Counts::default() };
        let told = summary(&counts, Duration::from_secs(5));
        assert_eq!(told, "approved 3, refused 0, review 1, waiting 0; 5 s");
        let counts = Counts { bad_lines: 2, uncertain_calls: 1, ..counts };
        assert_eq!(summary(&counts, Duration::from_secs(5)).lines().count(), 3);
    }
}
