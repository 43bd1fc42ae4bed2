//! What a piece of work costs this process: time, CPU and memory beyond what it had.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use nix::time::{ClockId, clock_gettime};

/// What a piece of work cost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    pub(crate) time: Duration,
    pub(crate) cpu: Duration,
    /// How far the resident memory rose above where it began, in MiB.
    pub(crate) memory_mib: u64,
}

/// Does the work and measures it.
pub(crate) async fn measure<T>(work: impl Future<Output = T>) -> Result<(T, Cost)> {
    // Makes the kernel forget the highest mark so far.
    std::fs::write("/proc/self/clear_refs", "5").context("cannot reset the peak of resident memory")?;
    let (before, cpu) = (status_kib("VmRSS:")?, cpu()?);
    #[expect(clippy::disallowed_methods, reason = "a measurement")]
    let start = Instant::now();
    let outcome = work.await;
    let time = start.elapsed();
    let cost = Cost {
        time,
        cpu: self::cpu()?.saturating_sub(cpu),
        memory_mib: status_kib("VmHWM:")?.saturating_sub(before) / 1024,
    };
    Ok((outcome, cost))
}

fn cpu() -> Result<Duration> {
    Ok(clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID)?.into())
}

fn status_kib(field: &str) -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(field)).context("no such field")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
