//! `prove hostile`: a vendor that sends bombs, drips, floods and cuts, over HTTP/1 and HTTP/2, with and without TLS, to all
//! clients; and strangers who send the same payloads to all receivers.

mod attacks;
mod receivers;
mod server;
mod victims;

use std::time::Duration;

use anyhow::Result;
use comfy_table::{Table, presets::ASCII_MARKDOWN};
use kyc_core::Error;

use crate::meter::{Cost, measure};
use attacks::ATTACKS;
pub(crate) use server::serve;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only over HTTP/1 without TLS: for a run within a minute or two.
    #[arg(long)]
    short: bool,
}

/// How long an attempt may take whose attack has no end. A call has one attempt here.
const ATTEMPT: Duration = Duration::from_secs(2);

/// The maximum CPU time of reading a response once, in yardsticks. A body that must be repaired is read, repaired and read
/// again, with paths: that takes 8 yardsticks, or 10 of an optimised build. Twice the passes exceed the maximum.
const MAX_YARDSTICKS: f64 = if cfg!(debug_assertions) { 12.0 } else { 15.0 };

/// The time only shows that nothing hangs, since other work on the machine counts in it.
const MAX_TIME: Duration = Duration::from_secs(120);

/// Covers a body of 32 MiB, its unpacked text and its value.
const MAX_MEMORY_MIB: u64 = 256;

/// Measures the yardstick: the CPU time in which plain serde_json reads the costliest body, which is 32 MiB of objects. A fixed
/// time as limit would depend on the machine and the build.
async fn yardstick() -> Result<Duration> {
    #[derive(serde::Deserialize)]
    struct Object {}

    let body = attacks::objects();
    let (read, cost) = measure(async { serde_json::from_slice::<Vec<Object>>(&body) }).await?;
    anyhow::ensure!(!read?.is_empty(), "the yardstick has read nothing");
    Ok(cost.cpu)
}

/// The ways to reach the hostile vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Http1,
    Tls1,
    Tls2,
}

impl Way {
    fn name(self) -> &'static str {
        match self {
            Self::Http1 => "HTTP/1",
            Self::Tls1 => "HTTP/1 over TLS",
            Self::Tls2 => "HTTP/2 over TLS",
        }
    }
}

pub(crate) fn run(args: &Args) -> Result<Vec<String>> {
    // One thread: the time of a second one that waits would count.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(proof(args))
}

async fn proof(args: &Args) -> Result<Vec<String>> {
    let server = server::Running::start().await?;
    let ways: &[Way] = if args.short { &[Way::Http1] } else { &[Way::Http1, Way::Tls1, Way::Tls2] };
    let mut judge = Judge::new(yardstick().await?);
    for &way in ways {
        for victim in victims::ALL {
            for attack in ATTACKS.iter().filter(|attack| way == Way::Http1 || !attack.is_raw) {
                let options = server.options(way, attack)?;
                let call = async || {
                    let outcome = (victim.call)(server.base(way, attack), options.clone()).await;
                    outcome.map_or_else(|error| describe(&error), |()| "a value".to_owned())
                };
                let names = [victim.name, way.name(), attack.name];
                judge.attack(names, attack.lasts(), victim.readings, call).await?;
            }
        }
    }
    for receiver in receivers::all()? {
        for attack in ATTACKS {
            let Some(make) = attack.body else { continue };
            let body = make();
            let call = async || (receiver.receive)(body.clone());
            judge.attack([receiver.name, "webhook", attack.name], Duration::ZERO, 1, call).await?;
        }
    }
    println!("{}\n", judge.table);
    println!("yardstick: {:.2?} of CPU", judge.yardstick);
    if judge.faults.is_empty() {
        println!(
            "verdict: held; no attack took more than {MAX_TIME:?}, {MAX_MEMORY_MIB} MiB, or {MAX_YARDSTICKS} yardsticks \
             of CPU for each time that its response is read"
        );
    }
    Ok(judge.faults)
}

/// Measures the attacks and compares them with the limits.
struct Judge {
    yardstick: Duration,
    table: Table,
    faults: Vec<String>,
}

impl Judge {
    fn new(yardstick: Duration) -> Self {
        let mut table = Table::new();
        table.load_style(ASCII_MARKDOWN);
        table.set_header(["to", "by", "attack", "time", "CPU", "yardsticks", "memory", "came to"]);
        Self { yardstick, table, faults: Vec::new() }
    }

    /// One attack. One without end may keep a processor busy for as long as it lasts. What exceeds a limit is measured again, with the yardstick: other work on the machine slows both down, but
    /// not always alike.
    async fn attack(
        &mut self,
        [to, by, attack]: [&str; 3],
        lasts: Duration,
        readings: u32,
        call: impl AsyncFn() -> String,
    ) -> Result<()> {
        let holds = |judge: &Self, cost: Cost| {
            let max_cpu = lasts + judge.yardstick.mul_f64(MAX_YARDSTICKS) * readings;
            cost.time <= MAX_TIME && cost.cpu <= max_cpu && cost.memory_mib <= MAX_MEMORY_MIB
        };
        let (mut outcome, mut cost) = measure(call()).await?;
        if !holds(self, cost) {
            self.yardstick = yardstick().await?;
            (outcome, cost) = measure(call()).await?;
            if !holds(self, cost) {
                self.faults
                    .push(format!("{to} by {by}, {attack}: {:.1} yardsticks, {cost:?}", self.ratio(cost)));
            }
        }
        let time = |time: Duration| format!("{:.2} s", time.as_secs_f64());
        let ratio = format!("{:.1}", self.ratio(cost));
        let memory = format!("{} MiB", cost.memory_mib);
        let names = [to, by, attack].map(str::to_owned);
        self.table.add_row(names.into_iter().chain([
            time(cost.time),
            time(cost.cpu),
            ratio,
            memory,
            outcome,
        ]));
        Ok(())
    }

    fn ratio(&self, cost: Cost) -> f64 {
        cost.cpu.as_secs_f64() / self.yardstick.as_secs_f64()
    }
}

fn describe(error: &Error) -> String {
    format!("{}, {}", error.kind(), error.delivery())
}
