#![doc = include_str!("../README.md")]

mod generated;

pub use generated::*;

/// A payload that a vendor documents.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fixture {
    /// The vendor, spelt like its crate: `clearsale-facematch`.
    pub vendor: &'static str,
    /// The fixture's name, unique for its vendor: `login-200`.
    pub name: &'static str,
    /// The operation that it belongs to: `login`.
    pub operation: &'static str,
    /// Who sends it.
    pub kind: FixtureKind,
    /// The HTTP status of a response; `None` for anything else. The body may name another one: vendors do that.
    pub status: Option<u16>,
    /// What the body is made of.
    pub media: MediaType,
    /// The heading of the vendor's page under which it stands (`docs/vendors/<vendor>.md` in the repository).
    pub section: &'static str,
    /// The line of that page on which its block begins.
    pub page_line: u32,
    /// How close the body is to what the vendor published.
    pub provenance: Provenance,
    /// What had to change before [`printed`](Self::printed) became [`body`](Self::body). White space does not count.
    pub repairs: &'static [Repair],
    /// The payload as the vendor prints it, faults included.
    pub printed: &'static str,
    /// The payload, usable: see [`MediaType`] for its form.
    pub body: &'static str,
}

/// Who sends a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FixtureKind {
    /// The client, to the vendor.
    Request,
    /// The vendor, as an answer.
    Response,
    /// The vendor, on its own initiative, to a URL of the customer's.
    Webhook,
}

/// What a body is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MediaType {
    /// JSON, with keys in the order printed and numbers spelt as printed.
    Json,
    /// A form: one `key=value` line for each field, in the order printed and not percent-encoded.
    Form,
    /// There is no body.
    Empty,
}

/// How close a body is to what the vendor published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Provenance {
    /// As the vendor prints it; at most white space differs.
    Printed,
    /// The print is faulty: [`Fixture::repairs`] tells what changed.
    Repaired,
    /// Not printed by the vendor at all, but made from its tables.
    Constructed,
}

/// One change to what a vendor prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Repair {
    /// The line of the vendor's page.
    pub line: u32,
    /// What changed, in a few words.
    pub what: &'static str,
}

/// Every fixture, vendor by vendor, in the order of their pages.
pub fn all() -> impl Iterator<Item = &'static Fixture> {
    VENDORS.iter().flat_map(|fixtures| fixtures.iter().copied())
}

/// The fixtures of one vendor, in the order of its page; none if the vendor is not known.
///
/// ```
/// use kyc_fixtures::FixtureKind;
///
/// let answers = kyc_fixtures::vendor("clearsale-facematch").filter(|fixture| fixture.kind == FixtureKind::Response);
/// assert!(answers.count() > 0);
/// ```
pub fn vendor(name: &str) -> impl Iterator<Item = &'static Fixture> {
    all().filter(move |fixture| fixture.vendor == name)
}

/// The fixture of this vendor with this name.
///
/// ```
/// let refused = kyc_fixtures::find("clearsale-facematch", "login-400").expect("documented");
/// assert_eq!(refused.status, Some(400));
/// assert!(refused.body.contains("\"status\": 401"), "ClearSale's own contradiction");
/// ```
pub fn find(vendor: &str, name: &str) -> Option<&'static Fixture> {
    all().find(|fixture| fixture.vendor == vendor && fixture.name == name)
}

#[cfg(test)]
mod tests;
