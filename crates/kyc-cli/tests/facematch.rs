use std::time::Duration;

use kyc_core::VirtualClock;
use kyc_sandbox::clearsale::{Operation, TestOutcome};
use kyc_sandbox::{Fault, Sandbox, samples};
use tokio::io::{AsyncBufReadExt as _, BufReader};

use crate::support::*;

/// The first comparison that the README prints.
#[tokio::test]
async fn the_readme_command_prints_a_match() {
    let readme = include_str!("../README.md");
    let commands = readme.lines().filter_map(|line| line.strip_prefix("$ kyc "));
    let command = commands.into_iter().find(|command| command.starts_with("facematch")).expect("a command");
    let run = Desk::new().run(&command.split(' ').collect::<Vec<_>>()).await;
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.verdict().starts_with("MATCH        level 6: 1 false accept in 100 000\n"), "{run:?}");
    assert!(run.says("sample a-2014.jpg, sample a-2025.jpg") && run.says("SIMULATED"), "{run:?}");
    assert_eq!(run.stderr.lines().count(), 1, "{run:?}");
    assert!(run.stderr.contains("nothing leaves this machine"), "{run:?}");
}

#[tokio::test]
async fn each_test_cpf_has_its_exit_code() {
    let sandbox = sandbox().await;
    let desk = Desk::at(&sandbox);
    desk.file("a.png", png(150));
    for (outcome, code) in [
        (TestOutcome::Level(0), 1),
        (TestOutcome::Level(1), 0),
        (TestOutcome::Level(2), 0),
        (TestOutcome::Level(3), 0),
        (TestOutcome::Level(4), 0),
        (TestOutcome::Level(5), 0),
        (TestOutcome::Level(6), 0),
        (TestOutcome::Error, 6),
        (TestOutcome::Slow, 12),
        (TestOutcome::FailsOnce, 12),
        (TestOutcome::FailsOnce, 0),
        (TestOutcome::ResponseLost, 12),
    ] {
        let cpf = cpf_for(outcome);
        let run = desk.run(&["facematch", "a.png", "a.png", "--timeout", "1", "--cpf", cpf]).await;
        assert_eq!(run.code, Some(code), "{outcome:?}: {run:?}");
        assert!(!run.says(cpf), "{run:?}");
        if let TestOutcome::Level(level) = outcome {
            assert!(run.says(&format!(" level {level}")), "{run:?}");
        }
    }
}

#[tokio::test]
async fn a_verdict_as_json() {
    let sandbox = sandbox().await;
    let arguments =
        ["facematch", "--json", "--max-false-accept-rate", "1/10000", "--reference", "order-1", "--cpf"];
    let run = Desk::at(&sandbox).run(&[&arguments[..], &[cpf_for(TestOutcome::Level(3))]].concat()).await;
    assert_eq!((run.code, run.stderr.as_str()), (Some(1), ""));
    let verdict = run.json();
    let id = verdict["transaction_id"].as_str().expect("an id");
    let expected = serde_json::json!({
        "vendor": "clearsale-facematch",
        "environment": "sandbox",
        "matched": false,
        "verdict": "no_match",
        "reason": null,
        "level": 3,
        "similarity": null,
        "false_accept_rate": "1/500",
        "comparisons": 500,
        "transaction_id": id,
        "reference": "order-1",
        "elapsed_seconds": verdict["elapsed_seconds"].as_f64().expect("a number"),
        "simulated": true,
        "pictures": null,
    });
    assert_eq!(verdict, expected);

    let run = Desk::at(&sandbox)
        .run(&["facematch", "--max-false-accept-rate", "1/10000", "--cpf", cpf_for(TestOutcome::Level(3))])
        .await;
    let headline = "NO MATCH     level 3: 1 false accept in 500; required: 1 false accept in 10 000\n";
    assert!(run.verdict().starts_with(headline), "{run:?}");
}

/// The keys are the same for both vendors. The lines are the same except those that only one vendor has.
#[tokio::test]
async fn both_vendors_have_the_same_output() {
    let sandbox = sandbox().await;
    let desk = Desk::at(&sandbox);
    desk.file("a.jpg", samples::A_2014);
    desk.file("b.jpg", samples::B_2022);
    let mut keys = Vec::new();
    for (vendor, score) in [("clearsale", "level 6"), ("cellere", "similarity 97 %")] {
        let run = desk.run(&["facematch", "--vendor", vendor, "a.jpg", "a.jpg"]).await;
        assert!(
            run.code == Some(0) && run.verdict().starts_with(&format!("MATCH        {score}")),
            "{run:?}"
        );
        assert!(
            run.says("\nimages       a.jpg, a.jpg\n") && run.stdout.starts_with("SIMULATED    "),
            "{run:?}"
        );
        let run = desk.run(&["facematch", "--vendor", vendor, "a.jpg", "a.jpg", "--json"]).await;
        let report = run.json();
        assert!(report["level"].is_null() != report["similarity"].is_null(), "{run:?}");
        keys.push(report.as_object().expect("an object").keys().cloned().collect::<Vec<_>>());
    }
    assert_eq!(keys[0], keys[1]);

    let run = desk.run(&["facematch", "--vendor", "cellere", "a.jpg", "b.jpg", "--json"]).await;
    let report = run.json();
    let expected = serde_json::json!({
        "vendor": "cellere-portal",
        "environment": "sandbox",
        "matched": false,
        "verdict": "no_match",
        "reason": null,
        "level": null,
        "similarity": 0.12,
        "false_accept_rate": null,
        "comparisons": null,
        "transaction_id": null,
        "reference": null,
        "elapsed_seconds": report["elapsed_seconds"].as_f64().expect("a number"),
        "simulated": true,
        "pictures": null,
    });
    assert_eq!((run.code, &report), (Some(1), &expected), "{run:?}");
    let run = desk.run(&["facematch", "--vendor", "cellere", "a.jpg", "b.jpg"]).await;
    assert!(run.code == Some(1) && run.verdict().starts_with("NO MATCH     similarity 12 %\n"), "{run:?}");
}

/// The embedded sandbox looks at the pictures, and says so.
#[tokio::test]
async fn the_embedded_sandbox_looks_at_the_pictures() {
    let desk = Desk::new();
    for (name, content) in
        [("a.jpg", samples::A_2025), ("b.jpg", samples::B_2022), ("meter.png", samples::METER_DIGITAL)]
    {
        desk.file(name, content);
    }
    let run = desk.run(&["facematch", "--sandbox", "a.jpg", "b.jpg"]).await;
    let verdict =
        "NO MATCH     level 0\nsimilarity   0.070 as a cosine, computed by the sandbox from the pictures\n";
    assert!(run.code == Some(1) && run.verdict().starts_with(verdict), "{run:?}");
    let run = desk.run(&["facematch", "--sandbox", "--json", "a.jpg", "b.jpg"]).await;
    assert_eq!((run.code, &run.json()["pictures"]), (Some(1), &"similarity 0.070".into()));
    for (vendor, message) in
        [("clearsale", "No face was found in one of the images."), ("cellere", "Bad Request")]
    {
        let run = desk.run(&["facematch", "--sandbox", "--vendor", vendor, "a.jpg", "meter.png"]).await;
        assert!(run.code == Some(6) && run.says(message), "{run:?}");
        assert!(run.says("sandbox: the second picture has no face"), "{run:?}");
    }
}

/// Some responses have a similarity without a verdict: the customer configures the threshold.
#[tokio::test]
async fn a_similarity_without_a_verdict() {
    let (_portal, desk) = portal_with(&serde_json::json!({"result": [{"confiability": "85.5%"}]})).await;
    let desk = with_face(desk);
    let command = ["facematch", "--vendor", "cellere", "a.jpg", "a.jpg"];
    let run = desk.run(&command).await;
    assert!(run.code == Some(4) && run.says("least_confiability") && !run.says("endpoints"), "{run:?}");
    for (least, code) in [("0.8", 0), ("0.9", 1)] {
        let (_portal, desk) = portal_with(&serde_json::json!({"result": {"confiability": 0.855}})).await;
        let run = with_face(desk).with("KYC_CELLERE_LEAST_CONFIABILITY", least).run(&command).await;
        assert!(run.code == Some(code) && run.says("MATCH ") && run.says("similarity 85.5 %\n"), "{run:?}");
        assert!(!run.says("SIMULATED"), "{run:?}");
    }
}

fn with_face(desk: Desk) -> Desk {
    desk.file("a.jpg", samples::A_2014);
    desk
}

/// The reference of an earlier run is queried in addition to the verdict.
#[tokio::test]
async fn a_resumed_comparison_prints_its_reference() {
    let clock = VirtualClock::frozen();
    let sandbox = Sandbox::builder().clock(clock.clone()).start().await.expect("a free port");
    let desk = Desk::at(&sandbox);
    let late = desk.run(&["facematch", "--timeout", "1", "--reference", "order-5"]).await;
    clock.advance(Duration::from_secs(60));
    let run = desk.run(&["facematch", "--json", "--resume", late.token()]).await;
    let report = run.json();
    assert_eq!((run.code, report["reference"].as_str()), (Some(0), Some("order-5")), "{run:?}");
    assert_eq!(report["level"].as_u64(), Some(6));
    assert!(report["transaction_id"].as_str().is_some_and(|id| id.len() == 36), "{run:?}");
}

#[tokio::test]
async fn a_late_verdict_is_queried_again() {
    let clock = VirtualClock::frozen();
    let sandbox = Sandbox::builder().clock(clock.clone()).start().await.expect("a free port");
    let desk = Desk::at(&sandbox);
    let late = desk.run(&["facematch", "--json", "--timeout", "1"]).await;
    let error = late.json()["error"].take();
    assert_eq!((late.code, error["kind"].as_str()), (Some(12), Some("timeout")), "{late:?}");
    // A query of the same comparison costs nothing, so that it can be repeated.
    let again = desk.run(&["facematch", "--timeout", "1", "--resume", late.token()]).await;
    assert_eq!((again.code, again.token()), (Some(11), late.token()), "{again:?}");
    assert_eq!(late.json()["error"]["operation_token"], late.token());
    assert!(late.stderr.contains("do not submit it again") && !late.says("embedded"), "{late:?}");

    clock.advance(Duration::from_secs(60));
    let run = desk.run(&["facematch", "--resume", late.token()]).await;
    assert_eq!((run.code, sandbox.clearsale().paid_calls()), (Some(0), 1), "{run:?}");
    assert!(run.verdict().starts_with("MATCH ") && !run.says("images       "), "{run:?}");

    let elsewhere = Sandbox::builder().start().await.expect("a free port");
    let unknown = Desk::at(&elsewhere).run(&["facematch", "--resume", late.token()]).await;
    assert_eq!(unknown.code, Some(6), "{unknown:?}");
    assert!(!unknown.says("--resume"), "{unknown:?}");
}

/// However the wait ends, the id of the paid comparison is printed.
#[tokio::test]
async fn a_failure_while_waiting_keeps_the_token() {
    let sandbox = sandbox().await;
    let desk = Desk::at(&sandbox);
    sandbox.clearsale().fault(Fault::status(403).on(Operation::Query));
    let refused = desk.run(&["facematch"]).await;
    assert_eq!(refused.code, Some(12), "{refused:?}");
    sandbox.clearsale().fault(Fault::status(403).on(Operation::Query));
    let again = desk.run(&["facematch", "--resume", refused.token()]).await;
    assert_eq!((again.code, again.token()), (Some(5), refused.token()), "{again:?}");
    sandbox.clearsale().fault(Fault::truncated_json().on(Operation::Query));
    let unread = desk.run(&["facematch", "--resume", refused.token()]).await;
    assert_eq!((unread.code, unread.token()), (Some(8), refused.token()), "{unread:?}");
    assert_eq!(desk.run(&["facematch", "--resume", unread.token()]).await.code, Some(0));
    assert_eq!(sandbox.clearsale().paid_calls(), 1);
}

#[tokio::test]
async fn a_comparison_with_a_lost_response_is_not_submitted_again() {
    let sandbox = sandbox().await;
    let desk = Desk::at(&sandbox);
    let arguments =
        ["facematch", "--json", "--reference", "order-7", "--cpf", cpf_for(TestOutcome::ResponseLost)];
    let run = desk.run(&arguments).await;
    assert_eq!((run.code, sandbox.clearsale().paid_calls()), (Some(12), 1), "{run:?}");
    let error = &run.json()["error"];
    assert_eq!((error["delivery"].as_str(), error["reference"].as_str()), (Some("unknown"), Some("order-7")));
    assert!(run.stderr.contains("do not submit it again"), "{run:?}");
    assert!(
        run.stderr.contains("only the vendor's webhook reports its result, with the reference order-7"),
        "{run:?}"
    );

    let token = error["operation_token"].as_str().expect("a token");
    let resumed = desk.run(&["facematch", "--resume", token]).await;
    assert_eq!(resumed.code, Some(6), "{resumed:?}");
    assert!(resumed.says("order-7"), "{resumed:?}");
}

#[tokio::test]
async fn the_vendors_message_is_printed() {
    let sandbox = sandbox().await;
    let run = Desk::at(&sandbox).run(&["facematch", "--cpf", cpf_for(TestOutcome::Error)]).await;
    assert!(run.stderr.contains("\nvendor message: ") && run.stderr.contains("\ntransaction "), "{run:?}");
}

#[cfg(unix)]
#[tokio::test]
async fn ctrl_c_prints_the_token() {
    let clock = VirtualClock::frozen();
    let sandbox = Sandbox::builder().clock(clock.clone()).start().await.expect("a free port");
    let desk = Desk::at(&sandbox);
    for (signal, code) in [("-INT", 130), ("-TERM", 143)] {
        let run = stopped_at_a_query(&sandbox, &desk, &["facematch", "--json"], signal).await;
        // Whatever stopped it: the comparison was submitted.
        assert_eq!(
            (run.code, run.json()["error"]["kind"].as_str()),
            (Some(12), Some("interrupted")),
            "{run:?}"
        );
        assert_eq!(run.json()["error"]["operation_token"], run.token());
        let resume = ["facematch", "--json", "--resume", run.token()];
        let again = stopped_at_a_query(&sandbox, &desk, &resume, signal).await;
        assert_eq!((again.code, again.token()), (Some(code), run.token()), "{again:?}");
        again.json();
        clock.advance(Duration::from_secs(2));
        assert_eq!(desk.run(&["facematch", "--resume", run.token()]).await.code, Some(0));
    }
}

/// Sends the signal while the result is queried.
#[cfg(unix)]
async fn stopped_at_a_query(sandbox: &Sandbox, desk: &Desk, arguments: &[&str], signal: &str) -> Run {
    let before = sandbox.clearsale().requests(Operation::Query);
    let child = desk.start(arguments);
    while sandbox.clearsale().requests(Operation::Query) == before {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let id = child.id().expect("it runs").to_string();
    let killed = tokio::process::Command::new("kill").args([signal, &id]).status().await;
    assert!(killed.expect("kill runs").success());
    finish(child).await
}

#[cfg(unix)]
#[tokio::test]
async fn ctrl_c_while_submitting_prints_the_reference() {
    let sandbox = sandbox().await;
    sandbox.clearsale().fault(Fault::hang().on(Operation::Match).after_effect());
    let desk = Desk::at(&sandbox);
    let mut child = desk.command(&["facematch", "--reference", "order-9"]).spawn().expect("it starts");
    while sandbox.clearsale().paid_calls() == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let id = child.id().expect("it runs").to_string();
    assert!(
        tokio::process::Command::new("kill").args(["-INT", &id]).status().await.expect("kill runs").success()
    );
    let mut lines = BufReader::new(child.stderr.take().expect("piped")).lines();
    let first = lines.next_line().await.expect("a line").expect("a line");
    let second = lines.next_line().await.expect("a line").expect("a line");
    assert!(first.contains("do not submit them again") && second.contains("order-9"), "{first}\n{second}");
    assert_eq!(child.wait().await.expect("it ends").code(), Some(12));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_result_that_could_not_be_written_can_be_queried() {
    let sandbox = sandbox().await;
    let desk = Desk::at(&sandbox);
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("it is always full");
    let child = desk.command(&["facematch"]).stdout(full).spawn().expect("it starts");
    let run: Run = child.wait_with_output().await.expect("it ends").into();
    assert_eq!(run.code, Some(12), "{run:?}");
    assert_eq!(desk.run(&["facematch", "--resume", run.token()]).await.code, Some(0));
}

#[tokio::test]
async fn without_an_option_the_configured_vendor_compares() {
    let sandbox = sandbox().await;
    let url = sandbox.client_config("cellere").expect("listed").get("base_url").expect("set").to_owned();
    let desk = with_face(Desk::new())
        .with("KYC_CELLERE_TOKEN", Sandbox::CELLERE_TOKEN)
        .with("KYC_CELLERE_BASE_URL", &url);
    let run = desk.run(&["facematch", "--json", "a.jpg", "a.jpg"]).await;
    assert!(run.code == Some(0) && run.stdout.contains("cellere-portal"), "{run:?}");
}
