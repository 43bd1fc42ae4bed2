//! Who may have a connection.

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// The places for connections. When all are taken, the connection that has waited for its client for the longest time is closed in
/// favour of a new one, so that clients that send nothing do not keep others out.
pub(super) struct Places {
    most: usize,
    most_of_a_peer: Option<usize>,
    held: Mutex<Held>,
    changed: Notify,
}

#[derive(Default)]
struct Held {
    open: usize,
    /// Of the open ones, those that are told to close.
    closing: usize,
    last_turn: u64,
    /// Connections that wait for their clients, by the order in which they began to.
    waiting: BTreeMap<u64, CancellationToken>,
    by_peer: HashMap<IpAddr, usize>,
}

impl Places {
    pub(super) fn new(most: usize, most_of_a_peer: Option<usize>) -> Arc<Self> {
        let (held, changed) = Default::default();
        Arc::new(Self { most: most.max(1), most_of_a_peer, held, changed })
    }

    /// Waits for a place. `None` if the peer has as many as it may. Only one caller may wait at a time.
    pub(super) async fn take(self: &Arc<Self>, peer: IpAddr) -> Option<Arc<Place>> {
        let peer = network_of(peer);
        loop {
            {
                let mut held = self.held();
                let of_peer = held.by_peer.get(&peer).copied().unwrap_or_default();
                if self.most_of_a_peer.is_some_and(|most| of_peer >= most) {
                    return None;
                }
                if held.open < self.most {
                    held.open += 1;
                    held.by_peer.insert(peer, of_peer + 1);
                    drop(held);
                    return Some(Place::new(Arc::clone(self), peer));
                }
                if held.open - held.closing >= self.most {
                    held.close_one();
                }
            }
            self.changed.notified().await;
        }
    }

    /// Tells one connection to close, so that its file descriptor is free.
    pub(super) fn close_one(&self) {
        self.held().close_one();
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    /// Tells the connection to close that has waited for its client for the longest time.
    fn close_one(&mut self) {
        if let Some((_, told_to_close)) = self.waiting.pop_first() {
            told_to_close.cancel();
            self.closing += 1;
        }
    }
}

/// The place of one connection, until it is dropped.
pub(super) struct Place {
    places: Arc<Places>,
    peer: IpAddr,
    /// The key in [`Held::waiting`], or 0.
    turn: AtomicU64,
    told_to_close: CancellationToken,
}

impl Place {
    fn new(places: Arc<Places>, peer: IpAddr) -> Arc<Self> {
        let told_to_close = CancellationToken::new();
        let place = Arc::new(Self { places, peer, turn: AtomicU64::new(0), told_to_close });
        place.wait();
        place
    }

    /// Says that the connection waits for its client from now on, so that it may be closed.
    pub(super) fn wait(&self) {
        let mut held = self.places.held();
        self.leave(&mut held);
        if !self.told_to_close.is_cancelled() {
            held.last_turn += 1;
            let turn = held.last_turn;
            self.turn.store(turn, Ordering::Relaxed);
            held.waiting.insert(turn, self.told_to_close.clone());
        }
        drop(held);
        self.places.changed.notify_one();
    }

    /// Says that the client waits for the connection from now on.
    pub(super) fn work(&self) {
        self.leave(&mut self.places.held());
    }

    /// Waits until the connection must close.
    pub(super) async fn told_to_close(&self) {
        self.told_to_close.cancelled().await;
    }

    fn leave(&self, held: &mut Held) {
        held.waiting.remove(&self.turn.swap(0, Ordering::Relaxed));
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut held = self.places.held();
        self.leave(&mut held);
        held.open -= 1;
        if self.told_to_close.is_cancelled() {
            held.closing -= 1;
        }
        if let Some(of_peer) = held.by_peer.get_mut(&self.peer) {
            *of_peer -= 1;
            if *of_peer == 0 {
                held.by_peer.remove(&self.peer);
            }
        }
        drop(held);
        self.places.changed.notify_one();
    }
}

/// Returns the address, or the beginning that all IPv6 addresses of one client have in common.
fn network_of(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    const PEER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    /// A place, if there is one at once.
    fn taken_by(places: &Arc<Places>, peer: IpAddr) -> Option<Arc<Place>> {
        match pin!(places.take(peer)).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(place) => place,
            Poll::Pending => None,
        }
    }

    fn take(places: &Arc<Places>) -> Option<Arc<Place>> {
        taken_by(places, PEER)
    }

    #[test]
    fn the_connection_that_waits_longest_makes_room() {
        let places = Places::new(3, None);
        let [first, second, third] = [0; 3].map(|_| take(&places).expect("a place"));
        first.work();
        first.wait();
        third.work();
        // The second one has waited longest now. One is enough, however often somebody asks.
        assert!(take(&places).is_none());
        assert!(take(&places).is_none());
        let closing = [&first, &second, &third].map(|place| place.told_to_close.is_cancelled());
        assert_eq!(closing, [false, true, false]);
        drop(second);
        let fourth = take(&places).expect("a place");
        fourth.work();
        first.work();
        // Nobody is closed while all are at work.
        assert!(take(&places).is_none());
        assert!(![&first, &third, &fourth].iter().any(|place| place.told_to_close.is_cancelled()));
        drop((first, third, fourth));
        let held = places.held();
        assert_eq!((held.open, held.closing, held.waiting.len(), held.by_peer.len()), (0, 0, 0, 0));
    }

    #[test]
    fn a_connection_that_is_told_to_close_is_not_chosen_again() {
        let places = Places::new(1, None);
        let first = take(&places).expect("a place");
        assert!(take(&places).is_none());
        first.work();
        first.wait();
        assert!(places.held().waiting.is_empty());
        drop(first);
        let second = take(&places).expect("a place");
        places.close_one();
        places.close_one();
        assert!(second.told_to_close.is_cancelled());
        assert_eq!(places.held().closing, 1);
    }

    #[test]
    fn the_addresses_of_one_ipv6_network_are_one_peer() {
        let places = Places::new(9, Some(1));
        let taken = |peer: &str| taken_by(&places, peer.parse().expect("an address"));
        let _held = ["192.0.2.1", "192.0.2.2", "2001:db8::1"].map(|peer| taken(peer).expect("a place"));
        for peer in ["::ffff:192.0.2.1", "192.0.2.2", "2001:db8::2"] {
            assert!(taken(peer).is_none(), "{peer}");
        }
        assert!(taken("2001:db8:0:1::1").is_some());
    }
}
