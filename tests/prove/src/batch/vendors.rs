//! The vendors: a sandbox that counts for whom each call was paid, and fails now and then.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Result;
use kyc_sandbox::{Fault, Sandbox};
use tokio::task::JoinHandle;
use tokio::time::interval;

/// Who was paid for: the vendor, the operation and the CPF.
type Paid = BTreeMap<(String, String, String), u64>;

#[derive(Default)]
struct Counted {
    paid: Mutex<Paid>,
    requests: AtomicU64,
    refused: AtomicU64,
    faults: AtomicU64,
}

/// How many calls were paid.
pub(super) struct Total {
    pub(super) total: u64,
    /// Those that were paid before for the same person.
    pub(super) twice: u64,
}

pub(super) struct Vendors {
    sandbox: Arc<Sandbox>,
    counted: Arc<Counted>,
    failing: JoinHandle<()>,
}

impl Vendors {
    /// Starts the vendors, of whose requests that many of a hundred meet a fault.
    pub(super) async fn start(percent: u64) -> Result<Self> {
        let counted = Arc::new(Counted::default());
        let (paid, asked) = (Arc::clone(&counted), Arc::clone(&counted));
        let sandbox = Sandbox::builder()
            .decision_delay(Duration::ZERO)
            .bankly_analysis_delay(Duration::from_secs(1))
            .cellere_credits(1_000_000)
            .on_paid(move |vendor, operation, cpf| {
                let whom = (vendor.to_owned(), operation.to_owned(), cpf.unwrap_or_default().to_owned());
                *paid.paid.lock().unwrap_or_else(PoisonError::into_inner).entry(whom).or_default() += 1;
            })
            .on_request(move |record| {
                asked.requests.fetch_add(1, Ordering::Relaxed);
                asked.faults.fetch_add(u64::from(record.faulty), Ordering::Relaxed);
                asked
                    .refused
                    .fetch_add(u64::from(record.status == Some(429) && !record.faulty), Ordering::Relaxed);
            });
        let sandbox = Arc::new(sandbox.start().await?);
        let failing = tokio::spawn(fail(Arc::clone(&sandbox), Arc::clone(&counted), percent));
        Ok(Self { sandbox, counted, failing })
    }

    pub(super) fn variables(&self) -> Vec<(String, String)> {
        let mut variables = self.sandbox.env_vars();
        // By default a decision is asked for every five minutes, as the vendor suggests: that would hide the limit.
        variables.push(("KYC_BANKLY_POLL_INTERVAL_SECONDS".to_owned(), "1".to_owned()));
        variables
    }

    pub(super) fn paid(&self) -> Total {
        let paid = self.counted.paid.lock().unwrap_or_else(PoisonError::into_inner);
        let total = paid.values().sum();
        Total { total, twice: total - paid.len() as u64 }
    }

    pub(super) fn requests(&self) -> u64 {
        self.counted.requests.load(Ordering::Relaxed)
    }

    pub(super) fn faults(&self) -> u64 {
        self.counted.faults.load(Ordering::Relaxed)
    }

    /// Returns how many requests were refused because there were too many.
    pub(super) fn refused(&self) -> u64 {
        self.counted.refused.load(Ordering::Relaxed)
    }

    pub(super) fn fullest_window(&self) -> usize {
        self.sandbox.bankly().fullest_window()
    }
}

impl Drop for Vendors {
    fn drop(&mut self) {
        self.failing.abort();
    }
}

/// Queues faults for the next requests as fast as requests are made, half of them for each of the two vendors.
async fn fail(sandbox: Arc<Sandbox>, counted: Arc<Counted>, percent: u64) {
    let (mut queued, mut ticks) = (0, interval(Duration::from_millis(2)));
    loop {
        ticks.tick().await;
        while queued < counted.requests.load(Ordering::Relaxed) * percent / 100 {
            if queued % 2 == 0 {
                sandbox.cellere().fault(fault(queued / 2));
            } else {
                sandbox.clearsale().fault(fault(queued / 2));
            }
            queued += 1;
        }
    }
}

/// Refused, not answered though paid for, answered with nonsense, slow: one after the other.
fn fault<O>(number: u64) -> Fault<O> {
    match number % 9 {
        0 => Fault::status(503),
        1 => Fault::close(),
        2 => Fault::status(429).retry_after(1),
        3 => Fault::close().after_effect(),
        4 => Fault::latency(Duration::from_millis(300)),
        5 => Fault::html(502),
        6 => Fault::cut_body().after_effect(),
        7 => Fault::status(500),
        _ => Fault::truncated_json().after_effect(),
    }
}
