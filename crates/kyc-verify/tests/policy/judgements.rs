//! Every state of every check, by what a vendor's answer shows.

use kyc_verify::kyc_core::{
    Applicant, CheckKind, Date, DocumentKind, Evidence, FaceScore, FalseAcceptRate, Finding, Genuineness,
    IdentityDocument, LivenessMethod, Media, PersonStatus, Pii, Retake, RetakeCause, RetakeItem, Verdict,
};
use kyc_verify::{CheckState, Policy, Progress, Reason, judge};

use crate::support::{answered, applicant, bad, birth_date, good, policy, registered, text, unanswered};

const PASSED: CheckState = CheckState::Passed;
const FAILED: CheckState = CheckState::Failed;
const UNCLEAR: CheckState = CheckState::Unclear;

fn likely(likelihood: f64) -> Option<Genuineness> {
    Some(Genuineness::Likelihood(likelihood))
}

#[track_caller]
fn assert_judged(policy: &Policy, check: CheckKind, evidence: &Evidence, state: CheckState, reason: Reason) {
    let judged = answered(policy, "toy", check, evidence);
    assert_eq!((judged.state, judged.reason), (state, reason), "{check}: {evidence:?}");
}

#[test]
fn every_check_has_every_state() {
    let policy = Policy::built_in();
    let retake = Evidence::Retake(Retake::new(RetakeItem::Selfie, RetakeCause::NoFace));
    for check in CheckKind::ALL {
        let of = |evidence: &Evidence| answered(&policy, "toy", check, evidence).state;
        assert_eq!(of(&good(check)), PASSED, "{check}");
        assert_eq!(of(&bad(check)), FAILED, "{check}");
        assert_eq!(of(&Evidence::Unclear("missing")), UNCLEAR, "{check}");
        assert_eq!(of(&retake), CheckState::Retake, "{check}");
        let without = |progress| unanswered(&policy, "toy", check, progress);
        assert_eq!(without(Progress::Pending).state, CheckState::Pending);
        assert_eq!(without(Progress::Uncertain).state, CheckState::Uncertain);
        assert_eq!(without(Progress::NotOffered).state, CheckState::NotOffered);
        assert_eq!(without(Progress::NotAsked).state, CheckState::NotAsked);
        assert_eq!(without(Progress::CallFailed).reason, Reason::CallFailed);
        assert_eq!(without(Progress::Answered).reason, Reason::NoAnswer);
        let last = judge(&policy, "toy", check, Some(&retake), Progress::OutOfAttempts, &applicant());
        assert_eq!((last.state, last.reason), (UNCLEAR, Reason::OutOfAttempts));
        let good = good(check);
        for progress in [Progress::Pending, Progress::Uncertain, Progress::NotAsked, Progress::CallFailed] {
            let early = judge(&policy, "toy", check, Some(&good), progress, &applicant());
            assert_ne!(early.state, PASSED, "{check} {progress:?}");
        }
    }
}

#[test]
fn evidence_of_another_check_never_passes() {
    let policy = Policy::built_in();
    for check in CheckKind::ALL {
        for other in CheckKind::ALL {
            let is_same_kind = std::mem::discriminant(&good(check)) == std::mem::discriminant(&good(other));
            let state = answered(&policy, "toy", check, &good(other)).state;
            assert_eq!(state == PASSED, is_same_kind, "{check} by {other}");
        }
    }
}

#[test]
fn a_vendor_that_the_policy_does_not_name_is_not_heard() {
    let policy = policy("version='1'\n[check.risk]\nby=['other']");
    assert_judged(
        &policy,
        CheckKind::Risk,
        &good(CheckKind::Risk),
        CheckState::NotAsked,
        Reason::NotInPolicy,
    );
    assert_judged(
        &policy,
        CheckKind::Liveness,
        &good(CheckKind::Liveness),
        CheckState::NotAsked,
        Reason::NotInPolicy,
    );
}

#[test]
fn a_registration_is_judged_by_status_death_and_name() {
    let name = || text("MARIA APARECIDA CONCEICAO");
    let of = |status, deceased, name| Evidence::Registration { status, deceased, name };
    let status = |status| of(Some(status), Finding::No, name());
    let table = [
        (status(PersonStatus::Regular), PASSED, Reason::StatusPasses),
        (status(PersonStatus::Pending), UNCLEAR, Reason::StatusNotPassed),
        (status(PersonStatus::Suspended), FAILED, Reason::Suspended),
        (status(PersonStatus::Cancelled), FAILED, Reason::Cancelled),
        (status(PersonStatus::Void), FAILED, Reason::Void),
        (status(PersonStatus::Deceased), UNCLEAR, Reason::Contradictory),
        (status(PersonStatus::from("nova")), UNCLEAR, Reason::StatusUnread),
        (of(None, Finding::No, name()), UNCLEAR, Reason::StatusUnread),
        (of(Some(PersonStatus::Deceased), Finding::Yes, None), FAILED, Reason::Deceased),
        (of(Some(PersonStatus::Deceased), Finding::Unclear, None), FAILED, Reason::Deceased),
        (of(Some(PersonStatus::Regular), Finding::Yes, name()), FAILED, Reason::Deceased),
        (of(None, Finding::Yes, None), FAILED, Reason::Deceased),
        (of(Some(PersonStatus::Regular), Finding::Unclear, name()), UNCLEAR, Reason::DeathUnclear),
        (of(Some(PersonStatus::Regular), Finding::No, None), PASSED, Reason::StatusPasses),
        (
            of(Some(PersonStatus::Regular), Finding::No, text("JOSÉ SOUZA")),
            FAILED,
            Reason::RegisteredNameDiffers,
        ),
        (
            of(Some(PersonStatus::Regular), Finding::No, text("MARIA A. CONCEIÇÃO")),
            UNCLEAR,
            Reason::RegisteredNameNear,
        ),
        (
            of(Some(PersonStatus::Regular), Finding::No, text("MARIA ***")),
            UNCLEAR,
            Reason::RegisteredNameUnread,
        ),
    ];
    for (evidence, state, reason) in table {
        assert_judged(&Policy::built_in(), CheckKind::Registration, &evidence, state, reason);
    }
    let strict = policy("version='1'\n[check.registration]\nagrees=['name']");
    let nameless = of(Some(PersonStatus::Regular), Finding::No, None);
    assert_judged(&strict, CheckKind::Registration, &nameless, UNCLEAR, Reason::RegisteredNameUnread);
    let lenient = policy("version='1'\n[check.registration]\npass=['regular','pending']");
    let pending = registered(PersonStatus::Pending);
    assert_judged(&lenient, CheckKind::Registration, &pending, PASSED, Reason::StatusPasses);
}

/// A document of which one field is replaced.
fn document(edit: impl FnOnce(&mut Fields)) -> Evidence {
    let mut fields = Fields {
        kind: None,
        cpf: text("529.982.247-25"),
        name: text("MARIA APARECIDA CONCEICAO"),
        birth_date: Some(Pii::new(birth_date())),
        genuine: Some(Genuineness::Stated(Finding::Yes)),
    };
    edit(&mut fields);
    let Fields { kind, cpf, name, birth_date, genuine } = fields;
    Evidence::Document { kind, cpf, name, birth_date, genuine }
}

struct Fields {
    kind: Option<DocumentKind>,
    cpf: Option<Pii<String>>,
    name: Option<Pii<String>>,
    birth_date: Option<Pii<Date>>,
    genuine: Option<Genuineness>,
}

#[test]
fn a_document_has_to_agree_with_what_was_said() {
    let other_day = || Date::from_ymd(1990, 1, 21).map(Pii::new);
    let table = [
        (document(|_| {}), PASSED, Reason::DocumentAgrees),
        (document(|fields| fields.genuine = None), PASSED, Reason::DocumentAgrees),
        (
            document(|fields| fields.genuine = Some(Genuineness::Stated(Finding::No))),
            FAILED,
            Reason::NotGenuine,
        ),
        (
            document(|fields| fields.genuine = Some(Genuineness::Stated(Finding::Unclear))),
            UNCLEAR,
            Reason::GenuineUnclear,
        ),
        (document(|fields| fields.genuine = likely(0.9)), PASSED, Reason::DocumentAgrees),
        (document(|fields| fields.genuine = likely(0.89)), UNCLEAR, Reason::GenuineTooUnlikely),
        (document(|fields| fields.genuine = likely(1.0)), PASSED, Reason::DocumentAgrees),
        (document(|fields| fields.genuine = likely(-0.1)), UNCLEAR, Reason::GenuineUnclear),
        (document(|fields| fields.genuine = likely(1.01)), UNCLEAR, Reason::GenuineUnclear),
        (document(|fields| fields.genuine = likely(f64::NAN)), UNCLEAR, Reason::GenuineUnclear),
        (document(|fields| fields.cpf = text("529 982 247 / 25")), PASSED, Reason::DocumentAgrees),
        (document(|fields| fields.cpf = text("12345678909")), FAILED, Reason::CpfDiffers),
        (document(|fields| fields.cpf = text("529.982.247-26")), UNCLEAR, Reason::CpfUnread),
        (document(|fields| fields.cpf = text("")), UNCLEAR, Reason::CpfUnread),
        (document(|fields| fields.cpf = None), UNCLEAR, Reason::CpfUnread),
        (document(|fields| fields.birth_date = other_day()), FAILED, Reason::BirthDateDiffers),
        (document(|fields| fields.birth_date = None), UNCLEAR, Reason::BirthDateUnread),
        (document(|fields| fields.name = text("JOSÉ SOUZA")), FAILED, Reason::NameDiffers),
        (document(|fields| fields.name = text("MARIA CONCEIÇÃO")), UNCLEAR, Reason::NameNear),
        (document(|fields| fields.name = None), UNCLEAR, Reason::NameUnread),
        (document(|fields| fields.name = text("M4RIA")), UNCLEAR, Reason::NameUnread),
        (
            document(|fields| (fields.cpf, fields.birth_date) = (None, other_day())),
            FAILED,
            Reason::BirthDateDiffers,
        ),
    ];
    for (evidence, state, reason) in table {
        assert_judged(&Policy::built_in(), CheckKind::Document, &evidence, state, reason);
    }
    let cpf_only = policy("version='1'\n[check.document]\nagrees=['cpf']");
    let nameless = document(|fields| (fields.name, fields.birth_date) = (None, None));
    assert_judged(&cpf_only, CheckKind::Document, &nameless, PASSED, Reason::DocumentAgrees);
}

#[test]
fn what_the_person_did_not_say_agrees_with_nothing() {
    let silent = Applicant::new(crate::support::cpf());
    let evidence = document(|_| {});
    let judged =
        judge(&Policy::built_in(), "toy", CheckKind::Document, Some(&evidence), Progress::Answered, &silent);
    assert_eq!((judged.state, judged.reason), (UNCLEAR, Reason::BirthDateUnread));
}

#[test]
fn a_document_of_another_kind_than_stated_is_unclear() {
    let mut applicant = applicant();
    let picture = Media::new(&include_bytes!("pixel.png")[..]).expect("a picture");
    applicant.document = Some(IdentityDocument::new(DocumentKind::Cnh, picture));
    let judged = |kind| {
        let evidence = document(|fields| fields.kind = kind);
        let policy = Policy::built_in();
        judge(&policy, "toy", CheckKind::Document, Some(&evidence), Progress::Answered, &applicant).reason
    };
    assert_eq!(judged(Some(DocumentKind::ProofOfAddress)), Reason::KindDiffers);
    assert_eq!(judged(Some(DocumentKind::Cnh)), Reason::DocumentAgrees);
    assert_eq!(judged(Some(DocumentKind::from("carteira"))), Reason::DocumentAgrees);
    assert_eq!(judged(None), Reason::DocumentAgrees);
}

#[test]
fn a_match_counts_at_the_rate_or_above_the_similarity_only() {
    let of = |verdict, score, one_in: Option<u32>| Evidence::Face {
        verdict,
        score,
        false_accept_rate: one_in.and_then(FalseAcceptRate::one_in),
    };
    let similar = |number| Some(FaceScore::Similarity(number));
    let yes = Verdict::Match;
    let table = [
        (of(yes, None, Some(10_000)), PASSED, Reason::MatchAtRate),
        (of(yes, Some(FaceScore::Level(6)), Some(100_000)), PASSED, Reason::MatchAtRate),
        (of(yes, Some(FaceScore::Level(4)), Some(1_000)), UNCLEAR, Reason::RateTooLoose),
        (of(yes, None, None), UNCLEAR, Reason::NoMeasure),
        (of(yes, similar(0.99), None), UNCLEAR, Reason::NoMeasure),
        (of(yes, similar(1.0), Some(10_000)), PASSED, Reason::MatchAtRate),
        (of(yes, similar(1.000_000_1), Some(10_000)), UNCLEAR, Reason::AnswerUnclear),
        (of(yes, similar(f64::NAN), Some(10_000)), UNCLEAR, Reason::AnswerUnclear),
        (of(yes, similar(-0.1), Some(10_000)), UNCLEAR, Reason::AnswerUnclear),
        (of(Verdict::NoMatch, similar(0.99), Some(100_000)), FAILED, Reason::NoMatch),
        (of(Verdict::Inconclusive, similar(0.99), Some(100_000)), UNCLEAR, Reason::FaceInconclusive),
    ];
    for (evidence, state, reason) in &table {
        assert_judged(&Policy::built_in(), CheckKind::FaceDocument, evidence, *state, *reason);
    }
    let numbered = policy("version='1'\n[check.face_document]\nmin_similarity={toy=0.9}");
    let table = [
        (of(yes, similar(0.9), None), PASSED, Reason::MatchAtSimilarity),
        (of(yes, similar(0.95), Some(10_000)), PASSED, Reason::MatchAtSimilarity),
        (of(yes, similar(0.95), Some(1_000)), UNCLEAR, Reason::RateTooLoose),
        (of(yes, similar(0.89), None), UNCLEAR, Reason::SimilarityTooLow),
        (of(yes, similar(0.89), Some(10_000)), UNCLEAR, Reason::SimilarityTooLow),
        (of(yes, similar(1.0), None), PASSED, Reason::MatchAtSimilarity),
        (of(yes, similar(1.000_000_1), None), UNCLEAR, Reason::AnswerUnclear),
        (of(yes, similar(97.0), None), UNCLEAR, Reason::AnswerUnclear),
        (of(yes, similar(f64::NAN), None), UNCLEAR, Reason::AnswerUnclear),
        (of(yes, None, Some(10_000)), UNCLEAR, Reason::SimilarityTooLow),
        (of(yes, Some(FaceScore::Level(6)), None), UNCLEAR, Reason::SimilarityTooLow),
        (of(Verdict::NoMatch, similar(0.99), None), FAILED, Reason::NoMatch),
    ];
    for (evidence, state, reason) in &table {
        assert_judged(&numbered, CheckKind::FaceDocument, evidence, *state, *reason);
    }
    let unnumbered = answered(&numbered, "another", CheckKind::FaceDocument, &of(yes, similar(0.99), None));
    assert_eq!(unnumbered.reason, Reason::NoMeasure);
    assert_eq!(unnumbered.asked, FalseAcceptRate::one_in(10_000));
}

#[test]
fn a_register_s_own_yes_counts_unless_the_policy_asks_for_a_rate() {
    let yes = crate::support::face(Verdict::Match, None);
    assert_judged(&Policy::built_in(), CheckKind::FaceRegister, &yes, PASSED, Reason::RegisterMatches);
    let rated = policy("version='1'\n[check.face_register]\nmax_false_accept='1/1000'");
    assert_judged(&rated, CheckKind::FaceRegister, &yes, UNCLEAR, Reason::NoMeasure);
}

#[test]
fn a_still_picture_never_passes_for_a_capture() {
    let of = |live, method| Evidence::Liveness { live, method };
    let (capture, still) = (LivenessMethod::Capture, LivenessMethod::Still);
    let not_offered = CheckState::NotOffered;
    let table = [
        (of(Finding::Yes, capture), PASSED, Reason::Live),
        (of(Finding::No, capture), FAILED, Reason::NotLive),
        (of(Finding::Unclear, capture), UNCLEAR, Reason::LivenessUnclear),
        (of(Finding::Yes, still), not_offered, Reason::OtherMethod),
        (of(Finding::No, still), not_offered, Reason::OtherMethod),
        (of(Finding::Unclear, still), not_offered, Reason::OtherMethod),
    ];
    for (evidence, state, reason) in &table {
        assert_judged(&Policy::built_in(), CheckKind::Liveness, evidence, *state, *reason);
    }
    let of_still = policy("version='1'\n[check.liveness]\nmethod='still'");
    assert_judged(&of_still, CheckKind::Liveness, &of(Finding::Yes, still), PASSED, Reason::Live);
    assert_judged(
        &of_still,
        CheckKind::Liveness,
        &of(Finding::Yes, capture),
        not_offered,
        Reason::OtherMethod,
    );
    let judged = answered(&Policy::built_in(), "toy", CheckKind::Liveness, &of(Finding::Yes, still));
    assert_eq!(judged.method, Some(still));
}

#[test]
fn only_a_low_risk_passes() {
    let of = |low| Evidence::Risk { low, score: Some(300) };
    let policy = Policy::built_in();
    assert_judged(&policy, CheckKind::Risk, &of(Finding::Yes), PASSED, Reason::RiskLow);
    assert_judged(&policy, CheckKind::Risk, &of(Finding::No), FAILED, Reason::RiskHigh);
    assert_judged(&policy, CheckKind::Risk, &of(Finding::Unclear), UNCLEAR, Reason::RiskUnclear);
}

#[test]
fn nothing_of_the_person_is_printed() {
    let judged = answered(&Policy::built_in(), "toy", CheckKind::Document, &document(|_| {}));
    let printed = format!("{judged:?}");
    for secret in ["MARIA", "529", "1990"] {
        assert!(!printed.contains(secret), "{printed}");
    }
}
