//! Compares two photographs of one person, on a local sandbox that the program starts.
//!
//! `cargo run -p clearsale-facematch --example facematch`

#![allow(clippy::print_stdout)]

use std::time::Duration;

use clearsale_facematch::kyc_core::{Cpf, Media};
use clearsale_facematch::{Client, Credentials, MatchLevel, MatchRequest};
use kyc_sandbox::{Sandbox, samples};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::builder().start().await?;
    let credentials = Credentials::new(Sandbox::CLEARSALE_CLIENT_ID, Sandbox::CLEARSALE_CLIENT_SECRET);
    let client = Client::builder(credentials).base_url(&sandbox.clearsale_url()).build()?;

    let request = MatchRequest::new(Media::new(samples::A_2014)?, Media::new(samples::A_2025)?)
        .with_cpf(Cpf::parse("900.000.005-07")?)
        .with_min_match_level(MatchLevel::Four);

    let submitted = client.match2d_2d(&request).await?;
    println!("submitted as {:?}, {:?}", submitted.value().transaction_id, submitted.value().status);
    let waiting = client.wait(&submitted.value().operation_id(), Duration::from_secs(60))?;
    let transaction = waiting.on_pending(|waited| println!("not ready after {waited:.1?}")).await?;
    println!("{:?}", transaction.outcome());
    if let Some(rate) = transaction.confiability.as_ref().and_then(MatchLevel::false_accept_rate) {
        println!("{rate}");
    }
    Ok(())
}
