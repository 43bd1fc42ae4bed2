//! `kyc verify --batch`: many applicants out of a table.

use std::path::Path;

use super::run::Args;
use crate::failure::Failure;
use crate::outcome::Outcome;

pub(super) async fn run(_args: &Args, _path: &Path) -> Result<Outcome, Failure> {
    Err(Failure::setup(|_| "this build has no --batch".to_owned()))
}
