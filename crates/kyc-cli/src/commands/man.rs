//! `kyc man`: writes the manual pages, one for each command.

use std::path::PathBuf;

use clap::Command;

use crate::failure::Failure;
use crate::messages::text;
use crate::outcome::Outcome;
use crate::{files, usage};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[arg(value_name = "DIR", help = text().help.man_dir)]
    folder: PathBuf,
}

pub(crate) fn run(args: &Args) -> Result<Outcome, Failure> {
    let written = std::fs::create_dir_all(&args.folder)
        .and_then(|()| clap_mangen::generate_to(without_help(usage::command()), &args.folder));
    written.map_err(|error| files::cannot_write(&args.folder, &error))?;
    Ok(Outcome::Yes)
}

/// Hides the subcommands `help`: a page for each would be too many.
fn without_help(command: Command) -> Command {
    let names: Vec<_> = command.get_subcommands().map(|command| command.get_name().to_owned()).collect();
    names.into_iter().fold(command, |command, name| {
        command.mut_subcommand(
            &name,
            |command| {
                if name == "help" { command.hide(true) } else { without_help(command) }
            },
        )
    })
}
