//! A program on the facade: every configured vendor that compares faces gets the same pair.

use std::path::Path;
use std::time::Duration;

use kyc_br::config::ConfigLoader;
use kyc_br::prelude::*;

/// Returns each vendor's name and verdict.
pub async fn compare_with_all(
    file: &Path,
    pair: &FacePair,
) -> Result<Vec<(&'static str, Verdict)>, Box<dyn std::error::Error>> {
    let mut verdicts = Vec::new();
    for matcher in ConfigLoader::new().file(file).clients()?.face_matchers() {
        let found = matcher.compare_faces(pair, Duration::from_secs(60)).await?;
        verdicts.push((matcher.vendor().name(), found.verdict));
    }
    Ok(verdicts)
}
