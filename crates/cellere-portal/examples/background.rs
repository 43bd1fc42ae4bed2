//! Looks up persons and companies, on a local sandbox that the program starts: every status, the fuller response, a service
//! that is down, and credits that run out.
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
    println!("\n3. Independent of the vendor");
    by_the_trait(&client).await?;
    println!("\n4. The fuller response");
    fuller(&sandbox).await?;
    println!("\n5. Credits");
    until_they_run_out(&sandbox, &client).await
}

/// Uses the sandbox; without `base_url` it would be the portal itself, where each look-up costs credits.
fn portal(sandbox: &Sandbox) -> ClientBuilder {
    Client::builder(Credentials::new(Sandbox::CELLERE_TOKEN)).base_url(&sandbox.cellere_url())
}

/// An irregular registration is a value, not an error.
async fn persons(client: &Client) -> Result<(), Failure> {
    for test in TEST_CPFS {
        match client.cpf(&Cpf::parse(test.cpf)?).await {
            Ok(person) => {
                println!("   {:?}, deceased: {:?}", person.value().status(), person.value().has_obit())
            }
            Err(error) => explain(&error),
        }
    }
    Ok(())
}

/// The portal's text is a value to match on; the printed line advises what to do.
fn explain(error: &Error) {
    match ResponseText::of(error) {
        Some(ResponseText::ServiceDown | ResponseText::Unprocessable) => println!("   temporary: {error}"),
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

/// Uses only the trait, so that any vendor fits.
async fn by_the_trait(checker: &dyn BackgroundChecker) -> Result<(), Failure> {
    let deceased = Cpf::parse(test_cpf(CpfOutcome::Deceased).ok_or("no such CPF")?)?;
    let person = checker.check_person(&deceased).await?;
    println!("   {}: {:?}, deceased: {:?}", checker.vendor(), person.value().status, person.value().deceased);
    let company = checker.check_company(&Cnpj::parse("93.000.010/0001-08")?).await?;
    println!("   {}: {:?}", checker.vendor(), company.value().status);
    Ok(())
}

/// Changes path and method in one line: this look-up also returns a name and addresses.
async fn fuller(sandbox: &Sandbox) -> Result<(), Failure> {
    let client = portal(sandbox)
        .endpoints(|endpoints| endpoints.cpf = Endpoint::get("/bg-check/cpf-completo"))
        .build()?;
    let person = client.cpf(&Cpf::parse("930.000.001-27")?).await?;
    // Fictitious, so that it may be printed.
    println!("   {:?}, {}", person.value().status(), person.value().name().unwrap_or("without a name"));
    Ok(())
}

async fn until_they_run_out(sandbox: &Sandbox, client: &Client) -> Result<(), Failure> {
    let left = client.balance().await?.into_inner();
    println!("   credits: {:?}", left.amount);
    sandbox.cellere().set_credits(1);
    let cpf = Cpf::parse("529.982.247-25")?;
    client.cpf(&cpf).await?;
    let error = client.cpf(&cpf).await.err().ok_or("the call was free")?;
    println!("   {error}");
    match error.kind() {
        ErrorKind::QuotaExhausted => Ok(()),
        _ => Err(error.into()),
    }
}
