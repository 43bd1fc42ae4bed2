//! The vendors: a sandbox in a process of its own, which counts what is paid for whom.

use std::collections::BTreeMap;
use std::io::{BufRead as _, Write as _};
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use kyc_core::{Clock as _, SystemClock, VirtualClock};
use kyc_sandbox::{Fault, Sandbox, bankly, cellere, certiface, clearsale};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

use super::pace::Paced;

const PATIENCE: Duration = Duration::from_secs(60);

/// How long a vendor takes to decide, on the clock of the proof.
const DECISION: Duration = Duration::from_secs(2);

/// How long a slow call takes, in real time.
const LATENCY: Duration = Duration::from_millis(100);

const HOUR: Duration = Duration::from_secs(60 * 60);

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    clock: Paced,
    /// Paid calls take their time, so that a program is often killed during one.
    #[arg(long)]
    slow: bool,
}

/// What tells the client where the sandbox is.
#[derive(Serialize, Deserialize)]
struct Ready {
    url: String,
    config: String,
}

/// The number of paid calls by vendor, operation and the digits of the CPF.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct Paid(BTreeMap<String, u32>);

impl Paid {
    fn key(vendor: &str, operation: &str, cpf: &str) -> String {
        format!("{vendor} {operation} {cpf}")
    }

    /// Returns the paid calls of a person at a vendor.
    pub(super) fn of(&self, vendor: &str, cpf: &str) -> u32 {
        let of_vendor = self.0.range(format!("{vendor} ")..format!("{vendor}!"));
        of_vendor.filter(|(key, _)| key.ends_with(cpf)).map(|(_, count)| count).sum()
    }

    /// Returns the paid calls by vendor and CPF.
    pub(super) fn by_person(&self) -> BTreeMap<(String, String), u32> {
        let mut found = BTreeMap::new();
        for (key, count) in &self.0 {
            let mut parts = key.split(' ').map(str::to_owned);
            let (vendor, cpf) = (parts.next().unwrap_or_default(), parts.next_back().unwrap_or_default());
            *found.entry((vendor, cpf)).or_default() += count;
        }
        found
    }
}

/// Prints where it is, and what is paid for each line that it reads. It serves until the standard input ends.
pub(crate) fn serve(args: &Args) -> Result<()> {
    let paid = Arc::new(Mutex::new(Paid::default()));
    let hook = {
        let paid = Arc::clone(&paid);
        move |vendor: &str, operation: &str, cpf: Option<&str>| {
            let key = Paid::key(vendor, operation, cpf.unwrap_or("nobody"));
            *paid.lock().unwrap_or_else(PoisonError::into_inner).0.entry(key).or_default() += 1;
        }
    };
    let clock = VirtualClock::running();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let builder = Sandbox::builder().clock(clock.clone()).decision_delay(DECISION).on_paid(hook);
    // On a machine that has much to do, five minutes of this clock are over soon.
    let builder = builder.certiface_appkey_life(HOUR).cellere_credits(1_000_000);
    let sandbox = Arc::new(runtime.block_on(builder.start())?);
    if args.slow {
        let sandbox = Arc::clone(&sandbox);
        runtime.spawn(async move { slow(&sandbox).await });
    }
    // Bankly's limit is in real time, and these clients' is not.
    sandbox.bankly().rate_limit(false);
    runtime.spawn(args.clock.keep(clock));
    let ready = Ready { url: sandbox.url(), config: sandbox.config_toml() };
    println!("{}", serde_json::to_string(&ready)?);
    for line in std::io::stdin().lock().lines() {
        line?;
        println!("{}", serde_json::to_string(&*paid.lock().unwrap_or_else(PoisonError::into_inner))?);
        std::io::stdout().flush()?;
    }
    Ok(())
}

/// Makes every paid call slow: by turns its effect comes first, or only if the client still waits.
async fn slow(sandbox: &Sandbox) {
    let (clearsale, cellere) = (sandbox.clearsale(), sandbox.cellere());
    let (bankly, certiface) = (sandbox.bankly(), sandbox.certiface());
    loop {
        delay(clearsale.waiting_faults(), [clearsale::Operation::Match], |fault| clearsale.fault(fault));
        delay(cellere.waiting_faults(), [cellere::Operation::Cpf], |fault| cellere.fault(fault));
        delay(bankly.waiting_faults(), [bankly::Operation::Upload], |fault| bankly.fault(fault));
        let paid = [certiface::Operation::Captcha, certiface::Operation::Document];
        delay(certiface.waiting_faults(), paid, |fault| certiface.fault(fault));
        SystemClock.sleep(Duration::from_millis(20)).await;
    }
}

/// Queues latencies if only a few are left.
fn delay<O: Copy, const N: usize>(waiting: u64, operations: [O; N], queue: impl Fn(Fault<O>) -> bool) {
    if waiting > 50 {
        return;
    }
    for operation in operations {
        for _ in 0..25 {
            queue(Fault::latency(LATENCY).on(operation));
            queue(Fault::latency(LATENCY).on(operation).after_effect());
        }
    }
}

/// A running sandbox. It ends when it is dropped.
pub(super) struct Site {
    _process: Child,
    stdin: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    client: reqwest::Client,
    url: String,
    /// The text of a `kyc.toml`.
    pub(super) config: String,
    pub(super) clock: Paced,
}

impl Site {
    pub(super) async fn start() -> Result<Self> {
        Self::start_with(&[]).await
    }

    /// Starts one whose paid calls take their time.
    pub(super) async fn start_slow() -> Result<Self> {
        Self::start_with(&["--slow"]).await
    }

    async fn start_with(arguments: &[&str]) -> Result<Self> {
        let clock = Paced::start();
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("serve-journeys").arg(clock.to_string()).args(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut process = command.spawn().context("cannot start the sandbox")?;
        let stdin = process.stdin.take().context("no input")?;
        let mut output = BufReader::new(process.stdout.take().context("no output")?).lines();
        let ready = timeout(PATIENCE, output.next_line()).await.context("the sandbox does not start")??;
        let Ready { url, config } = serde_json::from_str(&ready.context("the sandbox has ended")?)?;
        let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build()?;
        Ok(Self { _process: process, stdin, output, client, url, config, clock })
    }

    pub(super) async fn paid(&mut self) -> Result<Paid> {
        self.stdin.write_all(b"\n").await?;
        let line = timeout(PATIENCE, self.output.next_line()).await.context("the sandbox says nothing")??;
        Ok(serde_json::from_str(&line.context("the sandbox has ended")?)?)
    }

    /// Has the next request of an operation dropped before it has any effect.
    pub(super) async fn drop_next(&self, vendor: &str, operation: &str) -> Result<()> {
        let fault = json!({ "vendor": vendor, "operation": operation, "kind": "close" });
        let queued = self.client.post(self.control("faults")).json(&fault).send().await?;
        ensure!(queued.status().is_success(), "the fault is refused: {}", queued.text().await?);
        Ok(())
    }

    /// Returns the number of faults that were not taken, and removes them.
    pub(super) async fn clear_faults(&self) -> Result<usize> {
        let listed: serde_json::Value = self.client.get(self.control("faults")).send().await?.json().await?;
        self.client.delete(self.control("faults")).send().await?.error_for_status()?;
        Ok(listed["faults"].as_array().map_or(0, Vec::len))
    }

    /// Returns every key of a Certiface journey.
    pub(super) async fn appkeys(&self) -> Result<Vec<String>> {
        let listed: serde_json::Value =
            self.client.get(self.control("certiface/appkeys")).send().await?.json().await?;
        let keys = listed["appkeys"].as_array().into_iter().flatten();
        Ok(keys.filter_map(|key| Some(key.as_str()?.to_owned())).collect())
    }

    fn control(&self, path: &str) -> String {
        format!("{}/_sandbox/{path}", self.url)
    }
}
