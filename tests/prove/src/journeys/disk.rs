//! The disk becomes full between an intent and its result: the answer is handed out, and the case is resumed when there is space.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use kyc_core::Sent;
use kyc_verify::{FaultPoints, Options, Point, Unrecorded, VerifyError};
use nix::mount::{MsFlags, mount};
use serde::{Deserialize, Serialize};

use super::case::{CONFIG, Place, Subject, Summary};
use super::pace::Paced;
use super::place;
use super::points::{TARGETS, Target};
use super::site::Site;
use super::worker::verify;
use crate::part::Part;
use crate::webhooks::{fill, unshared};

/// The arguments of the process that may mount.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    folder: PathBuf,
    clock: Paced,
}

/// What happened to the call of one vendor.
#[derive(Serialize, Deserialize)]
struct Trial {
    /// What was handed to the caller, and why.
    handed_out: String,
    cause: String,
    summary: Summary,
}

fn subject(target: Target, number: usize) -> Result<Subject> {
    Ok(Subject { kind: target.kind, number: u32::try_from(number)? })
}

pub(super) async fn prove() -> Result<Part> {
    let mut part = Part::new(
        "A disk (4 MB) that is full between an intent and its result",
        [
            "vendor",
            "step",
            "handed to the caller",
            "why",
            "with space again",
            "look-up",
            "case",
            "paid at the vendor",
            "uncertain",
        ],
    );
    let allowed = unshared("true").stderr(Stdio::null()).status().await;
    if !allowed.is_ok_and(|status| status.success()) {
        part.untried.push("a full disk: mounts are not allowed here".to_owned());
        return Ok(part);
    }
    let mut site = Site::start().await?;
    let (_folder, place) = place(&site)?;
    let mut command = unshared(std::env::current_exe()?);
    command.arg("prove-journeys-disk").arg(&place.folder).arg(place.clock.to_string());
    let output = command.stderr(Stdio::inherit()).output().await?;
    ensure!(output.status.success(), "the proof of a full disk failed");
    let trials: Vec<Trial> = serde_json::from_slice(&output.stdout)?;
    let paid = site.paid().await?;
    for (number, (target, trial)) in TARGETS.into_iter().zip(trials).enumerate() {
        let summary = &trial.summary;
        let paid = paid.of(target.vendor, &subject(target, number)?.cpf());
        let demanded = target.demanded(true);
        let fault = target.fault(&demanded, true, paid, summary);
        let found =
            summary.calls.iter().filter(|call| call.step == target.step).find_map(|call| call.found.clone());
        part.row([
            target.vendor.to_owned(),
            target.step.to_owned(),
            trial.handed_out,
            trial.cause,
            demanded.what.to_owned(),
            found.unwrap_or_else(|| "-".to_owned()),
            summary.state.clone(),
            paid.to_string(),
            summary.uncertain.to_string(),
        ]);
        part.check(fault.is_none(), format!("{}: {}", target.vendor, fault.unwrap_or_default()));
    }
    let rows = part.rows.len();
    part.check(rows == TARGETS.len(), format!("{rows} vendors were tried"));
    Ok(part)
}

/// Tries each vendor on a small disk, and prints what happened as JSON.
pub(crate) fn print(args: &Args) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let folder = args.folder.join("disk");
    fs::create_dir(&folder)?;
    mount(Some("none"), &folder, Some("tmpfs"), MsFlags::empty(), Some("size=4m"))?;
    fs::copy(args.folder.join(CONFIG), folder.join(CONFIG))?;
    let place = Place::new(&folder, args.clock);
    let mut trials = Vec::new();
    for (number, target) in TARGETS.into_iter().enumerate() {
        let subject = subject(target, number)?;
        trials.push(runtime.block_on(trial(&place, target, subject)).context(target.vendor)?);
    }
    println!("{}", serde_json::to_string(&trials)?);
    Ok(())
}

async fn trial(place: &Place, target: Target, subject: Subject) -> Result<Trial> {
    let filler = place.folder.join("filler");
    let points = Fill { step: target.step, path: filler.clone() };
    let verification = place.builder(place.store()?, subject.kind)?.fault_points(points).build();
    let mut options = Options::default();
    options.wait = Duration::from_secs(20 * 60);
    let verified = verification.verify(&subject.reference(), &subject.applicant()?, options).await;
    let error = match verified {
        Ok(report) => bail!("the answer was stored, and the case is {:?}", report.state),
        Err(error) => error,
    };
    ensure!(error.to_string().contains("may have been paid"), "it is not told: {error}");
    let VerifyError::MayHaveBeenPaid(unrecorded) = error else { bail!("another error") };
    let Unrecorded { vendor, step, answer, cause, .. } = *unrecorded;
    ensure!(
        (vendor.as_str(), step.as_str()) == (target.vendor, target.step),
        "another step: {vendor} {step}"
    );
    let handed_out = match answer {
        Sent::Answered(_) => "the answer",
        Sent::Pending(_) => "the id of the operation",
        _ => bail!("nothing was handed out"),
    };
    drop(verification);
    fs::remove_file(&filler)?;
    let summary = verify(&place.builder(place.store()?, subject.kind)?.build(), subject).await?;
    Ok(Trial { handed_out: handed_out.to_owned(), cause: cause.to_string(), summary })
}

/// Fills the disk when the vendor has answered.
#[derive(Debug)]
struct Fill {
    step: &'static str,
    path: PathBuf,
}

impl FaultPoints for Fill {
    fn reach(&self, _vendor: &str, step: &str, point: Point) {
        let is_here = (step, point) == (self.step, Point::AfterAnswer) && !Path::exists(&self.path);
        // If it fails, the answer is stored, which is told.
        if is_here && let Err(error) = fill(&self.path) {
            eprintln!("the disk cannot be filled: {error}");
        }
    }
}
