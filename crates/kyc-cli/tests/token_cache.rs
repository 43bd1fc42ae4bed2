//! Access tokens between runs.

use std::path::{Path, PathBuf};

use kyc_sandbox::{Sandbox, samples};
use serde_json::{Value, json};

use crate::support::*;

/// A command that logs in, and how the sandbox counts its logins and ends its tokens.
struct Vendor {
    command: &'static [&'static str],
    logins: fn(&Sandbox) -> u64,
    expire_tokens: fn(&Sandbox),
}

const VENDORS: [Vendor; 3] = [
    Vendor {
        command: &["facematch"],
        logins: |sandbox| sandbox.clearsale().logins(),
        expire_tokens: |sandbox| sandbox.clearsale().expire_tokens(),
    },
    Vendor {
        command: &[
            "certiface",
            "appkey",
            "--force",
            "--cpf",
            "91000000192",
            "--name",
            "Maria da Silva",
            "--birth-date",
            "2001-11-15",
        ],
        logins: |sandbox| sandbox.certiface().logins(),
        expire_tokens: |sandbox| sandbox.certiface().expire_credentials(),
    },
    Vendor {
        command: &["bankly", "upload", "--force", "--cpf", "92000000100", "--selfie", "me.jpg"],
        logins: |sandbox| sandbox.bankly().logins(),
        expire_tokens: |sandbox| sandbox.bankly().expire_tokens(),
    },
];

const CLEARSALE: &Vendor = &VENDORS[0];

async fn workplace() -> (Sandbox, Desk) {
    let sandbox = sandbox().await;
    let desk = Desk::at(&sandbox);
    desk.file("me.jpg", samples::A_2025);
    (sandbox, desk)
}

/// Runs a command that must succeed without a message, and returns how often it logged in.
async fn logins_of(vendor: &Vendor, sandbox: &Sandbox, desk: &Desk) -> u64 {
    let before = (vendor.logins)(sandbox);
    let run = desk.run(vendor.command).await;
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{run:?}");
    for file in files(desk.tokens()) {
        let content = std::fs::read_to_string(&file).unwrap_or_default();
        let token = serde_json::from_str(&content)
            .map_or(String::new(), |content: Value| content["token"].to_string());
        assert!(token.is_empty() || !run.says(token.trim_matches('"')), "{run:?}");
    }
    (vendor.logins)(sandbox) - before
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).into_iter().flatten();
    let paths = entries.map(|entry| entry.expect("an entry").path());
    // The lock of a login is empty.
    paths.filter(|path| path.extension().is_none_or(|extension| extension != "lock")).collect()
}

fn only_file(directory: &Path) -> PathBuf {
    let [file] = files(directory).try_into().expect("one file");
    file
}

fn content(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).expect("the file")).expect("JSON")
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::symlink_metadata(path).expect("it exists").permissions().mode() & 0o777
}

#[tokio::test]
async fn the_second_run_does_not_log_in() {
    for vendor in VENDORS {
        let (sandbox, desk) = workplace().await;
        let command = vendor.command;
        assert_eq!(logins_of(&vendor, &sandbox, &desk).await, 1, "{command:?}");
        assert_eq!(logins_of(&vendor, &sandbox, &desk).await, 0, "{command:?}");

        let file = only_file(desk.tokens());
        let name = file.file_name().expect("a name").to_string_lossy().into_owned();
        assert!(name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit()), "{name}");
        let content = content(&file);
        let keys: Vec<_> = content.as_object().expect("an object").keys().cloned().collect();
        assert_eq!(keys, ["expires", "obtained", "token"]);
        #[cfg(unix)]
        assert_eq!(mode(&file), 0o600);

        // Another account has another token.
        let (elsewhere, _) = workplace().await;
        let other = Desk::at(&elsewhere).with("KYC_TOKEN_CACHE", &desk.tokens().to_string_lossy());
        other.file("me.jpg", samples::A_2025);
        assert_eq!(logins_of(&vendor, &elsewhere, &other).await, 1, "{command:?}");
        assert_eq!(files(desk.tokens()).len(), 2);
    }
}

#[tokio::test]
async fn runs_at_the_same_time_log_in_once() {
    let (sandbox, desk) = workplace().await;
    for run in desk.run_all(&vec![CLEARSALE.command.to_vec(); 5]).await {
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{run:?}");
    }
    assert_eq!((sandbox.clearsale().logins(), sandbox.clearsale().paid_calls()), (1, 5));
}

/// A login that fails must not keep others waiting.
#[tokio::test]
async fn a_failed_login_releases_the_lock() {
    let (sandbox, desk) = workplace().await;
    let wrong = Desk::at(&sandbox)
        .with("KYC_TOKEN_CACHE", &desk.tokens().to_string_lossy())
        .with("KYC_CLEARSALE_CLIENT_SECRET", "hunter2");
    assert_eq!(wrong.run(CLEARSALE.command).await.code, Some(5));
    assert_eq!(logins_of(CLEARSALE, &sandbox, &desk).await, 1);
}

#[tokio::test]
async fn a_refused_token_is_replaced_after_one_login() {
    for vendor in VENDORS {
        let (sandbox, desk) = workplace().await;
        logins_of(&vendor, &sandbox, &desk).await;
        let before = content(&only_file(desk.tokens()));
        (vendor.expire_tokens)(&sandbox);
        let command = vendor.command;
        assert_eq!(logins_of(&vendor, &sandbox, &desk).await, 1, "{command:?}");
        assert_ne!(content(&only_file(desk.tokens()))["token"], before["token"], "{command:?}");
        assert_eq!(logins_of(&vendor, &sandbox, &desk).await, 0, "{command:?}");
    }
}

#[tokio::test]
async fn an_unusable_file_is_ignored_and_replaced() {
    let (sandbox, desk) = workplace().await;
    logins_of(CLEARSALE, &sandbox, &desk).await;
    let file = only_file(desk.tokens());
    let good = content(&file);
    let mut expired = good.clone();
    expired["expires"] = json!(1_000_000_000);
    for unusable in [
        String::new(),
        "hunter2".to_owned(),
        "{}".to_owned(),
        json!({"token": "hunter2", "obtained": 0}).to_string(),
        expired.to_string(),
        format!("{good}{}", " ".repeat(100_000)) + "x",
    ] {
        std::fs::write(&file, &unusable).expect("written");
        assert_eq!(logins_of(CLEARSALE, &sandbox, &desk).await, 1, "{unusable:.60}");
        assert_eq!(logins_of(CLEARSALE, &sandbox, &desk).await, 0, "{unusable:.60}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_others_can_read_is_ignored_and_replaced() {
    use std::os::unix::fs::PermissionsExt as _;
    let (sandbox, desk) = workplace().await;
    logins_of(CLEARSALE, &sandbox, &desk).await;
    let file = only_file(desk.tokens());
    for open in [0o644, 0o640, 0o622] {
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(open)).expect("set");
        assert_eq!(logins_of(CLEARSALE, &sandbox, &desk).await, 1, "{open:o}");
        assert_eq!(mode(&file), 0o600);
    }
    // Only root can give a file away.
    if std::os::unix::fs::chown(&file, Some(65_534), None).is_ok() {
        assert_eq!(logins_of(CLEARSALE, &sandbox, &desk).await, 1, "a file of another user");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_is_not_followed() {
    let (sandbox, desk) = workplace().await;
    logins_of(CLEARSALE, &sandbox, &desk).await;
    let file = only_file(desk.tokens());
    let target = desk.path().join("target");
    std::fs::rename(&file, &target).expect("moved");
    let before = content(&target);
    std::os::unix::fs::symlink(&target, &file).expect("a link");
    assert_eq!(logins_of(CLEARSALE, &sandbox, &desk).await, 1);
    assert_eq!(content(&target), before, "the target is unchanged");
    assert!(std::fs::symlink_metadata(&file).expect("the file").is_file());

    // A directory in the place of the file, and a link in the place of the directory.
    std::fs::remove_file(&file).expect("removed");
    std::fs::create_dir(&file).expect("a directory");
    assert_eq!(logins_of(CLEARSALE, &sandbox, &desk).await, 1);
    let link = desk.path().join("link");
    std::os::unix::fs::symlink(desk.tokens(), &link).expect("a link");
    let linked = Desk::at(&sandbox).with("KYC_TOKEN_CACHE", &link.to_string_lossy());
    let run = linked.run(CLEARSALE.command).await;
    assert!(run.code == Some(0) && run.stderr.ends_with("is not a folder\n"), "{run:?}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_failure_of_the_cache_does_not_fail_the_call() {
    use std::os::unix::fs::PermissionsExt as _;
    let (sandbox, desk) = workplace().await;
    let shared = desk.path().join("shared");
    std::fs::create_dir(&shared).expect("a directory");
    std::fs::set_permissions(&shared, std::fs::Permissions::from_mode(0o777)).expect("set");
    let file = desk.file("file", "");
    for (directory, why) in [
        (&*shared, "is writable by other users"),
        (&*file, "is not a folder"),
        (&*file.join("below"), "cannot be read: "),
    ] {
        let desk = Desk::at(&sandbox).with("KYC_TOKEN_CACHE", &directory.to_string_lossy());
        let run = desk.run(CLEARSALE.command).await;
        assert_eq!((run.code, run.stderr.lines().count()), (Some(0), 1), "{run:?}");
        assert!(run.stderr.starts_with("KYC_TOKEN_CACHE is not usable, so every run logs in: "), "{run:?}");
        assert!(run.stderr.contains(why), "{run:?}");
    }
    assert!(files(&shared).is_empty());

    // Without a message where nobody named the directory.
    let readable_only = desk.path().join("home");
    std::fs::create_dir(&readable_only).expect("a directory");
    std::fs::write(readable_only.join(".cache"), "").expect("a file");
    let home = readable_only.to_string_lossy();
    let desk = Desk::at(&sandbox).with("KYC_TOKEN_CACHE", "").with("HOME", &home).with("XDG_CACHE_HOME", "");
    assert_eq!(logins_of(CLEARSALE, &sandbox, &desk).await, 1);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_default_is_the_users_cache_directory() {
    let (sandbox, desk) = workplace().await;
    let home = desk.path().join("home");
    let cache = desk.path().join("cache");
    for (variable, folder, expected) in
        [("HOME", &home, home.join(".cache/kyc")), ("XDG_CACHE_HOME", &cache, cache.join("kyc"))]
    {
        let desk = Desk::at(&sandbox)
            .with("KYC_TOKEN_CACHE", "")
            .with("HOME", &home.to_string_lossy())
            .with(variable, &folder.to_string_lossy());
        assert_eq!(logins_of(CLEARSALE, &sandbox, &desk).await, 1);
        assert_eq!(logins_of(CLEARSALE, &sandbox, &desk).await, 0);
        assert_eq!((mode(&expected), mode(&only_file(&expected))), (0o700, 0o600));
        assert!(files(desk.tokens()).is_empty());
    }
}

#[tokio::test]
async fn it_can_be_disabled_and_the_embedded_sandbox_does_not_use_it() {
    let (sandbox, desk) = workplace().await;
    let disabled = Desk::at(&sandbox).with("KYC_TOKEN_CACHE", "off");
    for _ in 0..2 {
        assert_eq!(logins_of(CLEARSALE, &sandbox, &disabled).await, 1);
    }
    assert!(!disabled.path().join("off").exists());
    let commands = [vec!["facematch", "--sandbox"], vec!["certiface"], vec!["bankly"]];
    for run in desk.run_all(&commands).await {
        assert_eq!(run.code, Some(0), "{run:?}");
    }
    assert!(files(desk.tokens()).is_empty());
}
