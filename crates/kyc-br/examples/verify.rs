//! Verifies a person with every vendor of a sandbox, and prints what each check found.
//!
//! `cargo run -p kyc-br --all-features --example verify`

#![allow(clippy::print_stdout)]

use kyc_br::config::ConfigLoader;
use kyc_br::kyc_verify::{
    CaseState, Environment, KeyRing, Language, Options, Outcome, Policy, SqliteStore, StoreKey, Verification,
};
use kyc_br::prelude::*;
use kyc_sandbox::{Sandbox, samples};

type Failure = Box<dyn std::error::Error>;

/// The built-in policy, which with `ask = "all"` pays each vendor and compares what they say.
const POLICY: &str = r#"
version = "example 1"
ask = "all"
[check.registration]
[check.document]
agrees = ["cpf", "birth_date", "name"]
[check.face_document]
max_false_accept = "1/10000"
min_similarity = { cellere = 0.90 }
[check.face_register]
required = false
[check.liveness]
method = "capture"
[check.risk]
required = false
"#;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let (sandbox, folder) = (Sandbox::builder().start().await?, tempfile::tempdir()?);
    let config = folder.path().join("kyc.toml");
    std::fs::write(&config, sandbox.config_toml())?;
    let clients = ConfigLoader::new().file(config).clients()?;

    // The store keeps what was handed in, what was sent and what was answered, encrypted under your key.
    let keys = KeyRing::new(StoreKey::generate()?);
    let store = SqliteStore::builder(folder.path().join("cases.sqlite")).keys(keys).open()?;
    let verification = Verification::builder(store, Environment::Simulated)
        .vendors(clients.verifiers())
        .policy(Policy::from_toml(POLICY)?)
        .on_step(|step| println!("{} {} {}", step.vendor, step.step, ["begins", "ended"][usize::from(step.has_ended)]))
        .build();

    // The reference is yours. The same reference is the same case, and is not paid for again.
    let applicant = applicant()?;
    let report = verification.verify("sample-1", &applicant, Options::default()).await?;
    let again = verification.verify("sample-1", &applicant, Options::default()).await?;
    assert_eq!((report.case, report.paid_calls), (again.case, again.paid_calls));

    println!();
    for result in &report.checks {
        let said = result.vendors.iter().map(|vendor| {
            format!("{}: {}", vendor.vendor, vendor.value().in_language(Language::English))
        });
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

fn applicant() -> Result<Applicant, Failure> {
    let mut applicant = Applicant::new(Cpf::parse("529.982.247-25")?);
    applicant.name = Some(Pii::new("Maria Exemplo da Silva".to_owned()));
    applicant.birth_date = Some(Pii::new(Date::parse("1990-10-12")?));
    applicant.selfie = Some(Media::new(samples::A_2025)?);
    let front = Media::new(samples::A_2014)?;
    applicant.document = Some(IdentityDocument::new(DocumentKind::Cnh, front));
    // The frames of a capture that the caller's own user interface made.
    applicant.capture = vec![Media::new(samples::A_2025)?];
    Ok(applicant)
}
