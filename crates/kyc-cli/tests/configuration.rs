use kyc_sandbox::Sandbox;

use crate::support::*;

fn table(head: &str, sandbox: &Sandbox) -> String {
    format!(
        "[{head}]\nclient_id = '{}'\nclient_secret = '{}'\nbase_url = '{}'\n",
        Sandbox::CLEARSALE_CLIENT_ID,
        Sandbox::CLEARSALE_CLIENT_SECRET,
        sandbox.clearsale_url()
    )
}

#[tokio::test]
async fn a_file_in_the_working_directory_and_its_profiles() {
    let (usual, other) = (sandbox().await, sandbox().await);
    let desk = Desk::new();
    let file = format!("{}{}", table("clearsale", &usual), table("profile.other.clearsale", &other));
    desk.file("kyc.toml", &file);
    let paid = || (usual.clearsale().paid_calls(), other.clearsale().paid_calls());

    let run = desk.run(&["facematch"]).await;
    assert_eq!((run.code, paid()), (Some(0), (1, 0)), "{run:?}");
    assert!(run.says(&format!("(sandbox at {})", usual.clearsale_url())) && run.stderr.is_empty(), "{run:?}");

    let run = desk.run(&["facematch", "--profile", "other"]).await;
    assert_eq!((run.code, paid()), (Some(0), (1, 1)), "{run:?}");

    desk.file("elsewhere.toml", table("clearsale", &other));
    let run = desk.run(&["facematch", "--config", "elsewhere.toml"]).await;
    assert_eq!((run.code, paid()), (Some(0), (1, 2)), "{run:?}");
    assert!(!run.says(Sandbox::CLEARSALE_CLIENT_SECRET));
}

#[tokio::test]
async fn options_take_precedence_over_the_environment_and_that_over_the_default_file() {
    let (in_environment, in_file) = (sandbox().await, sandbox().await);
    let desk = Desk::at(&in_environment);
    let paid = || (in_environment.clearsale().paid_calls(), in_file.clearsale().paid_calls());
    desk.file("kyc.toml", table("clearsale", &in_file) + &table("profile.p.clearsale", &in_file));
    let run = desk.run(&["facematch"]).await;
    assert_eq!((run.code, paid()), (Some(0), (1, 0)), "{run:?}");
    for named in [&["facematch", "--profile", "p"][..], &["facematch", "--config", "kyc.toml"]] {
        let before = paid().1;
        let run = desk.run(named).await;
        assert_eq!((run.code, paid()), (Some(0), (1, before + 1)), "{run:?}");
    }
}

#[tokio::test]
async fn a_broken_file_leaks_nothing() {
    let desk = Desk::new();
    for content in [
        "[clearsale]\nclient_id = 'a'\nclient_secret = hunter2\n",
        "[clearsale]\nclient_id = 'a'\nclient_secret = 'hunter2\n",
        "[clearsale]\nclient_id = 'a'\nhunter2 = 'b'\n",
        "[clearsale]\nclient_id = 'a'\nclient_secret = 'hunter2'\nenvironment = 'hunter2'\n",
        "[clearsale]\nclient_id = 'a'\nclient_secret = ['hunter2']\n",
        "[clearsale]\nclient_secret = 'hunter2'\n",
        "clearsale = 'hunter2'\n",
        "hunter2\n",
    ] {
        desk.file("kyc.toml", content);
        for json in [&["facematch"][..], &["facematch", "--json"]] {
            let run = desk.run(json).await;
            assert_eq!(run.code, Some(4), "{content}: {run:?}");
            assert!(run.stderr.contains("kyc.toml") && run.stderr.contains("line "), "{run:?}");
            assert_eq!(run.stderr.lines().count(), 1, "{run:?}");
            assert!(!run.says("hunter2"), "{content}: {run:?}");
        }
    }
}

#[tokio::test]
async fn a_requested_configuration_that_does_not_exist() {
    let desk = Desk::new();
    assert_eq!(desk.run(&["facematch", "--profile", "p"]).await.code, Some(4));
    assert_eq!(desk.run(&["facematch", "--config", "none.toml"]).await.code, Some(4));
    desk.file("kyc.toml", "");
    let run = desk.run(&["facematch", "--profile", "p"]).await;
    assert_eq!((run.code, run.stderr.as_str()), (Some(4), "error: kyc.toml has no table [profile.p.…]\n"));
    let run = desk.run(&["facematch", "--resume", TOKEN]).await;
    assert!(
        run.code == Some(4) && run.stderr.starts_with("error: --resume requires the credentials"),
        "{run:?}"
    );
}

/// The token of an unknown comparison.
const TOKEN: &str = "kyc1.eyJ2IjoiY2xlYXJzYWxlLWZhY2VtYXRjaCIsIm8iOiJtYXRjaDJkLTJkIiwiciI6ZmFsc2UsImkiOiI5NDk5NmYyOC03Yjk2LTRiNDctODBhOC00MzE2OTM5OTJiZWQifQ";

#[tokio::test]
async fn an_incomplete_configuration_is_not_simulated() {
    for desk in [
        Desk::new().with("KYC_CLEARSALE_ENVIRONMENT", "production"),
        Desk::new().with("KYC_CLEARSALE_BASE_URL", "https://kyc.example"),
        Desk::new().with("KYC_CLEARSALE_CLIENT_SECRET", "hunter2"),
        Desk::new().with("KYC_CLEARSALE_CLIENT_ID", "a"),
        Desk::new()
            .with("KYC_CLEARSALE_CLIENT_ID", "a")
            .with("KYC_CLEARSALE_CLIENT_SECRET", "hunter2")
            .with("KYC_CLEARSALE_BASE_URL", "http://kyc.example"),
    ] {
        let run = desk.run(&["facematch"]).await;
        assert_eq!((run.code, run.stderr.lines().count()), (Some(4), 1), "{run:?}");
        assert!(!run.says("hunter2"), "{run:?}");
    }
}

#[tokio::test]
async fn wrong_credentials_exit_with_5() {
    let sandbox = sandbox().await;
    let desk = Desk::new()
        .with("KYC_CLEARSALE_BASE_URL", &sandbox.clearsale_url())
        .with("KYC_CLEARSALE_CLIENT_ID", "me")
        .with("KYC_CLEARSALE_CLIENT_SECRET", "hunter2");
    desk.file("me.png", png(150));
    let run = desk.run(&["facematch", "me.png", "me.png", "--json"]).await;
    assert_eq!((run.code, sandbox.clearsale().paid_calls()), (Some(5), 0), "{run:?}");
    assert_eq!(run.json()["error"]["kind"], "unauthenticated");
    assert!(run.stderr.contains("check the credentials") && !run.says("hunter2"), "{run:?}");
}

#[tokio::test]
async fn an_unreachable_vendor_exits_with_7() {
    let gone = sandbox().await;
    let desk = Desk::at(&gone);
    gone.shutdown().await;
    let run = desk.run(&["facematch", "--json"]).await;
    let error = &run.json()["error"];
    assert_eq!((run.code, error["kind"].as_str()), (Some(7), Some("transport")), "{run:?}");
    assert!(error["delivery"] == "not_sent" && error["operation_token"].is_null(), "{run:?}");
}

#[tokio::test]
async fn calls_to_this_machine_bypass_the_proxy() {
    let gone = sandbox().await;
    let proxy = gone.url();
    gone.shutdown().await;
    let usual = sandbox().await;
    let in_capitals = usual.clearsale_url().replace("http:", "HTTP:");
    for desk in [Desk::new(), Desk::at(&usual), Desk::at(&usual).with("KYC_CLEARSALE_BASE_URL", &in_capitals)]
    {
        let run = desk.with("http_proxy", &proxy).with("HTTP_PROXY", &proxy).run(&["facematch"]).await;
        assert_eq!(run.code, Some(0), "{run:?}");
    }
}
