//! `kyc verify policy`.

use super::desk::*;
use crate::support::*;

#[tokio::test]
async fn a_policy_is_explained_in_both_languages() {
    let desk = Desk::new();
    desk.file("policy.toml", all());
    let run = desk.run(&["verify", "policy", "check", "policy.toml"]).await;
    assert!(run.code == Some(0) && run.says("VALID        sample 1"), "{run:?}");
    assert!(run.says("none is configured, so all are shown") && run.says("paid calls"), "{run:?}");
    let run = desk.run(&["--lang", "pt", "verify", "policy", "check", "policy.toml"]).await;
    assert!(run.code == Some(0) && run.says("VÁLIDA") && run.says("consultas pagas"), "{run:?}");
    let explained = desk.run(&["verify", "policy", "check", "policy.toml", "--json"]).await.json();
    assert!(explained["sentences"].as_array().is_some_and(|all| all.len() > 10), "{explained}");
    let run = desk.run(&["verify", "policy", "show"]).await;
    assert!(run.code == Some(0) && run.stdout.contains("version    = \"built-in"), "{run:?}");
    let configured =
        Desk::new().with("KYC_VERIFY_POLICY", &desk.path().join("policy.toml").to_string_lossy());
    assert_eq!(configured.run(&["verify", "policy", "show"]).await.stdout, all());
    let run = desk.run(&["verify", "policy", "show", "--sample"]).await;
    assert_eq!((run.code, run.stdout), (Some(0), all()));
}

#[tokio::test]
async fn a_wrong_policy_is_refused_before_anything_is_sent() {
    let sandbox = sandbox().await;
    let desk = desk_at(&sandbox);
    let table = [
        ("not TOML", "= 1".to_owned()),
        ("unknown key", all().replace("on_fail ", "on_fial ")),
        ("approve is no value", all().replace("on_unclear = \"review\"", "on_unclear = \"approve\"")),
    ];
    for (name, text) in table {
        desk.file("wrong.toml", text);
        let run = verify(&desk, &["--policy", "wrong.toml"]).await;
        assert!(run.code == Some(3) && run.says("wrong.toml: "), "{name}: {run:?}");
        let run = desk.run(&["verify", "policy", "check", "wrong.toml"]).await;
        assert_eq!(run.code, Some(3), "{name}: {run:?}");
    }
    assert_eq!(paid(&sandbox), [0; 4]);
}

#[tokio::test]
async fn a_policy_is_tested_on_stored_cases_without_a_call() {
    let sandbox = sandbox().await;
    let desk = desk_at(&sandbox);
    assert_eq!(verify(&desk, &[]).await.code, Some(0));
    let before = paid(&sandbox);
    desk.file("strict.toml", all().replace("cellere = 0.90", "cellere = 0.99"));
    let run = desk.run(&["verify", "policy", "test", "strict.toml"]).await;
    assert!(run.code == Some(0) && run.says("DECIDED      1 of 1 cases otherwise"), "{run:?}");
    assert!(run.says("approved -> review"), "{run:?}");
    let tested = desk.run(&["verify", "policy", "test", "policy.toml", "--json"]).await.json();
    assert_eq!((&tested["tested"], tested["changed"].as_array().map(Vec::len)), (&1.into(), Some(0)));
    assert_eq!(paid(&sandbox), before);
}
