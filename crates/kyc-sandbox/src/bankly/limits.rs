//! The rate limit: requests per ten seconds.

use std::collections::VecDeque;
use std::time::Duration;

use kyc_core::Timestamp;

const MAX_IN_WINDOW: usize = 180;
const SPAN: Duration = Duration::from_secs(10);

/// The requests of the last ten seconds, including refused ones.
pub(super) struct Window {
    /// How many came at each instant: at a clock that stands still they would be too many to list.
    seen: VecDeque<(Timestamp, usize)>,
    within: usize,
    fullest: usize,
    enforced: bool,
}

impl Default for Window {
    fn default() -> Self {
        Self { seen: VecDeque::new(), within: 0, fullest: 0, enforced: true }
    }
}

impl Window {
    /// Counts a request, and returns whether it is within the limit.
    pub(super) fn admits(&mut self, now: Timestamp) -> bool {
        while let Some(&(first, count)) = self.seen.front()
            && now.since(first) >= SPAN
        {
            self.within -= count;
            self.seen.pop_front();
        }
        match self.seen.back_mut() {
            Some((last, count)) if *last == now => *count += 1,
            _ => self.seen.push_back((now, 1)),
        }
        self.within += 1;
        self.fullest = self.fullest.max(self.within);
        !self.enforced || self.within <= MAX_IN_WINDOW
    }

    pub(super) fn fullest(&self) -> usize {
        self.fullest
    }

    pub(super) fn enforce(&mut self, enforced: bool) {
        self.enforced = enforced;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_moves_with_the_clock() {
        let start = Timestamp::parse("2026-01-31T12:00:00Z").expect("an instant");
        let mut window = Window::default();
        assert!((0..MAX_IN_WINDOW).all(|_| window.admits(start)));
        assert!(!window.admits(start.saturating_add(SPAN - Duration::from_millis(1))));
        assert!(window.admits(start.saturating_add(SPAN)));
        assert_eq!(window.fullest(), MAX_IN_WINDOW + 1);
        window.enforce(false);
        assert!((0..2 * MAX_IN_WINDOW).all(|_| window.admits(start.saturating_add(SPAN))));
        assert_eq!(window.fullest(), 2 * MAX_IN_WINDOW + 2);
        assert_eq!(window.seen.len(), 2, "one entry an instant");
    }
}
