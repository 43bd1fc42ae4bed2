//! Asks everyone who is configured and compares faces the same question.
//!
//! With credentials in the environment or in `kyc.toml` (`kyc sandbox` prints such lines for its own vendors):
//! `cargo run -p kyc-br --features all-vendors,config --example two_vendors -- document.jpg selfie.jpg`

#![allow(clippy::print_stdout)]

use std::time::Duration;

use kyc_br::{config::ConfigLoader, prelude::*};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let [document, selfie] = [1, 2].map(|place| std::env::args().nth(place).unwrap_or_default());
    let pair = FacePair::new(Media::read(document)?, Media::read(selfie)?);
    for matcher in ConfigLoader::new().clients()?.face_matchers() {
        let found = matcher.compare_faces(&pair, Duration::from_secs(60)).await?;
        println!("{}: {}, {:?}", matcher.vendor(), found.verdict, found.score);
    }
    Ok(())
}
