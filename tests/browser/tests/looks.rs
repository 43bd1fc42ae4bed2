//! How the console looks, on a phone and on a desktop, with light and dark colours, in each language.

use std::time::Duration;

use browser::{Page, View};
use kyc_sandbox::{Fault, Sandbox, Scenario, bankly, cellere};
use thirtyfour::prelude::*;

use crate::builder;
use crate::client::Client;
use crate::receiver::Receiver;

/// What is wrong with how a page looks.
const LOOKS: &str = include_str!("looks.js");
const CPF: &str = "52998224725";
const SECTIONS: &[&str] =
    &["requests", "transactions", "webhooks", "scenarios", "faults", "clock", "connect", "reset"];

const LANGUAGES: &[&str] = &["en", "pt"];

/// A sandbox that has something to show on each page.
async fn busy() -> Sandbox {
    let (sandbox, mut receiver) = (builder().start().await.expect("a free port"), Receiver::start().await);
    let client = Client::of(&sandbox);
    client.registration(CPF).await;
    client.registration_with("a-token", CPF).await;
    sandbox.cellere().fault(Fault::status(503).on(cellere::Operation::Cpf));
    client.registration(CPF).await;
    client.comparison(CPF).await;
    sandbox.bankly().fault(Fault::status(429).on(bankly::Operation::Status));
    sandbox.clearsale().duplicate_webhooks(true);
    sandbox.send_webhooks_to(receiver.root()).expect("a root address");
    for vendor in sandbox.vendors() {
        let outcomes = Sandbox::outcomes().into_iter().filter(|each| each.vendor == vendor.key);
        let longest = outcomes.max_by_key(|each| each.name.len()).expect("outcomes");
        let scenario = Scenario::new(vendor.key, longest.name).delay(Duration::from_secs(90));
        sandbox.set_scenario(scenario.clone()).expect("a scenario");
        if longest.can_be_triggered {
            sandbox.trigger(vendor.key, longest.name).expect("an outcome");
        }
    }
    sandbox.trigger("clearsale", "match").expect("an outcome");
    while receiver.next().await["transactionStatus"] != "Success" {}
    sandbox
}

/// Checks the open page, keeps a picture of it, and returns what is wrong with it.
async fn look(page: &Page, view: View<'_>, name: &str) -> WebDriverResult<Vec<String>> {
    wrong_with(page, view, &format!("console-{name}")).await
}

/// Checks any page, keeps a picture of it, and returns what is wrong with it.
pub(crate) async fn wrong_with(page: &Page, view: View<'_>, name: &str) -> WebDriverResult<Vec<String>> {
    let details = "document.querySelectorAll('details').forEach((each) => { each.open = arguments[0]; })";
    page.run(details, &[true.into()]).await?;
    let seen = page.run(LOOKS, &[]).await?;
    // The picture of all test inputs would be large and slow.
    page.run(details, &[false.into()]).await?;
    let scheme = if view.dark { "dark" } else { "light" };
    let name = format!("{name}-{}-{scheme}", view.width);
    page.screenshot(&name).await?;
    let found = |what: &str| seen[what].as_array().cloned().expect("a list").into_iter();
    let listed = |what: &'static str| found(what).map(move |each| format!("{what}: {each}"));
    let mut wrong: Vec<_> =
        ["faint", "small", "wide", "broken", "spilt"].into_iter().flat_map(listed).collect();
    if seen["scrollWidth"].as_u64().is_none_or(|width| width > view.width.into()) {
        wrong.push(format!("the page is {} wide", seen["scrollWidth"]));
    }
    if seen["texts"].as_u64().is_none_or(|texts| texts < 15) {
        wrong.push(format!("only {} texts were looked at", seen["texts"]));
    }
    Ok(wrong.into_iter().map(|each| format!("{name}: {each}")).collect())
}

/// Looks at each page, also at that without a request and at that of a refused form.
async fn each_page_looks_right(view: View<'_>) -> WebDriverResult<()> {
    let (busy, quiet) = (busy().await, builder().start().await.expect("a free port"));
    let page = Page::open(view).await;
    let mut wrong = Vec::new();
    for language in LANGUAGES {
        for section in SECTIONS {
            let path = if *section == "requests" { "/".to_owned() } else { format!("/console/{section}") };
            page.goto(format!("{}{path}?lang={language}", busy.url())).await?;
            assert_eq!(page.status().await?, 200, "{path}");
            wrong.append(&mut look(&page, view, &format!("{section}-{language}")).await?);
        }
        page.goto(format!("{}/?lang={language}", quiet.url())).await?;
        wrong.append(&mut look(&page, view, &format!("empty-{language}")).await?);
        page.goto(format!("{}/console/faults", quiet.url())).await?;
        page.find(By::Css("#faults-add button")).await?.click().await?;
        page.until("document.querySelector('#error')").await?;
        wrong.append(&mut look(&page, view, &format!("refused-{language}")).await?);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

#[tokio::test]
async fn each_page_looks_right_on_a_phone() -> WebDriverResult<()> {
    each_page_looks_right(View { width: 360, ..View::default() }).await
}

#[tokio::test]
async fn each_page_looks_right_on_a_phone_in_the_dark() -> WebDriverResult<()> {
    each_page_looks_right(View { width: 360, dark: true, ..View::default() }).await
}

#[tokio::test]
async fn each_page_looks_right_on_a_desktop() -> WebDriverResult<()> {
    each_page_looks_right(View::default()).await
}

#[tokio::test]
async fn each_page_looks_right_on_a_desktop_in_the_dark() -> WebDriverResult<()> {
    each_page_looks_right(View { dark: true, ..View::default() }).await
}
