//! Receives the webhooks of three vendors from a sandbox: each is stored, handled, and wakes the client that waits for the same
//! operation.
//!
//! `cargo run -p kyc-webhook --example receiver`

#![allow(clippy::print_stdout)]

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use kyc_br::config::{Clients, ConfigLoader};
use kyc_br::kyc_core::{Clock as _, Cpf, Date, Media, OperationId, Poller, SystemClock, Wake};
use kyc_br::{bankly_kyc as bankly, certiface, clearsale_facematch as clearsale};
use kyc_sandbox::{Sandbox, samples};
use kyc_webhook::{
    Arrivals, DispatchOptions, Dispatcher as _, Handled, Handlers, Inbox, InboxKey, KeyRing, Receiver,
    Server, SqliteInbox, StoredEvent, router,
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

type Failure = Box<dyn std::error::Error>;

const ROUNDS: usize = 5;
const TIMEOUT: Duration = Duration::from_secs(30);
/// So long that only an event ends a wait.
const INTERVAL: Duration = Duration::from_secs(60 * 60);

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let sandbox = Sandbox::builder().start().await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);

    // The sandbox registers the receiver, and says which secrets it sends.
    let webhooks: Vec<_> = sandbox.send_webhooks_to(&url)?.iter().map(|table| table.to_toml()).collect();
    let config = folder.path().join("kyc.toml");
    std::fs::write(&config, format!("{}\n{}", sandbox.config_toml(), webhooks.join("\n")))?;
    let config = ConfigLoader::new().file(config);

    // The receiver: what is stored is acknowledged, and nothing else.
    let keys = KeyRing::new(InboxKey::generate()?);
    let inbox = SqliteInbox::builder(folder.path().join("inbox.sqlite")).keys(keys).open()?;
    let receiver = Receiver::builder(Arc::new(inbox.clone())).sources(config.webhook_sources()?);
    let receiver = receiver.public_url(&url)?.build()?;
    for (name, url) in receiver.urls() {
        println!("{name:<21} {url}");
    }
    let stop = CancellationToken::new();
    let server = tokio::spawn(Server::new(listener).serve(router(receiver), stop.clone()));

    // The worker: every stored event is handled at least once.
    let handlers = Handlers::new().otherwise(async |event: StoredEvent| {
        let StoredEvent { info, .. } = &event;
        println!(
            "handled   {:<21} {:<23} {:?}, final: {}",
            info.source, info.event_type, info.trust, info.is_final
        );
        Handled::Done
    });
    let worker = tokio::spawn({
        let (inbox, stop) = (inbox.clone(), stop.clone());
        async move { inbox.dispatch(Arc::new(handlers), DispatchOptions::default(), stop).await }
    });

    let waits = Waits { clients: config.clients()?, inbox: Arc::new(inbox), latencies: Mutex::default() };
    for _ in 0..ROUNDS {
        tokio::try_join!(waits.clearsale(), waits.bankly(), waits.certiface())?;
    }
    // What the sandbox still sends is handled, too.
    tokio::time::sleep(Duration::from_millis(200)).await;
    stop.cancel();
    server.await?;
    worker.await??;
    let stats = waits.inbox.stats().await?;
    println!(
        "\n{} events were handled, {} are dead, {} are open",
        stats.done,
        stats.dead,
        stats.new + stats.retrying
    );
    waits.report()
}

struct Waits {
    clients: Clients,
    inbox: Arc<dyn Inbox>,
    latencies: Mutex<Vec<Duration>>,
}

impl Waits {
    async fn clearsale(&self) -> Result<(), Failure> {
        let client = self.clients.clearsale().ok_or("ClearSale is not configured")?;
        let request =
            clearsale::MatchRequest::new(Media::new(samples::A_2014)?, Media::new(samples::A_2025)?);
        let id = client.match2d_2d(&request).await?.value().operation_id();
        let read = |event: &StoredEvent, id: &OperationId| {
            clearsale::Notification::try_from(&event.payload()).ok()?.wake(id)
        };
        let transaction = self.woken(client.wait(&id, TIMEOUT)?, &id, read).await?;
        println!("woken     ClearSale: {:?}", transaction.outcome());
        Ok(())
    }

    async fn bankly(&self) -> Result<(), Failure> {
        let client = self.clients.bankly().ok_or("Bankly is not configured")?;
        let cpf = Cpf::parse("529.982.247-25")?;
        let mut onboarding = client.onboarding(cpf.clone());
        onboarding.upload(&bankly::Upload::selfie(Media::new(samples::A_2025)?)).await?;
        let place = bankly::Place::Selfie;
        let id = onboarding.token(place).ok_or("there is no selfie")?.operation_id(&cpf);
        let read =
            |event: &StoredEvent, id: &OperationId| bankly::Event::try_from(&event.payload()).ok()?.wake(id);
        let analysis = self.woken(onboarding.wait(place, TIMEOUT)?, &id, read).await?;
        println!("woken     Bankly: {:?}", analysis.verdict());
        Ok(())
    }

    async fn certiface(&self) -> Result<(), Failure> {
        let client = self.clients.certiface().ok_or("Certiface is not configured")?;
        let person = certiface::Person::new(
            Cpf::parse("529.982.247-25")?,
            "Maria da Silva",
            Date::parse("15/11/2001")?,
        );
        let mut journey = client.journey(&person).await?;
        let id = journey.appkey().operation_id();
        // Nothing authenticates the end of a journey: only hints about expected operations are handled.
        self.inbox.expect(&id, SystemClock.now().saturating_add(TIMEOUT)).await?;
        journey.process_request("round one", "browser").await?;
        journey.process_request("round two", "browser").await?;
        journey.document(&[Media::new(samples::A_2025)?]).await?;
        let read = |event: &StoredEvent, id: &OperationId| {
            certiface::Completion::try_from(&event.payload()).ok()?.wake(id)
        };
        let result = self.woken(client.wait(&id, TIMEOUT)?, &id, read).await?;
        println!("woken     Certiface: {:?}, alive: {:?}", result.status, result.liveness());
        Ok(())
    }

    /// Waits for a result that an event brings or announces, and notes how long after its arrival the event woke the wait.
    async fn woken<'a, T: Send + 'a>(
        &'a self,
        poller: Poller<'a, T>,
        id: &'a OperationId,
        read: fn(&StoredEvent, &OperationId) -> Option<Wake<T>>,
    ) -> Result<T, Failure> {
        let arrivals = Arrivals::new(Arc::clone(&self.inbox), id.clone());
        let wakes = arrivals.wakes(move |event| {
            let wake = read(event, id)?;
            let latency = SystemClock.now().since(event.info.received_at);
            self.latencies.lock().unwrap_or_else(PoisonError::into_inner).push(latency);
            Some(wake)
        });
        Ok(poller.every(INTERVAL).wake_on_each(wakes).await?)
    }

    fn report(&self) -> Result<(), Failure> {
        let mut latencies = self.latencies.lock().unwrap_or_else(PoisonError::into_inner).clone();
        latencies.sort_unstable();
        let median = latencies.get(latencies.len() / 2).ok_or("no event woke a wait")?;
        println!(
            "{} waits were woken, half of them within {} ms of the event's arrival",
            latencies.len(),
            median.as_millis()
        );
        Ok(())
    }
}
