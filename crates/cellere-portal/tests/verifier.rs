//! The vendor's part of a verification, against the sandbox.

use cellere_portal::kyc_core::{
    CheckKind, ClientOptions, Date, DocumentKind, Evidence, FaceScore, Finding, IdentityDocument, LookUp,
    Media, Next, PersonStatus, Pii, RetakeItem, StepState, Verdict, VirtualClock,
};
use cellere_portal::{Client, Endpoint};
use kyc_sandbox::cellere::{CpfOutcome, Operation, test_cpf};
use kyc_sandbox::{Fault, Sandbox, samples};
use test_support::clock::SkippingClock;
use test_support::verifier::{Case, applicant, foreign_answer};

use crate::support::{builder, transport};

async fn sandbox() -> Sandbox {
    Sandbox::builder().clock(VirtualClock::frozen()).start().await.unwrap()
}

fn client(sandbox: &Sandbox) -> Client {
    let clock = SkippingClock::from(sandbox.clock());
    let options = ClientOptions::new().clock(clock).transport(transport());
    builder(&sandbox.cellere_url()).options(options).build().unwrap()
}

fn case(sandbox: &Sandbox, outcome: CpfOutcome) -> Case {
    Case::new(client(sandbox), sandbox.clock(), applicant(test_cpf(outcome).unwrap()))
}

fn names(case: &Case) -> Vec<&str> {
    case.steps.iter().map(|record| record.step.as_str()).collect()
}

#[tokio::test]
async fn three_calls_make_three_checks() {
    let sandbox = sandbox().await;
    let mut case = case(&sandbox, CpfOutcome::Regular);
    assert!(Case::is_paid(&case.next()) && case.evidence().is_empty());
    assert_eq!(case.run().await, Next::Done);
    assert_eq!(names(&case), ["cpf", "back", "face"]);
    let registration =
        Evidence::Registration { status: Some(PersonStatus::Regular), deceased: Finding::No, name: None };
    let document = Evidence::Document {
        kind: Some(DocumentKind::Rg),
        cpf: Some(Pii::new("529.982.247-25".to_owned())),
        name: Some(Pii::new("MARIA EXEMPLO DA SILVA".to_owned())),
        birth_date: Some(Pii::new(Date::parse("1990-10-12").unwrap())),
        genuine: None,
    };
    let score = Some(FaceScore::Similarity(0.97));
    let face = Evidence::Face { verdict: Verdict::Match, score, false_accept_rate: None };
    let wanted = [
        (CheckKind::Registration, registration),
        (CheckKind::Document, document),
        (CheckKind::FaceDocument, face),
    ];
    assert_eq!(case.evidence(), wanted);
    assert_eq!(sandbox.cellere().paid_calls(), 3);
    assert!(case.steps.iter().all(|record| record.intent.notes.expose().get("amount").is_some()));
}

#[tokio::test]
async fn each_registration_is_shown_as_it_is() {
    let sandbox = sandbox().await;
    for (outcome, status) in [
        (CpfOutcome::Pending, PersonStatus::Pending),
        (CpfOutcome::Suspended, PersonStatus::Suspended),
        (CpfOutcome::Cancelled, PersonStatus::Cancelled),
        (CpfOutcome::Deceased, PersonStatus::Deceased),
        (CpfOutcome::Null, PersonStatus::Void),
    ] {
        let mut case = case(&sandbox, outcome);
        case.checks = vec![CheckKind::Registration];
        assert_eq!(case.run().await, Next::Done);
        let deceased = if outcome == CpfOutcome::Deceased { Finding::Yes } else { Finding::No };
        let wanted = Evidence::Registration { status: Some(status), deceased, name: None };
        assert_eq!(case.evidence(), [(CheckKind::Registration, wanted)]);
    }
}

#[tokio::test]
async fn only_wanted_checks_are_made() {
    let sandbox = sandbox().await;
    let mut case = case(&sandbox, CpfOutcome::Regular);
    case.checks = vec![CheckKind::FaceDocument, CheckKind::Registration];
    assert_eq!(case.run().await, Next::Done);
    assert_eq!(names(&case), ["cpf", "face"]);
    assert_eq!(sandbox.cellere().requests(Operation::Document), 0);
}

#[tokio::test]
async fn faces_of_two_people_do_not_match() {
    let sandbox = sandbox().await;
    let mut case = case(&sandbox, CpfOutcome::Regular);
    case.applicant.selfie = Some(Media::new(samples::B_2022).unwrap());
    case.run().await;
    let shown = case.shown(CheckKind::FaceDocument);
    assert!(matches!(shown, Some(Evidence::Face { verdict: Verdict::NoMatch, .. })), "{shown:?}");
}

#[tokio::test]
async fn a_new_picture_supersedes_the_steps_that_used_it() {
    let sandbox = sandbox().await;
    let mut case = case(&sandbox, CpfOutcome::Regular);
    case.run().await;
    case.hand_in(RetakeItem::Selfie);
    case.run().await;
    assert_eq!(names(&case), ["cpf", "back", "face", "face"]);
    case.hand_in(RetakeItem::Front);
    case.run().await;
    assert_eq!(names(&case)[4..], ["face"]);
    case.hand_in(RetakeItem::Back);
    case.run().await;
    assert_eq!(names(&case)[5..], ["back"]);
}

/// The portal reads one image: the back of an RG, and otherwise the side with the face.
#[tokio::test]
async fn the_side_with_the_data_is_read() {
    for (kind, has_back, step) in [
        (DocumentKind::Rg, true, "back"),
        (DocumentKind::Rg, false, "document"),
        (DocumentKind::Rne, true, "document"),
        (DocumentKind::Cnh, true, "document"),
    ] {
        let sandbox = sandbox().await;
        let mut case = case(&sandbox, CpfOutcome::Regular);
        case.checks = vec![CheckKind::Document];
        // A picture that ends too early is never sent.
        let (whole, torn) = (samples::A_2025, &samples::A_2025[..samples::A_2025.len() / 2]);
        let (front, back) = if step == "back" { (torn, whole) } else { (whole, torn) };
        let document = IdentityDocument::new(kind.clone(), Media::new(front).unwrap());
        let back = Media::new(back).unwrap();
        case.applicant.document = Some(if has_back { document.with_back(back) } else { document });
        assert_eq!(case.run().await, Next::Done, "{kind:?} {has_back}");
        assert_eq!(names(&case), [step], "{kind:?} {has_back}");
        assert_eq!(sandbox.cellere().paid_calls(), 1);
    }
}

#[tokio::test]
async fn a_lost_response_leaves_doubt_whether_it_landed_or_not() {
    let landed = Fault::close().on(Operation::Cpf).after_effect();
    for (fault, paid) in [(landed, 1), (Fault::close().on(Operation::Cpf), 0)] {
        let sandbox = sandbox().await;
        sandbox.cellere().fault(fault);
        let mut case = case(&sandbox, CpfOutcome::Regular);
        case.send("cpf").await;
        assert!(matches!(case.state(), StepState::Uncertain(_)), "{:?}", case.state());
        assert!(matches!(case.look_up().await, LookUp::Unknowable) && case.evidence().is_empty());
        assert_eq!((sandbox.cellere().requests(Operation::Cpf), sandbox.cellere().paid_calls()), (1, paid));
    }
}

#[tokio::test]
async fn a_failure_of_the_portal_is_told() {
    let sandbox = sandbox().await;
    for (outcome, kind) in
        [(CpfOutcome::ServiceDown, "unavailable"), (CpfOutcome::Unprocessable, "unavailable")]
    {
        let mut case = case(&sandbox, outcome);
        case.send("cpf").await;
        let (StepState::Failed(failure) | StepState::Uncertain(failure)) = case.state() else {
            panic!("{:?}", case.state())
        };
        assert_eq!(failure.kind, kind);
    }
    sandbox.cellere().fault(Fault::status(403).on(Operation::Cpf));
    let mut case = case(&sandbox, CpfOutcome::Regular);
    case.send("cpf").await;
    let StepState::Failed(failure) = case.state() else { panic!("{:?}", case.state()) };
    assert_eq!((failure.kind.as_str(), failure.is_transient), ("quota_exhausted", false));
}

/// The call is on no page of the vendor.
#[tokio::test]
async fn a_step_is_sent_without_a_balance() {
    let sandbox = sandbox().await;
    sandbox.cellere().fault(Fault::status(404).on(Operation::Balance).times(10));
    let mut case = case(&sandbox, CpfOutcome::Regular);
    assert_eq!(case.run().await, Next::Done);
    assert!(case.steps.iter().all(|record| record.intent.notes.expose().is_null()));
}

#[tokio::test]
async fn a_missing_picture_is_told_before_anything_is_sent() {
    let sandbox = sandbox().await;
    let mut case = case(&sandbox, CpfOutcome::Regular);
    (case.applicant.selfie, case.applicant.document) = (None, None);
    for step in ["document", "back", "face"] {
        case.send(step).await;
        let StepState::Failed(failure) = case.state() else { panic!("{:?}", case.state()) };
        assert_eq!((failure.kind.as_str(), failure.is_transient), ("invalid_input", false));
    }
    assert_eq!(sandbox.cellere().paid_calls(), 0);
}

/// Other addresses return the registered name. What cannot be read is missing, and never guessed.
#[tokio::test]
async fn fuller_answers_and_odd_ones() {
    let sandbox = sandbox().await;
    let full = builder(&sandbox.cellere_url())
        .endpoints(|endpoints| endpoints.cpf = Endpoint::get("/bg-check/cpf-completo"))
        .build()
        .unwrap();
    let mut case = Case::new(full, sandbox.clock(), applicant(test_cpf(CpfOutcome::Regular).unwrap()));
    case.run().await;
    let Some(Evidence::Registration { name, .. }) = case.shown(CheckKind::Registration) else {
        panic!("{:?}", case.evidence())
    };
    assert_eq!(name, Some(Pii::new("MARIA EXEMPLO DA SILVA".to_owned())));

    let odd = |fields: serde_json::Value| {
        serde_json::from_value(serde_json::json!({ "result": [{ "fields": fields, "docType": "RG" }] }))
            .unwrap()
    };
    let field = |name: &str, value: &str| serde_json::json!({ "name": name, "value": value });
    let two_people = [field("CPF", "529.982.247-25"), field("cpf", "111.444.777-35")];
    let misread = [field("Data de Nascimento", "12/10/19?0"), field("titular", "MARIA EXEMPLO DA SILVA")];
    for fields in [two_people, misread] {
        case.steps[1].state = StepState::Answered(odd(fields.into()));
        let wanted = Evidence::Document {
            kind: Some(DocumentKind::Rg),
            cpf: None,
            name: None,
            birth_date: None,
            genuine: None,
        };
        assert_eq!(case.shown(CheckKind::Document), Some(wanted));
    }
    for record in &mut case.steps {
        record.state = StepState::Answered(foreign_answer());
    }
    assert!(case.evidence().iter().all(|(_, shown)| matches!(shown, Evidence::Unclear(_))));
}
