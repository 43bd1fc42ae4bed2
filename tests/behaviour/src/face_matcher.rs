//! The contract of every [`FaceMatcher`].

use std::time::Duration;

use kyc_core::{
    Delivery, ErrorKind, FaceMatcher, FacePair, FaceScore, FalseAcceptRate, Media, OperationId, Submission,
    Vendor, Verdict,
};

/// A vendor with the inputs that choose the outcome in its sandbox.
#[allow(missing_debug_implementations, reason = "contains a closure")]
pub struct Subject {
    /// The vendor.
    pub matcher: Box<dyn FaceMatcher>,
    /// A pair that matches at the strictest rate.
    pub same_person: FacePair,
    /// A pair that does not match.
    pub two_people: FacePair,
    /// A pair that cannot be compared, if the sandbox has one.
    pub not_comparable: Option<FacePair>,
    /// Whether a comparison has an id, by which its failure can be queried.
    pub has_ids: bool,
    /// Whether the vendor accepts a maximum false accept rate.
    pub takes_rates: bool,
    /// A file that it refuses before sending.
    pub refused_picture: Media,
    /// Returns the number of paid calls that the sandbox has counted.
    pub paid_calls: Box<dyn Fn() -> u64>,
}

const DEADLINE: Duration = Duration::from_secs(20);

/// Two images of one person match, with a score and a rate at least as strict as the requested one.
pub async fn one_person_matches(subject: &Subject) {
    let mut pair = subject.same_person.clone();
    pair.max_false_accept_rate = FalseAcceptRate::one_in(1000).filter(|_| subject.takes_rates);
    let verdict = subject.matcher.compare_faces(&pair, DEADLINE).await.expect("a verdict");
    assert_eq!(verdict.verdict, Verdict::Match);
    match verdict.score {
        Some(FaceScore::Level(level)) => assert!(level > 0),
        Some(FaceScore::Similarity(similarity)) => assert!(similarity > 0.0 && similarity <= 1.0),
        other => panic!("a match has a score, not {other:?}"),
    }
    if let (Some(found), Some(asked)) = (verdict.false_accept_rate, pair.max_false_accept_rate) {
        assert!(found <= asked, "at least as strict as requested");
    }
}

/// Images of two people are a verdict, not an error.
pub async fn two_people_do_not(subject: &Subject) {
    let verdict = subject.matcher.compare_faces(&subject.two_people, DEADLINE).await;
    let verdict = verdict.expect("no match is a verdict, not an error");
    assert_eq!(verdict.verdict, Verdict::NoMatch);
    assert_eq!(verdict.false_accept_rate, None, "a pair that does not match has no rate");
}

/// A file that is not an image is refused before anything is sent.
pub async fn bad_input_is_not_sent(subject: &Subject) {
    let before = (subject.paid_calls)();
    let mut pair = subject.same_person.clone();
    pair.second = subject.refused_picture.clone();
    let error = subject.matcher.compare_faces(&pair, DEADLINE).await.expect_err("refused");
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::InvalidInput, Delivery::NotSent));
    assert_eq!(error.violations().len(), 1, "the field and the rule");
    assert_eq!((subject.paid_calls)(), before);
}

/// A vendor without false accept rates refuses one before anything is sent.
pub async fn an_unsupported_rate_is_an_error(subject: &Subject) {
    if subject.takes_rates {
        return;
    }
    let before = (subject.paid_calls)();
    let mut pair = subject.same_person.clone();
    pair.max_false_accept_rate = FalseAcceptRate::one_in(1000);
    let error = subject.matcher.compare_faces(&pair, DEADLINE).await.expect_err("the rate is unsupported");
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Unsupported, Delivery::NotSent));
    assert_eq!((subject.paid_calls)(), before);
}

/// A submission is paid for once, and its token leads to the verdict.
pub async fn a_verdict_outlives_the_process(subject: &Subject) {
    let before = (subject.paid_calls)();
    let submitted = subject.matcher.submit_faces(&subject.same_person).await.expect("accepted");
    assert_eq!((subject.paid_calls)(), before + 1, "one call, one payment");
    let Submission::Pending(id) = submitted.into_inner() else { return };
    let id = OperationId::from_token(&id.to_token()).expect("a valid token");
    assert_eq!(id.vendor(), subject.matcher.vendor().name());
    loop {
        match subject.matcher.face_match_result(&id).await.expect("known").into_inner() {
            Submission::Ready(verdict) => {
                return assert_eq!((verdict.verdict, verdict.id), (Verdict::Match, Some(id)));
            }
            Submission::Pending(same) => assert_eq!(same, id),
        }
        subject.matcher.clock().sleep(subject.matcher.poll_interval()).await;
    }
}

/// A pair without a verdict is an error with the vendor's message, and with the id if the vendor can be queried by one.
pub async fn a_pair_that_cannot_be_compared_is_an_error(subject: &Subject) {
    let Some(pair) = &subject.not_comparable else { return };
    let error = subject.matcher.compare_faces(pair, DEADLINE).await.expect_err("no verdict");
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Rejected, Delivery::Answered));
    assert!(error.vendor_message().is_some());
    assert_eq!(error.operation_id().is_some(), subject.has_ids);
}

/// The id of another vendor is refused before anything is sent.
pub async fn ids_of_others_are_refused(subject: &Subject) {
    let foreign = OperationId::by_id(Vendor::new("somebody-else"), "match", "1");
    let error = subject.matcher.face_match_result(&foreign).await.expect_err("the id of another vendor");
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Unsupported, Delivery::NotSent));
}
