//! Compares photographs of one person and of two, on a sandbox that this program starts itself: in both forms, and by the
//! trait that other vendors' clients have too.
//!
//! `cargo run -p cellere-portal --example faces`

#![allow(clippy::print_stdout)]

use std::time::Duration;

use cellere_portal::kyc_core::{FaceMatcher, FacePair, FaceScore, Media, ValidationError};
use cellere_portal::{Client, ClientBuilder, Credentials, FaceMatchRequest, Form};
use kyc_sandbox::{Sandbox, samples};

type Failure = Box<dyn std::error::Error>;

/// One person eleven years apart, and two persons.
const PAIRS: [(&str, [&[u8]; 2]); 2] =
    [("one person", [samples::A_2014, samples::A_2025]), ("two persons", [samples::A_2025, samples::B_2022])];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let sandbox = Sandbox::builder().start().await?;
    // Sources differ on the form of the request; one line changes it.
    for form in [Form::Json, Form::Multipart] {
        println!("as {form:?}");
        let client = portal(&sandbox).endpoints(|endpoints| endpoints.facematch_form = form).build()?;
        for (who, pair) in PAIRS {
            let [first, second] = pictures(pair)?;
            let answer = client.facematch(&FaceMatchRequest::new(first, second)).await?;
            println!(
                "   {who}: {:?}, confidence {:?}",
                answer.value().is_match(),
                answer.value().confidence()
            );
        }
    }
    println!("whoever compares them");
    whoever_compares_them(&portal(&sandbox).build()?).await?;
    println!("paid for: {} comparisons", sandbox.cellere().paid_calls());
    Ok(())
}

/// Without the address it would be the portal itself, where each comparison costs credits. An answer without a verdict,
/// which some clients seem to get, is then held against the confiability that is set here.
fn portal(sandbox: &Sandbox) -> ClientBuilder {
    Client::builder(Credentials::new(Sandbox::CELLERE_TOKEN))
        .base_url(&sandbox.cellere_url())
        .least_confiability(0.8)
}

fn pictures([first, second]: [&'static [u8]; 2]) -> Result<[Media; 2], ValidationError> {
    Ok([Media::new(first)?, Media::new(second)?])
}

/// This function knows no vendor.
async fn whoever_compares_them(matcher: &dyn FaceMatcher) -> Result<(), Failure> {
    for (who, pair) in PAIRS {
        let [first, second] = pictures(pair)?;
        let verdict = matcher.compare_faces(&FacePair::new(first, second), Duration::from_secs(60)).await?;
        let score = match verdict.score {
            Some(FaceScore::Similarity(similarity)) => format!("similarity {similarity:.2}"),
            Some(other) => format!("{other:?}"),
            None => "no score".to_owned(),
        };
        println!("   {} says of {who}: match {}, {score}", matcher.vendor(), verdict.matched);
    }
    Ok(())
}
