//! `kyc trigger`.

use std::time::Duration;

use kyc_sandbox::Sandbox;
use test_support::sockets::Abrupt;

use crate::support::*;

#[tokio::test]
async fn without_arguments_the_outcomes_are_listed() {
    let desk = Desk::new();
    let run = desk.run(&["trigger"]).await;
    assert!(run.code == Some(0) && run.stdout.starts_with("kyc trigger VENDOR OUTCOME"), "{run:?}");
    let report = desk.run(&["trigger", "--json"]).await.json();
    let listed = report["outcomes"].as_array().expect("a list");
    let able: Vec<_> = Sandbox::outcomes().into_iter().filter(|outcome| outcome.can_be_triggered).collect();
    assert_eq!(listed.len(), able.len());
    for outcome in able {
        assert!(run.stdout.contains(&format!("  {} {} ", outcome.vendor, outcome.name)), "{outcome:?}");
    }
    let run = desk.run(&["trigger", "clearsale"]).await;
    assert!(run.code == Some(0) && run.says("clearsale match") && !run.says("bankly"), "{run:?}");
}

#[tokio::test]
async fn every_outcome_of_the_list_can_be_triggered() {
    let sandbox = sandbox().await;
    let desk = Desk::new();
    for vendor in ["bankly", "certiface", "clearsale"] {
        let outcome = Sandbox::outcomes().into_iter().find(|one| one.vendor == vendor).expect("one");
        let run = desk.run(&["trigger", vendor, outcome.name, "--sandbox-url", &sandbox.url()]).await;
        assert!(run.code == Some(0) && run.stdout.starts_with("SIMULATED    "), "{run:?}");
        assert!(run.says("TRIGGERED ") && run.says("none was sent: nobody is registered"), "{run:?}");
        assert!(!run.says("eyJ"), "{run:?}");
    }
    assert_eq!(sandbox.clearsale().paid_calls(), 1);
}

#[tokio::test]
async fn only_sandboxes_are_asked_and_what_cannot_be_is_refused() {
    let gone = sandbox().await;
    let gone_url = gone.url();
    gone.shutdown().await;
    let vendor = Abrupt::start("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").await;
    let desk = Desk::new();
    for (arguments, code, words) in [
        (&["clearsal", "match"][..], 3, "did you mean 'clearsale'?"),
        (&["clearsal"], 3, "did you mean 'clearsale'?"),
        (&["clearsale", "mach"], 3, "did you mean 'match'?"),
        (&["clearsale", "hunter2"], 3, "OUTCOME: [possible values: match, no-match"),
        (&["clearsale", "match", "--sandbox-url", "https://example.com"], 3, "must be on this machine"),
        (&["clearsale", "match", "--sandbox-url", "hunter2"], 3, "--sandbox-url: must be a URL"),
        (&["clearsale", "match", "--sandbox-url", &gone_url], 7, "start one with `kyc listen --sandbox`"),
        (&["clearsale", "match", "--sandbox-url", vendor.url()], 8, "is no sandbox of this release"),
    ] {
        let run = desk.run(&[&["trigger"], arguments].concat()).await;
        assert_eq!((run.code, run.stdout.as_str()), (Some(code), ""), "{arguments:?}: {run:?}");
        assert!(run.stderr.contains(words), "{words}: {run:?}");
    }
    assert_eq!(vendor.requests(), 1);
}

#[tokio::test]
async fn an_outcome_is_triggered_for_a_person_with_reason_and_delay() {
    let sandbox = sandbox().await;
    let desk = Desk::new();
    let url = sandbox.url();
    let details = ["--cpf", "529.982.247-25", "--reason", "A foto está escura.", "--delay", "30"];
    let run =
        desk.run(&[&["trigger", "clearsale", "error", "--sandbox-url", &url], &details[..]].concat()).await;
    assert!(run.code == Some(0) && run.says("TRIGGERED ") && !run.says("52998224725"), "{run:?}");
    let [set] = &sandbox.scenarios()[..] else { panic!("one scenario") };
    assert_eq!((set.outcome.as_str(), set.cpf.as_deref()), ("error", Some("52998224725")));
    assert_eq!(
        (set.reason.as_deref(), set.delay),
        (Some("A foto está escura."), Some(Duration::from_secs(30)))
    );
    let deepface = ["--operation", "upload-deepface", "--sandbox-url", &url];
    let run = desk.run(&[&["trigger", "bankly", "selfie-ok"], &deepface[..]].concat()).await;
    assert!(run.code == Some(0), "{run:?}");
    assert_eq!(sandbox.bankly().paid_calls_of(kyc_sandbox::bankly::Operation::UploadDeepface), 1);
}

#[tokio::test]
async fn wrong_details_are_refused_and_nothing_happens() {
    let sandbox = sandbox().await;
    let desk = Desk::new();
    for (details, words) in [
        (["--cpf", "52998224724"], "--cpf"),
        (["--reason", "x"], "\"reason\" must be absent"),
        (["--operation", "login"], "\"operation\" must be one of"),
        (["--delay", "soon"], "--delay"),
    ] {
        let run = desk
            .run(
                &[&["trigger", "clearsale", "match", "--sandbox-url", &sandbox.url()], &details[..]].concat(),
            )
            .await;
        assert!(run.code != Some(0) && run.stderr.contains(words), "{words}: {run:?}");
        assert!(!run.says("52998224724"), "{run:?}");
    }
    let run = desk.run(&["trigger", "--cpf", "52998224725"]).await;
    assert!(run.code == Some(2) && !run.says("52998224725"), "{run:?}");
    assert_eq!((sandbox.clearsale().paid_calls(), sandbox.scenarios().len()), (0, 0));
}
