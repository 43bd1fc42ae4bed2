//! `kyc verify --batch`: files as spreadsheets save them, results, and what becomes of a batch that is interrupted.

use std::collections::BTreeSet;
use std::time::Duration;

use kyc_sandbox::{Fault, Sandbox, cellere};
use serde_json::Value;

use crate::support::*;

const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// One paid call at each of two vendors.
const POLICY: &str = r#"
version = "two vendors"
[check.registration]
by = ["cellere"]
pass = ["regular"]
[check.face_document]
by = ["clearsale"]
max_false_accept = "1/10000"
"#;

fn desk_at(sandbox: &Sandbox) -> Desk {
    let desk = Desk::at(sandbox).with("KYC_VERIFY_KEY", KEY);
    std::fs::create_dir(desk.path().join("in")).expect("a folder");
    desk.file("in/selfie.png", png(300));
    desk.file("in/front.png", png(400));
    desk.file("policy.toml", POLICY);
    desk
}

/// Returns a valid CPF for a number of nine digits.
fn cpf(number: u32) -> String {
    let mut digits: Vec<u32> =
        format!("{number:09}").chars().filter_map(|digit| digit.to_digit(10)).collect();
    for weight in [10, 11] {
        let sum: u32 = digits.iter().zip(0..).map(|(digit, place)| digit * (weight - place)).sum();
        digits.push(sum * 10 % 11 % 10);
    }
    digits.iter().map(u32::to_string).collect()
}

/// Writes a file of that many applicants.
fn people(desk: &Desk, count: u32) {
    let rows = (0..count).map(|number| {
        let cpf = cpf(123_000_000 + 7 * number);
        format!("r-{number};{cpf};Pessoa Exemplo;31/01/1990;cnh;selfie.png;front.png\n")
    });
    let head = "reference;cpf;name;birth_date;document_kind;selfie;front\n".to_owned();
    desk.file("in/people.csv", head + &rows.collect::<String>());
}

const BATCH: [&str; 5] = ["verify", "--batch", "in/people.csv", "--policy", "policy.toml"];

fn words<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&BATCH[..], more].concat()
}

/// Returns the cells of the results below the headings.
fn rows(text: &str) -> Vec<Vec<String>> {
    let mut lines = text.lines();
    assert!(lines.next().is_some_and(|head| head.starts_with("line,reference,case,state,rule,")), "{text}");
    lines.map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

fn results(desk: &Desk) -> String {
    std::fs::read_to_string(desk.path().join("results.csv")).unwrap_or_default()
}

/// Checks that each of `count` applicants has one result, and that each call was paid once, but for those in review, of whom a call
/// may not have been sent.
fn all_once(desk: &Desk, sandbox: &Sandbox, count: usize) {
    let rows = rows(&results(desk));
    let references: BTreeSet<_> = rows.iter().map(|row| row[1].clone()).collect();
    assert_eq!((rows.len(), references.len()), (count, count));
    let review = rows.iter().filter(|row| row[3] == "review").count();
    let paid = count as u64 - review as u64..=count as u64;
    assert!(paid.contains(&sandbox.cellere().paid_calls()), "{paid:?}");
    assert!(paid.contains(&sandbox.clearsale().paid_calls()), "{paid:?}");
}

#[tokio::test]
async fn a_spreadsheets_file_is_verified_and_its_bad_lines_are_told() {
    let sandbox = sandbox().await;
    let desk = desk_at(&sandbox);
    let (zeros, suspended) = (cpf(12_345_678), "93000001107");
    let short = zeros.trim_start_matches('0');
    let mut file =
        b"Refer\xEAncia;CPF;Nome;Data de nascimento;Tipo de documento;Selfie;Frente;e-mail\r\n".to_vec();
    let lines = [
        format!("=1+1;{short};Jo\u{e3}o;1/2/1990;CNH;selfie.png;front.png;x"),
        format!("b;{suspended};Maria;;CNH;selfie.png;front.png;x"),
        "c;52998224726;Maria;;;;;x".to_owned(),
        format!("d;{};Maria;;CNH;../policy.toml;front.png;x", cpf(2)),
        format!("e;{};Maria;;CNH;nobody.png;front.png;x", cpf(3)),
    ];
    // As Latin-1.
    file.extend(
        lines.iter().flat_map(|line| (line.clone() + "\r\n").chars().map(|it| it as u8).collect::<Vec<_>>()),
    );
    desk.file("in/people.csv", file);
    let run = desk.run(&words(&[])).await;
    assert_eq!(run.code, Some(3), "{run:?}");
    let mut rows = rows(&run.stdout);
    rows.sort();
    let shown: Vec<_> =
        rows.iter().map(|row| [&row[0], &row[1], &row[3], &row[4]].map(String::as_str)).collect();
    let first = ["2", "'=1+1", "approved", "all_passed"];
    assert_eq!(shown, [first, ["3", "b", "review", "on_fail.review"]]);
    for told in [
        "line 4: cpf: the check digits do not match",
        "line 5: selfie: must be below the folder of the file",
        "line 6: selfie: does not exist",
        "columns that are not read: 8",
        "approved 1, refused 0, review 1, waiting 0",
        "lines that cannot be used: 3",
        "lost their leading zeros: 1",
    ] {
        assert!(run.stderr.contains(told), "{told}: {run:?}");
    }
    for private in [short, suspended, "52998224726", "Maria", "Jo\u{e3}o", "1990"] {
        assert!(!run.says(private), "{private}: {run:?}");
    }
}

#[tokio::test]
async fn lines_of_json_hold_the_whole_decision() {
    let sandbox = sandbox().await;
    let desk = desk_at(&sandbox);
    people(&desk, 2);
    let run = desk.run(&words(&["--json"])).await;
    assert_eq!(run.code, Some(0), "{run:?}");
    let lines: Vec<Value> =
        run.stdout.lines().map(|line| serde_json::from_str(line).expect("one JSON object")).collect();
    assert_eq!(lines.len(), 2);
    for line in lines {
        let number = line["line"].as_u64().expect("a number");
        assert_eq!(line["reference"], format!("r-{}", number - 2));
        assert_eq!((&line["state"], &line["checks"][0]["state"]), (&"approved".into(), &"passed".into()));
    }
    let summary: Value =
        serde_json::from_str(run.stderr.lines().last().expect("a line")).expect("one object");
    assert_eq!(summary["batch"]["approved"], 2);
}

#[tokio::test]
async fn a_batch_that_was_killed_goes_on_and_pays_nothing_twice() {
    let sandbox = sandbox().await;
    let desk = desk_at(&sandbox);
    people(&desk, 24);
    // The balance before a lookup takes its time, so that most processes are killed where nothing is uncertain.
    let slow = Fault::latency(Duration::from_millis(100)).on(cellere::Operation::Balance).times(1000);
    sandbox.cellere().fault(slow);
    let arguments = words(&["--output", "results.csv", "--concurrency", "2"]);
    let mut uncertain = 0;
    for lines in [5, 12] {
        let mut child = desk.start(&arguments);
        while results(&desk).lines().count() < lines {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        child.kill().await.expect("killed");
        uncertain += 2;
    }
    let run = desk.run(&arguments).await;
    let rows = rows(&results(&desk));
    let review = rows.iter().filter(|row| row[3] == "review").count();
    assert!(review <= uncertain && run.code == Some(if review > 0 { 9 } else { 0 }), "{review}: {run:?}");
    all_once(&desk, &sandbox, 24);
    // Once more, and nothing happens.
    let before = results(&desk);
    let run = desk.run(&arguments).await;
    assert!(run.stderr.contains("known before: "), "{run:?}");
    let sorted = |text: &str| text.lines().map(str::to_owned).collect::<BTreeSet<_>>();
    assert_eq!(sorted(&results(&desk)), sorted(&before));
    all_once(&desk, &sandbox, 24);
}

#[tokio::test]
async fn an_interruption_ends_the_calls_that_are_under_way_and_begins_no_other() {
    let sandbox = sandbox().await;
    let desk = desk_at(&sandbox);
    people(&desk, 20);
    let slow = Fault::latency(Duration::from_millis(150)).on(cellere::Operation::Cpf).times(1000);
    sandbox.cellere().fault(slow);
    let arguments = words(&["--output", "results.csv", "--concurrency", "3"]);
    let child = desk.start(&arguments);
    while results(&desk).lines().count() < 4 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    interrupt(&child).await;
    let run = finish(child).await;
    assert_eq!(run.code, Some(130), "{run:?}");
    assert!(run.stderr.contains("the same command goes on"), "{run:?}");
    let answered = rows(&results(&desk)).len();
    assert!((3..20).contains(&answered), "{answered}");
    let run = desk.run(&arguments).await;
    // Nothing is uncertain.
    assert_eq!(run.code, Some(0), "{run:?}");
    all_once(&desk, &sandbox, 20);
}

#[tokio::test]
async fn a_reference_is_one_applicant() {
    let sandbox = sandbox().await;
    let desk = desk_at(&sandbox);
    let line = |reference: &str, number: u32, name: &str| {
        format!("{reference},{},{name},cnh,selfie.png,front.png\n", cpf(number))
    };
    let head = "reference,cpf,name,document_kind,selfie,front\n";
    // A line that cannot be used does not count.
    let unusable = line("a", 1, "Maria").replace("selfie", "nobody");
    let file =
        [head, &unusable, &line("a", 1, "Maria"), &line("a", 1, "Maria"), &line("a", 1, "Ana")].concat();
    desk.file("in/people.csv", file);
    let arguments = words(&["--output", "results.csv"]);
    let run = desk.run(&arguments).await;
    assert_eq!(run.code, Some(3), "{run:?}");
    assert!(
        run.stderr.contains("line 2: selfie: ")
            && run.stderr.contains("line 5: reference: ")
            && run.stderr.contains("known before: 1"),
        "{run:?}"
    );
    all_once(&desk, &sandbox, 1);
    // In a later run, too.
    desk.file("in/people.csv", [head, &line("a", 1, "Ana")].concat());
    let run = desk.run(&arguments).await;
    assert!(run.code == Some(3) && run.stderr.contains("line 2: reference: "), "{run:?}");
    all_once(&desk, &sandbox, 1);
    // The results of another store are not continued.
    let run = desk.run(&words(&["--output", "results.csv", "--store", "other.sqlite"])).await;
    assert!(run.code == Some(3) && run.stderr.contains("not in this store"), "{run:?}");
}

#[tokio::test]
async fn a_vendor_whose_calls_fail_stops_the_batch() {
    let sandbox = sandbox().await;
    let desk = desk_at(&sandbox);
    people(&desk, 40);
    sandbox.cellere().set_credits(0);
    let arguments = words(&["--output", "results.csv", "--concurrency", "4"]);
    let run = desk.run(&arguments).await;
    assert_eq!(run.code, Some(7), "{run:?}");
    assert!(run.stderr.contains("cellere failed for 10 applicants in a row"), "{run:?}");
    let answered = rows(&results(&desk)).len();
    assert!((10..20).contains(&answered), "{answered}");
    // Once there are credits, what failed is asked again.
    sandbox.cellere().set_credits(1000);
    let run = desk.run(&arguments).await;
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(rows(&results(&desk)).len(), 40);
}

#[tokio::test]
async fn a_file_that_is_no_table_is_refused_before_anything_is_sent() {
    let sandbox = sandbox().await;
    let desk = desk_at(&sandbox);
    for (file, told) in [
        (&b""[..], "holds nothing"),
        (b"reference,name\na,b\n", "names no column \"cpf\""),
        (b"\x89PNG\r\n\x1a\n\0\0", "names no column"),
    ] {
        desk.file("in/people.csv", file);
        let run = desk.run(&words(&[])).await;
        assert!(run.code == Some(3) && run.says(told), "{told}: {run:?}");
    }
    let run = desk.run(&["verify", "--batch", "in"]).await;
    assert!(run.code == Some(3) && run.says("is a directory"), "{run:?}");
    people(&desk, 1);
    let run = desk.run(&words(&["--output", "in/people.csv"])).await;
    assert!(run.code == Some(3) && run.says("does not hold results"), "{run:?}");
    assert_eq!(cellere_requests(&sandbox), 0);
}
