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
use attacks::{ATTACKS, Attack};
pub(crate) use server::serve;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only over HTTP/1 without TLS: for a run within a minute or two.
    #[arg(long)]
    short: bool,
}

/// How long an attempt may take. A call has one attempt here.
const ATTEMPT: Duration = Duration::from_secs(2);

/// The maximum cost of one attack. The CPU time is about twice the attempt; a build without optimisation decodes slowly. The
/// memory covers a body of 32 MiB, its unpacked text and its value. The time only shows that nothing hangs, since other work
/// on the machine counts in it.
const MAX_CPU: Duration = Duration::from_secs(if cfg!(debug_assertions) { 12 } else { 4 });
const MAX_TIME: Duration = Duration::from_secs(30);
const MAX_MEMORY_MIB: u64 = 256;

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
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(proof(args))
}

async fn proof(args: &Args) -> Result<Vec<String>> {
    let server = server::Running::start().await?;
    let ways: &[Way] = if args.short { &[Way::Http1] } else { &[Way::Http1, Way::Tls1, Way::Tls2] };
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN);
    table.set_header(["to", "by", "attack", "time", "CPU", "memory", "came to"]);
    let mut faults = Vec::new();
    for &way in ways {
        for victim in victims::ALL {
            for attack in ATTACKS.iter().filter(|attack| way == Way::Http1 || !attack.is_raw) {
                let call = (victim.call)(server.base(way, attack), server.options(way)?);
                let (outcome, cost) = measure(call).await?;
                let what = outcome.as_ref().map_or_else(describe, |()| "a value".to_owned());
                check(&mut faults, &format!("{} by {}, {}", victim.name, way.name(), attack.name), cost);
                table.add_row(row(victim.name, way.name(), attack, cost, what));
            }
        }
    }
    for receiver in receivers::all()? {
        for attack in ATTACKS {
            let Some(make) = attack.body else { continue };
            let body = make();
            let (outcome, cost) = measure(async { (receiver.receive)(body) }).await?;
            check(&mut faults, &format!("{}, {}", receiver.name, attack.name), cost);
            table.add_row(row(receiver.name, "webhook", attack, cost, outcome));
        }
    }
    println!("{table}\n");
    if faults.is_empty() {
        println!(
            "verdict: held; no attack took more than {MAX_TIME:?}, {MAX_CPU:?} of CPU or {MAX_MEMORY_MIB} MiB"
        );
    }
    Ok(faults)
}

fn check(faults: &mut Vec<String>, what: &str, cost: Cost) {
    if cost.time > MAX_TIME || cost.cpu > MAX_CPU || cost.memory_mib > MAX_MEMORY_MIB {
        faults.push(format!("{what}: {cost:?}"));
    }
}

fn describe(error: &Error) -> String {
    format!("{}, {}", error.kind(), error.delivery())
}

fn row(to: &str, by: &str, attack: &Attack, cost: Cost, what: String) -> [String; 7] {
    [
        to.to_owned(),
        by.to_owned(),
        attack.name.to_owned(),
        format!("{:.2} s", cost.time.as_secs_f64()),
        format!("{:.2} s", cost.cpu.as_secs_f64()),
        format!("{} MiB", cost.memory_mib),
        what,
    ]
}
