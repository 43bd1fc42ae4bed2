//! `kyc inbox` on a file that `kyc listen` uses at the same time.

use std::process::Stdio;

use crate::listening::*;
use crate::support::*;

/// Waits until the event has that state: the listener's line comes before the state is written.
async fn has_state(desk: &Desk, id: &str, state: &str) {
    for _ in 0..200 {
        if desk.run(&["inbox", "show", id, "--json"]).await.json()["state"] == state {
            return;
        }
    }
    panic!("{id} is not {state}");
}

#[tokio::test]
async fn a_file_in_use_is_read_and_changed() {
    let target = Target::start(|_| Some(200)).await;
    let desk = desk_with_webhook();
    let mut listener = Listener::start(&desk, &["--forward-to", &target.url]).await;
    let run = desk.run(&["inbox", "ls"]).await;
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), "no events\n"), "{run:?}");
    assert_eq!(listener.post("/webhooks/clearsale?shop=hunter2", BODY).await, 200);
    let id = listener.result("forwarded").await["id"].as_str().expect("an id").to_owned();
    has_state(&desk, &id, "done").await;

    let events =
        desk.run(&["inbox", "ls", "--state", "done", "--source", "clearsale", "--json"]).await.json();
    assert_eq!(
        (&events["events"][0]["id"], &events["events"][0]["attempts"]),
        (&id.as_str().into(), &1.into())
    );
    assert_eq!(events["more"], false);
    let run = desk.run(&["inbox", "ls"]).await;
    assert!(run.stdout.contains(&format!("Z  done  clearsale transaction  {id}\n")), "{run:?}");
    for none in [&["--state", "dead"][..], &["--source", "toy"], &["--type", "toy"], &["--since", "0s"]] {
        let run = desk.run(&[&["inbox", "ls"], none].concat()).await;
        assert_eq!((run.code, run.stdout.as_str()), (Some(0), "no events\n"), "{none:?}: {run:?}");
    }

    let run = desk.run(&["inbox", "show", &id]).await;
    assert!(run.code == Some(0) && run.says("hidden; show it with --body"), "{run:?}");
    assert!(run.says("transaction  3fa85f64-5717-4562-b3fc-2c963f66afa6"), "{run:?}");
    assert!(!run.says("52998224725") && !run.says("hunter2"), "{run:?}");
    let run = desk.run(&["inbox", "show", &id, "--json"]).await;
    assert!(!run.says("52998224725") && !run.says("hunter2") && run.json()["body"].is_null(), "{run:?}");
    let run = desk.run(&["inbox", "show", &id, "--body"]).await;
    assert!(run.stdout.ends_with(&format!("\n\n{BODY}\n")) && run.says("shop=hunter2"), "{run:?}");
    assert_eq!(desk.run(&["inbox", "show", &id, "--body", "--json"]).await.json()["body"], BODY);

    let stats = desk.run(&["inbox", "stats", "--json"]).await.json();
    assert_eq!((&stats["done"], &stats["new"]), (&1.into(), &0.into()));

    // The listener, another process, handles it again.
    let run = desk.run(&["inbox", "replay", &id]).await;
    assert!(run.code == Some(0) && run.says("REPLAYED     1 event is due again"), "{run:?}");
    let line = listener.result("forwarded").await;
    assert_eq!((&line["id"], &line["attempt"]), (&id.as_str().into(), &1.into()));
    assert_eq!(target.received().len(), 2);
    has_state(&desk, &id, "done").await;

    let run = desk.run(&["inbox", "purge", "--older-than", "90d", "--json"]).await;
    assert_eq!(run.json()["deleted"], 0, "{run:?}");
    let cpf = desk.file("cpf", "529.982.247-25\n");
    let forget = |desk: &Desk| {
        let mut command = desk.command(&["inbox", "forget", "--cpf", "-", "--json"]);
        command.stdin(std::fs::File::open(&cpf).expect("the file"));
        command.spawn().expect("it starts")
    };
    let run = finish(forget(&desk)).await;
    assert!(run.json()["deleted"] == 1 && !run.says("529"), "{run:?}");
    let run = desk.run(&["inbox", "show", &id, "--body"]).await;
    assert!(run.code == Some(0) && run.says("body         deleted") && !run.says("52998224725"), "{run:?}");
    assert!(!run.says("hunter2"), "{run:?}");
    let run = desk.run(&["inbox", "replay", &id, "--forward-to", &target.url]).await;
    assert!(run.code == Some(7) && run.says("what was received is deleted"), "{run:?}");
}

#[tokio::test]
async fn events_are_delivered_here_and_now() {
    let (good, bad) = (Target::start(|_| Some(200)).await, Target::start(|_| Some(404)).await);
    let desk = desk_with_webhook();
    let listener = Listener::start(&desk, &[]).await;
    for status in ["Processing", "Success"] {
        assert_eq!(listener.post("/webhooks/clearsale", &BODY.replace("Processing", status)).await, 200);
    }
    let source = ["inbox", "replay", "--source", "clearsale", "--forward-to"];
    let run = desk.run(&[&source[..], &[&good.url, "--json"]].concat()).await;
    let report = run.json();
    assert_eq!((run.code, &report["delivered"], &report["failed"]), (Some(0), &2.into(), &0.into()));
    let bodies: Vec<_> = good.received().iter().map(|one| one.body.contains("Success")).collect();
    assert_eq!(bodies, [false, true], "the oldest first");
    let run = desk.run(&[&source[..], &[&bad.url]].concat()).await;
    assert!(run.code == Some(7) && run.stdout.starts_with("NOT DELIVERED 0 of 2; "), "{run:?}");
    let run = desk.run(&[&source[..], &["http://example.com/"]].concat()).await;
    assert!(run.code == Some(3) && run.says("--forward-to: must begin with https://"), "{run:?}");
    // Nothing was handled.
    assert_eq!(desk.run(&["inbox", "stats", "--json"]).await.json()["new"], 2);
    let run = desk.run(&["inbox", "ls", "--limit", "1"]).await;
    assert!(run.stdout.lines().count() == 1 && run.stderr.starts_with("There are older ones: "), "{run:?}");
}

#[tokio::test]
async fn dead_events_have_reasons_and_are_replayed() {
    let target = Target::start(|count| Some(if count == 1 { 410 } else { 200 })).await;
    let desk = desk_with_webhook();
    let mut listener = Listener::start(&desk, &["--forward-to", &target.url]).await;
    assert_eq!(listener.post("/webhooks/clearsale", BODY).await, 200);
    let id = listener.result("dead").await["id"].as_str().expect("an id").to_owned();
    has_state(&desk, &id, "dead").await;
    let run = desk.run(&["inbox", "dead"]).await;
    assert!(run.stdout.ends_with(&format!("{id}\n    1 attempt: HTTP 410\n")), "{run:?}");
    let events = desk.run(&["inbox", "dead", "--json"]).await.json();
    assert_eq!(events["events"][0]["reason"], "HTTP 410");
    let run = desk.run(&["inbox", "replay", "--state", "dead", "--json"]).await;
    assert_eq!(run.json()["replayed"], 1);
    assert_eq!(listener.result("forwarded").await["id"], id.as_str());
    has_state(&desk, &id, "done").await;
    assert_eq!(desk.run(&["inbox", "replay", "--state", "dead", "--json"]).await.json()["replayed"], 0);
}

#[tokio::test]
async fn a_key_that_does_not_fit_is_refused_and_a_new_one_replaces_it() {
    let desk = desk_with_webhook();
    let listener = Listener::start(&desk, &[]).await;
    assert_eq!(listener.post("/webhooks/clearsale", BODY).await, 200);
    let run = listener.stop("-INT").await;
    assert!(!run.says(KEY), "{run:?}");
    let run = desk.run(&["inbox", "key"]).await;
    let new = run.stdout.trim_end().to_owned();
    assert!(run.code == Some(0) && new.len() == 44 && run.says("keep a copy"), "{run:?}");

    let file = desk.path().join("kyc-inbox.sqlite").to_string_lossy().into_owned();
    let at = |desk: Desk| desk.with("KYC_INBOX_PATH", &file);
    for desk in
        [at(Desk::new().with("KYC_INBOX_KEY", &new)), at(Desk::new().with("KYC_INBOX_PLAIN_TEXT", "true"))]
    {
        for command in [&["inbox", "ls"][..], &["inbox", "stats", "--json"]] {
            let run = desk.run(command).await;
            assert!(run.code == Some(4) && run.says("the inbox's key does not fit: "), "{run:?}");
            assert!(!run.says(&new) && !run.says(KEY), "{run:?}");
        }
    }
    let both = at(Desk::new().with("KYC_INBOX_KEY", &new).with("KYC_INBOX_PREVIOUS_KEYS", KEY));
    for desk in [both, at(Desk::new().with("KYC_INBOX_KEY", &new))] {
        let events = desk.run(&["inbox", "ls", "--json"]).await.json();
        let id = events["events"][0]["id"].as_str().expect("an id").to_owned();
        assert_eq!(desk.run(&["inbox", "show", &id, "--body", "--json"]).await.json()["body"], BODY);
    }
}

#[tokio::test]
async fn wrong_input_and_a_missing_inbox() {
    let desk = desk_with_webhook();
    for command in
        [&["ls"][..], &["stats"], &["dead"], &["purge", "--older-than", "1d"], &["replay", "--since", "1d"]]
    {
        let run = desk.run(&[&["inbox"], command].concat()).await;
        assert!(run.code == Some(4) && run.says("there is no inbox; `kyc listen` creates it"), "{run:?}");
        assert!(!desk.path().join("kyc-inbox.sqlite").exists(), "{command:?}");
    }
    for (key, words) in [
        ("hunter2", "KYC_INBOX_KEY must be 32 bytes in base64"),
        ("aHVudGVyMg==", "KYC_INBOX_KEY must be 32 bytes in base64"),
    ] {
        let run = Desk::new().with("KYC_INBOX_KEY", key).run(&["inbox", "ls"]).await;
        assert!(run.code == Some(4) && run.says(words) && !run.says(key), "{run:?}");
    }
    let run = desk_with_webhook().with("KYC_INBOX_PLAIN_TEXT", "true").run(&["inbox", "ls"]).await;
    assert!(run.code == Some(4) && run.says("KYC_INBOX_PLAIN_TEXT must not be true"), "{run:?}");

    let listener = Listener::start(&desk, &[]).await;
    let unknown = format!("evt_{}", "0".repeat(32));
    for command in [&["show", &unknown][..], &["replay", &unknown]] {
        let run = desk.run(&[&["inbox"], command].concat()).await;
        let line = format!("error: {unknown}: the inbox has no such event\n");
        assert_eq!((run.code, run.stderr), (Some(3), line));
    }
    for (command, words) in [
        (&["show", "evt_1"][..], "must be evt_ and 32 hexadecimal digits"),
        (&["replay"], "ID / --state / --source / --type / --since: is missing"),
        (&["purge"], "missing: --older-than <SPAN>"),
        (&["purge", "--older-than", "90"], "must be as 90d"),
        (&["ls", "--state", "gone"], "invalid value 'gone' for '--state"),
        (&["ls", "--since", "soon"], "must be as 90d, 12h"),
        (&["ls", "--limit", "0"], "invalid value '0' for '--limit"),
        (&["forget"], "missing: --cpf"),
    ] {
        let run = desk.run(&[&["inbox"], command].concat()).await;
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{command:?}: {run:?}");
        assert!(run.stderr.contains(words), "{words}: {run:?}");
    }
    let mut command = desk.command(&["inbox", "forget", "--cpf", "52998224726"]);
    let run = finish(command.stdin(Stdio::null()).spawn().expect("it starts")).await;
    assert!(run.code == Some(3) && !run.says("529"), "{run:?}");
    drop(listener);
}

/// What people see, without what changes at each run.
#[tokio::test]
async fn what_people_see_in_both_languages() {
    let target = Target::start(|_| Some(410)).await;
    let desk = desk_with_webhook();
    let mut listener = Listener::start(&desk, &["--forward-to", &target.url]).await;
    assert_eq!(listener.post("/webhooks/clearsale", BODY).await, 200);
    let id = listener.result("dead").await["id"].as_str().expect("an id").to_owned();
    has_state(&desk, &id, "dead").await;
    let mut shown = String::new();
    for lang in ["en", "pt"] {
        for columns in ["60", "80"] {
            for command in [
                &["ls"][..],
                &["dead"],
                &["show", &id],
                &["stats"],
                &["replay", "--source", "toy"],
                &["replay", &id, "--forward-to", &target.url],
                &["purge", "--older-than", "90d"],
                &["forget", "--cpf", "11144477735"],
            ] {
                let mut command = desk.command(&[&["--lang", lang, "inbox"], command].concat());
                let run = finish(command.env("COLUMNS", columns).spawn().expect("it starts")).await;
                let wide =
                    run.stdout.lines().find(|line| line.chars().count() > columns.parse().expect("a number"));
                assert_eq!((wide, run.stderr.as_str()), (None, ""), "{run:?}");
                shown +=
                    &format!("[{lang} {columns} {}]\n{}", run.code.expect("a code"), constant(&run.stdout));
            }
        }
    }
    assert!(!shown.contains("529") && !shown.contains("hunter2"), "{shown}");
    insta::assert_snapshot!(shown);
}

/// Replaces ids and times.
fn constant(text: &str) -> String {
    let word = |word: &str| match word {
        id if id.starts_with("evt_") => "evt_ID".to_owned(),
        time if time.ends_with('Z') && time.contains('T') => "TIME".to_owned(),
        other => other.to_owned(),
    };
    let line = |line: &str| line.split(' ').map(word).collect::<Vec<_>>().join(" ") + "\n";
    text.lines().map(line).collect()
}
