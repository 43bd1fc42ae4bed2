//! How often something is looked at.

use std::collections::HashMap;
use std::time::Duration;

use kyc_core::Clock;

/// The longest pause between two look-ups.
const LONGEST: Duration = Duration::from_secs(30);

/// When each vendor's step is to be looked at next. It is kept in memory alone: another run begins anew.
#[derive(Default)]
pub(super) struct Pace(HashMap<(String, u64), (u32, Duration)>);

/// What is looked at: a vendor's step by its position, or 0 for a capture.
pub(super) type Key = (String, u64);

impl Pace {
    /// Returns how long to leave it; zero if it is due.
    pub(super) fn left(&self, key: &Key, clock: &dyn Clock) -> Duration {
        self.0.get(key).map_or(Duration::ZERO, |(_, at)| at.saturating_sub(clock.elapsed()))
    }

    /// Notes a look, after which there is a fixed pause.
    pub(super) fn looked(&mut self, key: Key, pause: Duration, clock: &dyn Clock) {
        self.0.insert(key, (0, clock.elapsed().saturating_add(pause)));
    }

    /// Notes a look, after which there is a longer pause each time.
    pub(super) fn looked_in_vain(&mut self, key: Key, clock: &dyn Clock) {
        let (times, at) = self.0.entry(key).or_default();
        let pause = Duration::from_secs(1 << (*times).min(6)).min(LONGEST);
        (*times, *at) = (*times + 1, clock.elapsed().saturating_add(pause));
    }

    /// Makes everything due: something was told.
    pub(super) fn hurry(&mut self) {
        self.0.clear();
    }
}
