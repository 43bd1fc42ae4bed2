//! `kyc init`: writes a commented configuration file, made from the definitions of the vendors' configurations.

use std::io::{self, Write as _};
use std::path::PathBuf;

use kyc_br::INTEGRATIONS;
use kyc_br::config::{ConfigKey, Section, config_keys, section_keys};
use kyc_core::Integration;

use super::vendor;
use crate::failure::Failure;
use crate::files;
use crate::messages::text;
use crate::outcome::Outcome;
use crate::output::{self, Rows};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[arg(value_name = "FILE", default_value = "kyc.toml", help = text().config_help.file)]
    file: PathBuf,
    #[arg(long, value_parser = vendor::with(|_| true), help = text().config_help.vendor)]
    vendor: Option<&'static Integration>,
    #[arg(long, help = text().config_help.force)]
    force: bool,
}

pub(crate) fn run(args: &Args) -> Result<Outcome, Failure> {
    let content = content(args.vendor);
    if args.force {
        files::check_place("FILE", &args.file)?;
        // Replaces a link instead of writing through it.
        files::write_private(&args.file, content.as_bytes())?;
    } else {
        create(args, content.as_bytes())?;
    }
    let t = text();
    let written = (t.init.written)(&files::shown(&args.file));
    Rows::default().headline(Outcome::Yes, t.init.done, written).row(t.rows.next, t.init.next).print()?;
    Ok(Outcome::Yes)
}

/// Creates the file. One that exists, or a link, is not touched.
fn create(args: &Args, content: &[u8]) -> Result<(), Failure> {
    let written = files::create_new_private(&args.file).and_then(|mut file| file.write_all(content));
    written.map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => {
            let shown = files::shown(&args.file);
            Failure::input(|t| (t.errors.subject)(&shown, t.init.exists))
        }
        _ => files::cannot_write(&args.file, &error),
    })
}

/// Returns the file: the table of the vendor, or all tables as comments.
fn content(vendor: Option<&Integration>) -> String {
    let head = text().init.head.lines().map(|line| format!("# {line}").trim_end().to_owned() + "\n");
    let tables = match vendor {
        Some(vendor) => table_of(vendor, true),
        None => {
            let sections =
                Section::ALL.iter().map(|one| table(one.title(), one.key(), section_keys(*one), false));
            let vendors = INTEGRATIONS.iter().map(|vendor| table_of(vendor, false));
            vendors.chain(sections).collect::<Vec<_>>().join("\n")
        }
    };
    format!("{}\n{tables}", head.collect::<String>())
}

fn table_of(vendor: &Integration, is_active: bool) -> String {
    table(vendor.title(), vendor.key(), config_keys(vendor), is_active)
}

/// Returns a table. `is_active`: with its required keys outside comments.
fn table(title: &str, table: &str, mut keys: Vec<ConfigKey>, is_active: bool) -> String {
    let mark = |is_set: bool| if is_active && is_set { "" } else { "# " };
    let mut lines = vec![format!("# {title}"), format!("{}[{table}]", mark(true))];
    let mut section: Vec<String> = Vec::new();
    // The required keys first; the sort leaves the tables together.
    keys.sort_by_key(|key| (key.path.len() > 1, key.path.len() == 1 && !key.is_required));
    for key in keys {
        let Some((name, parents)) = key.path.split_last() else { continue };
        if parents != section {
            section = parents.to_vec();
            lines.extend([String::new(), format!("# [{table}.{}]", section.join("."))]);
        }
        lines.extend(described(&key).lines().map(|line| format!("# {line}")));
        lines.push(format!("{}{name} = {}", mark(key.is_required), empty(&key)));
    }
    lines.join("\n") + "\n"
}

fn described(key: &ConfigKey) -> String {
    let t = &text().init;
    let required = if key.is_required { t.required } else { "" };
    format!("{required}{} ({})", key.description, key.kind)
}

/// Returns a value of the type, to be replaced.
fn empty(key: &ConfigKey) -> &'static str {
    match key.kind.as_str() {
        "number" => "0",
        "true or false" => "false",
        "list" => "[]",
        "table" => "{}",
        _ => "\"\"",
    }
}

pub(super) fn print_path(key: &ConfigKey) -> String {
    output::printable(&key.path.join("."))
}
