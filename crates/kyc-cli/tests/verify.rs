//! `kyc verify`: the sample, cases of an own applicant, and every exit code.

mod acts;
mod bad_input;
mod desk;
mod looking;
mod policies;

use std::time::Duration;

use kyc_sandbox::{Fault, Scenario, bankly, cellere};
use serde_json::Value;

use self::desk::*;
use crate::support::*;

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
async fn a_person_in_a_file_is_no_argument() {
    let sandbox = sandbox().await;
    let desk = desk_at(&sandbox);
    let person = r#"{"cpf": "529.982.247-25", "name": "Maria Exemplo da Silva", "birth_date": "12/10/1990"}"#;
    desk.file("person.json", person);
    let words =
        [&["verify", "--person", "person.json"], &PICTURES[..], &CAPTURE, &["--policy", "policy.toml"]];
    let run = desk.run(&words.concat()).await;
    assert!(run.code == Some(0) && !run.says("Exemplo") && !run.says(CPF), "{run:?}");
    let run = desk.run(&["verify", "--person", "person.json", "--cpf", CPF]).await;
    assert_eq!(run.code, Some(2), "{run:?}");
    desk.file("person.json", person.replace("12/10", "hunter2"));
    let run = desk.run(&words.concat()).await;
    assert!(run.code == Some(3) && run.says("--person (person.json): birth_date"), "{run:?}");
    assert!(!run.says("hunter2"), "{run:?}");
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
    sandbox.cellere().fault(Fault::close().after_effect().on(cellere::Operation::Cpf));
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
    // The call once more, and no other.
    assert_eq!((before, paid(&sandbox)), ([3, 3, 2, 1], [3, 4, 2, 1]));
}

#[tokio::test]
async fn late_bad_news_is_an_alert_that_a_person_ends() {
    let sandbox = sandbox().await;
    let desk = desk_at(&sandbox);
    let run = verify(&desk, &[]).await;
    assert!(run.code == Some(0) && run.says("certiface may still report fraud until"), "{run:?}");
    let case = case_of(&run);
    let refused = Scenario::new("certiface", "result-refused").operation("result").cpf(CPF);
    sandbox.set_scenario(refused).expect("a scenario");
    let run = desk.run(&["verify", "watch", &case]).await;
    assert!(run.code == Some(9) && run.says("ALERT        bad news came after the approval"), "{run:?}");
    assert_eq!(paid(&sandbox), [3, 3, 2, 1]);
    let decide = ["verify", "decide", &case, "approve", "--who", "Ana Lima", "--why", "spoke to them"];
    let run = desk.run(&decide).await;
    assert!(run.code == Some(0) && run.says("APPROVED     a person decided"), "{run:?}");
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
    let slow = Fault::latency(Duration::from_secs(60)).on(bankly::Operation::Upload).after_effect();
    sandbox.bankly().fault(slow);
    let words = [&["verify"], &PERSON[..], &PICTURES, &CAPTURE, &["--policy", "policy.toml"]].concat();
    let mut child = desk.start(&words);
    for _ in 0..1000 {
        if sandbox.bankly().paid_calls() == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(sandbox.bankly().paid_calls(), 1, "the upload landed");
    let case = open_case(&desk).await;
    let run = desk.run(&["verify", "--resume", &case]).await;
    assert!(run.code == Some(7) && run.says("another process runs the case until"), "{run:?}");
    child.kill().await.expect("killed");
    let run = desk.run(&["verify", "--resume", &case, "--timeout", "20"]).await;
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(paid(&sandbox), [3, 3, 2, 1]);
}

/// The program is stopped while a vendor holds a paid call back.
#[cfg(unix)]
#[tokio::test]
async fn a_signal_tells_the_case_and_how_it_goes_on() {
    let sandbox = sandbox().await;
    let desk = desk_at(&sandbox);
    let slow = Fault::latency(Duration::from_secs(60)).on(cellere::Operation::Cpf).after_effect();
    sandbox.cellere().fault(slow);
    let words = [&["verify"], &PERSON[..], &PICTURES, &["--vendor", "cellere", "--json"]].concat();
    let child = desk.start(&words);
    for _ in 0..1000 {
        if sandbox.cellere().paid_calls() == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    interrupt(&child).await;
    let run = finish(child).await;
    let case = case_of(&run);
    assert!(run.code == Some(12) && run.says(&format!("`kyc verify --resume {case}`")), "{run:?}");
    assert_eq!(run.json()["error"]["kind"], "may_have_been_paid", "{run:?}");
}

/// The store takes intents, but no answer.
#[tokio::test]
async fn an_answer_that_cannot_be_stored_is_printed() {
    let sandbox = sandbox().await;
    let desk = desk_at(&sandbox);
    assert_eq!(verify(&desk, &[]).await.code, Some(0));
    let connection = rusqlite::Connection::open(desk.path().join("kyc-verify.sqlite")).expect("the store");
    let trigger = "CREATE TRIGGER full BEFORE INSERT ON records WHEN NEW.open LIKE '%\"answered\"%' \
        BEGIN SELECT RAISE(ABORT, 'full'); END";
    connection.execute_batch(trigger).expect("written");
    drop(connection);
    let words = [&["verify"], &PERSON[..], &PICTURES, &["--vendor", "cellere"]].concat();
    let run = desk.run(&words).await;
    assert_eq!(run.code, Some(12), "{run:?}");
    let printed: Value = serde_json::from_str(&run.stdout).expect("one JSON object");
    assert_eq!(printed["unrecorded"]["step"], "cpf", "{printed}");
    assert_eq!(printed["unrecorded"]["answer"]["TaxIdStatus"], "REGULAR", "{printed}");
    assert!(run.stderr.contains("contains personal data, and exists nowhere else"), "{run:?}");
}
