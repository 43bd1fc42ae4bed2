//! `kyc certiface appkey`: requests the key of a person's journey.

use std::path::{Path, PathBuf};

use certiface::{Person, VENDOR};
use kyc_core::{Cpf, Date, Pii, Timestamp, ValidationError};
use serde::{Deserialize, Serialize};

use super::stored::{self, Stored};
use super::{Common, VENDOR_NAME, call, connect};
use crate::failure::Failure;
use crate::outcome::Outcome;
use crate::output::{self, Rows};
use crate::place::SIMULATED;
use crate::{input, private};

const NEXT: &str =
    "kyc certiface challenge, or liveness by the vendor's kit with the key that --show-appkey prints";

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The person's CPF, or - to read it from standard input; on the sandbox a test CPF determines the result
    #[arg(long, required_unless_present = "person")]
    cpf: Option<String>,
    /// The person's first and last names
    #[arg(long, required_unless_present = "person")]
    name: Option<String>,
    /// The person's date of birth, as 2001-11-15 or 15/11/2001
    #[arg(long, value_name = "DAY", required_unless_present = "person")]
    birth_date: Option<String>,
    /// Read the person from this file, or - from standard input, as {"cpf": "…", "name": "…", "birth_date": "…"}: other
    /// users of this machine can see arguments
    #[arg(long, value_name = "FILE", conflicts_with_all = ["cpf", "name", "birth_date"])]
    person: Option<PathBuf>,
    /// Your reference for the journey, at most 255 characters
    #[arg(long, value_name = "TEXT")]
    reference: Option<String>,
    /// Replace the journey in the file
    #[arg(long)]
    force: bool,
    /// Print the key, for the vendor's kit; anyone who has it can read the CPF and continue the journey
    #[arg(long)]
    show_appkey: bool,
    #[command(flatten)]
    pub(super) common: Common,
}

#[derive(Serialize)]
struct Created<'a> {
    vendor: &'static str,
    environment: &'static str,
    journey: String,
    expires: Option<String>,
    appkey: Option<&'a str>,
    simulated: bool,
}

pub(super) async fn run(args: &Args) -> Result<Outcome, Failure> {
    let person = person(args)?;
    stored::check_free(&args.common.path, args.force)?;
    let (client, place) = connect(&args.common.source, None)?;
    let making = Box::pin(client.journey(&person));
    let journey = call("requesting a key", args.common.json, None, making).await?;
    let stored = Stored::new(journey, place, &args.common.path);
    stored.save()?;
    let appkey = stored.journey.appkey();
    let created = Created {
        vendor: VENDOR.name(),
        environment: stored.place.environment,
        journey: stored.shown(),
        expires: appkey.expires_hint().map(Timestamp::to_rfc3339),
        appkey: args.show_appkey.then(|| appkey.expose()),
        simulated: stored.place.simulated,
    };
    if args.common.json {
        output::json(Outcome::Yes, &created)?;
        return Ok(Outcome::Yes);
    }
    let life = match &created.expires {
        Some(end) => format!("created, valid until {end}"),
        None => "created; its lifetime is a setting of the vendor, usually five minutes".to_owned(),
    };
    Rows::default()
        .row("KEY", life)
        .row("vendor", format!("{VENDOR_NAME} ({})", stored.place.label))
        .row("stored in", format!("{} (contains personal data: delete it afterwards)", created.journey))
        .optional("appkey", created.appkey)
        .row("next", NEXT)
        .simulated(created.simulated.then_some(SIMULATED))
        .print()?;
    Ok(Outcome::Yes)
}

fn person(args: &Args) -> Result<Person, Failure> {
    let mut person = match (&args.person, &args.cpf, &args.name, &args.birth_date) {
        (Some(path), ..) => person_in(path)?,
        (None, Some(cpf), Some(name), Some(birth_date)) => {
            let cpf = input::cpf("--cpf", cpf)?;
            private::add_name(name);
            let birth_date =
                Date::parse(birth_date.trim()).map_err(|rule| Failure::input("--birth-date", &rule))?;
            Person::new(cpf, name.as_str(), birth_date)
        }
        // The parser requires them.
        _ => return Err(Failure::Input("--cpf, --name and --birth-date: are missing".to_owned())),
    };
    if let Some(reference) = &args.reference {
        person = person.with_id_externo_cliente(reference.as_str());
    }
    person.check().map_err(|error| Failure::client(error).in_arguments(|field| argument(args, field)))?;
    Ok(person)
}

/// Reads a person from a file, whose content is never printed.
fn person_in(path: &Path) -> Result<Person, Failure> {
    let argument = format!("--person ({})", input::shown(path));
    let refuse = |rule: &ValidationError| Failure::input(&argument, rule);
    let text = input::private_text(path).map_err(|rule| refuse(&rule))?;
    let format = "must be a JSON object with cpf, name and birth_date, all of them texts";
    let file: PersonFile =
        serde_json::from_str(text.expose()).map_err(|_| refuse(&ValidationError::new(format)))?;
    let in_field =
        |field: &str, rule: &ValidationError| Failure::input(&format!("{argument}: {field}"), rule);
    private::add(file.cpf.expose());
    private::add_name(file.name.expose());
    let cpf = Cpf::parse(file.cpf.expose()).map_err(|rule| in_field("cpf", &rule))?;
    let birth_date =
        Date::parse(file.birth_date.expose().trim()).map_err(|rule| in_field("birth_date", &rule))?;
    Ok(Person::new(cpf, file.name.expose().as_str(), birth_date))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PersonFile {
    cpf: Pii<String>,
    name: Pii<String>,
    birth_date: Pii<String>,
}

/// Returns the argument that a field of the library comes from.
fn argument(args: &Args, field: &str) -> Option<String> {
    match (field, &args.person) {
        ("nome", Some(path)) => Some(format!("--person ({}): name", input::shown(path))),
        ("nome", None) => Some("--name".to_owned()),
        ("id_externo_cliente", _) => Some("--reference".to_owned()),
        _ => None,
    }
}
