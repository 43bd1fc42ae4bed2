//! `kyc verify`: the sample, cases of an own applicant, every exit code, and what people do with cases.

use std::path::Path;
use std::time::Duration;

use kyc_sandbox::{Sandbox, Scenario, samples};
use serde_json::Value;

use crate::support::*;

const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const CPF: &str = "52998224725";

/// A desk whose environment has the sandbox's credentials and a key.
fn desk_at(sandbox: &Sandbox) -> Desk {
    let desk = Desk::at(sandbox).with("KYC_VERIFY_KEY", KEY);
    for (name, comment) in [("selfie.jpg", "selfie"), ("front.jpg", "front"), ("back.jpg", "back")] {
        desk.file(name, photograph(comment));
    }
    for frame in 1..=samples::FRAMES {
        desk.file(&format!("frame-{frame}.jpg"), photograph(&format!("frame {frame}")));
    }
    desk.file("policy.toml", all());
    desk
}

/// The sample photograph with a comment, so that no two are equal.
fn photograph(comment: &str) -> Vec<u8> {
    let (start, rest) = samples::A_2025.split_at(2);
    let length = u16::try_from(comment.len() + 2).expect("short").to_be_bytes();
    [start, &[0xFF, 0xFE], &length, comment.as_bytes(), rest].concat()
}

/// The policy of the sample, which asks every vendor.
fn all() -> String {
    include_str!("../src/commands/verify/sample.toml")
        .replace("{SIMILARITIES}", "bankly = 0.95, cellere = 0.90, certiface = 0.90")
}

const PERSON: [&str; 6] =
    ["--cpf", CPF, "--name", "Maria Exemplo da Silva", "--birth-date", "1990-10-12"];
const PICTURES: [&str; 8] = [
    "--selfie",
    "selfie.jpg",
    "--front",
    "front.jpg",
    "--back",
    "back.jpg",
    "--document-kind",
    "rg",
];
const CAPTURE: [&str; 5] = ["--capture", "frame-1.jpg", "frame-2.jpg", "frame-3.jpg", "frame-4.jpg"];

/// Verifies the applicant under the policy that asks all, unless other options say otherwise.
async fn verify(desk: &Desk, more: &[&str]) -> Run {
    let policy: &[&str] = if more.contains(&"--policy") { &[] } else { &["--policy", "policy.toml"] };
    let words = [&["verify"], &PERSON[..], &PICTURES, &CAPTURE, policy, more].concat();
    let run = desk.run(&words).await;
    assert!(!run.says(CPF) && !run.says("Exemplo") && !run.says("1990-10-12"), "{run:?}");
    run
}

/// Returns the id of the case of a run.
fn case_of(run: &Run) -> String {
    let text = format!("{}{}", run.stdout, run.stderr);
    let start = text.find("v_").expect("a case");
    text[start..start + 18].to_owned()
}

fn set(sandbox: &Sandbox, vendor: &'static str, outcome: &'static str) {
    sandbox.set_scenario(Scenario::new(vendor, outcome).cpf(CPF)).expect("a scenario");
}

fn paid(sandbox: &Sandbox) -> [u64; 4] {
    [
        sandbox.bankly().paid_calls(),
        sandbox.cellere().paid_calls(),
        sandbox.certiface().paid_calls(),
        sandbox.clearsale().paid_calls(),
    ]
}

#[tokio::test]
async fn a_sample_is_verified_in_both_languages_at_two_widths() {
    let mut shown = String::new();
    for lang in ["en", "pt"] {
        for columns in ["60", "80"] {
            let desk = Desk::new().with("COLUMNS", columns);
            let run = desk.run(&["--lang", lang, "verify"]).await;
            assert_eq!(run.code, Some(0), "{run:?}");
            assert!(!run.says(CPF) && !run.says("Exemplo"), "{run:?}");
            let case = case_of(&run);
            let again = desk.run(&["--lang", lang, "verify", "show", &case]).await;
            assert_eq!((again.code, &again.stdout), (Some(0), &run.stdout), "{again:?}");
            let text = format!("{}{}", run.stderr, run.stdout).replace(&case, "v_CASE");
            shown += &format!("$ kyc verify --lang {lang} ({columns} columns)\n{}\n", without_days(&text));
        }
    }
    insta::assert_snapshot!(shown);
}

/// Replaces days.
fn without_days(text: &str) -> String {
    let is_day = |word: &str| word.len() == 10 && word.starts_with("20") && word.matches('-').count() == 2;
    text.split('\n')
        .map(|line| {
            let words = line.split(' ').map(|word| if is_day(word) { "2026-01-31" } else { word });
            words.collect::<Vec<_>>().join(" ")
        })
        .collect::<Vec<_>>()
        .join("\n")
}

#[tokio::test]
async fn a_sample_runs_again_as_a_new_case() {
    let desk = Desk::new();
    let runs = [desk.run(&["verify", "--json"]).await, desk.run(&["verify", "--json"]).await];
    let cases = runs.iter().map(|run| run.json()["case"].clone());
    let cases: Vec<Value> = cases.collect();
    assert_ne!(cases[0], cases[1]);
    assert!(runs.iter().all(|run| run.stderr.lines().count() == 1), "{runs:?}");
    let list = desk.run(&["verify", "ls", "--json"]).await.json();
    assert_eq!(list["cases"].as_array().map(Vec::len), Some(2), "{list}");
    let run = desk.run(&["verify", "check"]).await;
    assert!(run.code == Some(0) && run.says("SOUND        2 cases"), "{run:?}");
}

#[tokio::test]
async fn an_own_applicant_is_approved_and_kept_encrypted() {
    let sandbox = sandbox().await;
    let desk = desk_at(&sandbox);
    let run = verify(&desk, &["--reference", "customer-7", "--json"]).await;
    let report = run.json();
    assert_eq!((run.code, &report["state"]), (Some(0), &"approved".into()), "{report}");
    assert_eq!((&report["simulated"], &report["paid_calls"]), (&true.into(), &9.into()), "{report}");
    let before = paid(&sandbox);
    assert_eq!(before, [3, 3, 2, 1]);
    let again = verify(&desk, &["--reference", "customer-7", "--json"]).await.json();
    assert_eq!(again["case"], report["case"]);
    let other = verify(&desk, &["--reference", "customer-7", "--name", "Ana Lima"]).await;
    assert_eq!(other.code, Some(2), "a name is given once: {other:?}");
    assert_eq!(paid(&sandbox), before);
    for name in ["kyc-verify.sqlite", "kyc-verify.sqlite-wal"] {
        let Ok(bytes) = std::fs::read(desk.path().join(name)) else { continue };
        let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(!holds(CPF) && !holds("Exemplo") && !holds("customer-7"), "{name}");
    }
}

#[tokio::test]
async fn every_state_has_its_exit_code() {
    let refuse = all().replace("on_fail    = \"review\"", "on_fail    = \"refuse\"");
    let cases: [(&str, &str, &[&str], i32, &str); 5] = [
        ("cellere", "cpf-suspended", &[], 9, "REVIEW"),
        ("cellere", "cpf-suspended", &["--policy", "refuse.toml"], 1, "REFUSED"),
        ("bankly", "selfie-no-face", &[], 10, "WAITING"),
        ("clearsale", "level-1", &[], 9, "REVIEW"),
        ("certiface", "risk-1000", &[], 9, "REVIEW"),
    ];
    for (vendor, outcome, more, code, word) in cases {
        let sandbox = sandbox().await;
        let desk = desk_at(&sandbox);
        desk.file("refuse.toml", &refuse);
        set(&sandbox, vendor, outcome);
        let run = verify(&desk, &[&["--timeout", "2"], more].concat()).await;
        assert_eq!(run.code, Some(code), "{vendor} {outcome}: {run:?}");
        assert!(run.stdout.contains(&format!("\n{word} ")), "{vendor} {outcome}: {run:?}");
        let shown = desk.run(&["verify", "show", &case_of(&run)]).await;
        assert_eq!((shown.code, &shown.stdout), (run.code, &run.stdout), "{vendor} {outcome}");
    }
}

#[tokio::test]
async fn a_vendor_that_takes_long_is_waited_for_later() {
    let sandbox = sandbox().await;
    let desk = desk_at(&sandbox);
    let slow = Scenario::new("clearsale", "match").cpf(CPF).delay(Duration::from_secs(600));
    sandbox.set_scenario(slow).expect("a scenario");
    let run = verify(&desk, &["--timeout", "1"]).await;
    assert!(run.code == Some(11) && run.says("--resume v_"), "{run:?}");
    let case = case_of(&run);
    sandbox.clock().advance(Duration::from_secs(601));
    let run = desk.run(&["verify", "--resume", &case, "--timeout", "10"]).await;
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(paid(&sandbox), [3, 3, 2, 1]);
}

#[tokio::test]
async fn a_call_that_may_have_landed_is_not_sent_again_unasked() {
    let sandbox = sandbox().await;
    let desk = desk_at(&sandbox);
    use kyc_sandbox::Fault;
    use kyc_sandbox::cellere::Operation;
    sandbox.cellere().fault(Fault::close().after_effect().on(Operation::Cpf));
    let run = verify(&desk, &[]).await;
    assert_eq!(run.code, Some(12), "{run:?}");
    assert!(run.says("uncertain 1") && run.says("may have been paid"), "{run:?}");
    let before = paid(&sandbox);
    let case = case_of(&run);
    for command in [&["verify", "show", &case][..], &["verify", "--resume", &case]] {
        let run = desk.run(command).await;
        assert_eq!(run.code, Some(12), "{run:?}");
    }
    assert_eq!(paid(&sandbox), before);
    let run = desk.run(&["verify", "--resume", &case, "--repeat-uncertain"]).await;
    assert_eq!(run.code, Some(0), "{run:?}");
    // The call once more, and the two that waited for its end.
    assert_eq!((before, paid(&sandbox)), ([3, 1, 2, 1], [3, 4, 2, 1]));
}

#[tokio::test]
async fn a_picture_is_handed_in_again() {
    let sandbox = sandbox().await;
    let desk = desk_at(&sandbox);
    set(&sandbox, "bankly", "selfie-no-face");
    desk.file("more.toml", all().replace("paid_calls = 10", "paid_calls = 20"));
    let run = verify(&desk, &["--policy", "more.toml", "--timeout", "1"]).await;
    assert!(run.code == Some(10) && run.says("take another picture of your face"), "{run:?}");
    let case = case_of(&run);
    sandbox.set_scenario(Scenario::new("bankly", "selfie-ok").cpf(CPF)).expect("a scenario");
    desk.file("better.jpg", photograph("better"));
    let again = ["verify", "--resume", &case, "--selfie", "better.jpg", "--timeout", "20"];
    let run = desk.run(&again).await;
    assert_eq!(run.code, Some(0), "{run:?}");
    let run = desk.run(&["verify", "--resume", &case, "--name", "Ana Lima"]).await;
    assert!(run.code == Some(3) && run.says("--name: cannot be changed in a case that began"), "{run:?}");
    assert!(!run.says("Ana Lima"), "{run:?}");
}

/// The program is killed while a vendor holds a paid call back.
#[cfg(unix)]
#[tokio::test]
async fn a_killed_run_goes_on_and_pays_nothing_twice() {
    let sandbox = sandbox().await;
    let desk = desk_at(&sandbox);
    use kyc_sandbox::Fault;
    use kyc_sandbox::bankly::Operation;
    sandbox.bankly().fault(Fault::latency(Duration::from_secs(60)).on(Operation::Upload).after_effect());
    let words = [&["verify"], &PERSON[..], &PICTURES, &CAPTURE, &["--policy", "policy.toml"]].concat();
    let mut child = desk.start(&words);
    for _ in 0..1000 {
        if sandbox.bankly().paid_calls() == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(sandbox.bankly().paid_calls(), 1, "the upload landed");
    child.kill().await.expect("killed");
    let list = desk.run(&["verify", "ls", "--open", "--json"]).await.json();
    let case = list["cases"][0]["case"].as_str().expect("a case").to_owned();
    // Another process may take the case over once the lease of the killed one has expired.
    let mut run = desk.run(&["verify", "--resume", &case]).await;
    assert!(run.code == Some(7) && run.says("another process runs the case until"), "{run:?}");
    release(&desk, &case);
    run = desk.run(&["verify", "--resume", &case, "--timeout", "20"]).await;
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(paid(&sandbox), [3, 3, 2, 1]);
}

/// Ends the lease of a process that was killed, as its time does.
fn release(desk: &Desk, case: &str) {
    let path = desk.path().join("kyc-verify.sqlite");
    let connection = rusqlite::Connection::open(path).expect("the store");
    let sql = "UPDATE cases SET lease = NULL, lease_until = NULL WHERE id = ?1";
    assert_eq!(connection.execute(sql, [case]).expect("written"), 1);
}
