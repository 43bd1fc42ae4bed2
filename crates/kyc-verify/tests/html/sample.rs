//! Cases of every kind, run with vendors that follow a script.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use kyc_verify::kyc_core::{
    Answer, Applicant, Capability, CaptureKit, Charge, CheckKind, Clock, Cpf, Date, Delivery, DocumentKind,
    Error, ErrorKind, Evidence, FaceScore, FalseAcceptRate, Finding, Genuineness, IdentityDocument, Intent,
    LivenessMethod, Media, Next, Offer, OperationId, Part, PersonStatus, Pii, Retake, RetakeCause,
    RetakeItem, Sent, StepState, Timestamp, Vendor, Verdict, Verifier,
};
use kyc_verify::{
    CaseReport, Environment, KeyRing, Ledger as _, Notice, Options, Outcome, Policy, SqliteStore, Statement,
    StoreKey, Vault as _, Verification,
};
use tempfile::TempDir;

pub(crate) const CPF: &str = "52998224725";
pub(crate) const NAME: &str = "Maria Aparecida da Silva Conceição";

/// What would be markup if it were not escaped, with a CPF within.
pub(crate) const HOSTILE: &str = "</td><script>alert('52998224725')</script>&amp;\"><img src=x onerror=1>";

const POLICY: &str = r#"# The policy of the samples.
version = "2026-11-27"
on_fail = "review"
ask     = "all"
limits  = { attempts = 3, paid_calls = 10, wait = "30m", watch = "10d" }

[check.registration]
pass   = ["regular"]
refuse = ["deceased", "void"]

[check.document]
agrees = ["cpf", "birth_date", "name"]

[check.face_document]
max_false_accept = "1/10000"
min_similarity   = { boreal = 0.90 }

[check.face_register]
required = false

[check.liveness]
method = "capture"

[check.risk]
required = false

[retain]
pictures = "90d"
"#;

/// A clock that stands still until it is advanced.
#[derive(Clone, Debug)]
struct Still(Arc<Mutex<Duration>>);

impl Still {
    fn advance(&self, by: Duration) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += by;
    }
}

#[async_trait]
impl Clock for Still {
    fn now(&self) -> Timestamp {
        at("2026-11-27T13:05:00Z").saturating_add(self.elapsed())
    }

    fn elapsed(&self) -> Duration {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn sleep(&self, _: Duration) {
        std::future::pending().await
    }
}

/// How a vendor's one step ends.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Ends {
    Answered,
    Pending,
    Uncertain,
    Refused,
}

/// What a vendor does.
#[derive(Debug)]
struct Script {
    ends: Ends,
    evidence: Vec<(CheckKind, Evidence)>,
    /// What answers showed that were given before: each keeps meaning the same.
    before: Vec<Vec<(CheckKind, Evidence)>>,
    retake: Option<Retake>,
    /// Whether the person still has to capture.
    captures: bool,
}

#[derive(Clone, Debug)]
struct Scripted {
    vendor: Vendor,
    offers: &'static [Offer],
    clock: Still,
    script: Arc<Mutex<Script>>,
}

impl Scripted {
    fn change(&self, change: impl FnOnce(&mut Script)) {
        change(&mut self.script.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn read<T>(&self, read: impl FnOnce(&Script) -> T) -> T {
        read(&self.script.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn answer(&self) -> Answer {
        Answer::of(&self.read(|script| script.before.len()))
    }
}

impl Capability for Scripted {
    fn vendor(&self) -> Vendor {
        self.vendor
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(self.clock.clone())
    }
}

#[async_trait]
impl Verifier for Scripted {
    fn offers(&self) -> &'static [Offer] {
        self.offers
    }

    fn uses(&self, _: &str) -> &'static [RetakeItem] {
        &[RetakeItem::Selfie, RetakeItem::Front]
    }

    fn next(&self, part: &Part<'_>) -> Next {
        let (captures, retake) = self.read(|script| (script.captures, script.retake));
        if captures {
            let expires = Some(at("2026-11-27T13:35:00Z"));
            return Next::Capture {
                step: "capture",
                kit: CaptureKit::new("appkey", Pii::new("secret-appkey".to_owned()), expires),
            };
        }
        match (part.newest("ask").map(|record| &record.state), retake) {
            (None | Some(StepState::Failed(_)), _) => Next::Step { step: "ask", charge: Charge::Paid },
            (Some(StepState::Pending(_)), _) => Next::Query { step: "ask" },
            (Some(StepState::Answered(_)), Some(retake)) => Next::Retake(retake),
            _ => Next::Done,
        }
    }

    fn evidence(&self, part: &Part<'_>) -> Vec<(CheckKind, Evidence)> {
        let Some(at) = part.answer("ask").and_then(|answer| answer.read::<usize>()) else {
            return Vec::new();
        };
        self.read(|script| script.before.get(at).unwrap_or(&script.evidence).clone())
    }

    async fn send(&self, _: &str, _: &Part<'_>, _: &Intent) -> Result<Sent, Error> {
        self.clock.advance(Duration::from_secs(2));
        let lost = |kind, delivery| Err(Error::new(self.vendor, kind, delivery, "a script"));
        match self.read(|script| script.ends) {
            Ends::Answered => Ok(Sent::Answered(self.answer())),
            Ends::Pending => Ok(Sent::Pending(OperationId::by_id(self.vendor, "ask", "own-1"))),
            Ends::Uncertain => lost(ErrorKind::Timeout, Delivery::Unknown),
            Ends::Refused => lost(ErrorKind::QuotaExhausted, Delivery::NotSent),
        }
    }

    async fn query(&self, _: &str, _: &Part<'_>) -> Result<Option<Answer>, Error> {
        let is_there = self.read(|script| script.ends == Ends::Answered && !script.captures);
        Ok(is_there.then(|| self.answer()))
    }

    fn watches_for(&self) -> Option<Duration> {
        Some(Duration::from_secs(10 * 24 * 60 * 60))
    }
}

/// A case, with the hash of its newest record and what the vendors offer.
pub(crate) struct Sample {
    pub(crate) report: CaseReport,
    pub(crate) chain_hash: [u8; 32],
    pub(crate) verification: Verification,
}

/// The vendors of a case, and where it is stored.
struct Place {
    _folder: TempDir,
    store: SqliteStore,
    clock: Still,
    vendors: [Scripted; 4],
    verification: Verification,
}

impl Place {
    /// Creates a place with the sandbox, or one with real vendors of which the last, and with it the capture, is missing.
    fn new(environment: Environment) -> Self {
        let folder = TempDir::new().expect("a folder");
        let clock = Still(Arc::default());
        let key = StoreKey::generate().expect("random bytes");
        let builder = SqliteStore::builder(folder.path().join("cases.db")).keys(KeyRing::new(key));
        let store = builder.clock(clock.clone()).open().expect("a store");
        let vendors = vendors(&clock);
        let verifiers =
            vendors.clone().map(|vendor| (vendor.vendor.name(), Arc::new(vendor) as Arc<dyn Verifier>));
        let configured = if environment == Environment::Real { 3 } else { 4 };
        let verification = Verification::builder(store.clone(), environment)
            .vendors(verifiers.into_iter().take(configured))
            .policy(Policy::from_toml(POLICY).expect("a policy"))
            .clock(clock.clone())
            .build()
            .with_notice(Notice::new("aviso 7", at("2026-11-27T13:01:30Z"), "LGPD, art. 7, II"));
        Self { _folder: folder, store, clock, vendors, verification }
    }

    async fn verify(&self, reference: &str, applicant: &Applicant) -> CaseReport {
        let mut options = Options::default();
        options.wait = Duration::ZERO;
        self.verification.verify(reference, applicant, options).await.expect("a report")
    }
}

fn vendors(clock: &Still) -> [Scripted; 4] {
    const AURORA: &[Offer] = &[Offer::new(CheckKind::Registration, 1), Offer::new(CheckKind::Document, 1)];
    const BOREAL: &[Offer] = &[Offer::new(CheckKind::Document, 1), Offer::new(CheckKind::FaceDocument, 1)];
    const CELESTE: &[Offer] = &[Offer::new(CheckKind::FaceDocument, 1)];
    const DELTA: &[Offer] = &[
        Offer::new(CheckKind::FaceRegister, 1),
        Offer::liveness(LivenessMethod::Capture, 1),
        Offer::new(CheckKind::Risk, 1),
    ];
    let new = |vendor, offers, evidence: Vec<_>| {
        let script =
            Script { ends: Ends::Answered, evidence, before: Vec::new(), retake: None, captures: false };
        Scripted {
            vendor: Vendor::new(vendor),
            offers,
            clock: clock.clone(),
            script: Arc::new(Mutex::new(script)),
        }
    };
    let registered = (CheckKind::Registration, registration(PersonStatus::Regular));
    let live = Evidence::Liveness { live: Finding::Yes, method: LivenessMethod::Capture };
    [
        new("aurora", AURORA, vec![registered, (CheckKind::Document, document(NAME))]),
        new(
            "boreal",
            BOREAL,
            vec![
                (CheckKind::Document, document("MARIA APARECIDA SILVA CONCEICAO")),
                (CheckKind::FaceDocument, face(Verdict::Match, FaceScore::Similarity(0.97), None)),
            ],
        ),
        new(
            "celeste",
            CELESTE,
            vec![(CheckKind::FaceDocument, face(Verdict::Match, FaceScore::Level(6), Some(100_000)))],
        ),
        new(
            "delta",
            DELTA,
            vec![
                (
                    CheckKind::FaceRegister,
                    Evidence::Face { verdict: Verdict::Match, score: None, false_accept_rate: None },
                ),
                (CheckKind::Liveness, live),
                (CheckKind::Risk, Evidence::Risk { low: Finding::Yes, score: Some(300) }),
            ],
        ),
    ]
}

fn registration(status: PersonStatus) -> Evidence {
    let deceased = if status == PersonStatus::Deceased { Finding::Yes } else { Finding::No };
    Evidence::Registration { status: Some(status), deceased, name: Some(Pii::new(NAME.to_uppercase())) }
}

fn document(name: &str) -> Evidence {
    Evidence::Document {
        kind: Some(DocumentKind::Cnh),
        cpf: Some(Pii::new("529.982.247-25".to_owned())),
        name: Some(Pii::new(name.to_owned())),
        birth_date: Some(Pii::new(birth_date())),
        genuine: Some(Genuineness::Stated(Finding::Yes)),
    }
}

fn face(verdict: Verdict, score: FaceScore, one_in: Option<u32>) -> Evidence {
    let false_accept_rate = one_in.and_then(FalseAcceptRate::one_in);
    Evidence::Face { verdict, score: Some(score), false_accept_rate }
}

fn birth_date() -> Date {
    Date::from_ymd(1990, 1, 20).expect("a date")
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("a time")
}

fn media(bytes: &'static [u8]) -> Media {
    Media::new(bytes).expect("a picture")
}

fn applicant() -> Applicant {
    let (selfie, card) = (
        include_bytes!("../../../kyc-sandbox/samples/a-2014.jpg"),
        include_bytes!("../../../kyc-sandbox/samples/meter-digital.png"),
    );
    let mut applicant = Applicant::new(CPF.parse::<Cpf>().expect("a CPF"));
    applicant.name = Some(Pii::new(NAME.to_owned()));
    applicant.birth_date = Some(Pii::new(birth_date()));
    applicant.selfie = Some(media(selfie));
    applicant.document =
        Some(IdentityDocument::new(DocumentKind::Cnh, media(card)).with_back(media(b"%PDF-1.7 the back")));
    applicant
}

fn statement(who: &str, why: &str) -> Statement {
    Statement { who: who.to_owned(), why: why.to_owned() }
}

/// Makes two vendors disagree, one call uncertain, one fail, and a document partly unread.
fn confuse([aurora, boreal, celeste, delta]: &[Scripted; 4]) {
    aurora.change(|script| script.ends = Ends::Uncertain);
    let read = Evidence::Document {
        kind: Some(DocumentKind::Rg),
        cpf: Some(Pii::new("529.98Z.247-2".to_owned())),
        name: Some(Pii::new("Maria A. Conceição".to_owned())),
        birth_date: None,
        genuine: Some(Genuineness::Stated(Finding::Unclear)),
    };
    boreal.change(|script| script.evidence[0].1 = read);
    celeste.change(|script| script.evidence[0].1 = face(Verdict::NoMatch, FaceScore::Level(0), None));
    delta.change(|script| script.ends = Ends::Refused);
}

/// Runs a case of a kind.
pub(crate) async fn case(kind: &str) -> Sample {
    let place = Place::new(if kind == "real" { Environment::Real } else { Environment::Simulated });
    let [aurora, boreal, celeste, delta] = &place.vendors;
    let mut applicant = applicant();
    let mut reference = "pedido-2026-0042".to_owned();
    match kind {
        "review" | "reviewed" => confuse(&place.vendors),
        "refused" => {
            aurora.change(|script| script.evidence[0].1 = registration(PersonStatus::Deceased));
        }
        "capture" => delta.change(|script| script.captures = true),
        "retake" => {
            let retake = Retake::new(RetakeItem::Front, RetakeCause::Unreadable);
            boreal.change(|script| {
                script.evidence[0].1 = Evidence::Retake(retake);
                script.retake = Some(retake);
            });
        }
        "vendor" => celeste.change(|script| script.ends = Ends::Pending),
        "hostile" => {
            confuse(&place.vendors);
            reference = HOSTILE.to_owned();
            applicant.name = Some(Pii::new(HOSTILE.to_owned()));
            boreal.change(|script| script.evidence[0].1 = document(HOSTILE));
        }
        _ => {}
    }
    let case = place.verify(&reference, &applicant).await.case;
    place.clock.advance(Duration::from_secs(90 * 60));
    after(kind, &place, case).await;
    let report = place.verification.show(case).await.expect("a report");
    let chain_hash = place.store.verify(case).await.expect("sound records");
    Sample { report, chain_hash, verification: place.verification.clone() }
}

/// Does what happens after the first run.
async fn after(kind: &str, place: &Place, case: kyc_verify::CaseId) {
    let verification = &place.verification;
    let asked = statement("atendimento", "A pessoa ligou e pediu que alguém reveja o caso.");
    match kind {
        "review" => verification.request_review(case, asked).await.expect("written"),
        "reviewed" => {
            verification.request_review(case, asked).await.expect("written");
            let why = "Comparei as fotos: é a mesma pessoa. CPF 529.982.247-25 conferido por telefone.";
            let said = statement("ana.souza", why);
            verification.review(case, Outcome::Approved, said).await.expect("written");
            place.store.hold(case, true, statement("jurídico", "ofício 12/2026")).await.expect("held");
        }
        "hostile" => {
            let said = statement(HOSTILE, HOSTILE);
            verification.review(case, Outcome::Review, said).await.expect("written");
        }
        "retake" => {
            let front = media(include_bytes!("../../../kyc-sandbox/samples/meter-analog.png"));
            verification.submit_again(case, RetakeItem::Front, Some(front)).await.expect("accepted");
            let mut options = Options::default();
            options.wait = Duration::ZERO;
            verification.resume(case, options).await.expect("a report");
        }
        "alert" => {
            let risk = Evidence::Risk { low: Finding::No, score: Some(910) };
            place.vendors[3].change(|script| {
                script.before.push(script.evidence.clone());
                script.evidence[2].1 = risk;
            });
            verification.watch(case).await.expect("a report");
        }
        "forgotten" => {
            place.store.forget(case).await.expect("forgotten");
        }
        _ => {}
    }
}
