//! `kyc certiface appkey`: requests the key of a person's journey.

use certiface::{Person, VENDOR};
use kyc_core::{Cpf, Date, Timestamp};
use serde::Serialize;

use super::stored::{self, Stored};
use super::{Common, VENDOR_NAME, call, connect};
use crate::exit::{self, Failure};
use crate::output::{self, Rows};
use crate::place::SIMULATED;

const NEXT: &str =
    "kyc certiface challenge, or liveness by the vendor's kit with the key that --show-appkey prints";

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The person's CPF; on the sandbox a test CPF determines the result
    #[arg(long)]
    cpf: String,
    /// The person's first and last names
    #[arg(long)]
    name: String,
    /// The person's date of birth, as 2001-11-15 or 15/11/2001
    #[arg(long, value_name = "DAY")]
    birth_date: String,
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

pub(super) async fn run(args: &Args) -> Result<u8, Failure> {
    let person = person(args)?;
    stored::check_free(&args.common.path, args.force)?;
    let (client, place) = connect(&args.common.source)?;
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
        output::json(&created)?;
        return Ok(exit::DONE);
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
    Ok(exit::DONE)
}

fn person(args: &Args) -> Result<Person, Failure> {
    let cpf = Cpf::parse(&args.cpf).map_err(|rule| Failure::input("--cpf", &rule))?;
    let birth_date =
        Date::parse(args.birth_date.trim()).map_err(|rule| Failure::input("--birth-date", &rule))?;
    let mut person = Person::new(cpf, args.name.as_str(), birth_date);
    if let Some(reference) = &args.reference {
        person = person.with_id_externo_cliente(reference.as_str());
    }
    person.check().map_err(|error| Failure::client(error).in_arguments(argument))?;
    Ok(person)
}

/// Returns the argument that a field of the library comes from.
fn argument(field: &str) -> Option<String> {
    match field {
        "nome" => Some("--name".to_owned()),
        "id_externo_cliente" => Some("--reference".to_owned()),
        _ => None,
    }
}
