//! A vendor of one paid step that counts what it gets, and a place for the store.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use kyc_verify::kyc_core::{
    Answer, Applicant, Capability, Charge, CheckKind, Clock, Cpf, Delivery, Error, ErrorKind, Evidence,
    Finding, Intent, LookUp, Media, Next, Notes, Offer, OperationId, Part, PersonStatus, Pii, RetakeItem,
    Sent, Timestamp, Vendor, Verifier, VirtualClock,
};
use kyc_verify::{
    Environment, FaultPoints, KeyRing, Point, Policy, SqliteStore, StoreKey, Verification,
    VerificationBuilder,
};
use serde_json::json;

pub(crate) const CPF: &str = "52998224725";
pub(crate) const NAME: &str = "Maria Aparecida Silva";
pub(crate) const TOY: Vendor = Vendor::new("toy");

/// What the vendor does next, and what it got.
#[derive(Debug, Default)]
pub(crate) struct World {
    /// The references that landed, in order. Each was paid.
    pub(crate) landed: Vec<String>,
    /// The calls that were made, whether they landed or not.
    pub(crate) sends: usize,
    /// Whether a call gets lost before the vendor has it.
    pub(crate) loses_request: bool,
    /// Whether the vendor's answer gets lost.
    pub(crate) loses_answer: bool,
    /// Whether the vendor decides later.
    pub(crate) is_slow: bool,
    /// What a look-up tells.
    pub(crate) look_up: Tells,
    /// The registration that it answers.
    pub(crate) status: Option<&'static str>,
    /// The size of its answer.
    pub(crate) padding: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum Tells {
    /// The truth.
    #[default]
    Truth,
    /// That nothing is known yet, for ever.
    NotYet,
    /// Nothing.
    Nothing,
}

#[derive(Clone, Debug)]
pub(crate) struct Toy {
    pub(crate) world: Arc<Mutex<World>>,
    pub(crate) clock: VirtualClock,
}

impl Toy {
    pub(crate) fn new(clock: &VirtualClock) -> Self {
        Self { world: Arc::default(), clock: clock.clone() }
    }

    pub(crate) fn world(&self) -> std::sync::MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self) -> Answer {
        let world = self.world();
        let padding = "x".repeat(world.padding);
        Answer::new(json!({ "status": world.status.unwrap_or("regular"), "name": NAME, "padding": padding }))
    }
}

impl Capability for Toy {
    fn vendor(&self) -> Vendor {
        TOY
    }

    fn clock(&self) -> Arc<dyn kyc_verify::kyc_core::Clock> {
        Arc::new(self.clock.clone())
    }
}

#[async_trait]
impl Verifier for Toy {
    fn offers(&self) -> &'static [Offer] {
        const OFFERS: &[Offer] = &[Offer::new(CheckKind::Registration, 1)];
        OFFERS
    }

    fn uses(&self, _: &str) -> &'static [RetakeItem] {
        &[RetakeItem::Selfie]
    }

    fn next(&self, part: &Part<'_>) -> Next {
        use kyc_verify::kyc_core::StepState;
        match part.newest("ask").map(|record| &record.state) {
            None | Some(StepState::Failed(_)) => Next::Step { step: "ask", charge: Charge::Paid },
            Some(StepState::Pending(_)) => Next::Query { step: "ask" },
            _ => Next::Done,
        }
    }

    fn evidence(&self, part: &Part<'_>) -> Vec<(CheckKind, Evidence)> {
        let Some(answer) = part.answer("ask").map(Notes::expose) else { return Vec::new() };
        let evidence = Evidence::Registration {
            status: answer["status"].as_str().map(PersonStatus::from),
            deceased: Finding::No,
            name: answer["name"].as_str().map(|name| Pii::new(name.to_owned())),
        };
        vec![(CheckKind::Registration, evidence)]
    }

    async fn prepare(&self, _: &str, part: &Part<'_>) -> Result<Notes, Error> {
        Ok(Notes::new(json!({ "cpf": part.applicant.cpf.digits() })))
    }

    async fn send(&self, _: &str, _: &Part<'_>, intent: &Intent) -> Result<Sent, Error> {
        let is_slow = {
            let mut world = self.world();
            world.sends += 1;
            if world.loses_request {
                return Err(Error::new(TOY, ErrorKind::Transport, Delivery::Unknown, "the connection broke"));
            }
            world.landed.push(intent.reference.clone());
            if world.loses_answer {
                return Err(Error::new(TOY, ErrorKind::Transport, Delivery::Unknown, "the connection broke"));
            }
            world.is_slow
        };
        Ok(if is_slow {
            Sent::Pending(OperationId::by_id(TOY, "ask", "own-1"))
        } else {
            Sent::Answered(self.answer())
        })
    }

    async fn look_up(&self, _: &str, _: &Part<'_>, intent: &Intent) -> Result<LookUp, Error> {
        let (tells, has_landed) = {
            let world = self.world();
            (world.look_up, world.landed.contains(&intent.reference))
        };
        Ok(match (tells, has_landed) {
            (Tells::Truth, true) => LookUp::Answered(self.answer()),
            (Tells::Truth, false) => LookUp::NotReceived,
            (Tells::NotYet, _) => LookUp::NotYetKnown,
            (Tells::Nothing, _) => LookUp::Unknowable,
        })
    }

    async fn query(&self, _: &str, _: &Part<'_>) -> Result<Option<Answer>, Error> {
        let is_slow = self.world().is_slow;
        Ok((!is_slow).then(|| self.answer()))
    }

    fn watches_for(&self) -> Option<std::time::Duration> {
        Some(std::time::Duration::from_secs(10 * 24 * 3600))
    }
}

/// A folder with a store.
pub(crate) struct Place {
    folder: tempfile::TempDir,
    key: StoreKey,
    pub(crate) clock: VirtualClock,
}

impl Place {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self { folder, key: StoreKey::generate().expect("random bytes"), clock: VirtualClock::running() }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("cases.db")
    }

    pub(crate) fn open(&self) -> SqliteStore {
        let builder = SqliteStore::builder(self.path()).keys(KeyRing::new(self.key.clone()));
        builder.clock(self.clock.clone()).open().expect("a store")
    }

    /// Opens the store on another clock.
    pub(crate) fn open_with(&self, clock: impl Clock + 'static) -> SqliteStore {
        let builder = SqliteStore::builder(self.path()).keys(KeyRing::new(self.key.clone()));
        builder.clock(clock).open().expect("a store")
    }

    pub(crate) fn open_small(&self, pages: u32) -> SqliteStore {
        let builder = SqliteStore::builder(self.path()).keys(KeyRing::new(self.key.clone()));
        builder.clock(self.clock.clone()).max_pages(pages).open().expect("a store")
    }

    pub(crate) fn builder(&self, toy: &Toy, store: SqliteStore, uncertain: &str) -> VerificationBuilder {
        let text = format!(
            "version = \"1\"\n[check.registration]\nby = [\"toy\"]\npass = [\"regular\"]\nuncertain = \"{uncertain}\"\n"
        );
        Verification::builder(store, Environment::Simulated)
            .vendor("toy", Arc::new(toy.clone()))
            .policy(Policy::from_toml(&text).expect("a policy"))
            .clock(self.clock.clone())
    }

    pub(crate) fn verification(&self, toy: &Toy) -> Verification {
        self.builder(toy, self.open(), "review").build()
    }

    /// Returns the files that tell which stores are open.
    pub(crate) fn running(&self) -> Vec<PathBuf> {
        let files = std::fs::read_dir(self.folder.path()).expect("a folder");
        let paths = files.map(|file| file.expect("a file").path());
        paths.filter(|path| path.to_string_lossy().contains(".running-")).collect()
    }

    /// Returns every byte of the store's files.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let files = std::fs::read_dir(self.folder.path()).expect("a folder");
        files.flat_map(|file| std::fs::read(file.expect("a file").path()).expect("a readable file")).collect()
    }
}

pub(crate) fn applicant() -> Applicant {
    let mut applicant = Applicant::new(CPF.parse::<Cpf>().expect("a CPF"));
    applicant.name = Some(Pii::new(NAME.to_owned()));
    applicant
}

pub(crate) fn picture(bytes: usize) -> Media {
    Media::new((0..bytes).map(|n| (n % 251) as u8).collect::<Vec<_>>()).expect("a picture")
}

/// Ends the run at a point, as a crash does: nothing after it happens.
#[derive(Debug)]
pub(crate) struct CrashAt(pub(crate) Point);

impl FaultPoints for CrashAt {
    fn reach(&self, _: &str, _: &str, point: Point) {
        assert_ne!(point, self.0, "the process ends here");
    }
}

pub(crate) fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("a time")
}
