//! Verifies a person with every vendor of a sandbox, and prints what each check found.
//!
//! `cargo run -p kyc-br --all-features --example verify`

#![allow(clippy::print_stdout)]

use kyc_br::config::ConfigLoader;
use kyc_br::kyc_verify::{
    CaseState, Environment, KeyRing, Language, Options, Outcome, Policy, SqliteStore, StoreKey, Verification,
};
use kyc_sandbox::{Sandbox, samples};

type Failure = Box<dyn std::error::Error>;

/// What has to be checked, when each check passes, and that every vendor is asked, to compare what they say.
const POLICY: &str = r#"
version = "example 1"
ask = "all" # "first" would stop at the first vendor that answers
[check.registration]
pass = ["regular"]
[check.document]
agrees = ["cpf", "birth_date", "name"]
[check.face_document]
max_false_accept = "1/10000"
min_similarity = { bankly = 0.90, cellere = 0.90, certiface = 0.90 } # they publish no rate
[check.liveness]
method = "capture"
"#;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let (sandbox, folder) = (Sandbox::builder().decision_delay(std::time::Duration::ZERO).start().await?, tempfile::tempdir()?);
    let config = folder.path().join("kyc.toml");
    std::fs::write(&config, sandbox.config_toml())?;
    let clients = ConfigLoader::new().file(config).clients()?;

    // The store keeps what was handed in, what was sent and what was answered, encrypted under your key.
    let keys = KeyRing::new(StoreKey::generate()?);
    let store = SqliteStore::builder(folder.path().join("cases.sqlite")).keys(keys).open()?;
    let verification = Verification::builder(store, Environment::Simulated)
        .vendors(clients.verifiers())
        .policy(Policy::from_toml(POLICY)?)
        .on_step(|step| {
            println!("{} {}{}", step.vendor, step.step, if step.has_ended { ", ended" } else { "" })
        })
        .build();

    // The reference is yours. The same reference is the same case, and is not paid for again.
    let applicant = samples::applicant()?;
    let report = verification.verify("sample-1", &applicant, Options::default()).await?;
    let again = verification.verify("sample-1", &applicant, Options::default()).await?;
    assert_eq!((report.case, report.paid_calls), (again.case, again.paid_calls));

    println!();
    for result in &report.checks {
        let said = result
            .vendors
            .iter()
            .map(|vendor| format!("{}: {}", vendor.vendor, vendor.value().in_language(Language::English)));
        println!("{:<14} {:<12} {}", result.check, result.state, said.collect::<Vec<_>>().join(", "));
    }
    println!("\n{:?} after {} paid calls", report.state, report.paid_calls);
    if let Some(message) = report.message() {
        println!("to the person: {}", message.in_language(Language::Portuguese));
    }
    match report.state {
        CaseState::Decided(Outcome::Approved) => Ok(()),
        _ => Err("the sample applicant was not approved".into()),
    }
}
