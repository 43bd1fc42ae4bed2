//! Starts Chromium and its driver, and ends them.

use std::env;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;
use thirtyfour::extensions::query::ElementPollerWithTimeout;
use thirtyfour::prelude::*;
use thirtyfour::{ChromeCapabilities, TimeoutConfiguration};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

use crate::page::LIMIT;

/// The variable with the path of the browser. Without it the driver looks for Chromium or Chrome.
const BROWSER: &str = "KYC_BROWSER";
const DRIVER: &str = "chromedriver";
const MISSING: &str =
    "these tests need Chromium and its driver `chromedriver` (on Debian the package chromium-driver)";
/// How long the browser may take to start, or the driver for any command.
const COMMAND_LIMIT: Duration = Duration::from_secs(60);
/// How often a condition is looked at.
const INTERVAL: Duration = Duration::from_millis(25);

/// The arguments of the browser. It runs as root, too, and calls nobody but the tests' servers.
const ARGUMENTS: &[&str] = &[
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-default-browser-check",
    "--no-first-run",
    // The browser ends with its driver, even if the driver is killed.
    "--remote-debugging-pipe",
    // Names of other sites, and no name of the internet.
    "--host-resolver-rules=MAP *.test 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
];

/// A browser with one window. Fields are dropped in this order: the session is closed, then the driver is killed.
#[derive(Debug)]
pub(crate) struct Chromium {
    pub(crate) driver: WebDriver,
    _process: Child,
    _output: Lines<BufReader<ChildStdout>>,
    profile: TempDir,
}

impl Chromium {
    /// Starts a browser with a new empty profile, which accepts this language.
    pub(crate) async fn start(language: &str) -> Self {
        let profile = TempDir::new().expect("a temporary folder");
        let (process, output, port) = start_driver().await;
        let options = options(&profile, language).expect("the options are JSON");
        let driver = WebDriver::builder(format!("http://127.0.0.1:{port}"), options)
            .client(client())
            .poller(Arc::new(ElementPollerWithTimeout::new(LIMIT, INTERVAL)))
            .await
            .unwrap_or_else(|error| {
                panic!("the browser does not start: {error}\n{MISSING}; {BROWSER} names another")
            });
        let limits = TimeoutConfiguration::new(Some(LIMIT), Some(LIMIT), None);
        driver.update_timeouts(limits).await.expect("the driver takes limits");
        Self { driver, _process: process, _output: output, profile }
    }

    /// Returns the folder of the profile, which the browser has among its arguments.
    pub(crate) fn profile(&self) -> &std::path::Path {
        self.profile.path()
    }
}

/// A client whose connections are used once: when a page is dropped, another runtime closes the session while that of the
/// test stands still, and with it a connection that would be used again.
fn client() -> reqwest::Client {
    let builder = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0);
    builder.timeout(COMMAND_LIMIT).build().expect("a client")
}

/// Starts the driver on a free port, which it prints.
async fn start_driver() -> (Child, Lines<BufReader<ChildStdout>>, u16) {
    let mut command = Command::new(DRIVER);
    command
        .arg("--port=0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    let mut process =
        command.spawn().unwrap_or_else(|error| panic!("cannot run {DRIVER}: {error}\n{MISSING}"));
    let mut output = BufReader::new(process.stdout.take().expect("its output is piped")).lines();
    let port = timeout(COMMAND_LIMIT, async {
        while let Some(line) = output.next_line().await.expect("text") {
            if let Some((_, port)) = line.split_once("started successfully on port ") {
                return port.trim_end_matches('.').parse().expect("a port");
            }
        }
        panic!("{DRIVER} ended before it listened")
    });
    let port = port.await.unwrap_or_else(|_| panic!("{DRIVER} did not start in time"));
    (process, output, port)
}

fn options(profile: &TempDir, language: &str) -> WebDriverResult<ChromeCapabilities> {
    let mut options = DesiredCapabilities::chrome();
    for argument in ARGUMENTS {
        options.add_arg(argument)?;
    }
    options.add_arg(&format!("--user-data-dir={}", profile.path().display()))?;
    options.add_experimental_option("prefs", json!({ "intl.accept_languages": language }))?;
    if let Ok(path) = env::var(BROWSER) {
        options.set_binary(&path)?;
    }
    Ok(options)
}
