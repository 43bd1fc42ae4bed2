//! Compares photographs of one person and of two, on a local sandbox that the program starts: in both body forms, and
//! through the trait of kyc-core.
//!
//! `cargo run -p cellere-portal --example faces`

#![allow(clippy::print_stdout)]

use std::time::Duration;

use cellere_portal::kyc_core::{FaceMatcher, FacePair, FaceScore, Media, ValidationError};
use cellere_portal::{Client, ClientBuilder, Credentials, FaceMatchRequest, Form};
use kyc_sandbox::{Sandbox, samples};

type Failure = Box<dyn std::error::Error>;

/// One person, eleven years apart, and two persons.
const PAIRS: [(&str, [&[u8]; 2]); 2] =
    [("one person", [samples::A_2014, samples::A_2025]), ("two persons", [samples::A_2025, samples::B_2022])];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let sandbox = Sandbox::builder().start().await?;
    // Sources differ on the body form; one line changes it.
    for form in [Form::Json, Form::Multipart] {
        println!("as {form:?}");
        let client = portal(&sandbox).endpoints(|endpoints| endpoints.facematch_form = form).build()?;
        for (who, pair) in PAIRS {
            let [first, second] = images(pair)?;
            let response = client.facematch(&FaceMatchRequest::new(first, second)).await?;
            println!(
                "   {who}: {:?}, confidence {:?}",
                response.value().is_match(),
                response.value().confidence()
            );
        }
    }
    println!("independent of the vendor");
    by_the_trait(&portal(&sandbox).build()?).await?;
    println!("paid for: {} comparisons", sandbox.cellere().paid_calls());
    Ok(())
}

/// Uses the sandbox; without `base_url` it would be the portal itself, where each comparison costs credits. The minimum
/// confiability decides where a response has no verdict, as some public clients receive it.
fn portal(sandbox: &Sandbox) -> ClientBuilder {
    Client::builder(Credentials::new(Sandbox::CELLERE_TOKEN))
        .base_url(&sandbox.cellere_url())
        .least_confiability(0.8)
}

fn images([first, second]: [&'static [u8]; 2]) -> Result<[Media; 2], ValidationError> {
    Ok([Media::new(first)?, Media::new(second)?])
}

/// Uses only the trait, so that any vendor fits.
async fn by_the_trait(matcher: &dyn FaceMatcher) -> Result<(), Failure> {
    for (who, pair) in PAIRS {
        let [first, second] = images(pair)?;
        let found = matcher.compare_faces(&FacePair::new(first, second), Duration::from_secs(60)).await?;
        let score = match found.score {
            Some(FaceScore::Similarity(similarity)) => format!("similarity {similarity:.2}"),
            Some(other) => format!("{other:?}"),
            None => "no score".to_owned(),
        };
        println!("   {}, {who}: {}, {score}", matcher.vendor(), found.verdict);
    }
    Ok(())
}
