//! `prove sandbox`: a sandbox that is used for a long time does not grow. Its memory is flat once every table is full, its
//! sockets and tasks are bounded, it says what it dropped, and it fails no request that it was not told to fail.
//!
//! The sandbox is a process of its own, with a hook for each request as the command has one.

mod child;
mod receivers;
mod traffic;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use anyhow::Result;
use comfy_table::{Table, presets::ASCII_MARKDOWN};
use serde_json::json;
use tokio::task::JoinSet;

use child::Running;
pub(crate) use child::serve;
use receivers::Receivers;
use traffic::Traffic;

/// Clients at the same time.
const CLIENTS: usize = 16;
/// The parts into which the traffic is divided, with a measurement after each.
const PARTS: usize = 10;
/// More than a table of a vendor's state keeps, with the tenth above that.
const FILL: usize = 11_001;
/// The requests of a round of all vendors.
const ROUND: usize = 23;
/// How much the memory may grow in the second half of the traffic, in percent: what the allocator keeps is never the same.
const MAX_GROWTH: f64 = 5.0;
/// The same in the short form, in which only one table is full: the others grow.
const MAX_SHORT_GROWTH: f64 = 50.0;
/// The sandbox's limit of connections, those of its events, and the files of the runtime.
const MAX_FILES: usize = 256 + 4 * 64 + 32;
/// Those of the events of one vendor, and as many that are closed but not seen so yet.
const MAX_WAITING: usize = 2 * 64;
/// Those of connections and decisions, and those of the vendor whose receiver is silent: one for each event that is kept,
/// and fewer than that for retries, which wait behind them.
const MAX_TASKS: u64 = 2 * 10_000 + 2_000;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Within half a minute: a tenth of the requests and uploads, and only one table is filled before.
    #[arg(long)]
    short: bool,
}

pub(crate) fn run(args: &Args) -> Result<Vec<String>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(proof(args.short))
}

async fn proof(short: bool) -> Result<Vec<String>> {
    let mut judge = Judge::start().await?;
    judge.measure("start").await?;
    if short {
        judge
            .part("logins", 0..FILL, |traffic, _| async move { drop(traffic.clearsale_login().await) })
            .await?;
    } else {
        judge.part("logins", 0..FILL, |traffic, _| async move { traffic.logins().await }).await?;
    }
    // The first tokens were dropped.
    judge.log_in_again().await?;
    if !short {
        judge.part("images, journeys, matches", 0..FILL, fill).await?;
    }
    let (requests, uploads) = if short { (10_000, 2_000) } else { (100_000, 20_000) };
    judge.load("requests", FILL, requests / ROUND, round).await?;
    judge.load("uploads", FILL + requests, uploads, upload).await?;
    judge.conclude(short).await
}

/// One entry of each table but those of logins.
async fn fill(traffic: Arc<Traffic>, number: usize) {
    traffic.bankly_image(number).await;
    traffic.certiface_journey(number).await;
    traffic.clearsale_match(number).await;
}

async fn round(traffic: Arc<Traffic>, number: usize) {
    fill(Arc::clone(&traffic), number).await;
    traffic.logins().await;
    traffic.cellere(number).await;
    traffic.refusals(number).await;
    traffic.control().await;
}

/// An image of a person, and for every fourth one a journey and a match too.
async fn upload(traffic: Arc<Traffic>, number: usize) {
    if number.is_multiple_of(4) {
        fill(traffic, number).await;
    } else {
        traffic.bankly_image(number).await;
    }
}

/// Measures the sandbox and compares it with the limits.
struct Judge {
    sandbox: Running,
    receivers: Receivers,
    traffic: Arc<Traffic>,
    /// What is left of earlier clients.
    sent: usize,
    table: Table,
    /// The memory after each part of the load, in KiB.
    memory: Vec<u64>,
    /// What was answered otherwise than it must be, and how often.
    wrong: BTreeMap<String, usize>,
    faults: Vec<String>,
}

impl Judge {
    async fn start() -> Result<Self> {
        let sandbox = Running::start().await?;
        let receivers = Receivers::start().await?;
        let traffic = Traffic::start(&sandbox.url).await?;
        let root = json!({ "root": receivers.accepting });
        traffic.ask(200, traffic.post("/_sandbox/webhooks").json(&root)).await;
        let mut table = Table::new();
        table.load_style(ASCII_MARKDOWN);
        table.set_header(["after", "requests", "memory", "open files", "tasks", "deliveries kept"]);
        let (memory, wrong, faults) = (Vec::new(), BTreeMap::new(), Vec::new());
        Ok(Self { sandbox, receivers, traffic: Arc::new(traffic), sent: 0, table, memory, wrong, faults })
    }

    async fn log_in_again(&mut self) -> Result<()> {
        self.collect();
        self.traffic = Arc::new(Traffic::start(&self.sandbox.url).await?);
        Ok(())
    }

    /// Takes what the clients have noted.
    fn collect(&mut self) {
        self.sent += self.traffic.sent.swap(0, Ordering::Relaxed);
        for (what, times) in self.traffic.take_wrong() {
            *self.wrong.entry(what).or_default() += times;
        }
    }

    /// Does something for each number, many at a time, and measures.
    async fn part<F>(
        &mut self,
        name: &str,
        numbers: std::ops::Range<usize>,
        work: impl Fn(Arc<Traffic>, usize) -> F,
    ) -> Result<()>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let mut running = JoinSet::new();
        for number in numbers {
            if running.len() == CLIENTS
                && let Some(ended) = running.join_next().await
            {
                ended?;
            }
            running.spawn(work(Arc::clone(&self.traffic), number));
        }
        while let Some(ended) = running.join_next().await {
            ended?;
        }
        self.measure(name).await
    }

    /// The same in parts. In every other part nobody answers the events of ClearSale.
    async fn load<F>(
        &mut self,
        name: &str,
        first: usize,
        count: usize,
        work: impl Fn(Arc<Traffic>, usize) -> F,
    ) -> Result<()>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        for part in 0..PARTS {
            let is_silent = part % 2 == 1;
            let receiver = if is_silent { &self.receivers.silent } else { &self.receivers.accepting };
            self.traffic.send_clearsale_events_to(receiver).await;
            let numbers = first + count * part / PARTS..first + count * (part + 1) / PARTS;
            let share = 100 * (part + 1) / PARTS;
            let silence = if is_silent { ", a receiver is silent" } else { "" };
            self.part(&format!("{share} % of the {name}{silence}"), numbers, &work).await?;
            self.memory.push(self.sandbox.memory_kib()?);
        }
        Ok(())
    }

    async fn measure(&mut self, name: &str) -> Result<()> {
        // First, because the answer about all deliveries is as large as they are.
        let (files, tasks) = (self.sandbox.open_files()?, self.sandbox.tasks().await?);
        let deliveries = self.traffic.deliveries().await;
        self.collect();
        let memory = format!("{:.1} MiB", self.sandbox.memory_kib()? as f64 / 1024.0);
        self.table.add_row([
            name.to_owned(),
            self.sent.to_string(),
            memory,
            files.to_string(),
            tasks.to_string(),
            deliveries.to_string(),
        ]);
        self.check(files <= MAX_FILES, format!("{name}: {files} open files"));
        self.check(tasks <= MAX_TASKS, format!("{name}: {tasks} tasks"));
        self.check(deliveries <= 4 * 10_000, format!("{name}: {deliveries} deliveries"));
        Ok(())
    }

    fn check(&mut self, holds: bool, fault: String) {
        if !holds {
            self.faults.push(fault);
        }
    }

    async fn conclude(mut self, short: bool) -> Result<Vec<String>> {
        let summary = self.traffic.summary().await;
        // Cellere keeps nothing of a request.
        let vendors: &[&str] = if short { &["clearsale"] } else { &["bankly", "certiface", "clearsale"] };
        let dropped = vendors
            .iter()
            .map(|vendor| (vendor, summary["vendors"][vendor]["dropped"].as_u64().unwrap_or(0)));
        println!("{}\n", self.table);
        for (vendor, dropped) in dropped {
            println!("{vendor} says that it dropped {dropped} entries");
            self.check(dropped > 0, format!("{vendor} does not say what it dropped"));
        }
        let waiting = self.receivers.most_waiting();
        println!("the silent receiver had {waiting} connections at most");
        self.check(
            (1..=MAX_WAITING).contains(&waiting),
            format!("{waiting} connections to the silent receiver"),
        );
        let limit = if short { MAX_SHORT_GROWTH } else { MAX_GROWTH };
        for (name, memory) in ["requests", "uploads"].into_iter().zip(self.memory.clone().chunks(PARTS)) {
            let (half, most) =
                (memory[PARTS / 2 - 1], memory[PARTS / 2..].iter().max().copied().unwrap_or(0));
            let growth = 100.0 * (most as f64 / half as f64 - 1.0);
            println!("the second half of the {name}: {growth:+.1} % of memory at most");
            self.check(growth <= limit, format!("{name}: the memory grew by {growth:.1} %"));
        }
        if self.faults.is_empty() {
            println!(
                "verdict: held; the memory grew by at most {limit} %, and every response was as it must be"
            );
        }
        Ok(self.faults)
    }
}
