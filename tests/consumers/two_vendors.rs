//! What a program on the facade writes: whoever is configured and compares faces is asked the same question.

use std::path::Path;
use std::time::Duration;

use kyc_br::config::ConfigLoader;
use kyc_br::prelude::*;

/// Each vendor's name and verdict.
pub async fn ask_all(
    file: &Path,
    pair: &FacePair,
) -> Result<Vec<(&'static str, bool)>, Box<dyn std::error::Error>> {
    let mut verdicts = Vec::new();
    for matcher in ConfigLoader::new().file(file).clients()?.face_matchers() {
        let verdict = matcher.compare_faces(pair, Duration::from_secs(60)).await?;
        verdicts.push((matcher.vendor().name(), verdict.matched));
    }
    Ok(verdicts)
}
