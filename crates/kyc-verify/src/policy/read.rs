//! Reads a policy from TOML. Errors name the key, its line and the rule.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

use kyc_core::{CheckKind, FalseAcceptRate, LivenessMethod, PersonStatus, ValidationError, nearest_name};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Agreement, Ask, CheckPolicy, CheckRule, Limits, OnFail, OnUncertain, Policy};

const MAX_BYTES: usize = 64 * 1024;
const DAY: u64 = 24 * 60 * 60;

/// Why a text is no policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyError {
    key: String,
    line: Option<usize>,
    rule: String,
}

impl PolicyError {
    fn new(key: impl Into<String>, rule: impl Into<String>) -> Self {
        Self { key: key.into(), line: None, rule: rule.into() }
    }

    /// Returns the key, such as `check.registration.pass`; empty for the text as a whole.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Returns the line, counted from one.
    #[must_use]
    pub fn line(&self) -> Option<usize> {
        self.line
    }

    /// Returns the rule that is broken, worded as a clause: `must be review or refuse`.
    #[must_use]
    pub fn rule(&self) -> &str {
        &self.rule
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let subject = if self.key.is_empty() { "policy" } else { &self.key };
        match self.line {
            Some(line) => write!(f, "{subject} (line {line}): {}", self.rule),
            None => write!(f, "{subject}: {}", self.rule),
        }
    }
}

impl std::error::Error for PolicyError {}

type Read<T> = Result<T, PolicyError>;

pub(super) fn policy(text: &str) -> Read<Policy> {
    if text.len() > MAX_BYTES {
        return Err(PolicyError::new("", "must not be larger than 64 KiB"));
    }
    // The parser's own words quote the line, which is not ours to repeat.
    let parsed = DeTable::parse(text).map_err(|error| PolicyError {
        line: error.span().map(|span| line_of(text, span.start)),
        ..PolicyError::new("", "is not valid TOML")
    })?;
    let root = Table { path: String::new(), table: parsed.get_ref(), text, line: None };
    root.allow(&["version", "on_fail", "on_unclear", "ask", "limits", "check", "retain"])?;
    root.name::<Unclear>("on_unclear", &[("review", Unclear)])?;
    let retain = root.table("retain")?;
    Ok(Policy {
        version: version(&root)?,
        on_fail: root.name("on_fail", &OnFail::NAMES)?.unwrap_or_default(),
        ask: root.name("ask", &Ask::NAMES)?.unwrap_or_default(),
        limits: limits(root.table("limits")?)?,
        retain_pictures: retain.map_or(Ok(None), |retain| {
            retain.allow(&["pictures"])?;
            retain.duration("pictures", DAY..=36_500 * DAY)
        })?,
        checks: checks(&root)?,
        text: text.to_owned(),
    })
}

/// The only value of `on_unclear`: nothing unclear is approved or refused by a machine.
#[derive(Clone, Copy)]
struct Unclear;

fn version(root: &Table<'_>) -> Read<String> {
    const MAX_CHARACTERS: usize = 64;
    let version = root.text("version")?.ok_or_else(|| root.error("version", "is missing"))?;
    let is_plain = !version.trim().is_empty() && !version.chars().any(char::is_control);
    if is_plain && version.chars().count() <= MAX_CHARACTERS {
        Ok(version.to_owned())
    } else {
        Err(root.error("version", "must have 1 to 64 characters, and none that cannot be printed"))
    }
}

fn limits(table: Option<Table<'_>>) -> Read<Limits> {
    let mut limits = Limits::default();
    let Some(table) = table else { return Ok(limits) };
    table.allow(&["attempts", "paid_calls", "wait", "watch"])?;
    limits.attempts = table.number("attempts", 1..=20)?.unwrap_or(limits.attempts);
    limits.paid_calls = table.number("paid_calls", 1..=1000)?.unwrap_or(limits.paid_calls);
    limits.wait = table.duration("wait", 1..=30 * DAY)?.unwrap_or(limits.wait);
    limits.watch = table.duration("watch", 0..=366 * DAY)?.unwrap_or(limits.watch);
    Ok(limits)
}

fn checks(root: &Table<'_>) -> Read<Vec<CheckPolicy>> {
    let missing = || root.error("check", "must have at least one check that is required");
    let table = root.table("check")?.ok_or_else(missing)?;
    let names = CheckKind::ALL.map(CheckKind::as_str);
    table.allow(&names)?;
    let mut checks = Vec::new();
    for kind in CheckKind::ALL {
        checks.extend(table.table(kind.as_str())?.map(|table| check(kind, &table)).transpose()?);
    }
    if checks.iter().any(|check: &CheckPolicy| check.is_required) { Ok(checks) } else { Err(missing()) }
}

fn check(check: CheckKind, table: &Table<'_>) -> Read<CheckPolicy> {
    let own: &[&str] = match check {
        CheckKind::Registration => &["pass", "refuse", "agrees"],
        CheckKind::Document => &["agrees", "min_genuine"],
        CheckKind::FaceDocument | CheckKind::FaceRegister => &["max_false_accept", "min_similarity"],
        CheckKind::Liveness => &["method"],
        _ => &[],
    };
    table.allow(&[&["by", "required", "uncertain"], own].concat())?;
    let by = table.list("by")?.unwrap_or_default();
    if by.iter().any(|key| !is_vendor_key(key)) {
        return Err(table.error("by", "must hold keys of vendors, such as cellere"));
    }
    let by: Vec<String> = by.into_iter().map(str::to_owned).collect();
    let rule = match check {
        CheckKind::Registration => registration(table)?,
        CheckKind::Document => CheckRule::Document {
            agrees: table.names("agrees", &Agreement::NAMES)?.unwrap_or(ALL_FIELDS.into()),
            // No vendor publishes a bound.
            min_genuine: table.fraction("min_genuine")?.unwrap_or(0.9),
        },
        CheckKind::FaceDocument | CheckKind::FaceRegister => face(check, table, &by)?,
        CheckKind::Liveness => {
            CheckRule::Liveness { method: table.name("method", &METHODS)?.unwrap_or(LivenessMethod::Capture) }
        }
        _ => CheckRule::Risk,
    };
    Ok(CheckPolicy {
        check,
        is_required: table.boolean("required")?.unwrap_or(true),
        by,
        uncertain: table.name("uncertain", &OnUncertain::NAMES)?.unwrap_or_default(),
        rule,
    })
}

const ALL_FIELDS: [Agreement; 3] = [Agreement::Cpf, Agreement::BirthDate, Agreement::Name];
const METHODS: [(&str, LivenessMethod); 2] =
    [("capture", LivenessMethod::Capture), ("still", LivenessMethod::Still)];

fn registration(table: &Table<'_>) -> Read<CheckRule> {
    // The others fail for everybody: a policy may only say what follows.
    const PASSING: [(&str, Status); 2] = [("regular", Status::Regular), ("pending", Status::Pending)];
    const REFUSED: [(&str, Status); 4] = [
        ("suspended", Status::Suspended),
        ("cancelled", Status::Cancelled),
        ("void", Status::Void),
        ("deceased", Status::Deceased),
    ];
    let statuses = |names: Vec<Status>| names.into_iter().map(PersonStatus::from).collect();
    Ok(CheckRule::Registration {
        pass: statuses(table.names("pass", &PASSING)?.unwrap_or_else(|| vec![Status::Regular])),
        refuse: statuses(table.names("refuse", &REFUSED)?.unwrap_or_default()),
        needs_name: table.names("agrees", &[("name", Agreement::Name)])?.is_some(),
    })
}

/// A status that a policy can name.
#[derive(Clone, Copy, PartialEq)]
enum Status {
    Regular,
    Pending,
    Suspended,
    Cancelled,
    Void,
    Deceased,
}

impl From<Status> for PersonStatus {
    fn from(status: Status) -> Self {
        match status {
            Status::Regular => Self::Regular,
            Status::Pending => Self::Pending,
            Status::Suspended => Self::Suspended,
            Status::Cancelled => Self::Cancelled,
            Status::Void => Self::Void,
            Status::Deceased => Self::Deceased,
        }
    }
}

fn face(check: CheckKind, table: &Table<'_>, by: &[String]) -> Read<CheckRule> {
    const DEFAULT_RATE: u32 = 10_000;
    let stated = table.rate("max_false_accept")?;
    // A register says yes or no, and no vendor states a rate for that.
    let default = FalseAcceptRate::one_in(DEFAULT_RATE).filter(|_| check == CheckKind::FaceDocument);
    let mut min_similarity = BTreeMap::new();
    if let Some(similarities) = table.table("min_similarity")? {
        for (key, _) in similarities.table {
            let vendor = key.get_ref().as_ref();
            if !is_vendor_key(vendor) || !by.is_empty() && !by.iter().any(|known| known == vendor) {
                return Err(table.error("min_similarity", "must hold keys of vendors that `by` names"));
            }
            let similarity = similarities.fraction(vendor)?;
            min_similarity.extend(similarity.map(|similarity| (vendor.to_owned(), similarity)));
        }
    }
    Ok(CheckRule::Face { max_false_accept: stated.or(default), min_similarity })
}

fn is_vendor_key(key: &str) -> bool {
    const MAX_BYTES: usize = 40;
    let is_plain =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
    !key.is_empty() && key.len() <= MAX_BYTES && key.bytes().all(is_plain)
}

fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

/// A table, where it stands, and the text for the numbers of lines.
struct Table<'a> {
    path: String,
    table: &'a DeTable<'a>,
    text: &'a str,
    line: Option<usize>,
}

impl<'a> Table<'a> {
    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    fn get(&self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.table.get(key)
    }

    fn error(&self, key: &str, rule: impl Into<String>) -> PolicyError {
        let line = self.get(key).map(|value| line_of(self.text, value.span().start)).or(self.line);
        PolicyError { line, ..PolicyError::new(self.path_of(key), rule) }
    }

    /// Refuses keys that nobody reads.
    fn allow(&self, known: &[&str]) -> Read<()> {
        let Some(key) = self.table.keys().find(|key| !known.contains(&key.get_ref().as_ref())) else {
            return Ok(());
        };
        const MAX_SHOWN: usize = 40;
        let shown: String =
            key.get_ref().chars().filter(|letter| !letter.is_control()).take(MAX_SHOWN).collect();
        let meant = nearest_name(key.get_ref(), known.iter().copied());
        let hint = meant.map_or_else(
            || format!("known are {}", known.join(", ")),
            |near| format!("did you mean {near}?"),
        );
        let line = Some(line_of(self.text, key.span().start));
        Err(PolicyError { line, ..PolicyError::new(self.path_of(&shown), format!("is not known ({hint})")) })
    }

    fn table(&self, key: &str) -> Read<Option<Table<'a>>> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let table = value.get_ref().as_table().ok_or_else(|| self.error(key, "must be a table"))?;
        let line = Some(line_of(self.text, value.span().start));
        Ok(Some(Table { path: self.path_of(key), table, text: self.text, line }))
    }

    fn text(&self, key: &str) -> Read<Option<&'a str>> {
        let text = |value: &'a Spanned<DeValue<'a>>| {
            value.get_ref().as_str().ok_or_else(|| self.error(key, "must be a text"))
        };
        self.get(key).map(text).transpose()
    }

    fn boolean(&self, key: &str) -> Read<Option<bool>> {
        let boolean = |value: &Spanned<DeValue<'_>>| {
            value.get_ref().as_bool().ok_or_else(|| self.error(key, "must be true or false"))
        };
        self.get(key).map(boolean).transpose()
    }

    fn name<T: Copy>(&self, key: &str, names: &[(&str, T)]) -> Read<Option<T>> {
        let Some(name) = self.text(key)? else { return Ok(None) };
        ValidationError::find_name(names, name).map(Some).map_err(|error| self.error(key, error.rule()))
    }

    /// Reads a list of texts: at least one, none twice.
    fn list(&self, key: &str) -> Read<Option<Vec<&'a str>>> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let items = value.get_ref().as_array().map(|items| items.iter().map(|item| item.get_ref().as_str()));
        let texts = items.and_then(Iterator::collect::<Option<Vec<_>>>);
        let texts = texts.ok_or_else(|| self.error(key, "must be a list of texts"))?;
        let is_repeated = (1..texts.len()).any(|place| texts[..place].contains(&texts[place]));
        match texts.len() {
            1..=20 if is_repeated => Err(self.error(key, "must not hold a text twice")),
            1..=20 => Ok(Some(texts)),
            _ => Err(self.error(key, "must hold 1 to 20 texts")),
        }
    }

    fn names<T: Copy>(&self, key: &str, names: &[(&str, T)]) -> Read<Option<Vec<T>>> {
        let Some(texts) = self.list(key)? else { return Ok(None) };
        let found = texts.into_iter().map(|name| ValidationError::find_name(names, name)).collect();
        Result::map(found, Some).map_err(|error: ValidationError| {
            self.error(key, error.rule().replacen("must be", "must hold only", 1))
        })
    }

    fn number(&self, key: &str, range: RangeInclusive<u32>) -> Read<Option<u32>> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let number = value.get_ref().as_integer().and_then(|number| number.as_str().parse().ok());
        number.filter(|number| range.contains(number)).map(Some).ok_or_else(|| {
            self.error(key, format!("must be a number from {} to {}", range.start(), range.end()))
        })
    }

    /// Reads a number above 0, up to 1.
    fn fraction(&self, key: &str) -> Read<Option<f64>> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let digits = match value.get_ref() {
            DeValue::Float(number) => number.as_str(),
            DeValue::Integer(number) => number.as_str(),
            _ => "",
        };
        let number = digits.parse().ok().filter(|number: &f64| *number > 0.0 && *number <= 1.0);
        number.map(Some).ok_or_else(|| self.error(key, "must be a number above 0, up to 1"))
    }

    /// Reads a rate as `1/10000`.
    fn rate(&self, key: &str) -> Read<Option<FalseAcceptRate>> {
        const LOOSEST: u32 = 100;
        let Some(text) = self.text(key)? else { return Ok(None) };
        let comparisons =
            text.strip_prefix("1/").and_then(plain_number).and_then(|number| number.try_into().ok());
        let rate = comparisons.filter(|number| *number >= LOOSEST).and_then(FalseAcceptRate::one_in);
        rate.map(Some).ok_or_else(|| self.error(key, "must be a rate such as 1/10000, and 1/100 or less"))
    }

    fn duration(&self, key: &str, seconds: RangeInclusive<u64>) -> Read<Option<Duration>> {
        let Some(text) = self.text(key)? else { return Ok(None) };
        let units = [("s", 1), ("m", 60), ("h", 60 * 60), ("d", DAY)];
        let parsed = units.iter().find_map(|(unit, factor)| {
            text.strip_suffix(unit).and_then(plain_number).and_then(|number| number.checked_mul(*factor))
        });
        parsed.filter(|parsed| seconds.contains(parsed)).map(Duration::from_secs).map(Some).ok_or_else(|| {
            let (least, most) = (in_words(*seconds.start()), in_words(*seconds.end()));
            self.error(key, format!("must be a duration from {least} to {most}, such as 30m, 12h or 10d"))
        })
    }
}

/// Parses digits alone: no sign, no blanks.
fn plain_number(digits: &str) -> Option<u64> {
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}

/// Writes a duration as a policy does.
pub(super) fn in_words(seconds: u64) -> String {
    let units = [("d", DAY), ("h", 60 * 60), ("m", 60)];
    let fitting = units.iter().find(|(_, factor)| seconds > 0 && seconds.is_multiple_of(*factor));
    fitting.map_or_else(|| format!("{seconds}s"), |(unit, factor)| format!("{}{unit}", seconds / factor))
}
