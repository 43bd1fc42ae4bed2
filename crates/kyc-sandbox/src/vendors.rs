//! The vendors of the sandbox. This list is the only place that names them all; everything else about a vendor is in
//! its folder.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use crate::vendor::{SandboxVendor, SharedContext, VendorFacts};

pub use crate::bankly::BanklyTls;

/// Makes what needs a value per vendor: the settings of the builder, and the running vendors.
macro_rules! vendors {
    ($($key:ident: $vendor:ident),+ $(,)?) => {
        $(pub use crate::$key::$vendor;)+

        /// The settings of every vendor.
        #[derive(Clone, Debug, Default)]
        pub(crate) struct Settings {
            $(pub(crate) $key: <$vendor as SandboxVendor>::Settings,)+
        }

        /// Every vendor, running.
        pub(crate) struct Vendors {
            $(pub(crate) $key: Arc<$vendor>,)+
        }

        impl Settings {
            pub(crate) fn set_decision_delay(&mut self, delay: Duration) {
                $(<$vendor as SandboxVendor>::set_decision_delay(&mut self.$key, delay);)+
            }
        }

        /// Every vendor, in the order of the list.
        pub(crate) static FACTS: &[&VendorFacts] = &[$(&crate::$key::FACTS),+];

        #[cfg(feature = "clap")]
        impl clap::Args for Settings {
            fn augment_args(command: clap::Command) -> clap::Command {
                $(let command = <$vendor as SandboxVendor>::add_options(command);)+
                command
            }

            fn augment_args_for_update(command: clap::Command) -> clap::Command {
                Self::augment_args(command)
            }
        }

        #[cfg(feature = "clap")]
        impl clap::FromArgMatches for Settings {
            fn from_arg_matches(matches: &clap::ArgMatches) -> Result<Self, clap::Error> {
                let mut settings = Self::default();
                settings.update_from_arg_matches(matches)?;
                Ok(settings)
            }

            fn update_from_arg_matches(&mut self, matches: &clap::ArgMatches) -> Result<(), clap::Error> {
                $(<$vendor as SandboxVendor>::read_options(&mut self.$key, matches);)+
                Ok(())
            }
        }

        impl Vendors {
            pub(crate) fn start(settings: Settings, shared: &SharedContext) -> io::Result<Self> {
                Ok(Self { $($key: <$vendor as SandboxVendor>::start(settings.$key, shared)?,)+ })
            }

            /// In the order of the list.
            pub(crate) fn all(&self) -> Vec<Arc<dyn SandboxVendor>> {
                vec![$(Arc::<$vendor>::clone(&self.$key),)+]
            }
        }
    };
}

// Sorted by key.
vendors! {
    bankly: BanklyControl,
    cellere: CellereControl,
    certiface: CertifaceControl,
    clearsale: ClearsaleControl,
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use kyc_core::VirtualClock;

    use super::*;
    use crate::Sandbox;

    /// Every source file below a folder, without the folders of the vendors.
    fn files(folder: &Path, vendors: &[&str], found: &mut Vec<(String, String)>) {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            if path.is_file() {
                found.push((name, std::fs::read_to_string(&path).expect("text")));
            } else if !vendors.contains(&name.as_str()) {
                files(&path, vendors, found);
            }
        }
    }

    #[test]
    fn the_decision_delay_is_that_of_every_vendor_with_one() {
        let delay = Duration::from_secs(7);
        let mut settings = Settings::default();
        settings.set_decision_delay(delay);
        let Settings { bankly, certiface, clearsale, .. } = settings;
        assert_eq!(
            (bankly.analysis_delay, certiface.document_delay, clearsale.match_delay),
            (delay, delay, delay)
        );
    }

    /// Whether a line has a key as a word, or as a part of a name such as `KeyControl` or `key_url`.
    fn names(line: &str, key: &str) -> bool {
        let humps =
            line.chars().flat_map(|letter| [letter.is_ascii_uppercase().then_some(' '), Some(letter)]);
        let humps: String = humps.flatten().collect();
        let words = |text: &str| {
            let mut words = text.split(|letter: char| !letter.is_ascii_alphanumeric());
            words.any(|word| word.eq_ignore_ascii_case(key))
        };
        words(line) || words(&humps)
    }

    #[test]
    fn names_are_found() {
        for line in
            ["use crate::unico::Client;", "UnicoControl", "the UNICO page", "KYC_UNICO_URL", "unico_url()"]
        {
            assert!(names(line, "unico"), "{line}");
        }
        assert!(!names("unicode", "unico") && !names("a city", "toy"));
    }

    #[tokio::test]
    async fn no_other_file_names_a_vendor() {
        let sandbox = Sandbox::builder().clock(VirtualClock::frozen()).start().await.expect("a free port");
        let keys: Vec<_> = sandbox.vendors().iter().map(|vendor| vendor.key).collect();
        let mut found = Vec::new();
        files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &keys, &mut found);
        assert!(found.len() > 10);
        for (name, text) in found.iter().filter(|(name, _)| name != "vendors.rs") {
            for line in text.lines().filter(|line| name != "lib.rs" || !line.starts_with("pub mod ")) {
                assert!(!keys.iter().any(|key| names(line, key)), "{name}: {line}");
            }
        }
    }
}
