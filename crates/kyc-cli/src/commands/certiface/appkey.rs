//! `kyc certiface appkey`: requests the key of a person's journey.

use std::path::PathBuf;

use certiface::{Person, VENDOR};
use kyc_core::{Date, Timestamp};
use serde::Serialize;

use super::stored::{self, Stored};
use super::{Common, VENDOR_NAME, call, connect};
use crate::failure::Failure;
use crate::messages::{Messages, text};
use crate::outcome::Outcome;
use crate::output::{self, Rows};
use crate::{input, person, private};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[arg(long, required_unless_present = "person", help = text().certiface_help.cpf)]
    cpf: Option<String>,
    #[arg(long, required_unless_present = "person", help = text().certiface_help.name)]
    name: Option<String>,
    #[arg(long, value_name = "DAY", required_unless_present = "person", help = text().certiface_help.birth_date)]
    birth_date: Option<String>,
    #[arg(long, value_name = "FILE", conflicts_with_all = ["cpf", "name", "birth_date"], help = text().help.person)]
    person: Option<PathBuf>,
    #[arg(long, value_name = "TEXT", help = text().certiface_help.reference)]
    reference: Option<String>,
    #[arg(long, help = text().certiface_help.force)]
    force: bool,
    #[arg(long, help = text().certiface_help.show_appkey)]
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
    let journey = call(text().certiface.requesting_key, args.common.json, None, making).await?;
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
    let t = text();
    let life = match &created.expires {
        Some(end) => (t.certiface.created_until)(end),
        None => t.certiface.created.to_owned(),
    };
    Rows::default()
        .headline(Outcome::Yes, t.certiface.key, life)
        .row(t.rows.vendor, format!("{VENDOR_NAME} ({})", stored.place.label))
        .row(t.rows.stored_in, (t.rows.kept)(&created.journey))
        .optional(t.rows.key, created.appkey)
        .row(t.rows.next, t.certiface.next_key)
        .simulated(created.simulated.then_some(t.place.simulated))
        .print()?;
    Ok(Outcome::Yes)
}

fn person(args: &Args) -> Result<Person, Failure> {
    let mut person = match (&args.person, &args.cpf, &args.name, &args.birth_date) {
        (Some(path), ..) => {
            let file = person::Person::read(path)?;
            Person::new(file.cpf, file.name.expose().as_str(), file.birth_date)
        }
        (None, Some(cpf), Some(name), Some(birth_date)) => {
            let cpf = input::cpf("--cpf", cpf)?;
            private::add_name(name);
            let birth_date = Date::parse(birth_date.trim())
                .map_err(|rule| Failure::refused(|_| "--birth-date".to_owned(), rule))?;
            Person::new(cpf, name.as_str(), birth_date)
        }
        // The parser requires them.
        _ => return Err(Failure::input(|t| (t.errors.missing)("--cpf, --name, --birth-date"))),
    };
    if let Some(reference) = &args.reference {
        person = person.with_id_externo_cliente(reference.as_str());
    }
    person
        .check()
        .map_err(|error| Failure::client(error).in_arguments(|t, field| argument(t, args, field)))?;
    Ok(person)
}

/// Returns the argument that a field of the library comes from.
fn argument(t: &Messages, args: &Args, field: &str) -> Option<String> {
    match (field, &args.person) {
        ("nome", Some(path)) => Some(format!("--person ({}): name", input::shown(t, path))),
        ("nome", None) => Some("--name".to_owned()),
        ("id_externo_cliente", _) => Some("--reference".to_owned()),
        _ => None,
    }
}
