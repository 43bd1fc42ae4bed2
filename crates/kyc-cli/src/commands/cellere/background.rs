//! `kyc cellere background`: looks up the registration of a CPF or a CNPJ.

use cellere_portal::{CnpjResponse, CpfResponse, INTEGRATION, VENDOR};
use kyc_core::{CompanyCheck, Finding, PersonCheck, RawJson};
use serde::Serialize;
use serde_json::Value;

use super::{VENDOR_NAME, open};
use crate::commands::background::{Number, Subject, words};
use crate::config::Source;
use crate::failure::Failure;
use crate::messages::text;
use crate::outcome::Outcome;
use crate::output::{self, Rows, printable};
use crate::place::Place;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    number: Number,
    #[command(flatten)]
    source: Source,
    #[arg(long, help = text().help.json)]
    pub(crate) json: bool,
}

pub(crate) async fn run(args: Args) -> Result<Outcome, Failure> {
    let subject = args.number.read()?;
    let (session, client) = open(&args.source, subject.origin(&INTEGRATION)).await?;
    let t = &text().background;
    let report = match &subject {
        Subject::Person(cpf) => {
            let querying = Box::pin(client.cpf(cpf));
            Report::of_person(session.call(t.looking_up_cpf, args.json, "cpf", querying).await?)
        }
        Subject::Company(cnpj) => {
            let querying = Box::pin(client.cnpj(cnpj));
            Report::of_company(session.call(t.looking_up_cnpj, args.json, "cnpj", querying).await?)
        }
    };
    let report = report.at(&session.place);
    let printed =
        if args.json { output::json(report.outcome(), &report) } else { report.print(&session.place) };
    printed.map_err(Failure::unwritten)?;
    Ok(report.outcome())
}

/// The result in `--json`.
#[derive(Default, Serialize)]
struct Report {
    vendor: &'static str,
    environment: &'static str,
    subject: &'static str,
    /// Whether the registration is certainly in order: CPF regular and no death recorded, or company active.
    regular: bool,
    /// The same with a third state: `yes`, `no` or `unclear`.
    in_order: &'static str,
    /// The status in words that do not depend on the vendor.
    status: Option<String>,
    /// The vendor's own status.
    vendor_status: Option<String>,
    /// `yes`, `no` or `unclear`; null for a company.
    deceased: Option<&'static str>,
    /// The source of the status.
    origin: Option<String>,
    name: Option<String>,
    simulated: bool,
    /// The vendor's whole response. Its content depends on the configured path.
    answer: Value,
    #[serde(skip)]
    finding: Finding,
    #[serde(skip)]
    meaning: &'static str,
    #[serde(skip)]
    more: Vec<[String; 2]>,
}

impl Report {
    fn of_person(response: CpfResponse) -> Self {
        let check = PersonCheck::from(&response);
        let finding = check.is_in_order();
        Self {
            subject: "cpf",
            regular: finding.is_yes(),
            in_order: finding.name(),
            finding,
            status: check.status.as_ref().map(|status| status.as_str().to_owned()),
            vendor_status: response.status().map(|status| status.as_str().to_owned()),
            deceased: Some(check.deceased.name()),
            origin: response.origin().map(str::to_owned),
            name: response.name().map(str::to_owned),
            meaning: words::of_person(&check),
            answer: serde_json::to_value(&response).unwrap_or_default(),
            ..Self::default()
        }
    }

    fn of_company(response: CnpjResponse) -> Self {
        let check = CompanyCheck::from(&response);
        let (finding, status) = (check.is_active(), check.status);
        Self {
            subject: "cnpj",
            regular: finding.is_yes(),
            in_order: finding.name(),
            finding,
            status: status.as_ref().map(|status| status.as_str().to_owned()),
            vendor_status: response.status().map(|status| status.as_str().to_owned()),
            name: response.name().map(str::to_owned),
            meaning: words::of_company(status.as_ref()),
            more: more(&response),
            answer: serde_json::to_value(&response).unwrap_or_default(),
            ..Self::default()
        }
    }

    fn at(mut self, place: &Place) -> Self {
        (self.vendor, self.environment, self.simulated) = (VENDOR.name(), place.environment, place.simulated);
        self
    }

    fn outcome(&self) -> Outcome {
        match self.finding {
            Finding::Yes => Outcome::Yes,
            Finding::No => Outcome::No,
            _ => Outcome::Unclear,
        }
    }

    fn print(&self, place: &Place) -> std::io::Result<()> {
        let t = text();
        Rows::default()
            .headline(self.outcome(), &self.headline(), self.meaning)
            .row(t.rows.vendor, format!("{VENDOR_NAME} ({})", place.label))
            .optional(t.rows.status, self.vendor_status.as_deref().map(printable))
            .optional(t.rows.deceased, self.deceased.map(words::finding))
            .optional(t.rows.origin, self.origin.as_deref().map(printable))
            .optional(t.rows.name, self.name.as_deref().map(printable))
            .table(&self.more)
            .simulated(self.simulated.then_some(t.background.simulated))
            .print()
    }

    fn headline(&self) -> String {
        words::headline(self.status.as_deref(), self.deceased == Some("yes"), self.finding)
    }
}

/// Returns additional data such as the line of business, one row per field if the response has fields.
fn more(response: &CnpjResponse) -> Vec<[String; 2]> {
    let text = |value: &Value| printable(&value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    match response.activity().map(RawJson::to_value) {
        None => Vec::new(),
        Some(Value::Object(fields)) => {
            fields.iter().map(|(name, value)| [printable(name), text(value)]).collect()
        }
        Some(other) => vec![[crate::messages::text().rows.additional.to_owned(), text(&other)]],
    }
}
