//! `kyc listen` with real sockets and a real file.

use std::collections::BTreeMap;

use kyc_sandbox::Sandbox;
use tokio::net::TcpListener;

use crate::listening::*;
use crate::support::*;

const VENDORS: [[&str; 2]; 3] = [["clearsale", "match"], ["bankly", "selfie-ok"], ["certiface", "complete"]];

fn is_secret(run: &str) -> bool {
    // The CPFs of the sandbox's people, too.
    ["52998224725", "92000000100", "91000000192", "90000000680", TOKEN, KEY, "hunter2", "eyJ"]
        .iter()
        .any(|secret| run.contains(secret))
}

/// A line for each event of each vendor; a body that was refused comes again.
#[tokio::test]
async fn events_of_each_vendor_are_forwarded_until_they_are_accepted() {
    let target = Target::start(|count| Some(if count == 1 { 500 } else { 204 })).await;
    // What is configured is not used: it is for real events.
    let desk = desk_with_webhook();
    desk.file("kyc.toml", "[listen]\npublic_url = 'https://example.com'\nsources = ['toy']\n");
    let mut listener = Listener::simulated(&desk, &["--forward-to", &target.url]).await;
    let sandbox = listener.sandbox().to_owned();
    for [vendor, outcome] in VENDORS {
        let run = desk.run(&["trigger", vendor, outcome, "--sandbox-url", &sandbox, "--json"]).await;
        assert!(run.code == Some(0) && !is_secret(&run.stdout), "{run:?}");
        let webhooks = run.json()["webhooks"].take();
        let states: Vec<_> = webhooks.as_array().expect("a list").iter().map(|one| &one["state"]).collect();
        assert!(!states.is_empty() && states.iter().all(|state| *state == "delivered"), "{webhooks}");
    }
    let mut results: BTreeMap<String, Vec<String>> = BTreeMap::new();
    while results.values().filter(|results| results.len() == 3).count() < 5 {
        let line = listener.line().await;
        assert!(line["simulated"] == true && line["type"].is_string(), "{line}");
        let name = format!("{} {}", line["source"], line["type"]);
        let result = format!("{} {} {}", line["result"], line["http_status"], line["attempt"]);
        results.entry(format!("{} {name}", line["id"])).or_default().push(result.replace('"', ""));
    }
    for results in results.values() {
        assert_eq!(results, &["stored null null", "retry 500 1", "forwarded 204 2"]);
    }
    let names: Vec<_> =
        results.keys().filter_map(|key| key.split_once(' ')).map(|(_, name)| name.replace('"', "")).collect();
    for name in ["bankly document-was-processed", "certiface-completion completion", "clearsale transaction"]
    {
        assert!(names.iter().any(|known| known == name), "{name}: {names:?}");
    }
    let received = target.received();
    assert_eq!(received.len(), 10);
    for one in &received {
        let twice: Vec<_> = received.iter().filter(|other| other.id() == one.id()).collect();
        assert!(twice.len() == 2 && twice[0].body == twice[1].body && !one.body.is_empty(), "{one:?}");
        let attempts: Vec<_> = twice.iter().map(|one| one.headers["kyc-attempt"].as_str()).collect();
        assert_eq!((one.target.as_str(), attempts), ("/hooks?own=1", vec!["1", "2"]));
        assert!(one.headers["content-type"].starts_with("application/json"), "{one:?}");
        assert!(["hint", "shared-secret", "signed"].contains(&one.headers["kyc-trust"].as_str()));
    }
    let store = listener.store().to_owned();
    let run = listener.stop("-INT").await;
    assert!(run.code == Some(130) && !is_secret(&run.stdout) && !is_secret(&run.stderr), "{run:?}");
    assert!(run.stdout.ends_with("\"line\":\"stopped\",\"open\":0,\"simulated\":true}\n"), "{run:?}");
    assert!(!std::path::Path::new(&store).exists(), "its file was a temporary one");
}

#[tokio::test]
async fn the_vendors_query_is_kept_and_no_redirect_is_followed() {
    let target = Target::start(|count| Some(if count == 1 { 307 } else { 200 })).await;
    let desk = desk_with_webhook();
    let mut listener = Listener::start(&desk, &["--forward-to", &target.url]).await;
    assert_eq!(listener.post("/webhooks/clearsale?shop=7&a=%20b", BODY).await, 200);
    assert_eq!(listener.result("retry").await["http_status"], 307);
    listener.result("forwarded").await;
    let received = target.received();
    assert!(received.iter().all(|one| one.target == "/hooks?own=1&shop=7&a=%20b" && one.body == BODY));
    assert_eq!(received.len(), 2);
    assert_eq!(listener.post("/webhooks/clearsale", BODY).await, 200);
    assert_eq!(listener.result("duplicate").await["id"], received[0].id());
    let run = listener.stop("-TERM").await;
    assert!(run.code == Some(143) && !is_secret(&format!("{run:?}")), "{run:?}");
    let file = std::fs::read(desk.path().join("kyc-inbox.sqlite")).expect("the usual file");
    assert!(!file.windows(11).any(|window| window == b"52998224725"), "it is encrypted");
}

/// What was acknowledged is forwarded, even if the program dies while it does so.
#[cfg(unix)]
#[tokio::test]
async fn what_was_stored_before_a_kill_is_forwarded_after_it() {
    let silent = Target::start(|_| None).await;
    let desk = desk_with_webhook();
    let mut listener = Listener::start(&desk, &["--forward-to", &silent.url]).await;
    assert_eq!(listener.post("/webhooks/clearsale", BODY).await, 200);
    let id = listener.result("stored").await["id"].take();
    silent.is_reached().await;
    let run = listener.stop("-KILL").await;
    assert_eq!(run.code, None, "{run:?}");

    let target = Target::start(|_| Some(200)).await;
    let mut listener = Listener::start(&desk, &["--forward-to", &target.url]).await;
    let line = listener.result("forwarded").await;
    assert_eq!((&line["id"], &line["attempt"]), (&id, &2.into()));
    assert_eq!(target.received()[0].body, BODY);
}

#[tokio::test]
async fn gone_ends_an_event_and_without_a_target_it_stays_new() {
    let target = Target::start(|_| Some(410)).await;
    let desk = desk_with_webhook();
    let listener = Listener::start(&desk, &[]).await;
    assert!(listener.ready["forward_to"].is_null() && listener.ready["encrypted"] == true);
    assert_eq!(listener.post("/webhooks/clearsale", BODY).await, 200);
    let run = listener.stop("-INT").await;
    assert!(run.says("not forwarded: they stay new") && run.says("\"open\":1"), "{run:?}");

    let mut listener = Listener::start(&desk, &["--forward-to", &target.url]).await;
    let line = listener.result("dead").await;
    assert_eq!((&line["http_status"], &line["attempt"]), (&410.into(), &1.into()));
    // One process forwards; others may only store.
    let other = desk.run(&["listen", "--address", "127.0.0.1:0", "--forward-to", &target.url]).await;
    assert!(other.code == Some(4) && other.stdout.is_empty(), "{other:?}");
    assert_eq!(other.stderr, "error: another process forwards the events of this inbox already\n");
    drop(listener);
}

#[tokio::test]
async fn refused_requests_are_shown_with_reasons_and_limited() {
    const REQUESTS: usize = 60;
    let desk = desk_with_webhook();
    let mut listener = Listener::start(&desk, &[]).await;
    assert_eq!(listener.post("/webhooks/hunter2", "hunter2").await, 404);
    let line = listener.line().await;
    assert_eq!((&line["result"], &line["reason"]), (&"refused".into(), &"route".into()));
    assert!(line["source"].is_null(), "{line}");
    let wrong = reqwest::Client::builder().no_proxy().build().expect("a client");
    let url = format!("{}/webhooks/clearsale", listener.ready["url"].as_str().expect("a URL"));
    let status = wrong.post(url).bearer_auth("hunter2").send().await.expect("a response").status();
    assert_eq!((status.as_u16(), listener.line().await["reason"].as_str()), (401, Some("secret")));
    for _ in 2..REQUESTS {
        listener.post("/webhooks/", "").await;
    }
    let run = listener.stop("-INT").await;
    let lines: Vec<serde_json::Value> =
        run.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let refused = lines.iter().filter(|line| line["result"] == "refused").count();
    let left_out: u64 = lines.iter().filter_map(|line| line["lines"].as_u64()).sum();
    assert_eq!(refused as u64 + left_out, REQUESTS as u64, "{run:?}");
    assert!(left_out > 0 && !is_secret(&format!("{run:?}")), "{run:?}");
}

#[tokio::test]
async fn what_cannot_work_is_refused_before_the_ready_line() {
    let holder = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let taken = holder.local_addr().expect("an address").to_string();
    let free = ["--address", "127.0.0.1:0"];
    let table: [(&[&str], i32, &str); 10] = [
        (&["--source", "toy"], 3, "--source: must be one of those that are configured: clearsale; nothing"),
        (&["--forward-to", "http://example.com/?hunter2"], 3, "--forward-to: must begin with https://"),
        (&["--forward-to", "hunter2"], 3, "--forward-to: must be a URL"),
        (&["--public-url", "ftp://hunter2"], 3, "--public-url: must begin with https:// or http://"),
        (&["--trusted-proxy", "0.0.0.0/0"], 3, "--trusted-proxy: "),
        (&["--store", "none/inbox.sqlite"], 70, "none/inbox.sqlite: the inbox failed: "),
        (&["--config", "none.toml"], 4, "none.toml does not exist"),
        (&["--address", "127.0.0.1"], 2, "invalid value '127.0.0.1' for '--address <IP:PORT>'"),
        (&["--bogus"], 2, "unexpected argument"),
        (&["--plain-text", "--config", "hunter.toml"], 4, "[listen] address must be an address and a port"),
    ];
    let desk = desk_with_webhook();
    desk.file("hunter.toml", "[clearsale.webhook]\ntoken = 't'\n[listen]\naddress = 'hunter2'\n");
    for (arguments, code, words) in table {
        let free = if arguments.contains(&"--address") || code == 4 { &[][..] } else { &free };
        let run = desk.run(&[&["listen"], free, arguments].concat()).await;
        assert_eq!((run.code, run.stdout.as_str()), (Some(code), ""), "{arguments:?}: {run:?}");
        assert!(run.stderr.contains(words) && !run.says("hunter2"), "{words}: {run:?}");
    }
    let run = desk.run(&["listen", "--address", &taken]).await;
    assert!(run.code == Some(4) && run.says("cannot listen on 127.0.0.1:"), "{run:?}");
    let run = Desk::new().run(&["listen"]).await;
    assert!(run.code == Some(4) && run.says("KYC_CLEARSALE_WEBHOOK_TOKEN, or the same keys"), "{run:?}");
    let run = Desk::new().with("KYC_CLEARSALE_WEBHOOK_TOKEN", TOKEN).run(&["listen"]).await;
    assert!(run.code == Some(4) && run.says("what `kyc inbox key` prints"), "{run:?}");
    let run = Desk::new().with("KYC_INBX_KEY", KEY).run(&["listen"]).await;
    assert!(run.says("KYC_INBX_KEY is not a known variable; did you mean KYC_INBOX_*?"), "{run:?}");
}

/// The table is used as the options are.
#[tokio::test]
async fn the_configuration_sets_what_no_option_does() {
    let target = Target::start(|_| Some(200)).await;
    let desk = Desk::new();
    let listen = format!(
        "[listen]\naddress = '127.0.0.1:0'\nforward_to = '{}'\nsources = ['clearsale']\n\
         public_url = 'https://hooks.example.com/kyc/'\n",
        target.url
    );
    let vendors = format!(
        "[clearsale.webhook]\ntoken = '{TOKEN}'\n[certiface.webhook]\ncompletion_secret_path = 'hunter2'\n"
    );
    desk.file("kyc.toml", format!("{vendors}{listen}[inbox]\npath = 'mine.sqlite'\nplain_text = true\n"));
    let mut listener = Listener::start(&desk, &[]).await;
    let webhooks = listener.ready["webhooks"].as_array().expect("a list");
    assert_eq!(webhooks.len(), 1);
    assert_eq!(webhooks[0]["url"], "https://hooks.example.com/kyc/webhooks/clearsale");
    assert_eq!(listener.post("/webhooks/clearsale", BODY).await, 200);
    listener.result("forwarded").await;
    let run = listener.stop("-INT").await;
    assert!(desk.path().join("mine.sqlite").exists() && !run.says("No public URL"), "{run:?}");
    assert!(run.says("with your account manager at ClearSale") && !is_secret(&format!("{run:?}")), "{run:?}");
    // Its forwarding goes to a URL whose query is nobody's business.
    assert!(run.says("/hooks") && !run.says("own=1"), "{run:?}");
}

/// What people see, without what changes at each run.
#[tokio::test]
async fn what_people_see_in_both_languages() {
    let desk = desk_with_webhook().with("KYC_BANKLY_WEBHOOK_PRIVATE_KEY", "aHVudGVyMmh1bnRlcjI=");
    let mut shown = String::new();
    for lang in ["en", "pt"] {
        let desk = if lang == "en" { &desk } else { &desk_with_webhook() };
        for columns in ["60", "80"] {
            let mut command = desk.command(&["--lang", lang, "listen", "--address", "127.0.0.1:0"]);
            let mut child = command.env("COLUMNS", columns).spawn().expect("it starts");
            let mut stdout = child.stdout.take().expect("piped");
            let url = first_url(&mut stdout).await;
            let client = reqwest::Client::builder().no_proxy().build().expect("a client");
            let post = |path: &str, token: &str| {
                client.post(format!("{url}{path}")).bearer_auth(token).body(BODY).send()
            };
            for (path, token) in
                [("/webhooks/clearsale", TOKEN), ("/webhooks/clearsale", "wrong"), ("/webhooks/toy", TOKEN)]
            {
                post(path, token).await.expect("a response");
            }
            interrupt(&child).await;
            let mut rest = String::new();
            tokio::io::AsyncReadExt::read_to_string(&mut stdout, &mut rest).await.expect("text");
            let run = finish(child).await;
            assert_eq!(run.code, Some(130), "{run:?}");
            let text = format!("# {lang}, {columns} columns\n{}{rest}\n", run.stderr)
                .replace(&url, "http://LISTENER");
            let is_time =
                |line: &str| line.len() > 8 && line.as_bytes()[2] == b':' && line.as_bytes()[5] == b':';
            let line = |line: &str| {
                if is_time(line) { format!("12:00:00{}\n", &line[8..]) } else { format!("{line}\n") }
            };
            shown.extend(text.lines().map(line));
        }
    }
    assert!(!is_secret(&shown), "{shown}");
    insta::assert_snapshot!(shown);
}

/// Reads the ready line, and returns the URL in it.
async fn first_url(stdout: &mut tokio::process::ChildStdout) -> String {
    let mut line = Vec::new();
    while !line.ends_with(b"\n") {
        line.push(tokio::io::AsyncReadExt::read_u8(stdout).await.expect("a line"));
    }
    let line = String::from_utf8(line).expect("text");
    line.trim_end().strip_prefix("kyc listen ready on ").expect("the ready line").to_owned()
}

/// The interval of its queries is longer than its timeout.
#[tokio::test]
async fn an_event_ends_the_wait_of_another_process() {
    let desk = desk_with_webhook().with("KYC_INBOX_PATH", "inbox.sqlite");
    let mut listener = Listener::simulated(&desk, &["--store", "inbox.sqlite"]).await;
    let config = Sandbox::client_config_at("clearsale", listener.sandbox()).expect("a vendor");
    let clients = config.env_vars().into_iter();
    let desk = clients.fold(desk, |desk, (name, value)| desk.with(&name, &value));
    let desk = desk.with("KYC_CLEARSALE_POLL_INTERVAL_SECONDS", "86400");
    let run = desk.run(&["facematch", "--vendor", "clearsale", "--timeout", "3000", "--json"]).await;
    assert_eq!(run.code, Some(0), "{run:?}");
    // Without events it would end by its last query, two seconds before the timeout.
    assert!(run.json()["elapsed_seconds"].as_f64().is_some_and(|seconds| seconds < 1500.0));
    assert_eq!(listener.result("stored").await["type"], "transaction");
}
