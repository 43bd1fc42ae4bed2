//! `kyc config show`: where each key of the configuration comes from. No value is printed.

use clap::Subcommand;
use kyc_br::INTEGRATIONS;
use kyc_br::config::{ConfigKey, Section, config_keys, section_keys};
use kyc_core::ConfigTable;
use serde::Serialize;

use super::init::print_path;
use crate::config::{self, Source};
use crate::failure::Failure;
use crate::messages::text;
use crate::outcome::Outcome;
use crate::output::{self, Rows};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(about = text().config_help.show)]
    Show(ShowArgs),
}

#[derive(Debug, clap::Args)]
struct ShowArgs {
    #[command(flatten)]
    source: Source,
    #[arg(long, help = text().help.json)]
    json: bool,
}

impl Args {
    pub(crate) fn as_json(&self) -> bool {
        let Command::Show(args) = &self.command;
        args.json
    }
}

/// The configuration in `--json`.
#[derive(Serialize)]
struct Report {
    vendors: Vec<Configured>,
    /// The tables that are not a vendor's. None is required.
    sections: Vec<Configured>,
}

#[derive(Serialize)]
struct Configured {
    #[serde(skip_serializing_if = "Option::is_none")]
    vendor: Option<&'static str>,
    key: &'static str,
    /// The variables or the table that it is read from; null if there is none.
    source: Option<String>,
    /// The keys that are set.
    keys: Vec<Key>,
    /// The required keys that are not set.
    missing: Vec<String>,
    #[serde(skip)]
    title: &'static str,
}

#[derive(Serialize)]
struct Key {
    name: String,
    source: String,
    is_secret: bool,
}

pub(crate) fn run(args: &Args) -> Result<Outcome, Failure> {
    let Command::Show(args) = &args.command;
    let mut vendors = Vec::new();
    for integration in INTEGRATIONS {
        let table = args.source.table_if_any(integration)?;
        let of =
            Configured::of(integration.key(), integration.title(), &config_keys(integration), table.as_ref());
        vendors.push(Configured { vendor: Some(integration.vendor().name()), ..of });
    }
    let mut sections = Vec::new();
    for &section in Section::ALL {
        let table = args.source.files().section(section)?;
        sections.push(Configured::of(section.key(), section.title(), &section_keys(section), table.as_ref()));
    }
    let report = Report { vendors, sections };
    if args.json {
        output::json(report.outcome(), &report)?;
    } else {
        report.print()?;
    }
    Ok(report.outcome())
}

impl Configured {
    fn of(key: &'static str, title: &'static str, known: &[ConfigKey], table: Option<&ConfigTable>) -> Self {
        let set = table.map(config::names).unwrap_or_default();
        let is_set = |path: &[String]| set.contains(&path.join("_"));
        // A key may be a table with names of the user's choice.
        let is_given = |path: &[String]| {
            let name = path.join("_");
            is_set(path) || set.iter().any(|set| set.starts_with(&format!("{name}_")))
        };
        let source = |key: &ConfigKey, table: &ConfigTable| {
            if table.is_environment() { key.variable.clone() } else { table.place() }
        };
        let is_missing = |key: &&ConfigKey| key.is_required && !is_set(&key.path);
        let keys = table.map(|table| {
            let given =
                known.iter().filter(|key| is_set(&key.path) || key.kind == "table" && is_given(&key.path));
            given
                .map(|key| Key {
                    name: print_path(key),
                    source: output::visible(&source(key, table)),
                    is_secret: key.is_secret,
                })
                .collect()
        });
        Self {
            vendor: None,
            key,
            source: table.map(|table| output::visible(&table.place())),
            keys: keys.unwrap_or_default(),
            missing: match table {
                Some(_) => known.iter().filter(is_missing).map(print_path).collect(),
                None => Vec::new(),
            },
            title,
        }
    }
}

impl Report {
    fn outcome(&self) -> Outcome {
        let is_usable = |vendor: &&Configured| vendor.source.is_some();
        let configured: Vec<_> = self.vendors.iter().filter(is_usable).collect();
        let is_complete = configured.iter().all(|vendor| vendor.missing.is_empty());
        if configured.is_empty() || !is_complete { Outcome::Configuration } else { Outcome::Yes }
    }

    fn print(&self) -> std::io::Result<()> {
        let t = &text().config;
        self.vendors
            .iter()
            .chain(&self.sections)
            .fold(Rows::default(), |rows, vendor| {
                let Some(source) = &vendor.source else { return rows.line(vendor.title, t.not_configured) };
                let lines: Vec<_> =
                    vendor.keys.iter().map(|key| [key.name.clone(), key.source.clone()]).collect();
                let missing: Vec<_> =
                    vendor.missing.iter().map(|name| [name.clone(), t.missing.to_owned()]).collect();
                rows.line(vendor.title, source).table(&lines).table(&missing)
            })
            .print()
    }
}
