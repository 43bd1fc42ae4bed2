//! Reads `kyc.toml`. The parser's own words are not used: they quote the line, and the line may hold a secret.

use std::io::{ErrorKind, Read as _};
use std::ops::Range;
use std::path::Path;

use kyc_core::{ConfigValue, Secret, nearest_name};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{ConfigError, Section};
use crate::vendors::KEYS;

/// Tables at the top level alone: profiles, and those of other programs of this workspace.
const RESERVED: [&str; 3] = ["policy", "profile", "verify"];
const MAX_BYTES: u64 = 1024 * 1024;

/// The tables of a file or of one of its profiles.
#[derive(Default)]
pub(super) struct File {
    tables: Vec<(String, ConfigValue)>,
}

impl File {
    /// Reads a file. One that does not exist counts as empty unless it `must_exist`.
    pub(super) fn read(path: &Path, must_exist: bool, profile: Option<&str>) -> Result<Self, ConfigError> {
        let unusable = |what: String| ConfigError::Unusable(format!("{} {what}", shown(path)));
        let text = match read_text(path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound && !must_exist => return Ok(Self::default()),
            Err(error) => return Err(unusable(reason(&error))),
        };
        Self::parse(text.expose(), profile).map_err(unusable)
    }

    fn parse(text: &str, profile: Option<&str>) -> Result<Self, String> {
        let lines = Lines::of_text(text);
        let parsed = DeTable::parse(text).map_err(|error| {
            let line =
                error.span().map_or_else(String::new, |span| format!(": see line {}", lines.of(&span)));
            format!("is not valid TOML{line}")
        })?;
        let root = parsed.get_ref();
        check_names(root, &lines, true)?;
        let Some(name) = profile else { return Ok(Self { tables: lines.entries(root) }) };
        let profiles = root.get("profile").and_then(|profiles| profiles.get_ref().as_table());
        match profiles.and_then(|profiles| profiles.get(name)).and_then(|table| table.get_ref().as_table()) {
            Some(table) => {
                check_names(table, &lines, false)?;
                Ok(Self { tables: lines.entries(table) })
            }
            // Otherwise a misspelt name would look like a profile without vendors.
            None => Err(match profiles.and_then(|profiles| near(name, profiles)) {
                Some(near) => {
                    format!(
                        "has no table [profile.{}.…] (did you mean [profile.{}.…]?)",
                        printable(name),
                        printable(near)
                    )
                }
                None => format!("has no table [profile.{}.…]", printable(name)),
            }),
        }
    }

    pub(super) fn table(&self, key: &str) -> Option<ConfigValue> {
        self.tables.iter().find(|(name, _)| name == key).map(|(_, value)| value.clone())
    }
}

/// Returns the profile that a misspelt or abbreviated name may mean.
fn near<'p>(name: &str, profiles: &'p DeTable<'_>) -> Option<&'p str> {
    let names = || profiles.keys().map(|known| known.get_ref().as_ref());
    nearest_name(name, names()).or_else(|| names().find(|known| !name.is_empty() && known.starts_with(name)))
}

/// Refuses tables that nobody reads. A vendor that is not in this build keeps its table.
fn check_names(table: &DeTable<'_>, lines: &Lines, has_reserved: bool) -> Result<(), String> {
    let reserved = if has_reserved { &RESERVED[..] } else { &[] };
    let known =
        || KEYS.iter().chain(reserved).copied().chain(Section::ALL.iter().map(|section| section.key()));
    let Some(name) = table.keys().find(|name| known().all(|known| known != name.get_ref())) else {
        return Ok(());
    };
    let line = lines.of(&name.span());
    Err(match nearest_name(name.get_ref(), known()) {
        Some(near) => format!(
            "has a table [{}] that is not known (line {line}, did you mean [{near}]?)",
            name.get_ref()
        ),
        None => {
            let known: Vec<_> = known().collect();
            format!("has a table or a key that is not known (line {line}); known are {}", known.join(", "))
        }
    })
}

/// Where each line of a file ends, for the lines of what stands in it.
struct Lines(Vec<usize>);

impl Lines {
    fn of_text(text: &str) -> Self {
        Self(text.match_indices('\n').map(|(end, _)| end).collect())
    }

    fn of(&self, span: &Range<usize>) -> usize {
        self.0.partition_point(|end| *end < span.start) + 1
    }

    fn entries(&self, table: &DeTable<'_>) -> Vec<(String, ConfigValue)> {
        let entry = |(key, value): (&Spanned<_>, &Spanned<DeValue<'_>>)| {
            let key: &Spanned<std::borrow::Cow<'_, str>> = key;
            (key.get_ref().to_string(), self.value(value.get_ref()).at_line(self.of(&key.span())))
        };
        table.iter().map(entry).collect()
    }

    fn value(&self, value: &DeValue<'_>) -> ConfigValue {
        match value {
            DeValue::String(text) => ConfigValue::text(text.as_ref()),
            DeValue::Integer(number) if number.radix() == 10 => ConfigValue::text(number.as_str()),
            DeValue::Integer(number) => ConfigValue::text(number.to_string().as_str()),
            DeValue::Float(number) => ConfigValue::text(number.as_str()),
            DeValue::Boolean(value) => ConfigValue::text(value.to_string().as_str()),
            DeValue::Datetime(value) => ConfigValue::text(value.to_string().as_str()),
            DeValue::Array(items) => {
                let item =
                    |item: &Spanned<DeValue<'_>>| self.value(item.get_ref()).at_line(self.of(&item.span()));
                ConfigValue::list(items.iter().map(item))
            }
            DeValue::Table(table) => ConfigValue::table(self.entries(table)),
        }
    }
}

fn read_text(path: &Path) -> std::io::Result<Secret<String>> {
    // A device or a pipe could be read without end.
    let metadata = std::fs::metadata(path)?;
    if metadata.is_dir() {
        return Err(std::io::Error::new(ErrorKind::Unsupported, "is a directory, not a file"));
    }
    if !metadata.is_file() {
        return Err(std::io::Error::new(ErrorKind::Unsupported, "is not a regular file"));
    }
    let mut text = String::new();
    let read = std::fs::File::open(path)?.take(MAX_BYTES + 1).read_to_string(&mut text);
    let text = Secret::new(text);
    read?;
    if text.expose().len() as u64 > MAX_BYTES {
        return Err(std::io::Error::new(ErrorKind::FileTooLarge, "must not be larger than 1 MiB"));
    }
    Ok(text)
}

fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "does not exist".to_owned(),
        ErrorKind::InvalidData => "is not UTF-8".to_owned(),
        ErrorKind::Unsupported | ErrorKind::FileTooLarge => error.to_string(),
        kind => format!("cannot be read: {kind}"),
    }
}

pub(super) fn shown(path: &Path) -> String {
    printable(&path.to_string_lossy())
}

/// Removes what would move a terminal's cursor or turn the direction of writing.
pub(super) fn printable(text: &str) -> String {
    let is_shown = |symbol: &char| {
        let turns =
            matches!(symbol, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
        !symbol.is_control() && !turns
    };
    text.chars().filter(is_shown).collect()
}
