//! What a vendor's answer means under a policy.

use kyc_core::{
    Applicant, CheckKind, Cpf, Date, DocumentKind, Evidence, FaceScore, FalseAcceptRate, Finding,
    Genuineness, LivenessMethod, PersonStatus, Pii, Verdict,
};

use crate::model::{CheckState, VendorCheck};
use crate::names::{NameMatch, compare_names};
use crate::policy::{Agreement, CheckPolicy, CheckRule, Policy};
use crate::reason::Reason;

/// How far a vendor has come with a check, as the steps of the case tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Progress {
    /// The vendor does not offer the check as the policy wants it.
    NotOffered,
    /// The vendor's yes could not count: it states no rate, and the policy has no similarity for it. So it is not asked.
    NoMeasure,
    /// The vendor was not asked.
    NotAsked,
    /// The vendor was not asked, since it is not configured, though the policy wants its answer for comparison.
    NotConfigured,
    /// The call was not sent, or the vendor refused it: nothing was paid.
    CallFailed,
    /// The next call was not sent: the case has had as many paid calls as the policy allows.
    OverLimit,
    /// The answer is not there yet.
    Pending,
    /// A paid call may have landed, and nothing tells what became of it.
    Uncertain,
    /// The vendor answered.
    Answered,
    /// The vendor answered, and the person may hand in nothing again.
    OutOfAttempts,
}

type Judged = (CheckState, Reason);

/// Judges what a vendor's answer means for a check. The same input gives the same result.
///
/// Evidence counts only once the vendor has answered, and only if the policy names the vendor for the check.
#[must_use]
pub fn judge(
    policy: &Policy,
    vendor: &str,
    check: CheckKind,
    evidence: Option<&Evidence>,
    progress: Progress,
    applicant: &Applicant,
) -> VendorCheck {
    let wanted = policy.check(check).filter(|wanted| wanted.names(vendor));
    let (state, reason) = match wanted {
        Some(wanted) => {
            of_progress(progress).unwrap_or_else(|| of_answer(wanted, vendor, evidence, progress, applicant))
        }
        None => (CheckState::NotAsked, Reason::NotInPolicy),
    };
    let (mut method, mut asked) = (None, None);
    match wanted.map(|wanted| &wanted.rule) {
        Some(CheckRule::Liveness { method: wanted }) => method = Some(*wanted),
        Some(CheckRule::Face { max_false_accept, .. }) => asked = *max_false_accept,
        _ => {}
    }
    if let Some(Evidence::Liveness { method: proved, .. }) = evidence {
        method = Some(*proved);
    }
    VendorCheck {
        vendor: vendor.to_owned(),
        check,
        state,
        evidence: evidence.cloned(),
        reason,
        method,
        asked,
        failure: None,
    }
}

/// Returns the state of a check that is not answered.
fn of_progress(progress: Progress) -> Option<Judged> {
    match progress {
        Progress::NotOffered => Some((CheckState::NotOffered, Reason::NotOffered)),
        Progress::NoMeasure => Some((CheckState::NotOffered, Reason::NoMeasure)),
        Progress::NotAsked => Some((CheckState::NotAsked, Reason::NotAsked)),
        Progress::NotConfigured => Some((CheckState::NotAsked, Reason::NotConfigured)),
        Progress::CallFailed => Some((CheckState::NotAsked, Reason::CallFailed)),
        Progress::OverLimit => Some((CheckState::NotAsked, Reason::PaidCallsUsedUp)),
        Progress::Pending => Some((CheckState::Pending, Reason::Pending)),
        Progress::Uncertain => Some((CheckState::Uncertain, Reason::MayHaveBeenPaid)),
        Progress::Answered | Progress::OutOfAttempts => None,
    }
}

fn of_answer(
    wanted: &CheckPolicy,
    vendor: &str,
    evidence: Option<&Evidence>,
    progress: Progress,
    applicant: &Applicant,
) -> Judged {
    let Some(evidence) = evidence else { return unclear(Reason::NoAnswer) };
    match (&wanted.rule, evidence) {
        (_, Evidence::Retake(_)) if progress == Progress::OutOfAttempts => unclear(Reason::OutOfAttempts),
        (_, Evidence::Retake(_)) => (CheckState::Retake, Reason::Retake),
        (
            CheckRule::Registration { pass, needs_name, .. },
            Evidence::Registration { status, deceased, name },
        ) => registration(pass, status.as_ref(), *deceased)
            .unwrap_or_else(|| registered_name(*needs_name, applicant.name.as_ref(), name.as_ref())),
        (
            CheckRule::Document { agrees, min_genuine },
            Evidence::Document { kind, cpf, name, birth_date, genuine },
        ) => {
            let read = Read {
                kind: kind.as_ref(),
                cpf: cpf.as_ref(),
                name: name.as_ref(),
                birth_date: birth_date.as_ref(),
            };
            document(agrees, &read, doubts_genuine(*genuine, *min_genuine), applicant)
        }
        (
            CheckRule::Face { max_false_accept, min_similarity },
            Evidence::Face { verdict, score, false_accept_rate },
        ) => match verdict {
            Verdict::NoMatch => (CheckState::Failed, Reason::NoMatch),
            Verdict::Match => {
                matched(*max_false_accept, min_similarity.get(vendor).copied(), *score, *false_accept_rate)
            }
            _ => unclear(Reason::FaceInconclusive),
        },
        (CheckRule::Liveness { method }, Evidence::Liveness { live, method: proved }) => {
            liveness(*method, *live, *proved)
        }
        (CheckRule::Risk, Evidence::Risk { low, .. }) => match low {
            Finding::Yes => (CheckState::Passed, Reason::RiskLow),
            Finding::No => (CheckState::Failed, Reason::RiskHigh),
            _ => unclear(Reason::RiskUnclear),
        },
        // Also evidence of another check, and any that a later release adds.
        _ => unclear(Reason::AnswerUnclear),
    }
}

const fn unclear(reason: Reason) -> Judged {
    (CheckState::Unclear, reason)
}

/// Returns the state by status and death; `None` if they pass.
fn registration(pass: &[PersonStatus], status: Option<&PersonStatus>, deceased: Finding) -> Option<Judged> {
    let failed = |reason| Some((CheckState::Failed, reason));
    match (status, deceased) {
        (Some(PersonStatus::Deceased), Finding::No) => Some(unclear(Reason::Contradictory)),
        (Some(PersonStatus::Deceased), _) | (_, Finding::Yes) => failed(Reason::Deceased),
        (Some(PersonStatus::Void), _) => failed(Reason::Void),
        (Some(PersonStatus::Cancelled), _) => failed(Reason::Cancelled),
        (Some(PersonStatus::Suspended), _) => failed(Reason::Suspended),
        (Some(PersonStatus::Unknown(_)) | None, _) => Some(unclear(Reason::StatusUnread)),
        (Some(status), _) if !pass.contains(status) => Some(unclear(Reason::StatusNotPassed)),
        (Some(_), Finding::No) => None,
        (Some(_), _) => Some(unclear(Reason::DeathUnclear)),
    }
}

/// Compares the registered name with the stated one. The register may have none, unless the policy needs it; but one that
/// is there has to agree, since the CPF may be another person's.
fn registered_name(
    is_needed: bool,
    stated: Option<&Pii<String>>,
    registered: Option<&Pii<String>>,
) -> Judged {
    let (Some(stated), Some(registered)) = (stated, registered) else {
        return if is_needed {
            unclear(Reason::RegisteredNameUnread)
        } else {
            (CheckState::Passed, Reason::StatusPasses)
        };
    };
    match compare_names(stated.expose(), registered.expose()) {
        NameMatch::Same => (CheckState::Passed, Reason::StatusPasses),
        NameMatch::Near => unclear(Reason::RegisteredNameNear),
        NameMatch::Different => (CheckState::Failed, Reason::RegisteredNameDiffers),
        NameMatch::Unread => unclear(Reason::RegisteredNameUnread),
    }
}

/// What was read from a document.
struct Read<'a> {
    kind: Option<&'a DocumentKind>,
    cpf: Option<&'a Pii<String>>,
    name: Option<&'a Pii<String>>,
    birth_date: Option<&'a Pii<Date>>,
}

/// Returns what speaks against the document being genuine; `None` if nothing does.
fn doubts_genuine(genuine: Option<Genuineness>, min: f64) -> Option<Judged> {
    match genuine? {
        Genuineness::Stated(Finding::Yes) => None,
        Genuineness::Stated(Finding::No) => Some((CheckState::Failed, Reason::NotGenuine)),
        Genuineness::Likelihood(found) if (min..=1.0).contains(&found) => None,
        Genuineness::Likelihood(found) if (0.0..min).contains(&found) => {
            Some(unclear(Reason::GenuineTooUnlikely))
        }
        _ => Some(unclear(Reason::GenuineUnclear)),
    }
}

fn document(agrees: &[Agreement], read: &Read<'_>, doubt: Option<Judged>, applicant: &Applicant) -> Judged {
    let mut worst = match doubt {
        Some(failed @ (CheckState::Failed, _)) => return failed,
        doubt => doubt.unwrap_or((CheckState::Passed, Reason::DocumentAgrees)),
    };
    for field in agrees {
        let found = match field {
            Agreement::Cpf => read_cpf(read.cpf, &applicant.cpf),
            Agreement::BirthDate => read_birth_date(read.birth_date, applicant.birth_date.as_ref()),
            Agreement::Name => read_name(read.name, applicant.name.as_ref()),
        };
        match found {
            Some((CheckState::Failed, reason)) => return (CheckState::Failed, reason),
            Some(other) if worst.0 == CheckState::Passed => worst = other,
            _ => {}
        }
    }
    if worst.0 == CheckState::Passed && is_other_kind(read.kind, applicant) {
        return unclear(Reason::KindDiffers);
    }
    worst
}

/// Returns `None` if the CPF agrees.
fn read_cpf(read: Option<&Pii<String>>, stated: &Cpf) -> Option<Judged> {
    match read.and_then(|read| cpf_of(read.expose())) {
        Some(read) if read == *stated => None,
        Some(_) => Some((CheckState::Failed, Reason::CpfDiffers)),
        None => Some(unclear(Reason::CpfUnread)),
    }
}

/// Reads a CPF as documents print it: also as `999999999/99`. One with wrong check digits was misread.
pub(crate) fn cpf_of(text: &str) -> Option<Cpf> {
    const MAX_BYTES: usize = 40;
    let is_mark = |symbol: char| symbol.is_whitespace() || matches!(symbol, '.' | '-' | '/');
    (text.len() <= MAX_BYTES).then(|| text.replace(is_mark, "")).and_then(|digits| Cpf::parse(&digits).ok())
}

fn read_birth_date(read: Option<&Pii<Date>>, stated: Option<&Pii<Date>>) -> Option<Judged> {
    match (read, stated) {
        (Some(read), Some(stated)) if read == stated => None,
        (Some(_), Some(_)) => Some((CheckState::Failed, Reason::BirthDateDiffers)),
        _ => Some(unclear(Reason::BirthDateUnread)),
    }
}

fn read_name(read: Option<&Pii<String>>, stated: Option<&Pii<String>>) -> Option<Judged> {
    let (Some(read), Some(stated)) = (read, stated) else { return Some(unclear(Reason::NameUnread)) };
    match compare_names(read.expose(), stated.expose()) {
        NameMatch::Same => None,
        NameMatch::Near => Some(unclear(Reason::NameNear)),
        NameMatch::Different => Some((CheckState::Failed, Reason::NameDiffers)),
        NameMatch::Unread => Some(unclear(Reason::NameUnread)),
    }
}

/// Whether a kind was recognized that is not the stated one. Vendors' own names of kinds tell nothing.
fn is_other_kind(read: Option<&DocumentKind>, applicant: &Applicant) -> bool {
    match (read, &applicant.document) {
        (None | Some(DocumentKind::Unknown(_)), _) | (_, None) => false,
        (Some(read), Some(document)) => *read != document.kind,
    }
}

/// Judges a match by the rate that the vendor states and the similarity that the policy's author wrote: those that are
/// there have to be good enough, and one has to be there if the policy asks for a rate.
fn matched(
    max: Option<FalseAcceptRate>,
    min_similarity: Option<f64>,
    score: Option<FaceScore>,
    rate: Option<FalseAcceptRate>,
) -> Judged {
    if matches!(score, Some(FaceScore::Similarity(found)) if !(0.0..=1.0).contains(&found)) {
        // Whatever else the answer says, it was not understood.
        return unclear(Reason::AnswerUnclear);
    }
    if rate.zip(max).is_some_and(|(rate, max)| rate > max) {
        return unclear(Reason::RateTooLoose);
    }
    if let Some(min) = min_similarity {
        let is_enough = matches!(score, Some(FaceScore::Similarity(found)) if (min..=1.0).contains(&found));
        let judged = if is_enough { CheckState::Passed } else { CheckState::Unclear };
        let reason = if is_enough { Reason::MatchAtSimilarity } else { Reason::SimilarityTooLow };
        return (judged, reason);
    }
    match (max, rate) {
        (None, _) => (CheckState::Passed, Reason::RegisterMatches),
        (Some(_), Some(_)) => (CheckState::Passed, Reason::MatchAtRate),
        (Some(_), None) => unclear(Reason::NoMeasure),
    }
}

/// A still picture says nothing where a capture is wanted, and the other way round.
fn liveness(wanted: LivenessMethod, live: Finding, proved: LivenessMethod) -> Judged {
    match live {
        _ if proved != wanted => (CheckState::NotOffered, Reason::OtherMethod),
        Finding::Yes => (CheckState::Passed, Reason::Live),
        Finding::No => (CheckState::Failed, Reason::NotLive),
        _ => unclear(Reason::LivenessUnclear),
    }
}
