//! What the program has for single vendors, beyond what their integrations say: the only list of it.

use clap::Subcommand;
use kyc_br::INTEGRATIONS;
use kyc_core::{Capabilities, Integration};

use crate::commands::{bankly, cellere, certiface, clearsale};
use crate::failure::Failure;
use crate::messages::text;
use crate::outcome::Outcome;
use crate::own::Own;

static OWN: [&Own; 4] = [&bankly::OWN, &cellere::OWN, &certiface::OWN, &clearsale::OWN];

/// The vendors' own commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    #[command(about = text().help.bankly, long_about = text().help.bankly_long)]
    Bankly(bankly::Args),
    #[command(about = text().help.cellere, subcommand_value_name = "COMMAND")]
    Cellere(cellere::Args),
    #[command(about = text().help.certiface, long_about = text().help.certiface_long)]
    Certiface(certiface::Args),
}

impl Command {
    pub(crate) fn as_json(&self) -> bool {
        match self {
            Self::Bankly(args) => args.as_json(),
            Self::Cellere(args) => args.as_json(),
            Self::Certiface(args) => args.as_json(),
        }
    }
}

pub(crate) async fn run(command: Command) -> Result<Outcome, Failure> {
    match command {
        Command::Bankly(args) => Box::pin(bankly::run(args)).await,
        Command::Cellere(args) => Box::pin(cellere::run(args)).await,
        Command::Certiface(args) => Box::pin(certiface::run(args)).await,
    }
}

/// Returns what the program has for a vendor.
pub(crate) fn own(integration: &Integration) -> Option<&'static Own> {
    OWN.into_iter().find(|own| own.key == integration.key())
}

/// Returns the integration of the vendor with this id.
pub(crate) fn by_id(vendor: &str) -> Option<&'static Integration> {
    INTEGRATIONS.iter().find(|integration| integration.vendor().name() == vendor)
}

/// Returns the integration of the vendor with this key.
pub(crate) fn by_key(key: &str) -> Option<&'static Integration> {
    INTEGRATIONS.iter().find(|integration| integration.key() == key)
}

/// Returns whether the ids of a vendor's operations identify no person.
pub(crate) fn has_public_ids(integration: &Integration) -> bool {
    integration.capabilities().face_match.is_some_and(|able| able.query)
}

/// Returns the vendors with a capability.
pub(crate) fn with(has: fn(Capabilities) -> bool) -> impl Iterator<Item = &'static Integration> {
    INTEGRATIONS.iter().filter(move |integration| has(integration.capabilities()))
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::*;

    fn files(folder: &Path) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path());
        entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
    }

    #[test]
    fn no_other_file_knows_a_vendor() {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let names: Vec<_> =
            INTEGRATIONS.iter().flat_map(|known| [known.key(), known.vendor().name()]).collect();
        for path in files(&source) {
            let name = path.strip_prefix(&source).expect("in the folder").to_string_lossy().into_owned();
            // The texts, this list, the modules of the commands, and the vendors' own files.
            let may = ["messages", "vendors.rs", "commands.rs"].iter().any(|may| name.starts_with(may))
                || names.iter().any(|vendor| name.starts_with(&format!("commands/{vendor}")));
            let text = std::fs::read_to_string(&path).expect("a file").to_lowercase();
            let text = text.split("#[cfg(test)]").next().unwrap_or_default();
            let named = names.iter().find(|vendor| text.contains(*vendor));
            assert!(may || named.is_none(), "{name} names {named:?}");
        }
    }

    /// A vendor need not be listed: it then has the commands of its capabilities.
    #[test]
    fn each_vendor_of_the_list_is_in_the_build() {
        assert!(OWN.iter().all(|own| INTEGRATIONS.iter().any(|known| known.key() == own.key)));
    }
}
