//! Clocks and counters of this process and its children.

use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::Heap;
use crate::samples::Samples;

/// The processes whose time is read.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Whose {
    Own,
    /// The child processes that have ended, and theirs.
    Children,
}

/// Returns the user and system time so far.
#[cfg(unix)]
pub(crate) fn cpu(whose: Whose) -> Result<Duration> {
    use nix::sys::resource::{UsageWho, getrusage};
    use nix::sys::time::TimeValLike as _;
    let usage = getrusage(match whose {
        Whose::Own => UsageWho::RUSAGE_SELF,
        Whose::Children => UsageWho::RUSAGE_CHILDREN,
    })?;
    let microseconds = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Ok(Duration::from_micros(u64::try_from(microseconds)?))
}

#[cfg(not(unix))]
pub(crate) fn cpu(_: Whose) -> Result<Duration> {
    anyhow::bail!("the benchmark reads CPU times only on Unix")
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Returns the user and system time of `work`.
pub(crate) fn cpu_of(work: impl FnOnce() -> Result<()>) -> Result<Duration> {
    let before = cpu(Whose::Own)?;
    work()?;
    Ok(cpu(Whose::Own)?.saturating_sub(before))
}

/// Runs `work` and records `<side>.wall` and `<side>.cpu` in seconds.
pub(crate) async fn timed(
    samples: &mut Samples,
    side: &str,
    work: impl Future<Output = Result<()>>,
) -> Result<()> {
    // Background work of the last turn gets the thread before the clock starts.
    for _ in 0..8 {
        tokio::task::yield_now().await;
    }
    let (started, used) = (now(), cpu(Whose::Own)?);
    work.await?;
    let (wall, used) = (started.elapsed(), cpu(Whose::Own)?.saturating_sub(used));
    samples.push(format!("{side}.wall"), wall.as_secs_f64());
    samples.push(format!("{side}.cpu"), used.as_secs_f64());
    Ok(())
}

/// Times two sides in every turn, each of them first in every other turn. Warm-up turns record no samples.
pub(crate) async fn in_turns(
    (warm_up, turns): (usize, usize),
    (one, mut do_one): (&str, impl AsyncFnMut() -> Result<()>),
    (other, mut do_other): (&str, impl AsyncFnMut() -> Result<()>),
) -> Result<Samples> {
    let mut samples = Samples::default();
    for turn in 0..warm_up + turns {
        if turn == warm_up {
            samples = Samples::default();
        }
        if turn % 2 == 0 {
            timed(&mut samples, one, do_one()).await?;
            timed(&mut samples, other, do_other()).await?;
        } else {
            timed(&mut samples, other, do_other()).await?;
            timed(&mut samples, one, do_one()).await?;
        }
    }
    Ok(samples)
}

/// Measures two sides in turns, after one call of each without a sample. Records `<side>.heap`: the peak of allocated bytes
/// during a call, above those allocated before it.
pub(crate) async fn heap_in_turns(
    (heap, turns): (Heap, usize),
    (one, mut do_one): (&str, impl AsyncFnMut() -> Result<()>),
    (other, mut do_other): (&str, impl AsyncFnMut() -> Result<()>),
) -> Result<Samples> {
    let mut samples = Samples::default();
    do_one().await?;
    do_other().await?;
    for _ in 0..turns {
        samples.push(format!("{one}.heap"), most_held(heap, do_one()).await?);
        samples.push(format!("{other}.heap"), most_held(heap, do_other()).await?);
    }
    Ok(samples)
}

async fn most_held(heap: Heap, work: impl Future<Output = Result<()>>) -> Result<f64> {
    let before = (heap.current)();
    (heap.reset)();
    work.await?;
    Ok((heap.peak)().saturating_sub(before) as f64)
}

/// Returns the peak of resident memory in bytes.
pub(crate) fn resident() -> Result<f64> {
    let status = fs::read_to_string("/proc/self/status").context("cannot read this process's status")?;
    let kib = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next());
    let kib: f64 = kib.context("the status does not contain the peak")?.parse()?;
    Ok(kib * 1024.0)
}

/// One of the cores that this process may use.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Core {
    First,
    Last,
}

/// Pins this thread, and those that it starts from now on, to one core.
#[cfg(target_os = "linux")]
pub(crate) fn stay_on(core: Core) -> Result<()> {
    use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
    use nix::unistd::Pid;
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

#[cfg(not(target_os = "linux"))]
pub(crate) fn stay_on(_: Core) -> Result<()> {
    Ok(())
}

/// Creates the runtime of the timed comparisons: on one thread, so that only the work is measured, and on a core of its
/// own, since a call costs twice as much or half as much when the kernel moves client and server to or from one core.
pub(crate) fn on_one_thread<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    stay_on(Core::First)?;
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work)
}
