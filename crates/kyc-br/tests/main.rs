//! The facade as a program uses it: one file, several vendors, one question.

use std::path::PathBuf;
use std::time::Duration;

use kyc_br::config::{ConfigError, ConfigLoader};
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
        "[clearsale]\nclient_id = '{id}'\nclient_secret = '{secret}'\nbase_url = '{url}'\nwebhook_token = 'w'\n"
    )
}

fn table_of_cellere(sandbox: &Sandbox) -> String {
    format!("[cellere]\ntoken = '{}'\nbase_url = '{}'\n", Sandbox::CELLERE_TOKEN, sandbox.cellere_url())
}

#[tokio::test]
async fn two_vendors_are_asked_the_same_question() {
    let sandbox = sandbox().await;
    let (_folder, path) = file(&(table_of_clearsale(&sandbox) + &table_of_cellere(&sandbox)));
    let clients = ConfigLoader::new().file(path).clients().expect("a good file");
    assert!(clients.bankly.is_none() && clients.certiface.is_none(), "they have no table");
    assert_eq!(clients.webhook_sources().len(), 1);

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
    let cellere = clients.cellere.expect("it has a table");
    assert!(cellere.balance().await.is_ok(), "the profile's token is the sandbox's");
    let none = ConfigLoader::new().file(&path).profile("test").clearsale();
    assert!(matches!(none, Err(ConfigError::Absent(_))), "{none:?}");
    // A slip in the name is not taken for a profile without vendors.
    let error = ConfigLoader::new().file(path).profile("tset").clients().expect_err("no such profile");
    assert!(error.to_string().contains("has no [profile.tset."), "{error}");
}

#[test]
fn nothing_of_a_broken_file_is_repeated() {
    for text in ["[cellere]\ntoken = hunter2", "[cellere]\ntoken = ''\nhunter2 = 1", "[hunter2]\n", "hunter2"]
    {
        let (_folder, path) = file(text);
        let error = ConfigLoader::new().file(path).clients().expect_err(text);
        let shown = format!("{error} {error:?}");
        assert!(shown.contains("line ") && !shown.contains("hunter2"), "{shown}");
    }
}

#[test]
fn what_a_vendor_refuses_is_its_own_error() {
    let (_folder, path) = file("[cellere]\ntoken = 'x'\n[cellere.endpoints]\nmeter = 'no slash'\n");
    let error = ConfigLoader::new().file(path).clients().expect_err("no path");
    assert!(error.to_string().contains("endpoints.meter"), "{error}");
}

#[test]
fn a_file_that_is_not_there() {
    let error = ConfigLoader::new().file("/nowhere/kyc.toml").clients().expect_err("no file");
    assert!(error.to_string().starts_with("/nowhere/kyc.toml cannot be read"), "{error}");
}

#[tokio::test]
async fn the_configuration_of_the_sandbox_is_one_for_every_vendor() {
    let sandbox = sandbox().await;
    let (_folder, path) = file(&sandbox.config_toml());
    let loader = ConfigLoader::new().file(path);
    let clients = loader.clients().expect("no unknown key, and none missing");
    assert!(clients.bankly.is_some() && clients.cellere.is_some());
    assert!(clients.certiface.is_some() && clients.clearsale.is_some());
    assert_eq!(sandbox.vendors().len(), 4);
}
