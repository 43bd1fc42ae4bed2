//! Certiface's routes, called by a page of another origin, as the vendor's browser kits do.

use browser::{Page, Site, View};
use kyc_sandbox::certiface::Operation;
use kyc_sandbox::{Fault, Sandbox};
use serde_json::{Value, json};
use std::time::Duration;
use thirtyfour::prelude::*;

use crate::{SCRIPT, builder};

/// A valid CPF that is not a test CPF.
const CPF: &str = "52998224725";
const MD5_OF_PASSWORD: &str = "911b7bf55b7b03cdfe2af9d1e68e4897";

/// What the page needs to know of the sandbox.
pub(crate) fn certiface(sandbox: &Sandbox) -> Value {
    json!({
        "base": sandbox.certiface_url(),
        "resultBase": sandbox.certiface_result_url(),
        "user": Sandbox::CERTIFACE_USER,
        "md5": MD5_OF_PASSWORD,
        "cpf": CPF,
    })
}

/// A page of another origin. The browser's cryptography needs a secure context, which this machine's own names are.
async fn page() -> WebDriverResult<Page> {
    let page = Page::open(View::default()).await;
    page.goto(Site::start(SCRIPT).await.at("localhost")).await?;
    Ok(page)
}

/// The status of a response that the page can read. A refusal must say why.
fn status(response: &Value) -> u64 {
    let status = response["status"].as_u64().expect("a status");
    assert_eq!(response["reason"].is_string(), status >= 400, "{response}");
    status
}

#[tokio::test]
async fn a_page_of_another_origin_performs_a_whole_2d_journey() -> WebDriverResult<()> {
    let sandbox = builder().certiface_document_delay(Duration::ZERO).start().await.expect("a free port");
    let journey = page().await?.run("return journey(...arguments)", &[certiface(&sandbox)]).await?;
    for (step, response) in journey.as_object().expect("the steps") {
        assert_eq!(status(response), 200, "{step}");
    }
    assert_eq!(journey["captcha"]["body"]["valid"], true);
    assert_eq!(journey["result"]["body"]["status"], "Completo");
    assert_eq!((sandbox.certiface().logins(), sandbox.certiface().paid_calls()), (1, 2));
    Ok(())
}

#[tokio::test]
async fn a_page_of_another_origin_reads_refusals_and_their_reasons() -> WebDriverResult<()> {
    let sandbox = builder().start().await.expect("a free port");
    let page = page().await?;
    let base = format!("{}/facecaptcha/service/captcha", sandbox.certiface_url());
    for (path, options, expected) in [
        ("/credencial", "form({ user: 'nobody', pass: '0' })", 400),
        ("/credencial", "json({ user: 'nobody', pass: '0' })", 400),
        ("/challenge", "form({ appkey: 'unknown' })", 401),
        ("/document", "json({ appkey: 'unknown', images: [] })", 401),
        ("/3d/session-token", "json({ appkey: 'unknown' })", 401),
        ("/credencial", "{}", 405),
        ("/nowhere", "form({})", 404),
    ] {
        let script = format!("return call('{base}{path}', {options})");
        let response = page.run(&script, &[]).await?;
        assert_eq!(status(&response), expected, "{path} {options}: {response}");
    }
    sandbox.certiface().fault(Fault::status(503).on(Operation::Challenge));
    let throttled = page.run(&format!("return call('{base}/challenge', form({{}}))"), &[]).await?;
    assert_eq!(status(&throttled), 503);
    Ok(())
}

#[tokio::test]
async fn a_page_of_another_origin_may_send_headers_of_its_own() -> WebDriverResult<()> {
    let sandbox = builder().start().await.expect("a free port");
    let script = "
        const [{ base, user, md5 }] = arguments;
        const headers = { Authorization: 'Bearer token', 'X-Requested-With': 'XMLHttpRequest', 'X-Own': '1' };
        return call(`${base}${PATH}/credencial`, { ...form({ user, pass: md5 }), headers });";
    let response = page().await?.run(script, &[certiface(&sandbox)]).await?;
    assert_eq!(status(&response), 200);
    Ok(())
}
