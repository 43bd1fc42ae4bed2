//! What people do with cases: shown, decided, held, forgotten, exported, checked, reported.

use super::desk::*;
use crate::support::*;

/// Returns a desk with a case that a person has to decide.
async fn under_review() -> (kyc_sandbox::Sandbox, Desk, String) {
    let sandbox = sandbox().await;
    let desk = desk_at(&sandbox);
    set(&sandbox, "clearsale", "level-1");
    let run = verify(&desk, &["--reference", "529.982.247-25"]).await;
    assert_eq!(run.code, Some(9), "{run:?}");
    let case = case_of(&run);
    (sandbox, desk, case)
}

#[tokio::test]
async fn a_person_decides_and_says_who_they_are_and_why() {
    let (sandbox, desk, case) = under_review().await;
    let before = paid(&sandbox);
    let run = desk.run(&["verify", "review", &case]).await;
    assert!(run.code == Some(9) && run.says("face document"), "{run:?}");
    assert!(run.says("clearsale: the faces match, but not at the rate that is asked for"), "{run:?}");
    let review = desk.run(&["verify", "review", &case, "--json"]).await.json();
    assert_eq!(review["questions"][0]["check"], "face_document", "{review}");
    for missing in [&["--who", "Ana"][..], &["--why", "seen"], &["--who", " ", "--why", "seen"]] {
        let run = desk.run(&[&["verify", "decide", &case, "approve"], missing].concat()).await;
        assert!(matches!(run.code, Some(2 | 3)), "{missing:?}: {run:?}");
    }
    let by = ["--who", "Ana Lima", "--why", "compared them myself"];
    let run = desk.run(&[&["verify", "decide", &case, "refuse"], &by[..]].concat()).await;
    assert!(run.code == Some(0) && run.says("REFUSED      a person decided"), "{run:?}");
    assert!(!run.says("Ana Lima") && !run.says("compared"), "{run:?}");
    let run = desk.run(&["verify", "show", &case]).await;
    assert_eq!(run.code, Some(1), "{run:?}");
    let list = desk.run(&["verify", "ls", "--state", "refused", "--json"]).await.json();
    assert_eq!(list["cases"][0]["case"], case.as_str(), "{list}");
    assert_eq!(paid(&sandbox), before);
}

#[tokio::test]
async fn a_case_is_held_released_and_forgotten() {
    let (sandbox, desk, case) = under_review().await;
    let by = ["--who", "Ana Lima", "--why", "a court asked"];
    let run = desk.run(&[&["verify", "hold", &case], &by[..]].concat()).await;
    assert!(run.code == Some(0) && run.says("HELD"), "{run:?}");
    let run = desk.run(&["verify", "forget", &case]).await;
    assert!(run.code == Some(3) && run.says("the case is held"), "{run:?}");
    let run = desk.run(&["verify", "ls"]).await;
    assert!(run.says("REVIEW, held"), "{run:?}");
    let run = desk.run(&[&["verify", "hold", &case, "--release", "--json"], &by[..]].concat()).await;
    assert_eq!(run.json()["held"], false);
    let run = desk.run(&["verify", "forget", &case]).await;
    assert!(run.code == Some(0) && run.says("DELETED") && run.says("stays"), "{run:?}");
    let run = desk.run(&["verify", "show", &case]).await;
    assert!(run.code == Some(9) && run.says("FORGOTTEN"), "{run:?}");
    let run = desk.run(&["verify", "check", &case, "--json"]).await;
    assert!(run.code == Some(0) && run.json()["hash"].is_string(), "{run:?}");
    // Its reference is still known, so that it is not paid again by mistake.
    let before = paid(&sandbox);
    let run = verify(&desk, &["--reference", "529.982.247-25"]).await;
    assert_ne!(run.code, Some(0), "{run:?}");
    assert_eq!(paid(&sandbox), before);
}

#[tokio::test]
async fn nothing_personal_is_exported_unless_it_is_asked_for() {
    let (_sandbox, desk, case) = under_review().await;
    let run = desk.run(&["verify", "export", &case]).await;
    assert!(run.code == Some(0) && !run.says(CPF) && !run.says("Exemplo"), "{run:?}");
    assert!(!run.says("529.982.247-25") && run.json()["records"].is_array(), "{run:?}");
    let run = desk.run(&["verify", "export", &case, "--reveal"]).await;
    let export = run.json();
    assert_eq!((&export["applicant"]["cpf"], &export["reference"]), (&CPF.into(), &"529.982.247-25".into()));
}

#[tokio::test]
async fn a_changed_record_is_found() {
    let (_sandbox, desk, case) = under_review().await;
    let path = desk.path().join("kyc-verify.sqlite");
    let connection = rusqlite::Connection::open(path).expect("the store");
    let sql = "UPDATE records SET open = replace(open, 'review', 'approved') WHERE open LIKE '%decided%'";
    assert_eq!(connection.execute(sql, []).expect("written"), 1);
    drop(connection);
    let run = desk.run(&["verify", "check"]).await;
    assert!(run.code == Some(1) && run.says(&format!("TAMPERED     {case} at position")), "{run:?}");
}

#[tokio::test]
async fn a_report_is_written_for_its_owner_alone_and_replaces_nothing() {
    let (_sandbox, desk, case) = under_review().await;
    let report = ["verify", "show", &case, "--report", "case.html"];
    let run = desk.run(&report).await;
    assert!(run.code == Some(9) && run.says("The report is in case.html"), "{run:?}");
    let path = desk.path().join("case.html");
    let page = std::fs::read_to_string(&path).expect("the page");
    assert!(page.contains("Maria Exemplo da Silva") && !page.contains(CPF), "the CPF is masked");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&path).expect("it exists").permissions().mode() & 0o777, 0o600);
    }
    let run = desk.run(&report).await;
    assert!(run.code == Some(3) && run.says("--report (case.html): exists already"), "{run:?}");
    let run = desk.run(&[&["--lang", "pt"], &report[..], &["--replace"]].concat()).await;
    assert_eq!(run.code, Some(9), "{run:?}");
    let page = std::fs::read_to_string(&path).expect("the page");
    assert!(page.contains("lang=\"pt"), "{}", &page[..200]);
    let run = desk.run(&["verify", "show", &case, "--report", "nowhere/case.html"]).await;
    assert_eq!(run.code, Some(3), "{run:?}");
}

#[tokio::test]
async fn nothing_is_deleted_unless_a_policy_says_so() {
    let (_sandbox, desk, _) = under_review().await;
    let run = desk.run(&["verify", "retain", "--json"]).await;
    let retained = run.json();
    assert_eq!(
        (&retained["deleted"], &retained["kept"][0]["reason"]),
        (&0.into(), &"open".into()),
        "{run:?}"
    );
}
