//! docs/configuration.md: the keys of all tables, out of the types that read them.

use std::path::Path;

use kyc_br::INTEGRATIONS;
use kyc_br::config::{ConfigKey, Section, config_keys, section_keys};

const HEAD: &str = "\
# Configuration

<!-- Written by `KYC_UPDATE=1 cargo test -p kyc-br --all-features reference`. -->

Each vendor has a table in `kyc.toml`, and each key has an environment variable. A vendor's configuration comes whole from one
place: if one of its variables is set, its table is not read. The keys of a profile stand in `[profile.NAME.VENDOR]`. The
tables `[inbox]` and `[listen]` are those of `kyc listen` and `kyc inbox`, and `[verify]` is that of `kyc verify`.
In a variable the items of a list are separated by commas. A vendor's crate without the facade reads the same variables
with `Config::from_env`.
";

fn row(key: &ConfigKey) -> String {
    let secret = if key.is_secret { ", secret" } else { "" };
    let required = if key.is_required { "**required.** " } else { "" };
    let (path, kind) = (key.path.join("."), &key.kind);
    format!("| `{path}` | `{}` | {kind}{secret} | {required}{} |\n", key.variable, key.description)
}

fn head(title: &str, table: &str) -> String {
    format!("\n## {title}: `[{table}]`\n\n| key | variable | type | meaning |\n| --- | --- | --- | --- |\n")
}

fn page() -> String {
    let mut page = HEAD.to_owned();
    for integration in INTEGRATIONS {
        let (title, key) = (integration.title(), integration.key());
        page += &head(title, key);
        let own = config_keys(integration).into_iter().filter(|key| key.path[0] != "http");
        own.for_each(|key| page += &row(&key));
    }
    page += &head("Every vendor", "VENDOR.http");
    let vendor = &INTEGRATIONS[0];
    for mut key in config_keys(vendor).into_iter().filter(|key| key.path[0] == "http") {
        key.variable = key.variable.replacen(&vendor.key().to_ascii_uppercase(), "VENDOR", 1);
        page += &row(&key);
    }
    for &section in Section::ALL {
        page += &head(section.title(), section.key());
        section_keys(section).iter().for_each(|key| page += &row(key));
    }
    page
}

#[test]
fn the_reference_of_the_configuration_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/configuration.md");
    let page = page();
    if std::env::var_os("KYC_UPDATE").is_some() {
        std::fs::write(&path, &page).expect("written");
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(written, page, "run KYC_UPDATE=1 cargo test -p kyc-br --all-features reference");
}

#[test]
fn the_keys_of_the_other_tables_are_described_and_secrets_are_marked() {
    let keys: Vec<_> = Section::ALL.iter().copied().flat_map(section_keys).collect();
    assert!(keys.iter().all(|key| key.description.len() > 10 && !key.description.contains(']')), "{keys:?}");
    let secrets: Vec<_> = keys.iter().filter(|key| key.is_secret).map(|key| key.path.join(".")).collect();
    assert_eq!(secrets, ["key", "previous_keys", "forward_to", "key", "previous_keys"]);
}

#[test]
fn every_key_is_described_and_secrets_are_marked() {
    for integration in INTEGRATIONS {
        let keys = config_keys(integration);
        for key in &keys {
            assert!(key.description.len() > 10 && !key.description.contains(']'), "{key:?}");
        }
        let mut top: Vec<_> = keys.iter().map(|key| key.path[0].as_str()).collect();
        top.dedup();
        let mut known = integration.config_keys().to_vec();
        top.sort_unstable();
        top.dedup();
        known.sort_unstable();
        assert_eq!(top, known, "the schema and the reader agree");
        assert!(keys.iter().any(|key| key.is_secret && key.is_required), "{}", integration.key());
    }
}
