//! A page in a browser of its own.

use std::fs;
use std::ops::Deref;
use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use thirtyfour::cdp::domains::emulation::{MediaFeature, MediaType, SetEmulatedMedia};
use thirtyfour::cdp::domains::page::CaptureScreenshot;
use thirtyfour::prelude::*;
use tokio::time::{sleep, timeout};

use crate::chromium::Chromium;

/// How long a page may take to load, a script to end, and a condition to become true.
pub(crate) const LIMIT: Duration = Duration::from_secs(15);
const INTERVAL: Duration = Duration::from_millis(25);
const SCREENSHOTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/screenshots");
/// Narrower pages are shown as on a phone.
const PHONE: u32 = 600;
const HEIGHT: u32 = 900;

/// What a person sees a page with.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// The width of the page in CSS pixels. Below 600 it is shown as on a phone, which obeys the viewport of the page.
    pub width: u32,
    /// The preferred language, such as `pt-BR`.
    pub language: &'a str,
    /// Whether the person prefers dark colours.
    pub dark: bool,
    /// Whether the page is laid out as it is printed.
    pub print: bool,
}

impl Default for View<'_> {
    /// Returns a desktop in English with light colours.
    fn default() -> Self {
        Self { width: 1280, language: "en", dark: false, print: false }
    }
}

/// A page in a browser that ends when the page is dropped, also by a panic.
///
/// Dereferences to the driver, which finds elements, clicks and types. Its queries wait for an element within a limit.
#[derive(Debug)]
pub struct Page {
    browser: Chromium,
}

impl Page {
    /// Starts a browser with an empty page.
    ///
    /// # Panics
    /// There is no browser, or it does not start.
    pub async fn open(view: View<'_>) -> Self {
        let browser = Chromium::start(view.language).await;
        let cdp = browser.driver.cdp();
        let is_phone = view.width < PHONE;
        let metrics = cdp.emulation().set_device_metrics_override(view.width, HEIGHT, 1.0, is_phone).await;
        metrics.expect("the browser takes a size");
        let scheme = if view.dark { "dark" } else { "light" };
        let feature =
            |name: &str, value: &str| MediaFeature { name: name.to_owned(), value: value.to_owned() };
        // Without motion, since the driver clicks where an element was before a smooth scroll.
        let features =
            vec![feature("prefers-color-scheme", scheme), feature("prefers-reduced-motion", "reduce")];
        let media =
            SetEmulatedMedia { media: view.print.then_some(MediaType::Print), features: Some(features) };
        cdp.send(media).await.expect("the browser takes a colour scheme");
        Self { browser }
    }

    /// Runs the body of a JavaScript function in the page, which has `arguments` and may return a promise, and returns
    /// what it returns.
    ///
    /// # Errors
    /// The script throws, or takes too long.
    pub async fn run(&self, script: &str, arguments: &[Value]) -> WebDriverResult<Value> {
        Ok(self.execute(script, arguments).await?.json().clone())
    }

    /// Waits until a JavaScript expression is true in the page. While it throws it is false, since what it looks for may
    /// not be there yet.
    ///
    /// # Errors
    /// The browser fails.
    ///
    /// # Panics
    /// It does not become true within a limit.
    pub async fn until(&self, condition: &str) -> WebDriverResult<()> {
        let script = format!("try {{ return Boolean({condition}); }} catch {{ return false; }}");
        let holds = async {
            while self.run(&script, &[]).await? != Value::Bool(true) {
                sleep(INTERVAL).await;
            }
            Ok(())
        };
        match timeout(LIMIT, holds).await {
            Ok(result) => result,
            Err(_) => panic!("not true within {} s: {condition}", LIMIT.as_secs()),
        }
    }

    /// Returns the HTTP status of the document that the page shows.
    ///
    /// # Errors
    /// The browser fails.
    pub async fn status(&self) -> WebDriverResult<Value> {
        self.run("return performance.getEntriesByType('navigation')[0].responseStatus", &[]).await
    }

    /// Writes the whole page, also what is below the window, to `target/screenshots/NAME.png`.
    ///
    /// # Errors
    /// The browser fails.
    ///
    /// # Panics
    /// The file cannot be written.
    pub async fn screenshot(&self, name: &str) -> WebDriverResult<()> {
        let whole = CaptureScreenshot { capture_beyond_viewport: Some(true), ..CaptureScreenshot::default() };
        let image = self.cdp().send(whole).await?.data;
        let image = STANDARD.decode(image).expect("the browser sends base64");
        fs::create_dir_all(SCREENSHOTS).expect("a folder for screenshots");
        fs::write(Path::new(SCREENSHOTS).join(format!("{name}.png")), image)
            .expect("a screenshot can be written");
        Ok(())
    }

    /// Returns the folder of the browser's profile, which is among the arguments of its process.
    #[must_use]
    pub fn profile(&self) -> &Path {
        self.browser.profile()
    }
}

impl Deref for Page {
    type Target = WebDriver;

    fn deref(&self) -> &WebDriver {
        &self.browser.driver
    }
}
