//! The console, used by a person: what it shows and what it steers.

use std::process::Stdio;
use std::time::Duration;

use browser::{Page, View};
use kyc_sandbox::Sandbox;
use serde_json::{Value, json};
use thirtyfour::prelude::*;
use tokio::process::Command;
use tokio::time::timeout;

use crate::builder;
use crate::client::Client;
use crate::receiver::Receiver;

/// A valid CPF that is not a test CPF, and another one.
const CPF: &str = "52998224725";
const OTHER_CPF: &str = "11144477735";

async fn sandbox() -> Sandbox {
    builder().start().await.expect("a free port")
}

/// A page of the console.
async fn open(sandbox: &Sandbox, path: &str) -> WebDriverResult<Page> {
    let page = Page::open(View::default()).await;
    show(&page, sandbox, path).await?;
    Ok(page)
}

async fn show(page: &Page, sandbox: &Sandbox, path: &str) -> WebDriverResult<()> {
    page.goto(format!("{}{path}", sandbox.url())).await
}

async fn click(page: &Page, css: &str) -> WebDriverResult<()> {
    page.find(By::Css(css)).await?.click().await
}

async fn fill(page: &Page, css: &str, text: &str) -> WebDriverResult<()> {
    let field = page.find(By::Css(css)).await?;
    field.clear().await?;
    field.send_keys(text).await
}

/// Presses the button of a form, and waits for the page that says that it was done.
async fn submit(page: &Page, form: &str) -> WebDriverResult<()> {
    page.run("window.isBefore = true", &[]).await?;
    click(page, &format!("{form} button:not([type=button])")).await?;
    page.until("!window.isBefore && document.querySelector('#done')").await
}

/// The text of an element, with one space between words.
async fn text(page: &Page, css: &str) -> WebDriverResult<String> {
    let text = page.find(By::Css(css)).await?.text().await?;
    Ok(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn situation(body: &Value) -> &str {
    body["TaxIdStatus"].as_str().expect("a situation")
}

#[tokio::test]
async fn a_clients_requests_appear_in_the_open_page_without_anything_personal() -> WebDriverResult<()> {
    let sandbox = sandbox().await;
    let (page, client) = (open(&sandbox, "/").await?, Client::of(&sandbox));
    page.until("document.querySelector('#first-steps')").await?;
    page.run("window.isSamePage = true", &[]).await?;
    assert_eq!(client.registration(CPF).await.status, 200);
    page.until("document.querySelectorAll('#live tbody tr').length === 1").await?;
    let refused = client.registration_with("a-secret-token", CPF).await;
    assert_eq!(refused.status, 400);
    page.until("document.querySelectorAll('#live tbody tr').length === 2").await?;
    // The newest one stands first.
    let refused = text(&page, "#live tbody tr:nth-child(1)").await?;
    for shown in ["cellere", "cpf", "400 refused", "token"] {
        assert!(refused.contains(shown), "{shown}: {refused}");
    }
    let reason = text(&page, "#live tbody tr:nth-child(1) td:last-child").await?;
    assert!(!reason.is_empty());
    let accepted = text(&page, "#live tbody tr:nth-child(2)").await?;
    for shown in ["cellere", "cpf", "200 ok", "paid"] {
        assert!(accepted.contains(shown), "{shown}: {accepted}");
    }
    assert_eq!(text(&page, "#summary").await?, "2 requests, 1 refused");
    assert_eq!(page.run("return window.isSamePage", &[]).await?, true);
    let source = page.source().await?;
    for personal in [CPF, "529.982.247-25", "a-secret-token", Sandbox::CELLERE_TOKEN] {
        assert!(!source.contains(personal), "{personal}");
    }
    Ok(())
}

/// Sets the scenario that this CPF is suspended, in the open page.
async fn suspend(page: &Page, cpf: &str) -> WebDriverResult<()> {
    fill(page, "#scenarios-set #cpf", cpf).await?;
    click(page, "#scenarios-set #outcome option[value=cpf-suspended]").await?;
    submit(page, "#scenarios-set").await
}

#[tokio::test]
async fn a_scenario_decides_the_next_call_for_its_person_until_it_is_cleared() -> WebDriverResult<()> {
    let sandbox = sandbox().await;
    let (page, client) = (open(&sandbox, "/console/scenarios").await?, Client::of(&sandbox));
    click(&page, "nav.tabs a[href$='vendor=cellere']").await?;
    page.until("location.search === '?vendor=cellere'").await?;
    suspend(&page, CPF).await?;
    let listed = text(&page, "#live tbody").await?;
    assert!(listed.contains(CPF) && listed.contains("cpf-suspended"), "{listed}");
    assert_eq!(situation(&client.registration(CPF).await.body), "SUSPENSA");
    assert_eq!(situation(&client.registration(OTHER_CPF).await.body), "REGULAR");
    submit(&page, "#live tbody tr").await?;
    page.until("document.querySelector('#live .nothing')").await?;
    assert_eq!(situation(&client.registration(CPF).await.body), "REGULAR");
    for cpf in [CPF, OTHER_CPF] {
        suspend(&page, cpf).await?;
    }
    assert_eq!(situation(&client.registration(OTHER_CPF).await.body), "SUSPENSA");
    submit(&page, "#scenarios-clear").await?;
    page.until("document.querySelector('#live .nothing')").await?;
    assert_eq!(situation(&client.registration(OTHER_CPF).await.body), "REGULAR");
    Ok(())
}

#[tokio::test]
async fn a_fault_meets_one_request_and_is_gone() -> WebDriverResult<()> {
    let sandbox = sandbox().await;
    let (page, client) = (open(&sandbox, "/console/faults?vendor=cellere").await?, Client::of(&sandbox));
    click(&page, "#faults-add #operation option[value=cpf]").await?;
    click(&page, "#faults-add #kind option[value=status]").await?;
    fill(&page, "#faults-add #status", "503").await?;
    submit(&page, "#faults-add").await?;
    let listed = text(&page, "#live tbody").await?;
    assert!(listed.contains("cellere") && listed.contains("503"), "{listed}");
    assert_eq!(client.registration(CPF).await.status, 503);
    page.until("document.querySelector('#live .nothing')").await?;
    assert_eq!(client.registration(CPF).await.status, 200);
    show(&page, &sandbox, "/").await?;
    assert!(text(&page, "#live tbody tr:nth-child(2)").await?.contains("requested fault"));
    Ok(())
}

#[tokio::test]
async fn a_webhook_is_delivered_and_sent_again() -> WebDriverResult<()> {
    let (sandbox, mut receiver) = (sandbox().await, Receiver::start().await);
    let page = open(&sandbox, "/console/webhooks").await?;
    fill(&page, "#webhooks-register #root", receiver.root()).await?;
    submit(&page, "#webhooks-register").await?;
    assert!(text(&page, "#destinations").await?.contains(&format!("{}/webhooks/clearsale", receiver.root())));
    show(&page, &sandbox, "/console/scenarios?vendor=clearsale").await?;
    click(&page, "#trigger-outcome option[value=no-match]").await?;
    submit(&page, "#scenarios-trigger").await?;
    assert_eq!(receiver.next().await["transactionStatus"], "Processing");
    let decided = receiver.next().await;
    assert_eq!((&decided["transactionStatus"], &decided["isMatch"]), (&"Success".into(), &false.into()));
    show(&page, &sandbox, "/console/webhooks").await?;
    let delivered = |newest: usize, attempts: usize| {
        format!(
            "document.querySelectorAll('#live tbody .chip.good').length === 2 \
             && document.querySelectorAll('#live tbody tr:first-child .attempts li').length === {newest} \
             && document.querySelectorAll('#live tbody .attempts li').length === {attempts}"
        )
    };
    page.until(&delivered(1, 2)).await?;
    submit(&page, "#live tbody tr:first-child").await?;
    assert_eq!(receiver.next().await, decided);
    page.until(&delivered(2, 3)).await?;
    assert!(!receiver.has_more());
    Ok(())
}

#[tokio::test]
async fn the_language_that_was_chosen_stays_on_the_next_page() -> WebDriverResult<()> {
    let sandbox = sandbox().await;
    let page = open(&sandbox, "/console/scenarios").await?;
    assert_eq!(page.run("return document.documentElement.lang", &[]).await?, "en");
    assert_eq!(text(&page, "h1").await?, "Scenarios");
    click(&page, "nav.languages a[lang='pt-BR']").await?;
    page.until("document.documentElement.lang === 'pt-BR'").await?;
    assert_eq!(text(&page, "h1").await?, "Cenários");
    click(&page, "nav.sections a[href='/console/clock']").await?;
    page.until("location.pathname === '/console/clock'").await?;
    assert_eq!(page.run("return document.documentElement.lang", &[]).await?, "pt-BR");
    assert_eq!(text(&page, "h1").await?, "Relógio");
    // After a form, too.
    submit(&page, "#clock-step").await?;
    assert_eq!(page.run("return document.documentElement.lang", &[]).await?, "pt-BR");
    Ok(())
}

#[tokio::test]
async fn a_pending_comparison_is_decided_when_the_clock_is_advanced() -> WebDriverResult<()> {
    let sandbox = sandbox().await;
    let page = open(&sandbox, "/console/transactions").await?;
    let id = Client::of(&sandbox).comparison(CPF).await;
    let row = format!("document.getElementById('transaction-clearsale-{id}')");
    page.until(&format!("{row}.dataset.tone === 'waiting'")).await?;
    let shown = text(&page, "#live tbody").await?;
    assert!(shown.contains("Processing") && !shown.contains(CPF), "{shown}");
    assert_eq!(text(&page, "#summary").await?, "1 in all, 1 undecided");
    show(&page, &sandbox, "/console/clock").await?;
    let before = text(&page, "#clock-now").await?;
    submit(&page, "#clock-step").await?;
    assert_ne!(text(&page, "#clock-now").await?, before);
    show(&page, &sandbox, "/console/transactions").await?;
    page.until(&format!("{row}.dataset.tone !== 'waiting'")).await?;
    assert!(text(&page, "#live tbody").await?.contains("Success"));
    assert_eq!(text(&page, "#summary").await?, "1 in all, 0 undecided");
    Ok(())
}

/// What each button copies, by the name of its text.
const COPIES: &str = "
    const textOf = (name) => document.getElementById(name).textContent;
    const names = [...document.querySelectorAll('button.copy')].map((button) => button.dataset.copy);
    return names.map((name) => [name, textOf(name)]);";

#[tokio::test]
async fn each_copy_button_copies_what_stands_beside_it_and_the_calls_work() -> WebDriverResult<()> {
    let sandbox = sandbox().await;
    let page = open(&sandbox, "/console/connect").await?;
    let permissions = json!({
        "origin": sandbox.url(),
        "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"],
    });
    page.cdp().send_raw("Browser.grantPermissions", permissions).await?;
    page.run("document.querySelectorAll('details').forEach((each) => { each.open = true; })", &[]).await?;
    let texts: Vec<(String, String)> =
        serde_json::from_value(page.run(COPIES, &[]).await?).expect("pairs of texts");
    // Of the many test inputs one of each vendor, for the sake of time.
    let is_tried = |name: &str| !name.contains("-input-") || name.ends_with("-input-0");
    let mut calls = Vec::new();
    let mut tried = 0;
    for (name, shown) in texts.iter().filter(|(name, _)| is_tried(name)) {
        click(&page, &format!("[data-copy={name}]")).await?;
        page.until(&format!("document.querySelector('[data-copy={name}]').textContent === 'Copied'")).await?;
        let copied = page.run("return navigator.clipboard.readText()", &[]).await?;
        let copied = copied.as_str().expect("a text");
        assert_eq!(copied, shown, "{name}");
        if name.contains("-call-") {
            calls.push(copied.to_owned());
        }
        tried += 1;
    }
    assert!(tried >= 4 * sandbox.vendors().len(), "{tried}");
    assert!(calls.len() > sandbox.vendors().len(), "{}", calls.len());
    paste(&calls.join("\n")).await;
    show(&page, &sandbox, "/").await?;
    assert_eq!(text(&page, "#summary").await?, format!("{} requests, 0 refused", calls.len()));
    Ok(())
}

/// Runs commands in a shell.
async fn paste(commands: &str) {
    let mut shell = Command::new("sh");
    shell.args(["-euc", commands]).stdin(Stdio::null()).kill_on_drop(true);
    let output = timeout(Duration::from_secs(20), shell.output()).await.expect("it ends in time");
    let output = output.expect("this test needs sh and curl");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// What the keyboard is at.
const FOCUS: &str = "
    const at = document.activeElement;
    const { outlineStyle, outlineWidth } = getComputedStyle(at);
    const { left, top, width, height } = at.getBoundingClientRect();
    const isThere = left >= 0 && top + height > 0 && top < innerHeight && width > 0;
    const isSeen = isThere && outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2;
    return { id: at.id, tag: at.tagName, isSeen, html: at.outerHTML.slice(0, 120) };";

async fn press(page: &Page, key: Key) -> WebDriverResult<Value> {
    page.action_chain().send_keys(key).perform().await?;
    page.run(FOCUS, &[]).await
}

#[tokio::test]
async fn a_scenario_is_set_with_the_keyboard_alone() -> WebDriverResult<()> {
    let sandbox = sandbox().await;
    let page = open(&sandbox, "/console/scenarios?vendor=cellere").await?;
    let focus = press(&page, Key::Tab).await?;
    assert!(focus["html"].as_str().is_some_and(|html| html.contains("href=\"#main\"")), "{focus}");
    assert_eq!(focus["isSeen"], true, "{focus}");
    press(&page, Key::Enter).await?;
    page.until("location.hash === '#main'").await?;
    let mut stops = 0;
    loop {
        let focus = press(&page, Key::Tab).await?;
        assert_eq!(focus["isSeen"], true, "{focus}");
        assert!(focus["html"].as_str().is_some_and(|html| !html.contains("languages")), "{focus}");
        stops += 1;
        assert!(stops < 10, "the form is not reached: {focus}");
        if focus["id"] == "cpf" {
            break;
        }
    }
    page.action_chain().send_keys(CPF).perform().await?;
    let focus = press(&page, Key::Tab).await?;
    assert_eq!((&focus["id"], &focus["isSeen"]), (&json!("outcome"), &json!(true)), "{focus}");
    // A selection takes the option that begins with what is typed.
    page.action_chain().send_keys("cpf-suspended").perform().await?;
    for id in ["operation", "reason"] {
        let focus = press(&page, Key::Tab).await?;
        assert_eq!((&focus["id"], &focus["isSeen"]), (&json!(id), &json!(true)), "{focus}");
    }
    page.action_chain().send_keys(Key::Enter).perform().await?;
    page.until("document.querySelector('#done')").await?;
    let listed = text(&page, "#live tbody").await?;
    assert!(listed.contains(CPF) && listed.contains("cpf-suspended"), "{listed}");
    Ok(())
}

#[tokio::test]
async fn each_stop_of_the_keyboard_is_visible_on_each_page() -> WebDriverResult<()> {
    let sandbox = sandbox().await;
    let page = open(&sandbox, "/").await?;
    for path in ["/", "/console/webhooks", "/console/faults", "/console/clock", "/console/reset"] {
        show(&page, &sandbox, path).await?;
        let mut stops = 0;
        loop {
            let focus = press(&page, Key::Tab).await?;
            if focus["tag"] == "BODY" {
                break;
            }
            assert_eq!(focus["isSeen"], true, "{path}: {focus}");
            stops += 1;
            assert!(stops < 60, "{path}: the keyboard does not come to an end: {focus}");
        }
        assert!(stops >= 10, "{path}: {stops}");
    }
    Ok(())
}

#[tokio::test]
async fn a_scenario_is_set_without_javascript() -> WebDriverResult<()> {
    let sandbox = sandbox().await;
    let page = Page::open(View::default()).await;
    page.cdp().send_raw("Emulation.setScriptExecutionDisabled", json!({ "value": true })).await?;
    show(&page, &sandbox, "/console/connect").await?;
    // The script would show the buttons.
    assert!(page.find(By::Css("button.copy[hidden]")).await.is_ok());
    show(&page, &sandbox, "/console/scenarios?vendor=cellere").await?;
    fill(&page, "#scenarios-set #cpf", CPF).await?;
    click(&page, "#scenarios-set #outcome option[value=cpf-suspended]").await?;
    click(&page, "#scenarios-set button").await?;
    assert_eq!(text(&page, "#done").await?, "The scenario is set.");
    assert_eq!(situation(&Client::of(&sandbox).registration(CPF).await.body), "SUSPENSA");
    Ok(())
}
