//! `kyc background`: looks up the registration of a CPF or a CNPJ, with any vendor.

pub(crate) mod words;

use kyc_core::{BackgroundChecker, Cnpj, CompanyCheck, Cpf, Finding, Integration, PersonCheck};
use serde::Serialize;

use super::vendor::{self, missing_capability};
use crate::config::Source;
use crate::failure::Failure;
use crate::input;
use crate::messages::text;
use crate::outcome::Outcome;
use crate::output::{self, Rows, printable};
use crate::place::{self, Input};
use crate::session::Session;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    number: Number,
    #[arg(long, value_parser = vendor::with(|able| able.background_check), help = text().help.vendor)]
    vendor: Option<&'static Integration>,
    #[command(flatten)]
    source: Source,
    #[arg(long, help = text().help.json)]
    pub(crate) json: bool,
}

/// The number to look up.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Number {
    #[arg(long, help = text().background_help.cpf)]
    cpf: Option<String>,
    #[arg(long, help = text().background_help.cnpj)]
    cnpj: Option<String>,
}

/// A number that is valid.
pub(crate) enum Subject {
    Person(Cpf),
    Company(Cnpj),
}

impl Number {
    pub(crate) fn read(&self) -> Result<Subject, Failure> {
        match (&self.cpf, &self.cnpj) {
            (Some(cpf), _) => Ok(Subject::Person(input::cpf("--cpf", cpf)?)),
            (None, Some(cnpj)) => Ok(Subject::Company(input::cnpj("--cnpj", cnpj)?)),
            // The parser requires one of them.
            (None, None) => Err(Failure::input(|t| (t.errors.missing)("--cpf / --cnpj"))),
        }
    }
}

impl Subject {
    /// Returns whose number it is: the sandbox's test numbers belong to nobody.
    pub(crate) fn origin(&self, integration: &Integration) -> Input {
        let number = match self {
            Self::Person(cpf) => cpf.digits(),
            Self::Company(cnpj) => cnpj.as_str(),
        };
        if place::is_test_input(integration.key(), number) { Input::Sample } else { Input::Own }
    }
}

pub(crate) async fn run(args: Args) -> Result<Outcome, Failure> {
    let subject = args.number.read()?;
    let integration = vendor::or_usual(args.vendor, Some(&args.source), |able| able.background_check)?;
    let session = Session::open(integration, &args.source, subject.origin(integration)).await?;
    let checker = session.client.clone().background_checker();
    let checker = checker.ok_or_else(|| missing_capability(integration))?;
    let report = look_up(&session, &*checker, &subject, args.json).await?;
    let printed = if args.json { output::json(report.outcome(), &report) } else { report.print(&session) };
    printed.map_err(Failure::unwritten)?;
    Ok(report.outcome())
}

async fn look_up(
    session: &Session,
    checker: &dyn BackgroundChecker,
    subject: &Subject,
    quiet: bool,
) -> Result<Report, Failure> {
    let t = &text().background;
    let report = match subject {
        Subject::Person(cpf) => {
            let querying = checker.check_person(cpf);
            Report::of_person(session.call(t.looking_up_cpf, quiet, "cpf", querying).await?)
        }
        Subject::Company(cnpj) => {
            let querying = checker.check_company(cnpj);
            Report::of_company(session.call(t.looking_up_cnpj, quiet, "cnpj", querying).await?)
        }
    };
    Ok(report.at(session))
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
    /// The status in words that do not depend on the vendor, or the vendor's own.
    status: Option<String>,
    /// `yes`, `no` or `unclear`; null for a company.
    deceased: Option<&'static str>,
    name: Option<String>,
    simulated: bool,
    #[serde(skip)]
    finding: Finding,
    #[serde(skip)]
    meaning: &'static str,
}

impl Report {
    fn of_person(check: PersonCheck) -> Self {
        let finding = check.is_in_order();
        Self {
            subject: "cpf",
            regular: finding.is_yes(),
            in_order: finding.name(),
            finding,
            status: check.status.as_ref().map(|status| status.as_str().to_owned()),
            deceased: Some(check.deceased.name()),
            meaning: words::of_person(&check),
            name: check.name.map(|name| name.expose().clone()),
            ..Self::default()
        }
    }

    fn of_company(check: CompanyCheck) -> Self {
        let finding = check.is_active();
        Self {
            subject: "cnpj",
            regular: finding.is_yes(),
            in_order: finding.name(),
            finding,
            status: check.status.as_ref().map(|status| status.as_str().to_owned()),
            meaning: words::of_company(check.status.as_ref()),
            name: check.name.map(|name| name.expose().clone()),
            ..Self::default()
        }
    }

    fn at(mut self, session: &Session) -> Self {
        self.vendor = session.integration.vendor().name();
        (self.environment, self.simulated) = (session.place.environment, session.place.simulated);
        self
    }

    fn outcome(&self) -> Outcome {
        match self.finding {
            Finding::Yes => Outcome::Yes,
            Finding::No => Outcome::No,
            _ => Outcome::Unclear,
        }
    }

    fn print(&self, session: &Session) -> std::io::Result<()> {
        let t = text();
        let headline = words::headline(self.status.as_deref(), self.deceased == Some("yes"), self.finding);
        Rows::default()
            .headline(self.outcome(), &headline, self.meaning)
            .row(t.rows.vendor, session.whom())
            .optional(t.rows.deceased, self.deceased.map(words::finding))
            .optional(t.rows.name, self.name.as_deref().map(printable))
            .simulated(self.simulated.then_some(t.background.simulated))
            .print()
    }
}
