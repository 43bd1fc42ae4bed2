//! Measures two sides in turns.

use std::time::Duration;

use anyhow::{Context, Result};
use certiface::kyc_core::{Clock as _, SystemClock};
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::time::{ClockId, clock_gettime};
use nix::unistd::Pid;
use tokio::task::JoinSet;

use crate::Heap;
use crate::rows::{Part, Quantity};

/// Our figure and the reference of each turn.
pub(crate) type Pairs = Vec<[f64; 2]>;

const WARM_UP: usize = 10;
/// The heap is the same in nearly every turn.
const HEAP_TURNS: usize = 20;

/// Measures two sides in every turn, each of them first in every other turn.
pub(crate) async fn compare(
    part: &Part,
    turns: usize,
    mut ours: impl AsyncFnMut() -> Result<()>,
    mut theirs: impl AsyncFnMut() -> Result<()>,
) -> Result<Pairs> {
    let turns = if part.heap.is_some() { HEAP_TURNS } else { turns };
    let mut pairs = Vec::new();
    for turn in 0..WARM_UP + turns {
        let pair = if turn % 2 == 0 {
            let ours = cost(part.heap, ours()).await?;
            [ours, cost(part.heap, theirs()).await?]
        } else {
            let theirs = cost(part.heap, theirs()).await?;
            [cost(part.heap, ours()).await?, theirs]
        };
        if turn >= WARM_UP {
            pairs.push(pair);
        }
    }
    Ok(pairs)
}

async fn cost(heap: Option<Heap>, work: impl Future<Output = Result<()>>) -> Result<f64> {
    // Background work of the last turn gets the thread before the measurement.
    for _ in 0..8 {
        tokio::task::yield_now().await;
    }
    let Some(heap) = heap else {
        let before = cpu()?;
        work.await?;
        return Ok(cpu()?.saturating_sub(before).as_secs_f64());
    };
    let before = (heap.current)();
    (heap.reset)();
    work.await?;
    Ok((heap.peak)().saturating_sub(before) as f64)
}

/// Returns the user and system time of this process so far.
pub(crate) fn cpu() -> Result<Duration> {
    Ok(clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID)?.into())
}

/// One of the cores that this process may use.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Core {
    First,
    Last,
}

/// Pins this thread, and those that it starts from now on, to one core.
pub(crate) fn stay_on(core: Core) -> Result<()> {
    let this = Pid::from_raw(0);
    let allowed = sched_getaffinity(this)?;
    let mut cores = (0..CpuSet::count()).filter(|core| allowed.is_set(*core).unwrap_or(false));
    let chosen = match core {
        Core::First => cores.next(),
        Core::Last => cores.next_back(),
    };
    let mut only = CpuSet::new();
    only.set(chosen.context("no core is available")?)?;
    Ok(sched_setaffinity(this, &only)?)
}

/// Runs a comparison on one thread, so that only the work is measured, and on a core of its own, since a call costs twice as
/// much or half as much when the kernel moves client and server to or from one core.
pub(crate) fn on_one_thread<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    stay_on(Core::First)?;
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work)
}

/// What many callers took who called at the same time.
pub(crate) struct Turn {
    all: Duration,
    /// The times of the calls, sorted.
    each: Vec<Duration>,
}

impl Turn {
    /// Lets callers call at the same time, each so often, one call after another. `call` is given the caller and which call of
    /// his it is.
    pub(crate) async fn of<F>(
        callers: usize,
        calls: usize,
        call: impl Fn(usize, usize) -> F + Clone + Send + 'static,
    ) -> Result<Self>
    where
        F: Future<Output = Result<()>> + Send,
    {
        let (clock, mut running, mut each) = (SystemClock, JoinSet::new(), Vec::new());
        let start = clock.elapsed();
        for caller in 0..callers {
            let call = call.clone();
            running.spawn(async move {
                let mut times = Vec::with_capacity(calls);
                for number in 0..calls {
                    let start = clock.elapsed();
                    call(caller, number).await?;
                    times.push(clock.elapsed() - start);
                }
                anyhow::Ok(times)
            });
        }
        while let Some(ended) = running.join_next().await {
            each.extend(ended??);
        }
        let all = clock.elapsed() - start;
        each.sort_unstable();
        Ok(Self { all, each })
    }

    fn figure(&self, quantity: Quantity) -> Result<f64> {
        let upto =
            |part: f64| self.each.get((self.each.len().saturating_sub(1) as f64 * part).round() as usize);
        let time = match quantity {
            Quantity::P50 => upto(0.5).copied(),
            Quantity::P99 => upto(0.99).copied(),
            _ => Some(self.all),
        };
        Ok(time.context("a turn has no calls")?.as_secs_f64())
    }
}

/// Measures two sides in every turn, each of them first in every other turn, by their elapsed time.
pub(crate) async fn compare_turns(
    part: &Part,
    turns: usize,
    mut ours: impl AsyncFnMut() -> Result<Turn>,
    mut theirs: impl AsyncFnMut() -> Result<Turn>,
) -> Result<Pairs> {
    const WARM_UP: usize = 2;
    let mut pairs = Vec::new();
    for turn in 0..WARM_UP + turns {
        let (ours, theirs) = if turn % 2 == 0 {
            let ours = ours().await?;
            (ours, theirs().await?)
        } else {
            let theirs = theirs().await?;
            (ours().await?, theirs)
        };
        if turn >= WARM_UP {
            pairs.push([ours.figure(part.quantity)?, theirs.figure(part.quantity)?]);
        }
    }
    Ok(pairs)
}
