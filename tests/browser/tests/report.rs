//! How the report of a case looks: on a phone and on a desktop, with light and dark colours, printed, in each language.

use browser::{Page, View};
use kyc_verify::Language;
use kyc_verify::html::{PageOptions, page as write};
use tempfile::TempDir;
use thirtyfour::prelude::*;

use crate::looks::wrong_with;
use crate::sample::case;

/// The kinds of cases whose pages have something of their own.
const KINDS: &[&str] = &["approved", "reviewed", "retake", "alert", "forgotten", "hostile", "real"];

/// The width of A4 within its margins, in CSS pixels.
const PAPER: u32 = 680;

/// The levels of the headings, in their order.
const LEVELS: &str =
    "return [...document.querySelectorAll('h1, h2, h3, h4')].map((each) => Number(each.tagName[1]))";

/// Whether the page loaded anything besides itself, and its policy forbade something that it wanted.
const LOADED: &str = "return performance.getEntriesByType('resource').map(({ name }) => name.slice(0, 40))";

/// Whether the page's policy lets its own style through, and nothing that was put into it.
const STYLED: &str = "document.body.insertAdjacentHTML('beforeend', '<i id=alien style=\"margin: 7px\"></i>'); \
    const margin = (css) => getComputedStyle(document.querySelector(css)).marginLeft; \
    return [margin('body'), margin('#alien')]";

/// What a page break would separate from the message.
const BREAKS: &str = "const { breakBefore, breakAfter } = getComputedStyle(document.querySelector('#message')); \
    return [breakBefore, breakAfter]";

/// Looks at the report of every kind of case in both languages.
async fn each_report_looks_right(view: View<'_>) -> WebDriverResult<()> {
    let folder = TempDir::new().expect("a folder");
    let page = Page::open(view).await;
    let mut wrong = Vec::new();
    for kind in KINDS {
        let sample = case(kind).await;
        for language in [Language::Portuguese, Language::English] {
            let options = PageOptions::new(language).offers(&sample.verification.offers());
            let html =
                write(&sample.report, &options.chain_hash(sample.chain_hash).pictures(*kind == "approved"));
            let file = folder.path().join(format!("{kind}-{language}.html"));
            std::fs::write(&file, html).expect("written");
            page.goto(format!("file://{}", file.display())).await?;
            let medium = if view.print { "print-" } else { "" };
            let name = format!("report-{medium}{kind}-{language}");
            wrong.append(&mut wrong_with(&page, view, &name).await?);
            wrong.append(&mut out_of_order(&page, &name).await?);
            let loaded = page.run(LOADED, &[]).await?;
            if loaded.as_array().is_none_or(|all| all.iter().any(|each| !is_within(each.as_str()))) {
                wrong.push(format!("{name} loads {loaded}"));
            }
            assert_eq!(page.run(STYLED, &[]).await?, serde_json::json!(["0px", "0px"]), "{name}");
            if view.print {
                assert_eq!(page.run(BREAKS, &[]).await?, serde_json::json!(["page", "page"]), "{name}");
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

fn is_within(address: Option<&str>) -> bool {
    address.is_some_and(|address| address.starts_with("data:"))
}

/// Returns the headings that skip a level.
async fn out_of_order(page: &Page, name: &str) -> WebDriverResult<Vec<String>> {
    let levels = page.run(LEVELS, &[]).await?;
    let levels: Vec<_> =
        levels.as_array().into_iter().flatten().filter_map(serde_json::Value::as_u64).collect();
    let mut wrong = Vec::new();
    if levels.first() != Some(&1) || levels.iter().filter(|level| **level == 1).count() != 1 {
        wrong.push(format!("{name}: the headings begin {levels:?}"));
    }
    if levels.windows(2).any(|pair| pair[1] > pair[0] + 1) {
        wrong.push(format!("{name}: the headings skip a level: {levels:?}"));
    }
    Ok(wrong)
}

#[tokio::test]
async fn each_report_looks_right_on_a_phone() -> WebDriverResult<()> {
    each_report_looks_right(View { width: 360, ..View::default() }).await
}

#[tokio::test]
async fn each_report_looks_right_on_a_phone_in_the_dark() -> WebDriverResult<()> {
    each_report_looks_right(View { width: 360, dark: true, ..View::default() }).await
}

#[tokio::test]
async fn each_report_looks_right_on_a_desktop() -> WebDriverResult<()> {
    each_report_looks_right(View::default()).await
}

#[tokio::test]
async fn each_report_looks_right_on_a_desktop_in_the_dark() -> WebDriverResult<()> {
    each_report_looks_right(View { dark: true, ..View::default() }).await
}

#[tokio::test]
async fn each_report_looks_right_on_paper() -> WebDriverResult<()> {
    // Paper is light, whatever the person prefers on a screen.
    each_report_looks_right(View { width: PAPER, dark: true, print: true, ..View::default() }).await
}
