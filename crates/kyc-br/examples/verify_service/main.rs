//! A service that verifies people: it takes applicants over HTTP, runs their cases durably, receives the vendors' webhooks, and
//! tells the customer's own system by signed webhooks.
//!
//! With a sandbox of its own, which it says how to use:
//! `cargo run -p kyc-br --all-features --example verify_service -- --sandbox`
//!
//! With vendors: the variables of `settings.rs`, and the vendors' tables in `kyc.toml`. It speaks no TLS: put a proxy before it.
//!
//! Everything that is promised is on the disk before it is answered. When the process ends, however it ends, the next one goes on:
//! it resumes open cases, handles webhooks that are stored, and tells what is not acknowledged yet. Nothing is paid twice, since
//! that follows from the ledger of each case.

#![allow(clippy::print_stdout, clippy::print_stderr)]

mod api;
mod applicant;
mod cases;
mod customer;
mod settings;
mod vendors;

use std::error::Error;
use std::sync::Arc;

use kyc_br::kyc_verify::{SqliteStore, Verification};
use kyc_br::kyc_webhook::{DispatchOptions, Dispatcher as _, KeyRing, Receiver, Server, SqliteInbox, router};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use cases::Cases;
use customer::Customer;
use settings::Settings;

pub(crate) type Failure = Box<dyn Error + Send + Sync>;

#[tokio::main]
pub(crate) async fn main() -> Result<(), Failure> {
    let stop = CancellationToken::new();
    let stopping = stop.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            stopping.cancel();
        }
    });
    if std::env::args().any(|argument| argument == "--sandbox") {
        let (_sandbox, _folder, settings) = settings::of_sandbox().await?;
        return run(settings, stop).await;
    }
    run(Settings::from_env()?, stop).await
}

/// Serves until it is told to stop, or until something fails that cannot be repaired here.
async fn run(settings: Settings, stop: CancellationToken) -> Result<(), Failure> {
    let keys = || KeyRing::new(settings.key.clone());
    let open = |name: &str| SqliteInbox::builder(settings.folder.join(name)).keys(keys()).open();
    let store = SqliteStore::builder(settings.folder.join("cases.sqlite")).keys(keys()).open()?;
    let inbox = open("inbox.sqlite")?;
    let verification = Verification::builder(store.clone(), settings.environment)
        .vendors(settings.vendors.clients()?.verifiers())
        .policy(settings.policy.clone())
        .build();
    let outbox = open("outbox.sqlite")?;
    let customer = Arc::new(Customer::new(outbox.clone(), settings.customer.as_ref())?);
    let cases = Cases::new(verification, store, inbox.clone(), Arc::clone(&customer), stop.clone());

    let sources = settings.vendors.webhook_sources()?;
    let mut app = api::router(Arc::clone(&cases), settings.token.clone());
    if !sources.is_empty() {
        let receiver = Receiver::builder(Arc::new(inbox.clone())).sources(sources.iter().cloned());
        app = app.merge(router(receiver.public_url(&settings.public_url)?.build()?));
    }
    let listener = TcpListener::bind(settings.listen).await?;
    println!("serves http://{}", listener.local_addr()?);

    let mut parts: JoinSet<Result<(), Failure>> = JoinSet::new();
    let (served, handled, told, resumed) = (stop.clone(), stop.clone(), stop.clone(), Arc::clone(&cases));
    parts.spawn(async move {
        Server::new(listener).serve(app, served).await;
        Ok(())
    });
    parts.spawn(async move {
        let handler = Arc::new(vendors::Events { cases, sources });
        Ok(inbox.dispatch(handler, DispatchOptions::default(), handled).await?)
    });
    parts.spawn(async move { Ok(outbox.dispatch(customer, customer::options(), told).await?) });
    parts.spawn(async move { resumed.resume_all().await });
    let mut outcome = Ok(());
    while let Some(ended) = parts.join_next().await {
        if let Err(error) = ended? {
            stop.cancel();
            outcome = outcome.and(Err(error));
        }
    }
    outcome
}
