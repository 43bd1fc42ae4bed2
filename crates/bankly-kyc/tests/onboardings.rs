//! Whole onboardings against the sandbox: every verdict, the order, waiting, and resuming from a stored state.

use std::time::Duration;

use bankly_kyc::kyc_core::{
    ClientOptions, Cnpj, Cpf, Date, Delivery, Error, ErrorKind, Lenient, Media, OperationId, VirtualClock,
};
use bankly_kyc::{
    Analysis, AnalysisStatus, Client, ClientBuilder, CompanyDocument, DocumentSide, DocumentType, ImageToken,
    Onboarding, OnboardingState, Place, Reason, ResultLevel, Upload, Verdict,
};
use kyc_sandbox::Sandbox;
use kyc_sandbox::bankly::{Operation, TEST_CPFS, TestOutcome};

use crate::support::{Watched, back, cpf, cpf_of, front, image, in_time, jpeg, sandboxed, selfie};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const PLACES: [Place; 3] = [Place::Selfie, Place::Front, Place::Back];

async fn frozen() -> Sandbox {
    Sandbox::builder().clock(VirtualClock::frozen()).start().await.unwrap()
}

fn client_of(sandbox: &Sandbox) -> Client {
    sandboxed(sandbox).build().unwrap()
}

fn image_of(place: Place) -> Upload {
    match place {
        Place::Selfie => selfie(),
        Place::Front => front(),
        _ => back(),
    }
}

/// Waits for the analysis of an uploaded image and returns its verdict.
async fn verdict(sandbox: &Sandbox, onboarding: &mut Onboarding, place: Place) -> Verdict {
    sandbox.clock().advance(10 * MINUTE);
    let analysis = onboarding.wait(place, MINUTE).unwrap().await.unwrap();
    onboarding.note(&analysis)
}

/// Uploads an image, waits for its analysis and returns its verdict.
async fn upload_and_wait(sandbox: &Sandbox, onboarding: &mut Onboarding, place: Place) -> Verdict {
    onboarding.upload(&image_of(place)).await.unwrap();
    verdict(sandbox, onboarding, place).await
}

/// Returns the expected verdicts on selfie, front and back for the outcome of a test CPF, up to the first refusal.
fn wanted(outcome: TestOutcome) -> Vec<Verdict> {
    use Verdict::{Invalid, Valid};
    let refused = |reason| Invalid(vec![reason]);
    match outcome {
        TestOutcome::NoLiveness => vec![refused(Reason::NoLiveness)],
        TestOutcome::LivenessWithoutFace | TestOutcome::NoFace => vec![refused(Reason::NoFace)],
        TestOutcome::ManyFaces => vec![refused(Reason::ManyFaces)],
        TestOutcome::Unmatched => vec![Valid, refused(Reason::UnmatchedDocument)],
        TestOutcome::ManyFacesOnDocument => vec![Valid, refused(Reason::ManyFacesOnDocument)],
        TestOutcome::NoDocument => vec![Valid, refused(Reason::NoDocument)],
        TestOutcome::NoInfo => vec![Valid, refused(Reason::UnreadableDocument)],
        TestOutcome::NoDocumentOnBack => vec![Valid, Valid, refused(Reason::NoDocument)],
        TestOutcome::NoInfoOnBack => vec![Valid, Valid, refused(Reason::UnreadableDocument)],
        TestOutcome::Failed => vec![refused(Reason::AnalysisFailed)],
        TestOutcome::ValidOnSecondTry => vec![refused(Reason::NoLiveness)],
        TestOutcome::Approved
        | TestOutcome::Slow
        | TestOutcome::SingleObject
        | TestOutcome::LocationOnly
        | TestOutcome::ResponseLost => vec![Valid, Valid, Valid],
        other => panic!("{other:?} is new"),
    }
}

/// Every test CPF of the sandbox, by polling, with the advice for the person.
#[tokio::test]
async fn every_outcome() {
    for test in TEST_CPFS {
        let sandbox = frozen().await;
        let mut onboarding = client_of(&sandbox).onboarding(Cpf::parse(test.cpf).unwrap());
        let wanted = wanted(test.outcome);
        let is_good = !wanted.iter().any(|verdict| matches!(verdict, Verdict::Invalid(_)));
        let count = wanted.len();
        for (place, wanted) in PLACES.into_iter().zip(wanted) {
            match onboarding.upload(&image_of(place)).await {
                Ok(reply) => assert!(reply.value().token.is_some(), "{}", test.what),
                Err(error) => {
                    assert_eq!(test.outcome, TestOutcome::ResponseLost, "{error}");
                    assert!(error.may_have_landed() && onboarding.look_up().await.unwrap());
                }
            }
            let found = verdict(&sandbox, &mut onboarding, place).await;
            assert_eq!(found, wanted, "{place:?}: {}", test.what);
            let Verdict::Invalid(reasons) = found else { continue };
            for reason in reasons {
                let advice = reason.advice();
                assert!(advice.pt.ends_with('.') && advice.en.ends_with('.') && advice.pt != advice.en);
            }
        }
        assert_eq!(onboarding.is_complete(), is_good, "{}", test.what);
        let uploads = u64::try_from(count).unwrap();
        assert_eq!(sandbox.bankly().paid_calls(), uploads, "{}", test.what);
        if !is_good {
            // The next image must wait for a valid one.
            let next = image_of(if count == 3 { Place::Front } else { Place::Back });
            check_not_sent(&onboarding.upload(&next).await.unwrap_err());
        }
        assert_eq!(sandbox.bankly().requests(Operation::Upload), uploads, "{}", test.what);
    }
}

/// The data that was read fits the document's type.
#[tokio::test]
async fn the_data_of_each_document_type() {
    let sandbox = frozen().await;
    let client = client_of(&sandbox);
    for document in ["RG", "CNH", "RNE", "CRNM", "DNI"] {
        let kind = DocumentType::from(document);
        let mut onboarding = client.onboarding(cpf());
        upload_and_wait(&sandbox, &mut onboarding, Place::Selfie).await;
        onboarding
            .upload(&Upload::document(kind.clone(), DocumentSide::Front, jpeg(480, 640)))
            .await
            .unwrap();
        sandbox.clock().advance(MINUTE);
        let analysis = onboarding.wait(Place::Front, MINUTE).unwrap().await.unwrap();
        let details = analysis.document_details.as_ref().unwrap();
        assert_eq!(details.identified_document_type, Some(kind));
        assert_eq!(details.cpf_number.as_ref().and_then(Lenient::get), Some(&cpf()));
        let birth = Date::parse("1990-10-12").unwrap();
        assert_eq!(details.birth_date.as_ref().and_then(Lenient::get), Some(&birth));
        assert_eq!(details.drive_license_category.is_some(), document == "CNH");
        assert_eq!(onboarding.note(&analysis), Verdict::Valid);
    }
}

fn check_not_sent(error: &Error) {
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::InvalidInput, Delivery::NotSent), "{error}");
    assert_eq!((error.attempts(), error.operation()), (0, Some("upload")), "{error}");
}

#[tokio::test]
async fn an_image_out_of_order_is_refused_before_it_is_sent() {
    let sandbox = frozen().await;
    let mut onboarding = client_of(&sandbox).onboarding(cpf());
    let refused = async |onboarding: &mut Onboarding, places: &[Place], why: &str| {
        let before = sandbox.bankly().requests(Operation::Upload);
        for place in places {
            let error = onboarding.upload(&image_of(*place)).await.unwrap_err();
            check_not_sent(&error);
            assert!(error.to_string().contains(why), "{error}");
        }
        assert_eq!(sandbox.bankly().requests(Operation::Upload), before);
    };
    refused(&mut onboarding, &[Place::Front, Place::Back], "after a selfie").await;
    onboarding.upload(&selfie()).await.unwrap();
    refused(&mut onboarding, &PLACES, "still being analysed").await;
    assert_eq!(verdict(&sandbox, &mut onboarding, Place::Selfie).await, Verdict::Valid);

    // The two sides in either order, and one after the other.
    onboarding.upload(&back()).await.unwrap();
    refused(&mut onboarding, &PLACES, "still being analysed").await;
    assert_eq!(verdict(&sandbox, &mut onboarding, Place::Back).await, Verdict::Valid);
    assert!(!onboarding.is_complete());
    assert_eq!(upload_and_wait(&sandbox, &mut onboarding, Place::Front).await, Verdict::Valid);
    assert!(onboarding.is_complete());
    assert_eq!(sandbox.bankly().paid_calls(), 3);

    // A new selfie invalidates the front, which was compared with the previous one.
    assert_eq!(upload_and_wait(&sandbox, &mut onboarding, Place::Selfie).await, Verdict::Valid);
    assert!(!onboarding.is_complete() && onboarding.token(Place::Front).is_none());
    assert_eq!(upload_and_wait(&sandbox, &mut onboarding, Place::Front).await, Verdict::Valid);
    assert!(onboarding.is_complete());

    // An image that is invalid by itself is refused for that.
    let small = Upload::selfie(jpeg(320, 240));
    let error = client_of(&sandbox).onboarding(cpf()).upload(&small).await.unwrap_err();
    check_not_sent(&error);
    assert!(error.to_string().contains("pixels"), "{error}");
}

/// Without an onboarding the vendor enforces the order.
#[tokio::test]
async fn the_vendor_enforces_the_order() {
    let sandbox = frozen().await;
    let client = client_of(&sandbox);
    let check = |error: &Error, status| {
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Rejected, Delivery::Answered), "{error}");
        assert_eq!((error.http_status(), error.attempts()), (Some(status), 1), "{error}");
        assert!(!error.may_have_landed() && error.vendor_message().is_some());
    };
    for image in [front(), back()] {
        check(&client.upload(&cpf(), &image).await.unwrap_err(), 422);
    }
    let token = client.upload(&cpf(), &selfie()).await.unwrap().value().token.clone().unwrap();
    for image in [selfie(), front(), back()] {
        check(&client.upload(&cpf(), &image).await.unwrap_err(), 409);
    }
    sandbox.clock().advance(MINUTE);
    // The selfie was uploaded outside this onboarding, which therefore does not know it.
    let error = client.onboarding(cpf()).upload(&front()).await.unwrap_err();
    check_not_sent(&error);
    assert!(client.analysis(&cpf(), &token).await.unwrap().value().is_some());

    // A front that is compared with an invalid selfie.
    let person = cpf_of(TestOutcome::NoLiveness);
    client.upload(&person, &selfie()).await.unwrap();
    sandbox.clock().advance(MINUTE);
    let token = client.upload(&person, &front()).await.unwrap().value().token.clone().unwrap();
    sandbox.clock().advance(MINUTE);
    let analysis = client.analysis(&person, &token).await.unwrap().into_inner().unwrap();
    assert_eq!(analysis.verdict(), Verdict::Invalid(vec![Reason::UnmatchedDocument]));
}

#[tokio::test]
async fn an_invalid_image_is_sent_again() {
    let sandbox = frozen().await;
    let mut onboarding = client_of(&sandbox).onboarding(cpf_of(TestOutcome::ValidOnSecondTry));
    let mut tokens = Vec::new();
    for place in PLACES {
        let first = upload_and_wait(&sandbox, &mut onboarding, place).await;
        assert!(matches!(first, Verdict::Invalid(_)), "{place:?}: {first:?}");
        tokens.push(onboarding.token(place).cloned().unwrap());
        for other in PLACES.into_iter().filter(|other| *other != place && *other != Place::Selfie) {
            check_not_sent(&onboarding.upload(&image_of(other)).await.unwrap_err());
        }
        assert_eq!(upload_and_wait(&sandbox, &mut onboarding, place).await, Verdict::Valid, "{place:?}");
        tokens.push(onboarding.token(place).cloned().unwrap());
    }
    assert!(onboarding.is_complete());
    assert_eq!(tokens.iter().collect::<std::collections::HashSet<_>>().len(), 6);
    assert_eq!(sandbox.bankly().paid_calls(), 6);

    // If the document does not match, a new selfie is allowed: the selfie may be the wrong one.
    let mut onboarding = client_of(&sandbox).onboarding(cpf_of(TestOutcome::Unmatched));
    upload_and_wait(&sandbox, &mut onboarding, Place::Selfie).await;
    let front = upload_and_wait(&sandbox, &mut onboarding, Place::Front).await;
    assert_eq!(front, Verdict::Invalid(vec![Reason::UnmatchedDocument]));
    assert_eq!(upload_and_wait(&sandbox, &mut onboarding, Place::Selfie).await, Verdict::Valid);
}

fn stored_and_resumed(sandbox: &Sandbox, onboarding: &Onboarding) -> Onboarding {
    let stored = serde_json::to_string(onboarding.state()).unwrap();
    let state: OnboardingState = serde_json::from_str(&stored).unwrap();
    assert_eq!(&state, onboarding.state());
    // The other process has its own connections and token.
    client_of(sandbox).resume(state)
}

#[tokio::test]
async fn an_onboarding_is_resumed_in_another_process() {
    let sandbox = frozen().await;
    let mut onboarding = client_of(&sandbox).onboarding(cpf());
    for place in PLACES {
        onboarding = stored_and_resumed(&sandbox, &onboarding);
        onboarding.upload(&image_of(place)).await.unwrap();
        onboarding = stored_and_resumed(&sandbox, &onboarding);
        check_not_sent(&onboarding.upload(&image_of(place)).await.unwrap_err());
        assert_eq!(verdict(&sandbox, &mut onboarding, place).await, Verdict::Valid);
        // The operation id alone is enough to query the analysis.
        let id = onboarding.token(place).unwrap().operation_id(&cpf());
        let id = OperationId::from_token(&id.to_token()).unwrap();
        let analysis = client_of(&sandbox).wait(&id, MINUTE).unwrap().await.unwrap();
        assert_eq!(analysis.verdict(), Verdict::Valid);
    }
    onboarding = stored_and_resumed(&sandbox, &onboarding);
    assert!(onboarding.is_complete());
    let stored = serde_json::to_string(onboarding.state()).unwrap();
    assert!(stored.contains(cpf().digits()), "store it like the CPF");
    let printed = format!("{onboarding:?} {:?}", onboarding.state());
    assert!(!printed.contains(cpf().digits()) && printed.contains("Valid"), "{printed}");
    // A state that an earlier release stored.
    let mut earlier = serde_json::to_value(onboarding.state()).unwrap();
    earlier.as_object_mut().unwrap().remove("replaced");
    assert!(client_of(&sandbox).resume(serde_json::from_value(earlier).unwrap()).is_complete());
}

/// Earlier and replaced images are not mistaken for the one in doubt.
#[tokio::test]
async fn a_lost_response_is_looked_up() {
    let sandbox = frozen().await;
    let person = cpf_of(TestOutcome::ResponseLost);
    let mut onboarding = client_of(&sandbox).onboarding(person.clone());
    let mut known: Vec<ImageToken> = Vec::new();
    for place in [Place::Selfie, Place::Selfie, Place::Front, Place::Front, Place::Back] {
        let error = onboarding.upload(&image_of(place)).await.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Transport, Delivery::Unknown), "{error}");
        onboarding = stored_and_resumed(&sandbox, &onboarding);
        check_not_sent(&onboarding.upload(&image_of(place)).await.unwrap_err());
        assert!(onboarding.look_up().await.unwrap());
        let token = onboarding.token(place).cloned().unwrap();
        assert!(!known.contains(&token), "{place:?}");
        known.push(token);
        assert_eq!(verdict(&sandbox, &mut onboarding, place).await, Verdict::Valid);
    }
    assert!(onboarding.is_complete());
    let sent = sandbox.bankly().requests(Operation::Upload);
    assert_eq!((sent, sandbox.bankly().paid_calls()), (5, 5));
    let all = client_of(&sandbox).analyses(&person, &[], ResultLevel::OnlyStatus).await.unwrap();
    assert_eq!(all.value().len(), 5);
}

#[tokio::test]
async fn a_token_in_location_only() {
    let sandbox = frozen().await;
    let client = client_of(&sandbox);
    let person = cpf_of(TestOutcome::LocationOnly);
    let reply = client.upload(&person, &selfie()).await.unwrap();
    let token = reply.value().token.clone().unwrap();
    let found = client.analyses(&person, &[], ResultLevel::OnlyStatus).await.unwrap();
    assert_eq!(found.value().iter().map(|one| one.token.clone()).collect::<Vec<_>>(), [Some(token)]);
}

#[tokio::test]
async fn one_image_comes_as_a_single_object() {
    let sandbox = frozen().await;
    let client = client_of(&sandbox);
    let person = cpf_of(TestOutcome::SingleObject);
    let mut onboarding = client.onboarding(person.clone());
    upload_and_wait(&sandbox, &mut onboarding, Place::Selfie).await;
    let selfie = onboarding.token(Place::Selfie).cloned().unwrap();
    assert_eq!(client.analyses(&person, &[], ResultLevel::Detailed).await.unwrap().value().len(), 1);
    upload_and_wait(&sandbox, &mut onboarding, Place::Front).await;
    // Two images are a list again, of which one can be queried.
    assert_eq!(client.analyses(&person, &[], ResultLevel::Detailed).await.unwrap().value().len(), 2);
    let alone = client.analysis(&person, &selfie).await.unwrap().into_inner().unwrap();
    assert_eq!(alone.token, Some(selfie));
}

#[tokio::test]
async fn a_status_can_be_queried_at_any_time() {
    let sandbox = frozen().await;
    let client = client_of(&sandbox);
    assert!(client.analyses(&cpf(), &[], ResultLevel::Detailed).await.unwrap().value().is_empty());
    let mut onboarding = client.onboarding(cpf());
    onboarding.upload(&selfie()).await.unwrap();
    let first = onboarding.token(Place::Selfie).cloned().unwrap();
    let status = async || {
        let analysis = client.analysis(&cpf(), &first).await.unwrap().into_inner().unwrap();
        (analysis.status.clone().unwrap(), analysis.verdict())
    };
    assert_eq!(status().await, (AnalysisStatus::Analyzing, Verdict::Pending));
    sandbox.clock().advance(2 * SECOND);
    assert_eq!(status().await, (AnalysisStatus::PartiallyAnalyzed, Verdict::Pending));
    sandbox.clock().advance(SECOND);
    assert_eq!(status().await, (AnalysisStatus::AnalysisCompleted, Verdict::Valid));
    // A status alone states that the analysis has ended, but not its result.
    let bare = client.analyses(&cpf(), &[], ResultLevel::OnlyStatus).await.unwrap();
    assert!(bare.value()[0].is_final() && bare.value()[0].verdict() == Verdict::Pending);
    assert_eq!(onboarding.note(&bare.value()[0]), Verdict::Pending);
    check_not_sent(&onboarding.upload(&front()).await.unwrap_err());

    verdict(&sandbox, &mut onboarding, Place::Selfie).await;
    upload_and_wait(&sandbox, &mut onboarding, Place::Front).await;
    let second = onboarding.token(Place::Front).cloned().unwrap();
    let tokens = async |tokens: &[ImageToken]| {
        let found = client.analyses(&cpf(), tokens, ResultLevel::OnlyStatus).await.unwrap();
        found.value().iter().map(|one| one.token.clone().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(tokens(&[]).await, [first.clone(), second.clone()]);
    assert_eq!(tokens(&[second.clone(), first.clone()]).await.len(), 2);
    assert_eq!(tokens(std::slice::from_ref(&second)).await, [second]);
    let unknown = ImageToken::new("nobody's");
    assert!(tokens(std::slice::from_ref(&unknown)).await.is_empty());
    assert!(client.analysis(&cpf(), &unknown).await.unwrap().value().is_none());
    // An image belongs to one person.
    let other = cpf_of(TestOutcome::Approved);
    assert!(client.analysis(&other, &first).await.unwrap().value().is_none());
}

#[tokio::test]
async fn the_analysis_of_another_image_is_not_recorded() {
    let sandbox = frozen().await;
    let client = client_of(&sandbox);
    let (mut one, mut other) = (client.onboarding(cpf()), client.onboarding(cpf_of(TestOutcome::Approved)));
    one.upload(&selfie()).await.unwrap();
    other.upload(&selfie()).await.unwrap();
    sandbox.clock().advance(MINUTE);
    let analysis = other.wait(Place::Selfie, MINUTE).unwrap().await.unwrap();
    let before = one.state().clone();
    assert_eq!(one.note(&analysis), Verdict::Valid, "it returns the verdict on the other image");
    assert_eq!(one.note(&Analysis::default()), Verdict::Pending);
    assert_eq!(one.state(), &before);
    check_not_sent(&one.upload(&front()).await.unwrap_err());
}

/// Returns a builder whose client sends by a watched transport.
fn watched(sandbox: &Sandbox) -> (ClientBuilder, Watched) {
    let watched = Watched::new(sandbox.clock());
    let options = ClientOptions::new().clock(sandbox.clock()).transport(watched.clone());
    (sandboxed(sandbox).options(options), watched)
}

/// Advances the clock by this many seconds, in steps of ten.
async fn pass(watched: &Watched, seconds: u32) {
    in_time(watched.pass(seconds / 10, 10 * SECOND)).await;
}

/// A wait queries every 300 s, as the page suggests: an analysis of ten minutes is queried three times.
#[tokio::test]
async fn a_wait_queries_every_300_seconds() {
    let sandbox = frozen().await;
    let (builder, watched) = watched(&sandbox);
    let client = builder.build().unwrap();
    let mut onboarding = client.onboarding(cpf_of(TestOutcome::Slow));
    onboarding.upload(&selfie()).await.unwrap();
    let person = cpf_of(TestOutcome::Slow);
    let token = onboarding.token(Place::Selfie).cloned().unwrap();
    let id = token.operation_id(&person);
    let waiting = tokio::spawn({
        let client = client.clone();
        async move { client.wait(&id, 60 * MINUTE).unwrap().await }
    });
    // Without the one before the upload.
    let queries = || sandbox.bankly().status_requests() - 1;
    pass(&watched, 290).await;
    assert_eq!(queries(), 1, "at once, and again only after 300 s");
    // A query in between is allowed and does not change the interval.
    let analysis = client.analysis(&person, &token).await.unwrap().into_inner().unwrap();
    assert_eq!((analysis.verdict(), queries()), (Verdict::Pending, 2));
    pass(&watched, 10).await;
    assert_eq!(queries(), 3);
    pass(&watched, 290).await;
    assert_eq!((queries(), waiting.is_finished()), (3, false));
    pass(&watched, 10).await;
    assert_eq!(in_time(waiting).await.unwrap().unwrap().verdict(), Verdict::Valid);
    assert_eq!(queries(), 4, "three of them by the wait");
}

#[tokio::test]
async fn the_interval_can_be_set() {
    for by_builder in [true, false] {
        let sandbox = frozen().await;
        let (builder, watched) = watched(&sandbox);
        let builder = if by_builder { builder.poll_interval(MINUTE) } else { builder };
        let client = builder.build().unwrap();
        let mut onboarding = client.onboarding(cpf_of(TestOutcome::Slow));
        onboarding.upload(&selfie()).await.unwrap();
        let id = onboarding.token(Place::Selfie).unwrap().operation_id(&cpf_of(TestOutcome::Slow));
        let waiting = tokio::spawn(async move {
            let waiting = client.wait(&id, 60 * MINUTE).unwrap();
            if by_builder { waiting.await } else { waiting.every(MINUTE).await }
        });
        pass(&watched, 600).await;
        assert_eq!(in_time(waiting).await.unwrap().unwrap().verdict(), Verdict::Valid);
        assert_eq!(sandbox.bankly().status_requests(), 12, "one of them before the upload");
    }
}

#[tokio::test]
async fn a_wait_ends_with_its_timeout() {
    let sandbox = frozen().await;
    let (builder, watched) = watched(&sandbox);
    let client = builder.build().unwrap();
    sandbox.bankly().analysis_delay(20 * MINUTE);
    let mut onboarding = client.onboarding(cpf());
    onboarding.upload(&selfie()).await.unwrap();
    let id = onboarding.token(Place::Selfie).unwrap().operation_id(&cpf());
    let waiting = tokio::spawn({
        let (client, id) = (client.clone(), id.clone());
        async move { client.wait(&id, 11 * MINUTE).unwrap().await }
    });
    pass(&watched, 650).await;
    // One query before the upload, and three of the wait; the last one comes 2 s before the end.
    assert_eq!((sandbox.bankly().status_requests(), waiting.is_finished()), (4, false));
    in_time(watched.pass(4, 2 * SECOND)).await;
    assert_eq!((sandbox.bankly().status_requests(), waiting.is_finished()), (5, false));
    in_time(watched.pass(1, 2 * SECOND)).await;
    let error = in_time(waiting).await.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Timeout, Delivery::Answered), "{error}");
    assert_eq!(error.operation_id(), Some(&id));
    assert_eq!(sandbox.bankly().status_requests(), 5);
    // The vendor is still processing, and another wait may follow.
    pass(&watched, 540).await;
    let analysis = client.wait(error.operation_id().unwrap(), MINUTE).unwrap().await.unwrap();
    assert_eq!(onboarding.note(&analysis), Verdict::Valid);
}

#[tokio::test]
async fn a_wait_requires_the_id_of_an_image() {
    let sandbox = frozen().await;
    let client = client_of(&sandbox);
    let onboarding = client.onboarding(cpf());
    check_not_sent(&onboarding.wait(Place::Selfie, MINUTE).unwrap_err());
    let foreign = OperationId::by_id(bankly_kyc::kyc_core::Vendor::new("other"), "status", "52998224725 T");
    assert_eq!(client.wait(&foreign, MINUTE).unwrap_err().kind(), ErrorKind::Unsupported);
    for value in ["", "T", "52998224725", "52998224726 T", "T 52998224725"] {
        let odd = OperationId::by_id(bankly_kyc::VENDOR, "status", value);
        let error = client.wait(&odd, MINUTE).unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::InvalidInput, Delivery::NotSent), "{error}");
    }
    assert_eq!(sandbox.bankly().status_requests(), 0);
}

/// The variant with Unico's SDK and the documents of a company.
#[tokio::test]
async fn the_other_two_uploads() {
    let sandbox = frozen().await;
    let scopes = ["kyc.document.write", "kyc.document.read", "kyc.document.deepface.write"];
    let client = sandboxed(&sandbox).scopes(scopes).build().unwrap();
    let mut seen = Vec::new();
    for upload in [selfie().with_unico("of the SDK"), front(), back()] {
        let token = client.upload_deepface(&cpf(), &upload).await.unwrap().value().token.clone().unwrap();
        sandbox.clock().advance(MINUTE);
        let id = token.operation_id(&cpf());
        seen.push(client.wait(&id, MINUTE).unwrap().await.unwrap().verdict());
    }
    assert_eq!(seen, [Verdict::Valid, Verdict::Valid, Verdict::Valid]);
    let error = client.upload_deepface(&cpf(), &selfie()).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::InvalidInput, Delivery::NotSent), "{error}");

    let pdf = Media::new(&b"%PDF-1.4\n%%EOF\n"[..]).unwrap();
    for cnpj in ["11.222.333/0001-81", "12.ABC.345/01DE-35"] {
        let cnpj = Cnpj::parse(cnpj).unwrap();
        let reply = client.upload_company(&cnpj, &CompanyDocument::BalanceSheet, &pdf).await.unwrap();
        assert!(reply.value().token.is_some() && reply.meta().http_status == 201);
    }
    let cnpj = Cnpj::parse("11.222.333/0001-81").unwrap();
    let not_a_pdf = client.upload_company(&cnpj, &CompanyDocument::BalanceSheet, &image()).await;
    assert_eq!(not_a_pdf.unwrap_err().kind(), ErrorKind::InvalidInput);
    let bankly = sandbox.bankly();
    assert_eq!(bankly.paid_calls_of(Operation::UploadDeepface), 3);
    assert_eq!(bankly.paid_calls_of(Operation::UploadCompany), 2);
}
