//! `kyc background`: how a CPF or a CNPJ stands.

use cellere_portal::{CnpjResponse, CpfResponse, Json, VENDOR};
use kyc_core::{Cnpj, CompanyStatus, Cpf, PersonStatus};
use serde::Serialize;
use serde_json::Value;

use crate::cellere::{Session, VENDOR_NAME};
use crate::config::Source;
use crate::exit::{self, Failure};
use crate::output::{self, Rows, printable};
use crate::place::Place;

const SIMULATED: &str = "simulated: the number decides, nothing was looked up";

#[derive(Debug, clap::Args)]
#[command(after_help = exit::HELP)]
pub(crate) struct Args {
    #[command(flatten)]
    number: Number,
    #[command(flatten)]
    source: Source,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// Whose registration is looked up.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct Number {
    /// A person's; on the sandbox a test CPF chooses the answer
    #[arg(long)]
    cpf: Option<String>,
    /// A company's, with letters or without; on the sandbox a test CNPJ chooses the answer
    #[arg(long)]
    cnpj: Option<String>,
}

pub(crate) async fn run(args: Args) -> Result<u8, Failure> {
    let Number { cpf, cnpj } = &args.number;
    let cpf = cpf.as_deref().map(Cpf::parse).transpose();
    let cpf = cpf.map_err(|rule| Failure::input("--cpf", &rule))?;
    let cnpj = cnpj.as_deref().map(Cnpj::parse).transpose();
    let cnpj = cnpj.map_err(|rule| Failure::input("--cnpj", &rule))?;
    let session = Session::open(&args.source).await?;
    let report = match (cpf, cnpj) {
        (Some(cpf), _) => {
            let asking = Box::pin(session.client.cpf(&cpf));
            Report::of_person(session.call("looking up the CPF", args.json, "cpf", asking).await?)
        }
        (None, Some(cnpj)) => {
            let asking = Box::pin(session.client.cnpj(&cnpj));
            Report::of_company(session.call("looking up the CNPJ", args.json, "cnpj", asking).await?)
        }
        // The command line is not taken without one of them.
        (None, None) => return Err(Failure::Input("--cpf or --cnpj must be given".to_owned())),
    };
    let report = report.at(&session.place);
    if args.json {
        output::json(&report)?
    } else {
        report.print(&session.place)?
    }
    Ok(if report.regular { exit::YES } else { exit::NO })
}

/// What is known, as `--json` prints it.
#[derive(Default, Serialize)]
struct Report {
    vendor: &'static str,
    environment: &'static str,
    subject: &'static str,
    /// In order or in business, and nobody dead.
    regular: bool,
    /// One of a few words that do not depend on the vendor.
    status: Option<String>,
    /// The vendor's own word.
    vendor_status: Option<String>,
    deceased: Option<bool>,
    /// Who says so.
    origin: Option<String>,
    name: Option<String>,
    simulated: bool,
    /// The vendor's whole answer: what is in it depends on the path that is configured.
    answer: Value,
    #[serde(skip)]
    meaning: &'static str,
    #[serde(skip)]
    more: Vec<[String; 2]>,
}

impl Report {
    fn of_person(answer: CpfResponse) -> Self {
        let status = answer.status().map(PersonStatus::from);
        let is_dead = status == Some(PersonStatus::Deceased);
        let deceased = if is_dead { Some(true) } else { answer.has_obit() };
        Self {
            subject: "cpf",
            regular: status == Some(PersonStatus::Regular) && deceased != Some(true),
            status: status.as_ref().map(|status| status.as_str().to_owned()),
            vendor_status: answer.status().map(|status| status.as_str().to_owned()),
            deceased,
            origin: answer.origin().map(str::to_owned),
            name: answer.name().map(str::to_owned),
            meaning: of_person(status.as_ref(), deceased),
            answer: serde_json::to_value(&answer).unwrap_or_default(),
            ..Self::default()
        }
    }

    fn of_company(answer: CnpjResponse) -> Self {
        let status = answer.status().map(CompanyStatus::from);
        Self {
            subject: "cnpj",
            regular: status == Some(CompanyStatus::Active),
            status: status.as_ref().map(|status| status.as_str().to_owned()),
            vendor_status: answer.status().map(|status| status.as_str().to_owned()),
            name: answer.name().map(str::to_owned),
            meaning: of_company(status.as_ref()),
            more: more(&answer),
            answer: serde_json::to_value(&answer).unwrap_or_default(),
            ..Self::default()
        }
    }

    fn at(mut self, place: &Place) -> Self {
        (self.vendor, self.environment, self.simulated) = (VENDOR.name(), place.environment, place.simulated);
        self
    }

    fn print(&self, place: &Place) -> std::io::Result<()> {
        let deceased = self.deceased.map(|deceased| if deceased { "yes" } else { "no" });
        Rows::default()
            .row(&self.headline(), self.meaning)
            .row("vendor", format!("{VENDOR_NAME} ({})", place.label))
            .optional("status", self.vendor_status.as_deref().map(printable))
            .optional("deceased", deceased)
            .optional("origin", self.origin.as_deref().map(printable))
            .optional("name", self.name.as_deref().map(printable))
            .table(&self.more)
            .optional("note", self.simulated.then_some(SIMULATED))
            .print()
    }

    fn headline(&self) -> String {
        match &self.status {
            _ if self.deceased == Some(true) => "DECEASED".to_owned(),
            Some(status) => printable(&status.to_uppercase()),
            None => "NO STATUS".to_owned(),
        }
    }
}

fn of_person(status: Option<&PersonStatus>, deceased: Option<bool>) -> &'static str {
    match status {
        Some(PersonStatus::Deceased) => "the holder of the CPF is dead",
        _ if deceased == Some(true) => "a death is recorded, whatever the status says",
        Some(PersonStatus::Regular) => "the CPF is in order",
        Some(PersonStatus::Pending) => "a declaration is missing",
        Some(PersonStatus::Suspended) => "the registration is incomplete or wrong",
        Some(PersonStatus::Cancelled) => "the CPF was cancelled",
        Some(PersonStatus::Void) => "the registration is void",
        Some(_) => "a status that this program does not know",
        None => "the answer does not say how the CPF stands",
    }
}

fn of_company(status: Option<&CompanyStatus>) -> &'static str {
    match status {
        Some(CompanyStatus::Active) => "the company is in business",
        Some(CompanyStatus::Closed) => "the company is closed",
        Some(CompanyStatus::Unfit) => "the company was declared unfit",
        Some(CompanyStatus::Suspended) => "the registration is suspended",
        Some(CompanyStatus::Void) => "the registration is void",
        Some(_) => "a status that this program does not know",
        None => "the answer does not say how the CNPJ stands",
    }
}

/// Line of business and the like, name by name where the answer has names.
fn more(answer: &CnpjResponse) -> Vec<[String; 2]> {
    let text = |value: &Value| printable(&value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    match answer.activity().map(Json::get) {
        None => Vec::new(),
        Some(Value::Object(fields)) => {
            fields.iter().map(|(name, value)| [printable(name), text(value)]).collect()
        }
        Some(other) => vec![["additional".to_owned(), text(other)]],
    }
}
