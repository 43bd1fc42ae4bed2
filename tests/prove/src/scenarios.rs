//! `prove scenarios`: what the typed clients return for every outcome of every operation of one person.

mod alike;
mod bankly;
mod cellere;
mod certiface;
mod clearsale;

use std::fmt::Write as _;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use kyc_br::INTEGRATIONS;
use kyc_core::{ClientOptions, Cpf, Error, ReqwestTransport, VirtualClock};
use kyc_sandbox::{Sandbox, Scenario};
use test_support::clock::SkippingClock;

const CPF: &str = "52998224725";
const CNPJ: &str = "11222333000181";
const STATUSES: [u16; 9] = [400, 401, 403, 404, 409, 422, 429, 500, 503];
/// More than any analysis takes that is not set to take longer.
const ANALYSIS: Duration = Duration::from_secs(10);

/// The calls of one vendor's client.
trait Calls {
    const KEY: &'static str;
    /// Returns the names of all operations.
    fn operations() -> Vec<&'static str>;

    /// Makes the call of an operation, with everything before it and what shows its outcome, and returns the decisive
    /// parts of the typed results.
    async fn call(site: &Site, operation: &str, outcome: &str) -> Result<String>;

    /// Returns the number of paid calls of an operation.
    fn paid(sandbox: &Sandbox, operation: &str) -> u64;
}

/// A sandbox and what its clients share.
struct Site {
    sandbox: Sandbox,
    transport: ReqwestTransport,
}

impl Site {
    async fn start() -> Result<Self> {
        let sandbox = Sandbox::builder().clock(VirtualClock::frozen()).start().await?;
        Ok(Self { sandbox, transport: ReqwestTransport::new()? })
    }

    /// Returns options of a client that does not retry.
    fn options(&self) -> ClientOptions {
        let clock = SkippingClock::from(self.sandbox.clock());
        ClientOptions::new().clock(clock).transport(self.transport.clone()).max_attempts(1)
    }

    fn pass_the_analysis(&self) {
        self.sandbox.clock().advance(ANALYSIS);
    }
}

fn cpf() -> Result<Cpf> {
    Ok(Cpf::parse(CPF)?)
}

/// The result of a call.
enum Found {
    Value(String),
    Error(Box<Error>),
}

impl Found {
    async fn by<C: Calls>(site: &Site, operation: &str, outcome: &str) -> Result<Self> {
        match C::call(site, operation, outcome).await {
            Ok(value) => Ok(Self::Value(value)),
            Err(error) => error.downcast().map(|error| Self::Error(Box::new(error))),
        }
    }

    fn shown(&self) -> String {
        match self {
            Self::Value(value) => value.clone(),
            Self::Error(error) => shown(error),
        }
    }
}

/// Returns the decisive parts of an error.
fn shown(error: &Error) -> String {
    let status =
        error.http_status().map_or_else(|| "no status".to_owned(), |status| format!("HTTP {status}"));
    let mut text = format!("Err({:?}, {:?}, {status})", error.kind(), error.delivery());
    // Cellere tells its errors apart by their texts.
    if error.vendor() == cellere_portal::VENDOR
        && let Some(said) = cellere_portal::ResponseText::of(error)
    {
        let _ = write!(text, " {said:?}");
    }
    let fields = error.violations().iter().map(|violation| violation.field.as_str());
    let fields: Vec<_> = fields.filter(|field| !field.is_empty()).collect();
    if !fields.is_empty() {
        let _ = write!(text, " {fields:?}");
    }
    if error.may_have_landed() {
        text += " may have been processed";
    }
    if is_not_to_be_resent(error) {
        text += ", do not resend";
    }
    text
}

fn is_not_to_be_resent(error: &Error) -> bool {
    error.to_string().contains("do not submit it again")
}

/// One vendor's table, and what is wrong with it.
struct Table {
    rows: Vec<String>,
    faults: Vec<String>,
}

impl Table {
    async fn of<C: Calls>() -> Result<Self> {
        let site = Site::start().await?;
        let mut table = Self { rows: Vec::new(), faults: Vec::new() };
        for operation in C::operations() {
            table.add::<C>(&site, operation, None).await?;
            let all = Sandbox::outcomes();
            let of_operation =
                |one: &&kyc_sandbox::Outcome| one.vendor == C::KEY && one.operations.contains(&operation);
            for outcome in all.iter().filter(of_operation) {
                table.add::<C>(&site, operation, Some(outcome.name)).await?;
            }
            for status in STATUSES {
                table.add::<C>(&site, operation, Some(&format!("http-{status}"))).await?;
            }
            table.add::<C>(&site, operation, Some("response-lost")).await?;
        }
        Ok(table)
    }

    /// Adds the row of an outcome, or the usual one.
    async fn add<C: Calls>(&mut self, site: &Site, operation: &str, outcome: Option<&str>) -> Result<()> {
        let name = outcome.unwrap_or("(none)");
        let row = format!("{} | {operation} | {name}", C::KEY);
        site.sandbox.reset();
        let subject = match outcome {
            Some(outcome) => set(&site.sandbox, Scenario::new(C::KEY, outcome).operation(operation))?,
            None => "",
        };
        let found = Found::by::<C>(site, operation, name).await.with_context(|| row.clone())?;
        let paid = C::paid(&site.sandbox, operation);
        let why = outcome.and_then(|outcome| {
            alike::alike(C::KEY, outcome).or_else(|| alike::value(C::KEY, operation, outcome))
        });
        let why = why.map(|why| format!(" ({why})")).unwrap_or_default();
        self.rows.push(format!("{row} | {subject} | {}{why}", found.shown()));
        if let Some(outcome) = outcome {
            site.sandbox.reset();
            let usual = Found::by::<C>(site, operation, name).await.with_context(|| row.clone())?;
            let fault = fault::<C>(operation, outcome, &found, &usual, paid);
            self.faults.extend(fault.map(|why| format!("{row}: {why}: {}", found.shown())));
        }
        Ok(())
    }
}

/// Sets a scenario for the person, or for the company or everyone if the operation is not about a person.
fn set(sandbox: &Sandbox, scenario: Scenario) -> Result<&'static str> {
    let person = || sandbox.set_scenario(scenario.clone().cpf(CPF)).map(|()| "person");
    let company = || sandbox.set_scenario(scenario.clone().cpf(CNPJ)).map(|()| "company");
    let everyone = || sandbox.set_scenario(scenario.clone()).map(|()| "everyone");
    let set = person().or_else(|_| company()).or_else(|_| everyone());
    set.map_err(|error| anyhow!("{}, {}: {error}", scenario.vendor, scenario.outcome))
}

/// Returns what is wrong with the result of an outcome.
fn fault<C: Calls>(
    operation: &str,
    outcome: &str,
    found: &Found,
    usual: &Found,
    paid: u64,
) -> Option<&'static str> {
    let is_alike = found.shown() == usual.shown();
    if is_alike != alike::alike(C::KEY, outcome).is_some() {
        return Some(if is_alike { "no client can tell it" } else { "it is listed as alike, but is not" });
    }
    let status = outcome.strip_prefix("http-").and_then(|status| status.parse().ok());
    match found {
        Found::Error(error) if paid > 0 && !is_not_to_be_resent(error) => {
            Some("it was paid for, which the error does not say")
        }
        Found::Error(error) if status.is_some() && error.http_status() != status => Some("another status"),
        Found::Error(error) if outcome == "response-lost" && error.http_status().is_some() => {
            Some("a status without a response")
        }
        _ if status.is_some() && paid > 0 => Some("a refusal was paid for"),
        Found::Value(_) if outcome == "response-lost" => Some("a value without a response"),
        Found::Value(_) if status.is_some() && alike::value(C::KEY, operation, outcome).is_none() => {
            Some("a refusal is not an error")
        }
        _ => None,
    }
}

async fn tables() -> Result<[Table; 4]> {
    let all = tokio::try_join!(
        Table::of::<bankly::Bankly>(),
        Table::of::<cellere::Cellere>(),
        Table::of::<certiface::Certiface>(),
        Table::of::<clearsale::Clearsale>(),
    )?;
    Ok(all.into())
}

pub(crate) fn run() -> Result<Vec<String>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let tables = runtime.block_on(tables())?;
    println!("vendor | operation | outcome | for | typed result");
    tables.iter().flat_map(|table| &table.rows).for_each(|row| println!("{row}"));
    let (rows, faults): (Vec<_>, Vec<_>) = tables.into_iter().map(|table| (table.rows, table.faults)).unzip();
    let faults: Vec<_> = faults.into_iter().flatten().collect();
    if faults.is_empty() {
        let count: usize = rows.iter().map(Vec::len).sum();
        println!(
            "\nverdict: held; {count} rows at {} vendors, each told by its client or listed with its reason",
            INTEGRATIONS.len()
        );
    }
    Ok(faults)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn check<C: Calls>() {
        let Table { rows, faults } = Table::of::<C>().await.expect("a table");
        insta::assert_snapshot!(C::KEY, rows.join("\n"));
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }

    #[tokio::test]
    async fn each_outcome_of_bankly_has_its_typed_result() {
        check::<bankly::Bankly>().await;
    }

    #[tokio::test]
    async fn each_outcome_of_cellere_has_its_typed_result() {
        check::<cellere::Cellere>().await;
    }

    #[tokio::test]
    async fn each_outcome_of_certiface_has_its_typed_result() {
        check::<certiface::Certiface>().await;
    }

    #[tokio::test]
    async fn each_outcome_of_clearsale_has_its_typed_result() {
        check::<clearsale::Clearsale>().await;
    }
}
