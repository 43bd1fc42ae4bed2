#![doc = include_str!("../README.md")]

mod generated;

pub use generated::*;

/// A payload that a vendor documents.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fixture {
    /// The vendor, by the name of its crate: `clearsale-facematch`.
    pub vendor: &'static str,
    /// The fixture's name, unique within its vendor: `login-200`.
    pub name: &'static str,
    /// The operation: `login`.
    pub operation: &'static str,
    /// The sender and the direction.
    pub kind: FixtureKind,
    /// The HTTP status of a response; `None` for anything else. The body may state a different one, as some vendors do.
    pub status: Option<u16>,
    /// The media type of the body.
    pub media: MediaType,
    /// The section of the vendor's page that contains it (`docs/vendors/<vendor>.md` in the repository).
    pub section: &'static str,
    /// The line of that page on which its code block begins.
    pub page_line: u32,
    /// How the body relates to the vendor's publication.
    pub provenance: Provenance,
    /// The changes from [`printed`](Self::printed) to [`body`](Self::body), except for white space.
    pub repairs: &'static [Repair],
    /// The payload as the vendor prints it, including errors.
    pub printed: &'static str,
    /// The usable payload; see [`MediaType`] for its form.
    pub body: &'static str,
}

/// The sender of a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FixtureKind {
    /// Sent by the client to the vendor.
    Request,
    /// Sent by the vendor in response to a request.
    Response,
    /// Sent by the vendor to a URL of the customer.
    Webhook,
}

/// The media type of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MediaType {
    /// JSON, with keys in printed order and numbers as printed.
    Json,
    /// A form: one `key=value` line per field, in printed order and not percent-encoded.
    Form,
    /// No body.
    Empty,
}

/// How a body relates to the vendor's publication.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Provenance {
    /// As the vendor prints it, except for white space.
    Printed,
    /// Printed with errors, which [`Fixture::repairs`] lists.
    Repaired,
    /// Not printed by the vendor, but constructed from its tables.
    Constructed,
}

/// One change to a printed payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Repair {
    /// The line of the vendor's page.
    pub line: u32,
    /// A short description of the change.
    pub what: &'static str,
}

/// Returns every fixture, by vendor and in the order of the vendor's page.
pub fn all() -> impl Iterator<Item = &'static Fixture> {
    VENDORS.iter().flat_map(|fixtures| fixtures.iter().copied())
}

/// Returns the fixtures of one vendor, in the order of its page. Empty if the vendor is unknown.
///
/// ```
/// use kyc_fixtures::FixtureKind;
///
/// let responses = kyc_fixtures::vendor("clearsale-facematch").filter(|fixture| fixture.kind == FixtureKind::Response);
/// assert!(responses.count() > 0);
/// ```
pub fn vendor(name: &str) -> impl Iterator<Item = &'static Fixture> {
    all().filter(move |fixture| fixture.vendor == name)
}

/// Returns the fixture of a vendor by its name.
///
/// ```
/// let refused = kyc_fixtures::find("clearsale-facematch", "login-400").expect("documented");
/// assert_eq!(refused.status, Some(400));
/// assert!(refused.body.contains("\"status\": 401"), "the body contradicts the HTTP status");
/// ```
pub fn find(vendor: &str, name: &str) -> Option<&'static Fixture> {
    all().find(|fixture| fixture.vendor == vendor && fixture.name == name)
}

#[cfg(test)]
mod tests;
