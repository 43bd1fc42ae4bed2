//! Runs a case: a new one, or one that goes on.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use kyc_br::FacePreflight;
use kyc_br::config::Section;
use kyc_core::{Applicant, Integration, RetakeItem};
use kyc_verify::{
    CaseFilter, CaseId, Ledger as _, Options, Policy, SqliteStore, StepNotice, Vault as _, Verification,
    VerificationBuilder,
};
use uuid::Uuid;

use super::connect::Vendors;
use super::place::{Place, Store};
use super::screen::{self, Screen};
use super::{applicant, batch, failures, id, page, place, policies, reading};
use crate::commands::vendor;
use crate::config::Source;
use crate::failure::Failure;
use crate::interrupt;
use crate::messages::text;
use crate::outcome::Outcome;
use crate::output::{self, Progress};
use crate::place::Input;
use crate::vendors;

/// The most sample cases that are counted.
const MAX_SAMPLES: u32 = 10_000;

#[derive(Debug, clap::Args)]
#[group(skip)]
pub(super) struct Args {
    #[command(flatten)]
    pub(super) given: applicant::Given,
    #[arg(long, value_name = "TEXT", help = text().verify_help.reference)]
    pub(super) reference: Option<String>,
    #[arg(long, value_name = "FILE", help = text().verify_help.policy)]
    pub(super) policy: Option<PathBuf>,
    #[arg(long = "vendor", value_name = "VENDOR", value_parser = vendor::with(|_| true), help = text().verify_help.vendor)]
    pub(super) vendors: Vec<&'static Integration>,
    #[arg(
        long,
        value_name = "CASE",
        value_parser = id,
        conflicts_with_all = ["reference", "policy", "batch", "force"],
        help = text().verify_help.resume
    )]
    pub(super) resume: Option<CaseId>,
    #[arg(long, requires = "resume", help = text().verify_help.new_capture)]
    new_capture: bool,
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = [
            "cpf", "name", "birth_date", "selfie", "front", "back", "document_kind", "capture", "reference",
        ],
        help = text().verify_help.batch
    )]
    pub(super) batch: Option<PathBuf>,
    #[command(flatten)]
    pub(super) many: batch::Many,
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 60,
        value_parser = clap::value_parser!(u64).range(0..=86_400),
        help = text().verify_help.timeout
    )]
    pub(super) timeout: u64,
    #[arg(long, help = text().verify_help.force)]
    pub(super) force: bool,
    #[arg(long, help = text().verify_help.repeat_uncertain)]
    pub(super) repeat_uncertain: bool,
    #[arg(long, help = text().verify_help.preflight)]
    preflight: bool,
    #[arg(long, help = text().verify_help.ignore_advice)]
    ignore_advice: bool,
    #[command(flatten)]
    pub(super) shown: page::Shown,
    #[command(flatten)]
    pub(super) store: Store,
    #[command(flatten)]
    pub(super) source: Source,
    #[arg(long, help = text().help.json)]
    pub(super) json: bool,
}

impl Args {
    /// Returns how one call runs a case.
    pub(super) fn options(&self) -> Options {
        let mut options = Options::default();
        options.wait = Duration::from_secs(self.timeout);
        options.is_forced = self.force;
        options.repeats_uncertain = self.repeat_uncertain;
        options.ignores_advice = self.ignore_advice;
        options
    }

    /// Lets pictures be looked at first, if an option or the configuration says so.
    pub(super) fn looking_first(&self, builder: VerificationBuilder) -> Result<VerificationBuilder, Failure> {
        let is_configured = || -> Result<bool, Failure> {
            let table = self.source.files().section(Section::VERIFY)?;
            Ok(place::read(table.as_ref())?.preflight)
        };
        if !self.preflight && !is_configured()? {
            return Ok(builder);
        }
        let eyes =
            FacePreflight::new().map_err(|error| Failure::local(Outcome::Other, |_| error.to_string()))?;
        Ok(builder.preflight(eyes))
    }
}

/// A case that is at work.
struct Work<'a> {
    args: &'a Args,
    place: Place,
    vendors: Vendors,
    store: SqliteStore,
    steps: Arc<Steps>,
}

/// Begins a case and runs it.
pub(super) async fn start(args: &Args) -> Result<Outcome, Failure> {
    args.shown.report.check()?;
    let is_sample = args.given.is_nothing();
    let applicant = if is_sample { applicant::sample()? } else { args.given.read()? };
    let files = args.source.files();
    let policy = match (&args.policy, is_sample) {
        (None, true) => policies::sample()?,
        (path, _) => policies::chosen(path.as_deref(), files)?,
    };
    let place = if is_sample { args.store.sample_place(files)? } else { args.store.place(files)? };
    let origin = if is_sample { Input::Sample } else { Input::Own };
    let vendors = Vendors::open(&args.source, &args.vendors, origin).await?;
    let store = place.open()?;
    if !is_sample && !args.json {
        output::note(&place.words(text()));
    }
    let reference = match &args.reference {
        Some(reference) => reference.clone(),
        None if is_sample => sample_reference(&store, vendors.embedded.is_some()).await?,
        None => random_reference(),
    };
    Box::pin(Work::new(args, place, vendors, store).begin(policy, &reference, &applicant)).await
}

/// Returns the reference of the next sample case. An earlier one that was interrupted is forgotten: the sandbox that it asked
/// has ended.
async fn sample_reference(store: &SqliteStore, is_embedded: bool) -> Result<String, Failure> {
    let failed = |error| failures::of_ledger(&error);
    let cases = store.list(&CaseFilter::default(), MAX_SAMPLES).await.map_err(failed)?;
    for case in cases.iter().filter(|case| is_embedded && case.is_open && !case.is_held) {
        store.forget(case.id).await.map_err(failed)?;
    }
    Ok(format!("sample-{}", cases.len() + 1))
}

/// Returns a reference of letters alone: digits could be taken for a number of the person.
fn random_reference() -> String {
    let letter = |digit: char| digit.to_digit(16).and_then(|digit| char::from_digit(digit + 10, 26));
    Uuid::new_v4().simple().to_string().chars().filter_map(letter).take(24).collect()
}

/// Goes on with a case, after the person handed something in again, if they did.
pub(super) async fn resume(args: &Args, case: CaseId) -> Result<Outcome, Failure> {
    args.shown.report.check()?;
    let mut again = args.given.again()?;
    if args.new_capture {
        again.push((RetakeItem::Capture, Vec::new()));
    }
    let files = args.source.files();
    let (store, place) = args.store.open(files)?;
    let info = store.info(case).await.map_err(|error| failures::of_ledger(&error))?;
    if !info.is_open && again.is_empty() {
        return reading::show_case(&store, &place, files, case, &args.shown, args.json).await;
    }
    let vendors = Vendors::open(&args.source, &args.vendors, Input::Own).await?;
    let work = Work::new(args, place, vendors, store);
    let verification = work.verification(None)?;
    for (item, media) in again {
        verification.submit_again(case, item, media).await.map_err(failures::of_verification)?;
    }
    Box::pin(work.run(&verification, case)).await
}

#[derive(Debug, clap::Args)]
pub(super) struct WatchArgs {
    #[arg(value_name = "CASE", value_parser = id, help = text().verify_help.id)]
    case: CaseId,
    #[command(flatten)]
    store: Store,
    #[command(flatten)]
    source: Source,
    #[arg(long, help = text().help.json)]
    pub(super) json: bool,
}

/// Asks the vendors again who may report bad news after the decision.
pub(super) async fn watch(args: WatchArgs) -> Result<Outcome, Failure> {
    let (store, place) = args.store.open(args.source.files())?;
    let vendors = Vendors::open(&args.source, &[], Input::Own).await?;
    let builder = Verification::builder(store, vendors.environment);
    let verification = builder.vendors(vendors.list.iter().cloned()).build();
    let watched = Box::pin(verification.watch(args.case)).await;
    let report = watched.map_err(failures::of_verification)?;
    Screen::of(&report, &place, &vendors.list).print(args.json)?;
    Ok(screen::outcome(&report))
}

impl<'a> Work<'a> {
    fn new(args: &'a Args, place: Place, vendors: Vendors, store: SqliteStore) -> Self {
        Self { args, place, vendors, store, steps: Arc::new(Steps::new(!args.json)) }
    }

    fn verification(&self, policy: Option<Policy>) -> Result<Verification, Failure> {
        let steps = Arc::clone(&self.steps);
        let builder = Verification::builder(self.store.clone(), self.vendors.environment)
            .vendors(self.vendors.list.iter().cloned())
            .on_step(move |notice| steps.tell(notice));
        let builder = self.args.looking_first(builder)?;
        Ok(policy.into_iter().fold(builder, VerificationBuilder::policy).build())
    }

    async fn begin(self, policy: Policy, reference: &str, applicant: &Applicant) -> Result<Outcome, Failure> {
        let verification = self.verification(Some(policy))?;
        let begun = verification.begin(reference, applicant, self.args.force).await;
        let case = begun.map_err(failures::of_verification)?;
        self.run(&verification, case).await
    }

    async fn run(self, verification: &Verification, case: CaseId) -> Result<Outcome, Failure> {
        let interrupted = interrupt::listen()?;
        let report = tokio::select! {
            done = Box::pin(verification.resume(case, self.args.options())) => {
                done.map_err(failures::of_verification)?
            }
            signal = interrupted => return Err(self.stopped(case, signal)),
        };
        let screen = Screen::of(&report, &self.place, &self.vendors.list);
        screen.with_kit(self.args.shown.show_kit).print(self.args.json)?;
        self.args.shown.report.write(&report, &self.store, &self.vendors.list).await?;
        Ok(screen::outcome(&report))
    }

    /// Returns the failure of a run that a signal stopped. What was sent is in the case, and nothing is sent twice.
    fn stopped(&self, case: CaseId, signal: Outcome) -> Failure {
        let (case, options) = (case.to_string(), &self.place.options);
        if self.vendors.embedded.is_some() {
            return Failure::local(signal, |t| (t.verify.interrupted_sample)(&case));
        }
        let is_sending = self.steps.under_way.load(Ordering::Relaxed) > 0;
        let outcome = if is_sending { Outcome::MayHaveBeenPaid } else { signal };
        Failure::local(outcome, |t| (t.verify.interrupted)(&case, &format!("--resume {case}{options}")))
    }
}

/// Tells which step is under way.
struct Steps {
    is_wanted: bool,
    under_way: AtomicUsize,
    progress: Progress,
}

impl Steps {
    fn new(is_wanted: bool) -> Self {
        let progress = Progress::new(is_wanted, text().verify.running);
        Self { is_wanted, under_way: AtomicUsize::new(0), progress }
    }

    fn tell(&self, notice: &StepNotice<'_>) {
        if notice.has_ended {
            self.under_way.fetch_sub(1, Ordering::Relaxed);
            self.progress.say(text().verify.running);
            return;
        }
        self.under_way.fetch_add(1, Ordering::Relaxed);
        let known = vendors::by_key(notice.vendor);
        let title = known.map_or_else(|| notice.vendor.to_owned(), |known| known.title().to_owned());
        let asking = (text().verify.asking)(&title, notice.step);
        if self.is_wanted {
            output::note(&asking);
        }
        self.progress.say(asking);
    }
}
