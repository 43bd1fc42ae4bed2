//! The facade as a program uses it: one file, several vendors, one question.

mod reference;
mod service;

use std::path::PathBuf;
use std::time::Duration;

use kyc_br::INTEGRATIONS;
use kyc_br::config::{ConfigError, ConfigLoader};
use kyc_br::kyc_core::WebhookEvent;
use kyc_br::prelude::*;
use kyc_sandbox::{Sandbox, samples};
use tempfile::TempDir;

async fn sandbox() -> Sandbox {
    Sandbox::builder().start().await.expect("a free port")
}

fn file(text: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("kyc.toml");
    std::fs::write(&path, text).expect("written");
    (folder, path)
}

fn table_of_clearsale(sandbox: &Sandbox) -> String {
    let (id, secret) = (Sandbox::CLEARSALE_CLIENT_ID, Sandbox::CLEARSALE_CLIENT_SECRET);
    let url = sandbox.clearsale_url();
    format!(
        "[clearsale]\nclient_id = '{id}'\nclient_secret = '{secret}'\nbase_url = '{url}'\n[clearsale.webhook]\ntoken = 'w'\n"
    )
}

fn table_of_cellere(sandbox: &Sandbox) -> String {
    format!("[cellere]\ntoken = '{}'\nbase_url = '{}'\n", Sandbox::CELLERE_TOKEN, sandbox.cellere_url())
}

#[tokio::test]
async fn two_vendors_are_asked_the_same_question() {
    let sandbox = sandbox().await;
    let (_folder, path) = file(&(table_of_clearsale(&sandbox) + &table_of_cellere(&sandbox)));
    let clients = ConfigLoader::new().file(&path).clients().expect("a good file");
    assert!(clients.bankly().is_none() && clients.certiface().is_none(), "they have no table");
    assert!(clients.clearsale().is_some() && clients.cellere().is_some(), "typed clients");
    assert_eq!(ConfigLoader::new().file(&path).webhook_sources().expect("a good file").len(), 1);

    let picture = |bytes| Media::new(bytes).expect("a picture");
    let pair = FacePair::new(picture(samples::A_2014), picture(samples::A_2025));
    let mut answers = Vec::new();
    for matcher in clients.face_matchers() {
        let found = matcher.compare_faces(&pair, Duration::from_secs(30)).await.expect("a verdict");
        answers.push((matcher.vendor().name(), found.verdict, found.score.is_some()));
    }
    assert_eq!(
        answers,
        [("cellere-portal", Verdict::Match, true), ("clearsale-facematch", Verdict::Match, true)]
    );
}

#[tokio::test]
async fn what_one_vendor_alone_can_do() {
    let sandbox = sandbox().await;
    let (_folder, path) = file(&table_of_cellere(&sandbox));
    let clients = ConfigLoader::new().file(path).clients().expect("a good file");

    let checkers = clients.background_checkers();
    let cpf = Cpf::parse("529.982.247-25").expect("good digits");
    let person = checkers[0].check_person(&cpf).await.expect("an answer");
    assert_eq!(person.value().status, Some(kyc_br::kyc_core::PersonStatus::Regular));

    let page = DocumentPage::new(DocumentKind::Cnh, Media::new(samples::A_2014).expect("a picture"));
    let reading =
        clients.document_readers()[0].read_document(&page, Duration::from_secs(30)).await.expect("a reading");
    assert_eq!(reading.kind, Some(DocumentKind::Cnh));
    assert!(!reading.fields.is_empty());
}

#[tokio::test]
async fn profiles_stand_beside_the_usual_tables() {
    let sandbox = sandbox().await;
    let text =
        format!("[cellere]\ntoken = 'x'\n{}", table_of_cellere(&sandbox).replace('[', "[profile.test."));
    let (_folder, path) = file(&text);
    let clients = ConfigLoader::new().file(&path).profile("test").clients().expect("a good file");
    let cellere = clients.cellere().expect("it has a table");
    assert!(cellere.balance().await.is_ok(), "the profile's token is the sandbox's");
    let none = ConfigLoader::new().file(&path).profile("test").table("clearsale");
    assert!(matches!(none, Err(ConfigError::Absent(_))), "{none:?}");
    // A misspelt name is not taken for a profile without vendors.
    let error = ConfigLoader::new().file(&path).profile("tset").clients().expect_err("no such profile");
    assert!(error.to_string().contains("has no table [profile.tset."), "{error}");
    for name in ["tests", "te"] {
        let error = ConfigLoader::new().file(&path).profile(name).clients().expect_err("no such profile");
        assert!(error.to_string().ends_with("(did you mean [profile.test.…]?)"), "{error}");
    }
}

#[test]
fn what_is_wrong_is_told_by_place_key_and_line_but_never_by_value() {
    let table = [
        ("[cellere]\ntoken = hunter2", "is not valid TOML: see line 2"),
        ("[cellere]\ntoken = 'hunter2", "is not valid TOML: see line 2"),
        ("hunter2", "is not valid TOML: see line 1"),
        ("[hunter2]\n", "has a table or a key that is not known (line 1); known are bankly, "),
        (
            "\n[clearsal]\nclient_id = 'hunter2'",
            "has a table [clearsal] that is not known (line 2, did you mean [clearsale]?)",
        ),
        (
            "[profile.x.certifaces]\nlogin = 'hunter2'\n[cellere]\ntoken = 'x'",
            "has a table [certifaces] that is not known (line 1, did you mean [certiface]?)",
        ),
        (
            "[cellere]\ntoken = ''\n",
            "cellere-portal: FILE: [cellere] token must be text that is not blank (line 2)",
        ),
        (
            "[cellere]\ntoken = 'x'\nhunter2 = 1",
            "cellere-portal: FILE: [cellere] has a key that is not known",
        ),
        (
            "[cellere]\ntoken = 'x'\n[cellere.endpoints]\ncpf = 'PUT hunter2'",
            "cellere-portal: FILE: [cellere] endpoints.cpf must be GET or POST and a path (line 4)",
        ),
        (
            "[clearsale]\nclient_id = 'a'\nclient_secret = 'b'\nenvironment = 'hunter2'",
            "clearsale-facematch: FILE: [clearsale] environment must be homologation or production (line 4)",
        ),
        (
            "[clearsale]\nclient_id = 'a'\nclient_secrets = 'hunter2'",
            "clearsale-facematch: FILE: [clearsale] client_secrets is not known (line 3, did you mean client_secret?)",
        ),
        (
            "[clearsale]\nclient_id = 'hunter2'\n",
            "clearsale-facematch: FILE: [clearsale] client_secret is not set (line 1)",
        ),
        (
            "[cellere]\ntoken = 'x'\n[cellere.endpoints]\nmeter = 'no slash'\n",
            "cellere-portal: endpoints.meter",
        ),
    ];
    for (text, wanted) in table {
        let (_folder, path) = file(text);
        let name = if text.starts_with("[profile") { "x" } else { "" };
        let loader = ConfigLoader::new().file(&path);
        let loader = if name.is_empty() { loader } else { loader.profile(name) };
        let error = loader.clients().expect_err(text);
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("hunter2"), "{shown}");
        let plain = error.to_string().replace(&*path.to_string_lossy(), "FILE");
        let plain = plain.strip_prefix("FILE ").unwrap_or(&plain);
        assert!(plain.starts_with(wanted), "{plain}\n{wanted}");
    }
}

#[test]
fn a_file_that_cannot_be_read() {
    let refusal = |path: &str| ConfigLoader::new().file(path).clients().expect_err(path).to_string();
    assert_eq!(refusal("/nowhere/kyc.toml"), "/nowhere/kyc.toml does not exist");
    #[cfg(unix)]
    assert_eq!(refusal("/dev/zero"), "/dev/zero is not a regular file");
    let (_folder, path) = file(&"#".repeat(1024 * 1024 + 1));
    assert!(refusal(&path.to_string_lossy()).ends_with("must not be larger than 1 MiB"));
}

#[test]
fn nothing_configured_is_an_error() {
    let (_folder, path) = file("");
    let error = ConfigLoader::new().file(path).clients().expect_err("no vendor");
    assert!(matches!(error, ConfigError::Absent(_)), "{error}");
    let unknown = ConfigLoader::new().table("toy").expect_err("no such vendor");
    assert!(matches!(unknown, ConfigError::Absent(_)), "{unknown}");
}

#[test]
fn webhooks_need_no_credentials() {
    let (_folder, path) =
        file("[clearsale.webhook]\ntoken = 'w'\n[bankly.webhook]\nprivate_key = 'dGVzdGU='\n");
    let loader = ConfigLoader::new().file(path);
    assert_eq!(loader.webhook_sources().expect("both").len(), 2);
    let error = loader.clients().expect_err("no credentials").to_string();
    assert!(error.contains("[bankly] client_id is not set"), "{error}");
}

/// Names and types become parts of URLs, of stored rows and of counters.
#[test]
fn every_webhook_has_a_name_of_its_own_that_begins_with_its_vendor_s_key() {
    let (_folder, path) = file(
        "[bankly.webhook]\nprivate_key = 'dGVzdGU='\n[clearsale.webhook]\ntoken = 'w'\n\
         [certiface.webhook]\ncompletion = true\nstatus_peers = ['192.0.2.1']\n",
    );
    let sources = ConfigLoader::new().file(path).webhook_sources().expect("all of them");
    let is_plain =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    let mut names = std::collections::HashSet::new();
    for source in &sources {
        let (name, types) = (source.name(), source.event_types());
        let integration =
            INTEGRATIONS.iter().find(|one| one.vendor() == source.vendor()).expect("its vendor");
        let rest = name.strip_prefix(integration.key()).expect("the key first");
        assert!(rest.is_empty() || rest.starts_with('-'), "{name}");
        assert!(is_plain(name) && names.insert(name), "{name}");
        assert!(!types.is_empty() && types.iter().all(|one| is_plain(one)), "{name}: {types:?}");
        let distinct: std::collections::HashSet<_> = types.iter().collect();
        assert!(distinct.len() == types.len() && !types.contains(&WebhookEvent::UNREADABLE), "{name}");
    }
    assert_eq!(names, ["bankly", "certiface-completion", "certiface-status", "clearsale"].into());
}

#[test]
fn every_vendor_of_the_build_is_listed_once_in_order() {
    let keys: Vec<_> = kyc_br::INTEGRATIONS.iter().map(|integration| integration.key()).collect();
    assert!(keys.windows(2).all(|pair| pair[0] < pair[1]), "{keys:?}");
    let vendors: std::collections::HashSet<_> = kyc_br::INTEGRATIONS.iter().map(|one| one.vendor()).collect();
    assert_eq!(vendors.len(), keys.len());
}

#[tokio::test]
async fn the_sandbox_describes_every_vendor_as_its_crate_does() {
    let sandbox = sandbox().await;
    let (_folder, path) = file(&sandbox.config_toml());
    let clients = ConfigLoader::new().file(path).clients().expect("no unknown key, and none missing");
    let vendors = sandbox.vendors();
    assert_eq!(vendors.len(), INTEGRATIONS.len());
    for (vendor, integration) in vendors.iter().zip(INTEGRATIONS) {
        assert_eq!(
            (vendor.key, vendor.id, vendor.title),
            (integration.key(), integration.vendor().name(), integration.title())
        );
        let keys = integration.config_keys();
        assert!(vendor.client_config.iter().all(|(key, _)| keys.contains(&key)), "{}", vendor.key);
        assert!(clients.get(vendor.key).is_some(), "{}", vendor.key);
    }
}
