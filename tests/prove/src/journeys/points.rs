//! Kills the program at each point of a paid call, once for each vendor, with a call that lands and with one that gets lost.

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt as _;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use kyc_verify::Point;
use nix::sys::signal::Signal;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::case::{Kind, Place, Subject, Summary};
use super::site::Site;
use super::worker::EndAt;
use super::{place, program};
use crate::part::Part;

const PATIENCE: Duration = Duration::from_secs(120);
const AT_A_TIME: usize = 20;

/// A paid call.
#[derive(Clone, Copy)]
pub(super) struct Target {
    pub(super) vendor: &'static str,
    pub(super) step: &'static str,
    operation: &'static str,
    pub(super) kind: Kind,
    /// The paid calls at this vendor in a whole case.
    all: u32,
}

pub(super) const TARGETS: [Target; 4] = [
    Target { vendor: "clearsale", step: "compare", operation: "match2d-2d", kind: Kind::Calls, all: 1 },
    Target { vendor: "cellere", step: "cpf", operation: "cpf", kind: Kind::Calls, all: 1 },
    Target { vendor: "bankly", step: "selfie", operation: "upload", kind: Kind::Bankly, all: 3 },
    Target { vendor: "certiface", step: "liveness", operation: "captcha", kind: Kind::Certiface, all: 2 },
];

/// What the crash table demands of a call.
pub(super) struct Demanded {
    pub(super) what: &'static str,
    /// What the look-up finds.
    found: Option<&'static str>,
    is_uncertain: bool,
}

impl Demanded {
    const fn new(what: &'static str, found: Option<&'static str>, is_uncertain: bool) -> Self {
        Self { what, found, is_uncertain }
    }
}

impl Target {
    /// Returns what the crash table says of a call whose end is not known.
    pub(super) fn demanded(self, has_landed: bool) -> Demanded {
        match (self.vendor, has_landed) {
            ("bankly", true) => Demanded::new("found by look-up", Some("pending"), false),
            ("bankly", false) => Demanded::new("uncertain, review", Some("unknowable"), true),
            ("certiface", true) => Demanded::new("found by look-up", Some("answered"), false),
            ("certiface", false) => Demanded::new("sent anew", Some("not_received"), false),
            _ => Demanded::new("uncertain, review", Some("unknowable"), true),
        }
    }

    /// Returns what is wrong with a case after its call was cut off.
    pub(super) fn fault(
        self,
        demanded: &Demanded,
        has_landed: bool,
        paid: u32,
        summary: &Summary,
    ) -> Option<String> {
        let calls: Vec<_> = summary.calls.iter().filter(|call| call.step == self.step).collect();
        let found = calls.iter().find_map(|call| call.found.as_deref());
        let state = if demanded.is_uncertain { "review" } else { "approved" };
        let expected = if demanded.is_uncertain { u32::from(has_landed) } else { self.all };
        let may_be_paid = calls.iter().filter(|call| call.end != "failed").count();
        let is_repeat = calls.iter().any(|call| call.is_repeat);
        if may_be_paid > 1 || is_repeat {
            return Some("it was sent twice".to_owned());
        }
        if paid != expected {
            return Some(format!("{paid} paid calls at the vendor, {expected} expected"));
        }
        if summary.state != state {
            return Some(format!("the case ends as {}, {state} expected", summary.state));
        }
        if summary.uncertain != u32::from(demanded.is_uncertain) {
            return Some(format!("{} uncertain calls", summary.uncertain));
        }
        (found != demanded.found).then(|| format!("the look-up found {found:?}"))
    }
}

pub(super) async fn prove() -> Result<Part> {
    let mut part = Part::new(
        "SIGKILL at each point of a paid call that lands or gets lost; then another process resumes the case",
        [
            "vendor",
            "step",
            "killed",
            "call",
            "demanded",
            "look-up",
            "case",
            "paid at the vendor",
            "uncertain",
            "holds",
        ],
    );
    let mut running = JoinSet::new();
    let at_a_time = Arc::new(Semaphore::new(AT_A_TIME));
    // Those that look for ten minutes first.
    for (number, target) in TARGETS.into_iter().enumerate().rev() {
        for (place, point) in Point::ALL.into_iter().enumerate() {
            for lands in [false, true] {
                let at_a_time = Arc::clone(&at_a_time);
                running.spawn(async move {
                    let _turn = at_a_time.acquire_owned().await?;
                    let name = format!("{} {point:?}, lands: {lands}", target.vendor);
                    anyhow::Ok(((number, place, !lands), trial(target, point, lands).await.context(name)?))
                });
            }
        }
    }
    let mut found = BTreeMap::new();
    while let Some(ended) = running.join_next().await {
        let (at, one) = ended??;
        found.insert(at, one);
    }
    for one in found.into_values() {
        part.rows.extend(one.rows);
        part.faults.extend(one.faults.into_iter().map(|fault| format!("{}: {fault}", part.title)));
    }
    let rows = part.rows.len();
    part.check(rows == TARGETS.len() * Point::ALL.len() * 2, format!("{rows} points were tried"));
    Ok(part)
}

/// One point, with vendors of its own: a fault takes the next request.
async fn trial(target: Target, point: Point, lands: bool) -> Result<Part> {
    let mut site = Site::start().await?;
    let (_folder, place) = place(&site)?;
    let subject = Subject { kind: target.kind, number: 0 };
    let mut part = Part::default();
    if !lands {
        site.drop_next(target.vendor, target.operation).await?;
    }
    killed(&place, subject, EndAt { step: target.step.to_owned(), point }).await?;
    let untaken = site.clear_faults().await?;
    let is_sent = !matches!(point, Point::BeforeIntent | Point::AfterIntent);
    ensure!(untaken == usize::from(!lands && !is_sent), "the fault was not taken");
    let summary = resumed(&place, subject).await?;
    let paid = site.paid().await?.of(target.vendor, &subject.cpf());
    let has_landed = lands && is_sent;
    let demanded = match point {
        Point::BeforeIntent => Demanded::new("sent", None, false),
        Point::AfterResult if lands => Demanded::new("kept", None, false),
        _ => target.demanded(has_landed),
    };
    let fault = target.fault(&demanded, has_landed, paid, &summary);
    let found =
        summary.calls.iter().filter(|call| call.step == target.step).find_map(|call| call.found.clone());
    part.row([
        target.vendor.to_owned(),
        target.step.to_owned(),
        named(point).to_owned(),
        if lands { "lands" } else { "gets lost" }.to_owned(),
        demanded.what.to_owned(),
        found.unwrap_or_else(|| "-".to_owned()),
        summary.state.clone(),
        paid.to_string(),
        summary.uncertain.to_string(),
        if fault.is_none() { "yes" } else { "NO" }.to_owned(),
    ]);
    part.faults
        .extend(fault.map(|fault| format!("{} {}, lands: {lands}: {fault}", target.vendor, named(point))));
    Ok(part)
}

fn named(point: Point) -> &'static str {
    match point {
        Point::BeforeIntent => "before the intent",
        Point::AfterIntent => "after the intent",
        Point::AfterAnswer => "after the answer",
        Point::BeforeResult => "before the result",
        Point::AfterResult => "after the result",
    }
}

/// Runs a case in a process that is killed.
async fn killed(place: &Place, subject: Subject, end_at: EndAt) -> Result<()> {
    let mut command = program(place)?;
    command.args(["--one", subject.kind.name(), &subject.number.to_string()]);
    command.arg("--end-at").arg(end_at.to_argument());
    let mut process = command.spawn()?;
    let _input = process.stdin.take();
    let output =
        timeout(PATIENCE, process.wait_with_output()).await.context("the program is not killed")??;
    let (status, said) = (output.status, String::from_utf8_lossy(&output.stdout));
    ensure!(status.signal() == Some(Signal::SIGKILL as i32), "the program ended by {status}: {said}");
    Ok(())
}

/// Runs a case in another process to its end.
async fn resumed(place: &Place, subject: Subject) -> Result<Summary> {
    let mut command = program(place)?;
    command.args(["--one", subject.kind.name(), &subject.number.to_string()]);
    let mut process = command.spawn()?;
    let _input = process.stdin.take();
    let output = timeout(PATIENCE, process.wait_with_output()).await.context("the case does not end")??;
    ensure!(output.status.success(), "the program ended by {}", output.status);
    Ok(serde_json::from_slice(&output.stdout)?)
}
