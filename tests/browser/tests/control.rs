//! The control routes, which are closed to pages of other origins.

use browser::{Page, Site, View};
use kyc_core::Clock as _;
use kyc_sandbox::certiface::Operation;
use kyc_sandbox::{Fault, Sandbox};
use serde_json::{Value, json};
use thirtyfour::prelude::*;

use crate::certiface::certiface;
use crate::{SCRIPT, builder};

/// Another origin of the same site as the sandbox, and two other sites.
const HOSTS: &[&str] = &["127.0.0.1", "localhost", "elsewhere.test"];

async fn sandbox() -> Sandbox {
    builder().start().await.expect("a free port")
}

#[tokio::test]
async fn a_page_of_another_origin_reads_no_control_route() -> WebDriverResult<()> {
    let (sandbox, site) = (sandbox().await, Site::start(SCRIPT).await);
    let page = Page::open(View::default()).await;
    for host in HOSTS {
        page.goto(site.at(host)).await?;
        for path in
            ["/", "/_sandbox/", "/_sandbox/requests", "/_sandbox/counts", "/_sandbox/certiface/appkeys"]
        {
            let url = format!("{}{path}", sandbox.url());
            for (options, seen) in [(json!({}), "TypeError"), (json!({ "mode": "no-cors" }), "opaque 0")] {
                let found = page.run("return attempt(...arguments)", &[json!(url), options]).await?;
                assert_eq!(found, seen, "{host} {path}");
            }
        }
    }
    Ok(())
}

/// Requests that would change the sandbox's state. Those with the mode no-cors are sent without a preflight request.
fn changes() -> Vec<(&'static str, Value)> {
    let simple = |body: Value| json!({ "method": "POST", "mode": "no-cors", "body": body.to_string() });
    let typed = |body: Value| {
        let headers = json!({ "Content-Type": "application/json" });
        json!({ "method": "POST", "headers": headers, "body": body.to_string() })
    };
    let hour = json!({ "advance_seconds": 3600 });
    vec![
        ("/_sandbox/certiface/expire-credentials", json!({ "method": "POST", "mode": "no-cors" })),
        ("/_sandbox/certiface/expire-credentials", json!({ "method": "POST" })),
        ("/_sandbox/certiface/expire-credentials", typed(json!({}))),
        ("/_sandbox/clock", simple(hour.clone())),
        ("/_sandbox/clock", typed(hour)),
        ("/_sandbox/faults", json!({ "method": "DELETE" })),
        ("/_sandbox/reset", json!({ "method": "POST", "mode": "no-cors" })),
        ("/_sandbox/reset", typed(json!({}))),
    ]
}

#[tokio::test]
async fn a_page_of_another_origin_changes_nothing_through_control_routes() -> WebDriverResult<()> {
    let (sandbox, site) = (sandbox().await, Site::start(SCRIPT).await);
    let page = Page::open(View::default()).await;
    let certiface = [certiface(&sandbox)];
    let started = sandbox.clock().now();
    for host in HOSTS {
        page.goto(site.at(host)).await?;
        sandbox.certiface().fault(Fault::status(503).on(Operation::Challenge));
        let credential = page.run("return credentialOf(...arguments)", &certiface).await?;
        for (path, options) in changes() {
            let url = json!(format!("{}{path}", sandbox.url()));
            let seen = page.run("return attempt(...arguments)", &[url, options.clone()]).await?;
            assert!(seen == "TypeError" || seen == "opaque 0", "{host} {path} {options}: {seen}");
            let arguments = [certiface[0].clone(), credential["body"].clone()];
            let issued = page.run("return appkeyOf(...arguments)", &arguments).await?;
            assert_eq!(issued["status"], 200, "{host} {path} {options}: the credential is gone");
        }
        assert_eq!(sandbox.clock().now(), started, "{host}");
        let challenge = "return call(`${arguments[0].base}${PATH}/challenge`, form({}))";
        let faulty = page.run(challenge, &certiface).await?;
        assert_eq!(faulty["status"], 503, "{host}: the fault is gone");
    }
    Ok(())
}

#[tokio::test]
async fn a_form_of_another_origin_is_refused() -> WebDriverResult<()> {
    let (sandbox, site) = (sandbox().await, Site::start(SCRIPT).await);
    let page = Page::open(View::default()).await;
    let started = sandbox.clock().now();
    for host in HOSTS {
        for path in ["/_sandbox/clock", "/_sandbox/certiface/expire-credentials", "/_sandbox/faults"] {
            page.goto(site.at(host)).await?;
            // The classic form whose only field is a JSON text.
            let fields = json!({ "{\"advance_seconds\": 3600, \"a\": \"": "\"}" });
            let url = format!("{}{path}", sandbox.url());
            page.run("leaveByForm(...arguments)", &[json!(url), fields]).await?;
            page.until(&format!("location.pathname === '{path}' && document.readyState === 'complete'"))
                .await?;
            assert_eq!(page.status().await?, 403, "{host} {path}");
        }
    }
    assert_eq!(sandbox.clock().now(), started);
    Ok(())
}

#[tokio::test]
async fn a_link_from_elsewhere_opens_the_first_page_only() -> WebDriverResult<()> {
    let (sandbox, site) = (sandbox().await, Site::start(SCRIPT).await);
    let page = Page::open(View::default()).await;
    for host in HOSTS {
        for (path, expected) in [("/", 200), ("/_sandbox/", 403), ("/_sandbox/certiface/appkeys", 403)] {
            page.goto(site.at(host)).await?;
            page.run("leaveByLink(...arguments)", &[json!(format!("{}{path}", sandbox.url()))]).await?;
            page.until(&format!("location.origin === '{}'", sandbox.url())).await?;
            page.until("document.readyState === 'complete'").await?;
            assert_eq!(page.status().await?, expected, "{host} {path}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_name_that_is_made_to_point_to_this_machine_is_refused() -> WebDriverResult<()> {
    let sandbox = sandbox().await;
    let page = Page::open(View::default()).await;
    let started = sandbox.clock().now();
    let rebound = format!("http://rebound.test:{}", sandbox.addr().port());
    for path in ["/", "/_sandbox/"] {
        page.goto(format!("{rebound}{path}")).await?;
        assert_eq!(page.status().await?, 403, "{path}");
    }
    let script = "
        const headers = { 'Content-Type': 'application/json' };
        const body = JSON.stringify({ advance_seconds: 3600 });
        const response = await fetch('/_sandbox/clock', { method: 'POST', headers, body });
        return response.status;";
    assert_eq!(page.run(&asynchronous(script), &[]).await?, 403);
    assert_eq!(sandbox.clock().now(), started);
    Ok(())
}

#[tokio::test]
async fn the_sandboxs_own_pages_may_use_control_routes() -> WebDriverResult<()> {
    let sandbox = sandbox().await;
    let page = Page::open(View::default()).await;
    let started = sandbox.clock().now();
    let local = format!("http://localhost:{}", sandbox.addr().port());
    for (place, root) in [sandbox.url(), local].into_iter().enumerate() {
        page.goto(format!("{root}/")).await?;
        assert_eq!(page.status().await?, 200, "{root}");
        let script = "
            const headers = { 'Content-Type': 'application/json' };
            const body = JSON.stringify({ advance_seconds: 1 });
            const moved = await fetch('/_sandbox/clock', { method: 'POST', headers, body });
            const cleared = await fetch('/_sandbox/faults', { method: 'DELETE' });
            const summary = await fetch('/_sandbox/');
            return [moved.status, cleared.status, summary.status, (await summary.json()).vendors.certiface.id];";
        let seen = page.run(&asynchronous(script), &[]).await?;
        assert_eq!(seen, json!([200, 204, 200, "certiface"]), "{root}");
        let moved = sandbox.clock().now().unix_seconds() - started.unix_seconds();
        assert_eq!(usize::try_from(moved), Ok(place + 1), "{root}");
        // Typed into the address bar.
        page.goto(format!("{root}/_sandbox/")).await?;
        assert_eq!(page.status().await?, 200, "{root}");
    }
    Ok(())
}

fn asynchronous(script: &str) -> String {
    format!("return (async () => {{ {script} }})()")
}
