//! Looks up persons and companies on a sandbox that this program starts itself: every status that there is, the fuller
//! answer, a service that is down, and credits that run out.
//!
//! `cargo run -p cellere-portal --example background`

#![allow(clippy::print_stdout)]

use cellere_portal::kyc_core::{BackgroundChecker, Cnpj, Cpf, Error, ErrorKind};
use cellere_portal::{Client, ClientBuilder, Credentials, Endpoint, ResponseText};
use kyc_sandbox::Sandbox;
use kyc_sandbox::cellere::{CpfOutcome, TEST_CNPJS, TEST_CPFS, test_cpf};

type Failure = Box<dyn std::error::Error>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let sandbox = Sandbox::builder().start().await?;
    let client = portal(&sandbox).build()?;
    println!("1. Persons");
    persons(&client).await?;
    println!("\n2. Companies");
    companies(&client).await?;
    println!("\n3. Whoever looks it up");
    whoever_looks_it_up(&client).await?;
    println!("\n4. The fuller answer");
    fuller(&sandbox).await?;
    println!("\n5. Credits");
    until_they_run_out(&sandbox, &client).await
}

/// Without the address it would be the portal itself, where each look-up costs credits.
fn portal(sandbox: &Sandbox) -> ClientBuilder {
    Client::builder(Credentials::new(Sandbox::CELLERE_TOKEN)).base_url(&sandbox.cellere_url())
}

/// An irregular registration is an answer, not an error.
async fn persons(client: &Client) -> Result<(), Failure> {
    for test in TEST_CPFS {
        match client.cpf(&Cpf::parse(test.cpf)?).await {
            Ok(person) => println!("   {:?}, dead: {:?}", person.value().status(), person.value().has_obit()),
            Err(error) => explain(&error),
        }
    }
    Ok(())
}

/// What the portal said is a value to match on, and what to do stands in the line.
fn explain(error: &Error) {
    match ResponseText::of(error) {
        Some(ResponseText::ServiceDown | ResponseText::Unprocessable) => println!("   not now: {error}"),
        _ => println!("   {error}"),
    }
}

async fn companies(client: &Client) -> Result<(), Failure> {
    for test in TEST_CNPJS {
        let company = client.cnpj(&Cnpj::parse(test.cnpj)?).await?;
        println!("   {:?} ({})", company.value().status(), test.what);
    }
    Ok(())
}

/// This function knows no vendor.
async fn whoever_looks_it_up(checker: &dyn BackgroundChecker) -> Result<(), Failure> {
    let dead = Cpf::parse(test_cpf(CpfOutcome::Deceased).ok_or("no such CPF")?)?;
    let person = checker.check_person(&dead).await?;
    println!("   {}: {:?}, dead: {:?}", checker.vendor(), person.value().status, person.value().deceased);
    let company = checker.check_company(&Cnpj::parse("93.000.010/0001-08")?).await?;
    println!("   {}: {:?}", checker.vendor(), company.value().status);
    Ok(())
}

/// Another path and another method, in one line: that one answers with a name, and with addresses.
async fn fuller(sandbox: &Sandbox) -> Result<(), Failure> {
    let client = portal(sandbox)
        .endpoints(|endpoints| endpoints.cpf = Endpoint::get("/bg-check/cpf-completo"))
        .build()?;
    let person = client.cpf(&Cpf::parse("930.000.001-27")?).await?;
    // Printed because it is invented.
    println!("   {:?}, {}", person.value().status(), person.value().name().unwrap_or("without a name"));
    Ok(())
}

async fn until_they_run_out(sandbox: &Sandbox, client: &Client) -> Result<(), Failure> {
    let left = client.balance().await?.into_inner();
    println!("   left: {:?}", left.amount);
    sandbox.cellere().set_credits(1);
    let cpf = Cpf::parse("529.982.247-25")?;
    client.cpf(&cpf).await?;
    let error = client.cpf(&cpf).await.err().ok_or("it was free")?;
    println!("   {error}");
    match error.kind() {
        ErrorKind::QuotaExhausted => Ok(()),
        _ => Err(error.into()),
    }
}
