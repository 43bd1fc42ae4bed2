//! `kyc init`, `kyc config show` and `kyc doctor`.

use kyc_sandbox::Sandbox;
use kyc_sandbox::bankly::Operation as Bankly;

use crate::support::*;

fn read(desk: &Desk, name: &str) -> String {
    std::fs::read_to_string(desk.path().join(name)).expect(name)
}

/// What `kyc init` writes is what the configuration reads.
#[tokio::test]
async fn a_file_is_written_filled_in_and_used() {
    let sandbox = sandbox().await;
    let desk = Desk::new();
    let run = desk.run(&["init", "--vendor", "clearsale"]).await;
    assert!(run.code == Some(0) && run.stdout.starts_with("WRITTEN      kyc.toml"), "{run:?}");
    let text = read(&desk, "kyc.toml");
    assert!(text.contains("\n[clearsale]\n") && text.contains("\nclient_id = \"\"\n"), "{text}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(desk.path().join("kyc.toml")).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    // Not filled in yet.
    let run = desk.run(&["doctor"]).await;
    assert!(run.code == Some(4) && run.says("  failed    configuration  "), "{run:?}");
    let filled = text
        .replace("client_id = \"\"", &format!("client_id = \"{}\"", Sandbox::CLEARSALE_CLIENT_ID))
        .replace("client_secret = \"\"", &format!("client_secret = \"{}\"", Sandbox::CLEARSALE_CLIENT_SECRET))
        .replace("# base_url = \"\"", &format!("base_url = \"{}\"", sandbox.clearsale_url()));
    desk.file("kyc.toml", filled);
    assert_eq!(desk.run(&["doctor"]).await.code, Some(0));
    assert_eq!(desk.run(&["facematch"]).await.code, Some(0));
    assert_eq!(sandbox.clearsale().paid_calls(), 1);
}

/// Without a vendor everything is a comment, and each key of each vendor stands there.
#[tokio::test]
async fn the_whole_file_is_a_comment() {
    let desk = Desk::new();
    assert_eq!(desk.run(&["init", "all.toml"]).await.code, Some(0));
    let text = read(&desk, "all.toml");
    assert!(text.lines().all(|line| line.is_empty() || line.starts_with('#')), "{text}");
    for integration in kyc_br::INTEGRATIONS {
        let (_, table) = text.split_once(&format!("# [{}]\n", integration.key())).expect("a table");
        for key in integration.config_keys() {
            let is_there = table.contains(&format!("\n# {key} = "))
                || table.contains(&format!("# [{}.{key}", integration.key()));
            assert!(is_there, "{} lacks {key}", integration.key());
        }
    }
    for &section in kyc_br::config::Section::ALL {
        let (_, table) = text.split_once(&format!("# [{}]\n", section.key())).expect("a table");
        for key in kyc_br::config::section_keys(section) {
            assert!(table.contains(&format!("\n# {} = ", key.path.join("."))), "{key:?}");
        }
    }
    // Uncommented, it is TOML that is refused only for its empty values.
    let run = desk.run(&["--lang", "pt", "init", "pt.toml"]).await;
    assert!(
        run.says("GRAVADO") && read(&desk, "pt.toml").starts_with("# A configuração do kyc.\n"),
        "{run:?}"
    );
}

#[tokio::test]
async fn a_file_is_not_replaced_without_force_and_never_written_through_a_link() {
    let desk = Desk::new();
    desk.file("kyc.toml", "mine");
    let run = desk.run(&["init"]).await;
    assert!(run.code == Some(3) && run.stderr.starts_with("error: kyc.toml: exists already: "), "{run:?}");
    assert_eq!(read(&desk, "kyc.toml"), "mine");
    assert_eq!(desk.run(&["init", "--force"]).await.code, Some(0));
    assert_ne!(read(&desk, "kyc.toml"), "mine");
    #[cfg(unix)]
    {
        desk.file("target", "mine");
        let link = desk.path().join("link.toml");
        std::os::unix::fs::symlink(desk.path().join("target"), &link).expect("a link");
        assert_eq!(desk.run(&["init", "link.toml"]).await.code, Some(3));
        assert_eq!(desk.run(&["init", "link.toml", "--force"]).await.code, Some(0));
        assert_eq!(read(&desk, "target"), "mine");
        assert!(!link.symlink_metadata().expect("a file").is_symlink());
    }
    let run = desk.run(&["init", "none/kyc.toml"]).await;
    assert!(
        run.code == Some(70) && run.stderr.starts_with("error: none/kyc.toml cannot be written: "),
        "{run:?}"
    );
}

#[tokio::test]
async fn the_source_of_each_key_and_no_value() {
    let desk = Desk::new()
        .with("KYC_CLEARSALE_CLIENT_ID", "hunter2-id")
        .with("KYC_CLEARSALE_WEBHOOK_TOKEN", "hunter2-token");
    desk.file(
        "kyc.toml",
        "[cellere]\ntoken = 'hunter2'\n[cellere.endpoints]\nmeter = '/hunter2'\n\n[clearsale]\nclient_secret = 'x'\n",
    );
    let run = desk.run(&["config", "show"]).await;
    assert!(run.stdout.starts_with("Bankly: not configured\n"), "{run:?}");
    for shown in [
        "Cellere portal: [cellere] in kyc.toml\n\
         \x20 token            [cellere] in kyc.toml\n\
         \x20 endpoints.meter  [cellere] in kyc.toml\n",
        "Certiface: not configured\n",
        "ClearSale Facematch: KYC_CLEARSALE_*\n\
         \x20 client_id      KYC_CLEARSALE_CLIENT_ID\n\
         \x20 webhook.token  KYC_CLEARSALE_WEBHOOK_TOKEN\n\
         \x20 client_secret  missing, but required\n",
    ] {
        assert!(run.stdout.contains(shown), "{run:?}");
    }
    assert!(run.code == Some(4) && !run.says("hunter2"), "{run:?}");
    let report = desk.run(&["config", "show", "--json"]).await;
    assert!(!report.says("hunter2"), "{report:?}");
    let vendors = report.json()["vendors"].take();
    assert_eq!(vendors[3]["missing"][0], "client_secret");
    assert!(vendors[0]["source"].is_null() && vendors[1]["keys"][0]["is_secret"] == true, "{vendors}");
    assert_eq!(Desk::new().run(&["config", "show"]).await.code, Some(4));
}

#[tokio::test]
async fn the_tables_of_the_inbox_and_the_listener_are_shown_without_values() {
    let desk = Desk::new().with("KYC_INBOX_KEY", "hunter2").with("KYC_INBOX_PATH", "hunter2");
    desk.file("kyc.toml", "[listen]\nsources = ['hunter2']\nforward_to = 'hunter2'\n");
    let run = desk.run(&["config", "show"]).await;
    let shown = "Inbox: KYC_INBOX_*\n\
                 \x20 key   KYC_INBOX_KEY\n\
                 \x20 path  KYC_INBOX_PATH\n\
                 Listener: [listen] in kyc.toml\n\
                 \x20 forward_to  [listen] in kyc.toml\n\
                 \x20 sources     [listen] in kyc.toml\n\
                 Verifications: not configured\n";
    assert!(run.stdout.ends_with(shown) && !run.says("hunter2"), "{run:?}");
    let sections = desk.run(&["config", "show", "--json"]).await.json()["sections"].take();
    assert_eq!((&sections[0]["key"], &sections[1]["missing"]), (&"inbox".into(), &serde_json::json!([])));
    assert_eq!(sections[0]["keys"][0]["is_secret"], true);
    assert!(Desk::new().run(&["config", "show"]).await.says("Inbox: not configured"));
}

#[tokio::test]
async fn the_doctor_pays_for_nothing() {
    let sandbox = sandbox().await;
    let desk = Desk::at(&sandbox);
    let run = desk.run(&["doctor"]).await;
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{run:?}");
    for integration in kyc_br::INTEGRATIONS {
        let (_, rest) = run.stdout.split_once(&format!("{}\n", integration.title())).expect("its checks");
        assert!(rest.contains("  ok        login          the credentials are accepted\n"), "{run:?}");
    }
    let paid = [
        sandbox.bankly().paid_calls(),
        sandbox.cellere().paid_calls(),
        sandbox.certiface().paid_calls(),
        sandbox.clearsale().paid_calls(),
    ];
    assert_eq!((paid, sandbox.bankly().requests(Bankly::Upload)), ([0; 4], 0));
    let report = desk.run(&["doctor", "--json", "--vendor", "cellere"]).await.json();
    let checks = report["vendors"][0]["checks"].as_array().expect("checks");
    let names: Vec<_> = checks.iter().filter_map(|check| check["check"].as_str()).collect();
    assert_eq!(names, ["configuration", "address", "tls", "clock", "login"]);
    assert!(checks.iter().all(|check| check["status"] == "ok"), "{report}");
}

#[tokio::test]
async fn the_doctor_ends_with_the_code_of_the_cause() {
    let sandbox = sandbox().await;
    let wrong = Desk::at(&sandbox).with("KYC_CLEARSALE_CLIENT_SECRET", "hunter2");
    let run = wrong.run(&["doctor", "--vendor", "clearsale"]).await;
    assert!(
        run.code == Some(5) && run.says("  failed    login ") && run.says("check the credentials"),
        "{run:?}"
    );
    assert!(!run.says("hunter2"), "{run:?}");
    let other = Desk::at(&sandbox).with("KYC_CERTIFACE_PASSWORD", "hunter2");
    let run = other.run(&["doctor", "--vendor", "certiface"]).await;
    assert!(run.code == Some(5) && run.says("  failed    login "), "{run:?}");
    let run = wrong.run(&["doctor", "--vendor", "clearsale", "--lang", "pt"]).await;
    assert!(
        run.code == Some(5) && run.says("  falhou    login ") && run.says("confira as credenciais"),
        "{run:?}"
    );

    let gone = Desk::at(&sandbox);
    sandbox.shutdown().await;
    let run = gone.run(&["doctor", "--vendor", "cellere"]).await;
    assert!(run.code == Some(7) && run.says("  failed    address "), "{run:?}");
    let run = Desk::new().run(&["doctor"]).await;
    assert!(run.code == Some(4) && run.says("`kyc init`"), "{run:?}");
}

/// A login may fail for the clock alone.
#[tokio::test]
async fn the_doctor_compares_the_clocks() {
    use test_support::sockets::Abrupt;
    let head = |date: &str| format!("HTTP/1.1 200 OK\r\ndate: {date}\r\ncontent-length: 2\r\n\r\n{{}}");
    let old = Abrupt::start(head("Sun, 06 Nov 1994 08:49:37 GMT")).await;
    let desk = Desk::new().with("KYC_CELLERE_BASE_URL", old.url()).with("KYC_CELLERE_TOKEN", "a.b.c");
    let run = desk.run(&["doctor"]).await;
    assert!(
        run.code == Some(4) && run.says("  failed    clock ") && run.says(" s ahead of the server's"),
        "{run:?}"
    );
}
