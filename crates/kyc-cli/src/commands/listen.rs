//! `kyc listen`: receives the vendors' webhooks, stores them, and passes them on.

mod events;
mod forwarding;
mod introduction;
mod printer;
mod settings;
mod simulation;

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use kyc_core::{Secret, WebhookSource};
use kyc_webhook::{Dispatcher as _, Handler, Inbox, InboxError, Receiver, Server, SqliteInbox, router};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use self::forwarding::Forwarding;
use self::introduction::Introduction;
use self::printer::{Printer, Style};
use self::settings::Settings;
use self::simulation::Simulation;
use crate::config::Source;
use crate::failure::Failure;
use crate::forward::Forwarder;
use crate::messages::text;
use crate::outcome::Outcome;
use crate::store::{self, Place, Store};
use crate::{interrupt, output};

/// How long to wait for another process that dispatches the same inbox to show itself.
const ROLE_TIME: Duration = Duration::from_millis(200);
/// The pause after the inbox failed while its events were forwarded.
const PAUSE: Duration = Duration::from_secs(1);

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[arg(long = "source", value_name = "NAME", help = text().listen_help.source)]
    sources: Vec<String>,
    #[command(flatten)]
    store: Store,
    #[arg(long, value_name = "URL", help = text().listen_help.forward_to)]
    forward_to: Option<Secret<String>>,
    #[arg(long, help = text().listen_help.allow_plain_http)]
    allow_plain_http: bool,
    #[arg(long, value_name = "URL", help = text().listen_help.public_url)]
    public_url: Option<String>,
    #[arg(long, value_name = "IP:PORT", help = text().listen_help.address)]
    address: Option<SocketAddr>,
    #[arg(long = "trusted-proxy", value_name = "NET", help = text().listen_help.trusted_proxy)]
    trusted_proxies: Vec<String>,
    #[command(flatten)]
    source: Source,
    #[arg(long, value_name = "N", default_value_t = 8750, help = text().listen_help.sandbox_port)]
    sandbox_port: u16,
    #[arg(long, help = text().listen_help.json)]
    pub(crate) json: bool,
}

pub(crate) async fn run(args: Args) -> Result<Outcome, Failure> {
    let settings = Settings::read(&args)?;
    let forwarder = settings.forwarder()?;
    let configured = if args.source.wants_sandbox() { None } else { Some(settings.configured()?) };
    let address = settings.address()?;
    let listener =
        TcpListener::bind(address).await.map_err(|error| settings::cannot_listen(address, &error))?;
    let address = listener.local_addr()?;
    let root = settings.public_url().unwrap_or_else(|| format!("http://{address}"));
    let (sources, place, simulation) = match configured {
        Some(sources) => (sources, args.store.place(args.source.files())?, None),
        None => {
            let (simulation, sources) = Simulation::start(args.sandbox_port, &root).await?;
            (sources, simulation.place(&args)?, Some(simulation))
        }
    };
    let sources = settings.chosen(sources)?;
    let inbox = place.open()?;
    let is_simulated = simulation.is_some();
    let printer = Printer::new(Style::of(&sources, args.json, is_simulated));
    let receiver = receiver(&settings, &root, &inbox, sources, &printer, is_simulated)?;
    // Before the ready line, because a program that waits for it may stop this one immediately afterwards.
    let interrupted = interrupt::listen()?;
    let introduction = Introduction {
        address,
        urls: receiver.urls(),
        store: &place,
        is_temporary: is_simulated && !args.store.is_named(),
        forward_to: forwarder.as_ref().map(Forwarder::shown),
        has_public_url: settings.public_url().is_some(),
        sandbox: simulation.as_ref().map(Simulation::url),
    };
    let listening = Listening { inbox: &inbox, forwarder, printer };
    let ended = listening.until(interrupted, listener, receiver, || introduction.print(args.json)).await;
    if let Some(simulation) = simulation {
        simulation.stop().await;
    }
    ended
}

fn receiver(
    settings: &Settings<'_>,
    root: &str,
    inbox: &SqliteInbox,
    sources: Vec<Arc<dyn WebhookSource>>,
    printer: &Printer,
    is_simulated: bool,
) -> Result<Receiver, Failure> {
    let inbox = Arc::new(inbox.clone());
    let inbox: Arc<dyn Inbox> = if is_simulated { Arc::new(simulation::Ours(inbox)) } else { inbox };
    let builder = settings.builder(Receiver::builder(inbox), root)?;
    let lines = printer.sender();
    let builder = builder.on_receipt(move |receipt| lines.received(receipt));
    builder.sources(sources).build().map_err(|rule| Failure::setup(|_| rule.to_string()))
}

/// What works until the program is stopped.
struct Listening<'a> {
    inbox: &'a SqliteInbox,
    forwarder: Option<Forwarder>,
    printer: Printer,
}

impl Listening<'_> {
    /// Receives and forwards until a signal comes, then completes what is at work. A second signal ends that, too.
    async fn until(
        mut self,
        interrupted: impl Future<Output = Outcome>,
        listener: TcpListener,
        receiver: Receiver,
        ready: impl FnOnce(),
    ) -> Result<Outcome, Failure> {
        let stop = CancellationToken::new();
        let server = Server::new(listener).serve(router(receiver), stop.clone());
        let handler =
            self.forwarder.take().map(|forwarder| Forwarding::new(forwarder, self.printer.sender()));
        let dispatching = dispatch(self.inbox, handler.map(Arc::new), &stop);
        let mut work = pin!(async { tokio::join!(server, dispatching).1 });
        let mut interrupted = pin!(interrupted);
        // Whoever has the dispatcher's role already makes this end at once.
        tokio::select! {
            ended = &mut work => return ended.map(|()| Outcome::Other),
            () = tokio::time::sleep(ROLE_TIME) => {}
        }
        ready();
        self.printer.start()?;
        let signal = tokio::select! {
            ended = &mut work => return ended.map(|()| Outcome::Other),
            signal = &mut interrupted => signal,
        };
        stop.cancel();
        let again = interrupt::listen()?;
        tokio::select! {
            ended = work => ended?,
            _ = again => {}
        }
        self.printer.stop(signal, self.inbox.stats().await.ok());
        Ok(signal)
    }
}

/// Forwards due events until it is told to stop. A fault of the disk does not end it.
async fn dispatch(
    inbox: &SqliteInbox,
    handler: Option<Arc<Forwarding>>,
    stop: &CancellationToken,
) -> Result<(), Failure> {
    let Some(handler) = handler else {
        stop.cancelled().await;
        return Ok(());
    };
    let options = forwarding::options();
    loop {
        let handler: Arc<dyn Handler> = handler.clone();
        match inbox.dispatch(handler, options.clone(), stop.clone()).await {
            Ok(()) => return Ok(()),
            Err(error @ InboxError::AlreadyDispatched) => {
                stop.cancel();
                return Err(store::failed(error));
            }
            Err(error) => output::note(&(text().listen.not_forwarding)(store::said(&error).shown())),
        }
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
}

impl Simulation {
    fn place(&self, args: &Args) -> Result<Place, Failure> {
        if args.store.is_named() {
            return args.store.place(args.source.files());
        }
        Ok(Place::plain_text(self.folder().join("inbox.sqlite")))
    }
}
