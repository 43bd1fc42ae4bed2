use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

use super::*;
use crate::client_options::ClientOptions;

const TOY: Vendor = Vendor::new("toy");

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Environment {
    Test,
    Production,
}

/// A type whose own words repeat the value.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
struct Word;

impl TryFrom<String> for Word {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Err(format!("`{text}` is bad"))
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Names {
    service: Option<String>,
    service_field: Option<String>,
    segments: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
struct Config {
    login: Secret<String>,
    environment: Option<Environment>,
    rate: Option<f64>,
    count: Option<u32>,
    is_strict: Option<bool>,
    file: Option<PathBuf>,
    #[serde(default)]
    peers: Vec<String>,
    word: Option<Word>,
    #[serde(default)]
    names: Names,
    names_field: Option<String>,
    #[serde(default)]
    http: HttpConfig,
}

fn variables(set: &[(&str, &str)]) -> ConfigTable {
    ConfigTable::from_variables(TOY, "toy", set.iter().copied()).expect("UTF-8").expect("set")
}

fn file(entries: impl IntoIterator<Item = (&'static str, ConfigValue)>) -> ConfigTable {
    let entries = entries.into_iter().enumerate();
    let table =
        ConfigValue::table(entries.map(|(line, (key, value))| (key.to_owned(), value.at_line(line + 2))));
    ConfigTable::from_file(TOY, "toy", "kyc.toml", "toy", table.at_line(1))
}

fn refusal(table: &ConfigTable) -> String {
    let error = table.read::<Config>().expect_err("invalid");
    let shown = format!("{error} {error:?} {table:?}");
    assert!(!shown.contains("hunter2"), "{shown}");
    message(&error)
}

fn message(error: &Error) -> String {
    let text = error.to_string();
    let rule =
        text.strip_suffix("; nothing was sent; correct the configuration").expect("every error says so");
    rule.trim_start_matches("toy: ").to_owned()
}

#[test]
fn variables_are_trimmed_and_parsed_by_the_type() {
    let table = variables(&[
        ("KYC_TOY_LOGIN", " 00123\r\n"),
        ("KYC_TOY_ENVIRONMENT", "production"),
        ("KYC_TOY_RATE", "0.5"),
        ("KYC_TOY_COUNT", "7"),
        ("KYC_TOY_IS_STRICT", "True"),
        ("KYC_TOY_FILE", "/a/b.pem"),
        ("KYC_TOY_PEERS", "192.0.2.1, 198.51.100.0/24,"),
        ("KYC_TOY_NAMES_SERVICE", "one"),
        ("KYC_TOY_NAMES_SERVICE_FIELD", "two"),
        ("KYC_TOY_NAMES_SEGMENTS_RG", "rg-v2"),
        ("KYC_TOY_NAMES_FIELD", "the longest name wins"),
        ("KYC_TOY_HTTP_ATTEMPT_TIMEOUT_SECONDS", "2.5"),
        ("KYC_TOYS_LOGIN", "of another vendor"),
        ("KYC_TOY_WORD", " "),
    ]);
    let config: Config = table.read().expect("valid");
    assert_eq!(config.login.expose(), "00123", "a text stays a text");
    assert_eq!(config.environment, Some(Environment::Production));
    assert_eq!((config.rate, config.count, config.is_strict), (Some(0.5), Some(7), Some(true)));
    assert_eq!(config.file, Some(PathBuf::from("/a/b.pem")));
    assert_eq!(config.peers, ["192.0.2.1", "198.51.100.0/24"]);
    assert_eq!(config.names.service.as_deref(), Some("one"));
    assert_eq!(config.names.service_field.as_deref(), Some("two"));
    assert_eq!(config.names.segments["rg"], "rg-v2");
    assert_eq!(config.names_field.as_deref(), Some("the longest name wins"));
    assert!(config.word.is_none(), "an empty variable is unset");
    let options = format!("{:?}", ClientOptions::new().configure(&config.http));
    assert!(options.contains("attempt_timeout: 2.5s"), "{options}");
    let texts = table.texts();
    let text =
        |name: &str| texts.iter().find(|(known, _)| known == name).map(|(_, text)| text.expose().as_str());
    assert_eq!(text("names_segments_rg"), Some("rg-v2"));
    assert!(text("login").is_some() && text("toys_login").is_none());
    assert_eq!((table.place().as_str(), table.is_environment()), ("KYC_TOY_*", true));
}

#[test]
fn nothing_set_is_no_table() {
    let none: [(&str, &str); 0] = [];
    assert!(ConfigTable::from_variables(TOY, "toy", none).expect("UTF-8").is_none());
    let empty = [("KYC_TOY_LOGIN", " ")];
    assert!(ConfigTable::from_variables(TOY, "toy", empty).expect("UTF-8").is_none());
}

#[test]
fn a_file_has_the_same_keys() {
    let names = ConfigValue::table([("service".to_owned(), ConfigValue::text("one"))]);
    let peers = ConfigValue::list([ConfigValue::text("a,b"), ConfigValue::text("c")]);
    let table = file([("login", ConfigValue::text("me")), ("names", names), ("peers", peers)]);
    let config: Config = table.read().expect("valid");
    assert_eq!(config.names.service.as_deref(), Some("one"));
    assert_eq!(config.peers, ["a,b", "c"], "a comma in a file separates nothing");
    let names: Vec<_> = table.texts().into_iter().map(|(name, _)| name).collect();
    assert_eq!(
        (names, table.is_environment()),
        (["login", "names_service", "peers", "peers"].map(str::to_owned).to_vec(), false)
    );
}

#[test]
fn errors_name_place_key_and_expectation_but_never_a_value() {
    let login = ("KYC_TOY_LOGIN", "hunter2-login");
    for (name, value, wanted) in [
        ("KYC_TOY_ENVIRONMENT", "hunter2", "KYC_TOY_ENVIRONMENT must be test or production"),
        ("KYC_TOY_RATE", "hunter2", "KYC_TOY_RATE must be a number"),
        ("KYC_TOY_COUNT", "-1", "KYC_TOY_COUNT must be a whole number from 0"),
        ("KYC_TOY_IS_STRICT", "hunter2", "KYC_TOY_IS_STRICT must be true or false"),
        ("KYC_TOY_WORD", "hunter2", "KYC_TOY_WORD is not valid"),
        (
            "KYC_TOY_HTTP_ATTEMPT_TIMEOUT_SECONDS",
            "0",
            "KYC_TOY_HTTP_ATTEMPT_TIMEOUT_SECONDS must be a number of seconds from 0.001 to 86400",
        ),
        ("KYC_TOY_LOGN", "hunter2", "KYC_TOY_LOGN is not known (did you mean KYC_TOY_LOGIN?)"),
        (
            "KYC_TOY_HTTP_MAX_ATTEMPT",
            "hunter2",
            "KYC_TOY_HTTP_MAX_ATTEMPT is not known (did you mean KYC_TOY_HTTP_MAX_ATTEMPTS?)",
        ),
        ("KYC_TOY_RATE_X", "1", "KYC_TOY_RATE must be a number, and has no keys of its own"),
        (
            "KYC_TOY_hunter2",
            "x",
            "KYC_TOY_* has a key that is not known; known are login, environment, rate, count, is_strict, file, peers, \
             word, names, names_field, http",
        ),
    ] {
        assert_eq!(refusal(&variables(&[login, (name, value)])), wanted);
    }
    let half = refusal(&variables(&[("KYC_TOY_RATE", "1")]));
    assert_eq!(half, "KYC_TOY_LOGIN is not set, although other KYC_TOY_* variables are");
}

#[test]
fn errors_of_a_file_have_the_line() {
    let login = || ("login", ConfigValue::text("hunter2"));
    let list = || ConfigValue::list([ConfigValue::text("hunter2")]);
    for (key, value, wanted) in [
        ("rate", ConfigValue::text("hunter2"), "kyc.toml: [toy] rate must be a number (line 3)"),
        ("rate", list(), "kyc.toml: [toy] rate must be a number, not a list (line 3)"),
        ("names", ConfigValue::text("hunter2"), "kyc.toml: [toy] names must be a table (line 3)"),
        ("logins", list(), "kyc.toml: [toy] logins is not known (line 3, did you mean login?)"),
    ] {
        assert_eq!(refusal(&file([login(), (key, value)])), wanted);
    }
    assert_eq!(refusal(&file([])), "kyc.toml: [toy] login is not set (line 1)");
    let secret_as_key = refusal(&file([login(), ("hunter2", list())]));
    assert!(
        secret_as_key.starts_with("kyc.toml: [toy] has a key that is not known; known are login, "),
        "{secret_as_key}"
    );
}

/// A configuration that is checked as a whole, in words that repeat a value.
#[derive(Debug, Deserialize)]
#[serde(try_from = "BTreeMap<String, String>")]
struct Checked;

impl TryFrom<BTreeMap<String, String>> for Checked {
    type Error = String;

    fn try_from(all: BTreeMap<String, String>) -> Result<Self, String> {
        Err(format!("{all:?} is bad"))
    }
}

#[test]
fn neither_a_check_of_the_whole_nor_a_key_of_the_users_choice_repeats_anything() {
    let error = variables(&[("KYC_TOY_LOGIN", "hunter2")]).read::<Checked>().expect_err("checked");
    assert_eq!(message(&error), "KYC_TOY_* is not valid");
    let login = ("login", ConfigValue::text("me"));
    let odd = [("hunter2".to_owned(), ConfigValue::list([]))];
    let names = ConfigValue::table([("segments".to_owned(), ConfigValue::table(odd))]);
    assert_eq!(
        refusal(&file([login, ("names", names)])),
        "kyc.toml: [toy] names.segments.* must be a text, not a list (line 3)"
    );
}

#[test]
fn a_section_needs_nothing_of_the_rest_but_known_names() {
    let read = |set: &[(&str, &str)]| variables(set).read_section::<Config, Names>("names");
    let names = read(&[("KYC_TOY_NAMES_SERVICE", "one")]).expect("valid").expect("set");
    assert_eq!(names.service.as_deref(), Some("one"));
    assert!(read(&[("KYC_TOY_RATE", "hunter2")]).expect("not read").is_none());
    let error = read(&[("KYC_TOY_NAMS_SERVICE", "one")]).expect_err("misspelt");
    assert!(error.to_string().contains("is not known"), "{error}");
    let error = read(&[("KYC_TOY_NAMES_SERVICES", "one")]).expect_err("misspelt");
    assert_eq!(message(&error), "KYC_TOY_NAMES_SERVICES is not known (did you mean KYC_TOY_NAMES_SERVICE?)");
}

#[test]
fn a_name_is_near_by_letters_separators_or_parts() {
    let known = ["client_id", "client_secret", "base_url", "key"];
    for (name, near) in [
        ("CLIENTID", Some("client_id")),
        ("client-secret", Some("client_secret")),
        ("client_secrets", Some("client_secret")),
        ("secret", Some("client_secret")),
        ("BASE_ULR", Some("base_url")),
        ("kei", None),
        ("hunter2", None),
        ("AKIAIOSFODNN7EXAMPLE", None),
    ] {
        assert_eq!(nearest_name(name, known), near, "{name}");
    }
    assert_eq!(nearest_name(&"client_id".repeat(100_000), known), None);
}
