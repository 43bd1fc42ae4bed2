//! The receiver, in a process of its own that may be killed.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use bankly_kyc::Webhook as Bankly;
use certiface::{CompletionWebhook, StatusWebhook};
use clearsale_facematch::Webhook as ClearSale;
use kyc_core::RedactedText;
use kyc_webhook::{
    DispatchOptions, Dispatcher as _, Handled, InboxKey, KeyRing, Receiver, Server, SqliteInbox, StoredEvent,
    router,
};
use tokio::net::TcpListener;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::requests::{BANKLY_PRIVATE_KEY, BEARER, CERTIFACE_PEER, PUBLIC_URL};

/// The name of the inbox's file. The order of synchronisations is read by it.
pub(super) const FILE: &str = "inbox.db";
/// An event whose reference begins so ends the process that handles it.
pub(super) const POISON: &str = "poison";
const KEY: &str = "mZ0eVT1d0FQ2tAgoI1bFYzv0dxMWj4T6o1wM3cWGf1Y=";

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// The folder of the inbox.
    pub(super) folder: PathBuf,
    /// Appends the reference of each event to this file when it is handled. Without it, nothing is dispatched.
    #[arg(long)]
    pub(super) handled: Option<PathBuf>,
    #[arg(long, default_value_t = 10_000)]
    pub(super) max_unexpected: u32,
    #[arg(long, default_value_t = 12)]
    pub(super) max_attempts: u32,
    /// How many milliseconds a handler takes.
    #[arg(long, default_value_t = 0)]
    pub(super) work: u64,
}

impl Args {
    /// The defaults, without a dispatcher.
    pub(super) fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), handled: None, max_unexpected: 10_000, max_attempts: 12, work: 0 }
    }

    /// Returns the arguments as they are parsed again.
    pub(super) fn to_arguments(&self) -> Vec<String> {
        let mut arguments = vec![
            self.folder.display().to_string(),
            format!("--max-unexpected={}", self.max_unexpected),
            format!("--max-attempts={}", self.max_attempts),
            format!("--work={}", self.work),
        ];
        arguments.extend(self.handled.as_ref().map(|path| format!("--handled={}", path.display())));
        arguments
    }
}

/// Opens the inbox of a folder.
pub(super) fn open(folder: &Path, max_unexpected: u32) -> Result<SqliteInbox> {
    let keys = KeyRing::new(InboxKey::parse(KEY)?);
    let inbox = SqliteInbox::builder(folder.join(FILE)).keys(keys).max_unexpected(max_unexpected);
    Ok(inbox.open()?)
}

/// Prints its port and serves until the standard input ends, so that it never outlives its parent process.
pub(crate) fn serve(args: &Args) -> Result<()> {
    let stop = CancellationToken::new();
    let stopper = stop.clone();
    std::thread::spawn(move || {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        stopper.cancel();
    });
    let inbox = open(&args.folder, args.max_unexpected)?;
    let receiver = Receiver::builder(Arc::new(inbox.clone()))
        .source(Arc::new(ClearSale::new(BEARER.to_owned())?))
        .source(Arc::new(Bankly::new(BANKLY_PRIVATE_KEY.to_owned())?))
        .source(Arc::new(CompletionWebhook::new()))
        .source(Arc::new(StatusWebhook::new([CERTIFACE_PEER])?))
        .public_url(PUBLIC_URL)?
        .build()?;
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        println!("{}", listener.local_addr()?.port());
        std::io::stdout().flush()?;
        let server = Server::new(listener).serve(router(receiver), stop.clone());
        match &args.handled {
            None => server.await,
            Some(handled) => {
                let dispatched = dispatch(&inbox, args, handled, stop.clone());
                tokio::join!(server, dispatched).1?;
            }
        }
        Ok(())
    })
}

async fn dispatch(inbox: &SqliteInbox, args: &Args, handled: &Path, stop: CancellationToken) -> Result<()> {
    let file = OpenOptions::new().create(true).append(true).open(handled);
    let file = Arc::new(file.context("cannot open the list of handled events")?);
    let work = Duration::from_millis(args.work);
    let handler = move |event: StoredEvent| {
        let file = Arc::clone(&file);
        async move { handle(&event, &file, work).await }
    };
    let mut options = DispatchOptions::default();
    options.max_attempts = args.max_attempts;
    let handler = Arc::new(handler);
    // As a supervisor would: on a read-only disk the dispatcher cannot begin.
    while inbox.dispatch(handler.clone(), options.clone(), stop.clone()).await.is_err()
        && !stop.is_cancelled()
    {
        sleep(Duration::from_millis(200)).await;
    }
    Ok(())
}

async fn handle(event: &StoredEvent, mut file: &File, work: Duration) -> Handled {
    let Some(reference) = reference(event) else { return Handled::dead("it has no reference") };
    if reference.starts_with(POISON) {
        std::process::abort();
    }
    if !work.is_zero() {
        sleep(work).await;
    }
    // One write, which the kernel appends whole.
    match file.write_all(format!("{reference}\n").as_bytes()) {
        Ok(()) => Handled::Done,
        Err(error) => Handled::retry(format!("cannot write: {}", error.kind())),
    }
}

/// Returns what tells an event from all others.
pub(super) fn reference(event: &StoredEvent) -> Option<String> {
    let payload = event.payload();
    let text = |text: Option<RedactedText>| text.map(String::from);
    match event.info.source.as_str() {
        "clearsale" => text(clearsale_facematch::Notification::try_from(&payload).ok()?.identifier_id),
        "bankly" => text(bankly_kyc::Event::try_from(&payload).ok()?.idempotency_key),
        "certiface-status" => text(certiface::StatusUpdate::try_from(&payload).ok()?.protocolo),
        _ => None,
    }
}
