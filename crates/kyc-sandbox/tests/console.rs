//! The console over HTTP: what each page shows and does. No vendor is named here, except where a call is made.

use kyc_core::{Clock as _, VirtualClock};
use kyc_sandbox::{Fault, Outcome, Sandbox, Scenario};
use reqwest::header::{ACCEPT, ACCEPT_LANGUAGE, CACHE_CONTROL, COOKIE, LOCATION, ORIGIN, SET_COOKIE};
use reqwest::{Response, StatusCode};

use crate::clearsale::client as clearsale;
use crate::support::*;

const CPF: &str = "52998224725";
const SECTIONS: [&str; 8] = [
    "/",
    "/console/transactions",
    "/console/webhooks",
    "/console/scenarios",
    "/console/faults",
    "/console/clock",
    "/console/connect",
    "/console/reset",
];

async fn visit(sandbox: &Sandbox, path: &str, headers: &[(&str, &str)]) -> Response {
    let mut request = client().get(format!("{}{path}", sandbox.url())).header(ACCEPT, "text/html");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.expect("a response")
}

async fn page(sandbox: &Sandbox, path: &str) -> String {
    visit(sandbox, path, &[]).await.text().await.expect("a page")
}

/// What a form's answer is, without following it.
async fn post(sandbox: &Sandbox, section: &str, fields: &[(&str, &str)]) -> Response {
    let http = reqwest::Client::builder().no_proxy().tls_certs_only([]);
    let http = http.redirect(reqwest::redirect::Policy::none()).build().expect("a client");
    let request = http.post(format!("{}/console/{section}", sandbox.url())).header(ORIGIN, sandbox.url());
    request.form(fields).send().await.expect("a response")
}

/// Posts a form that is accepted, and returns the page that follows.
async fn submit(sandbox: &Sandbox, section: &str, fields: &[(&str, &str)]) -> String {
    let response = post(sandbox, section, fields).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER, "{fields:?}");
    let location = response.headers()[LOCATION].to_str().expect("ASCII").to_owned();
    let page = page(sandbox, &location).await;
    assert!(page.contains(r#"id="done""#), "{location}");
    page
}

/// The part of a page that is brought up to date.
fn live(page: &str) -> &str {
    page.split_once(r#"id="live""#).and_then(|(_, rest)| rest.split_once("<footer")).expect("a live part").0
}

/// The texts of the elements whose id begins so, without their markup.
fn texts(page: &str, id: &str) -> Vec<String> {
    let begin = format!(r#"<code id="{id}"#);
    let each = page.split(&begin).skip(1);
    let text = |rest: &str| {
        let (_, rest) = rest.split_once('>').expect("the end of a tag");
        let (text, _) = rest.split_once("</code>").expect("the end of the text");
        text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
    };
    each.map(text).collect()
}

#[tokio::test]
async fn each_page_has_its_headers_landmarks_and_one_first_heading() {
    let sandbox = sandbox().await;
    for path in SECTIONS {
        let response = visit(&sandbox, path, &[]).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        let headers = response.headers();
        let policy = headers["content-security-policy"].to_str().expect("ASCII");
        assert!(policy.starts_with("default-src 'none';") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(headers[CACHE_CONTROL], "no-store");
        assert_eq!(headers["x-frame-options"], "DENY");
        assert_eq!(headers["x-content-type-options"], "nosniff");
        // With no-referrer a browser would send the origin `null` with a form.
        assert_eq!(headers["referrer-policy"], "same-origin");
        let page = response.text().await.expect("a page");
        assert_eq!(page.matches("<h1>").count(), 1, "{path}");
        for part in ["<header>", "<main id=\"main\"", "<footer>", "href=\"#main\"", "aria-live=\"polite\""] {
            assert!(page.contains(part), "{path}: {part}");
        }
        assert_eq!(page.matches(r#"aria-current="page""#).count(), usize::from(path != "/console/reset"));
        assert!(!page.contains(" style=") && !page.contains(" onclick="), "{path}");
        assert!(page.len() < 100_000, "{path}: {}", page.len());
    }
}

#[tokio::test]
async fn each_field_has_a_label_and_each_id_is_there_once() {
    let sandbox = sandbox().await;
    for path in SECTIONS {
        let page = page(&sandbox, path).await;
        let ids: Vec<_> = page.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        let mut distinct = ids.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), ids.len(), "{path}: {ids:?}");
        for tag in page.split(['<']).filter(|tag| tag.starts_with("input ") || tag.starts_with("select ")) {
            if !tag.contains(r#"type="hidden""#) {
                let (_, rest) = tag.split_once(" id=\"").expect("an id");
                let id = rest.split('"').next().expect("its value");
                assert!(page.contains(&format!(r#"<label for="{id}">"#)), "{path}: {id}");
            }
        }
    }
}

#[tokio::test]
async fn nothing_comes_from_elsewhere() {
    let sandbox = sandbox().await;
    for path in ["/console/assets/console.css", "/console/assets/console.js", "/console/assets/icon.svg"] {
        let asset = page(&sandbox, path).await.replace("http://www.w3.org/2000/svg", "");
        assert!(!asset.contains("http://") && !asset.contains("https://"), "{path}");
        assert!(!asset.contains("@import") && !asset.contains("url("), "{path}");
    }
    for path in SECTIONS {
        let page = page(&sandbox, path).await;
        for attribute in [" src=\"", " href=\"", " action=\""] {
            for target in page.split(attribute).skip(1).filter_map(|rest| rest.split('"').next()) {
                let is_page = target.starts_with("https://github.com/kyc-br/kyc-br/blob/main/");
                let is_own = target.starts_with('/') && !target.starts_with("//");
                assert!(
                    is_own || target.starts_with('#') || (is_page && attribute == " href=\""),
                    "{target}"
                );
            }
        }
    }
    let missing = visit(&sandbox, "/console/assets/../../Cargo.toml", &[]).await;
    assert_eq!(missing.status(), StatusCode::NOT_FOUND);
    assert_eq!(visit(&sandbox, "/console/nowhere", &[]).await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_request_is_shown_with_its_reason_and_can_be_filtered() {
    let sandbox = sandbox().await;
    assert!(page(&sandbox, "/").await.contains(r#"id="first-steps""#));
    clearsale::login(&sandbox).await;
    let url = format!("{}/clearsale/api/<b>nowhere/{CPF}", sandbox.url());
    client().get(url).send().await.expect("a response");
    let all = page(&sandbox, "/").await;
    for text in ["login", "200 ok", "404 refused", "there is no such path", "2 requests, 1 refused"] {
        assert!(all.contains(text), "{text}");
    }
    assert!(all.contains(r#"data-tone="good""#) && all.contains(r#"data-tone="refused""#));
    assert!(all.contains(r#"blob/main/docs/vendors/"#));
    assert!(!all.contains(CPF) && !all.contains("<b>"));
    let refused = page(&sandbox, "/?refused=yes").await;
    assert!(!live(&refused).contains("200 ok") && refused.contains("404 refused"));
    let other = page(&sandbox, "/?vendor=cellere").await;
    assert!(other.contains("0 requests, 0 refused") && !other.contains("404 refused"));
}

#[tokio::test]
async fn a_program_gets_a_text_at_the_root_and_a_browser_a_page() {
    let sandbox = sandbox().await;
    let text = client().get(sandbox.url()).send().await.expect("a response");
    assert_eq!(text.headers()["content-type"], "text/plain; charset=utf-8");
    assert_eq!(visit(&sandbox, "/", &[]).await.headers()["content-type"], "text/html; charset=utf-8");
}

#[tokio::test]
async fn transactions_are_shown_with_a_masked_cpf() {
    let sandbox = sandbox().await;
    let token = clearsale::login(&sandbox).await;
    let mut order = clearsale::order();
    order["cpf"] = CPF.into();
    let id = clearsale::submit(&sandbox, &token, &order).await;
    let waiting = page(&sandbox, "/console/transactions").await;
    assert!(waiting.contains("1 in all, 1 undecided") && waiting.contains(&id), "{waiting}");
    assert!(waiting.contains("Processing") && waiting.contains("725") && !waiting.contains(CPF));
    submit(&sandbox, "clock", &[("action", "step"), ("seconds", "60")]).await;
    let decided = page(&sandbox, "/console/transactions").await;
    assert!(decided.contains("1 in all, 0 undecided") && decided.contains("Success"), "{decided}");
}

#[tokio::test]
async fn a_receiver_is_registered_and_an_event_is_sent_again() {
    let sandbox = sandbox().await;
    let mut receiver = Receiver::start().await;
    let fields = [("action", "register"), ("root", receiver.root())];
    let registered = submit(&sandbox, "webhooks", &fields).await;
    assert!(registered.contains(&format!("{}/webhooks/clearsale", receiver.root())));
    let settings = texts(&registered, "receiver-toml").remove(0);
    let token =
        settings.split("[clearsale.webhook]\ntoken = \"").nth(1).and_then(|rest| rest.split('"').next());
    let token = format!("Bearer {}", token.expect("a token"));
    sandbox.trigger("clearsale", "match").expect("an outcome");
    for _ in 0..2 {
        let (headers, _) = receiver.next().await;
        assert_eq!(headers["authorization"], token.as_str());
    }
    when(|| sandbox.clearsale().deliveries(), |all| all.iter().all(|one| one.attempts.len() == 1)).await;
    let shown = page(&sandbox, "/console/webhooks").await;
    assert!(live(&shown).contains("delivered") && live(&shown).contains("HTTP 200"), "{shown}");
    let id = shown.split("id=\"resend-").nth(1).and_then(|rest| rest.split('"').next()).expect("a button");
    let newest = [("action", "resend"), ("vendor", "clearsale"), ("id", id)];
    submit(&sandbox, "webhooks", &newest).await;
    let (_, event) = receiver.next().await;
    assert_eq!(event["transactionStatus"], "Success");
    let all =
        when(|| sandbox.clearsale().deliveries(), |all| all.iter().any(|one| one.attempts.len() == 2)).await;
    assert_eq!((all.len(), all[0].attempts.len()), (2, 1), "only one event is sent again");
    let unknown =
        [("action", "resend"), ("vendor", "clearsale"), ("id", "00000000-0000-4000-8000-000000000000")];
    assert_eq!(post(&sandbox, "webhooks", &unknown).await.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn sending_an_event_again_ends_the_wait_for_its_retry() {
    let sandbox = sandbox().await;
    let mut receiver = Receiver::start().await;
    receiver.answer(&[500]);
    sandbox.send_webhooks_to(receiver.root()).expect("loopback");
    sandbox.trigger("clearsale", "match").expect("an outcome");
    receiver.next().await;
    receiver.next().await;
    let failed = |all: &[kyc_sandbox::Delivery]| all.iter().all(|one| one.attempts.len() == 1);
    when(|| sandbox.clearsale().deliveries(), failed).await;
    let shown = page(&sandbox, "/console/webhooks").await;
    assert!(live(&shown).contains("HTTP 500") && live(&shown).contains("next "), "{shown}");
    let ids: Vec<_> = shown.split("id=\"resend-").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    for id in ids {
        submit(&sandbox, "webhooks", &[("action", "resend"), ("vendor", "clearsale"), ("id", id)]).await;
        receiver.next().await;
    }
    let twice = |all: &[kyc_sandbox::Delivery]| all.iter().all(|one| one.attempts.len() == 2);
    when(|| sandbox.clearsale().deliveries(), twice).await;
    // The retry of the first round would come now.
    sandbox.clock().advance(seconds(3600));
    sandbox.trigger("clearsale", "error").expect("an outcome");
    assert_eq!(receiver.next().await.1["transactionStatus"], "Processing");
    assert_eq!(receiver.next().await.1["transactionStatus"], "Error");
    assert_eq!(sandbox.clearsale().deliveries()[0].attempts.len(), 2);
}

#[tokio::test]
async fn a_scenario_is_set_listed_removed_and_triggered() {
    let sandbox = sandbox().await;
    let reason = "<script>alert(1)</script>";
    let fields = [
        ("action", "set"),
        ("vendor", "clearsale"),
        ("cpf", "529.982.247-25"),
        ("outcome", "error"),
        ("reason", reason),
        ("delay_seconds", "1.5"),
    ];
    let set = submit(&sandbox, "scenarios", &fields).await;
    assert!(set.contains("1 scenario") && live(&set).contains("1.5 s") && live(&set).contains(CPF), "{set}");
    assert!(live(&set).contains("&lt;script&gt;alert(1)&lt;/script&gt;") && !set.contains(reason));
    let listed = sandbox.scenarios();
    let wanted = Scenario::new("clearsale", "error").cpf(CPF).reason(reason);
    assert_eq!(listed, [wanted.delay(std::time::Duration::from_millis(1500))]);
    let mut remove = fields;
    (remove[0].1, remove[2].1) = ("remove", CPF);
    assert!(submit(&sandbox, "scenarios", &remove).await.contains("0 scenarios"));
    submit(&sandbox, "scenarios", &[("action", "set"), ("vendor", "clearsale"), ("outcome", "no-match")])
        .await;
    submit(&sandbox, "scenarios", &[("action", "clear")]).await;
    assert!(sandbox.scenarios().is_empty());
    let trigger = [("action", "trigger"), ("vendor", "clearsale"), ("outcome", "error"), ("cpf", "")];
    assert!(submit(&sandbox, "scenarios", &trigger).await.contains("1 in all, 0 undecided"));
    assert_eq!(sandbox.clearsale().paid_calls(), 1);
}

#[tokio::test]
async fn each_outcome_can_be_chosen_and_is_explained() {
    let sandbox = sandbox().await;
    for vendor in sandbox.vendors() {
        let page = page(&sandbox, &format!("/console/scenarios?vendor={}", vendor.key)).await;
        let of_vendor = Sandbox::outcomes().into_iter().filter(|outcome| outcome.vendor == vendor.key);
        for Outcome { name, .. } in of_vendor {
            assert!(page.contains(&format!(r#"<option value="{name}""#)), "{} {name}", vendor.key);
            assert!(page.contains(&format!("<code>{name}</code>")), "{} {name}", vendor.key);
        }
    }
}

#[tokio::test]
async fn a_refused_form_says_why_and_keeps_what_was_typed() {
    let sandbox = sandbox().await;
    let typed = [("action", "set"), ("vendor", "clearsale"), ("outcome", "no-match"), ("cpf", "\"><b>1")];
    let response = post(&sandbox, "scenarios", &typed).await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    let page = response.text().await.expect("a page");
    assert!(page.contains(r#"id="error""#) && page.contains("cpf"), "{page}");
    assert!(page.contains(r#"value="&quot;&gt;&lt;b&gt;1""#) && !page.contains("<b>1"), "{page}");
    assert!(page.contains(r#"<option value="no-match" selected"#));
    assert!(sandbox.scenarios().is_empty());
    for (section, fields) in [
        ("webhooks", vec![("action", "register"), ("root", "https://example.com")]),
        ("webhooks", vec![("action", "resend"), ("id", "1")]),
        ("faults", vec![("action", "add"), ("vendor", "clearsale"), ("kind", "status")]),
        (
            "faults",
            vec![("action", "add"), ("vendor", "clearsale"), ("kind", "status"), ("status", "99999999999")],
        ),
        ("faults", vec![("action", "add"), ("vendor", "nobody"), ("kind", "close")]),
        ("clock", vec![("action", "advance"), ("amount", "-1"), ("unit", "60")]),
        ("clock", vec![("action", "advance"), ("amount", "NaN")]),
        ("clock", vec![]),
        ("scenarios", vec![("action", "nothing"), ("vendor", "clearsale"), ("outcome", "match")]),
        ("connect", vec![("action", "set")]),
    ] {
        let response = post(&sandbox, section, &fields).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{section} {fields:?}");
        assert!(response.text().await.expect("a page").contains(r#"role="alert""#), "{section} {fields:?}");
    }
}

#[tokio::test]
async fn a_fault_is_queued_and_cleared() {
    let sandbox = sandbox().await;
    let fields = [
        ("action", "add"),
        ("vendor", "clearsale"),
        ("operation", "login"),
        ("kind", "status"),
        ("status", "429"),
        ("retry_after_seconds", "2"),
        ("seconds", ""),
        ("times", "3"),
    ];
    let added = submit(&sandbox, "faults", &fields).await;
    assert!(
        added.contains("1 fault waits") && live(&added).contains("status 429, retry_after_seconds 2"),
        "{added}"
    );
    assert_eq!(sandbox.clearsale().waiting_faults(), 3);
    let twice = [("action", "add"), ("vendor", "clearsale"), ("kind", "duplicate_webhooks")];
    assert!(live(&submit(&sandbox, "faults", &twice).await).contains("sends each webhook twice"));
    let cleared = submit(&sandbox, "faults", &[("action", "clear")]).await;
    assert!(cleared.contains("0 faults wait") && !live(&cleared).contains("twice"));
    sandbox.clearsale().fault(Fault::close());
    assert!(page(&sandbox, "/console/faults").await.contains("1 fault waits"));
}

#[tokio::test]
async fn the_clock_is_shown_and_advanced() {
    let clock = VirtualClock::frozen();
    let sandbox = Sandbox::builder().clock(clock.clone()).start().await.expect("a free port");
    let before = clock.now();
    assert!(page(&sandbox, "/console/clock").await.contains("It is frozen"));
    submit(&sandbox, "clock", &[("action", "step"), ("seconds", "600")]).await;
    let shown =
        submit(&sandbox, "clock", &[("action", "advance"), ("amount", "1.5"), ("unit", "3600")]).await;
    assert_eq!(clock.now().since(before), seconds(600 + 5400));
    assert!(shown.contains(&clock.now().to_rfc3339()));
}

#[tokio::test]
async fn a_reset_asks_first_and_then_forgets_everything() {
    let sandbox = sandbox().await;
    sandbox.trigger("clearsale", "match").expect("an outcome");
    clearsale::login(&sandbox).await;
    assert!(page(&sandbox, "/console/reset").await.contains(r#"id="reset-reset""#));
    assert_eq!(sandbox.clearsale().paid_calls(), 1);
    let after = submit(&sandbox, "reset", &[("action", "reset")]).await;
    assert!(after.contains("0 requests, 0 refused"));
    assert_eq!(sandbox.clearsale().paid_calls(), 0);
}

#[tokio::test]
async fn the_language_is_chosen_by_link_cookie_and_browser() {
    let sandbox = sandbox().await;
    let shown = async |path: &str, headers: &[(&str, &str)]| {
        let response = visit(&sandbox, path, headers).await;
        let cookie =
            response.headers().get(SET_COOKIE).map(|cookie| cookie.to_str().expect("ASCII").to_owned());
        (response.text().await.expect("a page").contains("<h1>Requisições</h1>"), cookie)
    };
    let (accept, cookie) = (ACCEPT_LANGUAGE.as_str(), COOKIE.as_str());
    assert_eq!(shown("/", &[]).await, (false, None));
    assert_eq!(shown("/", &[(accept, "pt-BR,pt;q=0.9,en;q=0.8")]).await, (true, None));
    let (is_portuguese, set) = shown("/?lang=pt", &[(accept, "en")]).await;
    let set = set.expect("a cookie");
    assert!(is_portuguese && set.contains("SameSite=Strict"), "{set}");
    let remembered = set.split(';').next().expect("its value");
    assert_eq!(shown("/", &[(accept, "en"), (cookie, remembered)]).await, (true, None));
    assert_eq!(shown("/?lang=%0d%0ax", &[(cookie, "kyc-sandbox-lang=xx")]).await, (false, None));
    for path in SECTIONS {
        let page = page(&sandbox, &format!("{path}?lang=pt")).await;
        assert!(page.contains(r#"<html lang="pt-BR">"#) && page.contains("Seções"), "{path}");
    }
}

#[tokio::test]
async fn pages_of_other_origins_cannot_steer() {
    let sandbox = sandbox().await;
    let url = format!("{}/console/reset", sandbox.url());
    for origin in [None, Some("http://evil.example"), Some("null")] {
        let mut request = client().post(&url).form(&[("action", "reset")]);
        if let Some(origin) = origin {
            request = request.header(ORIGIN, origin);
        }
        let response = request.send().await.expect("a response");
        assert_eq!(response.status(), StatusCode::FORBIDDEN, "{origin:?}");
    }
    let elsewhere = visit(&sandbox, "/console/webhooks", &[("sec-fetch-site", "cross-site")]).await;
    assert_eq!(elsewhere.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn an_event_tells_of_a_change_and_says_nothing_else() {
    let sandbox = sandbox().await;
    let mut events = visit(&sandbox, "/console/events?section=requests", &[]).await;
    assert_eq!(events.headers()["content-type"], "text/event-stream");
    let wanted = "event: change\ndata: 1\n\n";
    assert_eq!(events.chunk().await.expect("a chunk").expect("an event"), wanted);
    clearsale::login(&sandbox).await;
    assert_eq!(events.chunk().await.expect("a chunk").expect("an event"), wanted);
    assert_eq!(visit(&sandbox, "/console/events?section=no", &[]).await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn only_some_pages_wait_at_the_same_time() {
    let sandbox = sandbox().await;
    let mut waiting = Vec::new();
    for _ in 0..16 {
        let events = visit(&sandbox, "/console/events?section=clock", &[]).await;
        assert_eq!(events.status(), StatusCode::OK);
        waiting.push(events);
    }
    let refused = visit(&sandbox, "/console/events?section=clock", &[]).await;
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    drop(waiting);
    for _ in 0..500 {
        if visit(&sandbox, "/console/events?section=clock", &[]).await.status() == StatusCode::OK {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("no place became free");
}

#[tokio::test]
async fn a_table_has_at_most_two_hundred_rows() {
    let sandbox = sandbox().await;
    let http = client();
    for _ in 0..201 {
        http.get(format!("{}/clearsale/nowhere", sandbox.url())).send().await.expect("a response");
    }
    let page = page(&sandbox, "/").await;
    assert!(page.contains("201 requests, 201 refused") && page.contains("/_sandbox/requests?limit=1000"));
    assert_eq!(page.matches(r#"id="request-"#).count(), 200);
}

#[tokio::test]
async fn what_a_client_needs_is_on_one_page() {
    let sandbox = sandbox().await;
    let page = page(&sandbox, "/console/connect").await;
    for vendor in sandbox.vendors() {
        let key = vendor.key;
        assert_eq!(texts(&page, &format!("{key}-url")), [vendor.url]);
        assert_eq!(texts(&page, &format!("{key}-toml")), [vendor.client_config.to_toml()]);
        let inputs = texts(&page, &format!("{key}-input-"));
        assert_eq!(inputs, vendor.test_inputs.iter().map(|input| input.value).collect::<Vec<_>>());
        assert!(page.contains(&format!("/_sandbox/openapi/{key}.json")));
    }
}
