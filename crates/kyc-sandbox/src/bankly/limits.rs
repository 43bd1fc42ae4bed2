//! The rate limit: requests per ten seconds.

use std::collections::VecDeque;
use std::time::Duration;

use kyc_core::Timestamp;

const MAX_IN_WINDOW: usize = 180;
const SPAN: Duration = Duration::from_secs(10);

/// The requests of the last ten seconds, including refused ones.
pub(super) struct Window {
    seen: VecDeque<Timestamp>,
    fullest: usize,
    enforced: bool,
}

impl Default for Window {
    fn default() -> Self {
        Self { seen: VecDeque::new(), fullest: 0, enforced: true }
    }
}

impl Window {
    /// Counts a request, and returns whether it is within the limit.
    pub(super) fn admits(&mut self, now: Timestamp) -> bool {
        while self.seen.front().is_some_and(|&first| now.since(first) >= SPAN) {
            self.seen.pop_front();
        }
        self.seen.push_back(now);
        self.fullest = self.fullest.max(self.seen.len());
        !self.enforced || self.seen.len() <= MAX_IN_WINDOW
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
    }
}
