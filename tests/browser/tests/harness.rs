//! The harness itself: what a page is shown with, and that nothing stays behind.

use std::path::Path;
use std::{fs, io};

use browser::{Page, Site, View};
use serde_json::json;
use thirtyfour::prelude::*;

/// What a page knows of the person who looks at it.
const SEEN: &str =
    "return [innerWidth, navigator.language, matchMedia('(prefers-color-scheme: dark)').matches]";

#[tokio::test]
async fn a_page_has_the_width_the_language_and_the_colours_that_were_asked_for() -> WebDriverResult<()> {
    let site = Site::start("").await;
    for (view, name) in [
        (View { width: 390, language: "pt-BR", dark: true, print: false }, "harness-phone"),
        (View::default(), "harness-desktop"),
    ] {
        let page = Page::open(view).await;
        page.goto(site.at("127.0.0.1")).await?;
        // Without a viewport of its own a page is laid out for a desktop, on a phone too.
        page.run("document.head.insertAdjacentHTML('beforeend', arguments[0])", &[json!(VIEWPORT)]).await?;
        page.until(&format!("innerWidth === {}", view.width)).await?;
        assert_eq!(page.run(SEEN, &[]).await?, json!([view.width, view.language, view.dark]));
        page.screenshot(name).await?;
    }
    Ok(())
}

const VIEWPORT: &str = "<meta name=viewport content='width=device-width'>";

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_failed_test_leaves_no_browser_behind() {
    let page = Page::open(View::default()).await;
    let profile = page.profile().to_owned();
    assert!(processes_with(&profile) > 0);
    let failed = tokio::spawn(async move { panic!("while {:?} is open", page.profile().file_name()) }).await;
    assert!(failed.is_err_and(|error| error.is_panic()));
    assert_eq!((processes_with(&profile), profile.exists()), (0, false));
}

/// How many processes have this path among their arguments.
fn processes_with(path: &Path) -> usize {
    let wanted = path.to_str().expect("text");
    let has = |entry: io::Result<fs::DirEntry>| {
        let arguments = entry.and_then(|entry| fs::read(entry.path().join("cmdline")));
        arguments.is_ok_and(|arguments| String::from_utf8_lossy(&arguments).contains(wanted))
    };
    fs::read_dir("/proc").expect("Linux").filter(|entry| entry.is_ok()).map(has).filter(|has| *has).count()
}
