//! An applicant, and the answers that pass.

use kyc_verify::kyc_core::{
    Applicant, CheckKind, Cpf, Date, Evidence, FalseAcceptRate, Finding, Genuineness, LivenessMethod,
    PersonStatus, Pii, Timestamp, Verdict,
};
use kyc_verify::{CheckResult, Policy, Progress, VendorCheck, combine, judge};

pub(crate) const NAME: &str = "Maria Aparecida da Conceição";

pub(crate) fn cpf() -> Cpf {
    "529.982.247-25".parse().expect("a valid CPF")
}

pub(crate) fn birth_date() -> Date {
    Date::from_ymd(1990, 1, 20).expect("a day")
}

pub(crate) fn applicant() -> Applicant {
    let mut applicant = Applicant::new(cpf());
    applicant.name = Some(Pii::new(NAME.to_owned()));
    applicant.birth_date = Some(Pii::new(birth_date()));
    applicant
}

pub(crate) fn at() -> Timestamp {
    Timestamp::from_unix_seconds(1_800_000_000).expect("in range")
}

pub(crate) fn policy(text: &str) -> Policy {
    Policy::from_toml(text).expect("a policy")
}

pub(crate) fn text(value: &str) -> Option<Pii<String>> {
    Some(Pii::new(value.to_owned()))
}

pub(crate) fn registered(status: PersonStatus) -> Evidence {
    Evidence::Registration {
        status: Some(status),
        deceased: Finding::No,
        name: text("MARIA APARECIDA CONCEICAO"),
    }
}

pub(crate) fn face(verdict: Verdict, one_in: Option<u32>) -> Evidence {
    Evidence::Face { verdict, score: None, false_accept_rate: one_in.and_then(FalseAcceptRate::one_in) }
}

pub(crate) fn read_document() -> Evidence {
    Evidence::Document {
        kind: None,
        cpf: text("529982247/25"),
        name: text("MARIA APARECIDA DA CONCEIÇÃO"),
        birth_date: Some(Pii::new(birth_date())),
        genuine: Some(Genuineness::Stated(Finding::Yes)),
    }
}

/// Evidence that passes under the built-in policy.
pub(crate) fn good(check: CheckKind) -> Evidence {
    match check {
        CheckKind::Registration => registered(PersonStatus::Regular),
        CheckKind::Document => read_document(),
        CheckKind::FaceDocument | CheckKind::FaceRegister => face(Verdict::Match, Some(100_000)),
        CheckKind::Liveness => Evidence::Liveness { live: Finding::Yes, method: LivenessMethod::Capture },
        _ => Evidence::Risk { low: Finding::Yes, score: None },
    }
}

/// Evidence that says no.
pub(crate) fn bad(check: CheckKind) -> Evidence {
    match check {
        CheckKind::Registration => registered(PersonStatus::Void),
        CheckKind::Document => {
            let Evidence::Document { kind, name, birth_date, genuine, .. } = read_document() else {
                unreachable!("a document")
            };
            Evidence::Document { kind, cpf: text("123.456.789-09"), name, birth_date, genuine }
        }
        CheckKind::FaceDocument | CheckKind::FaceRegister => face(Verdict::NoMatch, None),
        CheckKind::Liveness => Evidence::Liveness { live: Finding::No, method: LivenessMethod::Capture },
        _ => Evidence::Risk { low: Finding::No, score: None },
    }
}

pub(crate) fn answered(policy: &Policy, vendor: &str, check: CheckKind, evidence: &Evidence) -> VendorCheck {
    judge(policy, vendor, check, Some(evidence), Progress::Answered, &applicant())
}

pub(crate) fn unanswered(policy: &Policy, vendor: &str, check: CheckKind, progress: Progress) -> VendorCheck {
    judge(policy, vendor, check, None, progress, &applicant())
}

/// Every check of the policy, passed by one vendor.
pub(crate) fn all_good(policy: &Policy) -> Vec<CheckResult> {
    let kinds = policy.checks().iter().map(|wanted| wanted.check);
    kinds.map(|check| combine(policy, check, &[answered(policy, "toy", check, &good(check))])).collect()
}
