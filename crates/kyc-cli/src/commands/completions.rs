//! `kyc completions`: prints the completions for a shell.

use clap_complete::Shell;

use crate::failure::Failure;
use crate::messages::text;
use crate::outcome::Outcome;
use crate::{output, usage};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[arg(value_name = "SHELL", value_enum, help = text().help.shell)]
    shell: Shell,
}

pub(crate) fn run(args: &Args) -> Result<Outcome, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut usage::command(), "kyc", &mut script);
    output::result(&String::from_utf8_lossy(&script))?;
    Ok(Outcome::Yes)
}
