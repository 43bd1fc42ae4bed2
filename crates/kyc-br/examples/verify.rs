//! Verifies a person with two vendors of a sandbox, and prints what each check found.
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

/// What has to be checked, and by whom. Liveness is left out, because a capture needs the person's device: the example
/// `verify_service` hands out what the vendor's kit needs.
const POLICY: &str = r#"
version = "example 1"
ask = "all" # compares what the vendors say; "first" would stop at the first one that answers
[check.registration]
by = ["cellere"]
[check.document]
by = ["cellere"]
agrees = ["cpf", "birth_date", "name"]
[check.face_document]
by = ["clearsale", "cellere"]
max_false_accept = "1/10000"
min_similarity = { cellere = 0.90 } # it publishes no rate
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
        .on_step(|step| {
            println!("{} {}{}", step.vendor, step.step, if step.has_ended { ", ended" } else { "" })
        })
        .build();

    // The reference is yours. The same reference is the same case, and is not paid for again.
    let applicant = applicant()?;
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

fn applicant() -> Result<Applicant, Failure> {
    let mut applicant = Applicant::new(Cpf::parse("529.982.247-25")?);
    applicant.name = Some(Pii::new("Maria Exemplo da Silva".to_owned()));
    applicant.birth_date = Some(Pii::new(Date::parse("1990-10-12")?));
    applicant.selfie = Some(Media::new(samples::A_2025)?);
    let front = Media::new(samples::A_2014)?;
    applicant.document = Some(IdentityDocument::new(DocumentKind::Cnh, front));
    Ok(applicant)
}
