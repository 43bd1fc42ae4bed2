//! One reader of a vendor's configuration, for environment variables and for files alike.

mod fault;
mod http;
mod reader;
mod seconds;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;

use serde::de::DeserializeOwned;

use crate::error::Error;
use crate::operation::Vendor;
use crate::secret::Secret;

use fault::Fault;
pub(crate) use reader::known_names;
use reader::{child, read, unknown_names};

pub use fault::nearest_name;
pub use http::HttpConfig;
pub use seconds::Seconds;

/// A value of a configuration: a text, a list or a table. `Debug` hides all of it, since any part may be a secret.
#[derive(Clone)]
pub struct ConfigValue {
    pub(crate) node: Node,
    pub(crate) line: Option<usize>,
}

#[derive(Clone)]
pub(crate) enum Node {
    Text(Secret<String>),
    List(Vec<ConfigValue>),
    Table(BTreeMap<String, ConfigValue>),
    /// Environment variables by the rest of their names. Which table a name belongs to is known only when the fields are.
    Variables(BTreeMap<String, Secret<String>>),
}

impl ConfigValue {
    /// Creates a scalar from its text: `true` and `0.5` are texts, too.
    #[must_use]
    pub fn text(text: impl Into<Secret<String>>) -> Self {
        Self { node: Node::Text(text.into()), line: None }
    }

    /// Creates a list.
    #[must_use]
    pub fn list(values: impl IntoIterator<Item = Self>) -> Self {
        Self { node: Node::List(values.into_iter().collect()), line: None }
    }

    /// Creates a table.
    #[must_use]
    pub fn table(entries: impl IntoIterator<Item = (String, Self)>) -> Self {
        Self { node: Node::Table(entries.into_iter().collect()), line: None }
    }

    /// Sets the line of the file at which the value stands, for errors.
    #[must_use]
    pub fn at_line(mut self, line: usize) -> Self {
        self.line = Some(line);
        self
    }
}

impl ConfigValue {
    fn collect(&self, name: String, texts: &mut Vec<(String, Secret<String>)>) {
        let below = |key: &str| if name.is_empty() { key.to_owned() } else { format!("{name}_{key}") };
        match &self.node {
            Node::Text(text) => texts.push((name, text.clone())),
            Node::List(items) => items.iter().for_each(|item| item.collect(name.clone(), texts)),
            Node::Table(table) => table.iter().for_each(|(key, value)| value.collect(below(key), texts)),
            Node::Variables(variables) => {
                let variable = |(key, text): (&String, &Secret<String>)| {
                    (below(&key.to_ascii_lowercase()), text.clone())
                };
                texts.extend(variables.iter().map(variable));
            }
        }
    }
}

impl fmt::Debug for ConfigValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ConfigValue([redacted])")
    }
}

/// Where a table comes from, for errors.
#[derive(Clone, Debug)]
enum Origin {
    Environment,
    File { name: String, table: String },
}

/// The configuration of one vendor: its `KYC_<KEY>_*` variables, or its table of a configuration file. It is never a mixture
/// of both.
///
/// A vendor's crate reads it into a type of its own that implements [`Deserialize`](serde::Deserialize). In the environment the
/// names of nested tables are joined by underscores, and the items of a list are separated by commas. Whitespace around a
/// value is removed, and an empty variable counts as unset.
///
/// Errors name the key, its place and what was expected, never a value. An unknown key is refused; it is named only if it
/// resembles a known one, because it may be a secret in the wrong place.
///
/// ```
/// use kyc_core::{ConfigTable, Secret, Vendor};
///
/// #[derive(serde::Deserialize)]
/// struct Config {
///     login: String,
///     password: Secret<String>,
/// }
///
/// let toy = Vendor::new("toy");
/// let set = [("KYC_TOY_LOGIN", "me\n"), ("KYC_TOY_PASSWORT", "hunter2")];
/// let table = ConfigTable::from_variables(toy, "toy", set)?.expect("set");
/// let error = table.read::<Config>().err().expect("a misspelt name");
/// let wanted = "toy: KYC_TOY_PASSWORT is not known (did you mean KYC_TOY_PASSWORD?)";
/// assert!(error.to_string().starts_with(wanted), "{error}");
/// # Ok::<(), kyc_core::Error>(())
/// ```
#[derive(Clone)]
pub struct ConfigTable {
    vendor: Vendor,
    key: &'static str,
    origin: Origin,
    root: ConfigValue,
}

impl ConfigTable {
    /// Reads the variables of this process. Returns `None` if none is set.
    ///
    /// # Errors
    /// `Config` if a value is not UTF-8.
    pub fn from_env(vendor: Vendor, key: &'static str) -> Result<Option<Self>, Error> {
        Self::from_variables(vendor, key, std::env::vars_os())
    }

    /// Reads the variables of this process into a type. Returns `None` if none is set.
    ///
    /// # Errors
    /// `Config` if a variable is missing, unknown or has an invalid value.
    pub fn load<T: DeserializeOwned>(vendor: Vendor, key: &'static str) -> Result<Option<T>, Error> {
        Self::from_env(vendor, key)?.map(|table| table.read()).transpose()
    }

    /// Reads variables. Those of other prefixes are ignored. Returns `None` if none is set.
    ///
    /// # Errors
    /// `Config` if a value is not UTF-8.
    pub fn from_variables<N, V>(
        vendor: Vendor,
        key: &'static str,
        variables: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Option<Self>, Error>
    where
        N: Into<OsString>,
        V: Into<OsString>,
    {
        let prefix = variable(key, &[]);
        let mut found = BTreeMap::new();
        for (name, value) in variables {
            let Ok(name) = name.into().into_string() else { continue };
            let Some(rest) = name.strip_prefix(&prefix).and_then(|rest| rest.strip_prefix('_')) else {
                continue;
            };
            let Ok(value) = value.into().into_string().map(Secret::new) else {
                return Err(Error::config(vendor, format!("a variable of {prefix}_* is not UTF-8")));
            };
            if !value.expose().trim().is_empty() {
                found.insert(rest.to_owned(), value);
            }
        }
        let root = ConfigValue { node: Node::Variables(found), line: None };
        let is_set = matches!(&root.node, Node::Variables(found) if !found.is_empty());
        Ok(is_set.then_some(Self { vendor, key, origin: Origin::Environment, root }))
    }

    /// Creates the configuration from a table of a file. `file` and `table` are what errors call them, such as `kyc.toml` and
    /// `clearsale`.
    #[must_use]
    pub fn from_file(
        vendor: Vendor,
        key: &'static str,
        file: impl Into<String>,
        table: impl Into<String>,
        value: ConfigValue,
    ) -> Self {
        Self { vendor, key, origin: Origin::File { name: file.into(), table: table.into() }, root: value }
    }

    /// Returns the vendor.
    #[must_use]
    pub fn vendor(&self) -> Vendor {
        self.vendor
    }

    /// Returns where the table comes from: `KYC_CLEARSALE_*`, or a file and the name of its table.
    #[must_use]
    pub fn place(&self) -> String {
        match &self.origin {
            Origin::Environment => format!("{}_*", variable(self.key, &[])),
            Origin::File { name, table } => format!("[{table}] in {name}"),
        }
    }

    /// Returns whether the table consists of environment variables.
    #[must_use]
    pub fn is_environment(&self) -> bool {
        matches!(self.origin, Origin::Environment)
    }

    /// Returns every text of the table, by the names of its table and its key joined by underscores: `webhook_token`. A list has
    /// its name several times. Programs hide secrets by it, and tell which keys are set.
    #[must_use]
    pub fn texts(&self) -> Vec<(String, Secret<String>)> {
        let mut texts = Vec::new();
        self.root.collect(String::new(), &mut texts);
        texts
    }

    /// Reads the whole table.
    ///
    /// # Errors
    /// `Config` if a key is missing, unknown or has an invalid value.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Error> {
        read(self.root.clone()).map_err(|fault| self.error(fault))
    }

    /// Reads one nested table, such as the settings of webhooks, without the rest, which `T` describes. Returns `None` if it is
    /// not set. The names of the rest are checked, but not their values.
    ///
    /// # Errors
    /// As for [`read`](Self::read).
    pub fn read_section<T: DeserializeOwned, S: DeserializeOwned>(
        &self,
        name: &str,
    ) -> Result<Option<S>, Error> {
        let names = known_names::<T>();
        unknown_names(&self.root.node, names).map_err(|fault| self.error(fault))?;
        let Some(section) = child(&self.root.node, names, name) else { return Ok(None) };
        read(section).map(Some).map_err(|fault| self.error(fault.under(name)))
    }

    /// Creates an error for a rule that the values break only together. `path` is the key, such as `["webhook", "token"]`.
    #[must_use]
    pub fn invalid(&self, path: &[&str], rule: impl fmt::Display) -> Error {
        Error::config(self.vendor, format!("{} {rule}", self.key_place(path)))
    }

    fn error(&self, fault: Fault) -> Error {
        let path: Vec<&str> = fault.path.iter().rev().map(String::as_str).collect();
        let mut what = format!("{} {}", self.key_place(&path), fault.rule);
        let is_file = matches!(self.origin, Origin::File { .. });
        if fault.is_missing() && !is_file {
            what += &format!(", although other {} variables are", self.place());
        }
        let line = fault.line.filter(|_| is_file).map(|line| format!("line {line}"));
        let meant = fault.suggestion.map(|known| {
            let right: Vec<&str> =
                path.iter().copied().take(path.len().saturating_sub(1)).chain([known]).collect();
            let name = if is_file { right.join(".") } else { self.key_place(&right) };
            format!("did you mean {name}?")
        });
        let hints: Vec<String> = line.into_iter().chain(meant).collect();
        if !hints.is_empty() {
            what += &format!(" ({})", hints.join(", "));
        }
        Error::config(self.vendor, what)
    }

    fn key_place(&self, path: &[&str]) -> String {
        match &self.origin {
            Origin::Environment if path.is_empty() => self.place(),
            Origin::Environment => variable(self.key, path),
            Origin::File { name, table } if path.is_empty() => format!("{name}: [{table}]"),
            Origin::File { name, table } => format!("{name}: [{table}] {}", path.join(".")),
        }
    }
}

impl fmt::Debug for ConfigTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConfigTable").field("vendor", &self.vendor).finish_non_exhaustive()
    }
}

/// Returns the name of a variable without a trailing underscore: `KYC_TOY_LOGIN`.
fn variable(key: &str, path: &[&str]) -> String {
    let parts = ["kyc", key].into_iter().chain(path.iter().copied());
    parts.collect::<Vec<_>>().join("_").to_ascii_uppercase()
}

#[cfg(test)]
mod tests;
